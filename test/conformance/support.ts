/**
 * Asking the running system as a stranger would, with the promises that hold for every answer
 * checked on each one: no fault of ours, nothing of the input said back, errors of one form, which
 * is the one that /openapi.json describes, and no status that it does not name.
 */
import { request as httpRequest } from "node:http";
import { expect } from "vitest";
import { z } from "zod";
import type { RouteAudit } from "../../workers/edge/audit.ts";
import { type ProblemName, problemNames, problemStatus } from "../../workers/edge/problem.ts";
import type { OwnSystem } from "../system/support.ts";

export interface Listed {
  readonly method: string;
  readonly path: string;
  readonly access: "public" | "signed-in" | "member" | { readonly role: string };
  readonly audit: RouteAudit;
  readonly body?: { safeParse(body: unknown): { readonly success: boolean } };
  readonly answers: Readonly<Record<number, unknown>>;
  readonly problems: readonly ProblemName[];
}
// By address: the workers are checked against the platform's types, these tests against Node's.
const app = new URL("../../workers/edge/app.ts", import.meta.url).href;
/** The app's own list. */
export const { routes } = (await import(/* @vite-ignore */ app)) as { routes: readonly Listed[] };

/** Planted in every input; found in no answer. */
export const marker = "QuastenflosserMarke4711";

export interface Asked {
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** A success may hold the marker: it is the caller's own name or grant. */
  readonly mayShow?: boolean;
}

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: callers know the documented shape.
  readonly body: any;
}

type System = OwnSystem["system"];

export async function ask(
  system: System,
  method: string,
  path: string,
  { token, headers, body, mayShow = false }: Asked = {},
): Promise<Answered> {
  const response = await fetch(`${system.url}${path}`, {
    method,
    redirect: "manual",
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: body as BodyInit }),
  });
  const answer = await read(response.status, response.headers, await response.text());
  await promises(system, method, path, answer, mayShow);
  return answer;
}

async function read(status: number, headers: Headers, text: string): Promise<Answered> {
  const isJson = headers.get("content-type")?.includes("json") === true;
  return { status, headers, text, body: isJson && text !== "" ? JSON.parse(text) : text };
}

/** What holds of every answer, whatever was asked. */
async function promises(
  system: System,
  method: string,
  path: string,
  { status, headers, text, body }: Answered,
  mayShow: boolean,
): Promise<void> {
  const asked = `${method} ${path.slice(0, 120)} → ${status} ${text.slice(0, 300)}`;
  expect(status, asked).toBeLessThan(500);
  if (!mayShow || status >= 400) expect(text.includes(marker), asked).toBe(false);
  expect([...headers].join().includes(marker), asked).toBe(false);
  expect(headers.get("x-request-id"), asked).toMatch(/^[0-9a-f-]{36}$/);
  expect(headers.get("x-content-type-options"), asked).toBe("nosniff");
  const document = await documentOf(system);
  const documented = documentedStatuses(document, system, method, path);
  expect(documented, `${asked}: not in /openapi.json`).toContain(status);
  if (path.startsWith("/oauth/")) expect(headers.get("cache-control"), asked).toBe("no-store");
  if (isPage(path, headers)) return;
  if (status < 400) return;
  expect(headers.get("cache-control"), asked).toBe("no-store");
  if (isListenBrainz(method, path, { status, headers, text, body })) return;
  expect(headers.get("content-type"), asked).toBe("application/problem+json");
  if (method === "HEAD") return;
  const name = problemNames.find((n) => body.type === `urn:singlet:problem:${n}`);
  expect(name, asked).toBeDefined();
  if (name !== undefined) expect(problemStatus(name), asked).toBe(status);
  expect(body.status, asked).toBe(status);
  expect(body.title, asked).toMatch(/^[A-Z].+\.$/);
  expect(body.requestId, asked).toBe(headers.get("x-request-id"));
  const described = document.problem.safeParse(body);
  expect(described.error?.issues ?? [], `${asked}: not as /openapi.json says`).toEqual([]);
}

/** Where a browser comes back to it is told in words, good or bad; nothing runs and nobody is asked. */
function isPage(path: string, headers: Headers): boolean {
  const is = headers.get("content-type")?.startsWith("text/html") === true;
  if (!is || !path.startsWith("/oauth/")) return false;
  expect(headers.get("content-security-policy")).toMatch(/^default-src 'none'; style-src/);
  expect(headers.get("referrer-policy")).toBe("no-referrer");
  return true;
}

/** Its clients are told in its own form, be it only a code and a sentence. */
function isListenBrainz(
  method: string,
  path: string,
  { status, headers, body }: Answered,
): boolean {
  if (!path.startsWith("/1/") || headers.get("content-type") !== "application/json") return false;
  if (method !== "HEAD")
    expect(body).toEqual({ code: status, error: expect.stringMatching(/^.+$/) });
  return true;
}

/** A path's rest is called that; every other parameter is one part of it. */
const anything = (parameter: string) => (parameter === "{path}" ? ".+" : "[^/]+");

type Described = Readonly<
  Record<string, { readonly responses: Readonly<Record<string, unknown>> }>
>;
/** /openapi.json, as far as every answer is held to it. */
interface Document {
  readonly paths: readonly (readonly [RegExp, Described])[];
  readonly problem: z.ZodType;
}
const documents = new Map<string, Promise<Document>>();

function documentOf({ url }: System): Promise<Document> {
  const known = documents.get(url) ?? readDocument(url);
  documents.set(url, known);
  return known;
}

