/**
 * Months of listening. First what was really played; then what each of a listener's sources tells of
 * it, by a clock of its own, in a spelling of its own, twice and late; then what was taken back and
 * who was forgotten. What is one play is known, because it was made so; nothing here asks the
 * product. The same seed makes the same world.
 */
import type { MemberId } from "../../domain/identity.ts";
import { contentRevision, nameKey } from "../../domain/listens/names.ts";
import { bucketOf } from "../../domain/ports.ts";
import type { Draft } from "../../providers/provider.ts";
import { type Chance, chanceOf } from "./chance.ts";

const second = 1000;
const minute = 60 * second;
const day = 24 * 60 * minute;
const bucketsOfStream = 16;
const daysDefault = 45;
/** One of so many listeners. */
const forgottenEvery = 8;
const perListener = 150;
/** Clocks of two sources of one listener, at most; what the rule grants is thirty seconds. */
const offMax = 12 * second;
/**
 * Repeats closer than this: the minute that an account shows may be as near to the next play as to
 * its own, so nothing may hang on which of them it tells.
 */
const clearMs = 2 * (2 * offMax + minute + second);

export interface Listener {
  readonly id: MemberId;
  readonly sources: readonly Source[];
  readonly isForgotten: boolean;
}
interface Source {
  /** The connection that it comes by; two forms of one account share theirs. */
  readonly connection: string;
  readonly provider: string;
  readonly precisionMs: number;
  readonly offMs: number;
  readonly spell: (name: string) => string;
  readonly saysPlayed: boolean;
  readonly saysLength: boolean;
  readonly saysWhere: boolean;
  /** Sends all of it twice. */
  readonly isDouble: boolean;
  /** Of a hundred plays it knows so many. */
  readonly share: number;
}

/** What really happened, as it counts in the end: by the best of those who still tell of it. */
export interface Play {
  readonly atMs: number;
  readonly artist: string;
  readonly track: string;
  readonly territory: string;
  readonly playedMs: number | null;
  readonly lengthMs: number | null;
}
export interface Delivery {
  readonly listener: Listener;
  readonly source: Source;
  readonly draft: Draft;
}
export interface ListensWorld {
  readonly seed: number;
  readonly listeners: readonly Listener[];
  readonly plays: readonly Play[];
  /** In the order in which they arrive. */
  readonly deliveries: readonly Delivery[];
  readonly made: Readonly<Record<string, number>>;
}

export interface ListensOptions {
  readonly seed: number;
  /** Plays of all listeners. */
  readonly plays: number;
  readonly days?: number;
  /** Listeners lie in the first so many buckets; default: in all. */
  readonly buckets?: number;
}

const artists = ["Ada", "Björk", "Ólafur Arnalds", "DJ Ü", "The Ｗide", "Σίγμα", "a-ha", "!!!"];
const titles = ["Engine", "Nótt", "Loop 30", "Interlude", "Ｆull Width", "Long Way", "Côte", "01"];
const territories = ["DE", "US", "GB", "IS", "BR", "JP"];
const spellings: readonly ((name: string) => string)[] = [
  (name) => name,
  (name) => name.toUpperCase().toLowerCase(),
  (name) => `  ${name.replaceAll(" ", "   ")} `,
  (name) => name.normalize("NFD"),
];
/** From its first second on: the end of February, so that March is in the middle. */
const fromMs = Date.UTC(2026, 1, 20);

