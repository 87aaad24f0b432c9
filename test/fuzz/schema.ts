/**
 * Values by a JSON schema of /openapi.json: one that fits, and the same with one thing wrong. Where
 * a property's name says what it holds (a member, a day, a cursor), a real one of those is taken.
 */
import fc from "fast-check";
import type { Chance } from "../oracle/chance.ts";
import { type Tree, wild } from "./values.ts";

export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly default?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly prefixItems?: readonly Schema[];
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly pattern?: string;
}

export interface Making {
  readonly chance: Chance;
  readonly schemas: Readonly<Record<string, Schema>>;
  readonly marker: string;
  readonly naughty: readonly string[];
  /** A real value for a property of this name; undefined: the name says nothing. */
  real(name: string): unknown;
}

const depthMax = 8;
const itemsMax = 4;
/** Patterned texts are made once, so many of each pattern. */
const patterned = new Map<string, readonly string[]>();
const ofEachPattern = 40;

/** None: a pattern of classes of Unicode, which any words of ours fit. */
function textsLike(pattern: string): readonly string[] {
  const known = patterned.get(pattern);
  if (known !== undefined) return known;
  const isOfClasses = pattern.includes("\\p{");
  const of = new RegExp(pattern, "u");
  const sampled = { numRuns: ofEachPattern, seed: pattern.length };
  const made = isOfClasses ? [] : fc.sample(fc.stringMatching(of, { size: "small" }), sampled);
  patterned.set(pattern, made);
  return made;
}

function textBy(making: Making, { pattern, minLength = 0, maxLength = 40 }: Schema): string {
  const { chance, marker } = making;
  const fits = (pattern === undefined ? [] : textsLike(pattern)).filter(
    ({ length }) => length >= minLength && length <= maxLength,
  );
  if (fits.length > 0) return chance.pick(fits);
  const text = marker.repeat(Math.ceil(Math.max(1, minLength) / marker.length));
  return text.slice(0, Math.max(minLength, Math.min(maxLength, text.length)));
}

const numberBy = ({ chance }: Making, schema: Schema): number => {
  const { minimum = 0, maximum = minimum + 1_000, type, exclusiveMinimum } = schema;
  if (chance.in100(25)) return chance.pick([minimum, maximum]);
  const n = (exclusiveMinimum ?? minimum) + chance.next() * Math.min(maximum - minimum, 1_000);
  return type === "integer" ? Math.max(minimum, Math.floor(n)) : n;
};

export const resolved = (schema: Schema, schemas: Making["schemas"]): Schema =>
  schema.$ref === undefined ? schema : (schemas[schema.$ref.split("/").at(-1) ?? ""] ?? {});

/** One that fits; real where the name says of what. */
export function fitting(making: Making, given: Schema, name = "", depth = 0): Tree {
  const { chance, schemas } = making;
  const schema = resolved(given, schemas);
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return chance.pick(schema.enum);
  const real = schema.properties === undefined && !isList(schema) ? making.real(name) : undefined;
  if (real !== undefined && chance.in100(90)) return real;
  const choice = schema.oneOf ?? schema.anyOf;
  if (choice !== undefined) return fitting(making, chance.pick(choice), name, depth + 1);
  const type = typeof schema.type === "object" ? chance.pick(schema.type) : schema.type;
  if (depth > depthMax) return null;
  switch (type) {
    case "object":
      return objectBy(making, schema, depth);
    case "array":
      return listBy(making, schema, name, depth);
    case "string":
      return textBy(making, schema);
    case "number":
    case "integer":
      return numberBy(making, { ...schema, type });
    case "boolean":
      return chance.in100(50);
    case "null":
      return null;
    default:
      return wild(chance, making.marker, making.naughty, 2);
  }
}

const isList = ({ type }: Schema): boolean => type === "array";

function listBy(making: Making, schema: Schema, name: string, depth: number): Tree {
  const { minItems = 0, maxItems = itemsMax, items = {}, prefixItems } = schema;
  if (prefixItems !== undefined)
    return prefixItems.map((item) => fitting(making, item, name, depth + 1));
  const count = making.chance.whole(minItems, Math.max(minItems, Math.min(maxItems, itemsMax)));
  return Array.from({ length: count }, () => fitting(making, items, name, depth + 1));
}

function objectBy(making: Making, schema: Schema, depth: number): Tree {
  const { properties = {}, required = [], additionalProperties } = schema;
  const made: Record<string, Tree> = {};
  for (const [key, property] of Object.entries(properties))
    if (required.includes(key) || making.chance.in100(60))
      made[key] = fitting(making, property, key, depth + 1);
  for (const [first, last] of [
    ["from", "to"],
    ["start", "end"],
  ] as const) {
    const [a, b] = [made[first], made[last]];
    if (typeof a === "string" && typeof b === "string" && a > b) [made[first], made[last]] = [b, a];
  }
  if (typeof additionalProperties === "object" && Object.keys(properties).length === 0)
    made[making.marker] = fitting(making, additionalProperties, "", depth + 1);
  return made;
}

export const modes = [
  "fitting",
  "one broken",
  "one missing",
  "one too many",
  "twice",
  "wild",
] as const;
export type Mode = (typeof modes)[number];

/** Nearly half fits: what lies behind the form is to be reached. */
export const modeBy = (chance: Chance): Mode => {
  const kind = chance.whole(0, 99);
  if (kind < 50) return "fitting";
  const [, ...others] = modes;
  return chance.pick(others);
};

/** As text, since a key said twice is no value. */
export function bodyBy(making: Making, schema: Schema, mode: Mode): string {
  const { chance, marker, naughty } = making;
  const odd = () => wild(chance, marker, naughty, 2);
  const fits = fitting(making, schema);
  if (mode === "wild") return JSON.stringify(odd()) ?? "";
  if (typeof fits !== "object" || fits === null || mode === "fitting")
    return JSON.stringify(mode === "fitting" ? fits : odd());
  const keys = Object.keys(fits);
  const body = fits as Record<string, Tree>;
  const one = keys.length === 0 ? marker : chance.pick(keys);
  if (mode === "one missing") delete body[one];
  if (mode === "one broken") body[one] = odd();
  const text = JSON.stringify(body);
  if ((mode !== "twice" && mode !== "one too many") || text === "{}") return text;
  const more = mode === "twice" ? one : chance.pick([marker, "__proto__", "id", "member"]);
  return `${text.slice(0, -1)},${JSON.stringify(more)}:${JSON.stringify(odd())}}`;
}
