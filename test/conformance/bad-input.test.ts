/**
 * Bad input through every door, one promise a case: the documented status, one bland body, never a
 * fault of ours and never a word of the input. docs/errors.md has a line for each.
 */
import { generateKeyPairSync, sign } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { until } from "../../local/deliveries.ts";
import { enrol } from "../../local/people.ts";
import {
  appleBody,
  appleWorkout,
  garminActivity,
  garminBody,
  googleExercise,
} from "../fakes/rides.ts";
import { type Athlete, athlete, type OwnSystem, ownSystem, workoutsOf } from "../system/support.ts";
import {
  type Answered,
  ask,
  type Door,
  doorNames,
  doorsOf,
  formRoutes,
  marker,
  pour,
  refusedBody,
  signedByGoogle,
  through,
  uniform,
} from "./support.ts";

let own: OwnSystem;
let who: Athlete;
let operator: string;
let doors: readonly Door[];
const startMs = Date.UTC(2026, 9, 14, 6);
const door = (name: string): Door => doors.find((d) => d.name === name) as Door;
const ride = (id: string) => ({
  account: who.garmin,
  id,
  startMs: startMs + Number(id.slice(-4)) * 7_200_000,
  elapsedSeconds: 1800,
  distanceM: 9000,
  everySeconds: 60,
});
const pushed = (body: unknown) => through(own.system, door("garmin"), JSON.stringify(body));
const asOperator = (method: string, path: string) =>
  ask(own.system, method, path, { token: operator });

beforeAll(async () => {
  own = await ownSystem();
  who = await athlete(own.system, "bad-input");
  operator = (await enrol(own.system, "operator", "The operator", ["operator"])).token;
  doors = doorsOf(own.system, who.token);
});
afterAll(() => own?.end());

describe("a delivery that proves nothing", () => {
  const body = JSON.stringify({ activities: [{ userId: marker }], type: marker });
  const googleHeaders = async (
    change: (right: Record<string, string>) => Record<string, string | undefined>,
  ) => {
    const changed = change(await signedByGoogle(own.system, body));
    return Object.fromEntries(
      Object.entries(changed).filter((e): e is [string, string] => e[1] !== undefined),
    );
  };
  const signature = "google-health-api-signature";
  const foreign = () => {
    const frame = Buffer.alloc(5, 1);
    frame.writeUInt32BE(own.system.provider.keyId, 1);
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    return Buffer.concat([frame, sign("sha256", Buffer.from(body), privateKey)]).toString("base64");
  };
  const reframed = (right: string, change: (bytes: Buffer) => Buffer) =>
    change(Buffer.from(right, "base64")).toString("base64");
  const cut = (text: string, bytes: number) => reframed(text, (b) => b.subarray(0, bytes));
  const flip = (text: string, at: number) =>
    reframed(text, (b) => {
      b[at] = (b[at] ?? 0) ^ 1;
      return b;
    });

  it.each([
    ["a wrong key", `/webhooks/garmin/${marker}`],
    ["a missing key", "/webhooks/garmin"],
    ["a key far too long", `/webhooks/garmin/${marker.repeat(40)}`],
    ["a key that is no percent-encoding", "/webhooks/garmin/%E0%A4%A"],
  ])("garmin, %s: 401", async (_, path) => {
    expect(uniform(await ask(own.system, "POST", path, { body }))).toBe(refusedBody);
  });

  type Right = Record<string, string>;
  it.each<[string, (right: Right) => Record<string, string | undefined>]>([
    ["no authorization", (h) => ({ ...h, authorization: undefined })],
    ["a wrong authorization", (h) => ({ ...h, authorization: `Bearer ${marker}` })],
    ["no signature", (h) => ({ ...h, [signature]: undefined })],
    ["a signature that is no base64", (h) => ({ ...h, [signature]: `${marker}!` })],
    ["a signature of garbage", (h) => ({ ...h, [signature]: btoa(marker.repeat(4)) })],
    ["a signature by another key", (h) => ({ ...h, [signature]: foreign() })],
    ["a signature cut short", (h) => ({ ...h, [signature]: cut(h[signature] ?? "", 40) })],
    ["a key id nobody has", (h) => ({ ...h, [signature]: flip(h[signature] ?? "", 1) })],
    ["a flipped bit", (h) => ({ ...h, [signature]: flip(h[signature] ?? "", 20) })],
  ])("google-health, %s: 401", async (_, change) => {
    const headers = await googleHeaders(change);
    const answer = await ask(own.system, "POST", "/webhooks/google-health", { body, headers });
    expect(uniform(answer)).toBe(refusedBody);
  });

  it("google-health, a body changed after signing: 401", async () => {
    const headers = await signedByGoogle(own.system, body);
    const changed = { headers, body: `${body} ` };
    const answer = await ask(own.system, "POST", "/webhooks/google-health", changed);
    expect(uniform(answer)).toBe(refusedBody);
  });
});

