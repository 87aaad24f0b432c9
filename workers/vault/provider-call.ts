/**
 * One call to a provider's allow-listed host, bounded in time and in bytes. Whatever the provider
 * does is a reply: nothing is thrown for it. A redirect is not followed: the token would go wherever
 * it points. Neither address nor answer is ever logged.
 */
import type { AppRequest, ProviderReply, ProviderRequest, ReplyFault } from "../../domain/ports.ts";
import { retryAfterOf } from "./retry-after.ts";

const timeoutMs = 10_000;
const replyBytesMax = 8 * 1_048_576;
/** A file takes its time, and must fit with room to spare into one answer between workers. */
const fileTimeoutMs = 30_000;
const fileBytesMax = 16 * 1_048_576;
const headerCharsMax = 256;

export interface Bounds {
  readonly timeoutMs: number;
  readonly bytesMax: number;
}
/** What is asked for, and what of the answer is wanted. */
export interface Sending {
  readonly method: AppRequest["method"];
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly as?: ProviderRequest["as"];
  /** Lower-case names of the headers that are handed on. */
  readonly keep?: readonly string[];
}

/** Throws when it leads off the host or these paths: our own mistake, never to be sent. */
export function addressOf(
  host: string,
  { path, query }: Pick<ProviderRequest, "path" | "query">,
  paths: readonly string[],
): URL {
  const address = new URL(path, host);
  const isOnHost = path.startsWith("/") && address.origin === new URL(host).origin;
  if (!isOnHost || !paths.some((prefix) => address.pathname.startsWith(prefix)))
    throw new Error("the path leaves what may be asked of the provider");
  for (const [name, value] of Object.entries(query)) address.searchParams.append(name, value);
  return address;
}

export const bearing = (token: string): Readonly<Record<string, string>> => ({
  authorization: `Bearer ${token}`,
});

/**
 * The app's own id and secret (RFC 6749, section 2.3.1; a blank is `%20` here, since not everybody
 * reads the form's `+`).
 */
export const basic = (app: { readonly clientId: string; readonly clientSecret: string }): string =>
  `Basic ${btoa(`${encodeURIComponent(app.clientId)}:${encodeURIComponent(app.clientSecret)}`)}`;

/** What a request says, encoded. */
export function encoded({
  json,
  form,
}: {
  readonly json?: unknown;
  readonly form?: AppRequest["form"] | undefined;
}): Pick<Sending, "headers" | "body"> {
  if (form !== undefined) {
    if (json !== undefined) throw new Error("a request carries a form or JSON, not both");
    return {
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams(form).toString(),
    };
  }
  if (json === undefined) return { headers: {} };
  return { headers: { "content-type": "application/json" }, body: JSON.stringify(json) };
}

export async function send(
  address: URL,
  { method, headers, body, as = "json", keep = [] }: Sending,
  bounds: Bounds = as === "bytes"
    ? { timeoutMs: fileTimeoutMs, bytesMax: fileBytesMax }
    : { timeoutMs, bytesMax: replyBytesMax },
): Promise<ProviderReply> {
  const signal = AbortSignal.timeout(bounds.timeoutMs);
  const accept = as === "bytes" ? "*/*" : "application/json";
  const init = { method, headers: { accept, ...headers }, redirect: "manual", signal } as const;
  let response: Response;
  try {
    response = await fetch(address, body === undefined ? init : { ...init, body });
  } catch {
    return faulty(signal.aborted ? "timeout" : "network");
  }
  const head = headOf(response, keep);
  if (head.status >= 300 && head.status < 400) {
    await response.body?.cancel().catch(() => undefined);
    return { ...head, ...nothing, fault: "redirect" };
  }
  const read = await readBounded(response, bounds.bytesMax);
  if (typeof read === "string") {
    const fault = read === "cut-short" && signal.aborted ? "timeout" : read;
    return { ...head, ...nothing, fault };
  }
  return as === "bytes" ? fileIn(response, head, read) : textIn(response, head, read);
}

const nothing = { body: "", complete: false } as const;
export const faulty = (fault: ReplyFault): ProviderReply => ({
  status: 0,
  ...nothing,
  fault,
  retryAfterMs: null,
  headers: {},
});

