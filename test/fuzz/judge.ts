/**
 * A request sent and its answer held to what is promised: promises.ts, nobody's canary, one 404 for
 * what is absent and what is another's. What is wrong is a sentence; the same sentence means that a
 * smaller request is wrong in the same way.
 */
import { setTimeout as pause } from "node:timers/promises";
import {
  type Answered,
  answered,
  broken,
  type Document,
  uniform,
} from "../conformance/promises.ts";
import type { Ask, World } from "./asks.ts";
import { canaries } from "./callers.ts";
import { learn } from "./pools.ts";

export interface Judged {
  readonly status: number;
  readonly wrong: readonly string[];
  /** What was answered, its beginning. */
  readonly said: string;
  readonly ms: number;
}

/** A machine that is busy with others takes long; a hang takes for ever. */
const answerWithinMs = 60_000;
/** A stream has no end: what it says at first is looked at. */
const streamMs = 250;
const saidChars = 400;

/** Where a success may repeat what a GET said: it stands in the file that was asked for. */
const repeats = /^GET \/v1\/royalties\/\{period\}\/dsr$/;

export const pathWithQuery = ({ path, query }: Pick<Ask, "path" | "query">): string =>
  query.length === 0 ? path : `${path}?${new URLSearchParams(query as [string, string][])}`;

export const headersOf = ({ callers }: World, { caller, headers }: Ask): Record<string, string> => {
  const token = caller === null ? undefined : callers.by[caller].token;
  return { ...(token === undefined ? {} : { authorization: `Bearer ${token}` }), ...headers };
};

async function send(world: World, ask: Ask): Promise<Answered> {
  const response = await fetch(`${world.system.url}${pathWithQuery(ask)}`, {
    method: ask.method,
    redirect: "manual",
    headers: headersOf(world, ask),
    signal: AbortSignal.timeout(answerWithinMs),
    ...(ask.body === undefined ? {} : { body: ask.body as BodyInit }),
  });
  const isStream = response.headers.get("content-type")?.startsWith("text/event-stream") === true;
  const text = isStream ? await beginningOf(response) : await response.text();
  return answered(response.status, response.headers, text);
}

async function beginningOf({ body }: Response): Promise<string> {
  if (body === null) return "";
  const reader = body.getReader();
  const timer = setTimeout(() => reader.cancel().catch(() => {}), streamMs);
  let text = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    text += new TextDecoder().decode(value);
  }
  clearTimeout(timer);
  return text;
}

const isUnwell = ({ status, headers }: Answered): boolean =>
  status === 503 && /^\d+$/.test(headers.get("retry-after") ?? "");

/** Sends it and says what is wrong with the answer. */
export async function judge(world: World, document: Document, ask: Ask): Promise<Judged> {
  let answer: Answered;
  const beganMs = performance.now();
  try {
    answer = await send(world, ask);
  } catch (error) {
    const { name, cause } = error as Error & { cause?: { code?: string } };
    const wrong = [`no answer: ${cause?.code ?? name}`];
    return { status: 0, wrong, said: String(error), ms: performance.now() - beganMs };
  }
  const ms = performance.now() - beganMs;
  const { status, text } = answer;
  const mayShow = !["GET", "HEAD"].includes(ask.method) || repeats.test(ask.route);
  const asked = { method: ask.method, path: pathWithQuery(ask), marker: ask.marker, mayShow };
  const wrong = broken(document, asked, answer).filter(
    // Overload says when to come again, and is counted by itself.
    (what) => what !== "a fault of ours" || !isUnwell(answer),
  );
  for (const { value, mayShow: by } of canaries) {
    const isTheirs = by.some((name) => name === ask.caller);
    if (!isTheirs && text.includes(value)) wrong.push(`a canary is shown: ${value.slice(0, 6)}…`);
  }
  if (ask.twin !== undefined && status === 404 && !(await isAsTwin(world, ask, ask.twin, answer)))
    wrong.push("what is another's is told from what is not there");
  if (status < 300 && ask.caller !== null) after(world, ask, answer);
  return { status, wrong, said: text.slice(0, saidChars), ms };
}

/** Who asks may be erased meanwhile, or have asked too much: what is told apart stays so. */
const twinLooksMax = 3;
const betweenLooksMs = 1_000;

async function isAsTwin(world: World, ask: Ask, path: string, first: Answered): Promise<boolean> {
  let answer = first;
  for (let look = 1; ; look++) {
    const twin = await send(world, { ...ask, path });
    if (twin.status < 400 || uniform(twin) === uniform(answer)) return true;
    if (look === twinLooksMax) return false;
    await pause(betweenLooksMs);
    answer = await send(world, ask);
  }
}

/** What the answer names can be asked for; who is gone comes again. */
function after({ callers }: World, { route, caller }: Ask, { body }: Answered): void {
  if (caller === null) return;
  const [, path = ""] = route.split(" ");
  learn(callers.pools, path, caller, body);
}

/** As a command that asks again what was asked. */
export function curlOf(world: World, ask: Ask): string {
  const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;
  const headers = Object.entries(headersOf(world, ask)).map(([name, value]) => {
    const shown = name === "authorization" && ask.caller !== null ? "Bearer $TOKEN" : value;
    return `-H ${quoted(`${name}: ${shown}`)}`;
  });
  const { body } = ask;
  const bytes = body === undefined ? null : Buffer.from(body as string);
  const isText = bytes?.equals(Buffer.from(bytes.toString())) === true;
  const data =
    bytes === null
      ? []
      : isText && bytes?.includes(0) === false
        ? [`--data-binary ${quoted(bytes.toString())}`]
        : ["--data-binary @-"];
  const piped =
    data[0] === "--data-binary @-" ? `base64 -d <<< ${bytes?.toString("base64")} | ` : "";
  const url = quoted(`$URL${pathWithQuery(ask)}`);
  return `${piped}curl -i -X ${ask.method} ${[...headers, ...data].join(" ")} ${url}`;
}
