/**
 * May this caller read this column of this member? Deny by default; a forbid beats every permit;
 * the member's own reading always stands. Pure, so that the vault can decide with what one batch
 * of its database told it and nothing else, and so that every case can be tried.
 */
import type { BreakGlass, Consent, Role } from "./ports.ts";
import type { MetricClass } from "./samples/metrics.ts";
import type { Instant } from "./time.ts";

/** Columns of a record that a consent can name. */
export const recordColumns = ["heart_rate", "track", "title", "notes", "device_name"] as const;
/** What samples come to, a class of metrics each: shown as aggregates, never reading by reading. */
export const sampleColumns = [
  "samples_activity",
  "samples_vital",
  "samples_body",
  "samples_sleep",
] as const satisfies readonly `samples_${MetricClass}`[];
export const sampleColumnOf = (of: MetricClass): (typeof sampleColumns)[number] => `samples_${of}`;

/** Columns that a consent can name. */
export const readableColumns = [...recordColumns, ...sampleColumns] as const;
export type ReadableColumn = (typeof readableColumns)[number];
export const isReadable = (column: string): column is ReadableColumn =>
  (readableColumns as readonly string[]).includes(column);

/** Columns that are only ever the member's own: no consent and no emergency opens them. */
export const ownColumns = ["original_type", "source_id", "raw"] as const;
export type RestrictedColumn = ReadableColumn | (typeof ownColumns)[number];
/** Of a record: to be read one by one. */
export const isRecordColumn = (column: string): column is RestrictedColumn =>
  isRestrictedColumn(column) && !(sampleColumns as readonly string[]).includes(column);
export const isRestrictedColumn = (column: string): column is RestrictedColumn =>
  isReadable(column) || (ownColumns as readonly string[]).includes(column);

/** What a consent can be for. */
export const purposes = ["coaching", "care", "research"] as const;
export type Purpose = (typeof purposes)[number];
const isPurpose = (purpose: string): purpose is Purpose =>
  (purposes as readonly string[]).includes(purpose);

/** What a read can be for: nobody can consent to an emergency or forbid one. */
const emergency = "emergency";
export const readPurposes = [...purposes, emergency] as const;

export const breakGlassMs = 15 * 60_000;
export const breakGlassReasonCharsMin = 10;
export const breakGlassReasonCharsMax = 500;

/** The member has to be able to read it: blanks and what cannot be seen are no reason. */
export function isBreakGlassReason(text: string): boolean {
  const seen = text.replaceAll(/[\p{C}\p{Z}]/gu, "").length;
  return seen >= breakGlassReasonCharsMin && text.trim().length <= breakGlassReasonCharsMax;
}

export interface ReadQuestion {
  readonly actor: string;
  /** Those that the actor holds now, by the token that asks. */
  readonly actorRoles: readonly Role[];
  readonly member: string;
  readonly column: string;
  readonly purpose: string;
  readonly nowMs: Instant;
}

/**
 * `ground` goes to the log. Permitted: "own", a consent's id, or `break-glass:` and its id.
 * Refused: "unreadable-column", "role", "no-consent", or the id of the forbid.
 */
export type Decision =
  | { readonly permit: true; readonly ground: string; readonly breakGlass: boolean }
  | { readonly permit: false; readonly ground: string };

/**
 * The first rule that speaks decides:
 *
 * 1. a column that is not restricted here is refused: "unreadable-column"
 * 2. the member reads every restricted column of their own, for any purpose
 * 3. a column that is the member's own is "unreadable-column" to everybody else
 * 4. an auditor reads nothing of others, whatever other roles they hold: "role"
 * 5. an emergency asks for a live break-glass of this operator for this member, and nothing else
 * 6. a forbid that applies refuses, be it for the person or for a role, newer or older
 * 7. a permit that applies permits
 * 8. "no-consent"
 *
 * A forbid does not stop break-glass: it speaks of one purpose, and the emergency is none that a
 * member can name. What a member has instead is that it is loud: it takes a reason, lasts
 * `breakGlassMs`, is flagged in the log, and they are told.
 *
 * Every period includes both its ends. A revoked consent is revoked from the batch that shows it,
 * whatever its time says, and a forbid forbids from its own: no clock that is behind outruns them.
 * Where several apply, the smallest id is the ground, so that the answer
 * does not depend on the order they are read in.
 */
export function decide(
  question: ReadQuestion,
  consents: readonly Consent[],
  breakGlass: readonly BreakGlass[],
): Decision {
  const { actor, actorRoles, member, column, purpose } = question;
  if (!isRestrictedColumn(column)) return refused("unreadable-column");
  if (actor === member) return { permit: true, ground: "own", breakGlass: false };
  if (!isReadable(column)) return refused("unreadable-column");
  if (actorRoles.includes("auditor")) return refused("role");
  if (purpose === emergency) {
    const live = smallestId(breakGlass.filter((glass) => isLive(glass, question)));
    return live === undefined
      ? refused("no-consent")
      : { permit: true, ground: `break-glass:${live}`, breakGlass: true };
  }
  const applying = consents.filter((consent) => applies(consent, question));
  const forbid = smallestId(applying.filter(({ effect }) => effect === "forbid"));
  if (forbid !== undefined) return refused(forbid);
  const permit = smallestId(applying.filter(({ effect }) => effect === "permit"));
  return permit === undefined
    ? refused("no-consent")
    : { permit: true, ground: permit, breakGlass: false };
}

const refused = (ground: string): Decision => ({ permit: false, ground });

const smallestId = (items: readonly { readonly id: string }[]): string | undefined =>
  items.map(({ id }) => id).sort()[0];

/** The role is asked for now: who lost it since they broke the glass reads nothing more. */
const isLive = (glass: BreakGlass, { actor, actorRoles, member, nowMs }: ReadQuestion): boolean =>
  glass.operator === actor &&
  glass.member === member &&
  actorRoles.includes("operator") &&
  glass.atMs <= nowMs &&
  nowMs <= glass.untilMs;

function applies(consent: Consent, question: ReadQuestion): boolean {
  const { grantee, columns, purpose, grantedAtMs, notBeforeMs, notAfterMs } = consent;
  const { actor, actorRoles, nowMs } = question;
  if (consent.revokedAtMs !== null) return false;
  if (consent.effect !== "forbid" && nowMs < grantedAtMs) return false;
  if (notBeforeMs !== null && nowMs < notBeforeMs) return false;
  if (notAfterMs !== null && notAfterMs < nowMs) return false;
  if (!isPurpose(purpose) || purpose !== question.purpose) return false;
  if (!columns.includes(question.column)) return false;
  // Everybody is a member: a consent for that role would be one for the world.
  return grantee.kind === "member"
    ? grantee.id === actor
    : actorRoles.some((role) => role === grantee.id && role !== "member");
}
