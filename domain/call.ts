/** What one call to a provider came to, for whoever counts, waits or breaks off by it. */
import type { ProviderReply } from "./connect-ports.ts";
import type { CallClass, CallReport } from "./connection-ports.ts";

/** A reply and how long it took. Its body is not looked at: that is its provider's to judge. */
export const callOf = (reply: ProviderReply, ms: number): CallReport => ({
  class: classOf(reply),
  ms,
  retryAfterMs: reply.retryAfterMs,
  headers: reply.headers,
});

function classOf({ status, fault, complete }: ProviderReply): CallClass {
  if (status === 429) return "throttled";
  if (status >= 500) return "failed";
  if (status === 401 || status === 403) return "denied";
  if (fault === "timeout") return "timeout";
  if (fault === "network" || fault === "cut-short") return "network";
  if (fault !== null || !complete || (status >= 300 && status < 400)) return "broken";
  return status >= 400 ? "refused" : "ok";
}
