/**
 * Everybody that the policy tells apart, and one thing of every kind that is the owner's: made
 * once, through the doors that it would come by, so that whoever may is really answered.
 */
import { createHash } from "node:crypto";
import { expect } from "vitest";
import { addDays, localDate } from "../../domain/time.ts";
import { eventually, pushActivities, until } from "../../local/deliveries.ts";
import { call, enrol, expectStatus, type Person } from "../../local/people.ts";
import { runWitness, type System } from "../../local/system.ts";
import { garminActivity, garminDetails, type Ride } from "../fakes/rides.ts";
import { deliverTo, keyAt, settle, warehouseOf } from "../system/streams.ts";
import { as, athlete, phiOf, workoutsOf } from "../system/support.ts";
import { posLog } from "../system/tills.ts";
import type { CallerKind } from "./policy.ts";

const hourMs = 3_600_000;
/** Hashes in a tile that is not full. */
const partialMax = 255;
/** A day that is over, wherever one lives. */
export const pastDay: string = addDays(localDate(Date.now(), 0), -3);
/** Before there was a least number of listens. */
export const period = "2024-03";
export const artist = "Nobody's Band";

export type Proven = Exclude<CallerKind, "nobody" | "unproven" | "holder">;

export interface Cast {
  readonly system: System;
  readonly people: Readonly<Record<Proven, Person>>;
  /** Who was erased, with a token from before. */
  readonly erased: Person;
  /** Whoever is to leave when all else was asked. */
  readonly leaver: Person;
  /** Ids and codes of the owner's things, by what they are. */
  readonly things: Readonly<Record<string, string>>;
}

const readers = ["artist", "label", "merchandiser", "finance", "scientist"] as const;

export async function castOf(system: System): Promise<Cast> {
  const owner = await athlete(system, "owner");
  const one = (name: string, roles: Parameters<typeof enrol>[3]) =>
    enrol(system, `subject ${name}`, `Name of ${name}`, roles);
  const times = { issuedAtMs: Date.now(), expiresInSeconds: 86_400 };
  const stranger = await system.issuer.token("subject stranger", ["member"], times);
  const reading = readers.flatMap((role) => [
    [role, one(role, [role])] as const,
    [`reading ${role}`, one(`reading ${role}`, [role])] as const,
  ]);
  const people = {
    owner,
    stranger: { name: "", id: "", token: stranger },
    another: await one("another", ["member"]),
    coach: await one("coach", ["coach"]),
    "allowed coach": await one("allowed coach", ["coach"]),
    operator: await one("operator", ["operator"]),
    auditor: await one("auditor", ["auditor"]),
    ...Object.fromEntries(
      await Promise.all(reading.map(async ([kind, person]) => [kind, await person] as const)),
    ),
  } as unknown as Cast["people"];
  const erased = await one("erased", ["member", "operator"]);
  expectStatus(await as(system, erased).remove("/v1/me"), 200);
  const leaver = await one("leaver", ["member"]);
  const cast = { system, people, erased, leaver, things: {} };
  return { ...cast, things: await thingsOf(cast) };
}

async function thingsOf(cast: Cast): Promise<Cast["things"]> {
  const trained = await training(cast);
  const social = await sociable(cast);
  const merchant = await selling(cast);
  const operated = { ...(await operating(cast)), ...(await taken(cast)) };
  const kept = await held(cast, merchant.scrobbling);
  return { ...trained, ...social, ...merchant, ...operated, ...kept, ...(await proven(cast)) };
}

const rideOf = (account: string, id: string, startMs: number, km: number): Ride => ({
  ...{ account, id, startMs, elapsedSeconds: 2_400, distanceM: km * 1000, everySeconds: 120 },
  title: "Morning ride",
});

