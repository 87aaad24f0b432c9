/**
 * Where a caller without a token comes from, so that what they try can be counted: the address that
 * Cloudflare saw. Of version 6 the network counts, since one household is given 2^64 addresses of it.
 * It is kept nowhere; what leaves the edge is a keyed digest.
 */
import type { Digest } from "../../domain/identity.ts";
import type { Sender } from "../../providers/provider.ts";

const groups = 8;
const networkGroups = 4;

/** Callers whose address is not known are counted as one. */
export const callerDigest = (digest: Digest, headers: Headers): Promise<string> =>
  digest(["caller", 1, networkOf(headers.get("cf-connecting-ip") ?? "")]);

const countryForm = /^[A-Z]{2}$/;
/** Cloudflare's words for a country that is not known, and for Tor. */
const nowhere: readonly string[] = ["XX", "T1"];

/** Which country Cloudflare takes the address for. */
export function senderOf({ cf }: Request): Sender {
  const country = (cf as { readonly country?: unknown } | undefined)?.country;
  const isKnown = typeof country === "string" && countryForm.test(country);
  return { country: isKnown && !nowhere.includes(country) ? country : null };
}

/** "192.0.2.7", "2001:db8:0:1". */
export function networkOf(address: string): string {
  const text = address.trim().toLowerCase();
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(text)?.[1];
  if (mapped !== undefined || !text.includes(":")) return mapped ?? text;
  const [head = "", tail] = text.split("::");
  const before = head === "" ? [] : head.split(":");
  const after = tail === undefined || tail === "" ? [] : tail.split(":");
  const missing = Math.max(0, groups - before.length - after.length);
  const all = [...before, ...new Array<string>(missing).fill("0"), ...after];
  return all
    .slice(0, networkGroups)
    .map((group) => group.replace(/^0+(?=.)/, ""))
    .join(":");
}
