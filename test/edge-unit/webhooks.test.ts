/**
 * A provider's door: each verdict has its answer, what is proven is taken in its order, and which key
 * proved it is said in the log line and counted.
 */
import { createHmac } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { providers } from "../../providers/index.ts";
import { ada, saidOf, world } from "./link-world.ts";

type World = ReturnType<typeof world>;
const lines: Record<string, unknown>[] = [];
beforeEach(() => {
  lines.length = 0;
  vi.spyOn(console, "log").mockImplementation((line: string) => void lines.push(JSON.parse(line)));
});
afterEach(() => {
  vi.useRealTimers();
});
const deliveryLine = () => lines.findLast(({ event }) => event === "delivery");

const hmac = (secret: string, text: string) =>
  createHmac("sha256", secret).update(text).digest("hex");
const terra = (of: World, json: object, { secret = "terra-secret-2", aheadMs = 0 } = {}) => {
  const raw = JSON.stringify(json);
  const t = Math.floor((of.clock.nowMs + aheadMs) / 1_000);
  const headers = { "terra-signature": `t=${t},v1=${hmac(secret, `${t}.${raw}`)}` };
  return of.call("post", "terra", { raw, headers });
};
const auth = (user_id: string, reference_id: string) => ({
  type: "auth",
  status: "success",
  user: { user_id, reference_id },
});
const linked = async (of: World, user: string) => {
  const { body } = await of.post(ada, {}, "terra");
  await terra(of, auth(user, body.reference));
  const [row] = await of.rows("SELECT id FROM connection ORDER BY made_at DESC LIMIT 1");
  return String(row?.id);
};
const ride = (user_id: string, start_time: string) => ({
  type: "activity",
  user: { user_id, provider: "WAHOO" },
  data: [
    {
      metadata: {
        summary_id: `ride-${user_id}`,
        start_time,
        end_time: start_time.replace("T06", "T07"),
        type: 8,
        upload_type: 1,
      },
      distance_data: { summary: { distance_meters: 20_000 } },
    },
  ],
});

/** Of the form that Tink gives one, by a key that nobody has. */
const signature = Buffer.from([1, 0, 0, 0, 7, 0x30, 6, 2, 1, 1, 2, 1, 1]).toString("base64");

