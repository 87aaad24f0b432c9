/**
 * What changes which readings count: the member's order of devices, their zone, what they erase. Each
 * makes the days anew that it bears on, the newest at once, and says how many are left.
 */
import { beforeEach, describe, expect, it, vi } from "vitest";
import { ada, daysFrom, saidOf, steps, world } from "./samples-world.ts";

// By address: the objects are checked against the platform's types, these tests against Node's.
const { announcedDaysMax: announcedDays } = await import(
  /* @vite-ignore */ new URL("../../durable-objects/samples.ts", import.meta.url).href
);

beforeEach(() => void vi.spyOn(console, "log").mockImplementation(() => {}));

const zones = [{ zone: "Europe/Amsterdam", fromMs: 0 }];
const started = async () => {
  const of = world();
  await of.enrol(ada);
  return of;
};
const put = (of: ReturnType<typeof world>, body: object) => of.ask("put", "/v1/devices", { body });

describe("devices", () => {
  it("are shown with the orders they stand in", async () => {
    const of = await started();
    const { body } = await of.ask("get", "/v1/devices");
    expect(body.devices).toEqual([
      {
        id: "dev_watch",
        kind: "watch",
        model: "Watch7,1",
        app: null,
        stated: "watch-1",
        first: "2026-11-01T00:00:00.000Z",
      },
    ]);
    expect(body.orders).toEqual([]);
  });

  it("in another order hold from today, from a day on, or since ever", async () => {
    const of = await started();
    of.clock.nowMs = Date.UTC(2026, 10, 21, 23, 30);
    const order = ["dev_watch"];
    for (const body of [{ order }, { order, from: "2026-11-01" }, { order, from: null }])
      await put(of, body);
    expect(of.orders).toEqual([
      { from: "2026-11-22", devices: ["dev_watch"] },
      { from: "2026-11-01", devices: ["dev_watch"] },
      { from: null, devices: ["dev_watch"] },
    ]);
  });

  it("in another order have the days from then on made anew", async () => {
    const of = await started();
    of.shown.sampled = daysFrom("2026-11-01", 20);
    const { body } = await put(of, { order: [], from: "2026-11-19" });
    expect(body).toMatchObject({ resolved: 2, pending: 0 });
    expect(of.resolved).toEqual([{ days: ["2026-11-19", "2026-11-20"], zones }]);
    expect(of.kept(`samples/${ada}`).facts.has("day/2026-11-20")).toBe(true);
  });

  it("say how many days are left, where there are more than one request makes anew", async () => {
    const of = await started();
    of.shown.sampled = daysFrom("2025-01-01", 500);
    const { body } = await put(of, { order: [], from: null });
    expect(body).toMatchObject({ resolved: announcedDays, pending: 500 - announcedDays });
    expect(of.resolved.flatMap(({ days }) => days)).toEqual(of.shown.sampled.slice(-announcedDays));
  });

  it("of somebody else, twice the same, or on no day are refused, and nothing is made anew", async () => {
    const of = await started();
    of.shown.sampled = daysFrom("2026-11-01", 20);
    for (const body of [
      { order: ["a", "a"] },
      { order: "a" },
      { order: [""] },
      { order: [], from: "soon" },
      { order: [], more: 1 },
      {},
    ])
      expect(saidOf(await put(of, body))).toBe("invalid-request");
    of.faults.order = "invalid";
    expect(saidOf(await put(of, { order: ["dev_other"] }))).toBe("invalid-request");
    expect([of.orders, of.resolved]).toEqual([[], []]);
  });
});

describe("a zone", () => {
  const move = (of: ReturnType<typeof world>, body: object) => of.ask("put", "/v1/me", { body });

  it("that changes has the days made anew from the day before it began", async () => {
    const of = await started();
    of.shown.sampled = daysFrom("2026-11-01", 20);
    await move(of, { zone: "Asia/Tokyo", zoneFrom: "2026-11-19T10:00:00Z" });
    expect(of.resolved.flatMap(({ days }) => days)).toEqual([
      ...["2026-11-18", "2026-11-19", "2026-11-20"],
    ]);
    expect(of.resolved[0]?.zones.map(({ zone }) => zone)).toEqual([
      "Europe/Amsterdam",
      "Asia/Tokyo",
    ]);
  });

  it("that was the first, and is another one now, has all of them made anew", async () => {
    const of = world();
    await of.enrol(ada, [{ zone: "Europe/Amsterdam", fromMs: Date.UTC(2026, 10, 15) }]);
    of.shown.sampled = daysFrom("2026-11-01", 20);
    await move(of, { zone: "Asia/Tokyo", zoneFrom: "2026-11-10T00:00:00Z" });
    expect(of.resolved.flatMap(({ days }) => days)).toEqual(of.shown.sampled);
  });

  it("said again, or not at all, changes no day", async () => {
    const of = await started();
    of.shown.sampled = daysFrom("2026-11-01", 20);
    await move(of, { zone: "Europe/Amsterdam" });
    await move(of, { onBoards: true });
    expect(of.resolved).toEqual([]);
  });
});

