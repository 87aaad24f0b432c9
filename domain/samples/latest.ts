/**
 * The latest reading, by the time it was made (its start). At one instant one counts: the better
 * device's, of one device the first by key.
 */
import type { Instant } from "../time.ts";
import type { Measured, Places } from "./measured.ts";
import { textOrder } from "./record-key.ts";
import type { Tallies } from "./tally.ts";

export function noteLatest(measured: readonly Measured[], places: Places, tallies: Tallies): void {
  const placeOf = (m: Measured) => places.get(m.device) ?? places.size;
  const best = new Map<Instant, Measured>();
  for (const m of measured) {
    const rival = best.get(m.fromMs);
    if (rival === undefined || (placeOf(m) - placeOf(rival) || textOrder(m.key, rival.key)) < 0)
      best.set(m.fromMs, m);
  }
  for (const m of [...best.values()].sort((a, b) => a.fromMs - b.fromMs))
    tallies.at(m.fromMs)?.note(m);
}