describe("a delivery", () => {
  it("is counted with what came of it", async () => {
    // First of all: what an isolate counts is gathered over requests, and here over tests.
    vi.useFakeTimers();
    const of = world();
    await linked(of, "u1");
    const rode = ride("u1", "2026-11-20T06:00:00.000000+02:00");
    const unread = { ...rode, data: [{ metadata: {} }] };
    for (const said of [rode, unread]) expect((await terra(of, said)).status).toBe(200);
    await vi.runAllTimersAsync();
    await of.settled();
    const recorded = { recorded: 1, duplicates: 0, parked: 1 };
    expect(of.counted).toMatchObject([
      ["terra", { deliveries: 3, items: 2, recorded }, "terra-new"],
    ]);
  });

  it("is answered as its provider knows it, and its line says by which key", async () => {
    const of = world();
    const id = await linked(of, "u1");
    const said = await terra(of, ride("u1", "2026-11-20T06:00:00.000000+02:00"));
    expect([said.status, said.text]).toEqual([200, ""]);
    expect(of.recorded).toHaveLength(1);
    expect(deliveryLine()).toMatchObject({
      provider: "terra",
      kid: "terra-new",
      items: 1,
      dropped: 0,
      recorded: 1,
      linked: 0,
      ended: 0,
      later: 0,
    });
    await of.settled();
    expect(of.recorded).toMatchObject([{ connection: id }]);
    expect(of.heard).toEqual([]);
  });

  it("by a secret without a name has the beginning of its digest for one", async () => {
    const of = world();
    await terra(of, { type: "healthcheck" }, { secret: "terra-secret-1" });
    expect(deliveryLine()?.kid).toMatch(/^[0-9a-f]{8}$/);
    expect(JSON.stringify(lines)).not.toContain("terra-secret");
  });

  it("is counted under the key that proved it, and what nothing proved under none", async () => {
    vi.useFakeTimers();
    const of = world();
    const push = (key: string) => of.call("post", "garmin", { key, raw: '{"activities":[]}' });
    const said = [await push("garmin-key"), await push("garmin-key"), await push("wrong")];
    expect(said.map(saidOf)).toEqual([200, 200, "unauthenticated"]);
    await vi.runAllTimersAsync();
    await of.settled();
    const none = { deliveries: 0, notices: 0, items: 0, refused: 0 };
    expect(of.counted).toEqual([
      ["garmin", { ...none, deliveries: 2 }, "garmin-path"],
      ["garmin", { ...none, refused: 1 }],
    ]);
  });

  it("of a member's own app is counted as nobody's in particular", async () => {
    vi.useFakeTimers();
    const of = world();
    const name = "health-connect";
    const { body } = await of.post(ada, {}, name);
    const said = [await of.call("post", name, { key: "wrong", raw: "{}" })];
    said.push(await of.call("post", name, { key: body.key, raw: "{" }));
    expect(said.map(saidOf)).toEqual(["unauthenticated", "not-json"]);
    vi.spyOn(providers[name], "parse").mockReturnValueOnce({
      ok: true,
      value: { items: [], notices: [], claims: [], unknown: 1 },
    });
    expect((await of.call("post", name, { key: body.key, raw: "{}" })).status).toBeLessThan(300);
    await vi.runAllTimersAsync();
    await of.settled();
    const none = { deliveries: 0, notices: 0, items: 0, refused: 0 };
    expect(of.counted).toEqual([
      [name, { ...none, refused: 2 }],
      [name, { ...none, deliveries: 1 }, "member"],
    ]);
  });

  it("may name its member and bring their data at once", async () => {
    const of = world();
    const { body } = await of.post(ada, {}, "terra");
    const parsed = { ...ride("u1", "2026-11-20T06:00:00.000000+02:00") };
    await linkedWithData(of, body.reference, parsed);
    expect(deliveryLine()).toMatchObject({ linked: 1, recorded: 1, dropped: 0 });
  });

  it("of accounts that nobody holds leaves nothing but a number", async () => {
    const of = world();
    await terra(of, ride("stranger", "2026-11-20T06:00:00.000000+02:00"));
    await terra(of, { type: "deauth", status: "success", user: { user_id: "stranger" } });
    expect([of.recorded, of.heard]).toEqual([[], []]);
    expect(deliveryLine()).toMatchObject({ items: 1, dropped: 1, ended: 0 });
  });

  it("that names one record hands its name on to the connection", async () => {
    const of = world();
    const id = await of.linked(ada, { account: "oura-user" }, { name: "oura" });
    const said = { event_type: "update", data_type: "workout", object_id: "rec-1" };
    const raw = JSON.stringify({ ...said, user_id: "oura-user" });
    const time = String(Math.floor(of.clock.nowMs / 1_000));
    const proof = hmac("oura-secret", `${time}${raw}`).toUpperCase();
    const headers = { "x-oura-signature": proof, "x-oura-timestamp": time };
    expect((await of.call("post", "oura", { raw, headers })).status).toBeLessThan(300);
    const [told, ...more] = of.heard;
    expect([more, told]).toMatchObject([[], { id, what: "notice" }]);
    expect(told?.said).toMatchObject([{ collection: "workout", record: "rec-1", gone: null }]);
    expect(JSON.stringify(told)).not.toContain("oura-user");
  });

  const night = (more: object = {}) => ({
    metadata: {
      start_time: "2026-11-19T23:00:00.000000+01:00",
      end_time: "2026-11-20T07:00:00.000000+01:00",
    },
    sleep_durations_data: { asleep: { duration_asleep_state_seconds: 27_000 } },
    ...more,
  });

  it("of samples is taken by the account's connection, and what cannot be read is parked", async () => {
    const of = world();
    const id = await linked(of, "u1");
    const data = [night(), night({ metadata: {} })];
    const said = await terra(of, {
      type: "sleep",
      user: { user_id: "u1", provider: "OURA" },
      data,
    });
    await of.settled();
    expect(said.status).toBe(200);
    expect(of.merged.map((one) => [one.id, one.record.metric])).toEqual([[id, "sleep"]]);
    expect(of.recorded).toMatchObject([{ member: ada, connection: id, reason: "no-start" }]);
    expect(of.heard).toEqual([]);
    expect(deliveryLine()).toMatchObject({ later: 2, items: 0 });
    const line = lines.findLast(({ event }) => event === "samples");
    expect(line).toMatchObject({ provider: "terra", items: 2, recorded: 1, parked: 1 });
  });

  it("of a member's own app parks a bad measurement too, and takes those beside it", async () => {
    const of = world();
    const { body } = await of.post(ada, {}, "health-connect");
    const times = { start_time: "2026-11-19T22:00:00Z", end_time: "2026-11-19T23:00:00Z" };
    const { end_time: time } = times;
    const raw = JSON.stringify({
      ...{ timestamp: time, app_version: "1.2.3" },
      steps: [
        { count: 812, ...times },
        { count: "many", ...times },
      ],
      distance: [{ meters: -5, ...times }],
      sleep: [{ session_end_time: time, stages: [{ stage: "snoring", ...times }] }],
      weight: [{ kilograms: 71.5 }],
      heart_rate: [{ bpm: 72, time }],
    });
    expect((await of.call("post", "health-connect", { key: body.key, raw })).status).toBe(200);
    await of.settled();
    expect(of.merged.map(({ record }) => record.metric).sort()).toEqual(["heart_rate", "steps"]);
    const reasons = ["impossible-value", "no-start", "not-a-number", "not-a-number"];
    expect(of.recorded).toHaveLength(reasons.length);
    expect(of.recorded).toEqual(
      expect.arrayContaining(reasons.map((reason) => expect.objectContaining({ reason }))),
    );
    const line = lines.findLast(({ event }) => event === "samples");
    expect(line).toMatchObject({ provider: "health-connect", recorded: 2, parked: 4 });
  });

  it("of samples of accounts that nobody holds leaves nothing", async () => {
    const of = world();
    await linked(of, "u1");
    await terra(of, { type: "sleep", user: { user_id: "stranger" }, data: [night()] });
    expect([of.merged, of.recorded]).toEqual([[], []]);
    expect(lines.some(({ event }) => event === "samples")).toBe(false);
  });

  it.each([
    ["by another secret", { secret: "terra-secret-3" }],
    ["five minutes and a second too late", { aheadMs: -301_000 }],
    ["as much too early", { aheadMs: 301_000 }],
  ])("%s is refused, and nothing of it is heeded", async (_, how) => {
    const of = world();
    const { body } = await of.post(ada, {}, "terra");
    expect(saidOf(await terra(of, auth("u1", body.reference), how))).toBe("unauthenticated");
    expect(await of.connections()).toEqual([]);
    expect(deliveryLine()).toBeUndefined();
  });

  it("whose provider's keys cannot be had is to be said again", async () => {
    const of = world();
    const headers = { authorization: "Bearer google", "google-health-api-signature": signature };
    const raw = JSON.stringify({ data: [] });
    const said = await of.call("post", "google-health", { raw, headers });
    expect(saidOf(said)).toBe("unavailable");
  });

  it("that is genuine and no JSON, or not understood, is told so", async () => {
    const of = world();
    const raw = (text: string) => {
      const t = Math.floor(of.clock.nowMs / 1_000);
      const v1 = hmac("terra-secret-2", `${t}.${text}`);
      return of.call("post", "terra", {
        raw: text,
        headers: { "terra-signature": `t=${t},v1=${v1}` },
      });
    };
    expect(saidOf(await raw("{"))).toBe("not-json");
    expect(saidOf(await raw("[]"))).toBe("not-understood");
  });

  it("at no provider's door, or at a device's, is not found", async () => {
    const of = world();
    for (const name of ["apple-health", "files", "nobody", "constructor"])
      for (const method of ["get", "head", "post"] as const)
        expect(saidOf(await of.call(method, name)), `${method} ${name}`).toBe("not-found");
  });
});

/** As `parse` of a provider that says both in one body. */
async function linkedWithData(of: World, reference: string, body: object) {
  const provider = providers.terra;
  const real = provider.parse;
  const items = real(JSON.stringify(body));
  if (!items.ok) throw new Error(items.error);
  const links = [{ account: "u1", by: { reference } }];
  const spy = vi.spyOn(provider, "parse");
  spy.mockReturnValue({ ok: true, value: { ...items.value, links } });
  await terra(of, {});
  spy.mockRestore();
}
