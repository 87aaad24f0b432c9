/** Parked items replayed at the door: what the vault is told, which ledger hears of it, what stays. */
import { describe, expect, it } from "vitest";
import type { OpenStatement, Replayed, ReplayedBy } from "../../domain/ports.ts";
import { problem } from "../../workers/edge/problem.ts";
import { sqliteD1 } from "../fakes/sqlite-d1.ts";

// By address: the workers are checked against the platform's types, these tests against Node's.
const address = new URL("../../workers/edge/routes/ops.ts", import.meta.url).href;
// biome-ignore lint/suspicious/noExplicitAny: the route's own types are the platform's.
const routes: any[] = (await import(/* @vite-ignore */ address)).opsRoutes;
const warehouse = new URL("../../migrations/warehouse", import.meta.url).pathname;

const zones = [{ zone: "Asia/Tokyo", fromMs: 0 }];
const entry = {
  ...{ id: "p1", member: "m_ada", connection: "c_ring", provider: "oura", reason: "bad", atMs: 9 },
} as unknown as Extract<Replayed, { entry: unknown }>["entry"];
const fact = (id: string, at: number) => ({ id, revision: 1, at }) as unknown as OpenStatement;

/** The vault answers this: to who says nothing of the member, and to who does. */
async function world(unsaid: Replayed, told: Replayed = unsaid) {
  const db = sqliteD1(warehouse);
  await db
    .prepare(
      "INSERT INTO member (id, made_at, settings_version, zones, on_boards) VALUES (?, 0, 3, ?, 0)",
    )
    .bind(entry.member, JSON.stringify(zones))
    .run();
  await db
    .prepare(
      `INSERT INTO connection (id, member, provider, account, made_at, forgotten_to)
       VALUES (?, ?, 'oura', 'account', 0, 5)`,
    )
    .bind(entry.connection, entry.member)
    .run();
  const asked: (ReplayedBy | null)[] = [];
  const said: string[] = [];
  const state = { ledgerFails: false };
  const ports = {
    sql: (run: (database: typeof db) => unknown) => run(db),
    vault: {
      retract: async (_: string, gone: readonly { id: string }[]) =>
        void said.push(...gone.map(({ id }) => `taken back ${id}`)),
    },
    ledger: ({ name }: { name: string }, member: string) => ({
      async record(facts: readonly { id: string }[]) {
        if (state.ledgerFails) throw new Error("the ledger is down");
        said.push(...facts.map(({ id }) => `${name}/${member} ${id}`));
        return facts.map(() => "new");
      },
    }),
    work: {
      async replay(_token: string, _id: string, by: ReplayedBy | null) {
        asked.push(by);
        return by === null ? unsaid : told;
      },
      async unpark(_: string, id: string) {
        said.push(`unparked ${id}`);
        return { unparked: id };
      },
    },
  };
  const replay = async () => {
    const route = routes.find((r) => r.path === "/v1/ops/parked/:id/replay");
    const fail = (name: Parameters<typeof problem>[0]) => problem(name, "r");
    const call = { ports, token: "token", params: { id: entry.id }, fail };
    const answer: Response = await route.handle(call);
    const body = await answer.json();
    if (answer.status === 200)
      expect(route.answers[200].schema.strict().safeParse(body).error).toBeUndefined();
    return body;
  };
  return { replay, asked, said, state };
}

const wanted = { still: "no-zones", wanted: entry };
const mergedFacts = [fact("chunk/a", 1), fact("day/b", 2)];
const merged = { outcomes: ["new", "duplicate"], facts: mergedFacts } as never;

describe("a parked item of samples", () => {
  it("is read where its member lives, and its facts go to the ledger of samples", async () => {
    const at = await world(wanted, { entry, merged, still: null });
    expect(await at.replay()).toEqual({ recorded: ["new", "duplicate"], still: null });
    expect(at.asked).toEqual([null, { zones, forgottenToMs: 5 }]);
    expect(at.said).toEqual(["samples/m_ada chunk/a", "samples/m_ada day/b", "unparked p1"]);
  });

  it("stays parked while a part of it cannot be read", async () => {
    const at = await world(wanted, { entry, merged, still: "impossible-value" });
    const answer = { recorded: ["new", "duplicate"], still: "impossible-value" };
    expect(await at.replay()).toEqual(answer);
    expect(at.said).toEqual(["samples/m_ada chunk/a", "samples/m_ada day/b"]);
  });

  it("stays parked until its ledger has it", async () => {
    const at = await world(wanted, { entry, merged, still: null });
    at.state.ledgerFails = true;
    await expect(at.replay()).rejects.toThrow("down");
    expect(at.said).toEqual([]);
    at.state.ledgerFails = false;
    expect(await at.replay()).toMatchObject({ still: null });
    expect(at.said.at(-1)).toBe("unparked p1");
  });

  it("of which all was forgotten goes, and no ledger hears of it", async () => {
    const none = { outcomes: ["forgotten"], facts: [] } as const;
    const at = await world(wanted, { entry, merged: none, still: null });
    expect(await at.replay()).toEqual({ recorded: ["forgotten"], still: null });
    expect(at.said).toEqual(["unparked p1"]);
  });

  it("that cannot be read stays, with why", async () => {
    const at = await world(wanted, { still: "start-in-future" });
    expect(await at.replay()).toEqual({ recorded: [], still: "start-in-future" });
    expect(at.said).toEqual([]);
  });
});

it("a parked workout goes to its provider's stream, but for what was forgotten", async () => {
  const statements = [fact("old", 5), fact("ride", 6)];
  const at = await world({ entry, statements });
  expect(await at.replay()).toEqual({ recorded: ["new", "forgotten"], still: null });
  expect(at.asked).toEqual([null]);
  expect(at.said).toEqual(["taken back old", "workouts/m_ada ride", "unparked p1"]);
});
