/**
 * The body of POST /v1/sync: `{ device?, workouts?, deleted?, samples? }`, with at most
 * `batchSamplesMax` samples. Each sample is a record or has a fault of its own, in their order; a
 * name that stands twice in a sample is that sample's fault, and anywhere else the body's.
 */
import { err, ok, type Result } from "../../domain/result.ts";
import { type JsonPath, readJson } from "../../domain/samples/json.ts";
import { batchSamplesMax, type SampleRecord } from "../../domain/samples/sample.ts";
import type { Instant } from "../../domain/time.ts";
import { type Fields, isFields } from "../untrusted.ts";
import type { SampleFault } from "./faults.ts";
import { readSample } from "./sample.ts";

export interface SyncBody {
  /** Without its samples, as `appleHealth.parse` reads it; null: samples are all there is. */
  readonly rest: Fields | null;
  readonly samples: readonly Result<SampleRecord, SampleFault>[];
}
export type SyncFault = "not-json" | "not-understood";

/** In which sample it lies; null: in none. */
const sampleOf = ([field, index, ...inside]: JsonPath): number | null =>
  field === "samples" && typeof index === "number" && inside.length > 0 ? index : null;

export function readSync(text: string, nowMs: Instant): Result<SyncBody, SyncFault> {
  const read = readJson(text);
  if (!read.ok) return err(read.error === "not-json" ? "not-json" : "not-understood");
  const { value: body, duplicates } = read.value;
  if (!isFields(body)) return err("not-understood");
  const twofold = new Set(duplicates.map(sampleOf));
  if (twofold.has(null)) return err("not-understood");
  const { samples = null, ...rest } = body;
  if (samples === null) return ok({ rest, samples: [] });
  if (!Array.isArray(samples) || samples.length > batchSamplesMax) return err("not-understood");
  const isRest = rest.workouts !== undefined || rest.deleted !== undefined;
  return ok({
    rest: isRest ? rest : null,
    samples: samples.map((sample: unknown, i) => readSample(sample, twofold.has(i), nowMs)),
  });
}
