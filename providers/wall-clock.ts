/**
 * A time that a clock on the wall showed, without a zone: which instant it was hangs on where the
 * member lived then. A time that was shown twice (the clocks went back, or the member flew west) is
 * the first; one that was never shown is the instant at which the clock jumped over it.
 */
import { zoneAt } from "../domain/settings.ts";
import type { Settings } from "../domain/stream.ts";
import { type Instant, offsetIn, offsetMinutesMax } from "../domain/time.ts";

const minuteMs = 60_000;
/** Zones change their offset on a quarter of an hour, so within one it is the same. */
const quarterMs = 15 * minuteMs;
/** No clock on Earth is further from UTC. */
const awayMs = offsetMinutesMax * minuteMs;
const rememberedMax = 4096;

/** Reads a wall clock's time, given as if it stood in UTC. For many of one member's readings. */
export type WallClock = (wallMs: Instant) => Instant;

export function wallClockOf(zones: Settings["zones"]): WallClock {
  const settings = { zones, ownerOnly: [] };
  const remembered = new Map<string, number>();
  const offsetMsAt = (atMs: Instant): number => {
    const zone = zoneAt(settings, atMs);
    const key = `${Math.floor(atMs / quarterMs)} ${zone}`;
    const known = remembered.get(key);
    if (known !== undefined) return known;
    const offsetMs = offsetIn(zone, atMs) * minuteMs;
    if (remembered.size === rememberedMax) remembered.clear();
    remembered.set(key, offsetMs);
    return offsetMs;
  };
  const isShownAt = (atMs: Instant, wallMs: Instant) => atMs + offsetMsAt(atMs) === wallMs;
  return (wallMs) => {
    // Whatever zones were in force around then, the clock stood by one of these.
    const offsets = [wallMs - awayMs, wallMs, wallMs + awayMs].map(offsetMsAt);
    const found = offsets.map((ms) => wallMs - ms).filter((atMs) => isShownAt(atMs, wallMs));
    return found.length > 0 ? Math.min(...found) : jumpOver(wallMs, offsetMsAt);
  };
}

/** The first instant at which the clock shows a later time, by halving. */
function jumpOver(wallMs: Instant, offsetMsAt: (atMs: Instant) => number): Instant {
  let [before, after] = [wallMs - awayMs - quarterMs, wallMs + awayMs + quarterMs];
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (middle + offsetMsAt(middle) < wallMs) before = middle;
    else after = middle;
  }
  return after;
}
