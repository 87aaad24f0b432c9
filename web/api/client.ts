/**
 * Every request of the pages. Types are the API's own (schema.d.ts), the token is added here and
 * nowhere else, and what a reading is asked for by stands in the address only where the API says so:
 * by ids, never by values.
 */
import { withToken } from "../session/session.ts";
import { Problem, Unreachable } from "./problem.ts";
import type { Api } from "./schema.d.ts";

export type Name = keyof Api;
export type Answer<N extends Name> = Api[N]["answer"];

type Given<Key extends string, Shape> = [keyof Shape] extends [never]
  ? { readonly [K in Key]?: Shape }
  : Partial<Shape> extends Shape
    ? { readonly [K in Key]?: Shape }
    : { readonly [K in Key]: Shape };
type Body<Shape> = [Shape] extends [never] ? { readonly body?: never } : { readonly body: Shape };

export type Asked<N extends Name> = Given<"params", Api[N]["params"]> &
  Given<"query", Api[N]["query"]> &
  Body<Api[N]["body"]> & {
    readonly headers?: Readonly<Record<string, string>>;
    readonly signal?: AbortSignal;
  };
type Loose = {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
};

/** `[]` where all of it may be left out. */
export type Arguments<N extends Name> =
  Record<never, never> extends Asked<N> ? [asked?: Asked<N>] : [asked: Asked<N>];

export function pathOf(name: Name, { params = {}, query = {} }: Loose = {}): string {
  const path = name
    .slice(name.indexOf(" ") + 1)
    .replaceAll(/\{(\w+)\}/g, (_, key: string) => encodeURIComponent(params[key] ?? ""));
  const said = Object.entries(query).filter(([, value]) => value !== undefined && value !== null);
  const search = new URLSearchParams(said.map(([key, value]) => [key, String(value)]));
  return search.size === 0 ? path : `${path}?${search}`;
}

/** The answer's JSON, or its text. Throws a `Problem`, or `Unreachable`. */
export async function api<N extends Name>(name: N, ...[asked]: Arguments<N>): Promise<Answer<N>> {
  const response = await ask(name, asked as Loose | undefined);
  const isJson = response.headers.get("content-type")?.includes("json") === true;
  return (isJson ? await response.json() : await response.text()) as Answer<N>;
}

/** The same, as it comes: for files, proofs and streams. Throws as `api` does. */
export async function ask(name: Name, asked: Loose = {}): Promise<Response> {
  const response = await withToken((token) => send(name, asked, token));
  if (response.ok) return response;
  throw await Problem.of(response);
}

async function send(name: Name, asked: Loose, token: string | null): Promise<Response> {
  const { body, headers, signal } = asked;
  const isRaw = body instanceof Blob;
  try {
    return await fetch(pathOf(name, asked), {
      method: name.slice(0, name.indexOf(" ")),
      headers: {
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined || isRaw ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: isRaw ? body : JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Unreachable();
  }
}
