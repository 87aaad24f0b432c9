/** What a run came to: tables by route and by memory, what went wrong in full, one line at the end. */
import { table } from "../../local/table.ts";
import type { Heaps } from "./heaps.ts";
import { type Sample, slopeOf } from "./memory.ts";
import { type MemorySample, type Ran, toldOf, type Violation } from "./run.ts";

/**
 * KiB for each thousand requests after the first fifth. What is asked also writes: facts, entries of
 * the log, rows of the meters and the caches of the databases that hold them are that much; what a
 * request left behind in memory itself would be its body and answer, ten times as much.
 */
export const growthMaxKiB = 3_072;
/** As above, on the heaps of the workers alone: a quarter of a KiB a request is what nobody keeps. */
const heapGrowthMaxKiB = 256;
/**
 * The runtime grows until its heaps and caches have the size that they are let to have: measured here,
 * that takes some thousands of reads and more of what writes. Shorter runs are told their slope, and
 * not judged by it.
 */
const judgedFrom = 50_000;

/** Refused before the route was asked: by its form, its caller or its method. */
const atTheDoor = new Set([400, 401, 403, 405, 408, 413, 415]);
/** Routes of fewer requests are not judged by their share. */
const sharedFrom = 20;
const sharePercent = 20;

/**
 * One answer or another may say that it is too much at once and when to come again: what is never
 * answered in another way is not there. Of all requests, and of a route's; a few are none.
 */
const unwellPercentMax = { all: 1, route: 20 } as const;
const unwellFrom = 20;

type Statuses = ReadonlyMap<number, number>;
const count = (statuses: Statuses, of: (status: number) => boolean): number =>
  [...statuses].reduce((sum, [status, n]) => (of(status) ? sum + n : sum), 0);
const all = (statuses: Statuses): number => count(statuses, () => true);
const deepShare = (statuses: Statuses): number =>
  (count(statuses, (s) => s > 0 && s < 500 && !atTheDoor.has(s)) / Math.max(1, all(statuses))) *
  100;

/** Where 503 was said too often, one line each. */
export function unwell(statuses: Ran["statuses"]): string[] {
  const often = (by: Statuses, percentMax: number): boolean => {
    const times = by.get(503) ?? 0;
    return times > unwellFrom && (times / all(by)) * 100 > percentMax;
  };
  const routes = [...statuses].filter(([, by]) => often(by, unwellPercentMax.route));
  const whole = often(sumOf(statuses), unwellPercentMax.all) ? ["all"] : [];
  return [...whole, ...routes.map(([name]) => name)].map((name) => `${name}: 503 too often`);
}

function sumOf(statuses: Ran["statuses"]): Map<number, number> {
  const sums = new Map<number, number>();
  for (const by of statuses.values())
    for (const [status, n] of by) sums.set(status, (sums.get(status) ?? 0) + n);
  return sums;
}

const columns: readonly (readonly [head: string, of: (status: number) => boolean])[] = [
  ["2xx", (s) => s >= 200 && s < 300],
  ["3xx", (s) => s >= 300 && s < 400],
  ["400", (s) => s === 400],
  ["401, 403", (s) => s === 401 || s === 403],
  ["404", (s) => s === 404],
  ["409, 422", (s) => s === 409 || s === 422],
  ["429", (s) => s === 429],
  ["other 4xx", (s) => [402, 405, 408, 413, 415, 416, 426].includes(s)],
  ["503", (s) => s === 503],
  ["5xx, none", (s) => s === 0 || (s >= 500 && s !== 503)],
];

export function routeTable({ statuses }: Ran): string {
  const row = (name: string, by: Statuses) => [
    name,
    String(all(by)),
    ...columns.map(([, of]) => String(count(by, of) || "")),
    `${deepShare(by).toFixed(0)} %`,
  ];
  const sorted = [...statuses].sort(([a], [b]) => (a < b ? -1 : 1));
  const rows = [...sorted.map(([name, by]) => row(name, by)), row("all", sumOf(statuses))];
  return table(["route", "asked", ...columns.map(([head]) => head), "past the door"], rows);
}

