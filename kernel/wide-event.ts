/**
 * One line a request or message. Only the fields listed here are ever written, whatever is passed:
 * never a body, a token, a signature, a provider's id or a reading.
 */
import type { Digest, MemberId } from "../domain/identity.ts";

const allowed = [
  "worker",
  "event",
  "requestId",
  "route",
  "method",
  "status",
  "durationMs",
  "provider",
  "outcome",
  "reason",
  "items",
  "dropped",
  "parked",
  "recorded",
  "duplicates",
  "forgotten",
  "kid",
  "observed",
  "linked",
  "ended",
  "later",
  "retries",
  "stream",
  "day",
  "bucket",
  "facts",
  "consumer",
  "pending",
  "absent",
  "who",
  "error",
] as const;
export type WideEvent = { readonly [K in (typeof allowed)[number]]?: string | number | null };

const valueCharsMax = 120;

export function logLine(event: WideEvent): void {
  const line: Record<string, string | number> = {};
  for (const field of allowed) {
    const value = event[field];
    if (typeof value === "number") line[field] = value;
    else if (typeof value === "string") line[field] = value.slice(0, valueCharsMax);
  }
  console.log(JSON.stringify(line));
}

const whoChars = 16;

/** What a member is called in the log: hex digits of a keyed hash, so that lines can be told apart. */
export async function whoOf(digest: Digest, member: MemberId): Promise<string> {
  const bytes = atob((await digest(["log", 1, member])).replaceAll("-", "+").replaceAll("_", "/"));
  const hex = Array.from(bytes, (c) => c.charCodeAt(0).toString(16).padStart(2, "0")).join("");
  return hex.slice(0, whoChars);
}

/** What may be said of a thrown thing: its class, never its message, which may quote input. */
export const errorClass = (error: unknown): string =>
  error instanceof Error ? error.name : typeof error;
