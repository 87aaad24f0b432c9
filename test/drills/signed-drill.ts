/**
 * What drills on providers that sign share: a system that providers can greet, with two live secrets
 * of one of them; the same run as each provider tells it; and the notices of those that only notify.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { enrol, type Person } from "../../local/people.ts";
import { keepSecrets, loadSecrets, varsOf } from "../../local/settings.ts";
import { type System, startSystem } from "../../local/system.ts";
import type { Served } from "../fakes/provider.ts";
import { type OwnSystem, workoutsOf } from "../system/support.ts";
import { withinAMinute } from "./drill.ts";

/** Of WHOOP: what it signed with before. */
export const before = { kid: "spring", secret: "whoop-client-secret-of-the-spring" };

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  await new Promise((done) => server.close(done));
  return typeof address === "object" && address !== null ? address.port : 0;
}

/** Its address is known beforehand, so that subscriptions can name it. */
export async function signedSystem(): Promise<OwnSystem> {
  const state = await mkdtemp(join(tmpdir(), "singlet-test-"));
  const secrets = await loadSecrets(state);
  const nowhere = { url: "http://127.0.0.1:1", keysetUrl: "" };
  const { PROVIDER_SECRETS } = varsOf(secrets, "", nowhere).edge;
  const held = JSON.parse(PROVIDER_SECRETS ?? "{}");
  held.whoop.signing.push(before);
  const port = await freePort();
  const edge = {
    PROVIDER_SECRETS: JSON.stringify(held),
    PUBLIC_URL: `http://127.0.0.1:${port}`,
    // History of a small budget is spread over a day: here it is had at once.
    PROVIDER_BUDGETS: JSON.stringify({ suunto: { minute: 1_000_000, day: 1_000_000 } }),
  };
  await keepSecrets(state, secrets);
  const system = await startSystem({ state, port, vars: { edge } });
  return {
    system,
    state,
    async end() {
      await system.close();
      await rm(state, { recursive: true, force: true });
    },
  };
}

export const member = (system: System, key: string): Promise<Person> =>
  enrol(system, `subject-${key}`, `Name ${key}`, ["member"], {
    zone: "Europe/Amsterdam",
    onBoards: true,
  });

// -- one run, told by each ------------------------------------------------------------------

export interface Run {
  readonly account: string;
  readonly id: string;
  readonly distanceM: number;
  /** Which statement of it this is, where its provider orders them. */
  readonly revision?: number;
}
const startMs = Date.UTC(2026, 9, 14, 7);
const elapsedS = 3000;
const offsetMin = 120;

/** How it stands at /v1/workouts, whoever told it. */
export const standing = ({ distanceM }: Pick<Run, "distanceM">) => ({
  type: "running",
  start: "2026-10-14T09:00:00.000+02:00",
  elapsedMs: elapsedS * 1000,
  offsetFrom: "source",
  distanceMm: distanceM * 1000,
});

const utc = (atMs: number) => new Date(atMs).toISOString();
const civil = (atMs: number) => utc(atMs + offsetMin * 60_000).slice(0, 19);
const zoned = (atMs: number) => `${civil(atMs)}+02:00`;
const endMs = startMs + elapsedS * 1000;
const statedMs = ({ revision = 1 }: Run) => endMs + revision * 60_000;

/** As a pull finds it. */
export const served = {
  polar: (run: Run): Served => ({
    id: run.id,
    upload_time: utc(statedMs(run)),
    device: "Polar Vantage V3",
    device_id: "1111AAAA",
    start_time: civil(startMs),
    start_time_utc_offset: offsetMin,
    duration: `PT${elapsedS}S`,
    distance: run.distanceM,
    heart_rate: { average: 141, maximum: 143 },
    sport: "RUNNING",
    has_route: false,
    samples: [{ "recording-rate": 60, "sample-type": "0", data: "140,141,142,141,143" }],
  }),
  whoop: (run: Run): Served => ({
    id: run.id,
    user_id: Number(run.account),
    created_at: utc(endMs),
    updated_at: utc(statedMs(run)),
    start: utc(startMs),
    end: utc(endMs),
    timezone_offset: "+02:00",
    sport_name: "running",
    score_state: "SCORED",
    score: { average_heart_rate: 141, kilojoule: 2100, distance_meter: run.distanceM },
  }),
  oura: (run: Run): Served => ({
    id: run.id,
    activity: "running",
    calories: 480,
    day: "2026-10-14",
    distance: run.distanceM,
    start_datetime: zoned(startMs),
    end_datetime: zoned(endMs),
    intensity: "moderate",
    source: "confirmed",
  }),
};
export type Notifying = keyof typeof served;

