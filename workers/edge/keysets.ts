/** Providers' published keys, kept for an hour; a key id nobody knows asks again, but not often. */
import type { Instant } from "../../domain/time.ts";
import { type Keyset, parseTinkKeyset } from "../../providers/signature.ts";

const keptMs = 3_600_000;
const refreshEveryMs = 10_000;
const timeoutMs = 5000;
const keysetBytesMax = 65_536;

interface Cached {
  readonly keys: ReadonlyMap<number, CryptoKey>;
  readonly atMs: Instant;
}
const cache = new Map<string, Cached>();

export const keysetAt =
  (url: string, nowMs: Instant): Keyset =>
  async (refresh) => {
    const held = cache.get(url);
    const ageMs = held === undefined ? Number.POSITIVE_INFINITY : nowMs - held.atMs;
    if (held !== undefined && ageMs < (refresh ? refreshEveryMs : keptMs)) return held.keys;
    try {
      const reply = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) });
      const text = await reply.text();
      if (!reply.ok || text.length > keysetBytesMax) return held?.keys ?? "unavailable";
      const keys = await parseTinkKeyset(text);
      cache.set(url, { keys, atMs: nowMs });
      return keys;
    } catch {
      return refresh ? "unavailable" : (held?.keys ?? "unavailable");
    }
  };
