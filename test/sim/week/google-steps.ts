/** What Google Health holds between workouts in the simulated week: steps of every hour, and nothing else. */
import { formatMoment, type Instant } from "../../../domain/time.ts";

const hourMs = 3_600_000;
const pointsAPage = 500;

/** Kinds of points that are found by what happens in the week. */
const others = ["exercise", "heart-rate"];
export const isStepsOrNothing = (collection: string): boolean => !others.includes(collection);

/** Hours that began in this time, and are over. */
export function hoursIn(fromMs: Instant, toMs: Instant): readonly Instant[] {
  const first = Math.ceil(fromMs / hourMs);
  const count = Math.max(0, Math.ceil(toMs / hourMs) - first);
  return Array.from({ length: count }, (_, i) => (first + i) * hourMs);
}

/** A page of them; the token says which is the next. */
export function stepsPage(
  collection: string,
  fromMs: Instant,
  toMs: Instant,
  token: string | undefined,
  nowMs: Instant,
): unknown {
  if (collection !== "steps") return {};
  const hours = hoursIn(Math.max(fromMs, Number(token ?? 0)), Math.min(toMs, nowMs - hourMs));
  const page = hours.slice(0, pointsAPage);
  if (page.length === 0) return {};
  const next = hours[pointsAPage];
  return {
    dataPoints: page.map(pointOf),
    ...(next === undefined ? {} : { nextPageToken: `${next}` }),
  };
}

const pointOf = (atMs: Instant) => ({
  dataSource: { recordingMethod: "DERIVED", platform: "FITBIT" },
  steps: {
    interval: { startTime: formatMoment(atMs), endTime: formatMoment(atMs + hourMs) },
    count: `${1 + ((atMs / hourMs) % 900)}`,
  },
});
