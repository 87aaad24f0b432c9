/** An answer of a provider's as the vault hands it on. */
import type { ProviderReply } from "../../domain/ports.ts";

export const replied = (over: Partial<ProviderReply>): ProviderReply => ({
  status: 200,
  body: "{}",
  complete: true,
  fault: null,
  retryAfterMs: null,
  headers: {},
  ...over,
});
