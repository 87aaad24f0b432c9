/**
 * Ten thousand clients that poll one board, each with the tag of what it saw last: how many of their
 * requests reach an object while nothing changes, how many are answered in a second (with their tag
 * and without one, beside a worker that says 304 at once, in turn), and how long after a push's 200
 * any answer still lacks its score. A machine that cannot play ten thousand clients at their pace
 * plays them as fast as it can; what was reached is printed.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from "miniflare";
import { pushActivities } from "../local/deliveries.ts";
import { bundle } from "../local/runtime.ts";
import type { System } from "../local/system.ts";
import { garminActivity } from "../test/fakes/rides.ts";
import { type Athlete, athlete, ownSystem } from "../test/system/support.ts";
import { percentile, progress, type Result, rounded } from "./measure.ts";
import { Line, type Polled, spread } from "./polls-client.ts";
import type { Counts } from "./polls-counts.ts";

const clients = 10_000;
const pollsInAll = 100_000;
const everyMs = 5_000;
const members = 12;
const lines = 48;
const metresASecond = 5;
const rateRounds = 5;
const pollsARound = 4_000;
const toldEvery = 25_000;
/** In which a new score must have reached every client. */
const seenWithinMs = 3_000;
const path = "/v1/leaderboards/distance?period=all&limit=50";

interface Quiet {
  readonly perSecond: number;
  /** Of requests that were answered 304. */
  readonly unchangedShare: number;
  /** Calls of objects for one request. */
  readonly callShare: number;
}

export async function polls(): Promise<Result> {
  const main = join(import.meta.dirname, "polls-edge.ts");
  const { system, end } = await ownSystem({ mains: { edge: main } });
  const folder = await mkdtemp(join(tmpdir(), "singlet-floor-"));
  const floor = await floorRuntime(folder);
  const who: Athlete[] = [];
  for (let i = 0; i < members; i++) who.push(await athlete(system, `bench-${i}`));
  for (const [i, one] of who.entries()) await ride(system, one, i, 1000 + i);
  const linesTo = (url: string) => Array.from({ length: lines }, () => new Line(url));
  const [ours, floors] = [linesTo(system.url), linesTo((await floor.ready).href)];
  await untilShown(ours[0] as Line, members);
  const quiet = await pollQuietly(system, ours);
  const rates = await ratesOf(ours, floors);
  const seen = await newScore(system, ours, who[0] as Athlete);
  for (const line of [...ours, ...floors]) line.end();
  await floor.dispose();
  await rm(folder, { recursive: true, force: true });
  await end();
  tell(quiet, rates, seen);
  if (quiet.callShare >= 0.01) throw new Error(`${quiet.callShare} calls of objects a poll`);
  const median = (values: readonly number[]) => percentile(values, 0.5);
  return {
    name: "polls",
    value: rounded(median(rates.known)),
    unit: "304s/s",
    floor: rounded(median(rates.floor)),
    ratio: rounded(median(rates.known) / median(rates.floor)),
    spread: rounded(percentile(rates.known, 0.9) / percentile(rates.known, 0.1)),
    level: "emulator",
    details: {
      clients,
      polls: pollsInAll,
      objectCallsPerPoll: rounded(quiet.callShare),
      unchangedShare: rounded(quiet.unchangedShare),
      pollsPerSecond: rounded(quiet.perSecond),
      withoutTagPerSecond: rounded(median(rates.unknown)),
      lastWithoutNewScoreMs: rounded(seen.lastWithoutMs),
      allSeenMs: rounded(seen.allSeenMs),
    },
  };
}

async function ride(system: System, who: Athlete, nth: number, distanceM: number): Promise<void> {
  const item = garminActivity({
    account: who.garmin,
    id: String(70_000_000 + nth),
    startMs: Date.UTC(2026, 3, 1, 8) + nth * 7_200_000,
    elapsedSeconds: Math.ceil(distanceM / metresASecond),
    distanceM,
  });
  const { status } = await pushActivities(system, item);
  if (status !== 200) throw new Error(`a push was answered ${status}`);
}

async function untilShown(line: Line, count: number): Promise<void> {
  for (let i = 0; i < 100; i++) {
    const { body } = await line.get(path, "");
    if (JSON.parse(body).items?.length === count) return;
    await sleep(100);
  }
  throw new Error("the board does not show everybody");
}

/** Each client polls every few seconds, or as soon as it can. */
async function pollQuietly(system: System, on: readonly Line[]): Promise<Quiet> {
  progress(`${clients} clients poll every ${everyMs / 1000} s, ${pollsInAll} times together`);
  await counts(system);
  const tags: string[] = Array.from({ length: clients }, () => "");
  let unchanged = 0;
  const startedMs = performance.now();
  await spread(on, pollsInAll, async (line, n) => {
    const waitMs = startedMs + (n * everyMs) / clients - performance.now();
    if (waitMs > 1) await sleep(waitMs);
    const { status, etag } = await line.get(path, tags[n % clients] ?? "");
    if (status === 304) unchanged++;
    else if (status !== 200) throw new Error(`a poll was answered ${status}`);
    tags[n % clients] = etag;
    if ((n + 1) % toldEvery === 0) progress(`  ${n + 1} of ${pollsInAll}`);
  });
  const perSecond = (pollsInAll * 1000) / (performance.now() - startedMs);
  const { calls, requests } = await counts(system);
  return { perSecond, unchangedShare: unchanged / pollsInAll, callShare: calls / requests };
}

