/**
 * Identity is data: a versioned array, hashed in one place by a keyed digest that is passed in.
 * An array keeps its commas where a joined string would let two records collide. No provider's
 * user or activity id leaves the edge; only these digests travel.
 */
declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

export type FactId = Branded<"FactId">;
export type MemberId = Branded<"MemberId">;
export type ConnectionId = Branded<"ConnectionId">;
/** A digest that a copy and its original share; it names no account. */
export type OriginId = Branded<"OriginId">;
/** Somebody whom an account's facts are about, and who is no member. */
export type PersonId = Branded<"PersonId">;

/** A keyed digest (HMAC-SHA-256, base64url) of a JSON array. A port: `domain/` holds no key. */
export type Digest = (identity: readonly (string | number)[]) => Promise<string>;

const version = 1;

export const factId = async (
  digest: Digest,
  stream: string,
  provider: string,
  account: string,
  sourceId: string,
): Promise<FactId> =>
  (await digest(["fact", version, stream, provider, account, sourceId])) as FactId;

export const originId = async (
  digest: Digest,
  provider: string,
  sourceId: string,
): Promise<OriginId> => (await digest(["origin", version, provider, sourceId])) as OriginId;

/** Of an account's own name of somebody: to another account the same name is another person. */
export const personId = async (
  digest: Digest,
  { provider, account }: { readonly provider: string; readonly account: string },
  name: string,
): Promise<PersonId> => (await digest(["named", version, provider, account, name])) as PersonId;

/** A decision is what it says: the same one made again is the same fact. */
export const decisionId = async (
  digest: Digest,
  member: MemberId,
  decision: string,
  sides: readonly (readonly FactId[])[],
): Promise<FactId> => {
  const named = sides.map((side) => JSON.stringify([...side].sort())).sort();
  return (await digest(["decision", version, member, decision, ...named])) as FactId;
};

/** What a provider's account is looked up by. */
export const accountHash = (digest: Digest, provider: string, account: string): Promise<string> =>
  digest(["account", version, provider, account]);

/** What a signed-in person is looked up by. */
export const personHash = (digest: Digest, issuer: string, subject: string): Promise<string> =>
  digest(["person", version, issuer, subject]);

/** The digest of a statement's whole content, for sources that number nothing themselves. */
export const contentHash = (digest: Digest, content: string): Promise<string> =>
  digest(["content", version, content]);

/** FNV-1a, 32 bit: spreads shards over buckets. Not a secret and not a proof. */
export function spread(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    hash ^= text.charCodeAt(i);
    hash = Math.imul(hash, 0x01000193);
  }
  return hash >>> 0;
}
