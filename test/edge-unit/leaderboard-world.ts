/**
 * A warehouse, boards in memory and the routes that read them: what a shard says is what the real one
 * says (domain/boards/shard-state.ts), and every question to one is counted.
 */
import type { Boards, Numbers, Score, ScoreRow, Topology } from "../../domain/board-ports.ts";
import { type ScoreStore, ShardState } from "../../domain/boards/shard-state.ts";
import { byRank, shardOf } from "../../domain/boards.ts";
import { idCodeOfAll } from "../../kernel/boards/closed-ids.ts";
import { closedChunks } from "../../kernel/boards/closed-write.ts";
import { hmacDigest } from "../../kernel/hmac.ts";
import { sqliteD1 } from "../fakes/sqlite-d1.ts";

// By address: the workers are checked against the platform's types, these tests against Node's.
const load = (path: string) =>
  import(/* @vite-ignore */ new URL(`../../workers/edge/${path}`, import.meta.url).href);
// biome-ignore lint/suspicious/noExplicitAny: the route's own types are the platform's.
type AnyRoute = any;
const routes: AnyRoute[] = [
  ...(await load("routes/leaderboards.ts")).leaderboardRoutes,
  ...(await load("routes/leaderboards-among.ts")).leaderboardAmongRoutes,
  ...(await load("routes/leaderboards-live.ts")).leaderboardLiveRoutes,
];
const warehouse = new URL("../../migrations/warehouse", import.meta.url).pathname;

export const day = 86_400_000;
/** A Wednesday: week 47; the week before is open too, and the one before that is not. */
export const nowMs = Date.UTC(2026, 10, 18, 12);
export const week = "2026-W47";
export const weekBefore = "2026-W46";

export interface Entry {
  readonly rank: number;
  readonly member: string;
  readonly name: string | null;
  readonly score: number;
  readonly moved: number | null;
}
export interface Shown {
  readonly status: number;
  readonly etag: string | null;
  readonly cacheControl: string | null;
  // biome-ignore lint/suspicious/noExplicitAny: the schema below says what it is.
  readonly body: any;
}

/** Distance in mm; the other measures follow from it. */
export const numbers = (distance: number, atMs = nowMs): Numbers => ({
  all: [distance, distance * 2, 1, atMs],
  ride: [distance, distance * 2, 1, atMs],
});

