/** One listen, however many sources report it: those that are one, and which of them counts. */
import type { FactId } from "../identity.ts";
import { joinNearest } from "../nearest.ts";
import { type Bearing, pieces } from "../pieces.ts";
import { type Instant, msPerDay } from "../time.ts";
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
export const nearMs = apartMsMax + 2 * precisionMsMax;
export const reachDays = 1;
export const idPrefix = "l_";

/** One recording source never states one play twice under two identities. */
const isOther = (a: ListenFact, b: ListenFact): boolean =>
  a.connection !== b.connection || a.precisionMs !== b.precisionMs;

export const isSame = (a: ListenFact, b: ListenFact): boolean =>
  a.trackKey === b.trackKey &&
  a.artistKey === b.artistKey &&
  isOther(a, b) &&
  Math.abs(a.at - b.at) <= apartMsMax + a.precisionMs + b.precisionMs;

export const spanOf = ({ at }: { readonly at: Instant }) => ({ fromMs: at, toMs: at });

const fits = (play: readonly ListenFact[], fact: ListenFact): boolean =>
  play.every((other) => isSame(fact, other));

/** Of one track: the finest clocks form the plays, and of as fine ones whose source tells most. */
function grouped(piece: readonly ListenFact[]): ListenFact[][] {
  const sources = new Map<string, [ListenFact, ...ListenFact[]]>();
  for (const fact of piece) {
    const name = `${fact.precisionMs} ${fact.connection}`;
    const told = sources.get(name);
    if (told === undefined) sources.set(name, [fact]);
    else told.push(fact);
  }
  const finestFirst = [...sources.values()].sort(
    (a, b) =>
      a[0].precisionMs - b[0].precisionMs ||
      b.length - a.length ||
      (a[0].connection < b[0].connection ? -1 : 1),
  );
  return joinNearest(finestFirst, nearMs, fits);
}

/** The finest clock first, then the fullest statement. */
const bestFirst = (a: ListenFact, b: ListenFact): number =>
  a.precisionMs - b.precisionMs || b.revision - a.revision || (a.id < b.id ? -1 : 1);

const bearing: Bearing<ListenFact> = { reachMs: reachDays * msPerDay, span: spanOf, bears: isSame };

/** One track on repeat for days, told twice, is a chain without end: that is cut, the same by all. */
export function resolveListens(facts: readonly ListenFact[]): ResolvedListen[] {
  return pieces(facts, bearing, nearMs, [])
    .flatMap(grouped)
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
