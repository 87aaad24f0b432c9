/** Insights at the door: made of the caller's own three months, unchanged ones cost nothing, noted ones say so. */
import { describe, expect, it } from "vitest";
import type { AggregatesRequest } from "../../domain/ports.ts";
import type { Aggregate } from "../../domain/samples/aggregate.ts";
import { addDays } from "../../domain/time.ts";
import { hmacDigest } from "../../kernel/hmac.ts";
import { problem } from "../../workers/edge/problem.ts";
import { sqliteD1 } from "../fakes/sqlite-d1.ts";

// By address: the workers are checked against the platform's types, these tests against Node's.
const address = new URL("../../workers/edge/routes/insights.ts", import.meta.url).href;
// biome-ignore lint/suspicious/noExplicitAny: the route's own types are the platform's.
const routes: any[] = (await import(/* @vite-ignore */ address)).insightRoutes;
const warehouse = new URL("../../migrations/warehouse", import.meta.url).pathname;

const member = "m_ada";
/** A quarter to midnight in UTC, and tomorrow already in Amsterdam. */
const nowMs = Date.UTC(2026, 10, 13, 23, 45);
const today = "2026-11-14";
const streak = "streak.steps.2026-11-11";

const steps = (value: number): Aggregate => ({
  ...{ value, min: value, max: value, count: 1, weighed: null, atMs: null, stages: null },
  sources: [],
});
const days = Array.from({ length: 10 }, (_, i) => ({
  date: addDays(today, i - 9),
  metrics: { steps: steps(i > 5 ? 12_000 : 3_000) },
}));

async function world() {
  const db = sqliteD1(warehouse);
  await db
    .prepare(
      "INSERT INTO member (id, made_at, settings_version, zones, on_boards) VALUES (?, 0, 3, ?, 0)",
    )
    .bind(member, JSON.stringify([{ zone: "Europe/Amsterdam", fromMs: 0 }]))
    .run();
  const vault = { noted: [] as string[], version: "v1", goals: {}, refuses: null as string | null };
  const asked: AggregatesRequest[] = [];
  const open = {
    acknowledged: async () => ({ ids: vault.noted }),
    acknowledge: async (_: string, id: string) => {
      vault.noted = [...vault.noted, id];
      return { acknowledged: id };
    },
    aggregates: async (_: string, request: AggregatesRequest) => {
      asked.push(request);
      if (vault.refuses !== null) return { refused: vault.refuses };
      const { version, goals } = vault;
      if (request.knownVersion === version)
        return { days: null, goals: null, version, entry: null };
      return { days, goals, version, entry: { log: 1, index: 7 } };
    },
  };
  const ports = {
    digest: hmacDigest(btoa("i".repeat(32))),
    open,
    sql: (run: (database: typeof db) => unknown) => run(db),
  };
  const ask = async (method: string, { id = "", known = "", atMs = nowMs } = {}) => {
    const route = routes.find((r) => r.method === method);
    if (id !== "" && !route.params.safeParse({ id }).success) return { status: 400 };
    const answer: Response = await route.handle({
      ...{ ports, nowMs: atMs, token: "token", member, params: { id } },
      request: new Request("https://singlet.example/v1/insights", {
        headers: known === "" ? {} : { "if-none-match": known },
      }),
      fail: (name: Parameters<typeof problem>[0]) => problem(name, "request"),
    });
    const text = await answer.text();
    const body = text === "" ? null : JSON.parse(text);
    if (answer.status === 200)
      expect(route.answers[200].schema.strict().safeParse(body).error).toBeUndefined();
    return { status: answer.status, body, headers: answer.headers };
  };
  return { ask, asked, vault };
}

describe("insights", () => {
  it("are made of 90 days up to today where the member lives, and named by their entry", async () => {
    const { ask, asked } = await world();
    const { status, body, headers } = await ask("get");
    expect([status, headers?.get("cache-control")]).toEqual([200, "no-store"]);
    expect(headers?.get("audit-entry")).toBe("1/7");
    expect(asked).toMatchObject([{ member, from: "2026-08-17", to: today, hours: false }]);
    expect(body).toEqual({
      date: today,
      items: [
        {
          ...{ id: streak, kind: "streak", type: "steps", unit: "1", confidence: null },
          ...{ from: "2026-11-11", to: today, acknowledged: false },
          sentence:
            "You reached your goal of 10,000 steps on 4 days in a row, up to today; it is the longest run in this time.",
          numbers: { days: 4, best: 4, goal: 10_000, reached: 4 },
        },
      ],
      next: null,
    });
  });

  it("go by the goals that the vault hands out beside the days", async () => {
    const { ask, asked, vault } = await world();
    vault.goals = { steps: 3_000 };
    const { body } = await ask("get");
    expect(asked).toMatchObject([{ goals: true }]);
    expect(body.items).toMatchObject([{ kind: "streak", numbers: { days: 10, goal: 3_000 } }]);
    vault.goals = { steps: 12_001 };
    expect((await ask("get")).body.items).toEqual([]);
    expect((await ask("post", { id: streak })).status).toBe(404);
  });

  it("that are as they were known are not sent, and nothing is opened for them", async () => {
    const { ask, vault } = await world();
    const known = (await ask("get")).headers?.get("etag") ?? "";
    const again = await ask("get", { known });
    expect([again.status, again.body, again.headers?.get("etag")]).toEqual([304, null, known]);
    expect(again.headers?.get("audit-entry")).toBe(null);
    expect((await ask("get", { known: `W/${known}` })).status).toBe(304);
    expect((await ask("get", { known, atMs: nowMs + 86_400_000 })).status).toBe(200);
    vault.version = "v2";
    expect((await ask("get", { known })).status).toBe(200);
  });

  it("are noted by their member, which is another version of them", async () => {
    const { ask, vault } = await world();
    const known = (await ask("get")).headers?.get("etag") ?? "";
    expect((await ask("post", { id: streak })).body).toEqual({ acknowledged: streak });
    expect(vault.noted).toEqual([streak]);
    const { status, body } = await ask("get", { known });
    expect([status, body.items[0].acknowledged]).toEqual([200, true]);
  });

  it("that are not there now, or never could be, are none to note", async () => {
    const { ask, vault, asked } = await world();
    expect((await ask("post", { id: "streak.steps.2026-11-10" })).status).toBe(404);
    expect(asked).toHaveLength(1);
    for (const odd of ["x", "../me", `trend.${"a".repeat(90)}.x`, "streak.steps.2026 11"])
      expect((await ask("post", { id: odd })).status).toBe(400);
    expect([asked.length, vault.noted]).toEqual([1, []]);
  });

  it.each([
    ["busy", 503],
    ["too-many", 429],
    ["unauthenticated", 401],
  ])("are refused as the vault refuses: %s", async (refused, status) => {
    const { ask, vault } = await world();
    vault.refuses = refused;
    expect((await ask("get")).status).toBe(status);
    expect((await ask("post", { id: streak })).status).toBe(status);
  });
});
