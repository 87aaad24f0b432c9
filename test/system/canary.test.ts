/**
 * Nothing restricted is ever written in the clear. Distinctive values go in through every door;
 * then every byte that is kept, every line that is logged and every error that is answered is
 * searched for them, as text and as base64. Only opening the vault brings them back.
 */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  notifyGoogle,
  pushActivities,
  pushGarmin,
  syncPhone,
  until,
} from "../../local/deliveries.ts";
import { call, enrol, link, type Person } from "../../local/people.ts";
import {
  appleWorkout,
  garminActivity,
  garminDetails,
  googleExercise,
  type Ride,
} from "../fakes/rides.ts";
import { type OwnSystem, ownSystem, workoutsOf } from "./support.ts";

const canaries = {
  title: "TitelKanarie Zonsopgang",
  notes: "NotizKanarie Knie schmerzt",
  device: "GeraetKanarie von Mathilde",
  name: "AnzeigeKanarie Quastenflosser",
  tokenName: "TokenKanarie Mathilde Vogelsang",
  email: "mathilde.kanarie@example.org",
  garminAccount: "garminkanarie0a1b2c3d4e5f",
  googleAccount: "googlekanarie9f8e7d6c5b4a",
  strangerAccount: "fremdkanarie77665544332211",
  garminId: "40177230951",
  googleId: "40266340962",
  appleId: "6C0FFEE0-1234-4C39-9E55-CA4A51E0CA4A",
  unknownType: "KANARIEN_VOGELFLUG",
  idempotencyKey: "schluesselkanarie-4711",
  pathKey: "pfadkanarie-falsch-0815",
  code: "codekanarie-0815",
  latitude: "47.1234567",
  longitude: "8.7654321",
  heartRateField: '"bpm"',
  garminHeartRate: '"heartRate":1',
  garminMeanHeartRate: "HeartRateInBeats",
  reason: "GrundKanarie Notaufnahme Altstadt",
  homeLatitude: "-33.8567844",
  homeLongitude: "151.2152967",
  homeField: "radiusM",
} as const;

const centre = { lat: 47.1234567, lon: 8.7654321 };
const startMs = Date.UTC(2026, 9, 13, 6);
/** Open by design: the search must find it, or it could find nothing. */
const openDistanceMm = 31_415_927;

let own: OwnSystem;
let who: Person;
const logged: string[] = [];
const answered: string[] = [];

const ride = (account: string, id: string): Ride => ({
  account,
  id,
  startMs,
  elapsedSeconds: 7200,
  everySeconds: 1,
  distanceM: openDistanceMm / 1000,
  heartRateBase: 187,
  centre,
  title: canaries.title,
  notes: canaries.notes,
});

/** A file a week later, with everything in it that a file may say of somebody. */
const gpxFile = (creator: string) => {
  const point = (seconds: number) =>
    `<trkpt lat="${centre.lat}" lon="${centre.lon}"><time>${new Date(startMs + 604_800_000 + seconds * 1000).toISOString()}</time><extensions><hr>187</hr></extensions></trkpt>`;
  return `<gpx creator="${creator}"><trk><name>${canaries.title}</name><desc>${canaries.notes}</desc>
    <type>${canaries.unknownType}</type><trkseg>${[0, 60, 120].map(point).join("")}</trkseg></trk></gpx>`;
};

