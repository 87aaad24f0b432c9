/** Consents as people say them: to whom, and whether it holds. */
import type { AccessEntry, Consent } from "../../api/schema.d.ts";

export type Standing = "holds" | "coming" | "over" | "revoked";

export function standingOf(
  { from, until, revoked }: Pick<Consent, "from" | "until" | "revoked">,
  nowMs: number,
): Standing {
  if (revoked !== null) return "revoked";
  if (until !== null && Date.parse(until) < nowMs) return "over";
  return from !== null && Date.parse(from) > nowMs ? "coming" : "holds";
}

export const standingWords: Readonly<
  Record<Standing, readonly [words: string, mood: "good" | "info" | "plain"]>
> = {
  holds: ["Holds", "good"],
  coming: ["Not yet", "info"],
  over: ["Over", "plain"],
  revoked: ["Taken back", "plain"],
};

export const namesOf = (entries: readonly AccessEntry[] | undefined): ReadonlyMap<string, string> =>
  new Map(entries?.flatMap(({ who }) => (who.name === null ? [] : [[who.id, who.name] as const])));

/** Names are known of whoever has looked or asked before; of others there is the id alone. */
export function granteeWords(
  grantee: Consent["grantee"],
  names: ReadonlyMap<string, string>,
): string {
  if ("role" in grantee) return "All coaches";
  return names.get(grantee.member) ?? `Member ${grantee.member}`;
}

export const firstHolding = (consents: readonly Consent[], nowMs: number): readonly Consent[] => {
  const rank: Readonly<Record<Standing, number>> = { holds: 0, coming: 1, over: 2, revoked: 3 };
  return [...consents].sort(
    (a, b) =>
      rank[standingOf(a, nowMs)] - rank[standingOf(b, nowMs)] || b.granted.localeCompare(a.granted),
  );
};