export function listensWorld(options: ListensOptions): ListensWorld {
  const { seed, plays: wanted, days = daysDefault, buckets = bucketsOfStream } = options;
  const chance = chanceOf(seed);
  const made: Record<string, number> = {};
  const note = (what: string, n = 1) => {
    made[what] = (made[what] ?? 0) + n;
  };
  const listeners: Listener[] = [];
  const plays: Play[] = [];
  const deliveries: Delivery[] = [];
  for (let n = 0; n < Math.ceil(wanted / perListener); n++) {
    const listener = listenerOf(chance, idOf(seed, n, buckets), n % forgottenEvery === 3);
    listeners.push(listener);
    if (listener.isForgotten) note("forgotten listeners");
    const said = new Set<string>();
    for (const run of runsOf(chance, perListener, days, note)) {
      const some = listener.sources.filter(({ share }) => chance.in100(share));
      // The first knows every play, and alone it is certain on which side of midnight each was.
      const knowing = isUnclear(run) ? some.slice(0, 1) : some;
      for (const real of run) {
        const { told, counts } = telling({ chance, listener, knowing, run, said, note }, real);
        deliveries.push(...told);
        if (counts !== null && !listener.isForgotten) plays.push(counts);
      }
    }
  }
  note("deliveries", deliveries.length);
  return { seed, listeners, plays, deliveries: chance.shuffled(deliveries), made };
}

function idOf(seed: number, n: number, buckets: number): MemberId {
  for (let tries = 0; ; tries++) {
    const id = `mem_${seed}_${n}_${tries}`;
    if (bucketOf(id, bucketsOfStream) < buckets) return id as MemberId;
  }
}

function listenerOf(chance: Chance, id: MemberId, isForgotten: boolean): Listener {
  const source = (connection: string, provider: string, precisionMs: number, share: number) => ({
    ...{ connection: `${id}-${connection}`, provider, precisionMs, share },
    ...{ offMs: chance.whole(-offMax, offMax), spell: chance.pick(spellings) },
    ...{ saysPlayed: chance.in100(60), saysLength: chance.in100(60) },
    ...{ saysWhere: chance.in100(70), isDouble: chance.in100(25) },
  });
  // The phone knows every play: so it is certain how often a track on repeat was played.
  const sources = [
    source("phone", "listenbrainz", second, 100),
    source("desk", "audioscrobbler", second, 40),
    source("account", "spotify", second, 60),
    // The other form of the same account, which knows the minute and how long.
    { ...source("account", "spotify", minute, 50), saysPlayed: true },
  ];
  return { id, sources, isForgotten };
}

/** A play as it was, to the millisecond. */
interface Real extends Play {
  readonly lengthMs: number;
  readonly playedMs: number;
}

/** One play each, or one track again and again. */
function runsOf(
  chance: Chance,
  count: number,
  days: number,
  note: (what: string, n?: number) => void,
): Real[][] {
  const stepMs = Math.floor((days * day) / count);
  // Never two sittings at once; each begins anywhere in its stretch, often close to midnight.
  return Array.from({ length: count }, (_, n) => {
    const stretch = fromMs + n * stepMs + chance.whole(0, Math.floor(stepMs / 3));
    const midnight = Math.ceil(stretch / day) * day;
    const isLate = chance.in100(20) && midnight - stretch < stepMs / 4;
    const at = isLate ? midnight - chance.whole(1, 20) * second : stretch;
    const lengthMs = chance.pick([22, 31, 45, 180, 245, 600]) * second + chance.whole(0, 999);
    const [artist, track] = [chance.pick(artists), chance.pick(titles)];
    const territory = chance.pick(territories);
    const times = !isLate && chance.in100(20) ? chance.whole(2, 6) : 1;
    if (times > 1) note("tracks on repeat");
    if (isLate) note("within seconds of midnight");
    const isShort = times === 1 && chance.in100(25);
    const playedMs = isShort ? Math.min(chance.whole(1, 40) * second, lengthMs) : lengthMs;
    return Array.from({ length: times }, (_, i) => {
      const atMs = at + i * (lengthMs + second);
      return { atMs, artist, track, territory, lengthMs, playedMs };
    });
  });
}

const isAtMidnight = ({ atMs }: Real): boolean => (atMs + offMax) % day < 3 * minute;

/** Elsewhere every clock of seconds tells of all of a run, and it is the same day for each. */
function isUnclear(run: readonly Real[]): boolean {
  const [first, next] = run;
  if (first === undefined || next === undefined) return false;
  return next.atMs - first.atMs < clearMs && run.some(isAtMidnight);
}

