/**
 * Providers' published keys, kept for an hour. A key id that nobody knows asks again at once, so
 * that a fresh key loses no delivery; asked too often, the answer is "unavailable", never "wrong".
 */
import type { Instant } from "../../domain/time.ts";
import { type Keyset, parseTinkKeyset } from "../../providers/signature.ts";

const keptMs = 3_600_000;
const refreshesAMinuteMax = 20;
const timeoutMs = 5000;
const keysetBytesMax = 65_536;

interface Cached {
  readonly keys: ReadonlyMap<number, CryptoKey>;
  readonly atMs: Instant;
}
const cache = new Map<string, Cached>();
let refreshedMs: Instant[] = [];

export const keysetAt =
  (url: string, nowMs: Instant): Keyset =>
  async (refresh) => {
    const held = cache.get(url);
    if (held !== undefined && !refresh && nowMs - held.atMs < keptMs) return held.keys;
    if (refresh) {
      refreshedMs = refreshedMs.filter((atMs) => nowMs - atMs < 60_000);
      if (refreshedMs.length >= refreshesAMinuteMax) return "unavailable";
      refreshedMs.push(nowMs);
    }
    try {
      const keys = await fetchKeyset(url);
      cache.set(url, { keys, atMs: nowMs });
      return keys;
    } catch {
      return refresh ? "unavailable" : (held?.keys ?? "unavailable");
    }
  };

async function fetchKeyset(url: string): Promise<ReadonlyMap<number, CryptoKey>> {
  const reply = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) });
  const text = await reply.text();
  if (!reply.ok || text.length > keysetBytesMax) throw new Error(`key set: ${reply.status}`);
  return parseTinkKeyset(text);
}
