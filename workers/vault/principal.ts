/**
 * Who is calling: the vault verifies the token itself and finds the person by a keyed digest. A
 * person whose member was erased is nobody until they enrol anew with a token issued after that; a
 * person who never enrolled acts as a guest, so that even their looking is logged under one name.
 */
import { type MemberId, personHash } from "../../domain/identity.ts";
import type { Role } from "../../domain/ports.ts";
import { hmacDigest } from "../../kernel/hmac.ts";
import { remoteKeys, verifyToken } from "../../kernel/token.ts";
import type { Vault, VaultEnv } from "./env.ts";
import { derive, importKey, lengthPrefixed } from "./envelope.ts";
import { rootBytes } from "./keyring.ts";

const guestHashChars = 22;
const principalKeyBytes = 32;
const memberIdPattern = /^[A-Za-z0-9_-]{1,64}$/;

export const isMemberId = (text: string): boolean => memberIdPattern.test(text);

export interface Person {
  readonly hash: string;
  readonly roles: readonly Role[];
  readonly issuedAtMs: number;
  readonly bound: {
    readonly member: MemberId;
    readonly erased: boolean;
    /** Tokens issued up to here are refused. */
    readonly notBeforeMs: number;
  } | null;
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
  const hash = await hashOf(env, verdict.issuer, verdict.subject);
  const row = await env.PHI_0.prepare(
    `SELECT p.member, p.not_before, m.erased_at FROM principal AS p
     JOIN member AS m ON m.id = p.member WHERE p.hash = ?`,
  )
    .bind(hash)
    .first<{ member: MemberId; not_before: number; erased_at: number | null }>();
  const { roles, issuedAtMs } = verdict;
  const bound = row && {
    member: row.member,
    erased: row.erased_at !== null,
    notBeforeMs: row.not_before,
  };
  return { hash, roles, issuedAtMs, bound };
}

/** Who acts; null when the person's member is erased or the token is older than an erasure. */
export async function actorOf(env: VaultEnv, token: string, nowMs: number): Promise<Actor | null> {
  const person = await personOf(env, token, nowMs);
  if (person === null) return null;
  const { bound, hash, roles } = person;
  if (bound === null) return { id: `guest_${hash.slice(0, guestHashChars)}`, member: null, roles };
  if (bound.erased || isTooOld(person)) return null;
  return { id: bound.member, member: bound.member, roles };
}

const isTooOld = ({ bound, issuedAtMs }: Person): boolean =>
  bound !== null && bound.notBeforeMs > 0 && issuedAtMs <= bound.notBeforeMs;

/** The role an entry of the log is written under. */
export const roleOf = (actor: Actor, member: string | null): Role =>
  actor.id === member ? "member" : (actor.roles.find((role) => role !== "member") ?? "member");

async function hashOf(env: VaultEnv, issuer: string, subject: string): Promise<string> {
  const root = await importKey(rootBytes(env.ROOT_KEY));
  const info = lengthPrefixed("singlet/principal/v1");
  const key = await derive(root, new Uint8Array(0), info, principalKeyBytes);
  return personHash(hmacDigest(btoa(String.fromCharCode(...key))), issuer, subject);
}

export type Enrolment = { readonly member: MemberId } | "unauthenticated" | "forbidden";

/**
 * Binds the person to a member; the first binding stands.
 *
 * 1. the member's key is made                          a key that opens nothing; the next try uses it
 * 2. one batch binds the person and makes the member   done; enrolling again finds it
 */
export async function enrolPerson(
  vault: Vault,
  person: Person,
  member: MemberId,
  nowMs: number,
): Promise<Enrolment> {
  if (isTooOld(person)) return "unauthenticated";
  if (person.bound !== null && !person.bound.erased) return { member: person.bound.member };
  if (!isMemberId(member)) return "forbidden";
  const { phi, keyring } = vault;
  const erased = await phi
    .prepare("SELECT 1 FROM member WHERE id = ? AND erased_at IS NOT NULL")
    .bind(member)
    .first();
  if (erased !== null) return "forbidden";
  const generation = await keyring.memberKey(member, nowMs);
  const results = await phi.batch<{ member: MemberId }>([
    phi
      .prepare(
        `INSERT INTO principal (hash, member)
         SELECT ?1, ?2
         WHERE NOT EXISTS (SELECT 1 FROM principal WHERE member = ?2)
           AND NOT EXISTS (SELECT 1 FROM member WHERE id = ?2 AND erased_at IS NOT NULL)
         ON CONFLICT (hash) DO UPDATE SET member = excluded.member
         WHERE (SELECT erased_at FROM member WHERE id = principal.member) IS NOT NULL`,
      )
      .bind(person.hash, member),
    phi
      .prepare(
        `INSERT OR IGNORE INTO member (id, key_id)
         SELECT ?1, ?2 WHERE EXISTS (SELECT 1 FROM principal WHERE hash = ?3 AND member = ?1)`,
      )
      .bind(member, generation, person.hash),
    phi
      .prepare(
        `SELECT p.member FROM principal AS p JOIN member AS m ON m.id = p.member
         WHERE p.hash = ? AND m.erased_at IS NULL`,
      )
      .bind(person.hash),
  ]);
  const [bound] = results[2]?.results ?? [];
  return bound ?? "forbidden";
}
