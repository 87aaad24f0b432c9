/**
 * Samples from outside: what a phone was told is taken counts at once, and once. The first block holds
 * faults that a pipeline of this kind is known to have, each as a promise.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { enrol, type Person } from "../../local/people.ts";
import { type OwnSystem, ownSystem } from "../system/support.ts";
import { type Answered, type Asked, ask, marker } from "./support.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** A day that is over, wherever one lives. */
const dayAtMs = Math.floor(Date.now() / dayMs) * dayMs - 3 * dayMs;
const dateAt = (atMs: number) => new Date(atMs).toISOString().slice(0, 10);
const date = dateAt(dayAtMs);

let own: OwnSystem;
let people = 0;
beforeAll(async () => {
  own = await ownSystem();
});
afterAll(() => own?.end());

const newcomer = (zone = "UTC"): Promise<Person> =>
  enrol(own.system, `subject-samples-${people++}`, "A name", ["member"], { zone });

const as = (who: Person, method: string, path: string, more: Asked = {}): Promise<Answered> =>
  ask(own.system, method, path, { token: who.token, ...more });

const watch = { id: "watch-1", kind: "watch" };
const phone = { id: "phone-1", kind: "phone" };

const sample = (type: string, unit: string, value: unknown, fromMs: number, toMs: number) => ({
  ...{ type, unit, value, sourceDevice: phone },
  startDate: new Date(fromMs).toISOString(),
  endDate: new Date(toMs).toISOString(),
});
/** Steps from one hour of the day to another. */
const steps = (fromHour: number, toHour: number, value: unknown, more: object = {}) => ({
  ...sample("steps", "count", value, dayAtMs + fromHour * hourMs, dayAtMs + toHour * hourMs),
  ...more,
});

async function sync(who: Person, samples: readonly object[], headers: Record<string, string> = {}) {
  const answer = await as(who, "POST", "/v1/sync", { body: JSON.stringify({ samples }), headers });
  expect(answer.status, answer.text).toBe(200);
  return answer.body;
}
const summaryOf = async (who: Person, day = date) =>
  (await as(who, "GET", `/v1/summary?date=${day}`)).body.metrics;
const stepsOf = async (who: Person, day = date) => (await summaryOf(who, day)).steps?.value ?? null;

