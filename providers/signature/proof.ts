/**
 * Which secret proves a delivery. The cost of asking is ours to bound: a body may be megabytes, and
 * whoever forges one puts many signatures beside it for nothing. So a message is read once for each
 * shared secret, however many signatures there are, and a few times for key pairs. All of it is done
 * to the end, so that time tells nothing.
 */
import type { SigningKey } from "./keys.ts";
import { isSame, type LiveSecret, secretsMax } from "./secrets.ts";

type Bytes = Uint8Array<ArrayBuffer>;

export interface Signature {
  readonly by: SigningKey["by"];
  readonly bytes: Bytes;
}
/** What headers claim: that these bytes were signed so, by one of these. */
export interface Claim {
  readonly signatures: readonly Signature[];
  readonly message: Bytes;
}
export interface SecretKey {
  readonly secret: LiveSecret;
  readonly key: SigningKey;
}

/**
 * Of signatures by a key pair, each of which is tried on its own: two of a sender's in a rotation, by
 * every key that may be ours.
 */
const pairAttemptsMax = 2 * secretsMax;

/** The newest that fits, of keys that are listed newest first; null when none does. */
export async function provingOf(
  claims: readonly Claim[],
  keys: readonly SecretKey[],
): Promise<LiveSecret | null> {
  const proven = new Set([
    ...(await provenByMac(claims, keys)),
    ...(await provenByPair(claims, keys)),
  ]);
  return keys.find(({ secret }) => proven.has(secret))?.secret ?? null;
}

/** Each secret's own MAC of a message, made once and compared with all that were said. */
async function provenByMac(
  claims: readonly Claim[],
  keys: readonly SecretKey[],
): Promise<Set<LiveSecret>> {
  const proven = new Set<LiveSecret>();
  for (const { signatures, message } of claims) {
    const said = signatures.filter(({ by }) => by === "HMAC");
    if (said.length === 0) continue;
    for (const { secret, key } of keys) {
      if (key.by !== "HMAC") continue;
      const mac = new Uint8Array(await crypto.subtle.sign("HMAC", key.key, message));
      for (const { bytes } of said) if (isSame(mac, bytes)) proven.add(secret);
    }
  }
  return proven;
}

/** A signature by every key before the next one, so that few among many do not crowd out a key. */
async function provenByPair(
  claims: readonly Claim[],
  keys: readonly SecretKey[],
): Promise<Set<LiveSecret>> {
  const pairs = keys.filter(({ key }) => key.by === "Ed25519");
  const attempts = claims.flatMap(({ signatures, message }) =>
    signatures
      .filter(({ by }) => by === "Ed25519")
      .flatMap(({ bytes }) => pairs.map(({ secret, key }) => ({ secret, key, bytes, message }))),
  );
  const proven = new Set<LiveSecret>();
  for (const { secret, key, bytes, message } of attempts.slice(0, pairAttemptsMax))
    if (await crypto.subtle.verify("Ed25519", key.key, bytes, message)) proven.add(secret);
  return proven;
}