export function world(shards = 3) {
  const db = sqliteD1(warehouse);
  const topology: Topology = { generation: 1, shards };
  const states = Array.from({ length: shards }, () => new ShardState(memoryStore()));
  const asked: string[] = [];
  const later: Promise<unknown>[] = [];
  const objects = new Map<string, Uint8Array>();
  let isDown = false;
  let versions = 0;
  const boards: Boards = {
    topology: async () => topology,
    shard: (_, number) =>
      new Proxy(states[number] as object, {
        get(state, method) {
          return async (...args: unknown[]) => {
            asked.push(String(method));
            if (isDown) throw new Error("down");
            // biome-ignore lint/suspicious/noExplicitAny: whatever a shard answers to.
            return (state as any)[method](...args);
          };
        },
      }) as ReturnType<Boards["shard"]>,
  };
  const names = async (members: readonly string[]) =>
    Object.fromEntries(members.map((m) => [m, `Name of ${m}`]));
  const ports = {
    sql: (run: (database: typeof db) => unknown) => run(db),
    boards: () => boards,
    digest: hmacDigest(btoa("b".repeat(32))),
    open: { names },
    closed: {
      read: async (name: string, offset: number, length: number) =>
        objects.get(name)?.subarray(offset, offset + length) ?? null,
    },
  };
  /** Of live sockets: each says that it is full. */
  const hubs: string[] = [];
  const env = {
    ...{ PUBLIC_URL: "https://boards.test/", RETURN_TO: "https://app.test  https://other.test" },
    BOARD_LIVE: {
      getByName: (name: string) => ({
        fetch: async () => {
          hubs.push(name);
          return { status: 503, webSocket: null };
        },
      }),
    },
  };
  const origin = `https://${crypto.randomUUID()}.test`;

  /** `at`: so much later than `nowMs`. Each world has an address of its own, as deployments do. */
  async function get(
    path: string,
    given: { member?: string; etag?: string; at?: number; headers?: Record<string, string> } = {},
  ): Promise<Shown> {
    const url = new URL(path, origin);
    const { route, params } = routeOf(url.pathname);
    const query = route.query?.safeParse(Object.fromEntries(url.searchParams));
    const fail = (name: string) => new Response(JSON.stringify(name), { status: 400 });
    const headers: Record<string, string> = { ...given.headers };
    if (given.etag !== undefined) headers["if-none-match"] = given.etag;
    const answer: Response =
      query?.success === false
        ? fail("invalid-request")
        : await route.handle({
            request: new Request(url, { headers }),
            requestId: crypto.randomUUID(),
            env,
            nowMs: nowMs + (given.at ?? 0),
            ports,
            params,
            query: query?.data,
            member: given.member ?? "",
            fail,
            later: (work: Promise<unknown>) => later.push(work),
          });
    const text = await answer.text();
    const body = text === "" ? null : JSON.parse(text);
    if (answer.status === 200 && route.answers[200].schema !== undefined)
      route.answers[200].schema.parse(body);
    const { headers: said, status } = answer;
    return { status, body, etag: said.get("etag"), cacheControl: said.get("cache-control") };
  }

  return {
    get,
    asked,
    hubs,
    /** Every question to a shard from now on. */
    async asking<T>(work: () => Promise<T>): Promise<[T, readonly string[]]> {
      const from = asked.length;
      const value = await work();
      return [value, asked.slice(from)];
    },
    put(member: string, periods: ScoreRow["periods"]): void {
      const row = { member, version: ++versions, periods, unshown: {} };
      states[shardOf(member, topology)]?.put(row);
    },
    /** As the archive does: the version that takes the place of every earlier one. */
    async close(period: string, version: number, scores: readonly Score[]): Promise<void> {
      const ranked = [...scores].sort(byRank);
      const ids = idCodeOfAll(ranked.map((s) => s.member));
      if (ids === null) throw new Error("nobody is on it");
      const shape = { count: ranked.length, ids };
      const parts: Uint8Array[] = [];
      for await (const part of closedChunks(shape, () => batchOf(ranked))) parts.push(part);
      const object = `${period}/${version}`;
      objects.clear();
      objects.set(object, Buffer.concat(parts));
      const rankings = [{ ...shape, key: "all", measure: 0, object, sha256: "" }];
      await db
        .prepare("INSERT OR REPLACE INTO closed_board VALUES ('workouts', ?, ?, ?, 0, 0, 1)")
        .bind(period, version, JSON.stringify({ members: ranked.length, rankings }))
        .run();
    },
    join: (member: string, onBoards: number) =>
      db
        .prepare(
          "INSERT OR REPLACE INTO member (id, made_at, settings_version, zones, on_boards) VALUES (?, 0, 1, '[]', ?)",
        )
        .bind(member, onBoards)
        .run(),
    down(is: boolean): void {
      isDown = is;
    },
    write: (sql: string, ...values: unknown[]) =>
      db
        .prepare(sql)
        .bind(...values)
        .run(),
    /** What goes on once answers are out. */
    settled: () => Promise.allSettled(later),
  };
}
export type World = ReturnType<typeof world>;

/** Follows cursors to the end. */
export async function pages(
  here: World,
  path: string,
  given: Parameters<World["get"]>[1] = {},
): Promise<Entry[]> {
  const items: Entry[] = [];
  let cursor: string | null = null;
  do {
    const more: string = cursor === null ? "" : `&cursor=${encodeURIComponent(cursor)}`;
    const { status, body } = await here.get(`${path}${more}`, given);
    if (status !== 200) throw new Error(`a page was answered ${status}`);
    items.push(...body.items);
    cursor = body.next;
  } while (cursor !== null);
  return items;
}

function routeOf(path: string): { route: AnyRoute; params: Record<string, string> } {
  for (const route of routes) {
    const pattern = new RegExp(`^${route.path.replaceAll(/:(\w+)/g, "(?<$1>[^/]+)")}$`);
    const found = pattern.exec(path);
    if (found !== null) return { route, params: { ...found.groups } };
  }
  throw new Error(`no route for ${path}`);
}

async function* batchOf(scores: readonly Score[]): AsyncGenerator<readonly Score[]> {
  yield scores;
}

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
