/**
 * What drills on providers that sign nothing share: a system whose log is kept and whose address is
 * known beforehand, the same run as each provider tells it, what each says that it has happened, and
 * what was asked of the provider because of it.
 */
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { type UnsignedProvider, unsigned } from "../../local/deliveries.ts";
import type { Person } from "../../local/people.ts";
import { keepSecrets, loadSecrets } from "../../local/settings.ts";
import { type System, startSystem } from "../../local/system.ts";
import { providers } from "../../providers/index.ts";
import type { SeenRequest, Served } from "../fakes/provider.ts";
import { type OwnSystem, workoutsOf } from "../system/support.ts";
import { askedOf } from "./connection-drill.ts";
import { withinAMinute } from "./drill.ts";
import { freePort } from "./signed-drill.ts";

export interface LoggedSystem extends OwnSystem {
  readonly log: readonly string[];
}

/** History of a small budget is spread over a day: here it is had at once. */
const ample = 1_000_000;

function ampleBudgets(): string {
  const windowsOf = (name: UnsignedProvider) => {
    const { app, member } = providers[name].budget;
    return Object.fromEntries([...app, ...member].map((window) => [window.name, ample]));
  };
  return JSON.stringify(Object.fromEntries(unsigned.map((name) => [name, windowsOf(name)])));
}

export async function unsignedSystem(): Promise<LoggedSystem> {
  const state = await mkdtemp(join(tmpdir(), "singlet-test-"));
  await keepSecrets(state, await loadSecrets(state));
  const port = await freePort();
  const edge = { PUBLIC_URL: `http://127.0.0.1:${port}`, PROVIDER_BUDGETS: ampleBudgets() };
  const log: string[] = [];
  const onLog = (line: string) => log.push(line);
  const system = await startSystem({ state, port, vars: { edge }, onLog });
  system.provider.strava.limits = { quarter: ample, day: ample };
  return {
    system,
    state,
    log,
    async end() {
      await system.close();
      await rm(state, { recursive: true, force: true });
    },
  };
}

// -- one run, told by each ------------------------------------------------------------------

export interface Run {
  readonly account: string;
  readonly id: string;
  readonly distanceM: number;
  /** Which statement of it this is. */
  readonly revision?: number;
}
const minuteMs = 60_000;
const dayMs = 86_400_000;
/** Two days ago, in the morning: providers read what came lately. */
export const startMs = Math.floor(Date.now() / dayMs - 2) * dayMs + 7 * 60 * minuteMs;
export const elapsedS = 3000;
const endMs = startMs + elapsedS * 1000;
/** An hour east, all year. */
const zone = "Africa/Lagos";
const offsetMin = 60;

const utc = (atMs: number) => new Date(atMs).toISOString();
const toSecond = (atMs: number) => `${utc(atMs).slice(0, 19)}Z`;
const clock = (atMs: number) => utc(atMs).slice(0, 19).replace("T", " ");
const statedMs = ({ revision = 1 }: Run) => endMs + revision * minuteMs;
const local = (atMs: number) => atMs + offsetMin * minuteMs;

const beats = [0, 60, 120].map((s, i) => ({ s, bpm: 140 + i }));

/** As a reading finds it. */
export const served = {
  strava: (run: Run, over: object = {}): Served => ({
    id: Number(run.id),
    name: `Run ${run.revision ?? 1}`,
    type: "Run",
    sport_type: "Run",
    start_date: toSecond(startMs),
    start_date_local: toSecond(local(startMs)),
    timezone: "(GMT+01:00) Africa/Lagos",
    utc_offset: offsetMin * 60,
    elapsed_time: elapsedS,
    moving_time: elapsedS,
    distance: run.distanceM,
    total_elevation_gain: 0,
    has_heartrate: true,
    average_heartrate: 141,
    manual: false,
    private: false,
    trainer: false,
    upload_id: 1,
    external_id: `${run.id}.fit`,
    start_latlng: [],
    device_name: "Strava App",
    calories: 480,
    streams: {
      time: { data: beats.map(({ s }) => s), series_type: "time", resolution: "high" },
      heartrate: { data: beats.map(({ bpm }) => bpm), series_type: "time", resolution: "high" },
    },
    ...over,
  }),
  withings: (run: Run): Served => ({
    id: Number(run.id),
    category: 2,
    timezone: zone,
    model: 93,
    attrib: 0,
    startdate: startMs / 1000,
    enddate: endMs / 1000,
    date: utc(local(startMs)).slice(0, 10),
    modified: statedMs(run) / 1000,
    data: { calories: 480, distance: run.distanceM, steps: 9000 },
  }),
  wahoo: (run: Run): Served => ({
    id: Number(run.id),
    starts: utc(startMs),
    minutes: 50,
    name: "Run",
    workout_token: "ELEMNT RIVAL 1F2E:0A",
    workout_type_id: 1,
    fitness_app_id: 1,
    created_at: utc(endMs),
    updated_at: utc(statedMs(run)),
    workout_summary: {
      id: Number(run.id) + 1,
      started_at: utc(startMs),
      time_zone: zone,
      duration_total_accum: `${elapsedS}.0`,
      duration_active_accum: `${elapsedS}.0`,
      distance_accum: run.distanceM.toFixed(2),
      calories_accum: "480.0",
      created_at: utc(endMs),
      updated_at: utc(statedMs(run)),
    },
  }),
  coros: (run: Run, atMs = startMs): Served => ({
    labelId: run.id,
    mode: 8,
    subMode: 1,
    deviceName: "COROS PACE 3",
    startTime: atMs / 1000,
    endTime: atMs / 1000 + elapsedS,
    startTimezone: offsetMin / 15,
    endTimezone: offsetMin / 15,
    duration: elapsedS,
    distance: run.distanceM,
    calorie: 480_000,
  }),
  concept2: (run: Run): Served => ({
    id: Number(run.id),
    type: "rower",
    date: clock(local(startMs)),
    timezone: zone,
    date_utc: clock(startMs),
    distance: run.distanceM,
    time: elapsedS * 10,
    workout_type: "FixedTimeSplits",
    source: "ErgData iOS",
    verified: true,
    strokes: beats.map(({ s, bpm }) => ({ t: s * 10, d: s * 33, p: 1200, spm: 24, hr: bpm })),
  }),
} satisfies Record<UnsignedProvider, (run: Run) => Served>;

