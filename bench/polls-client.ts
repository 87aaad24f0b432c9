/**
 * As many clients as one machine can play: each knows the tag of what it saw last, and all of them
 * speak through a few kept connections. HTTP is spoken by hand, since the usual clients take more of
 * the processor than what is measured does.
 */
import { connect, type Socket } from "node:net";

export interface Polled {
  readonly status: number;
  readonly etag: string;
  readonly body: string;
}

const headEnd = "\r\n\r\n";

const triesMax = 3;

/** One kept connection: one question at a time. One that was closed while idle is opened again. */
export class Line {
  readonly #to: URL;
  #socket: Socket | null = null;
  #buffer = "";
  #answered: ((answer: Polled | null) => void) | null = null;

  constructor(to: string) {
    this.#to = new URL(to);
  }

  async get(path: string, etag: string): Promise<Polled> {
    const known = etag === "" ? "" : `If-None-Match: ${etag}\r\n`;
    const text = `GET ${path} HTTP/1.1\r\nHost: singlet.test\r\n${known}\r\n`;
    for (let i = 0; i < triesMax; i++) {
      const socket = this.#socket ?? this.#open();
      const answer = await new Promise<Polled | null>((answered) => {
        this.#answered = answered;
        socket.write(text);
      });
      if (answer !== null) return answer;
    }
    throw new Error("nobody answers");
  }

  end(): void {
    this.#answered = null;
    this.#socket?.destroy();
  }

  #open(): Socket {
    const socket = connect(Number(this.#to.port), this.#to.hostname);
    this.#socket = socket;
    this.#buffer = "";
    socket.setNoDelay(true);
    // As Latin-1 a character is a byte, which is what lengths count.
    socket.setEncoding("latin1");
    socket.on("data", (text: string) => {
      this.#buffer += text;
      this.#read();
    });
    // What is wrong is told by "close", which comes after it.
    socket.on("error", () => {});
    socket.on("close", () => {
      this.#socket = null;
      this.#answered?.(null);
    });
    return socket;
  }

  #read(): void {
    const headLength = this.#buffer.indexOf(headEnd);
    if (headLength < 0) return;
    const head = this.#buffer.slice(0, headLength);
    const status = Number(head.slice(9, 12));
    const rest = this.#buffer.slice(headLength + headEnd.length);
    const body = status === 304 ? { text: "", length: 0 } : bodyIn(head, rest);
    if (body === null) return;
    this.#buffer = rest.slice(body.length);
    const etag = /\r\netag: ([^\r]*)/i.exec(head)?.[1] ?? "";
    this.#answered?.({ status, etag, body: body.text });
  }
}

/** The body and how much of `rest` it takes; null: it is not here yet. */
function bodyIn(head: string, rest: string): { text: string; length: number } | null {
  if (!/\r\ntransfer-encoding: chunked/i.test(head)) {
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0);
    return rest.length < length ? null : { text: rest.slice(0, length), length };
  }
  let [text, at] = ["", 0];
  for (;;) {
    const lineEnd = rest.indexOf("\r\n", at);
    if (lineEnd < 0) return null;
    const size = Number.parseInt(rest.slice(at, lineEnd), 16);
    const end = lineEnd + 2 + size;
    if (rest.length < end + 2) return null;
    text += rest.slice(lineEnd + 2, end);
    at = end + 2;
    if (size === 0) return { text, length: at };
  }
}

/** Does so many things, a bounded number at once. */
export async function spread(
  lines: readonly Line[],
  count: number,
  one: (line: Line, n: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  await Promise.all(
    lines.map(async (line) => {
      while (next < count) await one(line, next++);
    }),
  );
}
