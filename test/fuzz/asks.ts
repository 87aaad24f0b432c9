/**
 * Requests by the seed and a number: the same two make the same request, but for the ids that the
 * system gave. Half are as /openapi.json says, the others wrong in one way; by all kinds of callers.
 */

import type { System } from "../../local/system.ts";
import { type Chance, chanceOf } from "../oracle/chance.ts";
import { rawBody, type Wildness } from "./bodies.ts";
import { type CallerName, type Callers, callerNames, onlyLook, spared } from "./callers.ts";
import { retoldShape } from "./deliver.ts";
import { madeUp, poolOfParameter, poolOfProperty } from "./pools.ts";
import { bodyBy, fitting, type Making, type Mode, modeBy, type Schema } from "./schema.ts";
import { proved, type Shape } from "./shapes.ts";
import { wildText } from "./values.ts";

export interface Ask {
  /** "GET /v1/me": method and path as they are described. */
  readonly route: string;
  readonly mode: string;
  /** Null: nobody. */
  readonly caller: CallerName | null;
  readonly method: string;
  readonly path: string;
  readonly query: readonly (readonly [string, string])[];
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  readonly marker: string;
  /** The path with an id of the same form that nobody has, where this one is another's. */
  readonly twin?: string;
}

interface Parameter {
  readonly in: "path" | "query" | "header";
  readonly name: string;
  readonly required?: boolean;
  readonly schema?: Schema;
}
interface Operation {
  readonly description: string;
  readonly security?: unknown;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: {
    readonly content: Readonly<Record<string, { readonly schema?: Schema }>>;
  };
}
export interface Described {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

export interface World {
  readonly system: System;
  readonly callers: Callers;
  readonly shapes: readonly Shape[];
  readonly routes: readonly Route[];
  readonly schemas: Readonly<Record<string, Schema>>;
  readonly naughty: readonly string[];
  readonly jsons: readonly string[];
  readonly seed: number;
}

export interface Route {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
}

export const routesOf = ({ paths }: Described): readonly Route[] =>
  Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({
      name: `${method.toUpperCase()} ${path}`,
      method: method.toUpperCase(),
      path,
      operation,
    })),
  );

/** Each sets the whole archive or vault to work: now and then is enough. */
const heavy = /^POST \/v1\/(ops\/(runs|keys|royalties|rereads|shards)|exports$)|restore$/;
const heavyShare = 10;

export const isWebhook = ({ name }: Pick<Route, "name">): boolean =>
  name.startsWith("POST /webhooks/");

/** What can end somebody: only of those who come again. */
const ends = /^(DELETE \/v1\/me|POST \/v1\/ops\/erasures)$/;

export async function askBy(world: World, index: number): Promise<Ask> {
  const chance = chanceOf(Math.imul(world.seed, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b));
  const marker = `Quastenflosser${world.seed}x${index}z`;
  const { naughty, jsons } = world;
  const wildness = { chance, marker, naughty, jsons };
  let route = chance.pick(world.routes);
  if (heavy.test(route.name) && !chance.in100(heavyShare)) route = chance.pick(world.routes);
  if (isWebhook(route) && chance.in100(80)) return delivery(world, wildness, route, index);
  return routed(world, wildness, route);
}

async function delivery(
  world: World,
  wildness: Wildness,
  route: Route,
  index: number,
): Promise<Ask> {
  const { chance, marker } = wildness;
  const shape = chance.pick(world.shapes);
  const body = retoldShape(wildness, shape, world.system.secrets);
  const letter = await proved(
    world.system,
    world.callers,
    shape.provider,
    body,
    Date.now() + index,
  );
  return {
    ...{ route: `POST /webhooks/${shape.provider}`, mode: "signed", caller: null, marker },
    ...{ method: route.method, path: letter.path, query: [], body: letter.body },
    headers: { "content-type": "application/json", ...letter.headers },
  };
}

function routed(world: World, wildness: Wildness, route: Route): Ask {
  const { chance, marker, naughty } = wildness;
  const { method, path: template, operation } = route;
  const caller = callerFor(chance, route);
  const mode = modeBy(chance);
  const making = makingOf(world, wildness, caller, route);
  const { path, twin } = pathOf(world, making, route, caller, mode);
  const raw = rawBody(template, wildness, world.callers.keys);
  const schema = operation.requestBody?.content["application/json"]?.schema;
  const body = raw?.body ?? (schema === undefined ? undefined : bodyBy(making, schema, mode));
  const isHead = method === "GET" && chance.in100(5);
  return {
    ...{ route: route.name, mode, caller, marker, path, headers: headersBy(making, operation) },
    method: isHead ? "HEAD" : method,
    query: queryBy(making, operation, mode, naughty),
    ...(body === undefined || isHead ? {} : { body }),
    ...(raw === undefined && body === undefined
      ? {}
      : {
          headers: {
            ...headersBy(making, operation),
            "content-type": "application/json",
            ...raw?.headers,
          },
        }),
    ...(twin === undefined ? {} : { twin }),
  };
}

const ofArtists = /\/v1\/(artists|royalties)/;

/** Mostly somebody who may; whoever only looks does nothing else. */
function callerFor(chance: Chance, { name, method, operation }: Route): CallerName | null {
  if (ends.test(name)) return name.startsWith("DELETE") ? "leaver" : "operator";
  if (chance.in100(6)) return null;
  const [, role] = /role (\w+)/.exec(operation.description) ?? [];
  if (ofArtists.test(name) && chance.in100(60)) return chance.pick(["artist", "label"]);
  const holder = callerNames.find((one) => one === role);
  if (holder !== undefined && chance.in100(80)) return holder;
  const isLook = method === "GET" && !name.includes("/connections");
  const may = callerNames.filter((one) => isLook || !onlyLook.includes(one));
  return chance.in100(50) ? chance.pick(["ann", "bob"]) : chance.pick(may);
}

