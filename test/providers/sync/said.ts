/** A sample as a phone says it, and what is read of it. */
import { readSync } from "../../../providers/sync/body.ts";

export const startMs = Date.UTC(2026, 10, 14, 7, 30);
export const nowMs = startMs + 86_400_000;

export type Said = Readonly<Record<string, unknown>>;

export const steps: Said = {
  type: "steps",
  value: 66,
  unit: "count",
  startDate: "2026-11-14T07:30:00Z",
  endDate: "2026-11-14T07:36:47Z",
  sourceDevice: { id: "A1-phone", kind: "phone", model: "iPhone17,1" },
  sourceApp: "com.apple.health",
  uuid: "ED008640-6873-4647-92B2-24F7680014A0",
};

/** Of a whole batch: each one's record or its code. */
export function readAll(samples: readonly unknown[], atMs = nowMs) {
  const read = readSync(JSON.stringify({ samples }), atMs);
  if (!read.ok) throw new Error(read.error);
  return read.value.samples.map((sample) => (sample.ok ? sample.value : sample.error));
}

/** Of the sample with some of its fields in other words; undefined is not said. */
export const readOne = (said: Said) => readAll([{ ...steps, ...said }])[0];

/** What it came to, where it is no fault. */
export function recordOf(said: Said) {
  const read = readOne(said);
  if (read === undefined || typeof read === "string") throw new Error(`not a record: ${read}`);
  return read;
}
