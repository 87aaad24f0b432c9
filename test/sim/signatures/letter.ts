/**
 * A delivery as it goes over the line, and how one is written for each form of a recipe. What stands
 * here follows the providers' pages, not our verifier.
 */
import type { HmacRecipe, Keyset, ProviderSecrets } from "../../../providers/recipe.ts";
import type { Chance } from "../../oracle/chance.ts";
import type { Key } from "./signer.ts";

/** Header names in lower case; two headers of one name are one value, joined by a comma. */
export interface Sent {
  readonly headers: Readonly<Record<string, string>>;
  readonly pathKey: string | null;
  readonly body: Buffer;
}

/** One delivery to be judged, and all that the judge is told. */
export interface Trial {
  readonly sent: Sent;
  readonly secrets: ProviderSecrets;
  readonly keyset: Keyset;
  readonly nowMs: number;
}

/** What is signed. */
export interface Parts {
  readonly id: string;
  readonly time: string;
  readonly body: Buffer;
}
/** Where all of them are sent. */
export const address = "https://singlet.example/webhooks/simulated/wk_simulated";
export type Names = HmacRecipe["headers"][number];

export function messageOf({ signed }: Pick<HmacRecipe, "signed">, parts: Parts): Buffer {
  const pieces = {
    id: Buffer.from(parts.id),
    time: Buffer.from(parts.time),
    ".": Buffer.from("."),
    address: Buffer.from(address),
  };
  return Buffer.concat(signed.map((part) => (part === "body" ? parts.body : pieces[part])));
}

/** A signature as text, with the version it goes by where versions are told. */
export interface Entry {
  readonly version: string;
  readonly text: string;
}

export const isHex = (recipe: HmacRecipe) => recipe.form === "hex" || recipe.form === "stamped";
export const isList = (recipe: HmacRecipe) =>
  recipe.form === "stamped" || recipe.form === "versioned";

export function entryBy(recipe: HmacRecipe, key: Key, parts: Parts, isUpper = false): Entry {
  const bytes = key.sign(messageOf(recipe, parts));
  const text = bytes.toString(isHex(recipe) ? "hex" : "base64");
  return { version: key.version, text: isUpper && isHex(recipe) ? text.toUpperCase() : text };
}

/** The value of the header that carries the signatures. */
export function signatureText(recipe: HmacRecipe, time: string, entries: readonly Entry[]): string {
  switch (recipe.form) {
    case "stamped":
      return [`t=${time}`, ...entries.map((e) => `${e.version}=${e.text}`)].join(",");
    case "versioned":
      return entries.map((e) => `${e.version},${e.text}`).join(" ");
    default:
      return `${recipe.prefix ?? ""}${entries[0]?.text ?? ""}`;
  }
}

/** All headers of one set. */
export function headersOf(
  recipe: HmacRecipe,
  names: Names,
  parts: Parts,
  entries: readonly Entry[],
): Record<string, string> {
  const headers: Record<string, string> = {
    [names.signature]: signatureText(recipe, parts.time, entries),
  };
  if (names.id !== undefined) headers[names.id] = parts.id;
  if (names.time !== undefined) headers[names.time] = parts.time;
  return headers;
}

const idChars = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
export function idBy(chance: Chance): string {
  const length = chance.in100(10) ? chance.pick([1, 2, 255, 256]) : chance.whole(8, 36);
  return Array.from({ length }, () => idChars[chance.whole(0, 63)]).join("");
}

export const toleranceMs = 300_000;
const yearMs = 365 * 86_400_000;

/** The unit of one time: `either` is settled now. */
export type Unit = "seconds" | "milliseconds";
export const unitBy = (chance: Chance, unit: HmacRecipe["time"]): Unit =>
  unit === "either" ? chance.pick(["seconds", "milliseconds"]) : (unit ?? "seconds");
const unitMs = { seconds: 1000, milliseconds: 1 };

function bounds(unit: Unit, nowMs: number) {
  const ms = unitMs[unit];
  return {
    low: Math.ceil((nowMs - toleranceMs) / ms),
    high: Math.floor((nowMs + toleranceMs) / ms),
  };
}

/** A signed time that counts, the very edges often. */
export function timeWithin(chance: Chance, unit: Unit, nowMs: number): string {
  const { low, high } = bounds(unit, nowMs);
  return String(chance.in100(30) ? chance.pick([low, high]) : chance.whole(low, high));
}

/** One that does not: by one of its unit, by a little, or by a year. */
export function timeOutside(chance: Chance, unit: Unit, nowMs: number): string {
  const { low, high } = bounds(unit, nowMs);
  const by = chance.pick([1, 1, 2, chance.whole(3, 100_000), Math.round(yearMs / unitMs[unit])]);
  return String(chance.in100(50) ? low - by : high + by);
}

const noise = Buffer.alloc(131_072);
for (let i = 0, state = 1; i < noise.length; i++) {
  state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
  noise[i] = state >>> 16;
}
const noiseBy = (chance: Chance, bytes: number): Buffer => {
  const from = chance.whole(0, noise.length - bytes);
  return Buffer.from(noise.subarray(from, from + bytes));
};

const oddTexts = [
  "",
  "$",
  "cost $$ end",
  "$& $' $` $1",
  "{timestamp}.{body}",
  "\u0000",
  "\ufeff{}",
  '{"name":"\ufffd"}',
  "v1,AAAA",
  "t=1,v1=00",
  "\r\n\r\n",
];
const digitFirst = /^[0-9]/;

/**
 * Any bytes. Of a scheme that lets a time of either length run into the body: not such as begin with
 * a digit, which its rules refuse.
 */
export function bodyBy(
  chance: Chance,
  { time, signed }: Pick<HmacRecipe, "time" | "signed">,
): Buffer {
  const body = anyBody(chance);
  const runsOn = time === "either" && signed.indexOf("body") === signed.indexOf("time") + 1;
  return runsOn && digitFirst.test(body.toString("latin1", 0, 1))
    ? Buffer.concat([Buffer.from("{"), body])
    : body;
}

function anyBody(chance: Chance): Buffer {
  const roll = chance.whole(0, 199);
  if (roll === 0) return noiseBy(chance, chance.whole(8192, 65_536));
  if (roll < 20) return noiseBy(chance, chance.whole(1, 400));
  if (roll < 40) return Buffer.from(chance.pick(oddTexts));
  if (roll < 45) return Buffer.from(String(chance.whole(0, 9_999_999)));
  const event = { type: chance.pick(["workout", "sleep", "daily"]), id: chance.whole(1, 1e9) };
  const text = JSON.stringify({ ...event, name: chance.pick(["ride", "Zürich ☃", "a $ b", ""]) });
  return Buffer.from(chance.in100(20) ? ` ${text}\n` : text);
}

/** Another bit of a copy. */
export function flipped(chance: Chance, bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  const at = chance.whole(0, copy.length - 1);
  copy[at] = (copy[at] ?? 0) ^ (1 << chance.whole(0, 7));
  return copy;
}

export const flippedText = (chance: Chance, text: string): string =>
  flipped(chance, Buffer.from(text, "latin1")).toString("latin1");

/** Texts that are not `right`, and look like it. */
export function wrongText(chance: Chance, right: string, other: string): string | null {
  const near = [right.slice(1), right.slice(0, -1), `${right} `, ` ${right}`, `${right}, ${right}`];
  const far = [other, "", right.toUpperCase(), flippedText(chance, right), null];
  const text = chance.pick([...near, ...far]);
  // Without small letters, capitals change nothing.
  return text === right ? null : text;
}