interface Rates {
  readonly known: number[];
  readonly unknown: number[];
  readonly floor: number[];
}

async function ratesOf(ours: readonly Line[], floors: readonly Line[]): Promise<Rates> {
  progress(
    `${rateRounds} rounds of ${pollsARound} polls with a tag, without one, and of the floor`,
  );
  const rates: Rates = { known: [], unknown: [], floor: [] };
  const { etag } = await (ours[0] as Line).get(path, "");
  for (let i = 0; i <= rateRounds; i++) {
    const round = {
      known: await rateOf(ours, etag, 304),
      unknown: await rateOf(ours, "", 200),
      floor: await rateOf(floors, '"floor"', 304),
    };
    if (i === 0) continue;
    for (const name of ["known", "unknown", "floor"] as const) rates[name].push(round[name]);
  }
  return rates;
}

async function rateOf(on: readonly Line[], etag: string, status: number): Promise<number> {
  const startedMs = performance.now();
  await spread(on, pollsARound, async (line) => {
    const answer = await line.get(path, etag);
    if (answer.status !== status) throw new Error(`answered ${answer.status}`);
  });
  return (pollsARound * 1000) / (performance.now() - startedMs);
}

interface Seen {
  /** After the push's 200: when the last poll was sent that was answered without the score. */
  readonly lastWithoutMs: number;
  /** When the last client was answered with it. */
  readonly allSeenMs: number;
}

/** Clients poll in turn, as fast as they can; a push comes amid. */
async function newScore(system: System, on: readonly Line[], who: Athlete): Promise<Seen> {
  const old = await (on[0] as Line).get(path, "");
  const tags: string[] = Array.from({ length: clients }, () => old.etag);
  const seen = new Set<number>();
  let [acceptedMs, lastWithoutMs, allSeenMs] = [Number.POSITIVE_INFINITY, 0, 0];
  const pushed = sleep(seenWithinMs / 3).then(async () => {
    await ride(system, who, members, 50_000);
    acceptedMs = performance.now();
  });
  const look = (client: number, sentMs: number, { status, etag, body }: Polled) => {
    const isNew = status === 200 && JSON.parse(body).items[0]?.member === who.id;
    if (status === 200) tags[client] = etag;
    if (!isNew) lastWithoutMs = Math.max(lastWithoutMs, sentMs - acceptedMs);
    else seen.add(client);
    if (isNew && seen.size === clients) allSeenMs = performance.now() - acceptedMs;
  };
  const most = clients * 20;
  await spread(on, most, async (line, n) => {
    if (seen.size === clients) return;
    const client = n % clients;
    if (seen.has(client)) return;
    const sentMs = performance.now();
    look(client, sentMs, await line.get(path, tags[client] ?? ""));
  });
  await pushed;
  if (seen.size < clients)
    throw new Error(`${clients - seen.size} clients never saw the new score`);
  return { lastWithoutMs, allSeenMs };
}

async function counts({ url }: System): Promise<Counts> {
  return (await (await fetch(`${url}/__counts`)).json()) as Counts;
}

function tell(quiet: Quiet, rates: Rates, seen: Seen): void {
  const share = (n: number) => `${(n * 100).toFixed(3)} %`;
  const rate = (values: readonly number[]) => `${percentile(values, 0.5).toFixed(0)}/s`;
  const rows: [string, string][] = [
    ["polls of ten thousand clients", `${quiet.perSecond.toFixed(0)}/s`],
    ["answered 304", share(quiet.unchangedShare)],
    ["calls of objects a poll", share(quiet.callShare)],
    ["most there can be, with their tag", rate(rates.known)],
    ["most there can be, without one", rate(rates.unknown)],
    ["a worker that says 304 at once", rate(rates.floor)],
    ["last answer without the new score", `${seen.lastWithoutMs.toFixed(0)} ms after its 200`],
    ["all clients had seen it", `${seen.allSeenMs.toFixed(0)} ms after its 200`],
  ];
  for (const [what, value] of rows) progress(`  ${what.padEnd(36)} ${value.padStart(14)}`);
}

async function floorRuntime(folder: string): Promise<Miniflare> {
  const contents = await bundle(join(import.meta.dirname, "floors/polls.ts"));
  return new Miniflare(
    convertV4MiniflareOptions({
      name: "floor",
      modules: [{ type: "ESModule", path: "floor.mjs", contents }],
      compatibilityDate: "2026-10-01",
      host: "127.0.0.1",
      port: 0,
      cf: false,
      log: new Log(LogLevel.NONE),
      resourcePersistencePath: folder,
      telemetry: { enabled: false },
    }),
  );
}

const sleep = (ms: number) => new Promise<void>((wake) => setTimeout(wake, ms));
