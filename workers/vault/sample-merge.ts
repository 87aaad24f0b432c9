/**
 * Samples merged into sealed chunks: that is where a record that comes again, late or corrected, is
 * known. What it changes of local days is made anew in the same write. Handed back is what may be
 * known in the open: that chunks and days are there, in which version, and the open totals.
 */
import type { ConnectionId, Digest, FactId, MemberId } from "../../domain/identity.ts";
import type { MergedSamples, OpenFact, Zones } from "../../domain/ports.ts";
import { datesOf, utcDayOf } from "../../domain/samples/days.ts";
import { grouped } from "../../domain/samples/grouped.ts";
import type { Metric } from "../../domain/samples/metrics.ts";
import { type KeyedRecord, keyedRecord } from "../../domain/samples/record-key.ts";
import type { SampleOutcome, SampleRecord } from "../../domain/samples/sample.ts";
import { shortHash } from "../../domain/samples/short-hash.ts";
import { addDays, type LocalDate } from "../../domain/time.ts";
import { ownConnection, utf8 } from "./cell.ts";
import type { Vault } from "./env.ts";
import { devicesColumn } from "./groups.ts";
import { dayFact, dayWrites, Needs, type ResolvedDate, resolveDates } from "./sample-days.ts";
import { devicesText, type Known, knownDevices } from "./sample-devices.ts";
import { lookAtSamples, type SampleLook } from "./sample-look.ts";
import { devicesRow, SampleNames } from "./sample-rows.ts";
import { type OwnRows, Staging, type Touched } from "./sample-staging.ts";
import { again, type Change, type SealedTurn, updateSealed } from "./sealed-update.ts";
import type { Write } from "./sealed-write.ts";

/** Merged in one write: a batch of one day and all metrics, or of one metric and some weeks. */
const chunksPerStepMax = 64;
const daysPerStepMax = 16;

/** Whose samples, by what, and where they live. */
interface Merging {
  readonly vault: Vault;
  readonly names: SampleNames;
  readonly connection: ConnectionId;
  readonly zones: Zones;
  readonly nowMs: number;
}
/** Records of a step, and where each stands among all. */
interface Step {
  readonly records: readonly SampleRecord[];
  readonly places: readonly number[];
}

/**
 * Step by step: each is all there or not at all. Of a crash between two, the steps before stand: said
 * again, they are duplicates, and what they touched is handed back all the same.
 */
export async function mergeSamples(
  vault: Vault,
  digest: Digest,
  of: { readonly member: MemberId; readonly connection: ConnectionId; readonly zones: Zones },
  records: readonly SampleRecord[],
  nowMs: () => number,
): Promise<MergedSamples | "forgotten"> {
  const names = new SampleNames(digest, of.member);
  const { connection, zones } = of;
  const outcomes: SampleOutcome[] = records.map(() => "gone");
  const facts = new Map<FactId, OpenFact>();
  for (const step of stepsOf(records)) {
    const merging = { vault, names, connection, zones, nowMs: nowMs() };
    const merged = await mergeStep(merging, step.records);
    if (merged === "forgotten") return "forgotten";
    step.places.forEach((place, i) => {
      outcomes[place] = merged.outcomes[i] ?? "gone";
    });
    for (const fact of merged.facts) facts.set(fact.id, fact);
  }
  return { outcomes, facts: [...facts.values()] };
}

/**
 * By the day of UTC on which they begin, all of one id by the first one's; within a step in the order
 * in which they were said.
 */
function stepsOf(records: readonly SampleRecord[]): readonly Step[] {
  const byId = new Map<string, LocalDate>();
  const days = records.map((record): LocalDate => {
    const { metric, id } = record;
    if (id === null) return beginOf(record);
    const name = JSON.stringify([metric, id]);
    const day = byId.get(name) ?? beginOf(record);
    byId.set(name, day);
    return day;
  });
  const byDay = grouped([...records.keys()], (place) => days[place] as LocalDate);
  const steps: number[][] = [];
  let [stepDays, chunks] = [Number.POSITIVE_INFINITY, 0];
  for (const [, places] of [...byDay].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const more = new Set(places.map((place) => records[place]?.metric)).size;
    if (stepDays >= daysPerStepMax || chunks + more > chunksPerStepMax) {
      steps.push([]);
      [stepDays, chunks] = [0, 0];
    }
    steps.at(-1)?.push(...places);
    [stepDays, chunks] = [stepDays + 1, chunks + more];
  }
  return steps.map((unordered) => {
    const places = unordered.toSorted((a, b) => a - b);
    return { places, records: places.flatMap((place) => records[place] ?? []) };
  });
}

/** Empty: of one that is gone, and nobody says when it was. */
function beginOf({ samples }: SampleRecord): LocalDate {
  const firstMs = samples.reduce(
    (ms, { fromMs }) => Math.min(ms, fromMs),
    Number.POSITIVE_INFINITY,
  );
  return Number.isFinite(firstMs) ? utcDayOf(firstMs) : "";
}

