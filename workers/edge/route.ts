/**
 * What a route is: one entry that says what it takes, who may call it and what it answers. The app
 * is built from these entries and so is /openapi.json, so neither can know a route that the other
 * does not.
 */
import type { Context, Hono } from "hono";
import * as z from "zod";
import type { MemberId } from "../../domain/identity.ts";
import type { Role } from "../../domain/ports.ts";
import type { Instant } from "../../domain/time.ts";
import { entered, type RouteAudit } from "./audit.ts";
import { knownAs, namedBy, type SignedIn } from "./caller.ts";
import type { EdgeEnv } from "./env.ts";
import { budgets, isWithin, type Standing, senderKey, standingOf } from "./limits.ts";
import { type Ports, portsOf } from "./ports.ts";
import { type ProblemName, problem } from "./problem.ts";
import { readBody } from "./read-body.ts";
import {
  chanceNow,
  inHand,
  inHandMaxOf,
  inTime,
  keepPlace,
  refusals,
  waitSeconds,
  workMsMax,
} from "./shed.ts";

/** anyone · signed in · signed in and a member · holder of a role */
export type Access = "public" | "signed-in" | "member" | { readonly role: Role };

type Shape = z.ZodType;
type Out<S> = S extends z.ZodType ? z.output<S> : undefined;

export interface Call<P = unknown, Q = unknown, B = unknown> {
  readonly request: Request;
  readonly requestId: string;
  readonly nowMs: Instant;
  readonly env: EdgeEnv;
  readonly ports: Ports;
  readonly params: P;
  readonly query: Q;
  readonly body: B;
  /** Null only on public routes. */
  readonly caller: SignedIn | null;
  /** Of a caller that the route's access promises. */
  readonly token: string;
  readonly member: MemberId;
  fail(name: ProblemName, extra?: Readonly<Record<string, unknown>>): Response;
  /** Lets work go on when the answer is out. */
  readonly later: (work: Promise<unknown>) => void;
}

export interface Route {
  readonly method: "get" | "post" | "put" | "patch" | "delete";
  /**
   * Where only HEAD is answered, and GET is not offered: it is declared because HEAD is a GET without
   * its body.
   */
  readonly headOnly?: (params: Readonly<Record<string, string>>) => boolean;
  readonly path: string;
  readonly summary: string;
  readonly tag: string;
  readonly access: Access;
  readonly audit: RouteAudit;
  readonly params?: Shape;
  readonly query?: Shape;
  readonly headers?: Shape;
  readonly body?: Shape;
  /** The handler reads the body itself: raw bytes matter to it. */
  readonly rawBody?: {
    readonly description: string;
    /** What it may be sent as; JSON unless said. */
    readonly types?: readonly string[];
  };
  readonly answers: Readonly<
    Record<
      number,
      {
        readonly description: string;
        readonly schema?: Shape;
        /** Of an answer that is no JSON. */
        readonly type?: string;
      }
    >
  >;
  readonly problems: readonly ProblemName[];
  /** Asked by everybody all the time: a line costs more than the answer, so only errors have one. */
  readonly isPolled?: true;
  handle(call: Call): Promise<Response>;
}

/** Declares a route whose handler gets its parameters, query and body parsed and typed. */
export function route<
  P extends Shape | undefined = undefined,
  Q extends Shape | undefined = undefined,
  B extends Shape | undefined = undefined,
>(
  declared: Omit<Route, "params" | "query" | "body" | "handle"> & {
    readonly params?: P;
    readonly query?: Q;
    readonly body?: B;
    handle(call: Call<Out<P>, Out<Q>, Out<B>>): Promise<Response>;
  },
): Route {
  return declared as unknown as Route;
}

const jsonBytesMax = 64 * 1024;

export interface EdgeContext {
  readonly Bindings: EdgeEnv;
  /** `isShed`: it was refused before anything was done, and is counted, not logged line by line. */
  readonly Variables: { requestId: string; isShed?: true };
}
type Asked = Context<EdgeContext>;

export function mount(app: Hono<EdgeContext>, declared: Route): void {
  const standing = standingOf(declared);
  app.on(declared.method.toUpperCase(), declared.path, (c) => takeIn(c, declared, standing));
}

/**
 * 1. a place among what is in hand     none: 503, nothing was done
 * 2. the caller's budget               spent: refused, before a body is read or a table asked
 * 3. the answer                        late: 503, and whether it is done is not known
 */
async function takeIn(c: Asked, declared: Route, standing: Standing): Promise<Response> {
  const { kind } = standing;
  const place = inHand.enter(kind, inHandMaxOf(c.env.IN_HAND));
  if (place === null) return shed(c, `${kind} in hand`, "unavailable", waitSeconds(chanceNow()));
  keepPlace(c.req.raw, place);
  let isDone = false;
  try {
    const answered = await inTime(answer(c, declared, standing), workMsMax[kind]);
    if (answered === "late") return problem("unavailable", c.get("requestId"));
    isDone = answered.status < 400;
    return answered;
  } finally {
    place.leave(isDone);
  }
}