/** That it is there or has changed; of those that say so, that it is gone. */
export const notice = {
  polar: ({ account, id }: Run) => ({
    event: "EXERCISE",
    user_id: Number(account),
    entity_id: id,
    timestamp: utc(endMs),
    url: `https://www.polaraccesslink.com/v3/exercises/${id}`,
  }),
  whoop: ({ account, id }: Run, isGone = false) => ({
    user_id: Number(account),
    id,
    type: isGone ? "workout.deleted" : "workout.updated",
    trace_id: "0d6a1f2b-77aa-4b1c-8f00-9c9d9e9f0a0b",
  }),
  oura: ({ account, id }: Run, isGone = false) => ({
    event_type: isGone ? "delete" : "create",
    data_type: "workout",
    object_id: id,
    event_time: utc(endMs),
    user_id: account,
  }),
};

/** As it comes by itself. */
export const pushed = {
  suunto: ({ account, id, distanceM }: Run) => ({
    type: "WORKOUT_CREATED",
    username: account,
    workout: {
      workoutKey: id,
      activityId: 1,
      startTime: startMs,
      totalTime: elapsedS,
      totalDistance: distanceM,
      timeOffsetInMinutes: offsetMin,
    },
    gear: { manufacturer: "Suunto", name: "Suunto Race", productType: "SPORT_WATCH" },
  }),
  terra: ({ account, id, distanceM }: Run, upload_type = 1) => ({
    type: "activity",
    user: { user_id: account, provider: "GARMIN" },
    data: [
      {
        metadata: {
          summary_id: id,
          start_time: zoned(startMs),
          end_time: zoned(endMs),
          type: 8,
          upload_type,
        },
        distance_data: { summary: { distance_meters: distanceM } },
      },
    ],
    version: "2022-03-16",
  }),
  junction: (run: Run) => ({
    event_type: `daily.data.workouts.${(run.revision ?? 1) > 1 ? "updated" : "created"}`,
    user_id: run.account,
    client_user_id: "whatever",
    data: {
      id: run.id,
      user_id: run.account,
      time_start: `${utc(startMs).slice(0, 19)}+00:00`,
      time_end: `${utc(endMs).slice(0, 19)}+00:00`,
      timezone_offset: offsetMin * 60,
      distance: run.distanceM,
      sport: { id: 1, name: "Running", slug: "running" },
      source: { provider: "garmin", type: "watch" },
      updated_at: utc(statedMs(run)),
    },
  }),
  "standard-webhooks": ({ account, id, distanceM, revision = 1 }: Run) => ({
    type: "workouts.upserted",
    timestamp: utc(endMs),
    data: {
      account,
      workouts: [
        {
          id,
          revision,
          type: "running",
          startedAt: zoned(startMs),
          elapsedSeconds: elapsedS,
          distanceMeters: distanceM,
        },
      ],
    },
  }),
};
export type Pushing = keyof typeof pushed;

/** Each provider's own, and of another length. */
export const runs = {
  polar: { account: "475001", id: "2AC312F", distanceM: 10_120 },
  whoop: { account: "9012", id: "5b1f8f0e-3c0d-4a7e-9a55-2f6f0f7e1c11", distanceM: 10_080 },
  oura: { account: "oura-member-1", id: "workout-1", distanceM: 10_040 },
  suunto: { account: "trailfox", id: "6917b0c4e1f2a80012cd34ab", distanceM: 10_160 },
  terra: { account: "5e1c8a1e-0b0e-4a52-9d1f-6a8f0d1a2b3c", id: "9f0d0b9e", distanceM: 10_200 },
  junction: {
    account: "5d0f9c52-0c1b-4b7e-8f7a-2f5f0a9d3c11",
    id: "b2a7c1de-94c3-4f1e-9c55-0e6c2d1f7a01",
    distanceM: 10_240,
  },
  "standard-webhooks": { account: "customer-17", id: "run-1", distanceM: 10_280 },
} as const satisfies Record<Notifying | Pushing, Run>;

/** Two beats within the run. */
export const beats = [60, 120].map((s) => ({
  timestamp: utc(startMs + s * 1000),
  bpm: 140,
  source: "workout",
}));

// -- what stands ----------------------------------------------------------------------------

// biome-ignore lint/suspicious/noExplicitAny: the documented shape of a workout.
const shown = ({ type, start, elapsedMs, offsetFrom, distanceMm }: any) => ({
  type,
  start,
  elapsedMs,
  offsetFrom,
  distanceMm: distanceMm?.value ?? null,
});

/** Within a minute, exactly this stands, and nothing else; null: nothing at all. */
export async function expectRun(
  system: System,
  who: Person,
  run: Pick<Run, "distanceM"> | null,
): Promise<void> {
  const expected = run === null ? [] : [standing(run)];
  const found = await withinAMinute(
    async () => (await workoutsOf(system, who)).map(shown),
    (all) => JSON.stringify(all) === JSON.stringify(expected),
  );
  expect(found).toEqual(expected);
}
