/**
 * How COROS writes values: times in seconds since 1970, zones in quarters of an hour, a pace in
 * seconds a kilometre, energy in calories of a thousandth of a kcal; what became of a request as a
 * code under `result`, with the status 200 whatever it is. Null: not stated in such a form.
 */
import { secondsToMs } from "../../domain/units.ts";
import { type ActivityType, familyOf } from "../../domain/workouts/activity.ts";
import {
  amountOf,
  type Fields,
  isFields,
  numberNameOf,
  offsetOf,
  positiveOf,
  speedOf,
} from "../untrusted.ts";

export const sports = "sport";

/** A record's own id: an int64, as text once it was read by json.ts. */
export function labelOf(v: unknown): string | null {
  const label = numberNameOf(v);
  return label === null || /^0+$/.test(label) ? null : label;
}

export const instantOf = (seconds: unknown): number | null => {
  const at = secondsToMs(positiveOf(seconds) ?? 0);
  return at > 0 && Number.isSafeInteger(at) ? at : null;
};

const quarterMin = 15;

/** 32 is eight hours east of UTC. */
export const zoneOf = (quarters: unknown): number | null =>
  typeof quarters === "number" ? offsetOf(quarters * quarterMin) : null;

/** Seconds a kilometre, which only means that where people move over ground. */
const paced: ReadonlySet<string> = new Set(["run", "walk", "ride", "e_ride"]);

export function paceOf(secondsAKm: unknown, type: ActivityType): number | null {
  const seconds = positiveOf(secondsAKm);
  return seconds === null || !paced.has(familyOf(type)) ? null : speedOf(1000 / seconds);
}

/** What became of a request, by COROS's own code; null: it does not say. */
export type Outcome = "done" | "denied" | "busy" | "forbidden" | "failed";

const outcomes: Readonly<Record<string, Outcome>> = {
  "0000": "done",
  "5006": "denied",
  "5016": "busy",
  "30009": "forbidden",
};

export function outcomeIn(said: unknown): Outcome | null {
  const code = isFields(said) ? said.result : undefined;
  const text = typeof code === "string" ? code : amountOf(code) === null ? null : String(code);
  if (text === null) return null;
  return Object.hasOwn(outcomes, text) ? (outcomes[text] ?? "failed") : "failed";
}

const statuses: Readonly<Partial<Record<Outcome, number>>> = {
  denied: 401,
  busy: 503,
  forbidden: 403,
};

/** 1: the member's account gives to us; 0: it was unbound there. Asked for at `bindState` alone. */
const isUnbound = ({ data }: Fields): boolean => isFields(data) && data.bindState === 0;

/** The status that an answer stands for; null: what it says. */
export function statusIn(said: unknown): number | null {
  const outcome = outcomeIn(said);
  if (outcome === "done" && isFields(said) && isUnbound(said)) return 401;
  return outcome === null ? null : (statuses[outcome] ?? null);
}
