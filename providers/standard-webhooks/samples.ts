/** One sample, as docs/standard-webhooks.md has it: read, and kept by nobody until samples come. */
import type { Result } from "../../domain/result.ts";
import { err, ok } from "../../domain/result.ts";
import { type Instant, msPerDay } from "../../domain/time.ts";
import type { ItemFault } from "../provider.ts";
import { metrics, type SampleDraft, sleepStages } from "../samples.ts";
import { fieldsOf, isFields } from "../untrusted.ts";
import { units } from "./bounds.ts";
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
  };
  return ok([draft]);
}