describe("what is erased", () => {
  const erase = (of: ReturnType<typeof world>, from: string, to: string) =>
    of.ask("delete", "/v1/samples", { query: { from, to } });

  it("with a connection has the days around it made anew, and the receipt says so", async () => {
    const of = await started();
    await of.sync({ samples: [steps(6, 500)] });
    const { results } = await of.rows("SELECT id FROM connection");
    const params = { connection: results[0]?.id };
    const { status, body } = await of.ask("delete", "/v1/connections/:connection", {
      params,
      query: { data: "erase" },
    });
    expect(status).toBe(200);
    expect(body.steps).toContainEqual(expect.objectContaining({ step: "days", count: 4 }));
    expect(of.resolved).toEqual([{ days: daysFrom("2026-11-20", 4), zones }]);
    expect(of.kept(`samples/${ada}`).facts.has("chunk/2026-11-21")).toBe(false);
  });

  it("with a connection that had no samples makes no day anew", async () => {
    const of = await started();
    await of.sync({ workouts: [], deleted: [] });
    const { results } = await of.rows("SELECT id FROM connection");
    const params = { connection: results[0]?.id };
    const query = { data: "erase" };
    const { body } = await of.ask("delete", "/v1/connections/:connection", { params, query });
    expect(body.steps.map((s: { step: string }) => s.step)).not.toContain("days");
    expect(of.resolved).toEqual([]);
  });

  it("of a window is whole days that are over, in the vault, then in the ledger, then anew", async () => {
    const of = await started();
    await of.sync({ samples: [steps(6, 500)] });
    const { facts } = of.kept(`samples/${ada}`);
    for (const day of daysFrom("2026-11-17", 4))
      facts.set(`chunk/${day}`, {
        ...{ id: `chunk/${day}` as never, kind: "chunk", at: Date.parse(day), revision: 1 },
      });
    const { status, body } = await erase(of, "2026-11-17T00:00:01Z", "2026-11-30T00:00:00Z");
    expect([status, body.scope]).toEqual([200, "samples"]);
    const rows = daysFrom("2026-11-18", 3).map((day) => `chunk/${day}`);
    expect(of.erasures).toEqual([{ kind: "rows", rows, of: "samples" }]);
    expect([...facts.keys()].filter((id) => id.startsWith("chunk")).sort()).toEqual([
      ...["chunk/2026-11-17", "chunk/2026-11-21"],
    ]);
    expect(of.resolved).toEqual([{ days: daysFrom("2026-11-17", 6), zones }]);
    expect(body.steps.map((s: { step: string }) => s.step)).toEqual(["rows", "ledger", "days"]);
  });

  it("of a window takes what only the vault has, since its batch died before the ledger", async () => {
    const of = await started();
    of.shown.sealed = ["17/a", "18/a", "18/b", "19/a"].map((name) => `chunk/2026-11-${name}`);
    const { status } = await erase(of, "2026-11-18T00:00:00Z", "2026-11-19T00:00:00Z");
    expect(status).toBe(200);
    const rows = ["chunk/2026-11-18/a", "chunk/2026-11-18/b"];
    expect(of.erasures).toEqual([{ kind: "rows", rows, of: "samples" }]);
    expect(of.shown.sealed).toEqual(["chunk/2026-11-17/a", "chunk/2026-11-19/a"]);
  });

  it("of a window once more makes the days anew that a crash may have left", async () => {
    const of = await started();
    const { facts } = of.kept(`samples/${ada}`);
    const id = "chunk/2026-11-18";
    facts.set(id, { id: id as never, kind: "chunk", at: Date.UTC(2026, 10, 18), revision: 1 });
    await erase(of, "2026-11-18T00:00:00Z", "2026-11-19T00:00:00Z");
    of.resolved.length = 0;
    const again = await erase(of, "2026-11-18T00:00:00Z", "2026-11-19T00:00:00Z");
    expect(of.erasures).toHaveLength(1);
    expect(of.resolved).toEqual([{ days: daysFrom("2026-11-17", 4), zones }]);
    expect(again.body.steps.map((s: { step: string }) => s.step)).toEqual(["days"]);
  });

  it("of a window lets no answer that is remembered say otherwise", async () => {
    const of = await started();
    of.kept(`workouts/${ada}`).replies.set("key", { body: "b", reply: "r" });
    await erase(of, "2026-11-18T00:00:00Z", "2026-11-19T00:00:00Z");
    expect(of.kept(`workouts/${ada}`).replies.size).toBe(0);
  });

  it("is no window that ends before it begins, or is longer than a year", async () => {
    const of = await started();
    for (const [from, to] of [
      ["2026-11-19T00:00:00Z", "2026-11-18T00:00:00Z"],
      ["2025-01-01T00:00:00Z", "2026-11-18T00:00:00Z"],
      ["soon", "later"],
    ] as const)
      expect(saidOf(await erase(of, from, to))).toBe("invalid-request");
    expect(of.erasures).toEqual([]);
  });
});
