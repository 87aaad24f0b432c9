/**
 * The real board objects alone, with bounds that a test can reach, and a door to each of them and to
 * what writes and reads them. Names of members are their ids in capitals.
 */
import type { BoardReader } from "../../domain/ports.ts";
import { Board as RealBoard } from "../../durable-objects/board.ts";
import { BoardLive as RealLive } from "../../durable-objects/board-live.ts";
import { BoardRoot as RealRoot } from "../../durable-objects/board-root.ts";
import { type BoardEnv, boardsOf, putScores } from "../../durable-objects/board-shards.ts";
import { liveReader } from "../../kernel/boards/read.ts";
import type { BoardAnswer, BoardCall } from "./board-calls.ts";

type ObjectCall = Extract<BoardCall, { object: string }>;
type Runs = Rpc.DurableObjectBranded & { run(calls: ObjectCall["calls"]): Promise<BoardAnswer> };

interface Env extends BoardEnv {
  readonly BOARD_LIVE: DurableObjectNamespace;
  /** JSON: `ShardBounds`. */
  readonly BOUNDS: string;
}

export class Board extends RealBoard {
  readonly #written: SqlStorageCursor<never>[];

  constructor(ctx: DurableObjectState, env: Env) {
    const written = counted(ctx.storage.sql);
    super(ctx, env, JSON.parse(env.BOUNDS));
    this.#written = written;
  }

  async run(calls: ObjectCall["calls"]): Promise<BoardAnswer> {
    this.#written.length = 0;
    const answers = await answersOf(this, calls);
    const rowsWritten = this.#written.reduce((n, cursor) => n + cursor.rowsWritten, 0);
    return { answers, rowsWritten };
  }

  async tables(): Promise<string[]> {
    const query = "SELECT name FROM sqlite_master WHERE type = 'table'";
    return [...this.ctx.storage.sql.exec<{ name: string }>(query)].map(({ name }) => name);
  }
}

export class BoardRoot extends RealRoot {
  async run(calls: ObjectCall["calls"]): Promise<BoardAnswer> {
    return { answers: await answersOf(this, calls), rowsWritten: 0 };
  }
}

export class BoardLive extends RealLive {
  constructor(ctx: DurableObjectState, env: Env) {
    const names = async (members: readonly string[]) =>
      Object.fromEntries(members.map((member) => [member, member.toUpperCase()]));
    super(ctx, { ...env, VAULT_OPEN: { names } });
  }

  async run(calls: ObjectCall["calls"]): Promise<BoardAnswer> {
    return { answers: await answersOf(this, calls), rowsWritten: 0 };
  }

  getAlarm(): Promise<number | null> {
    return this.ctx.storage.getAlarm();
  }
}

async function answersOf(object: object, calls: ObjectCall["calls"]): Promise<unknown[]> {
  const answers: unknown[] = [];
  for (const [method, ...args] of calls) {
    const call = (object as Record<string, (...list: unknown[]) => unknown>)[method];
    answers.push(await call?.apply(object, args));
  }
  return answers;
}

/** Every statement of SQL that is run from now on. */
function counted(sql: SqlStorage): SqlStorageCursor<never>[] {
  const ran: SqlStorageCursor<never>[] = [];
  const exec = sql.exec.bind(sql);
  Object.defineProperty(sql, "exec", {
    value: (query: string, ...bindings: unknown[]) => {
      const cursor = exec(query, ...bindings);
      ran.push(cursor as unknown as SqlStorageCursor<never>);
      return cursor;
    },
  });
  return ran;
}

async function answer(env: Env, call: BoardCall): Promise<BoardAnswer> {
  if ("object" in call) {
    const { object, name, calls } = call;
    const objects = { shard: env.BOARD, root: env.BOARD_ROOT, live: env.BOARD_LIVE }[object];
    return (objects.getByName(name) as unknown as Runs).run(calls);
  }
  const boards = boardsOf(env, call.stream);
  if ("put" in call) {
    for (const row of call.put) await putScores(boards, row);
    return { answers: [], rowsWritten: 0 };
  }
  const reader = liveReader(boards) as unknown as Record<
    keyof BoardReader,
    (...args: unknown[]) => Promise<unknown>
  >;
  return { answers: [await reader[call.read](...call.args)], rowsWritten: 0 };
}

export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    if (pathname.startsWith("/live/"))
      return env.BOARD_LIVE.getByName(decodeURIComponent(pathname.slice(6))).fetch(request);
    try {
      return Response.json(await answer(env, await request.json<BoardCall>()));
    } catch (error) {
      return new Response(String(error), { status: 500 });
    }
  },
} satisfies ExportedHandler<Env>;