/** Rides of which two are implausible, two may be joined and one goes; days of steps. */
async function training({ system, people }: Cast) {
  const { owner, operator } = people;
  const { garmin } = (await athleteAccounts(system, owner)) as { garmin: string };
  const at = Date.parse(`${pastDay}T06:00:00Z`);
  const rides = [15, 15, 150, 150, 15, 15].map((km, nth) =>
    rideOf("garmin-account-owner", `8100${nth}`, at - nth * 4 * hourMs, km),
  );
  const stated = { averageSpeedInMetersPerSecond: 2.87 };
  for (const ride of rides)
    await pushActivities(
      system,
      { ...garminActivity(ride), ...(ride.distanceM > 100_000 ? stated : {}) },
      garminDetails(ride),
    );
  const found = await until(
    () => workoutsOf(system, owner),
    (workouts) => workouts.length === rides.length,
  );
  const [workout = "", joined = "", held = "", cleared = "", split = "", gone = ""] = (
    found ?? []
  ).map(({ id }) => id);
  const decided = await as(system, owner).post("/v1/workouts/join", { workouts: [joined, split] });
  expectStatus(decided, 200);
  const clearing = `/v1/ops/holds/${owner.id}/${cleared}/clear`;
  const clear = expectStatus(await as(system, operator).post(clearing), 200);
  const steps = [0, 1, 2, 3].map((ago) => stepsOn(addDays(localDate(Date.now(), 0), -ago)));
  const samples = [...steps, ...otherKinds];
  expectStatus(await as(system, owner).post("/v1/sync", { samples }), 200);
  const goals = { goals: { steps: 6_500 } };
  const { token } = owner;
  expectStatus(await call(system.url, "PUT", "/v1/goals", { token, body: goals }), 200);
  const insights = expectStatus(await as(system, owner).get("/v1/insights"), 200);
  return {
    ...{ workout, held, garmin, gone, decision: decided.body.decision },
    joined: decided.body.workouts[0].id,
    record: decided.body.workouts[0].sources[0].record,
    clearing: clear.body.decision,
    insight: insights.body.items[0].id,
  };
}

export const stepsOn = (day: string) => ({
  ...{ type: "steps", unit: "count", value: 7_000 },
  startDate: `${day}T00:00:00Z`,
  endDate: `${day}T00:01:00Z`,
  sourceDevice: { id: "phone-1", kind: "phone" },
});

const otherKinds = [
  { ...stepsOn(pastDay), type: "weight", unit: "kg", value: 70 },
  { ...stepsOn(pastDay), type: "heart_rate", unit: "/min", value: 61 },
];

async function athleteAccounts(system: System, owner: Person): Promise<Record<string, string>> {
  const { body } = expectStatus(await as(system, owner).get("/v1/connections"), 200);
  return Object.fromEntries(
    body.items.map((one: { provider: string; id: string }) => [one.provider, one.id]),
  );
}

/** What they share, let be read, take away, and are in. */
async function sociable({ system, people }: Cast) {
  const { owner, operator } = people;
  const by = as(system, owner);
  const coach = { member: people["allowed coach"].id };
  const columns = ["heart_rate", "samples_activity"];
  const consent = expectStatus(await by.post("/v1/consents", { grantee: coach, columns }), 201);
  const spare = expectStatus(
    await by.post("/v1/consents", { grantee: { member: people.another.id }, columns: ["title"] }),
    201,
  );
  expectStatus(await by.remove(`/v1/consents/${spare.body.id}`), 200);
  const share = await by.post("/v1/shares", {
    ...{ recipient: "a doctor", types: ["steps"], start: pastDay, end: pastDay },
  });
  const link = new URL(expectStatus(share, 201).body.link);
  const team = expectStatus(await by.post("/v1/teams", { name: "Ours" }), 201).body;
  const challenge = expectStatus(
    await as(system, operator).post("/v1/challenges", {
      ...{ name: "By invitation", measure: "distance", joining: "code" },
      ...{ from: localDate(Date.now(), 0), to: addDays(localDate(Date.now(), 0), 7) },
    }),
    201,
  ).body;
  const { token } = owner;
  const joining = { token, body: { code: challenge.code } };
  expectStatus(await call(system.url, "PUT", `/v1/challenges/${challenge.id}/me`, joining), 200);
  const friend = await enrol(system, "subject friend", "A friend", ["member"], { onBoards: true });
  return {
    ...{
      friend: friend.id,
      consent: consent.body.id,
      share: share.body.id,
      code: link.hash.slice(1),
    },
    ...{ team: team.id, teamCode: team.code, challenge: challenge.id, invitation: challenge.code },
  };
}