describe("a day", () => {
  it("is fresh once its sync is answered, also to whoever knew it as it was", async () => {
    const who = await newcomer();
    await sync(who, [steps(8, 9, 1_000)]);
    const path = `/v1/summary?date=${date}`;
    const before = await as(who, "GET", path);
    expect(before.body.metrics.steps.value).toBe(1_000);
    const known = { "if-none-match": before.headers.get("etag") ?? "" };
    const unchanged = await as(who, "GET", path, { headers: known });
    expect([unchanged.status, unchanged.text]).toEqual([304, ""]);
    await sync(who, [steps(10, 11, 250)]);
    const after = await as(who, "GET", path, { headers: known });
    expect([after.status, after.body.metrics.steps.value]).toEqual([200, 1_250]);
  });

  it("of 1,000 steps that gets a late batch of 500 has 1,500", async () => {
    const who = await newcomer();
    await sync(who, [steps(18, 19, 1_000)]);
    await sync(who, [steps(7, 8, 500)]);
    expect(await stepsOf(who)).toBe(1_500);
  });

  it("counts what encloses another's reading once", async () => {
    const who = await newcomer();
    await sync(who, [steps(10, 11, 1_000), steps(9, 12, 3_001, { sourceDevice: watch })]);
    expect(await stepsOf(who)).toBe(3_001);
    const other = await newcomer();
    await sync(other, [steps(9, 12, 3_001, { sourceDevice: watch })]);
    await sync(other, [steps(10, 11, 1_000)]);
    expect(await stepsOf(other)).toBe(3_001);
  });

  it("follows a correction, which is told as one", async () => {
    const who = await newcomer();
    const uuid = "7F3C1E52-4B0C-4C39-9E55-0B0C4F0F0001";
    const first = steps(8, 9, 1_000, { uuid });
    expect(await sync(who, [first])).toMatchObject({ synced: 1, corrected: 0 });
    const corrected = await sync(who, [steps(8, 9, 800, { uuid })]);
    expect(corrected).toMatchObject({ synced: 0, corrected: 1, duplicates: 0 });
    expect(await stepsOf(who)).toBe(800);
    // Said late, in another batch: what was corrected stays so.
    const late = await sync(who, [first, steps(9, 10, 1)]);
    expect(late).toMatchObject({ synced: 1, corrected: 0, duplicates: 1 });
    expect(await stepsOf(who)).toBe(801);
  });

  it("takes a batch of 7,000, every one of them", async () => {
    const who = await newcomer();
    const beats = Array.from({ length: 7_000 }, (_, i) => {
      const atMs = dayAtMs + i * 10_000;
      return sample("heart_rate", "count/min", 60 + (i % 40), atMs, atMs);
    });
    const answer = await sync(who, beats);
    expect(answer).toMatchObject({ synced: 7_000, duplicates: 0, errors: 0 });
    expect((await summaryOf(who)).heart_rate).toMatchObject({ count: 7_000, min: 60, max: 99 });
    const again = await sync(who, [...beats.slice(0, 500)]);
    expect(again).toMatchObject({ synced: 0, duplicates: 500 });
  });

  it("is not written to by way of another member's device", async () => {
    const [ada, ben] = [await newcomer(), await newcomer()];
    await sync(ada, [steps(8, 9, 1_000)]);
    const [device] = (await as(ada, "GET", "/v1/devices")).body.devices;
    const sourceDevice = { id: device.id, kind: "phone" };
    const told = await sync(ben, [steps(8, 9, 9_000, { sourceDevice }), steps(8, 9, 70)]);
    expect(told).toMatchObject({ synced: 1, errors: 1 });
    expect(told.errorDetails).toMatchObject([{ index: 0, in: "samples", code: "not-your-device" }]);
    expect([await stepsOf(ada), await stepsOf(ben)]).toEqual([1_000, 70]);
    // By its source's own id it is a device of ben's own, under another id.
    const devices = (await as(ben, "GET", "/v1/devices")).body.devices;
    expect(devices.map((d: { id: string }) => d.id)).not.toContain(device.id);
    // And its owner may name it by the id that we gave it.
    expect(await sync(ada, [steps(9, 10, 5, { sourceDevice })])).toMatchObject({ synced: 1 });
    expect(await stepsOf(ada)).toBe(1_005);
  });

  it("is not swallowed by another member's idempotency key, nor by the same content", async () => {
    const [ada, ben] = [await newcomer(), await newcomer()];
    const key = { "idempotency-key": `key-${marker}` };
    for (const who of [ada, ben])
      expect(await sync(who, [steps(8, 9, 1_000)], key)).toMatchObject({ synced: 1 });
    for (const who of [ada, ben])
      expect(await sync(who, [steps(9, 10, 500)])).toMatchObject({ synced: 1 });
    expect([await stepsOf(ada), await stepsOf(ben)]).toEqual([1_500, 1_500]);
    expect(await sync(ada, [steps(8, 9, 1_000)], key)).toMatchObject({ synced: 1 });
    expect(await stepsOf(ada)).toBe(1_500);
  });
});

