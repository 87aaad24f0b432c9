/**
 * The oracle's second half: what everything that stands comes to from scratch, beside what ledgers
 * conclude, partitions hold, totals say and boards show. Sums are its own (`sums.ts`).
 */
import { isOpen } from "../../../domain/boards.ts";
import { bucketOf, liveName, type OpenFact } from "../../../domain/ports.ts";
import { type Decision, isDecision } from "../../../domain/stream.ts";
import { type AnyStream, streams } from "../../../domain/streams.ts";
import { periodsOf } from "../../../domain/time.ts";
import { ownerOnlyProviders } from "../../../providers/index.ts";
import type { Live, Said } from "./oracle.ts";
import type { Scenario } from "./scenario.ts";
import type { PartitionNow, WorldNow } from "./state.ts";
import { countedMeasures, countedOf, keyFor, type Resolved } from "./sums.ts";

type Sums = Map<string, number>;

/** From scratch. */
interface Scratch {
  /** By ledger, as text. */
  readonly bodies: ReadonlyMap<string, readonly string[]>;
  /** Where in the archive each conclusion is. */
  readonly places: Set<string>;
  /** By measure, key and period. */
  readonly totals: Sums;
  /** By member; then by period, key and measure. */
  readonly boards: ReadonlyMap<string, Sums>;
  /** By what is watched and the thing there: all that it adds. */
  readonly watched: Sums;
}

/** Of late enough to be watched still, and of early enough to have been told. */
const watchedMs = 30 * 3_600_000;
const isWatched = ({ startMs }: Scenario, at: number, nowMs: number): boolean =>
  at > nowMs - watchedMs && at <= startMs;

export function conclusions(said: Said, now: WorldNow, live: Live, nowMs: number): string[] {
  const { scenario, members } = said;
  const scratch = scratchOf(said, now, live, nowMs);
  const wrong = now.ledgers.flatMap(({ shard, resolved }) => {
    const bodies = scratch.bodies.get(shard) ?? [];
    const isSame = JSON.stringify(resolved) === JSON.stringify(bodies);
    return isSame ? [] : [`${shard} concludes ${resolved.length} otherwise than ${bodies.length}`];
  });
  const settled: Sums = new Map();
  for (const { measure, key, period, n } of now.totals)
    if (countedMeasures.has(measure))
      add(settled, JSON.stringify([measure, keyFor(scenario, key), period]), n);
  wrong.push(...differences("the settled total", settled, scratch.totals));
  wrong.push(...misplaced(now.partitions, scratch.places));
  // What is watched of a merchant who left is emptied as a whole.
  if (scenario.stream !== "sales" || said.erased.size === 0)
    wrong.push(...differences("who watches sees", watchedNow(said, now, nowMs), scratch.watched));
  if (!streams[scenario.stream].ranked) return wrong;
  for (const member of members) {
    const shown = shownOf(streams[scenario.stream], now, member, nowMs);
    const should = scratch.boards.get(member) ?? new Map();
    wrong.push(...differences(`the board of ${member}`, shown, should));
  }
  return wrong;
}

function scratchOf({ scenario, members }: Said, now: WorldNow, live: Live, nowMs: number): Scratch {
  const stream: AnyStream = streams[scenario.stream];
  const bodies = new Map<string, readonly string[]>();
  const [totals, boards, places] = [new Map(), new Map<string, Sums>(), new Set<string>()];
  const watched: Sums = new Map();
  for (const { shard, facts } of now.ledgers) {
    const decisions = facts.flatMap(({ body }) => (body && isDecision(body) ? [body] : []));
    const last = lastOf(scenario, members.indexOf(shard));
    const zones = last === null ? [] : [{ zone: last.zone, fromMs: 0 }];
    const resolved = resolvedOf(stream, live.get(shard) ?? [], zones, decisions);
    bodies.set(shard, resolved.map((body) => JSON.stringify(body)).sort());
    const board: Sums = new Map();
    boards.set(shard, board);
    for (const body of resolved) {
      const bucket = bucketOf(shard, stream.buckets);
      places.add(JSON.stringify([stream.resolve?.day(body), bucket, shard, body.id]));
      if (isWatched(scenario, Number(body.at), nowMs))
        for (const { watch, n } of stream.live?.of(body) ?? [])
          add(watched, JSON.stringify([liveName(stream.name, watch), body.id]), total(n));
      for (const { measure, key, day, n } of countedOf[scenario.stream](body))
        for (const period of periodsOf(day)) {
          add(totals, JSON.stringify([measure, key, period]), n);
          if (last?.onBoards === true && isOpen(period, nowMs))
            add(board, JSON.stringify([period, key, measure]), n);
        }
    }
  }
  return { bodies, places, totals, boards, watched };
}

type Zones = readonly { readonly zone: string; readonly fromMs: number }[];

/** Decisions are as their ledger took them: which it refuses hangs on what had come by then. */
function resolvedOf(
  stream: AnyStream,
  live: readonly OpenFact[],
  zones: Zones,
  decisions: readonly Decision[],
): Resolved[] {
  const settings = { zones, ownerOnly: ownerOnlyProviders };
  return (stream.resolve?.of(live, settings, decisions) ?? []) as Resolved[];
}

/** The last settings of whoever's ledger it is; null: nobody's own. */
function lastOf({ happenings }: Scenario, person: number) {
  const all = happenings.flatMap((h) => (h.kind === "settings" && h.person === person ? [h] : []));
  return all.sort((a, b) => a.version - b.version).at(-1) ?? null;
}

/** Every conclusion is in the partition of its day, and there is no other. */
function misplaced(partitions: readonly PartitionNow[], places: Set<string>): string[] {
  const wrong: string[] = [];
  for (const { day, bucket, resolved } of partitions)
    for (const { subject, id, day: own } of resolved) {
      const place = JSON.stringify([day, bucket, subject, id]);
      if (own !== day || !places.delete(place)) wrong.push(`the archive concludes ${place}`);
    }
  for (const place of places) wrong.push(`the archive does not conclude ${place}`);
  return wrong;
}

/** What boards that are open show of a member. */
function shownOf({ measures }: AnyStream, { boards }: WorldNow, member: string, nowMs: number) {
  const shown: Sums = new Map();
  for (const row of boards.filter((one) => one.member === member))
    for (const [period, keys] of Object.entries(row.periods))
      for (const [key, numbers] of Object.entries(keys))
        measures.forEach(({ name }, i) => {
          if (isOpen(period, nowMs))
            add(shown, JSON.stringify([period, key, name]), numbers[i] ?? 0);
        });
  return shown;
}

function watchedNow({ scenario }: Said, { live }: WorldNow, nowMs: number): Sums {
  const watched: Sums = new Map();
  for (const [watch, rows] of live)
    for (const { id, at, entries } of rows.values())
      if (isWatched(scenario, at, nowMs))
        for (const { n } of entries) add(watched, JSON.stringify([watch, id]), total(n));
  return watched;
}

const total = (n: readonly number[]): number => n.reduce((sum, one) => sum + one, 0);

function add(sums: Sums, key: string, n: number): void {
  sums.set(key, (sums.get(key) ?? 0) + n);
}

function differences(
  what: string,
  is: ReadonlyMap<string, number>,
  should: ReadonlyMap<string, number>,
): string[] {
  return [...new Set([...is.keys(), ...should.keys()])].flatMap((key) => {
    const [a, b] = [is.get(key) ?? 0, should.get(key) ?? 0];
    return a === b ? [] : [`${what} ${key} is ${a}, not ${b}`];
  });
}
