/**
 * Tells those who watch one ranking when its best changed. Each watcher's socket hibernates; while
 * there are any, the alarm asks the same reader as everybody, at most once a second and more slowly
 * while nothing happens, and sends what changed. What a socket was last sent is kept with it, so an
 * object that was put out of memory sends nothing twice. Nothing is promised about what lies between
 * two messages: each is the whole page.
 *
 * The edge hands it an upgrade request whose URL carries `ranking` (JSON), `limit` and `from` (who
 * listens, as a digest; it is kept with the socket alone); the object's name begins with the stream
 * ("STREAM/…"), and all of one object watch the same ranking.
 */
import { DurableObject } from "cloudflare:workers";
import type { MemberId } from "../domain/identity.ts";
import type { BoardPage, OpenPort, Ranking } from "../domain/ports.ts";
import { formatMoment } from "../domain/time.ts";
import { liveReader } from "../kernel/boards/read.ts";
import { errorClass, logLine } from "../kernel/wide-event.ts";
import { type BoardEnv, boardsOf } from "./board-shards.ts";

export interface BoardLiveEnv extends BoardEnv {
  readonly VAULT_OPEN: Pick<OpenPort, "names">;
}

/** What is sent, as JSON. */
export interface LiveMessage {
  readonly changed: true;
  readonly page: {
    readonly items: readonly {
      readonly rank: number;
      readonly member: string;
      readonly name: string | null;
      readonly score: number;
      readonly at: string;
    }[];
    readonly total: number;
  };
}

/** Of one object; the platform carries 32,768, each of which is sent every change. */
export const socketsMax = 5_000;
/** Of one who listens, in one object: a few hundred behind one address leave the others room. */
export const socketsOfOneMax = 100;
const fromCharsMax = 64;
const limitMax = 100;
/** Between two messages, and so between two reads. */
export const busyEveryMs = 1_000;
/** While nothing changes; with the read itself still within three seconds of a change. */
export const quietEveryMs = 2_000;
/** Clients have nothing to say but "ping", which wakes nobody. */
const messageCharsMax = 256;
const messagesMax = 20;

interface Watcher {
  readonly ranking: Ranking;
  readonly limit: number;
  /** Digest of what it was last sent; null: nothing. */
  readonly sent: string | null;
  /** Messages that it had no reason to send. */
  readonly said: number;
}

export class BoardLive extends DurableObject<BoardLiveEnv> {
  #readMs = 0;

