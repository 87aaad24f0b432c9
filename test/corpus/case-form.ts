/**
 * The form of a labelled case, and what is wrong with one that does not have it. Whoever writes
 * cases by hand or by a program is told in words, for a case that is passed over judges nothing.
 */
export interface CaseEvent {
  readonly provider: string;
  readonly id: string | number;
  readonly revision?: number;
  readonly deleted?: boolean;
  readonly type?: string;
  readonly start?: string;
  readonly elapsed_s?: number | null;
  readonly moving_s?: number | null;
  readonly distance_m?: number | null;
  readonly energy_kcal?: number | null;
  readonly device?: string;
  readonly app?: string;
  readonly origin?: { readonly provider: string; readonly id: string };
  readonly manual?: boolean;
}
export interface Case {
  readonly name: string;
  readonly events: readonly CaseEvent[];
  readonly expect: { readonly groups: readonly (readonly string[])[] };
}
export const isFields = (v: unknown): v is Readonly<Record<string, unknown>> =>
  typeof v === "object" && v !== null && !Array.isArray(v);
const isName = (v: unknown): v is string => typeof v === "string" && v !== "";
export const areGroups = (v: unknown): v is string[][] =>
  Array.isArray(v) && v.every((group) => Array.isArray(group) && group.every(isName));

/** What is wrong with a case's form; null when it can be judged. */
export function faultOf(given: unknown): string | null {
  if (!isFields(given)) return "a case is an object";
  const { events, expect } = given;
  if (!Array.isArray(events)) return "it has no list of events";
  if (!isFields(expect) || !areGroups(expect.groups))
    return "expect.groups is no list of lists of ids";
  for (const [i, event] of events.entries()) {
    const fault = isFields(event) ? faultOfEvent(event) : "is no object";
    if (fault !== null) return `event ${i} ${fault}`;
  }
  const ids = new Set((events as CaseEvent[]).map(idOf));
  const expected = expect.groups.flat();
  const unknown = expected.find((id) => !ids.has(id));
  if (unknown !== undefined) return `expects ${unknown}, which no event has`;
  const twice = expected.find((id, i) => expected.indexOf(id) !== i);
  return twice === undefined ? null : `expects ${twice} twice`;
}

const amounts = ["elapsed_s", "moving_s", "distance_m", "energy_kcal"] as const;

function faultOfEvent(event: Readonly<Record<string, unknown>>): string | null {
  if (!isName(event.provider)) return "has no provider";
  if (!isName(event.id) && !Number.isFinite(event.id)) return "has no id";
  for (const field of amounts) {
    const amount = event[field];
    if (amount === undefined || amount === null) continue;
    if (typeof amount !== "number" || !Number.isFinite(amount))
      return `has no finite number as ${field}`;
    if (amount < 0) return `has a negative number as ${field}`;
  }
  return null;
}

export const nameOf = (given: unknown): string =>
  isFields(given) && isName(given.name) ? given.name : "a case without a name";
export const idOf = (event: CaseEvent): string => `${event.provider}:${event.id}`;