/** Staged when all else is done: what is erased by hand takes exports with it. */
async function taken({ system, people }: Cast) {
  const by = as(system, people.owner);
  const asked = expectStatus(await by.post("/v1/exports", { formats: ["ndjson"] }), 202);
  const staged = await until(
    async () => (await by.get(`/v1/exports/${asked.body.id}`)).body,
    ({ state }) => state === "ready",
  );
  return { export: asked.body.id, file: staged.files[0].name };
}

/** What was listened to and sold, settled and stated; and who was given it to read. */
async function selling({ system, people }: Cast) {
  const { owner, operator } = people;
  const [listening, till] = [
    await keyAt(system, owner, "listenbrainz"),
    await keyAt(system, owner, "poslog"),
  ];
  const listen = (nth: number) => ({
    listened_at: Date.UTC(2024, 2, 31, 20) / 1000 + nth * 300,
    track_metadata: {
      ...{ artist_name: artist, track_name: `Track ${nth}` },
      additional_info: { duration_ms: 200_000 },
    },
  });
  const buffer = { listen_type: "import", payload: [0, 1, 2].map(listen) };
  expectStatus(await deliverTo(system, "listenbrainz", listening, buffer), 200);
  const sold = { store: "Store", sequence: 1, day: pastDay, pieces: 1, cents: 500 };
  const sale = { ...sold, customer: "C-1", card: "4111111111111111" };
  expectStatus(await deliverTo(system, "poslog", till, posLog([sale])), 200);
  const { token } = operator;
  for (const role of readers) {
    const member = people[`reading ${role}`].id;
    const of = role === "artist" || role === "label" ? artist : owner.id;
    const body = { member, role, of };
    expectStatus(await call(system.url, "PUT", "/v1/ops/readers", { token, body }), 200);
  }
  await settle(system);
  const pool = { token, body: { currency: "EUR", amountMinor: 1_000 } };
  expectStatus(await call(system.url, "PUT", `/v1/ops/royalties/${period}/pool`, pool), 200);
  const months = { from: period, to: period };
  expectStatus(await as(system, operator).post("/v1/ops/royalties", months), 200);
  const { body } = expectStatus(await as(system, owner).get("/v1/listens"), 200);
  const [heard, left, unheard] = body.items.map(({ id }: { id: string }) => id);
  const receipt = expectStatus(await as(system, owner).remove(`/v1/listens/${unheard}`), 200);
  const holder = await (await phiOf(system, owner))
    .prepare("SELECT token FROM card_holder")
    .first<{ token: string }>();
  return {
    ...{ listen: heard, left, receipt: receipt.body.id, card: holder?.token ?? "" },
    ...{ listening, till, scrobbling: await keyAt(system, owner, "audioscrobbler") },
    ...(await booked({ system, people })),
  };
}

/** A snapshot that is made, and an article that was counted. */
async function booked({ system, people }: Pick<Cast, "system" | "people">) {
  const at = `/v1/merchants/${people.owner.id}`;
  const scientist = as(system, people["reading scientist"]);
  const snapshot = "frozen";
  const days = { name: snapshot, from: pastDay, to: pastDay };
  expectStatus(await scientist.post(`${at}/snapshots`, days), 202);
  const made = await eventually(
    async () => (await scientist.get(`${at}/snapshots/${snapshot}`)).body,
    ({ state }) => state === "made",
  );
  expect(made).toMatchObject({ state: "made", objects: [{ day: pastDay }] });
  const { token } = people["reading merchandiser"];
  const body = { counted: 3, threshold: 1, countedAt: new Date().toISOString() };
  const path = `${at}/stores/Store/stock/SKU-1`;
  expectStatus(await call(system.url, "PUT", path, { token, body }), 200);
  return { snapshot };
}