type Head = Pick<ProviderReply, "status" | "retryAfterMs" | "headers">;

function headOf({ status, headers }: Response, keep: readonly string[]): Head {
  const kept = keep.flatMap((name) => {
    const value = headers.get(name);
    return value === null ? [] : [[name.toLowerCase(), value.slice(0, headerCharsMax)] as const];
  });
  const retryAfterMs = retryAfterOf(headers.get("retry-after"), headers.get("date"), Date.now());
  return { status, retryAfterMs, headers: Object.fromEntries(kept) };
}

/** An error's body may be of any type: its status says it all. */
function textIn(response: Response, head: Head, bytes: Uint8Array): ProviderReply {
  const body = new TextDecoder().decode(bytes);
  const isAnswer = head.status < 400 && body !== "";
  if (isAnswer && !(isOfType(response, jsonType, true) && jsonIn(body) !== null))
    return { ...head, ...nothing, fault: "wrong-type" };
  return { ...head, body, complete: true, fault: null };
}

/** A page for people instead of a file is no file; what a file is, its reader finds out. */
function fileIn(response: Response, head: Head, bytes: Uint8Array): ProviderReply {
  if (head.status < 400 && isOfType(response, pageType, false))
    return { ...head, ...nothing, fault: "wrong-type" };
  return { ...head, body: "", bytes, complete: true, fault: null };
}

const jsonType = /^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i;
const pageType = /^(?:text\/html|application\/xhtml\+xml)\s*(?:;|$)/i;

const isOfType = ({ headers }: Response, type: RegExp, unsaid: boolean): boolean => {
  const said = headers.get("content-type");
  return said === null ? unsaid : type.test(said.trim());
};

/** An answer that states more than the bound is not read at all. */
async function readBounded(
  response: Response,
  bytesMax: number,
): Promise<Uint8Array | "too-large" | "cut-short"> {
  const isEncoded = response.headers.has("content-encoding");
  const announced = Number(response.headers.get("content-length") ?? 0);
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    if (announced > bytesMax) {
      await response.body?.cancel();
      return "too-large";
    }
    for await (const chunk of response.body ?? []) {
      length += chunk.length;
      if (length > bytesMax) return "too-large";
      chunks.push(chunk);
    }
  } catch {
    return announced > bytesMax ? "too-large" : "cut-short";
  }
  return isEncoded || announced <= length ? joined(chunks, length) : "cut-short";
}

function joined(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const all = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}

/** Null when it is no JSON, or nothing. */
export function jsonIn(text: string): { readonly said: unknown } | null {
  try {
    return { said: JSON.parse(text) };
  } catch {
    return null;
  }
}

/** A provider that hands a secret back says nothing that may leave here. */
export function withoutSecrets(reply: ProviderReply, secrets: readonly string[]): ProviderReply {
  const said = [reply.body, ...Object.values(reply.headers)];
  const shows = secrets
    .flatMap(shapesOf)
    .some(
      (secret) => said.some((text) => text.includes(secret)) || includesText(reply.bytes, secret),
    );
  if (!shows) return reply;
  const { bytes: _, ...rest } = reply;
  return { ...rest, ...nothing, headers: {}, fault: "wrong-type" };
}

/** As it is, and as it may be repeated: in a form, in an address, in JSON. */
function shapesOf(secret: string): readonly string[] {
  const inForm = new URLSearchParams({ s: secret }).toString().slice("s=".length);
  const inPath = encodeURIComponent(new TextDecoder().decode(new TextEncoder().encode(secret)));
  const inJson = JSON.stringify(secret).slice(1, -1);
  return [...new Set([secret, inForm, inPath, inJson, inJson.replaceAll("/", "\\/")])];
}

function includesText(bytes: Uint8Array | undefined, text: string): boolean {
  if (bytes === undefined) return false;
  const wanted = new TextEncoder().encode(text);
  const first = wanted[0] ?? 0;
  for (let at = bytes.indexOf(first); at >= 0; at = bytes.indexOf(first, at + 1))
    if (wanted.every((byte, i) => bytes[at + i] === byte)) return true;
  return false;
}
