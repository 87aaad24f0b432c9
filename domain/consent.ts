/**
 * May this caller read these columns of this member? Deny by default; a rule that forbids beats
 * every grant; the member's own reading always stands. Pure, so that the vault can decide with
 * what one batch of its database told it and nothing else.
 */
import type { Consent, Role } from "./ports.ts";
import type { Instant } from "./time.ts";

/** Columns that a consent can name. Everything else restricted stays the member's own. */
export const readableColumns = ["heart_rate", "track", "title", "notes", "device_name"] as const;
export type ReadableColumn = (typeof readableColumns)[number];
export const isReadable = (column: string): column is ReadableColumn =>
  (readableColumns as readonly string[]).includes(column);

export const purposes = ["coaching", "care", "research"] as const;
export type Purpose = (typeof purposes)[number];

export interface ReadQuestion {
  readonly actor: string;
  readonly actorRoles: readonly Role[];
  readonly member: string;
  readonly column: string;
  readonly purpose: string;
  readonly nowMs: Instant;
}
export type Decision =
  | { readonly permit: true; readonly ground: string }
  | { readonly permit: false; readonly ground: "no-consent" | "unreadable-column" | "role" };

/** `ground` is "own", the id of the consent that permits, or why nothing does. */
export function decide(question: ReadQuestion, consents: readonly Consent[]): Decision {
  if (!isReadable(question.column)) return { permit: false, ground: "unreadable-column" };
  if (question.actor === question.member) return { permit: true, ground: "own" };
  if (question.actorRoles.includes("auditor")) return { permit: false, ground: "role" };
  const granted = consents.find((c) => covers(c, question));
  return granted === undefined
    ? { permit: false, ground: "no-consent" }
    : { permit: true, ground: granted.id };
}

function covers(consent: Consent, question: ReadQuestion): boolean {
  const { grantee, columns, notAfterMs, revokedAtMs, grantedAtMs, purpose } = consent;
  if (revokedAtMs !== null || grantedAtMs > question.nowMs) return false;
  if (notAfterMs !== null && notAfterMs < question.nowMs) return false;
  if (!columns.includes(question.column) || purpose !== question.purpose) return false;
  return grantee.kind === "member"
    ? grantee.id === question.actor
    : question.actorRoles.some((role) => role === grantee.id && role !== "member");
}