function makingOf(
  { callers, schemas }: World,
  { chance, marker, naughty }: Wildness,
  caller: CallerName | null,
  { name: route }: Route,
): Making {
  const { pools, by } = callers;
  // Of those whom an operator may end, or be let to read, she is none.
  const isOps = route.includes("/v1/ops/");
  return {
    ...{ chance, schemas, marker, naughty },
    real(name) {
      if (ends.test(route) && name === "member") return by.leaver.id;
      const pool = poolOfProperty(name, route);
      if (pool === undefined) return undefined;
      return pools.pick(chance, pool, caller ?? "", isOps ? spared : []);
    },
  };
}

function pathOf(
  { callers, naughty }: World,
  making: Making,
  { path: template, name: route }: Route,
  caller: CallerName | null,
  mode: Mode,
): { readonly path: string; readonly twin?: string } {
  const { chance, marker } = making;
  const steps = template.split("/");
  let twin: string[] | null = null;
  const made: string[] = [];
  const isOps = route.includes("/v1/ops/");
  for (const [i, step] of steps.entries()) {
    const [, name] = /^\{(\w+)\}$/.exec(step) ?? [];
    if (name === undefined) {
      made.push(step);
      twin?.push(step);
      continue;
    }
    const pool = poolOfParameter(name, steps[i - 1] ?? "");
    const isOdd = mode === "wild" && chance.in100(70);
    const isForeign = !isOdd && caller !== null && !isOps && chance.in100(20);
    const foreign = isForeign ? callers.pools.foreign(chance, pool, caller) : undefined;
    const spare = isOps ? spared : [];
    const real = foreign ?? callers.pools.pick(chance, pool, caller ?? "", spare) ?? marker;
    const said = isOdd ? wildText(chance, marker, naughty) : real;
    if (foreign !== undefined) twin = [...made, escaped(name, madeUp(chance, foreign))];
    else twin?.push(escaped(name, said));
    made.push(escaped(name, said));
  }
  return { path: made.join("/"), ...(twin === null ? {} : { twin: twin.join("/") }) };
}

/** Halves of surrogates cannot be sent. */
const wellFormed = (text: string): string => String(Buffer.from(text));

/** A part of a path that is no step up or nothing: those are other paths. */
function escaped(name: string, text: string): string {
  const whole = wellFormed(text);
  if (name === "path" && /^[\w./]+$/.test(whole) && !/\.\./.test(whole)) return whole;
  return /^\.{0,2}$/.test(whole)
    ? "%20"
    : encodeURIComponent(whole).slice(0, 4_000).replace(/%\w?$/, "");
}

function queryBy(
  making: Making,
  { parameters = [] }: Operation,
  mode: Mode,
  naughty: readonly string[],
): [string, string][] {
  const { chance, marker } = making;
  const asked = parameters.filter((p) => p.in === "query");
  const made = asked.flatMap(({ name, required, schema = {} }): [string, string][] =>
    required || chance.in100(50) ? [[name, wellFormed(String(fitting(making, schema, name)))]] : [],
  );
  const spans = ["from", "to", "start", "end"].map((n) => made.find(([name]) => name === n));
  for (const [first, last] of [spans.slice(0, 2), spans.slice(2)])
    if (first && last && first[1] > last[1]) [first[1], last[1]] = [last[1], first[1]];
  const one = chance.whole(0, Math.max(0, made.length - 1));
  const odd = () => wellFormed(wildText(chance, marker, naughty));
  if (mode === "one missing") return made.filter((_, i) => i !== one);
  if (mode === "one broken") return made.map(([name, v], i) => [name, i === one ? odd() : v]);
  if (mode === "one too many") return [...made, [chance.pick([marker, "limit", "member"]), odd()]];
  if (mode === "twice")
    return [...made, ...made.slice(one, one + 1).map(([name]): [string, string] => [name, odd()])];
  return mode === "wild" ? [...made, [odd(), odd()]] : made;
}

const oddHeaders: readonly (readonly [string, string])[] = [
  ["if-none-match", "*"],
  ["if-none-match", 'W/"1", "2"'],
  ["range", "bytes=0-9"],
  ["range", "bytes=9-0,-5"],
  ["accept", "text/html"],
  ["accept-language", "x-klingon"],
  ["accept-encoding", "br;q=0, zstd"],
  ["origin", "https://elsewhere.example"],
  ["sec-fetch-site", "cross-site"],
  ["x-forwarded-for", "127.0.0.1, evil"],
  ["x-forwarded-host", "elsewhere.example"],
  ["x-http-method-override", "DELETE"],
  ["cf-connecting-ip", "::ffff:1"],
  ["content-encoding", "br"],
  ["cookie", "__Host-singlet=1; a=b; ;;="],
  ["authorization", "Basic YTpi"],
];

function headersBy(making: Making, { parameters = [] }: Operation): Record<string, string> {
  const { chance, marker } = making;
  const asked = parameters.filter((p) => p.in === "header");
  const made = asked.flatMap(({ name, schema = {} }) =>
    chance.in100(50) ? [[name, latin(String(fitting(making, schema, name)))] as const] : [],
  );
  const odd = chance.in100(15) ? [chance.pick(oddHeaders)] : [];
  const own = chance.in100(5) ? [["x-wild", marker] as const] : [];
  return Object.fromEntries([...made, ...odd, ...own]);
}

/** What a header may hold; raw sockets try the rest. */
const latin = (text: string): string => text.replaceAll(/[^\x20-\x7e]/g, "?").trim();
