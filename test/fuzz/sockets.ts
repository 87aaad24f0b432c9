/**
 * What no client sends, over bare sockets: what a listener and its parser do with it before any of
 * our code runs, and that nothing of it stays. A request may be refused in any way, by an answer
 * below 500 or by a closed socket, within its time; and an honest request is answered meanwhile.
 */
import { connect, type Socket } from "node:net";
import { endFolder, passingFolder } from "../../local/passing.ts";
import { enrol } from "../../local/people.ts";
import { type System, startSystem } from "../../local/system.ts";
import { table } from "../../local/table.ts";
import { chanceOf } from "../oracle/chance.ts";
import {
  type Abuse,
  below500,
  bombs,
  closedWithinMs,
  head,
  host,
  lines,
  marker,
  noise,
  slow,
} from "./abuses.ts";

/** At once, in the last of the tests. */
const connectionsMax = 1_000;

interface Heard {
  readonly status: number | null;
  readonly text: string;
  readonly ms: number;
  readonly isClosed: boolean;
}

/** Says it and hears what comes until the socket is closed, an answer is whole or time is over. */
function hear(port: number, { say }: Abuse): Promise<Heard> {
  return new Promise((resolve) => {
    const beganMs = performance.now();
    const socket = connect({ port, host: "127.0.0.1" });
    const chunks: Buffer[] = [];
    let isDone = false;
    const done = (isClosed: boolean) => {
      if (isDone) return;
      isDone = true;
      clearTimeout(timer);
      socket.destroy();
      const text = Buffer.concat(chunks).toString("latin1");
      const status = /^HTTP\/1\.\d (\d{3})/.exec(text)?.[1];
      const ms = Math.round(performance.now() - beganMs);
      resolve({ status: status === undefined ? null : Number(status), text, ms, isClosed });
    };
    const timer = setTimeout(() => done(false), closedWithinMs);
    socket.on("data", (chunk) => {
      chunks.push(chunk);
      // Kept alive it would stay open: an answer's first line is what is looked at.
      if (Buffer.concat(chunks).includes("\r\n\r\n")) setTimeout(() => done(true), 100);
    });
    socket.on("error", () => done(true));
    socket.on("close", () => done(true));
    socket.on("connect", () => Promise.resolve(say(socket)).catch(() => done(true)));
  });
}

const isWell = async ({ url }: System): Promise<boolean> => {
  const signal = AbortSignal.timeout(closedWithinMs);
  return (await fetch(`${url}/healthz`, { signal }).catch(() => null))?.status === 200;
};

/** So many connections that ask at once: each is answered, or closed, and the system is well after. */
async function crowded(
  port: number,
  size: number,
): Promise<{ answered: number; closed: number; open: number }> {
  const say = (socket: Socket) => void socket.write(head(["GET /healthz HTTP/1.1", host]));
  const all = await Promise.all(
    Array.from({ length: size }, () => hear(port, { name: "one of a crowd", say })),
  );
  const answered = all.filter(({ status }) => status !== null && status < 500).length;
  const open = all.filter(({ isClosed, status }) => !isClosed && status === null).length;
  return { answered, closed: all.length - answered - open, open };
}

export interface Abused {
  readonly rows: readonly (readonly string[])[];
  readonly wrong: readonly string[];
}

export interface AbuseOptions {
  readonly seed: number;
  /** Of bytes by chance, so many. */
  readonly noises: number;
  /** Connections at once, at the end. */
  readonly crowd: number;
  /** Without those that take their time. */
  readonly isQuick: boolean;
}

/** Everything there is, against a system that runs. */
export async function abuse(
  system: System,
  { seed, noises, crowd, isQuick }: AbuseOptions,
): Promise<Abused> {
  const chance = chanceOf(seed);
  const { token } = await enrol(system, "subject-sockets", "Name sockets", ["member"]);
  const port = Number(new URL(system.url).port);
  const rows: string[][] = [];
  const wrong: string[] = [];
  const others = Array.from({ length: noises }, (_, n) => noise(chance, n));
  for (const one of [
    ...lines(token),
    ...bombs(token),
    ...(isQuick ? [] : slow(token)),
    ...others,
  ]) {
    const { status, text, ms, isClosed } = await hear(port, one);
    const said = status === null ? (isClosed ? "closed" : "open") : String(status);
    rows.push([one.name, said, `${ms} ms`]);
    const isOurs = /^x-request-id:/im.test(text);
    const isListeners = one.isListeners === true && status === 500 && !isOurs;
    const isRight = status === null ? isClosed : isListeners || (one.right ?? below500)(status);
    if (!isRight) wrong.push(`${one.name}: ${said} after ${ms} ms`);
    if (text.includes(marker)) wrong.push(`${one.name}: the input is said back`);
    if (!(await isWell(system))) wrong.push(`${one.name}: the system is not well afterwards`);
  }
  const { answered, closed, open } = await crowded(port, crowd);
  rows.push([`${crowd} connections`, `${answered} answered, ${closed} closed`, ""]);
  if (open > 0) wrong.push(`${open} of ${crowd} connections neither answered nor closed`);
  if (!(await isWell(system))) wrong.push("the system is not well after a crowd");
  return { rows, wrong };
}

const noisesMax = 200;

/** All of it against a system that runs; prints what came of each, and hands over what is wrong. */
export async function abuseAll(system: System, seed: number): Promise<readonly string[]> {
  const options = { seed, noises: noisesMax, crowd: connectionsMax, isQuick: false };
  const { rows, wrong } = await abuse(system, options);
  const isNoise = ([name = ""]: readonly string[]) => name.startsWith("noise");
  const shown = rows.filter((row) => !isNoise(row));
  process.stdout.write(`${table(["what was sent", "answer", "within"], shown)}\n`);
  return wrong;
}

export async function fuzzSockets(seed: number): Promise<number> {
  const state = await passingFolder("fuzz");
  const system = await startSystem({ state });
  try {
    const wrong = await abuseAll(system, seed);
    for (const line of wrong) process.stdout.write(`wrong: ${line}\n`);
    process.stdout.write(`RESULT ${JSON.stringify({ seed, violations: wrong.length })}\n`);
    return wrong.length;
  } finally {
    await system.close();
    await endFolder(state);
  }
}
