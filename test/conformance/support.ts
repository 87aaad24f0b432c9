/**
 * Asking the running system as a stranger would, with the promises that hold for every answer
 * checked on each one (promises.ts).
 */
import { request as httpRequest } from "node:http";
import { expect } from "vitest";
import type { RouteAudit } from "../../workers/edge/audit.ts";
import type { ProblemName } from "../../workers/edge/problem.ts";
import type { OwnSystem } from "../system/support.ts";
import {
  type Answered,
  answered,
  broken,
  type Document,
  documentFrom,
  type OpenApi,
} from "./promises.ts";

export { type Answered, uniform } from "./promises.ts";

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
  const answer = answered(response.status, response.headers, await response.text());
  await promises(system, method, path, answer, mayShow);
  return answer;
}

/** What holds of every answer, whatever was asked (promises.ts). */
async function promises(
  system: System,
  method: string,
  path: string,
  answer: Answered,
  mayShow: boolean,
): Promise<void> {
  const said = `${method} ${path.slice(0, 120)} → ${answer.status} ${answer.text.slice(0, 300)}`;
  const asked = { method, path, marker, mayShow };
  expect(broken(await documentOf(system), asked, answer), said).toEqual([]);
}

const documents = new Map<string, Promise<Document>>();

function documentOf({ url }: System): Promise<Document> {
  const known = documents.get(url) ?? readDocument(url);
  documents.set(url, known);
  return known;
}

const readDocument = async (url: string): Promise<Document> =>
  documentFrom((await (await fetch(`${url}/openapi.json`)).json()) as OpenApi);

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
    let isAnswered = false;
    request.on("response", async (response) => {
      isAnswered = true;
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk as Buffer);
      request.destroy();
      const answer = answered(
        response.statusCode ?? 0,
        new Headers(response.headers as Record<string, string>),
        Buffer.concat(chunks).toString(),
      );
      promises(system, method, path, answer, false).then(() => resolve(answer), reject);
    });
    request.on("error", (error) => isAnswered || reject(error));
    let left = how === "declared" ? piece.length : bytes;
    const write = () => {
      if (isAnswered || left <= 0) return;
      const next = piece.subarray(0, Math.min(left, piece.length));
      left -= next.length;
      request.write(next, () => (left > 0 ? write() : how === "chunked" && request.end()));
    };
    write();
  });
}

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