/** What stands before operators: something parked, a dead letter, a run. */
async function operating({ system, people }: Cast) {
  const by = as(system, people.operator);
  const bad = { userId: "garmin-account-owner", activityName: "nobody reads me" };
  const key = system.secrets.garminPathKey;
  expectStatus(await deliverTo(system, "garmin", key, { activities: [bad] }), 200);
  const parked = expectStatus(await by.get("/v1/ops/parked"), 200).body.items[0].id;
  const change = { ledger: "workouts/nobody", seq: 7, stream: "workouts", day: pastDay, bucket: 3 };
  const statement = { id: "gone", revision: 1, retracted: true };
  await (await warehouseOf(system))
    .prepare(
      `INSERT INTO parked_change (ledger, seq, stream, day, bucket, reason, body, parked_at)
       VALUES (?1, 7, 'workouts', ?2, 3, 'unfit', ?3, 0)`,
    )
    .bind(change.ledger, pastDay, JSON.stringify({ ...change, statement }))
    .run();
  const letter = expectStatus(await by.get("/v1/ops/dead-letters"), 200).body.items[0].id;
  const run = expectStatus(await by.get("/v1/ops/runs"), 200).body.items[0].id;
  return { parked, letter, run };
}

/** An entry about the owner that the witness saw. */
async function proven({ system, people }: Cast) {
  const by = as(system, people.owner);
  const { body } = expectStatus(await by.get("/v1/access-log?limit=200"), 200);
  const entry: string = body.items.at(-1).entry;
  const proof = async () => {
    await runWitness(system);
    return (await by.get(`/v1/access-log/${entry}/proof`)).status;
  };
  expect(await eventually(proof, (status) => status === 200, { everyMs: 250 })).toBe(200);
  const [log = "", index = ""] = entry.split("/");
  const checkpoint = expectStatus(await call(system.url, "GET", `/log/${log}/checkpoint`), 200);
  const size = Number(String(checkpoint.body).split("\n")[1]);
  return { log, index, tile: `0/000.p/${Math.min(size, partialMax)}` };
}

/** What others hold for the owner: a session of a player's, a link that was begun, a renewal. */
async function held({ system, people }: Cast, scrobbling: string) {
  const t = String(Math.floor(Date.now() / 1000));
  const proof = md5(`${md5(scrobbling)}${t}`);
  const asked = { hs: "true", p: "1.2", c: "tst", v: "1.0", u: scrobbling, t, a: proof };
  const shaken = await call(system.url, "GET", `/scrobble?${new URLSearchParams(asked)}`);
  const [, session = ""] = String(expectStatus(shaken, 200).body).split("\n");
  const begun = await as(system, people.owner).post("/v1/connections/polar", {});
  const { state } = expectStatus(begun, 201).body;
  return { session, state, refresh: await refreshToken(system) };
}

/** As somebody has it who signed in at a browser. */
async function refreshToken(system: System): Promise<string> {
  const { body } = expectStatus(await call(system.url, "GET", "/v1/sign-in"), 200);
  const verifier = "v".repeat(43);
  const redirectUri = `${system.url}/signed-in`;
  const asked = new URLSearchParams({
    ...body.parameters,
    ...{ response_type: "code", client_id: body.clientId, redirect_uri: redirectUri },
    ...{ scope: body.scope, state: "any", code_challenge_method: "S256", subject: "someone" },
    code_challenge: createHash("sha256").update(verifier).digest("base64url"),
  });
  const chosen = { method: "POST", body: asked, redirect: "manual" } as const;
  const back = await fetch(body.authorizationEndpoint, chosen);
  const code = new URL(back.headers.get("location") ?? "").searchParams.get("code");
  const brought = { grant: "code", code, verifier, redirectUri };
  const signedIn = await call(system.url, "POST", "/v1/sign-in", { body: brought });
  return expectStatus(signedIn, 200).body.refreshToken;
}

const md5 = (text: string): string => createHash("md5").update(text).digest("hex");
