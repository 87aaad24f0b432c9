/**
 * Sends over a bounded number of connections, kept alive, and never waits for one: what finds none
 * free was not offered, and is said to be so. Bare sockets, since whoever offers shares the machine
 * with what it asks: a request costs one write, an answer a look at its head. What came back is told
 * as it was said.
 */
import { connect, type Socket } from "node:net";
import type { Asked } from "./traffic.ts";

/** Many times all that the system has in hand at once, so that it is the system that refuses. */
export const writersMax = 6_000;
/** Who looks has connections of their own: who writes does not keep them from being heard. */
export const readersMax = 600;
/** Longer than any answer may take (`workMsMax`, workers/edge/shed.ts). */
const patienceMs = 70_000;
/** How often it is looked for those whose patience is over. */
const lookEveryMs = 1_000;
/** A connection that was idle for longer may be closed by the other side just now. */
const idleMsMax = 2_000;

export interface Said {
  /** Null: no answer came whole. */
  readonly status: number | null;
  readonly retryAfter: string | null;
  readonly ms: number;
}

/** A request as it goes over the wire. */
export type Prepared = Buffer;

const headEnd = "\r\n\r\n";
/** Of a body in chunks: the last one, and what follows it. */
const chunksEnd = Buffer.from("0\r\n\r\n");

interface Head {
  readonly status: number;
  readonly retryAfter: string | null;
  /** Bytes from the answer's first one to its last; null: it comes in chunks. */
  readonly wholeBytes: number | null;
  readonly isKept: boolean;
}

function headOf(heard: Buffer): Head | null {
  const end = heard.indexOf(headEnd);
  if (end < 0) return null;
  const text = heard.toString("latin1", 0, end);
  const field = (name: string) =>
    new RegExp(`^${name}:[ \\t]*([^\\r]*)`, "im").exec(text)?.[1] ?? null;
  const length = field("content-length");
  const isBare = length === null && field("transfer-encoding") === null;
  return {
    status: Number(text.slice(9, 12)),
    retryAfter: field("retry-after"),
    wholeBytes: length === null && !isBare ? null : end + headEnd.length + Number(length ?? 0),
    isKept: field("connection")?.toLowerCase() !== "close",
  };
}

const isWhole = (heard: Buffer, { wholeBytes }: Head): boolean =>
  wholeBytes === null
    ? heard.subarray(-chunksEnd.length).equals(chunksEnd)
    : heard.length >= wholeBytes;

/** One request at a time; once it broke it is of no more use. */
class Connection {
  readonly #socket: Socket;
  #heard: Buffer = Buffer.alloc(0);
  #head: Head | null = null;
  #settle: ((said: Said) => void) | null = null;
  #sentMs = 0;
  #answeredMs = 0;
  isOpen = true;

  constructor(host: string, port: number) {
    this.#socket = connect({ host, port, noDelay: true });
    this.#socket.on("data", (bytes: Buffer) => this.#hear(bytes));
    this.#socket.on("error", () => this.end());
    this.#socket.on("close", () => this.end());
  }

  send(bytes: Prepared, settle: (said: Said) => void): void {
    this.#settle = settle;
    this.#sentMs = performance.now();
    this.#socket.write(bytes);
  }

  get isFresh(): boolean {
    return this.isOpen && performance.now() - this.#answeredMs <= idleMsMax;
  }

  get waitedMs(): number {
    return this.#settle === null ? 0 : performance.now() - this.#sentMs;
  }

  #hear(bytes: Buffer): void {
    this.#heard = this.#heard.length === 0 ? bytes : Buffer.concat([this.#heard, bytes]);
    this.#head ??= headOf(this.#heard);
    if (this.#head === null || !isWhole(this.#heard, this.#head)) return;
    const { status, retryAfter, isKept } = this.#head;
    [this.#heard, this.#head] = [Buffer.alloc(0), null];
    this.isOpen &&= isKept;
    this.#say({ status, retryAfter });
    if (!isKept) this.#socket.destroy();
  }

  #say(said: Omit<Said, "ms">): void {
    const settle = this.#settle;
    this.#settle = null;
    this.#answeredMs = performance.now();
    settle?.({ ...said, ms: this.#answeredMs - this.#sentMs });
  }

  end(): void {
    this.isOpen = false;
    this.#socket.destroy();
    this.#say({ status: null, retryAfter: null });
  }
}

export class Sender {
  readonly #url: URL;
  readonly #connectionsMax: number;
  readonly #idle: Connection[] = [];
  readonly #busy = new Set<Connection>();
  readonly #looking: NodeJS.Timeout;

  constructor(url: string, connectionsMax = writersMax) {
    this.#url = new URL(url);
    this.#connectionsMax = connectionsMax;
    this.#looking = setInterval(() => this.#giveUp(), lookEveryMs).unref();
  }

  get isFree(): boolean {
    return this.#busy.size < this.#connectionsMax;
  }

  get inFlight(): number {
    return this.#busy.size;
  }

  prepared({ method, path, headers, body }: Asked): Prepared {
    const length = body === "" ? [] : [`content-length: ${Buffer.byteLength(body)}`];
    const fields = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
    const lines = [`${method} ${path} HTTP/1.1`, `host: ${this.#url.host}`, ...fields, ...length];
    return Buffer.from(`${lines.join("\r\n")}${headEnd}${body}`);
  }

  send(asked: Asked): Promise<Said> {
    return this.sendPrepared(this.prepared(asked));
  }

  sendPrepared(bytes: Prepared): Promise<Said> {
    const connection = this.#free();
    this.#busy.add(connection);
    return new Promise((settle) => {
      connection.send(bytes, (said) => {
        this.#busy.delete(connection);
        if (connection.isOpen) this.#idle.push(connection);
        settle(said);
      });
    });
  }

  /** The one that was used last: those that idle for long are closed by the other side. */
  #free(): Connection {
    for (let one = this.#idle.pop(); one !== undefined; one = this.#idle.pop()) {
      if (one.isFresh) return one;
      one.end();
    }
    return new Connection(this.#url.hostname, Number(this.#url.port));
  }

  #giveUp(): void {
    for (const connection of this.#busy) if (connection.waitedMs > patienceMs) connection.end();
  }

  end(): void {
    clearInterval(this.#looking);
    for (const connection of [...this.#idle, ...this.#busy]) connection.end();
  }
}