function shed(c: Asked, reason: string, name: ProblemName, seconds: number): Response {
  refusals.count(reason, Date.now());
  c.set("isShed", true);
  return problem(name, c.get("requestId"), {}, { "retry-after": String(seconds) });
}

function spent(c: Asked, budget: Standing["budget"]): Response {
  const { refused, seconds } = budgets[budget];
  return shed(c, `${budget} spent`, refused, seconds);
}

async function answer(c: Asked, declared: Route, { budget }: Standing): Promise<Response> {
  const requestId = c.get("requestId");
  const fail = (name: ProblemName, extra?: Readonly<Record<string, unknown>>) =>
    problem(name, requestId, extra);
  const ports = portsOf(c.env);
  const nowMs = Date.now();
  const isPublic = declared.access === "public";
  const named = isPublic ? null : await namedBy(c.req.raw, c.env, ports, nowMs);
  // Whoever shows no good token is counted as whoever needs none.
  const paidFrom = isPublic || named !== null ? budget : "asking";
  const from = () => senderKey(ports.digest, c.req.raw.headers, c.req.param("provider"));
  if (!(await isWithin(c.env, paidFrom, () => named?.person ?? from()))) return spent(c, paidFrom);
  const caller = named === null ? null : await knownAs(named, ports);
  const refused = refusal(declared.access, caller);
  if (refused !== null) return fail(refused);
  const parsed = {
    params: declared.params?.safeParse(c.req.param()),
    query: declared.query?.safeParse(c.req.query()),
    headers: declared.headers?.safeParse(Object.fromEntries(c.req.raw.headers)),
  };
  for (const [where, part] of Object.entries(parsed))
    if (part?.success === false)
      return fail("invalid-request", { fields: fieldsOf(where, part.error) });
  let body: unknown;
  if (declared.body !== undefined) {
    const json = await readJson(c.req.raw);
    if (!json.ok) return fail(json.error);
    const shaped = declared.body.safeParse(json.value);
    if (!shaped.success) return fail("invalid-request", { fields: fieldsOf("body", shaped.error) });
    body = shaped.data;
  }
  const call: Call = {
    request: c.req.raw,
    requestId,
    nowMs,
    env: c.env,
    ports,
    params: parsed.params?.data,
    query: parsed.query?.data,
    body,
    caller,
    token: caller?.token ?? "",
    member: (caller?.member ?? "") as MemberId,
    fail,
    later: (work) => c.executionCtx.waitUntil(work),
  };
  return logged(declared, call);
}

/** Only what the edge is to write itself; everything else has no entry or the vault's. */
function logged(declared: Route, call: Call): Promise<Response> {
  const { audit, access } = declared;
  const { ports, token, requestId, caller, fail } = call;
  if ("none" in audit || audit.by !== "edge") return declared.handle(call);
  const named = (call.params ?? {}) as Readonly<Record<string, string>>;
  const member = audit.of === undefined ? caller?.member : (named[audit.of] as MemberId);
  const asked = { deed: audit.deed, member: member ?? null, columns: [], purpose: "" };
  const ground = typeof access === "object" ? access.role : "own";
  return entered({ log: ports.log, token, requestId, asked, ground, fail }, () =>
    declared.handle(call),
  );
}

function refusal(access: Access, caller: SignedIn | null): ProblemName | null {
  if (access === "public") return null;
  if (caller === null) return "unauthenticated";
  if (access === "member") return caller.member === null ? "not-a-member" : null;
  if (access !== "signed-in" && !caller.roles.includes(access.role)) return "forbidden";
  return null;
}

async function readJson(request: Request) {
  const bytes = await readBody(request, jsonBytesMax);
  if (!bytes.ok) return bytes;
  try {
    return { ok: true as const, value: JSON.parse(new TextDecoder().decode(bytes.value)) };
  } catch {
    return { ok: false as const, error: "not-json" as const };
  }
}

/** Names what is wrong by place and rule, never by value. */
const fieldsOf = (where: string, error: z.ZodError) =>
  error.issues.slice(0, 20).map((issue) => ({
    field: [
      where,
      ...issue.path.filter((p) => typeof p === "number" || /^[\w-]{1,40}$/.test(String(p))),
    ].join("."),
    rule: issue.code,
  }));

export const json = (
  body: unknown,
  status = 200,
  headers: Readonly<Record<string, string>> = {},
): Response =>
  new Response(JSON.stringify(body), {
    status,
    headers: { "content-type": "application/json", "cache-control": "no-store", ...headers },
  });

/** `?limit=` and `?cursor=` of every list. */
export const pageQuery = (limitMax: number) =>
  z.object({
    limit: z.coerce.number().int().min(1).max(limitMax).default(Math.min(50, limitMax)),
    cursor: z.string().max(400).optional(),
  });
