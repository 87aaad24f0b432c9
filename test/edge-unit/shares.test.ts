/**
 * Shares at the door: what the vault is asked for, what comes out to whoever has the code, and by
 * what a caller without a token is counted.
 */
import { describe, expect, it } from "vitest";
import type { OpenedShare, Share, ShareDraft } from "../../domain/ports.ts";
import type { Aggregate } from "../../domain/samples/aggregate.ts";
import { sharesLivingMax } from "../../domain/samples/share-bounds.ts";
import { msPerDay } from "../../domain/time.ts";
import { hmacDigest } from "../../kernel/hmac.ts";
import { networkOf } from "../../workers/edge/client-address.ts";
import { problem } from "../../workers/edge/problem.ts";
import { sqliteD1 } from "../fakes/sqlite-d1.ts";

// By address: the workers are checked against the platform's types, these tests against Node's.
const address = new URL("../../workers/edge/routes/shares.ts", import.meta.url).href;
// biome-ignore lint/suspicious/noExplicitAny: the route's own types are the platform's.
const routes: any[] = (await import(/* @vite-ignore */ address)).shareRoutes;
const warehouse = new URL("../../migrations/warehouse", import.meta.url).pathname;

const nowMs = Date.UTC(2026, 10, 14);
const member = "m_ada";
const zones = [{ zone: "Europe/Amsterdam", fromMs: 0 }];
const code = "0123456789ABCDEFGHJKMNPQRS";
const share: Share = {
  ...{ id: "s".repeat(22), recipient: "Dr Vogel", metrics: ["steps"], from: "2026-11-01" },
  ...{ to: "2026-11-10", expiresAtMs: nowMs + 7 * msPerDay, madeAtMs: nowMs },
  ...{ revokedAtMs: null, opened: 2, lastOpenedMs: nowMs + 1 },
};
const aggregate = (changes: Partial<Aggregate>): Aggregate => ({
  ...{ value: 0, min: 0, max: 0, count: 1, weighed: null, atMs: null, stages: null },
  sources: [{ device: "dev_secret", amount: 1 }],
  ...changes,
});

/** The vault says what it is given, by method; what it was asked is kept. */
async function world(says: Readonly<Record<string, (...asked: never[]) => unknown>>) {
  const db = sqliteD1(warehouse);
  await db
    .prepare(
      "INSERT INTO member (id, made_at, settings_version, zones, on_boards) VALUES (?, 0, 3, ?, 0)",
    )
    .bind(member, JSON.stringify(zones))
    .run();
  const asked: unknown[][] = [];
  const open = new Proxy(says, {
    get:
      (of, name: string) =>
      async (...args: never[]) => {
        asked.push([name, ...args]);
        return of[name]?.(...args);
      },
  });
  const ports = {
    digest: hmacDigest(btoa("i".repeat(32))),
    open,
    sql: (run: (database: typeof db) => unknown) => run(db),
  };
  const ask = async (method: string, path: string, body?: unknown, headers = {}) => {
    const route = routes.find((r) => r.method === method && r.path === path);
    const parsed = route.body?.safeParse(body);
    if (parsed?.success === false)
      return { status: 400, body: parsed.error.issues, headers: new Headers() };
    const answer: Response = await route.handle({
      ...{ ports, nowMs, token: "token", member, params: { id: share.id }, body: parsed?.data },
      request: new Request(`https://singlet.example${path}`, { headers }),
      fail: (name: Parameters<typeof problem>[0], extra?: object) =>
        problem(name, "request", { ...extra }),
    });
    const said = await answer.json();
    const shape = route.answers[answer.status]?.schema;
    if (answer.status < 400) expect(shape.strict().safeParse(said).error).toBeUndefined();
    return { status: answer.status, body: said, headers: answer.headers };
  };
  return { ask, asked };
}
const wanted = {
  ...{ recipient: "Dr Vogel", types: ["steps", "weight"] },
  ...{ start: "2026-11-01", end: "2026-11-10" },
};

describe("making a share", () => {
  it("answers with a link whose code stands behind the #, good for a week unless said", async () => {
    const { ask, asked } = await world({ share: (_, d: ShareDraft) => ({ ...share, ...d, code }) });
    const { status, body, headers } = await ask("post", "/v1/shares", wanted);
    expect([status, headers.get("cache-control")]).toEqual([201, "no-store"]);
    expect(body).toEqual({
      ...{ id: share.id, ...wanted, made: "2026-11-14T00:00:00.000Z" },
      ...{ expires: "2026-11-21T00:00:00.000Z", revoked: null, opened: 2 },
      lastOpened: "2026-11-14T00:00:00.001Z",
      link: `https://singlet.example/shared#${code}`,
    });
    await ask("post", "/v1/shares", { ...wanted, days: 30 });
    expect(asked).toMatchObject([
      ["share", "token", { metrics: wanted.types, from: wanted.start, to: wanted.end }],
      ["share", "token", { expiresAtMs: nowMs + 30 * msPerDay }],
    ]);
  });

  it.each([
    ["no recipient", { recipient: " " }],
    ["a recipient that cannot be shown", { recipient: "Dr\0 Vogel" }],
    ["no types", { types: [] }],
    ["a type that is none", { types: ["title"] }],
    ["a day that is none", { start: "2026-02-30" }],
    ["an end before its start", { end: "2026-10-31" }],
    ["more than 400 days", { start: "2025-10-06" }],
    ["no day to be good for", { days: 0 }],
    ["more than 30 days to be good for", { days: 31 }],
    ["half a day", { days: 1.5 }],
    ["something else besides", { code: "MINE" }],
  ])("takes no form with %s", async (_, changes) => {
    const { ask, asked } = await world({});
    expect((await ask("post", "/v1/shares", { ...wanted, ...changes })).status).toBe(400);
    expect(asked).toEqual([]);
  });

  it("tells one too many from too much at once", async () => {
    const living = (count: number) => ({
      share: () => ({ refused: "too-many" }),
      shares: () => ({
        items: [
          ...Array.from({ length: count }, () => share),
          { ...share, revokedAtMs: nowMs },
          { ...share, expiresAtMs: nowMs },
        ],
      }),
    });
    const full = await (await world(living(sharesLivingMax))).ask("post", "/v1/shares", wanted);
    expect(full).toMatchObject({
      status: 409,
      body: { type: "urn:singlet:problem:too-many-shares" },
    });
    const busy = await (await world(living(sharesLivingMax - 1))).ask("post", "/v1/shares", wanted);
    expect([busy.status, busy.headers.get("retry-after")]).toEqual([429, "60"]);
  });
});

