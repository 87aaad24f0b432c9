/** Starts the real board objects alone in workerd, over a folder of their own, and talks to them. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from "miniflare";
import type { BoardPage, Ranked, Ranking, ScoreRow } from "../../domain/ports.ts";
import type { ShardBounds } from "../../kernel/boards/load.ts";
import { bundle } from "../../local/runtime.ts";
import type { BoardAnswer, BoardCall } from "../fakes/board-calls.ts";

type ObjectCall = Extract<BoardCall, { object: string }>;
const classes = { shard: "Board", root: "BoardRoot", live: "BoardLive" } as const;
const spacious: ShardBounds = { membersMax: 65_536, putsASecondMax: 1_000_000 };

export interface LoneBoards {
  /** Of sockets. */
  readonly url: string;
  ask(object: ObjectCall["object"], name: string, ...calls: ObjectCall["calls"]): Asked;
  put(stream: string, ...rows: ScoreRow[]): Promise<void>;
  top(stream: string, ranking: Ranking, limit: number): Promise<BoardPage>;
  place(
    stream: string,
    ranking: Ranking,
    member: string,
    around: number,
  ): Promise<{ items: Ranked[]; total: number } | null>;
  /** Puts every such object out of memory. */
  evict(...objects: ObjectCall["object"][]): Promise<void>;
  end(): Promise<void>;
}
type Asked = Promise<BoardAnswer>;

export async function startBoards(bounds: ShardBounds = spacious): Promise<LoneBoards> {
  const folder = await mkdtemp(join(tmpdir(), "singlet-boards-"));
  const contents = await bundle(resolve(import.meta.dirname, "../fakes/board-worker.ts"));
  const durableObject = (className: string) => ({ className, useSQLite: true });
  const runtime = new Miniflare(
    convertV4MiniflareOptions({
      name: "boards",
      modules: [{ type: "ESModule", path: "boards.mjs", contents }],
      compatibilityDate: "2026-10-01",
      durableObjects: {
        BOARD: durableObject("Board"),
        BOARD_ROOT: durableObject("BoardRoot"),
        BOARD_LIVE: durableObject("BoardLive"),
      },
      bindings: { BOUNDS: JSON.stringify(bounds) },
      host: "127.0.0.1",
      port: 0,
      cf: false,
      log: new Log(LogLevel.NONE),
      handleStructuredLogs: () => {},
      resourcePersistencePath: folder,
      telemetry: { enabled: false },
    }),
  );
  const { host } = await runtime.ready;
  const say = async (call: BoardCall): Promise<BoardAnswer> => {
    const body = JSON.stringify(call);
    const response = await runtime.dispatchFetch("http://boards/", { method: "POST", body });
    if (response.status !== 200) throw new Error(await response.text());
    return (await response.json()) as BoardAnswer;
  };
  const read = async (asked: "top" | "place", stream: string, ...args: unknown[]) =>
    (await say({ read: asked, stream, args })).answers[0];
  return {
    url: `ws://${host}`,
    ask: (object, name, ...calls) => say({ object, name, calls }),
    put: async (stream, ...rows) => void (await say({ put: rows, stream })),
    top: async (stream, ranking, limit) =>
      (await read("top", stream, ranking, null, limit)) as BoardPage,
    place: async (stream, ...asked) =>
      (await read("place", stream, ...asked)) as Awaited<ReturnType<LoneBoards["place"]>>,
    async evict(...objects) {
      for (const className of objects.map((object) => classes[object]))
        for (const id of await runtime.listDurableObjectIds(className, "boards"))
          await runtime.unsafeEvictDurableObject("boards", className, { id }).catch((error) => {
            if (!String(error).includes("not currently running")) throw error;
          });
    },
    async end() {
      await runtime.dispose();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The ranking that these tests look at, and what somebody has in it. */
export const everybody: Ranking = { period: "all", key: "all", measure: 0 };
export const scored = (member: string, version: number, score = version): ScoreRow => ({
  member,
  version,
  periods: { all: { all: [score, version] } },
  unshown: {},
});
export const nothingOf = (member: string, version: number): ScoreRow => ({
  member,
  version,
  periods: {},
  unshown: {},
});
