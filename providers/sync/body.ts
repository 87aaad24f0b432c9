/**
 * The body of POST /v1/sync: `{ device?, workouts?, deleted?, samples? }`, with at most
 * `batchSamplesMax` samples. Each sample is a record or has a fault of its own, in their order; a
 * name that stands twice in a sample is that sample's fault, and anywhere else the body's.
 */
import { err, ok, type Result } from "../../domain/result.ts";
import { type JsonPath, readJson } from "../../domain/samples/json.ts";
import { batchSamplesMax, type SampleRecord } from "../../domain/samples/sample.ts";
import type { Instant } from "../../domain/time.ts";
import { workoutsABodyMax } from "../apple-health.ts";
import { type Fields, isFields } from "../untrusted.ts";
import { type BodyFault, bodyFaults, type SampleFault } from "./faults.ts";
import { readSample } from "./sample.ts";

export interface SyncBody {
  /** Without its samples, as `appleHealth.parse` reads it; null: samples are all there is. */
  readonly rest: Fields | null;
  readonly samples: readonly Result<SampleRecord, SampleFault>[];
}
export type SyncFault = "not-json" | BodyFault;

/** In which sample it lies; null: in none. */
const sampleOf = ([field, index, ...inside]: JsonPath): number | null =>
  field === "samples" && typeof index === "number" && inside.length > 0 ? index : null;

/** Which of the body's own lists has a name twice; a name that is none of ours is not repeated. */
function twofoldIn([field]: JsonPath): BodyFault {
  const fault = `twofold-${field}`;
  return isBodyFault(fault) ? fault : "twofold-name";
}
const isBodyFault = (word: string): word is BodyFault => Object.hasOwn(bodyFaults, word);

const lengthOf = (list: unknown): number => (Array.isArray(list) ? list.length : 0);

/** Of so many doubled names that they are no longer counted, one is as good as another. */
const faultOf = {
  "not-json": "not-json",
  "too-deep": "too-deep",
  "too-many-duplicates": "twofold-name",
} as const;

export function readSync(text: string, nowMs: Instant): Result<SyncBody, SyncFault> {
  const read = readJson(text);
  if (!read.ok) return err(faultOf[read.error]);
  const { value: body, duplicates } = read.value;
  if (!isFields(body)) return err("not-an-object");
  const outside = duplicates.find((path) => sampleOf(path) === null);
  if (outside !== undefined) return err(twofoldIn(outside));
  const twofold = new Set(duplicates.map(sampleOf));
  const { samples = null, ...rest } = body;
  for (const list of ["workouts", "deleted"] as const)
    if (lengthOf(rest[list]) > workoutsABodyMax) return err(`too-many-${list}` as const);
  if (samples === null) return ok({ rest, samples: [] });
  if (!Array.isArray(samples)) return err("no-list");
  if (samples.length > batchSamplesMax) return err("too-many-samples");
  const isRest = rest.workouts !== undefined || rest.deleted !== undefined;
  return ok({
    rest: isRest ? rest : null,
    samples: samples.map((sample: unknown, i) => readSample(sample, twofold.has(i), nowMs)),
  });
}
