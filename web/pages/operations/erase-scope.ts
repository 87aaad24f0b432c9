/** What of a member is to be erased, as it was typed, as the API wants it, and in words. Pure. */
import { addDays } from "../../../domain/time.ts";
import type { Asked } from "../../api/client.ts";
import { dayName } from "../../design/format.ts";

export type EraseKind = "member" | "connection" | "workouts" | "samples";
export const eraseKinds: readonly { readonly id: EraseKind; readonly name: string }[] = [
  { id: "member", name: "Everything: the member" },
  { id: "connection", name: "What came by one connection" },
  { id: "workouts", name: "Workouts of some days" },
  { id: "samples", name: "Samples of some days" },
];

export interface EraseTyped {
  readonly kind: EraseKind;
  readonly connection: string;
  readonly from: string;
  readonly to: string;
  readonly reason: string;
}

/** What is missing of it, in words; null: nothing. */
export function scopeWrong({ kind, connection, from, to, reason }: EraseTyped): string | null {
  if (reason.trim() === "") return "Say why: it stands in the log.";
  if (kind === "connection" && connection.trim() === "") return "Say which connection.";
  if (kind !== "workouts" && kind !== "samples") return null;
  if (from === "" || to === "") return "Say the first and the last day.";
  return to < from ? "The last day lies before the first." : null;
}

/** Whole days of UTC, both included. */
export function scopeOf(typed: EraseTyped): Asked<"POST /v1/ops/erasures">["body"]["scope"] {
  const { kind, connection, from, to } = typed;
  if (kind === "member") return { kind };
  if (kind === "connection") return { kind, connection: connection.trim() };
  // Samples go by days that are over when the window ends.
  if (kind === "samples")
    return { kind, from: `${from}T00:00:00Z`, to: `${addDays(to, 1)}T00:00:00Z` };
  return { kind, from: `${from}T00:00:00Z`, to: `${to}T23:59:59.999Z` };
}

export function scopeSaid({ kind, from, to }: EraseTyped): string {
  if (kind === "member")
    return "The member, everything of theirs and every connection is erased, everywhere.";
  if (kind === "connection")
    return "The connection ends, and everything that came by it is erased.";
  return `Every one of their ${kind} from ${dayName(from)} to ${dayName(to)} is erased.`;
}
