/** One listen, however many sources report it: those that are one, and which of them counts. */
import type { FactId } from "../identity.ts";
import type { Instant } from "../time.ts";
import type { ListenFact } from "./schema.ts";

export interface ResolvedListen
  extends Pick<
      ListenFact,
      "at" | "artist" | "track" | "release" | "artistKey" | "trackKey" | "recording"
    >,
    Pick<ListenFact, "durationMs" | "playedMs" | "territory" | "provider"> {
  readonly id: string;
  readonly facts: readonly FactId[];
}

/** Clocks of two sources of one play differ by no more, over what each of them rounds. */
export const apartMsMax = 30_000;
/** What a source's clock rounds at most. */
export const precisionMsMax = 60_000;
export const idPrefix = "l_";

/** One recording source never states one play twice under two identities. */
const isOther = (a: ListenFact, b: ListenFact): boolean =>
  a.connection !== b.connection || a.precisionMs !== b.precisionMs;

export const isSame = (a: ListenFact, b: ListenFact): boolean =>
  a.trackKey === b.trackKey &&
  a.artistKey === b.artistKey &&
  isOther(a, b) &&
  Math.abs(a.at - b.at) <= apartMsMax + a.precisionMs + b.precisionMs;

const inOrder = (a: ListenFact, b: ListenFact): number => a.at - b.at || (a.id < b.id ? -1 : 1);

/** Each joins the earliest group all of whose members it is one with. */
function grouped(facts: readonly ListenFact[]): ListenFact[][] {
  const open = new Map<string, ListenFact[][]>();
  const groups: ListenFact[][] = [];
  for (const fact of [...facts].sort(inOrder)) {
    const key = JSON.stringify([fact.artistKey, fact.trackKey]);
    const near = open.get(key) ?? [];
    const mine = near.find((group) => group.every((other) => isSame(fact, other)));
    if (mine !== undefined) mine.push(fact);
    else {
      groups.push([fact]);
      const still = near.filter(
        ([first]) => first !== undefined && fact.at - first.at <= apartMsMax + 2 * precisionMsMax,
      );
      open.set(key, [...still, groups.at(-1) as ListenFact[]]);
    }
  }
  return groups;
}

/** The finest clock first, then the fullest statement. */
const bestFirst = (a: ListenFact, b: ListenFact): number =>
  a.precisionMs - b.precisionMs || b.revision - a.revision || (a.id < b.id ? -1 : 1);

export function resolveListens(facts: readonly ListenFact[]): ResolvedListen[] {
  return grouped(facts)
    .map((group): ResolvedListen => {
      const ranked = [...group].sort(bestFirst) as [ListenFact, ...ListenFact[]];
      const [{ at, artist, track, artistKey, trackKey, provider }] = ranked;
      const first = <T>(of: (fact: ListenFact) => T | null): T | null =>
        ranked.map(of).find((value) => value !== null) ?? null;
      return {
        ...{ id: `${idPrefix}${ranked[0].id}`, facts: group.map((f) => f.id) },
        ...{ at, artist, track, artistKey, trackKey, provider },
        release: first((f) => f.release),
        recording: first((f) => f.recording),
        durationMs: first((f) => f.durationMs),
        playedMs: first((f) => f.playedMs),
        territory: first((f) => (f.territory === "ZZ" ? null : f.territory)) ?? "ZZ",
      };
    })
    .sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1));
}

export const localMsOf = ({ at }: { readonly at: Instant }) => ({ fromMs: at, toMs: at });
