/** What came of what a provider gave, added up. Counters, and no proof of anything. */
import type { RecordedCounts } from "./connection-ports.ts";

export const noneRecorded: RecordedCounts = { recorded: 0, duplicates: 0, parked: 0 };

/** Absent is nothing. */
export const recordedOf = (
  before: RecordedCounts = noneRecorded,
  more: RecordedCounts = noneRecorded,
): RecordedCounts => ({
  recorded: before.recorded + more.recorded,
  duplicates: before.duplicates + more.duplicates,
  parked: before.parked + more.parked,
});

/** Since it was last told; null: nothing has changed. */
export function recordedSince(
  told: RecordedCounts,
  { recorded, duplicates, parked }: RecordedCounts,
): RecordedCounts | null {
  const since = {
    recorded: recorded - told.recorded,
    duplicates: duplicates - told.duplicates,
    parked: parked - told.parked,
  };
  return Object.values(since).every((n) => n === 0) ? null : since;
}