/** A database's side files come and go while the runtime works. */
async function unlessGone(file: string): Promise<Buffer | null> {
  try {
    return await readFile(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

async function uploadFile(url: string, token: string, body: string) {
  const headers = { authorization: `Bearer ${token}`, "idempotency-key": canaries.idempotencyKey };
  const response = await fetch(`${url}/v1/files`, { method: "POST", headers, body });
  return { status: response.status, body: await response.json() };
}

beforeAll(async () => {
  own = await ownSystem({ onLog: (line) => logged.push(line) });
  const { system } = own;
  const { url } = system;
  const token = await system.issuer.token("subject-canary", ["member"], {
    issuedAtMs: Date.now(),
    expiresInSeconds: 3600,
    extra: { name: canaries.tokenName, email: canaries.email },
  });
  const note = async (answer: Promise<{ status: number; body: unknown }>) => {
    const { status, body } = await answer;
    if (status >= 400) answered.push(JSON.stringify(body));
    return status;
  };
  const me = await call(url, "PUT", "/v1/me", {
    token,
    body: { displayName: canaries.name, zone: "Europe/Zurich", onBoards: true },
  });
  who = { name: canaries.name, id: me.body.id, token };
  await note(link(system, who, "garmin", canaries.garminAccount));
  await note(link(system, who, "google-health", canaries.googleAccount));
  const mine = ride(canaries.garminAccount, canaries.garminId);
  await note(
    pushActivities(
      system,
      garminActivity(mine),
      garminDetails(mine),
      garminActivity({
        ...mine,
        id: "40177230952",
        startMs: startMs + 86_400_000,
        sport: canaries.unknownType,
      }),
      garminActivity(ride(canaries.strangerAccount, "40177230953")),
    ),
  );
  await note(
    pushGarmin(system, {
      activities: [
        {
          userId: canaries.garminAccount,
          activityName: canaries.title,
          summaryId: canaries.garminId,
        },
      ],
    }),
  );
  await note(pushGarmin(system, { activities: [mine] }, canaries.pathKey));
  const told = googleExercise({ ...ride(canaries.googleAccount, canaries.googleId) });
  system.provider.setExercise(canaries.googleAccount, told.point);
  system.provider.setHeartRate(canaries.googleAccount, told.heartRate);
  await note(notifyGoogle(system, canaries.googleAccount, startMs, startMs + 7_200_000));
  const phone = appleWorkout({ ...ride("", canaries.appleId), device: canaries.device });
  await note(
    syncPhone(system, who, canaries.idempotencyKey, [phone, { ...phone, uuid: canaries.title }]),
  );
  await note(syncPhone(system, who, `${canaries.idempotencyKey}-2`, [], [canaries.title]));
  await note(call(url, "POST", "/v1/connections/garmin", { token, body: { code: canaries.code } }));
  await note(
    call(url, "POST", "/v1/sync", {
      token,
      headers: { "idempotency-key": "x" },
      body: `{"workouts":[{"title":"${canaries.title}"`,
    }),
  );
  for (const file of [gpxFile(canaries.email), `<gpx><metadata><name>${canaries.title}`])
    await note(uploadFile(url, token, file));
  await note(call(url, "PUT", "/v1/me", { token, body: { displayName: 7, [canaries.title]: 1 } }));
  await note(
    call(url, "GET", `/v1/members/${who.id}/readings/heart_rate?workout=${canaries.pathKey}`, {
      token,
    }),
  );
  await note(
    call(url, "GET", `/v1/members/${canaries.pathKey}/readings/track?workout=x`, { token }),
  );
  await note(call(url, "GET", `/${canaries.pathKey}?q=${canaries.email}`));
  await until(
    () => workoutsOf(system, who),
    (w) => w.some((x) => x.sources.length === 3),
  );
  const warehouse = await system.runtime.mf.getD1Database("WAREHOUSE", "singlet-edge");
  await until(
    async () =>
      (
        await warehouse
          .prepare("SELECT coalesce(sum(facts), 0) AS n FROM landed")
          .first<{ n: number }>()
      )?.n ?? 0,
    (n) => n >= 4,
  );
  await allowAndErase(note);
});
afterAll(() => own.end());

type Note = (answer: Promise<{ status: number; body: unknown }>) => Promise<number>;

/** Every way to what is sealed: allowed, forced, cut, refused; then a part goes and keys are new. */
async function allowAndErase(note: Note): Promise<void> {
  const { system } = own;
  const { url } = system;
  const { token } = who;
  const operator = await enrol(system, "canary-operator", "Operator", ["operator", "coach"]);
  const home = { lat: Number(canaries.homeLatitude), lon: Number(canaries.homeLongitude) };
  const places = [{ ...home, radiusM: 500 }];
  const zones = { token, body: { endsM: 300, places } };
  expect(await note(call(url, "PUT", "/v1/privacy-zones", zones))).toBe(200);
  await note(
    call(url, "PUT", "/v1/privacy-zones", { token, body: { places, [canaries.title]: 1 } }),
  );
  const emergency = { member: who.id, reason: canaries.reason };
  const broken = { token: operator.token, body: emergency };
  expect(await note(call(url, "POST", "/v1/ops/break-glass", broken))).toBe(201);
  const shorter = { token: operator.token, body: { ...emergency, reason: "Kanarie" } };
  await note(call(url, "POST", "/v1/ops/break-glass", shorter));
  const consent = { grantee: { member: operator.id }, columns: ["track"] };
  expect(await note(call(url, "POST", "/v1/consents", { token, body: consent }))).toBe(201);
  const range = `from=${new Date(startMs).toISOString()}&to=${new Date(startMs + 86_400_000).toISOString()}`;
  const readings = `/v1/members/${who.id}/readings`;
  for (const path of [
    `${readings}/track?${range}&format=gpx`,
    `${readings}/track?${range}&format=csv&limit=7`,
    `${readings}/heart_rate?${range}&purpose=emergency`,
    `${readings}/raw?${range}`,
    `${readings}/title?${range}&cursor=${btoa(canaries.title)}`,
  ])
    for (const reader of [token, operator.token]) {
      const response = await fetch(`${url}${path}`, {
        headers: { authorization: `Bearer ${reader}` },
      });
      const text = await response.text();
      if (response.status >= 400) answered.push(text);
    }
  const [newest] = await workoutsOf(system, who);
  expect(await note(call(url, "DELETE", `/v1/workouts/${newest.id}`, { token }))).toBe(200);
  await note(call(url, "DELETE", `/v1/workouts/${canaries.pathKey}`, { token }));
  const rotation = { token: operator.token, body: { what: "epoch" } };
  for (let done = false; !done; ) {
    const { status, body } = await call(url, "POST", "/v1/ops/keys/rotations", rotation);
    expect(status).toBe(200);
    done = body.done;
  }
}

/** The value as text, and the parts of its base64 that do not depend on where it stands. */
function spellings(value: string): Buffer[] {
  const bytes = Buffer.from(value);
  const encoded = [0, 1, 2].map((shift) => {
    const text = Buffer.concat([Buffer.alloc(shift), bytes])
      .toString("base64")
      .replaceAll("=", "");
    return text.slice(shift === 0 ? 0 : 4, -4);
  });
  return [bytes, ...encoded.filter((e) => e.length >= 8).map((e) => Buffer.from(e))];
}

async function filesUnder(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  return entries.filter((e) => e.isFile()).map((e) => join(e.parentPath, e.name));
}

async function filesHolding(value: string): Promise<string[]> {
  const folder = join(own.state, "storage");
  const holding: string[] = [];
  for (const file of await filesUnder(folder)) {
    const bytes = await unlessGone(file);
    if (bytes === null) continue;
    const named = Buffer.from(file.slice(folder.length));
    if (spellings(value).some((s) => bytes.includes(s) || named.includes(s)))
      holding.push(file.slice(folder.length));
  }
  return holding;
}

describe("what is restricted", () => {
  it("is searched for by a search that finds what is open", async () => {
    expect(await filesHolding(String(openDistanceMm))).not.toEqual([]);
    expect(logged.join("\n")).toContain('"event":"delivery"');
    expect(answered.length).toBeGreaterThan(4);
  });

  it.each(Object.entries(canaries))("%s is in no byte that is kept", async (_, value) => {
    expect(await filesHolding(value)).toEqual([]);
  });

  it.each(Object.entries(canaries))("%s is in no line that is logged and no error", (_, value) => {
    const [text = Buffer.alloc(0), ...encoded] = spellings(value);
    for (const spelling of [text, ...encoded]) {
      expect(logged.filter((line) => line.includes(spelling.toString()))).toEqual([]);
      expect(answered.filter((body) => body.includes(spelling.toString()))).toEqual([]);
    }
  });

  it("comes back by opening the vault, to its own member", async () => {
    const { url } = own.system;
    const workout = (await workoutsOf(own.system, who)).find((w) => w.sources.length === 3);
    const read = async (column: string) =>
      (
        await call(url, "GET", `/v1/members/${who.id}/readings/${column}?workout=${workout.id}`, {
          token: who.token,
        })
      ).body.readings[0].value;
    expect((await read("heart_rate"))[0].bpm).toBeGreaterThan(100);
    expect((await read("track"))[0].lat).toBeCloseTo(centre.lat, 1);
    expect(await read("title")).toBe(canaries.title);
    const me = await call(url, "GET", "/v1/me", { token: who.token });
    expect(me.body.displayName).toBe(canaries.name);
    const told = await call(url, "GET", "/v1/consents", { token: who.token });
    expect(told.body.breakGlass[0].reason).toBe(canaries.reason);
    const zones = await call(url, "GET", "/v1/privacy-zones", { token: who.token });
    expect(String(zones.body.places[0].lat)).toBe(canaries.homeLatitude);
  });
});
