/**
 * Members with workouts, and the edge's routes by which they meet: over the real tables, with boards in
 * memory whose shards say what the real ones say. A ledger here takes its settings and puts one row,
 * reckoned from its workouts: periods for who is on boards, what is for teams alone for who is in one
 * and on none, and each challenge by its rules.
 */
import { expect } from "vitest";
import type { Boards, Numbers, Score, ScoreRow, Topology } from "../../domain/board-ports.ts";
import { type ScoreStore, ShardState } from "../../domain/boards/shard-state.ts";
import { byRank, shardOf } from "../../domain/boards.ts";
import { scoreChallenge } from "../../domain/challenges.ts";
import { challengePeriod, type MemberSettings } from "../../domain/ports.ts";
import { noSettings } from "../../domain/settings.ts";
import { rulesAt } from "../../domain/stream.ts";
import type { AnyStream } from "../../domain/streams.ts";
import { weekOf } from "../../domain/time.ts";
import type { ResolvedWorkout } from "../../domain/workouts/resolved.ts";
import { workouts } from "../../domain/workouts/stream.ts";
import type { FinalDifference } from "../../kernel/boards/closed.ts";
import { idCodeOfAll } from "../../kernel/boards/closed-ids.ts";
import { closedChunks } from "../../kernel/boards/closed-write.ts";
import { hmacDigest } from "../../kernel/hmac.ts";
import { problem } from "../../workers/edge/problem.ts";
import { type Shape, workout } from "../domain/workouts/facts.ts";
import { sqliteD1 } from "../fakes/sqlite-d1.ts";

// By address: the workers are checked against the platform's types, these tests against Node's.
const load = (path: string) =>
  import(/* @vite-ignore */ new URL(`../../workers/edge/${path}`, import.meta.url).href);
// biome-ignore lint/suspicious/noExplicitAny: the route's own types are the platform's.
type AnyRoute = any;
const routes: AnyRoute[] = [
  ...(await load("routes/me.ts")).meRoutes,
  ...(await load("routes/friends.ts")).friendRoutes,
  ...(await load("routes/team-standings.ts")).teamStandingsRoutes,
  ...(await load("routes/teams.ts")).teamRoutes,
  ...(await load("routes/challenge-standings.ts")).challengeStandingsRoutes,
  ...(await load("routes/challenges.ts")).challengeRoutes,
];
export const { tellChallenges } = await load("challenge-telling.ts");
export const { dropPastWeeks } = await load("team-sums.ts");
export const { tellChoices } = await load("social.ts");
export const { aboutMember } = await load("export-about.ts");
const warehouse = new URL("../../migrations/warehouse", import.meta.url).pathname;

export const hour = 3_600_000;
export const day = 24 * hour;
/** A Wednesday: week 47. */
export const startMs = Date.UTC(2026, 10, 18, 12);
export const week = "2026-W47";
export const memberId = (n: number) => `m_${n.toString(16).padStart(32, "0")}`;
export const km = (n: number) => n * 1_000_000;

export interface Said {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: the route's own schema says what it is.
  readonly body: any;
}
/** Which problem, or the status of what is none. */
export const saidOf = ({ status, body }: Said): string | number =>
  typeof body?.type === "string" ? body.type.replace("urn:singlet:problem:", "") : status;