interface Telling {
  readonly chance: Chance;
  readonly listener: Listener;
  /** They tell of the whole run, or of nothing of it. */
  readonly knowing: readonly Source[];
  readonly run: readonly Real[];
  /** Of two plays that a source calls by one name, it tells one. */
  readonly said: Set<string>;
  readonly note: (what: string) => void;
}

/** What the sources say of one play, and as what it counts once all is said and taken back. */
function telling(
  { chance, listener, knowing, run, said, note }: Telling,
  real: Real,
): { readonly told: Delivery[]; readonly counts: Play | null } {
  const isDeleted = run.length === 1 && chance.in100(4);
  const isSplit = isAtMidnight(real);
  const told: Delivery[] = [];
  let [best, counts]: [Source | null, Play | null] = [null, null];
  for (const source of knowing) {
    // Where the day hangs on a second, one clock of seconds tells of it alone.
    const isSecond = source.precisionMs === second && best !== null;
    const { full, less, sourceId } = draftsOf(source, real);
    const name = `${source.connection} ${sourceId}`;
    if ((isSplit && isSecond) || said.has(name)) continue;
    said.add(name);
    const times = source.isDouble ? 2 : chance.whole(1, 2);
    for (let i = 0; i < times; i++) told.push({ listener, source, draft: full });
    if (less !== null && chance.in100(30)) {
      told.push({ listener, source, draft: less });
      note("statements with less in them");
    }
    const revision = Number.MAX_SAFE_INTEGER - 1;
    if (isDeleted || (run.length === 1 && chance.in100(4))) {
      told.push({ listener, source, draft: { sourceId, revision, retracted: true } });
      note("taken back");
      continue;
    }
    if (best === null || source.precisionMs < best.precisionMs) best = source;
    counts = withSaid(counts, source, real);
  }
  if (counts === null || best === null) return { told, counts: null };
  return { told, counts: { ...counts, atMs: shownBy(best, real) } };
}

/** What its clock shows of the beginning, made of the end as it rounds that down. */
function shownBy({ precisionMs, offMs }: Source, { atMs, playedMs }: Real): number {
  if (precisionMs < minute) return Math.floor((atMs + offMs) / precisionMs) * precisionMs;
  return Math.floor((atMs + offMs + playedMs) / minute) * minute - playedMs;
}

function withSaid(held: Play | null, source: Source, real: Real): Play {
  const { artist, track } = real;
  return {
    ...{ atMs: 0, artist, track },
    territory: source.saysWhere ? real.territory : (held?.territory ?? "ZZ"),
    playedMs: source.saysPlayed ? real.playedMs : (held?.playedMs ?? null),
    lengthMs: source.saysLength ? real.lengthMs : (held?.lengthMs ?? null),
  };
}

function draftsOf(source: Source, real: Real) {
  const { artist, track, playedMs, lengthMs, territory } = real;
  const at = shownBy(source, real);
  const [by, of] = [source.spell(artist), source.spell(track)];
  const bare = {
    ...{ at, artist: by, track: of, artistKey: nameKey(by), trackKey: nameKey(of) },
    ...{ release: null, recording: null, durationMs: null, playedMs: null },
    ...{ territory: "ZZ", precisionMs: source.precisionMs },
  };
  const all = {
    ...bare,
    durationMs: source.saysLength ? lengthMs : null,
    playedMs: source.saysPlayed ? playedMs : null,
    territory: source.saysWhere ? territory : "ZZ",
  };
  const sourceId = JSON.stringify([at, bare.artistKey, bare.trackKey, all.playedMs]);
  const draft = (fields: typeof all | typeof bare): Draft => ({
    ...{ sourceId, fields, revision: contentRevision(fields), copyOf: null },
    raw: { column: "raw", text: "" },
  });
  const saysMore = source.saysLength || source.saysPlayed || source.saysWhere;
  return { sourceId, full: draft(all), less: saysMore ? draft(bare) : null };
}