describe.each(doorNames)("%s", (name) => {
  it.each(["declared", "chunked"] as const)("refuses a body too large, %s: 413", async (how) => {
    const { method, path, bytesMax, headers } = door(name);
    const answer = await pour(own.system, method, path, await headers(""), bytesMax + 1, how);
    expect(answer.status).toBe(413);
  });

  it("refuses a content encoding: 415", async () => {
    const answer = await through(own.system, door(name), marker, { "content-encoding": "gzip" });
    expect(answer.status).toBe(415);
  });

  it.each([
    ["nothing", ""],
    ["text", marker],
    ["a body cut short", `{"workouts":[{"uuid":"${marker}`],
    ["a comma too many", `{"activities":[],"m":"${marker}",}`],
    ["a NUL", `\0${marker}`],
    ["bytes that are no UTF-8", Buffer.from([0xff, 0xfe, 0xc0, 0x80])],
  ])("refuses what is not JSON, %s: 400, or 422 among files", async (_, body) => {
    const answer = await through(own.system, door(name), body);
    expect(answer.body.type).toBe(`urn:singlet:problem:${door(name).notJson}`);
  });

  it.each(["null", "5", "{}", "[[]]", `"${marker}"`, `{"${marker}":"${marker}"}`, `["${marker}"]`])(
    "refuses JSON in which nothing is understood: %s",
    async (body) => {
      const answer = await through(own.system, door(name), body);
      const form = formRoutes.find((f) => f.name === name)?.route.body;
      if (form === undefined) expect(answer.status).toBe(422);
      else expect(answer.status === 400).toBe(!form.safeParse(JSON.parse(body)).success);
    },
  );
});

describe("a place that is not there", () => {
  it.each([
    ["POST", "/webhooks/zwift/key"],
    ["POST", "/webhooks/__proto__"],
    ["POST", `/webhooks/${marker.repeat(10)}`],
    ["POST", "/webhooks/apple-health"],
    ["POST", "/webhooks/apple-health/key"],
    ["HEAD", "/webhooks/apple-health"],
    ["GET", `/${marker}`],
    ["GET", "/v1/me/"],
    ["POST", "/"],
    ["GET", `/v1/leaderboards/${marker}`],
  ])("%s %s: 404", async (method, path) => {
    const answer = await ask(own.system, method, path, method === "POST" ? { body: marker } : {});
    expect(answer.status).toBe(404);
  });

  it.each([
    ["GET", "/webhooks/garmin", ["HEAD", "POST"]],
    ["PUT", "/webhooks/garmin/key", ["HEAD", "POST"]],
    ["GET", "/webhooks/polar?challenge=x", ["HEAD", "POST"]],
    ["PUT", "/webhooks/fitbit", ["GET", "HEAD", "POST"]],
    ["PATCH", "/v1/me", ["DELETE", "GET", "HEAD", "PUT"]],
    ["GET", "/v1/sync", ["POST"]],
    ["OPTIONS", "/v1/workouts", ["DELETE", "GET", "HEAD"]],
    ["DELETE", "/healthz", ["GET", "HEAD"]],
    ["GET", "/v1/workouts/none/split", ["POST"]],
    ["PUT", "/v1/workouts/join", ["POST"]],
    ["POST", "/v1/decisions", ["GET", "HEAD"]],
    ["PUT", "/v1/decisions/none", ["DELETE"]],
  ])("%s %s: 405 and what is allowed", async (method, path, allowed) => {
    const answer = await ask(own.system, method, path);
    expect(answer.status).toBe(405);
    expect(answer.headers.get("allow")?.split(", ").sort()).toEqual(allowed);
  });
});