export function world() {
  const db = sqliteD1(warehouse);
  const clock = { nowMs: startMs };
  const topology: Topology = { generation: 1, shards: 2 };
  const shards = Array.from({ length: topology.shards }, () => new ShardState(memoryStore()));
  const boards: Boards = {
    topology: async () => topology,
    // biome-ignore lint/suspicious/noExplicitAny: called as a stub is, always with a promise.
    shard: (_, number) => stub(shards[number] as any),
  };
  const ridden = new Map<string, ResolvedWorkout[]>();
  const settings = new Map<string, MemberSettings>();
  const configured: { readonly member: string; readonly stream: string }[] = [];
  const later: Promise<unknown>[] = [];
  const faults = { ledger: false };
  const objects = new Map<string, Uint8Array>();
  let versions = 0;

  function publish(member: string): void {
    const of = settings.get(member);
    if (of === undefined) return;
    const all = ridden.get(member) ?? [];
    const numbers = weeksOf(all);
    const challenges = (of.challenges ?? []).map((rules) => [
      challengePeriod(rules.id),
      scoreChallenge(workouts, rules, all),
    ]);
    const row: ScoreRow = {
      ...{ member, version: ++versions },
      periods: { ...(of.onBoards ? numbers : {}), ...Object.fromEntries(challenges) },
      unshown: !of.onBoards && of.inTeams === true ? numbers : {},
    };
    shards[shardOf(member, topology)]?.put(row);
  }

  const ports = {
    digest: hmacDigest(btoa("i".repeat(32))),
    sql: (run: (database: typeof db) => unknown) => run(db),
    boards: () => boards,
    closed: {
      read: async (name: string, offset: number, length: number) =>
        objects.get(name)?.subarray(offset, offset + length) ?? null,
    },
    open: {
      enrol: async (token: string) => ({ member: token }),
      rename: async () => ({}),
      names: async (members: readonly string[]) =>
        Object.fromEntries(members.map((m) => [m, `Name of ${m}`])),
    },
    ledger: (stream: AnyStream, member: string) => ({
      configure: async (told: MemberSettings) => {
        if (faults.ledger) throw Object.assign(new Error("down"), { name: "Unavailable" });
        configured.push({ member, stream: stream.name });
        if (stream.name !== "workouts") return;
        if (told.version <= (settings.get(member)?.version ?? 0)) return;
        settings.set(member, told);
        publish(member);
      },
      decisions: async () => [],
    }),
  };
  const origin = `https://${crypto.randomUUID()}.test`;
  /** Nobody has a token here. */
  const env = { TOKEN_JWKS_URL: "http://127.0.0.1:9/", TOKEN_ISSUER: "", TOKEN_AUDIENCE: "" };

  async function ask(
    method: string,
    path: string,
    given: {
      readonly member?: string | undefined;
      readonly roles?: readonly string[];
      readonly body?: unknown;
      readonly etag?: string;
    } = {},
  ): Promise<Said> {
    const { member, roles = [], body: sent } = given;
    const url = new URL(path, origin);
    const { route, params } = routeOf(method, url.pathname);
    const fail = (name: Parameters<typeof problem>[0], extra?: object) =>
      problem(name, "request", { ...extra });
    const parsed = {
      params: route.params?.safeParse(params),
      query: route.query?.safeParse(Object.fromEntries(url.searchParams)),
      body: route.body?.safeParse(sent),
    };
    const isWrong = Object.values(parsed).some((part) => part?.success === false);
    const role = typeof route.access === "object" ? route.access.role : null;
    const isSomebody = member !== undefined || roles.length > 0;
    const caller = isSomebody ? { member: member ?? null, roles, person: `of ${member}` } : null;
    const answer: Response =
      role !== null && !roles.includes(role)
        ? fail("forbidden")
        : isWrong
          ? fail("invalid-request")
          : await route.handle({
              request: new Request(url, {
                headers: given.etag === undefined ? {} : { "if-none-match": given.etag },
              }),
              ...{ requestId: "request", nowMs: clock.nowMs, env, ports },
              ...{ params: parsed.params?.data, query: parsed.query?.data },
              ...{ body: parsed.body?.data, caller, token: member ?? "", member: member ?? "" },
              ...{ fail, later: (work: Promise<unknown>) => later.push(work) },
            });
    const text = await answer.text();
    const body = text === "" ? null : JSON.parse(text);
    const shape = route.answers[answer.status]?.schema;
    if (shape !== undefined && answer.status < 300)
      expect(shape.strict().safeParse(body).error).toBeUndefined();
    return { status: answer.status, headers: answer.headers, body };
  }

  const rows = async (sql: string, ...values: unknown[]) =>
    (
      await db
        .prepare(sql)
        .bind(...values)
        .all<Record<string, unknown>>()
    ).results;

  return {
    ...{ clock, ports, db, ask, rows, settings, configured, faults },
    /** On boards unless said. */
    async enrol(n: number, onBoards = true): Promise<string> {
      const member = memberId(n);
      const said = await ask("put", "/v1/me", { member, body: { onBoards } });
      expect(said.status).toBe(200);
      return member;
    },
    async choose(member: string, onBoards: boolean): Promise<void> {
      expect((await ask("put", "/v1/me", { member, body: { onBoards } })).status).toBe(200);
    },
    /** Begins `daysAgo` before the world began, each at an hour of its own. */
    ride(member: string, distance: number, shape: Shape & { daysAgo?: number } = {}): void {
      const all = ridden.get(member) ?? [];
      const { daysAgo = 0, ...more } = shape;
      const fact = workout({
        ...{
          id: `${member}-${all.length}`,
          distanceMm: km(distance),
          offsetMin: 0,
          elapsedMs: 4 * hour,
        },
        at: startMs - daysAgo * day - (all.length + 1) * 2 * hour,
        ...more,
      });
      const resolved = workouts.resolve?.of([fact], noSettings, []) ?? [];
      ridden.set(member, [...all, ...resolved]);
      publish(member);
    },
    forgetRides(member: string): void {
      ridden.delete(member);
      publish(member);
    },
    /** As the archive does once a challenge is over. */
    async settle(challenge: string, scores: readonly Score[], final: FinalDifference) {
      const ranked = [...scores].sort(byRank);
      const ids = idCodeOfAll(ranked.map((s) => s.member));
      if (ids === null) throw new Error("nobody is on it");
      const shape = { count: ranked.length, ids };
      const parts: Uint8Array[] = [];
      for await (const part of closedChunks(shape, () => batchOf(ranked))) parts.push(part);
      objects.set(challenge, Buffer.concat(parts));
      const rankings = [{ ...shape, key: "all", measure: 0, object: challenge, sha256: "" }];
      await rows(
        "INSERT INTO closed_board VALUES ('workouts', ?, 1, ?, 0, 0, 1)",
        challengePeriod(challenge),
        JSON.stringify({ members: ranked.length, rankings, final }),
      );
      await rows(
        `UPDATE challenge SET closed_at = ?, telling = '', version = version + 1 WHERE id = ?`,
        clock.nowMs,
        challenge,
      );
    },
    /** What goes on once answers are out. */
    settled: () => Promise.allSettled(later),
    after(ms: number): void {
      clock.nowMs += ms;
    },
  };
}
export type World = ReturnType<typeof world>;