const eventSeconds = () => Math.floor(Date.now() / 1000);

const stravaEvent = (account: string, over: object) => ({
  aspect_type: "create",
  event_time: eventSeconds(),
  object_id: Number(account),
  object_type: "activity",
  owner_id: Number(account),
  subscription_id: 254_321,
  updates: {},
  ...over,
});

/** That it is there, or has changed; what it says of it is not what the provider serves. */
export const notice = {
  strava: ({ account, id }: Run) =>
    stravaEvent(account, { object_id: Number(id), updates: { title: "forged" } }),
  withings: ({ account }: Run) => ({
    userid: account,
    appli: "16",
    date: utc(local(startMs)).slice(0, 10),
  }),
  wahoo: ({ account, id }: Run) => ({
    event_type: "workout_summary",
    user: { id: Number(account) },
    workout_summary: {
      id: Number(id) + 1,
      distance_accum: "99999.0",
      duration_total_accum: "60.0",
      workout: { id: Number(id), workout_type_id: 1, starts: utc(startMs) },
    },
  }),
  coros: ({ account, id }: Run) => ({
    sportDataList: [{ openId: account, labelId: id, mode: 8, subMode: 1, distance: 99_999 }],
  }),
  concept2: ({ account, id }: Run) => ({
    type: "result-added",
    result: { id: Number(id), user_id: Number(account), type: "rower", distance: 99_999 },
  }),
} satisfies Record<UnsignedProvider, (run: Run) => object>;

/** That it is there no longer; the others never say so. */
export const gone = {
  strava: ({ account, id }: Run) =>
    stravaEvent(account, { aspect_type: "delete", object_id: Number(id) }),
  concept2: ({ account, id }: Run) => ({
    type: "result-deleted",
    result_id: Number(id),
    user_id: Number(account),
  }),
};

/** That the account's owner withdrew. */
export const withdrawn = {
  strava: (account: string) =>
    stravaEvent(account, {
      object_type: "athlete",
      aspect_type: "update",
      updates: { authorized: "false" },
    }),
  withings: (account: string) => ({ userid: account, appli: "46", action: "unlink" }),
};

/** Each provider's own, and of another length. */
export const runs = {
  strava: { account: "7654321", id: "16412345678", distanceM: 10_010 },
  withings: { account: "3140159", id: "5912300277", distanceM: 10_020 },
  wahoo: { account: "9812345", id: "771234567", distanceM: 10_030 },
  coros: { account: "8c1f0b7de2a94a53", id: "418173315956375999", distanceM: 10_040 },
  concept2: { account: "1553112", id: "91133774", distanceM: 10_050 },
} as const satisfies Record<UnsignedProvider, Run>;

// -- what stands, and what was asked ----------------------------------------------------------

export const lengthsOf = async (system: System, who: Person): Promise<number[]> =>
  (await workoutsOf(system, who)).map(({ distanceMm }) => distanceMm?.value).sort();

/** Within a minute workouts of these lengths stand, and no others. */
export async function expectLengths(system: System, who: Person, metres: number[]): Promise<void> {
  const expected = metres.map((m) => m * 1000).sort();
  const found = await withinAMinute(
    () => lengthsOf(system, who),
    (all) => JSON.stringify(all) === JSON.stringify(expected),
  );
  expect(found).toEqual(expected);
}

const isTokens = ({ path }: SeenRequest) => /oauth/.test(path);

/** What feeds the samples, by what its form asks for. */
const isOfSamples = ({ action }: SeenRequest) =>
  ["getactivity", "getmeas", "getsummary"].includes(action ?? "");

/** What was read of this account, tokens, samples and addresses for notices left out. */
export const readsOf = (system: System, account: string): SeenRequest[] =>
  askedOf(system, account).filter(
    (one) => !isTokens(one) && !isOfSamples(one) && one.path !== "/notify",
  );

export const samplesReadOf = (system: System, account: string): SeenRequest[] =>
  askedOf(system, account).filter(isOfSamples);

/** Asks until so much more was read of the account than before; what was. */
export async function readBeyond(
  system: System,
  account: string,
  before: number,
): Promise<SeenRequest[]> {
  await withinAMinute(
    async () => readsOf(system, account).length,
    (n) => n > before,
  );
  return readsOf(system, account).slice(before);
}

/** Every file of the storage in which one of the words stands: all databases, objects and buckets. */
export async function keptIn(state: string, words: readonly string[]): Promise<string[]> {
  const storage = join(state, "storage");
  const entries = await readdir(storage, { recursive: true, withFileTypes: true });
  const found: string[] = [];
  for (const entry of entries.filter((one) => one.isFile())) {
    const bytes = await readFile(join(entry.parentPath, entry.name)).catch(() => Buffer.alloc(0));
    if (words.some((word) => bytes.includes(word))) found.push(entry.name);
  }
  return found;
}