async function readDocument(url: string): Promise<Document> {
  const { paths, components } = (await (await fetch(`${url}/openapi.json`)).json()) as {
    paths: Record<string, Described>;
    components: { schemas: Record<string, Parameters<typeof z.fromJSONSchema>[0]> };
  };
  return {
    problem: z.fromJSONSchema(components.schemas.Problem ?? false),
    paths: Object.entries(paths)
      .sort(([a], [b]) => a.split("{").length - b.split("{").length)
      .map(([path, methods]) => [
        new RegExp(`^${path.replaceAll(".", "\\.").replaceAll(/\{\w+\}/g, anything)}$`),
        methods,
      ]),
  };
}

/** A path that is not described is 404; one that is, by no path with this method, is 405. */
function documentedStatuses(
  { paths }: Document,
  { url }: System,
  method: string,
  path: string,
): readonly number[] {
  const pathname = new URL(path, url).pathname;
  const found = paths.filter(([pattern]) => pattern.test(pathname));
  if (found.length === 0) return [404];
  const asked = method === "HEAD" ? "get" : method.toLowerCase();
  const operation = found.map(([, methods]) => methods[asked]).find((o) => o !== undefined);
  return operation === undefined ? [405] : Object.keys(operation.responses).map(Number);
}

/** Sends a body of this many bytes and no more, declared or in chunks; reads whatever comes back. */
export function pour(
  system: System,
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  bytes: number,
  how: "declared" | "chunked",
): Promise<Answered> {
  const piece = Buffer.alloc(65_536, " ");
  return new Promise((resolve, reject) => {
    const request = httpRequest(`${system.url}${path}`, {
      method,
      headers: { ...headers, ...(how === "declared" ? { "content-length": String(bytes) } : {}) },
    });
    let answered = false;
    request.on("response", async (response) => {
      answered = true;
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk as Buffer);
      request.destroy();
      const answer = await read(
        response.statusCode ?? 0,
        new Headers(response.headers as Record<string, string>),
        Buffer.concat(chunks).toString(),
      );
      promises(system, method, path, answer, false).then(() => resolve(answer), reject);
    });
    request.on("error", (error) => answered || reject(error));
    let left = how === "declared" ? piece.length : bytes;
    const write = () => {
      if (answered || left <= 0) return;
      const next = piece.subarray(0, Math.min(left, piece.length));
      left -= next.length;
      request.write(next, () => (left > 0 ? write() : how === "chunked" && request.end()));
    };
    write();
  });
}

/** A problem body without what differs by request. */
export const uniform = ({ status, headers, body }: Answered): string => {
  const { requestId: _, ...rest } = body;
  return JSON.stringify([status, rest, headers.get("www-authenticate")]);
};

export const refusedBody = JSON.stringify([
  401,
  {
    type: "urn:singlet:problem:unauthenticated",
    title: "The request could not be authenticated.",
    status: 401,
  },
  "Bearer",
]);

/** A delivery in Google's name, signed as Google does. */
export async function signedByGoogle(
  system: System,
  body: string | Uint8Array,
): Promise<Record<string, string>> {
  return {
    authorization: system.secrets.googleAuthorization,
    "google-health-api-signature": await system.provider.sign(body),
  };
}

/** Routes that take a JSON form from somebody signed in; new ones are found by themselves. */
export const formRoutes = routes
  .filter((r) => r.body !== undefined && typeof r.access !== "object")
  .map((route) => {
    const path = route.path
      .replace(":provider", "garmin")
      .replace(/\/connections\/:connection$/, "/connections/garmin")
      .replaceAll(/:\w+/g, "none");
    return { name: `${route.method.toUpperCase()} ${path}`, path, route };
  });

/** Every door that takes a body. */
export const doorNames = [
  ...["garmin", "google-health", "POST /v1/sync", "POST /v1/files"],
  ...formRoutes.map(({ name }) => name),
];

/** A door as a caller who may goes through it. */
export interface Door {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly bytesMax: number;
  readonly mayShow: boolean;
  /** What it calls a body that is no JSON: files may be anything, so there it is one of them. */
  readonly notJson: ProblemName;
  headers(body: string | Uint8Array): Promise<Record<string, string>>;
}

export function doorsOf(system: System, token: string): readonly Door[] {
  const bearer = { authorization: `Bearer ${token}` };
  let key = 0;
  const forms = formRoutes.map(({ name, path, route }) => ({
    name,
    path,
    method: route.method.toUpperCase(),
    bytesMax: 64 * 1024,
    mayShow: true,
    notJson: "not-json" as const,
    headers: async () => bearer,
  }));
  return [
    {
      name: "garmin",
      method: "POST",
      path: `/webhooks/garmin/${system.secrets.garminPathKey}`,
      bytesMax: 10 * 1024 * 1024,
      mayShow: false,
      notJson: "not-json",
      headers: async () => ({}),
    },
    {
      name: "google-health",
      method: "POST",
      path: "/webhooks/google-health",
      bytesMax: 1024 * 1024,
      mayShow: false,
      notJson: "not-json",
      headers: (body) => signedByGoogle(system, body),
    },
    {
      name: "POST /v1/sync",
      method: "POST",
      path: "/v1/sync",
      bytesMax: 10 * 1024 * 1024,
      mayShow: false,
      notJson: "not-json",
      headers: async () => ({ ...bearer, "idempotency-key": `door-${key++}` }),
    },
    {
      name: "POST /v1/files",
      method: "POST",
      path: "/v1/files",
      bytesMax: 10 * 1024 * 1024,
      mayShow: false,
      notJson: "not-understood",
      headers: async () => bearer,
    },
    ...forms,
  ];
}

/** The body through the door, with what the door needs to know about its caller. */
export const through = async (
  system: System,
  door: Door,
  body: string | Uint8Array,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answered> =>
  ask(system, door.method, door.path, {
    body,
    mayShow: door.mayShow,
    headers: { ...(await door.headers(body)), ...headers },
  });
