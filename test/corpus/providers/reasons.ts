/**
 * Why a file that holds no workout is none of a provider's business: greetings, answers that set
 * something up, errors, headers, keys, vectors, schemas, prose. Told by structure, in plain words.
 */
import type { Greeting } from "../../../providers/recipe.ts";
import { type Fields, isFields } from "./fields.ts";

const has = (o: Fields, ...keys: string[]): boolean => keys.some((key) => Object.hasOwn(o, key));

/** A body that a provider greets a new address with. */
export function isGreeting(value: unknown, greeting: Greeting | undefined): boolean {
  if (!isFields(value) || greeting === undefined) return false;
  if (greeting.kind === "authorised") return JSON.stringify(value) === greeting.body;
  if (greeting.kind === "ping")
    return Object.entries(greeting.fields).every(([key, word]) => value[key] === word);
  return false;
}

/** Made to test signatures with, a secret beside what it signs: nothing that anybody sent. */
export const isVectors = (v: unknown): boolean =>
  isFields(v) &&
  ((has(v, "secret", "client_secret", "secrets", "secret_rules", "keyset", "key_ids") &&
    has(v, "headers", "cases", "signature", "body")) ||
    Object.values(v).some((o) => isFields(o) && has(o, "secret") && has(o, "body")));

const isSubscription = (v: unknown): boolean =>
  isFields(v) &&
  (has(v, "callback_url", "callbackurl", "callbackUrl", "signature_secret_key", "endpointUri") ||
    (has(v, "events") && has(v, "url")));

const isHeaders = (v: Fields): boolean =>
  Object.keys(v).length > 0 &&
  Object.entries(v).every(([key, value]) => /^[A-Z]/.test(key) && typeof value !== "object") &&
  Object.keys(v).some((key) => key.includes("-"));

const isExchange = (v: Fields): boolean => has(v, "status") && has(v, "request");

/** The first that fits counts; what stands in `data`, `body` or a list is looked at the same way. */
const rules: readonly (readonly [why: string, fits: (v: Fields) => boolean])[] = [
  ["signature vectors", isVectors],
  ["test vectors of ciphers", (v) => has(v, "testGroups")],
  ["a set of keys", (v) => has(v, "primaryKeyId") || (has(v, "keys") && Array.isArray(v.keys))],
  ["a schema", (v) => has(v, "$schema", "openapi", "swagger")],
  [
    "a greeting, and how it is answered",
    (v) => has(v, "query") && has(v, "response") && has(v, "method"),
  ],
  [
    "answers to give",
    (v) => Object.values(v).every((o) => isFields(o) && has(o, "status") && has(o, "body")),
  ],
  [
    "what was measured in files",
    (v) => {
      const first = Object.values(v)[0];
      return isFields(first) && has(first, "err", "sess") && has(first, "first", "last");
    },
  ],
  ["an answer that is an error", isError],
  ["the answer to a call for tokens", (v) => has(v, "access_token", "refresh_token")],
  ["an answer about subscriptions", isSubscription],
  [
    "what became of an upload",
    (v) => has(v, "activity_id", "upload_id") && has(v, "status", "error"),
  ],
  ["headers alone", isHeaders],
  ["headers of an answer", (v) => isExchange(v) && !has(v, "body")],
];

function isError(v: Fields): boolean {
  if (isExchange(v)) return typeof v.status === "number" && v.status >= 400;
  const { error, errors, message, fault } = v;
  const few = Object.keys(v).length <= 5;
  return few && [error, errors, fault].some((said) => said !== undefined && said !== null)
    ? !has(v, "payload", "data")
    : few && typeof message === "string" && has(v, "status", "code", "errors");
}

/** Null: nothing is known of it. */
export function reasonOf(value: unknown, depth = 0): string | null {
  if (Array.isArray(value)) {
    if (value.length === 0) return "nothing in it";
    return depth > 3 ? null : reasonOf(value[0], depth + 1);
  }
  if (!isFields(value)) return null;
  if (Object.keys(value).length === 0) return "nothing in it";
  for (const [why, fits] of rules) if (fits(value)) return why;
  const inner = value.body ?? value.data ?? (Object.keys(value).length === 1 ? only(value) : null);
  return inner === null || depth > 3 ? null : reasonOf(inner, depth + 1);
}

const only = (v: Fields): unknown => Object.values(v)[0];

/** Of text that is no body of any provider's. */
export function proseOf(text: string): string {
  const head = text.slice(0, 4096);
  if (/^\s*<(!doctype|html)/i.test(head)) return "a page of HTML";
  if (/^#{1,6} |^```|^\s*<(h1|div|p|img)\b|\]\(https?:/im.test(head)) return "a page of prose";
  if (/permission is hereby granted|apache license|redistribution and use|licen[cs]e\b/i.test(head))
    return "a licence, or a text about one";
  if (/^(---\n)?(#.*\n)*[\w$"'-]+:(\s|$)/.test(head) && /^\s+[\w$"'-]+:(\s|$)/m.test(head))
    return "a schema or settings, as YAML";
  const row = head.split("\n").find((line) => line.trim() !== "" && !line.startsWith("#")) ?? "";
  if (row.split(/[\t,;]/).length > 3) return "rows of a table, not of a recording";
  return "text, of no form that a provider sends";
}

/** Rows of a recording: times beside distances, places or heart rates. */
export function isTableOfReadings(text: string): boolean {
  const [head = ""] = text.slice(0, 4096).split("\n");
  const columns = head.toLowerCase().split(/[,;\t]/);
  const any = (pattern: RegExp) => columns.some((column) => pattern.test(column.trim()));
  return (
    columns.length >= 3 &&
    any(/^"?(time|timestamp|date|start)/) &&
    any(/^"?(heart|hr\b|distance|speed|position|lat|duration|elapsed|cadence|activity type)/)
  );
}
