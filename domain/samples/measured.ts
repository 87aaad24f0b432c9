/** A sample as it is resolved: whose it is, and where it stands among all that measured. */

import type { Span } from "../stream.ts";
import type { Instant } from "../time.ts";
import { textOrder } from "./record-key.ts";
import type { DeviceId, SampleValue } from "./sample.ts";

export interface Measured extends SampleValue {
  readonly device: DeviceId;
  /** One of its own for each sample; decides where nothing else does. */
  readonly key: string;
}
/** Devices by their place, 0 the best; no two share one. */
export type Places = ReadonlyMap<DeviceId, number>;

/** A sample and the time that it asks for; a moment of a sum asks for none. */
export interface Claim extends Span {
  readonly sample: Measured;
  readonly place: number;
}

/** Whom `rank` holds for equal stand by their ids, so that every order of arrival is one. */
export function placesOf(
  measured: readonly Measured[],
  rank: (device: DeviceId) => number,
): Places {
  const ranked = [...new Set(measured.map((m) => m.device))].map((id) => ({ id, rank: rank(id) }));
  ranked.sort((a, b) => a.rank - b.rank || textOrder(a.id, b.id));
  return new Map(ranked.map(({ id }, place) => [id, place]));
}

export function claimOf(sample: Measured, places: Places, toMs: Instant = sample.toMs): Claim {
  return { sample, place: places.get(sample.device) ?? places.size, fromMs: sample.fromMs, toMs };
}

/**
 * Who is asked first: the better device; of one device the finer, then the earlier. A moment of a
 * sum comes after the stretches of its device: it takes no time away from one that encloses it, so
 * that one would count it again.
 */
export const inTurn = (a: Claim, b: Claim): number =>
  a.place - b.place ||
  finenessOf(a) - finenessOf(b) ||
  a.fromMs - b.fromMs ||
  textOrder(a.sample.key, b.sample.key);

const finenessOf = (claim: Claim): number => claim.toMs - claim.fromMs || Number.MAX_SAFE_INTEGER;
