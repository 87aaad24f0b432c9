/**
 * The heart rate of a result's strokes. Their clock begins anew with each interval and goes on over
 * the rest behind it; distance begins anew with it, which tells such a beginning from a clock that
 * runs back a little. Where an interval began is known by how long those before it were.
 */
import type { Instant } from "../../domain/time.ts";
import type { HeartRateSample } from "../../domain/workouts/schema.ts";
import { amountOf, beatAt, fieldsOf, inOrder } from "../untrusted.ts";
import { type Interval, tenthsToMs } from "./values.ts";

/** What a monitor writes while nothing is strapped on; so is zero. */
const noBelt = 255;
/** Past the end by so much, it belongs to nothing that the result tells of. */
const slackMs = 60_000;

export function heartRateOf(
  strokes: readonly unknown[],
  { at, elapsedMs }: { readonly at: Instant; readonly elapsedMs: number },
  intervals: readonly Interval[],
): HeartRateSample[] | null {
  const found = new Map<Instant, HeartRateSample>();
  const begins = beginnings(intervals);
  let [nth, baseMs, latestMs] = [0, 0, 0];
  let before = { t: 0, d: 0 };
  for (const stroke of strokes.map(fieldsOf)) {
    const t = amountOf(stroke.t);
    if (t === null) continue;
    const d = amountOf(stroke.d) ?? before.d;
    if (t < before.t && d < before.d) {
      nth++;
      baseMs = Math.max(latestMs, begins[nth] ?? 0);
    }
    before = { t, d };
    const sinceMs = baseMs + tenthsToMs(t);
    latestMs = Math.max(latestMs, sinceMs);
    const beat = stroke.hr === noBelt ? null : beatAt(at + sinceMs, stroke.hr);
    if (beat !== null && sinceMs <= elapsedMs + slackMs) found.set(beat.t, beat);
  }
  return inOrder(found);
}

/** When each interval began, since the first. */
function beginnings(intervals: readonly Interval[]): readonly number[] {
  let sinceMs = 0;
  return intervals.map(({ workMs, restMs }) => {
    const begunMs = sinceMs;
    sinceMs += workMs + restMs;
    return begunMs;
  });
}
