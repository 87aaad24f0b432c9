/**
 * Which of the secrets that a deployment states count at a moment, and what each is called. What is
 * stated is a setting that somebody typed: an entry that says nothing (no text, a date that is none,
 * an end before its beginning, another type) makes nothing genuine, costs no other entry its place
 * and succeeds none.
 */
import { type Instant, parseMoment } from "../../domain/time.ts";
import type { Secret } from "../recipe.ts";
import { isFields } from "../untrusted.ts";

/**
 * So many are tried, the newest first. A rotation has two; one that begins within another's overlap
 * has three, and none of them may lose its retries.
 */
export const secretsMax = 4;
/** How long both count at least: longer than the longest known plan of retries (75 h 35 min). */
export const overlapMs = 76 * 3_600_000;

/** A name that may stand in a log line as it is. */
const kidForm = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/;
const fingerprintBytes = 4;

export interface LiveSecret {
  readonly text: string;
  /** As the deployment calls it; null: by its fingerprint. */
  readonly kid: string | null;
}

interface Stated extends LiveSecret {
  readonly beginsMs: Instant;
  readonly endsMs: Instant;
}

/**
 * Those that have begun and have not ended, the newest first; of the same age, as they are listed.
 * One that is stated twice counts once.
 */
export function liveSecrets(secrets: unknown, nowMs: Instant): readonly LiveSecret[] {
  const stated = (Array.isArray(secrets) ? secrets : []).flatMap((entry) => statedBy(entry) ?? []);
  const newestFirst = stated.toSorted(
    (a, b) => Number(a.beginsMs < b.beginsMs) - Number(a.beginsMs > b.beginsMs),
  );
  const live = newestFirst.filter(
    (secret) => secret.beginsMs <= nowMs && nowMs <= endOf(secret, stated),
  );
  return live.filter(({ text }, i) => live.findIndex((other) => other.text === text) === i);
}

/**
 * Put off, where its own successor would have it overlap for less. What had ended before that one
 * began stays ended: a secret that was retired does not come back because another is announced.
 */
function endOf({ beginsMs, endsMs }: Stated, stated: readonly Stated[]): Instant {
  const later = stated.map((s) => s.beginsMs).filter((ms) => ms > beginsMs);
  const successionMs = Math.min(...later);
  return endsMs < successionMs ? endsMs : Math.max(endsMs, successionMs + overlapMs);
}

/** Null when the entry says nothing. */
function statedBy(entry: unknown): Stated | null {
  const always = { beginsMs: Number.NEGATIVE_INFINITY, endsMs: Number.POSITIVE_INFINITY };
  if (entry === "") return null;
  if (typeof entry === "string") return { text: entry, kid: null, ...always };
  if (!isFields(entry) || typeof entry.secret !== "string" || entry.secret === "") return null;
  const beginsMs = instantOf(entry.notBefore, always.beginsMs);
  const endsMs = instantOf(entry.notAfter, always.endsMs);
  if (beginsMs === null || endsMs === null || endsMs < beginsMs) return null;
  // A name that is the secret itself, put in the wrong place, would be written into logs.
  const isName = typeof entry.kid === "string" && kidForm.test(entry.kid);
  const kid = isName && entry.kid !== entry.secret ? (entry.kid as string) : null;
  return { text: entry.secret, kid, beginsMs, endsMs };
}

function instantOf(stated: unknown, absent: Instant): Instant | null {
  if (stated === undefined || stated === null) return absent;
  const moment = typeof stated === "string" ? parseMoment(stated) : null;
  return moment?.ok === true ? moment.value.atMs : null;
}

/** What the deployment itself uses where it has to name one; null: there is none. */
export const newestSecret = (
  secrets: readonly Secret[] | undefined,
  nowMs: Instant,
): string | null => liveSecrets(secrets, nowMs)[0]?.text ?? null;

/** What stands in logs and figures for a secret. */
export async function kidOf(secret: Secret | LiveSecret): Promise<string> {
  if (typeof secret !== "string" && secret.kid !== null) return secret.kid;
  const text = typeof secret === "string" ? secret : "text" in secret ? secret.text : secret.secret;
  const digest = (await sha256(text)).subarray(0, fingerprintBytes);
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * The live secret that `given` is; null when none. Compares digests, all of them, so that neither
 * length nor content shows in the time it takes.
 */
export async function secretThatIs(
  given: string | null,
  secrets: unknown,
  nowMs: Instant,
): Promise<LiveSecret | null> {
  if (given === null) return null;
  const mine = await sha256(given);
  let found: LiveSecret | null = null;
  for (const secret of liveSecrets(secrets, nowMs).slice(0, secretsMax)) {
    const theirs = await sha256(secret.text);
    found = isSame(mine, theirs) ? (found ?? secret) : found;
  }
  return found;
}

const sha256 = async (text: string) =>
  new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));

/** In the same time for any bytes of one length. */
export function isSame(mine: Uint8Array, theirs: Uint8Array): boolean {
  if (mine.length !== theirs.length) return false;
  let difference = 0;
  for (let i = 0; i < mine.length; i++) difference |= (mine[i] ?? 0) ^ (theirs[i] ?? 1);
  return difference === 0;
}
