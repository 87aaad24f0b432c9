/**
 * A secret that each delivery carries as it stands, in a field of its JSON body or in headers. Read
 * strictly: whoever checks and whoever parses later must not see two different bodies in one.
 */
import type { Instant } from "../../domain/time.ts";
import type { SignatureRecipe, SignedInput } from "../recipe.ts";
import { isFields, jsonOf } from "../untrusted.ts";
import { type LiveSecret, secretThatIs } from "./secrets.ts";

type SharedRecipe = Extract<SignatureRecipe, { kind: "shared" }>;

const saidCharsMax = 512;
/** A larger body is not searched for the value: it is parsed before it is proven, and is no notice. */
export const sharedBodyBytesMax = 1024 * 1024;
const headerSeparator = ":";

export const sharedSecretIn = (
  recipe: SharedRecipe,
  { headers, body }: SignedInput,
  shared: unknown,
  nowMs: Instant,
): Promise<LiveSecret | null> => {
  const said = "field" in recipe ? fieldIn(body, recipe.field) : headersIn(headers, recipe.headers);
  const isOfForm = said !== null && said.length > 0 && said.length <= saidCharsMax;
  return secretThatIs(isOfForm ? said : null, shared, nowMs);
};

/**
 * Null when one of them is missing or empty. Only the last may hold the separator: else two that
 * differ would be the same together.
 */
function headersIn(headers: SignedInput["headers"], names: readonly string[]): string | null {
  const values = names.map((name) => headers.get(name) ?? "");
  const isClear = (value: string, i: number) =>
    value !== "" && (i === names.length - 1 || !value.includes(headerSeparator));
  return values.every(isClear) ? values.join(headerSeparator) : null;
}

/** Null unless the body is one JSON object that says this text at its top level, and says it once. */
function fieldIn(body: Uint8Array, field: string): string | null {
  if (body.length > sharedBodyBytesMax) return null;
  const json = textOf(body);
  const said = json === null ? undefined : jsonOf(json);
  if (json === null || !isFields(said) || !Object.hasOwn(said, field)) return null;
  const value = said[field];
  return typeof value === "string" && timesNamed(json, field) === 1 ? value : null;
}

function textOf(body: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body);
  } catch {
    return null;
  }
}

/** How often an object names a field at its top level, in whatever spelling; `json` was parsed. */
function timesNamed(json: string, field: string): number {
  let depth = 0;
  let times = 0;
  for (let at = 0; at < json.length; at++) {
    const char = json[at];
    if (char === "{" || char === "[") depth++;
    else if (char === "}" || char === "]") depth--;
    else if (char === '"') {
      const end = endOfText(json, at);
      if (depth === 1 && isName(json, end) && JSON.parse(json.slice(at, end)) === field) times++;
      at = end - 1;
    }
  }
  return times;
}

/** Behind the closing quote of the text that opens at `from`. */
function endOfText(json: string, from: number): number {
  for (let at = from + 1; at < json.length; at++) {
    if (json[at] === "\\") at++;
    else if (json[at] === '"') return at + 1;
  }
  return json.length;
}

/** Whether a colon follows, and blanks at most before it. */
function isName(json: string, from: number): boolean {
  for (let at = from; at < json.length; at++) {
    if (json[at] === ":") return true;
    if (!" \t\r\n".includes(json[at] ?? "")) return false;
  }
  return false;
}