function weeksOf(all: readonly ResolvedWorkout[]): Record<string, Numbers> {
  const weeks: Record<string, { all: number[] }> = {};
  for (const of of all) {
    const period = weekOf(of.day);
    const sums = weeks[period]?.all ?? [0, 0, 0, 0];
    workouts.measures.forEach((measure, i) => {
      for (const [key, n] of measure.of(of, rulesAt(workouts.rules)))
        if (key === "all") sums[i] = (sums[i] ?? 0) + n;
    });
    sums[3] = Math.max(sums[3] ?? 0, of.at);
    weeks[period] = { all: sums };
  }
  return weeks;
}

function routeOf(method: string, path: string): { route: AnyRoute; params: object } {
  for (const route of routes) {
    const pattern = new RegExp(`^${route.path.replaceAll(/:(\w+)/g, "(?<$1>[^/]+)")}$`);
    const found = pattern.exec(path);
    if (found !== null && route.method === method) return { route, params: { ...found.groups } };
  }
  throw new Error(`no route for ${method} ${path}`);
}

// biome-ignore lint/suspicious/noExplicitAny: whatever a shard answers to.
const stub = (target: any) =>
  new Proxy(target, {
    get:
      (of, method) =>
      async (...args: unknown[]) =>
        structuredClone(of[method](...args)),
  });

function memoryStore(): ScoreStore {
  const rows = new Map<string, { version: number; body: Uint8Array }>();
  return {
    get: (member) => rows.get(member) ?? null,
    put: (member, version, body) => void rows.set(member, { version, body }),
    each: (after) =>
      [...rows]
        .filter(([member]) => after === null || member > after)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([member, row]) => ({ member, ...row })),
  };
}

async function* batchOf(scores: readonly Score[]): AsyncGenerator<readonly Score[]> {
  yield scores;
}