describe("an item that is odd", () => {
  it("of an unknown activity type is recorded as other, by every provider", async () => {
    const garmin = garminActivity({ ...ride("5000001"), sport: `SPORT_${marker}` });
    expect((await pushed(garminBody(garmin))).status).toBe(200);
    const uuid = "5F3C1E52-4B0C-4C39-9E55-0B0C4F0F0002";
    const apple = appleWorkout({ ...ride("5000002"), id: uuid, sport: `HK${marker}` });
    const synced = await through(
      own.system,
      door("POST /v1/sync"),
      JSON.stringify(appleBody([apple])),
    );
    expect(synced.body).toMatchObject({ synced: 1, errors: 0 });
    const its = { ...ride("5000003"), account: who.google, sport: marker };
    const told = googleExercise(its);
    own.system.provider.setExercise(who.google, told.point);
    const notice = own.system.provider.notification(
      who.google,
      "UPSERT",
      its.startMs,
      its.startMs + 1_800_000,
    );
    const noticed = await through(own.system, door("google-health"), JSON.stringify(notice));
    expect(noticed.status).toBe(204);
    const found = await until(
      () => workoutsOf(own.system, who),
      (w) => w.length === 3,
    );
    expect(found?.map((w) => w.type)).toEqual(["other", "other", "other"]);
  });

  const parked = async () => (await asOperator("GET", "/v1/ops/parked?limit=200")).body.items;

  it("is parked while the rest of its body is recorded, and a replay says why it stays", async () => {
    const before = await workoutsOf(own.system, who);
    const bad = { userId: who.garmin, activityName: marker, startTimeInSeconds: 1_700_000_000 };
    const body = { activities: [bad, garminActivity(ride("5000004")), bad] };
    expect((await pushed(body)).status).toBe(200);
    expect(await workoutsOf(own.system, who)).toHaveLength(before.length + 1);
    const [item, ...others] = (await parked()).filter((p: Entry) => p.reason === "no-id");
    expect(others).toEqual([]);
    expect(item).toMatchObject({ member: who.id, provider: "garmin" });
    for (const token of [who.token, undefined]) {
      const asked = token === undefined ? {} : { token };
      const replay = `/v1/ops/parked/${item.id}/replay`;
      const statuses = [
        (await ask(own.system, "GET", "/v1/ops/parked", asked)).status,
        (await ask(own.system, "POST", replay, asked)).status,
      ];
      expect(statuses).toEqual(token === undefined ? [401, 401] : [403, 403]);
    }
    const replayed = await asOperator("POST", `/v1/ops/parked/${item.id}/replay`);
    expect(replayed.body).toEqual({ recorded: [], still: "no-id" });
    expect((await parked()).map((p: Entry) => p.id)).toContain(item.id);
    expect((await asOperator("POST", `/v1/ops/parked/${marker}/replay`)).status).toBe(404);
  });

  it("in a phone's batch is named by its place; a batch of nothing else is 422", async () => {
    const good = appleWorkout({
      ...ride("5000005"),
      id: "5F3C1E52-4B0C-4C39-9E55-0B0C4F0F0005",
    });
    const send = (workouts: object[], deleted: string[] = []) =>
      through(
        own.system,
        door("POST /v1/sync"),
        JSON.stringify(appleBody(workouts as never, deleted)),
      );
    const mixed = await send([{ uuid: marker }, good], [marker]);
    expect(mixed.body).toMatchObject({ synced: 1, errors: 2 });
    expect(mixed.body.errorDetails).toMatchObject([
      { index: 0, in: "workouts", code: "bad-uuid" },
      { index: 0, in: "deleted", code: "bad-uuid" },
    ]);
    const none = await send([{ uuid: marker }]);
    expect(none.body.type).toBe("urn:singlet:problem:not-understood");
  });

  interface Entry {
    readonly id: string;
    readonly reason: string;
  }
});

