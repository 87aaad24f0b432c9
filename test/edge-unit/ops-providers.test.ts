/** What operators see of providers and alerts: what the routes say that they answer, and no member. */
import { describe, expect, it } from "vitest";
import { connectionStates } from "../../domain/ports.ts";
import { gates } from "../fakes/gates.ts";
import { sqliteD1 } from "../fakes/sqlite-d1.ts";

// By address: the workers are checked against the platform's types, these tests against Node's.
const load = (path: string) =>
  import(/* @vite-ignore */ new URL(`../../workers/edge/${path}`, import.meta.url).href);
// biome-ignore lint/suspicious/noExplicitAny: the route's own types are the platform's.
const routes: any[] = (await load("routes/ops-providers.ts")).opsProviderRoutes;

const nowMs = Date.UTC(2026, 10, 21, 12);
const hour = 3_600_000;
const warehouse = new URL("../../migrations/warehouse", import.meta.url).pathname;

function world() {
  const db = sqliteD1(warehouse);
  const { said, GATE } = gates();
  const env: Record<string, unknown> = { GATE, CHANGES: {} };
  const ports = { sql: (run: (database: typeof db) => unknown) => run(db) };
  async function ask(path: string) {
    const route = routes.find((r) => r.path === path);
    expect(route.access).toEqual({ role: "operator" });
    const answer: Response = await route.handle({ env, ports, nowMs, token: "t", requestId: "r" });
    // biome-ignore lint/suspicious/noExplicitAny: the schema below says what it is.
    const body = (await answer.json()) as any;
    expect(route.answers[answer.status].schema.safeParse(body).error).toBeUndefined();
    return body;
  }
  const put = (connection: string, provider: string, state: string, behind: number | null) =>
    db
      .prepare("INSERT INTO connection_status VALUES (?, 'mem_secret', ?, ?, ?, '{}', 0)")
      .bind(connection, provider, state, behind)
      .run();
  return { db, said, env, ask, put };
}

describe("providers", () => {
  it("are those that are called, each with its gate and its connections", async () => {
    const { ask, put, said } = world();
    await put("a", "garmin", "connected", null);
    await put("b", "garmin", "behind", nowMs - 2 * hour);
    await put("c", "garmin", "behind", nowMs - 2 * hour - 1);
    await put("d", "garmin", "needs-reconnecting", nowMs - 900 * hour);
    await put("e", "google-health", "backfilling", nowMs - 3 * hour);
    said.set("garmin", {
      door: { deliveries: 3, notices: 2, items: 7, refused: 1, observed: { differs: 2 } },
      breaker: "open",
      openSinceMs: nowMs - hour,
      subscription: { state: "active", checkedMs: nowMs, until: null },
    });
    const { items, queueDepth } = await ask("/v1/ops/providers");
    const named = items.map(({ provider }: { provider: string }) => provider);
    expect(named).toContain("google-health");
    expect(named, "accounts there are linked by a word").toContain("terra");
    expect(named).not.toContain("apple-health");
    for (const own of items.filter((item: { provider: string }) =>
      ["health-auto-export", "health-connect"].includes(item.provider),
    ))
      expect(own.gate).toMatchObject({
        door: { deliveries: 3, items: 7, refused: 1 },
        keys: [{ deliveries: 3 }],
        budgets: [],
      });
    expect(named, "a member's own app delivers there").toContain("health-auto-export");
    expect(named).toContain("health-connect");
    const garmin = items.find((item: { provider: string }) => item.provider === "garmin");
    expect(garmin.gate).toMatchObject({
      breaker: "open",
      openSince: "2026-11-21T11:00:00.000Z",
      since: "2026-11-01T00:00:00.000Z",
      subscription: { state: "active", checked: "2026-11-21T12:00:00.000Z", until: null },
      latencyMs: { p50: 120 },
      door: { deliveries: 3, observed: { differs: 2 } },
      recorded: { recorded: 5, duplicates: 2, parked: 0 },
      lately: { calls: 0, failed: 0 },
      keys: [{ kid: "2026-11", deliveries: 3, last: "2026-11-21T00:00:00.000Z" }],
    });
    expect(garmin.health).toEqual({
      colour: "red",
      because: [
        "The breaker is open since 11:00 UTC: nothing is asked.",
        "1 connection is behind for more than 2 hours, the oldest since 09:59 UTC.",
      ],
    });
    expect(garmin.connections).toEqual({
      byState: { connected: 1, syncing: 0, behind: 2, backfilling: 0, "needs-reconnecting": 1 },
      behindOver2h: 1,
      oldestBehind: "2026-11-21T09:59:59.999Z",
    });
    expect(Object.keys(garmin.connections.byState)).toEqual([...connectionStates]);
    expect(queueDepth).toBeNull();
    expect(JSON.stringify(items)).not.toContain("mem_secret");
  });

  it("whose gate does not answer are there all the same", async () => {
    const { ask, said, env } = world();
    said.set("garmin", null);
    env.CHANGES = { metrics: async () => ({ backlogCount: 12 }) };
    const { items, queueDepth } = await ask("/v1/ops/providers");
    const byName = new Map(items.map((item: { provider: string }) => [item.provider, item]));
    expect(byName.get("garmin")).toMatchObject({
      ...{ gate: null, connections: { behindOver2h: 0 } },
      health: { colour: "red", because: ["Its gate did not answer: nothing is known."] },
    });
    expect(byName.get("google-health")).toMatchObject({
      ...{ gate: { breaker: "closed" }, health: { colour: "green", because: [] } },
    });
    expect(queueDepth).toBe(12);
  });
});

describe("alerts", () => {
  it("those that stand first, and whether anybody was told", async () => {
    const { ask, db, env } = world();
    const put = (...row: (string | number | null)[]) =>
      db
        .prepare("INSERT INTO alert (name, since, value, told_at, ended_at) VALUES (?, ?, ?, ?, ?)")
        .bind(...row)
        .run();
    await put("queue-depth", nowMs - 5 * hour, 11_000, nowMs - 5 * hour, nowMs - 4 * hour);
    await put("breaker-open:garmin", nowMs - hour, 1, nowMs, null);
    await put("quota:garmin:day", nowMs - 2 * hour, 84, null, null);
    const answer = await ask("/v1/ops/alerts");
    expect(answer.webhook).toBe(false);
    expect(answer.thresholds).toMatchObject({ queueDepth: 10_000, membersBehind: 100 });
    const { items } = answer;
    expect(items.map((i: { name: string; told: boolean }) => [i.name, i.told])).toEqual([
      ["breaker-open:garmin", true],
      ["quota:garmin:day", false],
      ["queue-depth", false],
    ]);
    expect(items[2]).toEqual({
      name: "queue-depth",
      value: 11_000,
      threshold: 10_000,
      text: "11000 changes wait for the archive.",
      since: "2026-11-21T07:00:00.000Z",
      ended: "2026-11-21T08:00:00.000Z",
      told: false,
    });
    Object.assign(env, { ALERT_URL: "https://x.example", ALERT_SECRET: "whsec_x" });
    expect((await ask("/v1/ops/alerts")).webhook).toBe(true);
  });
});
