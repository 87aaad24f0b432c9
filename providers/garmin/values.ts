/** How Garmin writes offsets: seconds east of UTC. */
import { offsetMinutesMax } from "../../domain/time.ts";

const offsetStepMin = 15;

/** In minutes; null when it is none that a place has. */
export function offsetOf(seconds: unknown): number | null {
  if (typeof seconds !== "number" || !Number.isInteger(seconds)) return null;
  const minutes = seconds / 60;
  if (minutes % offsetStepMin !== 0 || Math.abs(minutes) > offsetMinutesMax) return null;
  return minutes === 0 ? 0 : minutes;
}
