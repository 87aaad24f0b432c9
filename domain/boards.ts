/**
 * Boards: which exist, how they are ranked, which are open, and how they are spread over objects. A
 * board is one measure of a stream for one key ("all", or an activity family); its name is
 * "distance" or "distance-ride".
 */
import type { Score, Topology } from "./board-ports.ts";
import { spread } from "./identity.ts";
import type { AnyStream } from "./streams.ts";
import { addDays, daysOfPeriod, type Instant, localDate, type Period, periodsOf } from "./time.ts";

/** What a stream's boards begin with, before they grow. */
export const firstTopology: Topology = { generation: 1, shards: 1 };

export const shardOf = (member: string, { shards }: Topology): number => spread(member) % shards;

export interface BoardKey {
  readonly measure: number;
  readonly key: string;
}

/** The board of that name; null when the stream has no such measure or key. */
export function parseBoard(
  stream: AnyStream,
  keys: readonly string[],
  name: string,
): BoardKey | null {
  const cut = name.indexOf("-");
  const measureName = cut < 0 ? name : name.slice(0, cut);
  const key = cut < 0 ? "all" : name.slice(cut + 1);
  const measure = stream.measures.findIndex((m) => m.name === measureName && m.open);
  if (measure < 0 || !(key === "all" ? cut < 0 : keys.includes(key))) return null;
  return { measure, key };
}

/** Higher first; the same score goes to whoever reached it earlier; then by id, for good order. */
export const byRank = (a: Score, b: Score): number =>
  b.score - a.score || a.atMs - b.atMs || (a.member < b.member ? -1 : a.member > b.member ? 1 : 0);

/** After a period's successor has ended: somewhere its last day still runs, and then it is read once more. */
const closingDays = 2;

/** The period after this one; null: there is none after all time. */
export function periodAfter(period: Period): Period | null {
  if (period === "all") return null;
  const next = periodsOf(addDays(daysOfPeriod(period).to, 1));
  return next.find((other) => other.length === period.length) ?? null;
}

export function periodBefore(period: Period): Period | null {
  if (period === "all") return null;
  const before = periodsOf(addDays(daysOfPeriod(period).from, -1));
  return before.find((other) => other.length === period.length) ?? null;
}

/**
 * Open periods are ranked live. A period closes when the one after it is over, so that who moved
 * since the last one can be told live; what comes later makes the archive's version of it anew.
 */
export function isOpen(period: Period, nowMs: Instant): boolean {
  const next = periodAfter(period);
  if (next === null) return true;
  return localDate(nowMs, 0) <= addDays(daysOfPeriod(next).to, closingDays);
}
