/** A challenge's rules as sentences, and its states and doors in words. */
import type { Answer } from "../../api/client.ts";
import { amount, familyName, measureName } from "./amounts.ts";

export type Challenge = Answer<"GET /v1/challenges">["items"][number];
export type ChallengeState = Challenge["state"];

export const stateWords: Readonly<Record<ChallengeState, string>> = {
  coming: "Coming",
  running: "Running",
  over: "Over, not settled",
  final: "Final",
  ended: "Ended",
};
export const stateMoods = {
  coming: "info",
  running: "good",
  over: "warn",
  final: "plain",
  ended: "plain",
} as const satisfies Readonly<Record<ChallengeState, string>>;

/** "Distance, Riding and E-bike riding". */
export function whatCounts({ measure, families }: Pick<Challenge, "measure" | "families">): string {
  const list = new Intl.ListFormat("en", { type: "conjunction" });
  const named = families.length === 0 ? "all activities" : list.format(families.map(familyName));
  return `${measureName(measure)}, ${named}`;
}

export function limitsOf(challenge: Challenge): string[] {
  const { unit, dayMax, least, verifiedOnly } = challenge;
  const said: string[] = [];
  if (dayMax !== null) said.push(`No day counts for more than ${amount(unit, dayMax)}.`);
  if (least !== null)
    said.push(`A workout of less than ${amount(unit, least)} counts for nothing.`);
  if (verifiedOnly)
    said.push("Only what a device or a phone recorded counts, not what was typed in.");
  said.push("What you did on its days before you joined counts too.");
  return said;
}

/** Running ones first, then what comes, then what was; in each, the order they came in. */
const order: readonly ChallengeState[] = ["running", "coming", "over", "final", "ended"];
export const inOrder = (challenges: readonly Challenge[]): Challenge[] =>
  [...challenges].sort((a, b) => order.indexOf(a.state) - order.indexOf(b.state));

export const mayJoin = ({ state, joined }: Challenge): boolean =>
  !joined && (state === "coming" || state === "running");