describe("what is said of an account", () => {
  it("that nobody linked is received, and nothing is kept", async () => {
    const before = await rowsKept();
    const stranger = { ...ride("5000006"), account: `stranger-${marker}` };
    const body = {
      activities: [garminActivity(stranger), { userId: stranger.account, broken: marker }],
      deregistrations: [{ userId: stranger.account }],
      sleeps: [{ userId: stranger.account, note: marker }],
    };
    expect((await pushed(body)).status).toBe(200);
    const notice = own.system.provider.notification(marker, "UPSERT", startMs, startMs + 1000);
    const noticed = await through(own.system, door("google-health"), JSON.stringify(notice));
    expect(noticed.status).toBe(204);
    expect(await rowsKept()).toEqual(before);
  });

  it("by thousands of strangers in one body is received too", async () => {
    const strangers = Array.from({ length: 60_000 }, (_, i) => ({ userId: `${marker}-${i}` }));
    expect((await pushed({ activities: strangers })).status).toBe(200);
    const repeated = Array.from({ length: 20_000 }, () => ({ userId: who.garmin }));
    expect((await pushed({ userPermissionsChange: repeated })).status).toBe(200);
  });

  it("deregistered without being so is forgotten once its provider was asked; its data counts", async () => {
    const other = await athlete(own.system, "said-to-be-deregistered");
    expect((await pushed({ deregistrations: [{ userId: other.garmin }] })).status).toBe(200);
    const isRefuted = async () => {
      const { body } = await ask(own.system, "GET", "/v1/connections", { token: other.token });
      const garmin = body.items.find((c: { provider: string }) => c.provider === "garmin");
      expect(["connected", "backfilling"]).toContain(garmin.status);
      return garmin.unconfirmed.length === 0;
    };
    await until(isRefuted, (refuted) => refuted);
    expect(await isRefuted()).toBe(true);
    const before = await workoutsOf(own.system, other);
    expect(
      (await pushed(garminBody(garminActivity({ ...ride("5000007"), account: other.garmin }))))
        .status,
    ).toBe(200);
    expect(await workoutsOf(own.system, other)).toHaveLength(before.length + 1);
  });

  /** Rows of every table, but for what earlier tests delivered and lands whenever its batch does. */
  async function rowsKept(): Promise<Record<string, number>> {
    const landsLater = ["landed", "dirty"];
    const kept: Record<string, number> = {};
    for (const { worker, binding } of own.system.runtime.databases) {
      const db = await own.system.runtime.mf.getD1Database(binding, `singlet-${worker}`);
      const { results } = await db
        .prepare(
          "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_%' ESCAPE '\\'",
        )
        .all<{ name: string }>();
      for (const { name } of results.filter((table) => !landsLater.includes(table.name)))
        kept[`${binding}.${name}`] =
          (await db.prepare(`SELECT count(*) AS n FROM "${name}"`).first<number>("n")) ?? 0;
    }
    return kept;
  }
});

describe("an idempotency key", () => {
  const batch = (id: string) =>
    JSON.stringify(
      appleBody([
        appleWorkout({ ...ride(`500${id}`), id: `5F3C1E52-4B0C-4C39-9E55-0B0C4F0F${id}` }),
      ]),
    );
  const sync = (headers: Record<string, string>, body: string): Promise<Answered> =>
    ask(own.system, "POST", "/v1/sync", { token: who.token, headers, body });

  it.each([
    ["empty", { "idempotency-key": "" }],
    ["too long", { "idempotency-key": marker.repeat(20) }],
  ])("%s: 400", async (_, headers) => {
    const answer = await sync(headers as Record<string, string>, batch("0010"));
    expect(answer.body.type).toBe("urn:singlet:problem:invalid-request");
    expect(answer.body.fields[0].field).toBe("headers.idempotency-key");
  });

  it("missing: the same body again is the same request, and another body another", async () => {
    const first = await sync({}, batch("0020"));
    expect(first.body).toMatchObject({ synced: 1, duplicates: 0 });
    expect((await sync({}, batch("0020"))).text).toBe(first.text);
    const changed = await sync({}, `${batch("0020")} `);
    expect(changed.body).toMatchObject({ synced: 0, duplicates: 1 });
  });

  it("again with the same body: the same answer; with another: 422 and nothing recorded", async () => {
    const headers = { "idempotency-key": marker };
    const first = await sync(headers, batch("0011"));
    expect(first.body.synced).toBe(1);
    expect((await sync(headers, batch("0011"))).text).toBe(first.text);
    const before = await workoutsOf(own.system, who);
    expect((await sync(headers, batch("0012"))).body.type).toBe("urn:singlet:problem:key-reused");
    expect(await workoutsOf(own.system, who)).toHaveLength(before.length);
    expect((await sync(headers, batch("0011"))).text).toBe(first.text);
  });
});
