/**
 * What is an owner's alone reaches nobody by way of the edge: a coach's pages rest on what they may
 * see, operators see a held workout without it, and a dead letter's values stay out of its answer.
 */
import { describe, expect, it } from "vitest";
import type { WorkoutFact } from "../../domain/workouts/schema.ts";
import { ownerOnlyProviders } from "../../providers/index.ts";
import {
  fromStrava,
  hour,
  morning,
  resolveOf,
  second,
  withSettings,
  workout,
} from "../domain/workouts/facts.ts";
import { sqliteD1 } from "../fakes/sqlite-d1.ts";

// By address: the workers are checked against the platform's types, these tests against Node's.
const load = (path: string) =>
  import(/* @vite-ignore */ new URL(`../../workers/edge/${path}`, import.meta.url).href);
// biome-ignore lint/suspicious/noExplicitAny: the route's own types are the platform's.
type AnyRoute = any;
const routes: AnyRoute[] = [
  ...(await load("routes/member-workouts.ts")).memberWorkoutRoutes,
  ...(await load("routes/holds.ts")).holdRoutes,
  ...(await load("routes/dead-letters.ts")).deadLetterRoutes,
];

const warehouse = new URL("../../migrations/warehouse", import.meta.url).pathname;
const member = `m_${"a".repeat(32)}`;
const settings = withSettings({ ownerOnly: ownerOnlyProviders });

/** One member whose ledger hands out what these facts come to, however it is asked. */
function world(facts: readonly WorkoutFact[]) {
  const db = sqliteD1(warehouse);
  const asked: unknown[][] = [];
  const resolved = resolveOf(facts, settings);
  const decided = { decision: "d", resolved };
  const ports = {
    sql: (run: (database: typeof db) => unknown) => run(db),
    log: { mayListWorkouts: async () => ({ permitted: true }) },
    digest: async () => "d".repeat(43),
    ledger: () => ({
      list: async (...args: unknown[]) => {
        asked.push(args);
        return { items: resolved, next: null };
      },
      find: async (id: string) => resolved.find((w) => w.id === id) ?? null,
      decide: async () => decided,
      takeBack: async () => decided,
    }),
  };
  async function ask(method: string, path: string, params: object, given: object = {}) {
    const route = routes.find((r) => r.method === method && r.path === path);
    const query = route.query?.parse(given);
    const fail = (name: string) => new Response(JSON.stringify(name), { status: 400 });
    const answer: Response = await route.handle({ ports, token: "t", fail, params, query });
    // biome-ignore lint/suspicious/noExplicitAny: the schema below says what it is.
    const body = (await answer.json()) as any;
    expect(route.answers[answer.status]?.schema?.safeParse(body).error).toBeUndefined();
    return [answer.status, body] as const;
  }
  const put = (sql: string, ...values: unknown[]) =>
    db
      .prepare(sql)
      .bind(...values)
      .run();
  return { ask, asked, put, resolved };
}

async function known(facts: readonly WorkoutFact[]) {
  const here = world(facts);
  const columns = "id, made_at, settings_version, zones, on_boards";
  await here.put(`INSERT INTO member (${columns}) VALUES (?, 0, 1, '[]', 1)`, member);
  return here;
}

const own = (shape: object = {}) =>
  workout({
    ...fromStrava,
    id: "own",
    at: morning - 7 * second,
    elapsedMs: hour + 13 * second,
    distanceMm: 151_234_567,
    energyMcal: 7_654_321,
    ...shape,
  });
const tooFast = workout({ id: "g", distanceMm: 150_000_000 });
const secrets = (f: WorkoutFact) => [f.provider, f.distanceMm, f.energyMcal, f.elapsedMs];
const expectNone = (body: unknown, fact: WorkoutFact) => {
  for (const secret of secrets(fact)) expect(JSON.stringify(body)).not.toContain(String(secret));
};

describe("a coach's page", () => {
  it("is asked of the ledger as others see it, and names each workout as they do", async () => {
    const { ask, asked } = await known([own(), workout({ id: "g" })]);
    const [status, body] = await ask("get", "/v1/members/:id/workouts", { id: member });
    expect(status).toBe(200);
    expect(asked.map(([, , seenBy]) => seenBy)).toEqual(["others"]);
    expect(body.items.map((w: { id: string }) => w.id)).toEqual(["w_g"]);
    expectNone(body, own());
  });
});

describe("a held workout, to an operator,", () => {
  it.each([
    ["get", "/v1/ops/holds/:member"],
    ["post", "/v1/ops/holds/:member/:workout/clear"],
    ["delete", "/v1/ops/holds/:member/:decision"],
  ])("holds nothing that is its owner's alone (%s %s)", async (method, path) => {
    const { ask, resolved } = await known([own(), tooFast]);
    expect(resolved).toHaveLength(1);
    const params = { member, workout: resolved[0]?.id, decision: "d" };
    const [status, body] = await ask(method, path, params);
    expect(status).toBe(200);
    const shown = body.items ?? body.workouts;
    expect(shown).toMatchObject([{ id: "w_g", distanceMm: { value: tooFast.distanceMm } }]);
    expectNone(body, own());
  });

  it("is not found where all of it is", async () => {
    const { ask, asked } = await known([own()]);
    expect(await ask("get", "/v1/ops/holds/:member", { member })).toEqual([
      200,
      { items: [], next: null },
    ]);
    expect(asked.map(([, , seenBy]) => seenBy)).toEqual(["others"]);
    const params = { member, workout: "w_own" };
    const cleared = await ask("post", "/v1/ops/holds/:member/:workout/clear", params);
    expect(cleared).toEqual([400, "not-found"]);
  });
});

describe("a dead letter", () => {
  const letterOf = async (statement: object) => {
    const here = world([]);
    const change = {
      ledger: "workouts/m",
      seq: 7,
      stream: "workouts",
      day: "2026-11-14",
      bucket: 3,
    };
    await here.put(
      `INSERT INTO parked_change (ledger, seq, stream, day, bucket, reason, body, parked_at)
       VALUES ('workouts/m', 7, 'workouts', '2026-11-14', 3, 'unfit', ?, 0)`,
      JSON.stringify({ ...change, statement }),
    );
    const [, body] = await here.ask("get", "/v1/ops/dead-letters/:id", {
      id: `7.${btoa("workouts/m").replace(/=+$/, "")}`,
    });
    return body.message;
  };

  it("shows what others may see, as it came", async () => {
    const fact = JSON.parse(JSON.stringify(tooFast));
    expect((await letterOf(fact)).statement).toEqual(fact);
    const gone = { id: "g", revision: 2, retracted: true };
    expect((await letterOf(gone)).statement).toEqual(gone);
  });

  it("only names what is its owner's alone", async () => {
    const message = await letterOf(own());
    expect(message).toMatchObject({ seq: 7, day: "2026-11-14" });
    expect(message.statement).toEqual({ id: "own", revision: 1, provider: "strava" });
    const [passed] = ownerOnlyProviders.filter((of) => of.endsWith("<strava"));
    const [hub = ""] = passed?.split("<") ?? [];
    const statement = own({ provider: hub, connection: "con_hub", app: "STRAVA" });
    expect((await letterOf(statement)).statement).toEqual({
      id: "own",
      revision: 1,
      provider: hub,
    });
  });
});
