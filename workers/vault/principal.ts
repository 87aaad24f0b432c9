/**
 * Who is calling: the vault verifies the token itself and finds the person by a keyed digest. A
 * person whose member was erased is a guest until they enrol anew with a token issued after that, as
 * is a person who never enrolled, so that even their looking is logged under one name.
 */
import { type MemberId, personHash } from "../../domain/identity.ts";
import type { Role } from "../../domain/ports.ts";
import { hmacDigest } from "../../kernel/hmac.ts";
import { remoteKeys, verifyToken } from "../../kernel/token.ts";
import { expand, keyBytes } from "./chunked.ts";
import type { BoundPrincipal } from "./directory.ts";
import { type Shards, shardsOf, type VaultEnv, wholeShardAt } from "./env.ts";
import { lengthPrefixed } from "./envelope.ts";
import { logConnection } from "./pseudonym.ts";

const guestHashChars = 22;
const memberIdPattern = /^[A-Za-z0-9_-]{1,64}$/;

export const isMemberId = (text: string): boolean => memberIdPattern.test(text);

export interface Person {
  readonly hash: string;
  readonly roles: readonly Role[];
  readonly issuedAtMs: number;
  readonly bound: BoundPrincipal | null;
}
export interface Actor {
  readonly id: string;
  readonly member: MemberId | null;
  readonly roles: readonly Role[];
}

let issuerKeys: { readonly url: string; readonly keys: ReturnType<typeof remoteKeys> } | null =
  null;

function keysAt(url: string) {
  if (issuerKeys?.url !== url) issuerKeys = { url, keys: remoteKeys(url) };
  return issuerKeys.keys;
}

/** The person a token names; null when it is refused. Throws when that cannot be told now. */
export async function personOf(
  env: VaultEnv,
  token: string,
  nowMs: number,
): Promise<Person | null> {
  const rules = {
    issuer: env.TOKEN_ISSUER,
    audience: env.TOKEN_AUDIENCE,
    keys: keysAt(env.TOKEN_JWKS_URL),
  };
  const verdict = await verifyToken(token, rules, nowMs);
  if (verdict === "unavailable") throw new Error("the issuer's keys cannot be reached");
  if (verdict === "refused") return null;
  const { directory, epochs } = shardsOf(env);
  const key = await epochs.principalKey(nowMs);
  const hash = await hashOf(key, verdict.issuer, verdict.subject);
  const { roles, issuedAtMs } = verdict;
  return { hash, roles, issuedAtMs, bound: await directory.principal(hash) };
}

/**
 * Who acts; null when the token is older than an erasure. With a newer one a person whose member is
 * erased acts as a guest: that they enrol anew is logged before they are somebody again.
 */
export async function actorOf(env: VaultEnv, token: string, nowMs: number): Promise<Actor | null> {
  const person = await personOf(env, token, nowMs);
  if (person === null) return null;
  const { bound, hash, roles } = person;
  if (isTooOld(person)) return null;
  if (bound === null || bound.erased)
    return { id: `guest_${hash.slice(0, guestHashChars)}`, member: null, roles };
  return { id: bound.member, member: bound.member, roles };
}

/** Issued before an erasure: refused for good. */
export const isTooOld = ({ bound, issuedAtMs }: Pick<Person, "bound" | "issuedAtMs">): boolean =>
  bound !== null && bound.notBeforeMs > 0 && issuedAtMs <= bound.notBeforeMs;

/** The role an entry of the log is written under. */
export const roleOf = (actor: Actor, member: string | null): Role =>
  actor.id === member ? "member" : (actor.roles.find((role) => role !== "member") ?? "member");

async function hashOf(key: CryptoKey, issuer: string, subject: string): Promise<string> {
  const secret = await expand(key, lengthPrefixed("singlet/principal/v2"), keyBytes);
  return personHash(hmacDigest(btoa(String.fromCharCode(...secret))), issuer, subject);
}

export type Enrolment = { readonly member: MemberId } | "unauthenticated" | "forbidden";

/**
 * Binds the person to a member; the first binding stands. A directory that was put back to an older
 * copy learns here of an erasure that the shard knows of. Throws `Restored`.
 *
 * 1. the person is bound and the member has a place   enrolling again goes on from here
 * 2. the member's key is made, and the one that       keys that open nothing; the next try uses them
 *    names them in the log
 * 3. the member's row is made in its shard            done; enrolling again finds it
 */
export async function enrolPerson(
  shards: Shards,
  person: Omit<Person, "roles">,
  member: MemberId,
  nowMs: number,
): Promise<Enrolment> {
  if (isTooOld(person)) return "unauthenticated";
  const living = person.bound !== null && !person.bound.erased ? person.bound : null;
  if (living === null && !isMemberId(member)) return "forbidden";
  const bound = living ?? (await shards.directory.bind(person.hash, member, shards.all.length));
  if (bound === null || bound.erased) return "forbidden";
  if (isTooOld({ bound, issuedAtMs: person.issuedAtMs })) return "unauthenticated";
  const shard = await shards.directory.shardOf(bound.member);
  if (shard === null) return "forbidden";
  const { phi, keyring } = await wholeShardAt(shards, shard, nowMs);
  const known = phi.prepare("SELECT erased_at FROM member WHERE id = ?").bind(bound.member);
  const before = await known.first<{ erased_at: number | null }>();
  if (before === null) {
    const generation = await keyring.memberKeys.make(bound.member, nowMs);
    if (generation === null) return "forbidden";
    await keyring.dataKey({ member: bound.member, generation }, logConnection, nowMs);
    await phi
      .prepare("INSERT OR IGNORE INTO member (id, key_id) VALUES (?, ?)")
      .bind(bound.member, generation)
      .run();
  }
  const row = before ?? (await known.first<{ erased_at: number | null }>());
  if (row?.erased_at === null) return { member: bound.member };
  if (row?.erased_at != null) await shards.directory.markErased(bound.member, row.erased_at);
  return "forbidden";
}