describe("bad samples", () => {
  const ok = () => steps(8, 9, 100);
  const cases: readonly (readonly [string, () => object, string])[] = [
    ["an unknown type", () => ({ ...ok(), type: `type-${marker}` }), "unknown-type"],
    ["an impossible value", () => ({ ...ok(), value: 5_000_000 }), "impossible-value"],
    ["an end before its start", () => steps(9, 8, 100), "end-before-start"],
    [
      "a time too far ahead",
      () => sample("heart_rate", "count/min", 60, Date.now() + 2 * hourMs, Date.now() + 2 * hourMs),
      "in-future",
    ],
    ["a wrong unit", () => ({ ...ok(), unit: marker }), "unknown-unit"],
    [
      "a device that is nobody's",
      () => ({ ...ok(), sourceDevice: { id: `dev_${marker}`, kind: "phone" } }),
      "not-your-device",
    ],
    ["no device", () => ({ ...ok(), sourceDevice: undefined }), "no-device"],
    ["no object", () => [marker] as object, "not-an-object"],
  ];

  it.each(cases)("of %s are named, and the rest is taken", async (_, make, code) => {
    const who = await newcomer();
    const told = await sync(who, [steps(1, 2, 10), make(), steps(3, 4, 20)]);
    expect(told).toMatchObject({ synced: 2, errors: 1 });
    expect(told.errorDetails).toMatchObject([{ index: 1, in: "samples", code }]);
    expect(await stepsOf(who)).toBe(30);
  });

  it.each([
    ["NaN", "NaN", "not-a-number"],
    ["Infinity", "Infinity", "not-a-number"],
    ["a million digits", "9".repeat(1_000_000), "impossible-value"],
    ["a value said twice", `1,"value":2`, "duplicate-key"],
  ])("of %s, which is no JSON of ours to write, are named too", async (_, value, code) => {
    const who = await newcomer();
    const [good, bad] = [steps(1, 2, 10), steps(3, 4, "VALUE")].map((s) => JSON.stringify(s));
    const body = `{"samples":[${good},${bad?.replace('"VALUE"', value)}]}`;
    const { status, body: told } = await as(who, "POST", "/v1/sync", { body });
    expect([status, told.synced, told.errors]).toEqual([200, 1, 1]);
    expect(told.errorDetails).toMatchObject([{ index: 1, in: "samples", code }]);
    expect(await stepsOf(who)).toBe(10);
  });

  it("alone are 422, with why", async () => {
    const who = await newcomer();
    const body = JSON.stringify({ samples: [{ type: marker }] });
    const answer = await as(who, "POST", "/v1/sync", { body });
    expect(answer.body.type).toBe("urn:singlet:problem:not-understood");
    expect(answer.body.errorDetails).toMatchObject([{ index: 0, in: "samples" }]);
  });
});

describe("a member's own goals", () => {
  const set = (who: Person, goals: unknown) =>
    as(who, "PUT", "/v1/goals", { body: JSON.stringify({ goals }) });

  it("stand in their day and their insights at once, also for whoever knew those as they were", async () => {
    const who = await newcomer();
    // Up to today, or to yesterday where a midnight falls into this test.
    await sync(
      who,
      [0, 24, 48, 72].map((hour) => steps(hour, hour + 1, 7_000)),
    );
    const path = `/v1/summary?date=${date}`;
    const before = await as(who, "GET", path);
    expect(before.body.metrics.steps).toMatchObject({ goal: 10_000, goalFrom: "default" });
    const insights = await as(who, "GET", "/v1/insights");
    expect(insights.body.items).toEqual([]);
    const put = await set(who, { steps: 6_500, weight: 72.5 });
    expect([put.status, put.body]).toMatchObject([
      200,
      { goals: { steps: { goal: 6_500, goalFrom: "own" }, weight: { goalKind: "reach" } } },
    ]);
    const known = { "if-none-match": before.headers.get("etag") ?? "" };
    const after = await as(who, "GET", path, { headers: known });
    expect(after.body.metrics.steps).toMatchObject({ goal: 6_500, goalFrom: "own" });
    const told = { "if-none-match": insights.headers.get("etag") ?? "" };
    const now = await as(who, "GET", "/v1/insights", { headers: told });
    expect(now.body.items).toMatchObject([{ kind: "streak", numbers: { days: 4, goal: 6_500 } }]);
    const current = { "if-none-match": now.headers.get("etag") ?? "" };
    expect((await as(who, "GET", "/v1/insights", { headers: current })).status).toBe(304);
    await set(who, { steps: null });
    expect((await as(who, "GET", "/v1/goals")).body.goals.steps.goal).toBe(10_000);
    expect((await as(who, "GET", "/v1/insights", { headers: current })).body.items).toEqual([]);
  });

  it("that are none are refused by field and rule, and all are as they were", async () => {
    const who = await newcomer();
    await set(who, { steps: 6_500 });
    const cases: readonly (readonly [object, string, string])[] = [
      [{ steps: 200_001, sleep: 1 }, "body.goals.steps", "too_big"],
      [{ weight: 0.5 }, "body.goals.weight", "too_small"],
      [{ steps: marker }, "body.goals.steps", "invalid_type"],
      [{ heart_rate: 60 }, "body.goals", "unrecognized_keys"],
      [{ [marker]: 1 }, "body.goals", "unrecognized_keys"],
    ];
    for (const [goals, field, rule] of cases) {
      const { status, body } = await set(who, goals);
      expect([status, body.fields]).toEqual([400, [{ field, rule }]]);
    }
    const { goals } = (await as(who, "GET", "/v1/goals")).body;
    expect([goals.steps.goal, goals.sleep.goalFrom]).toEqual([6_500, "default"]);
  });

  it("are shown to nobody by a consent, and stand in the access log", async () => {
    const [who, coach] = [await newcomer(), await newcomer()];
    await sync(who, [steps(8, 9, 7_000)]);
    await set(who, { steps: 6_500 });
    const consent = { grantee: { member: coach.id }, columns: ["samples_activity"] };
    const given = await as(who, "POST", "/v1/consents", { body: JSON.stringify(consent) });
    expect(given.status, given.text).toBe(201);
    const seen = await as(coach, "GET", `/v1/summary?date=${date}&types=steps&member=${who.id}`);
    expect(seen.body.metrics.steps).toMatchObject({ value: 7_000, goal: null, goalFrom: null });
    expect((await as(coach, "GET", "/v1/goals")).body.goals.steps.goalFrom).toBe("default");
    const { items } = (await as(who, "GET", "/v1/access-log?action=edit")).body;
    expect(items.map((entry: { deed: string }) => entry.deed)).toContain("set-goals");
  });
});