  constructor(ctx: DurableObjectState, env: BoardLiveEnv) {
    super(ctx, env);
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair("ping", "pong"));
  }

  override async fetch(request: Request): Promise<Response> {
    if (request.headers.get("upgrade")?.toLowerCase() !== "websocket")
      return new Response(null, { status: 426, headers: { upgrade: "websocket" } });
    const url = new URL(request.url);
    const watcher = watcherOf(url);
    const from = url.searchParams.get("from")?.slice(0, fromCharsMax) ?? "nobody";
    const [other] = this.ctx.getWebSockets();
    if (watcher === null || (other !== undefined && !isSameRanking(watcher, saved(other))))
      return new Response(null, { status: 400 });
    const isFull = this.ctx.getWebSockets().length >= socketsMax;
    if (isFull || this.ctx.getWebSockets(from).length >= socketsOfOneMax)
      return new Response(null, { status: 503, headers: { "retry-after": "5" } });
    const [client, server] = Object.values(new WebSocketPair()) as [WebSocket, WebSocket];
    this.ctx.acceptWebSocket(server, [from]);
    server.serializeAttachment(watcher);
    await this.ctx.storage.setAlarm(Math.max(Date.now(), this.#readMs + busyEveryMs));
    return new Response(null, { status: 101, webSocket: client });
  }

  /** Never throws: an alarm that throws too often is taken away, and then nobody is told anything. */
  override async alarm(): Promise<void> {
    const sockets = this.ctx.getWebSockets();
    if (sockets.length === 0) return;
    this.#readMs = Date.now();
    let everyMs = quietEveryMs;
    try {
      if (await this.#tell(sockets)) everyMs = busyEveryMs;
    } catch (error) {
      logLine({ event: "live", outcome: "failed", error: errorClass(error) });
    }
    // Who came meanwhile set it earlier than this.
    const atMs = this.#readMs + everyMs;
    const setMs = await this.ctx.storage.getAlarm();
    if (setMs === null || setMs > atMs) await this.ctx.storage.setAlarm(atMs);
  }

  override async webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): Promise<void> {
    const watcher = saved(socket);
    const said = watcher.said + 1;
    const isLong = typeof message !== "string" || message.length > messageCharsMax;
    if (isLong) socket.close(1009, "too long");
    else if (said > messagesMax) socket.close(1008, "nothing is to be said here");
    else socket.serializeAttachment({ ...watcher, said } satisfies Watcher);
  }

  override async webSocketClose(socket: WebSocket): Promise<void> {
    socket.close();
  }

  /** True when anybody was told anything. */
  async #tell(sockets: readonly WebSocket[]): Promise<boolean> {
    const watchers = sockets.map((socket) => ({ socket, ...saved(socket) }));
    const [first] = watchers;
    if (first === undefined) return false;
    const most = watchers.reduce((n, { limit }) => Math.max(n, limit), 1);
    const stream = this.ctx.id.name?.split("/")[0] ?? "";
    const read = await liveReader(boardsOf(this.env, stream)).top(first.ranking, null, most);
    const digests = new Map<number, string>();
    for (const { limit } of watchers)
      if (!digests.has(limit)) digests.set(limit, await digestOf(firstOf(read, limit)));
    const untold = watchers.filter(({ limit, sent }) => digests.get(limit) !== sent);
    if (untold.length === 0) return false;
    const names = await this.#names(read);
    const texts = new Map<number, string>();
    for (const { socket, limit } of untold) {
      const text = texts.get(limit) ?? messageOf(firstOf(read, limit), names);
      texts.set(limit, text);
      send(socket, text, digests.get(limit) ?? null);
    }
    return true;
  }

  async #names({ scores }: BoardPage): Promise<Readonly<Record<string, string>>> {
    if (scores.length === 0) return {};
    return this.env.VAULT_OPEN.names(scores.map(({ member }) => member as MemberId));
  }
}

/** A socket that closed since it was looked up is no failure. */
function send(socket: WebSocket, text: string, sent: string | null): void {
  if (socket.readyState !== WebSocket.OPEN) return;
  socket.send(text);
  socket.serializeAttachment({ ...saved(socket), sent } satisfies Watcher);
}

const saved = (socket: WebSocket): Watcher => socket.deserializeAttachment() as Watcher;

const isSameRanking = (a: Watcher, b: Watcher): boolean =>
  a.ranking.period === b.ranking.period &&
  a.ranking.key === b.ranking.key &&
  a.ranking.measure === b.ranking.measure;

function watcherOf({ searchParams }: URL): Watcher | null {
  const ranking = rankingIn(searchParams.get("ranking") ?? "");
  const limit = Number(searchParams.get("limit"));
  if (ranking === null || !Number.isInteger(limit) || limit < 1 || limit > limitMax) return null;
  return { ranking, limit, sent: null, said: 0 };
}

function rankingIn(text: string): Ranking | null {
  try {
    const { period, key, measure } = JSON.parse(text);
    const isOne = typeof period === "string" && typeof key === "string";
    return isOne && Number.isInteger(measure) ? { period, key, measure } : null;
  } catch {
    return null;
  }
}

const firstOf = ({ scores, total }: BoardPage, limit: number) => ({
  scores: scores.slice(0, limit),
  total,
});
type First = ReturnType<typeof firstOf>;

function messageOf({ scores, total }: First, names: Readonly<Record<string, string>>): string {
  const items = scores.map(({ member, score, atMs }, i) => ({
    rank: i + 1,
    member,
    name: names[member] ?? null,
    score,
    at: formatMoment(atMs),
  }));
  return JSON.stringify({ changed: true, page: { items, total } } satisfies LiveMessage);
}

async function digestOf(first: First): Promise<string> {
  const bytes = new TextEncoder().encode(JSON.stringify(first));
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  return btoa(String.fromCharCode(...new Uint8Array(digest).subarray(0, 12)));
}