const memoryRows = 10;
const mib = (kiB: number | undefined) => (kiB === undefined ? "" : (kiB / 1024).toFixed(0));

function memoryTable({ memory }: Ran): string {
  const step = Math.max(1, Math.floor(memory.length / memoryRows));
  const shown = memory.filter((_, i) => i % step === step - 1);
  return table(
    ["after requests", "resident, MiB", "the workers' heaps", "the emulated platform's"],
    shown.map(({ requests, kiB, heaps }) => [
      String(requests),
      ...[kiB, heaps?.workersKiB, heaps?.platformKiB].map(mib),
    ]),
  );
}

const heapSamples = (memory: readonly MemorySample[], of: keyof Heaps): Sample[] =>
  memory.flatMap(({ requests, heaps }) => (heaps === null ? [] : [{ requests, kiB: heaps[of] }]));

/** Violations by what they are, and how often. */
function kinds(violations: readonly Violation[]): string[] {
  const by = new Map<string, number>();
  for (const { route, wrong } of violations) {
    const kind = `${route}: ${wrong.join("; ")}`;
    by.set(kind, (by.get(kind) ?? 0) + 1);
  }
  return [...by].map(([kind, n]) => `${n} times ${kind}`);
}

/** Prints it; how much is wrong. */
export function report(ran: Ran, seed: number): number {
  const say = (text: string) => process.stdout.write(`${text}\n`);
  const { statuses, violations, faults, memory, requests, seconds, afterwards } = ran;
  say(routeTable(ran));
  const shallow = [...statuses].filter(
    ([, by]) => all(by) >= sharedFrom && deepShare(by) < sharePercent,
  );
  if (shallow.length > 0)
    say(
      `\nPast the door in less than ${sharePercent} %: ${shallow.map(([name]) => name).join(", ")}`,
    );
  const growth = slopeOf(memory);
  const workers = slopeOf(heapSamples(memory, "workersKiB"));
  const platform = slopeOf(heapSamples(memory, "platformKiB"));
  const isJudged = requests >= judgedFrom;
  if (memory.length > 0) say(`\n${memoryTable(ran)}`);
  if (memory.length > 0) say(`\n${memoryTable(ran)}`);
  if (memory.length > 1)
    say(
      `   KiB for each 1,000 requests after the first fifth${isJudged ? "" : `, judged from ${judgedFrom} on`}: ` +
        `${growth.toFixed(0)} resident (at most ${growthMaxKiB}), the workers' heaps ${workers.toFixed(0)} ` +
        `(at most ${heapGrowthMaxKiB}), the platform's ${platform.toFixed(0)}`,
    );
  for (const v of violations) if (v.curl !== "") say(`\n${toldOf(v)}`);
  for (const kind of kinds(violations)) say(kind);
  for (const [line, n] of faults) say(`in the log, ${n} times: ${line}`);
  for (const line of afterwards) say(`wrong: ${line}`);
  const { index, route, ms } = ran.slowest;
  say(`slowest: number ${index}, ${route}, ${ms.toFixed(0)} ms`);
  const grows = isJudged && (growth > growthMaxKiB || workers > heapGrowthMaxKiB);
  if (grows) say("wrong: memory grows");
  const tooOften = unwell(statuses);
  for (const line of tooOften) say(`wrong: ${line}`);
  const broken = [violations.length, faults.size, afterwards.length, tooOften.length];
  const wrong = broken.reduce((sum, n) => sum + n, grows ? 1 : 0);
  const result = {
    ...{ seed, requests, violations: wrong, routes: statuses.size, shallow: shallow.length },
    ...{
      statuses: Object.fromEntries(sumOf(statuses)),
      rssGrowth: Math.round(growth),
      heapGrowth: Math.round(workers),
      seconds: Math.round(seconds),
    },
  };
  say(`RESULT ${JSON.stringify(result)}`);
  return wrong;
}