describe("what samples came to", () => {
  it("adds up the same by hour, day, week and month", async () => {
    const who = await newcomer("Pacific/Auckland");
    const samples = Array.from({ length: 40 }, (_, i) => steps(i, i + 1, 100 + i));
    const total = samples.reduce((sum, s) => sum + Number(s.value), 0);
    expect(await sync(who, samples)).toMatchObject({ synced: 40 });
    const range = `types=steps&start=${dateAt(dayAtMs - dayMs)}&end=${dateAt(dayAtMs + 2 * dayMs)}`;
    for (const period of ["hour", "day", "week", "month"]) {
      const { body } = await as(who, "GET", `/v1/aggregates?${range}&period=${period}`);
      const values = body.items.map((row: { value: number }) => row.value);
      expect([period, values.reduce((a: number, b: number) => a + b, 0)]).toEqual([period, total]);
    }
  });

  it("is by the order of devices that their member chose", async () => {
    const who = await newcomer();
    await sync(who, [steps(8, 9, 1_000), steps(8, 9, 900, { sourceDevice: watch })]);
    expect(await stepsOf(who)).toBe(900);
    const { devices } = (await as(who, "GET", "/v1/devices")).body;
    const order = devices
      .toSorted((a: { kind: string }) => (a.kind === "phone" ? -1 : 1))
      .map((d: { id: string }) => d.id);
    const body = JSON.stringify({ order, from: null });
    const put = await as(who, "PUT", "/v1/devices", { body });
    expect([put.status, put.body.resolved, put.body.pending]).toEqual([200, 1, 0]);
    expect(await stepsOf(who)).toBe(1_000);
    const theirs = await newcomer();
    const stolen = await as(theirs, "PUT", "/v1/devices", { body });
    expect(stolen.body.type).toBe("urn:singlet:problem:invalid-request");
  });

  it("follows a zone that changed", async () => {
    const who = await newcomer("UTC");
    await sync(who, [steps(22, 23, 700)]);
    expect(await stepsOf(who)).toBe(700);
    await as(who, "PUT", "/v1/me", { body: JSON.stringify({ zone: "Asia/Tokyo" }) });
    expect(await stepsOf(who)).toBeNull();
    expect(await stepsOf(who, dateAt(dayAtMs + dayMs))).toBe(700);
  });

  it("is not shown to another member", async () => {
    const [ada, ben] = [await newcomer(), await newcomer()];
    await sync(ada, [steps(8, 9, 1_000)]);
    for (const path of [
      `/v1/summary?date=${date}&member=${ada.id}`,
      `/v1/aggregates?start=${date}&end=${date}&member=${ada.id}`,
    ])
      expect((await as(ben, "GET", path)).status).toBe(403);
  });

  it("is without what was erased, for good", async () => {
    const who = await newcomer();
    const samples = [steps(8, 9, 1_000), steps(32, 33, 50)];
    await sync(who, samples);
    const window = `from=${date}T00:00:00Z&to=${dateAt(dayAtMs + dayMs)}T00:00:00Z`;
    const receipt = await as(who, "DELETE", `/v1/samples?${window}`);
    expect([receipt.status, receipt.body.scope]).toEqual([200, "samples"]);
    expect([await stepsOf(who), await stepsOf(who, dateAt(dayAtMs + dayMs))]).toEqual([null, 50]);
    const again = await as(who, "POST", "/v1/sync", { body: JSON.stringify({ samples }) });
    expect(again.body).toMatchObject({ synced: 0, corrected: 0 });
    expect(await stepsOf(who)).toBeNull();
  });

  it("goes with its member, sample by sample, as it stands and by the device that they know", async () => {
    const who = await newcomer();
    const uuid = "7F3C1E52-4B0C-4C39-9E55-0B0C4F0F0002";
    await sync(who, [steps(8, 9, 1_000, { uuid }), steps(9, 10, 50, { sourceDevice: watch })]);
    await sync(who, [steps(8, 9, 800, { uuid })]);
    const { devices } = (await as(who, "GET", "/v1/devices")).body;
    const idOf = (stated: string) =>
      devices.find((one: { stated: string }) => one.stated === stated)?.id;
    const asked = await as(who, "POST", "/v1/exports", { body: "{}" });
    expect(asked.status, asked.text).toBe(202);
    const path = `/v1/exports/${asked.body.id}`;
    let ready = asked.body;
    for (let n = 0; n < 50 && ready.state === "staging"; n++)
      ready = (await as(who, "GET", path)).body;
    const { href } = ready.files.find(({ name }: { name: string }) =>
      /^samples-.*\.ndjson$/.test(name),
    );
    const headers = { authorization: `Bearer ${who.token}` };
    const text = await (await fetch(new URL(href, own.system.url), { headers })).text();
    const lines = text
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines.map(({ type, value, device }) => [type, value, device])).toEqual([
      ["steps", 800, idOf(phone.id)],
      ["steps", 50, idOf(watch.id)],
    ]);
  });

  it("of a member's first batches is one phone's, though they come at once", async () => {
    const who = await newcomer();
    const uuid = "7F3C1E52-4B0C-4C39-9E55-0B0C4F0F0003";
    const beats = Array.from({ length: 2_000 }, (_, i) => {
      const atMs = dayAtMs + i * 10_000;
      return sample("heart_rate", "count/min", 60, atMs, atMs);
    });
    const first = steps(8, 9, 1_000, { uuid });
    await Promise.all([sync(who, [first, ...beats]), sync(who, [steps(9, 10, 50), ...beats])]);
    expect(await sync(who, [first])).toMatchObject({ synced: 0, duplicates: 1 });
    expect((await summaryOf(who)).heart_rate.count).toBe(2_000);
    const { items } = (await as(who, "GET", "/v1/connections")).body;
    expect(items).toHaveLength(1);
  });

  it("is without a connection that was erased", async () => {
    const who = await newcomer();
    await sync(who, [steps(8, 9, 1_000)]);
    const { items } = (await as(who, "GET", "/v1/connections")).body;
    const { id } = items.find((c: { provider: string }) => c.provider === "apple-health");
    const receipt = await as(who, "DELETE", `/v1/connections/${id}?data=erase`);
    const step = receipt.body.steps.find((s: { step: string }) => s.step === "days");
    expect([receipt.status, step?.count]).toEqual([200, 4]);
    expect(await stepsOf(who)).toBeNull();
    expect((await as(who, "GET", "/v1/devices")).body).toEqual({ devices: [], orders: [] });
  });
});
