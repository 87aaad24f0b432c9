/** What the live socket says of a board's top, and how it goes together with what was read of it. */
import type { Standing } from "./amounts.ts";

export interface LiveTop {
  readonly items: readonly Omit<Standing, "moved">[];
  readonly total: number;
}

/** Null: it says something else, as `pong`. */
export function parseLive(text: unknown): LiveTop | null {
  if (typeof text !== "string" || !text.startsWith("{")) return null;
  const { page } = JSON.parse(text) as { readonly page?: LiveTop };
  return Array.isArray(page?.items) ? page : null;
}

/** Do both show the same people with the same scores? */
export function isSameTop(a: LiveTop["items"], b: LiveTop["items"]): boolean {
  return (
    a.length === b.length &&
    a.every(({ member, score }, i) => b[i]?.member === member && b[i]?.score === score)
  );
}

/**
 * The top as it is now, and below it what was read. Where somebody stood in the period before is
 * their rank as read plus what they gained, so what they gained is known at their new rank too; of
 * whoever was not read it is not.
 */
export function withLive(read: readonly Standing[], live: LiveTop): Standing[] {
  const known = new Map(read.map((each) => [each.member, each]));
  const top = live.items.map((now): Standing => {
    const before = known.get(now.member);
    const moved = before?.moved ?? null;
    return { ...now, moved: before && moved !== null ? moved + before.rank - now.rank : null };
  });
  const inTop = new Set(top.map(({ member }) => member));
  const below = read.filter(({ rank, member }) => rank > top.length && !inTop.has(member));
  return [...top, ...(live.total > top.length ? below : [])];
}

/** Whose score is another than before, or who was not there. */
export function changedMembers(
  before: readonly Standing[],
  now: readonly Standing[],
): ReadonlySet<string> {
  const scores = new Map(before.map(({ member, score }) => [member, score]));
  const changed = now.filter(({ member, score }) => scores.get(member) !== score);
  return new Set(changed.map(({ member }) => member));
}

const firstWaitMs = 1_000;
const waitMsMax = 30_000;

/** Doubling; `chance` (0 to 1) spreads those whom one outage cut off. */
export const waitMs = (tried: number, chance: number): number =>
  Math.min(waitMsMax, firstWaitMs * 2 ** tried) * (0.5 + chance / 2);