/**
 * 1. chunks, days and devices are read          nothing is kept yet
 * 2. records are merged, days that they touch   nothing is kept yet
 *    are made anew where they have to be
 * 3. one write of all of it, or of nothing      durable; said again, all are duplicates
 * 4. whoever was overtaken starts over
 */
function mergeStep(
  merging: Merging,
  records: readonly SampleRecord[],
): Promise<MergedSamples | "forgotten"> {
  const { vault, names, connection, zones, nowMs } = merging;
  const needs = needsOf(records, zones);
  return updateSealed(vault, names.member, connection, nowMs, (turn) =>
    mergeOnce(merging, needs, records, turn),
  );
}

/** What can be told before anything is read. */
function needsOf(records: readonly SampleRecord[], zones: Zones): Needs {
  const needs = new Needs(zones);
  for (const { metric, id, samples } of records)
    for (const { fromMs, toMs } of samples) {
      const day = utcDayOf(fromMs);
      needs.addDays(metric, id === null ? [day] : [addDays(day, -1), day, addDays(day, 1)]);
      for (const date of datesOf(metric, fromMs, toMs, zones)) needs.addWhole(metric, date);
    }
  return needs;
}

async function mergeOnce(
  merging: Merging,
  needs: Needs,
  records: readonly SampleRecord[],
  turn: SealedTurn,
): Promise<Change<MergedSamples> | typeof again | "forgotten"> {
  const { names, connection, zones, nowMs } = merging;
  const byMetric = placesByMetric(records);
  const own = await ownRows(names, connection, needs, [...byMetric.keys()]);
  const look = await lookAtSamples(turn, names, needs.looked([...own.keys()]));
  if (look === null) return "forgotten";
  const known = await knownDevices(look.devices(), records, names, connection);
  const staging = new Staging(look, connection, own, records.length);
  for (const [metric, places] of byMetric) {
    const said = places.map((place) => sayable(records[place], known.ids[place] ?? null));
    if (!(await staging.merge(metric, places, said))) return again;
  }
  const { staged, outcomes, touched } = staging;
  let isWhole = true;
  for (const { metric, fromMs, toMs } of touched)
    for (const date of datesOf(metric, fromMs, toMs, zones))
      if (needs.addWhole(metric, date)) isWhole = false;
  if (!isWhole) return again;
  const dates = datesTouched(touched, needs, zones);
  const resolving = { look, zones, devices: known.devices, staged, nowMs };
  const days = await resolveDates(resolving, dates);
  if (days === null) return again;
  const writes = [
    ...staging.writes,
    ...(await dayWrites(
      { look },
      days.filter(({ isChanged, isKept }) => isChanged || !isKept),
    )),
    ...(await deviceWrites(look, known)),
  ];
  const facts = [...staging.facts(names.member), ...(await dayFacts(names, days, zones))];
  return { writes, seen: staging.seen(writes), value: { outcomes, facts } };
}

const placesByMetric = (records: readonly SampleRecord[]): ReadonlyMap<Metric, number[]> =>
  grouped([...records.keys()], (place) => (records[place] as SampleRecord).metric);

async function ownRows(
  names: SampleNames,
  connection: ConnectionId,
  needs: Needs,
  metrics: readonly Metric[],
): Promise<OwnRows> {
  const places = metrics.flatMap((metric) =>
    [...needs.daysOf(metric)].map((day) => ({ metric, day })),
  );
  return new Map(
    await Promise.all(
      places.map(
        async (place): Promise<[string, (typeof places)[number]]> => [
          await names.chunk(place.metric, connection, place.day),
          place,
        ],
      ),
    ),
  );
}

/** Null: of a device that is somebody else's. */
const sayable = (record: SampleRecord | undefined, device: string | null): KeyedRecord | null =>
  record === undefined || device === null ? null : keyedRecord(record, device, shortHash);

function datesTouched(
  touched: readonly Touched[],
  needs: Needs,
  zones: Zones,
): ReadonlyMap<LocalDate, ReadonlySet<Metric>> {
  const dates = new Set(
    touched.flatMap(({ metric, fromMs, toMs }) => datesOf(metric, fromMs, toMs, zones)),
  );
  return new Map([...needs.metrics].filter(([date]) => dates.has(date)));
}

/** Its revision is that of the order: a device more changes no day that it did not measure. */
async function deviceWrites(look: SampleLook, known: Known): Promise<Write[]> {
  if (!known.isChanged) return [];
  const over = look.versionOf(devicesRow, devicesColumn);
  const before = known.isReordered ? undefined : look.revisionOf(devicesRow, devicesColumn);
  const text = utf8(devicesText(known.devices));
  const { turn } = look;
  return [await turn.write(devicesRow, devicesColumn, ownConnection, over, text, before)];
}

const dayFacts = (
  names: SampleNames,
  days: readonly ResolvedDate[],
  zones: Zones,
): Promise<OpenFact[]> => Promise.all(days.map((day) => dayFact(names, day, zones)));