it("shares are listed without a link, and taken back by their id", async () => {
  const { ask, asked } = await world({
    shares: () => ({ items: [{ ...share, revokedAtMs: nowMs, lastOpenedMs: null }], next: null }),
    revokeShare: (_, id: string) => ({ revoked: id }),
  });
  const { body } = await ask("get", "/v1/shares");
  expect(body.items).toMatchObject([{ revoked: "2026-11-14T00:00:00.000Z", lastOpened: null }]);
  expect(body.items[0]).not.toHaveProperty("link");
  expect((await ask("delete", "/v1/shares/:id")).body).toEqual({ revoked: share.id });
  expect(asked.at(-1)).toEqual(["revokeShare", "token", share.id]);
});

describe("opening a share", () => {
  const opened: OpenedShare = {
    ...{ recipient: "Dr Vogel", metrics: ["distance", "weight", "sleep"] },
    ...{ from: "2026-11-01", to: "2026-11-10", expiresAtMs: nowMs },
    days: [
      {
        date: "2026-11-02",
        metrics: {
          distance: aggregate({ value: 1_234_500, min: 500, max: 1_000_000, count: 3 }),
          weight: aggregate({ value: 80_400, min: 80_400, max: 80_400, atMs: nowMs }),
          sleep: aggregate({ value: 28_800_000, stages: { deep: 3_600_000 } }),
        },
      },
    ],
  };
  const vault = { shareMember: () => ({ member }), openShare: () => opened };

  it("shows days in shown units by the member's zones, no device and no time of day", async () => {
    const { ask, asked } = await world(vault);
    const { status, body, headers } = await ask("post", "/v1/shares/open", { code });
    expect([status, headers.get("cache-control")]).toEqual([200, "no-store"]);
    const one = { min: 0, max: 0, count: 1 };
    expect(body).toEqual({
      ...{ recipient: "Dr Vogel", types: ["distance", "weight", "sleep"] },
      ...{ start: "2026-11-01", end: "2026-11-10", expires: "2026-11-14T00:00:00.000Z" },
      days: [
        {
          date: "2026-11-02",
          metrics: {
            distance: { value: 1234.5, unit: "m", min: 0.5, max: 1000, count: 3 },
            weight: { value: 80.4, unit: "kg", min: 80.4, max: 80.4, count: 1 },
            sleep: { ...one, value: 28_800, unit: "s", stages: { deep: 3600 } },
          },
        },
      ],
    });
    expect(asked[1]).toEqual(["openShare", code, expect.any(String), zones]);
  });

  it("is refused as the vault says, alike whatever is wrong with the code", async () => {
    for (const [refused, status] of [
      ["not-found", 404],
      ["too-many", 429],
      ["busy", 503],
    ] as const) {
      const early = await world({ ...vault, shareMember: () => ({ refused }) });
      expect((await early.ask("post", "/v1/shares/open", { code })).status).toBe(status);
      expect(early.asked).toHaveLength(1);
      const late = await world({ ...vault, openShare: () => ({ refused }) });
      expect((await late.ask("post", "/v1/shares/open", { code })).status).toBe(status);
    }
  });

  it("counts callers by a digest of their network, which is not their address", async () => {
    const { ask, asked } = await world(vault);
    const from = async (ip: string) => {
      await ask("post", "/v1/shares/open", { code }, { "cf-connecting-ip": ip });
      const [, opening] = asked.splice(0);
      return String(opening?.[2]);
    };
    const digest = await from("2001:db8:1:2:3:4:5:6");
    expect(digest).toMatch(/^[\w-]{43}$/);
    expect(await from("2001:DB8:1:2:ffff::1")).toBe(digest);
    expect(await from("2001:db8:1:3::1")).not.toBe(digest);
    expect(await from("192.0.2.7")).not.toBe(await from("192.0.2.8"));
  });
});

it.each([
  ["192.0.2.7", "192.0.2.7"],
  ["::ffff:192.0.2.7", "192.0.2.7"],
  ["2001:0db8:0000:0042:0:0:0:1", "2001:db8:0:42"],
  ["2001:db8::1", "2001:db8:0:0"],
  ["::1", "0:0:0:0"],
  ["", ""],
])("the network of %s is %s", (text, network) => {
  expect(networkOf(text)).toBe(network);
});
