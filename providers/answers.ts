/**
 * What the status and the form of an answer say before anything in it is looked at, where a provider
 * documents no more than what HTTP means (RFC 9110): who documents more has a file of its own.
 */
import type { ProviderReply } from "../domain/ports.ts";
import type { PageFault } from "./provider.ts";
import { isFields, jsonOf } from "./untrusted.ts";

/**
 * Null: it is an answer, and may be read. `forbidden`: what a 403 comes to, which ends a grant at some
 * and only refuses this one thing at others.
 */
export function faultOf(
  { status, fault, complete, body }: ProviderReply,
  forbidden: "reconnect" | "refused" = "refused",
): PageFault | null {
  if (status === 401) return "reconnect";
  if (status === 429 || status >= 500) return "again";
  if (fault === "timeout" || fault === "network" || fault === "cut-short") return "again";
  // A refusal in no JSON is some machine's on the way: it ends no grant, and nothing is gone by it.
  const isForeign = status >= 400 && body !== "" && !isFields(jsonOf(body));
  if (fault !== null || !complete || isForeign) return "broken";
  if (status === 403) return forbidden;
  if (status === 404 || status === 410) return "gone";
  if (status === 200 || status === 204) return null;
  return status >= 400 ? "refused" : "broken";
}

const wornCharsMax = 64;

/** An id that the provider cannot have made becomes one that names no record and no other path. */
export const inPath = (id: string, pattern: RegExp): string =>
  pattern.test(id) ? id : `~${id.slice(0, wornCharsMax).replaceAll(/[^A-Za-z0-9_-]/g, "~")}`;
