/** One sample, as docs/standard-webhooks.md has it. */
import type { Result } from "../../domain/result.ts";
import { err, ok } from "../../domain/result.ts";
import { type DeviceStated, deviceKinds } from "../../domain/samples/sample.ts";
import { type Instant, msPerDay } from "../../domain/time.ts";
import type { ItemFault } from "../provider.ts";
import { metrics, type SampleDraft, sleepStages } from "../samples.ts";
import { fieldsOf, isFields, wordOf } from "../untrusted.ts";
import { idCharsMax, texts, units } from "./bounds.ts";
import { kinds } from "./events.ts";
import { Entry, sourceIdOf } from "./reading.ts";

const roundingS = 1;

export function read(
  kind: string,
  item: unknown,
  receivedMs: Instant,
): Result<readonly SampleDraft[], ItemFault> {
  if (kind !== kinds.sample) return err("unknown-kind");
  const { sender, sample } = fieldsOf(item);
  if (!isFields(sample)) return err("not-an-object");
  const entry = new Entry(sample);
  const metric = entry.word("type", metrics, "bad-type") ?? entry.bad("bad-type");
  const id = (sample.id ?? null) === null ? null : entry.id();
  const start = entry.moment("startDate", "no-start");
  const end = (sample.endDate ?? null) === null ? start : entry.moment("endDate", "bad-end");
  const value = entry.amount("value", { max: Number.MAX_SAFE_INTEGER, fault: "bad-value" });
  const stage = entry.word("stage", sleepStages, "bad-stage");
  const isOrdered = (sample.revision ?? sample.updatedAt ?? null) !== null;
  const revision = isOrdered ? entry.revision(receivedMs) : null;
  const device = deviceIn(entry);
  const app = entry.text("sourceApp", texts.app);
  if (metric === null || start === null || end === null || entry.fault !== null)
    return err(entry.fault ?? "no-start");
  if (value === null) return err("bad-value");
  if (sample.unit !== units[metric]) return err("bad-unit");
  if (start.atMs > receivedMs + msPerDay) return err("start-in-future");
  if (end.atMs < start.atMs) return err("bad-end");
  const isSleep = metric === "sleep";
  if (stage !== null && !isSleep) return err("bad-stage");
  if (isSleep && value > (end.atMs - start.atMs) / 1000 + roundingS) return err("bad-value");
  const draft: SampleDraft = {
    metric,
    sourceId: id === null ? null : sourceIdOf(sender, id),
    fromMs: start.atMs,
    toMs: end.atMs,
    offsetMin: start.offsetMin,
    value,
    unit: units[metric],
    ...(isSleep ? { stage: stage ?? "asleep" } : {}),
    ...(revision === null ? {} : { revision }),
    ...(device === null ? {} : { device }),
    ...(app === null ? {} : { app }),
  };
  return ok([draft]);
}

/** What measured it, by a name that is the sender's own. */
function deviceIn(entry: Entry): DeviceStated | null {
  const said = entry.fields.sourceDevice ?? null;
  if (said === null) return null;
  const id = wordOf(fieldsOf(said).id, idCharsMax);
  if (id === null) return entry.bad("bad-device");
  const device = new Entry(fieldsOf(said));
  const kind = device.word("kind", deviceKinds, "bad-device") ?? "unknown";
  const model = device.text("model", texts.deviceModel);
  return device.fault === null ? { id, kind, model } : entry.bad("bad-device");
}
