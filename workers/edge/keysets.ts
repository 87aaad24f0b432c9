/**
 * Providers' published keys, kept for an hour and no longer: a key that a provider took away stops
 * being believed, even while its key set cannot be had. They are fetched anew before that, so that
 * a short outage goes unnoticed. A key id that nobody knows asks again at once, so that a fresh key
 * loses no delivery; asked too often, or in vain, the answer is "unavailable", never "wrong".
 */
import type { Instant } from "../../domain/time.ts";
import type { Keyset } from "../../providers/recipe.ts";
import { parseTinkKeyset } from "../../providers/signature.ts";
import { boundedText } from "./bounded-text.ts";

const keptMs = 3_600_000;
/** From this age on they are fetched anew; until `keptMs` what is held stands in for what is not. */
const freshMs = 45 * 60_000;
const fetchesAMinuteMax = 20;
const timeoutMs = 5_000;
const keysetBytesMax = 65_536;

interface Known {
  readonly keys: ReadonlyMap<number, CryptoKey>;
  readonly atMs: Instant;
}
const known = new Map<string, Known>();
/**
 * When each address was fetched within the last minute for a key that nobody knows, or in vain. Many
 * at once who all find nothing held yet are not counted: they carry the agreed Authorization.
 */
const counted = new Map<string, readonly Instant[]>();

export const keysetAt =
  (url: string, nowMs: Instant): Keyset =>
  async (refresh) => {
    const held = known.get(url);
    const ageMs = held === undefined ? keptMs : nowMs - held.atMs;
    if (held !== undefined && !refresh && ageMs < freshMs) return held.keys;
    if (recent(url, nowMs).length < fetchesAMinuteMax) {
      if (refresh) count(url, nowMs);
      const keys = await fetchKeyset(url, nowMs);
      if (keys !== null) return keys;
      if (!refresh) count(url, nowMs);
    }
    return held !== undefined && !refresh && ageMs < keptMs ? held.keys : "unavailable";
  };

const recent = (url: string, nowMs: Instant): readonly Instant[] =>
  (counted.get(url) ?? []).filter((atMs) => nowMs - atMs < 60_000);

const count = (url: string, nowMs: Instant) => counted.set(url, [...recent(url, nowMs), nowMs]);

/** Null when it cannot be had, or is none: what is held is then not replaced. */
async function fetchKeyset(
  url: string,
  nowMs: Instant,
): Promise<ReadonlyMap<number, CryptoKey> | null> {
  try {
    const signal = AbortSignal.timeout(timeoutMs);
    const reply = await fetch(url, { redirect: "manual", signal });
    const isTaken = reply.status === 200;
    if (!isTaken) await reply.body?.cancel();
    const keys = isTaken
      ? await parseTinkKeyset(await boundedText(reply, keysetBytesMax))
      : new Map();
    if (keys.size === 0) throw new Error("no key set");
    known.set(url, { keys, atMs: nowMs });
    return keys;
  } catch {
    return null;
  }
}
