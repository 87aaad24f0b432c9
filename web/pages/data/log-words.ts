/** Entries of the log of who looked: on what ground, and what came of it. */
import type { AccessEntry } from "../../api/schema.d.ts";

/** 16 random bytes, base64url: what is no ground of another kind. */
const consentId = /^[\w-]{22}$/;

/** Null: the sentence says it already. */
export function groundWords({ ground }: Pick<AccessEntry, "ground">): string | null {
  if (ground === "own") return "Your own data";
  if (ground.startsWith("break-glass:")) return "Break-glass: without your consent, with a reason";
  if (ground.startsWith("share:")) return "A link that you made";
  return consentId.test(ground) ? "A consent of yours" : null;
}

type Mood = "good" | "warn" | "bad" | "plain";
const outcomes: Readonly<Record<string, readonly [words: string, mood: Mood]>> = {
  permitted: ["Done", "plain"],
  unchanged: ["Nothing changed", "plain"],
  refused: ["Refused", "good"],
  failed: ["Failed", "warn"],
  pending: ["Not noted yet", "warn"],
  unknown: ["Not known", "warn"],
};

/** What somebody else did is marked: it is what one looks for. */
export function outcomeBadge(entry: AccessEntry, me: string): readonly [string, Mood] {
  if (entry.ground.startsWith("break-glass:") || entry.deed === "break-glass")
    return ["Break-glass", "bad"];
  const isOther = entry.who.id !== me && entry.outcome === "permitted";
  if (isOther && entry.action === "view") return ["Looked", "warn"];
  return outcomes[entry.outcome] ?? [entry.outcome, "plain"];
}

/** The last moment of a local day here is part of it. */
export const dayBegins = (date: string): string => new Date(`${date}T00:00:00`).toISOString();
export const dayEnds = (date: string): string => new Date(`${date}T23:59:59.999`).toISOString();
