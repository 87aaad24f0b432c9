/** What happened before somebody opens the page: a ride by three providers, and other workouts. */
import { pushActivities, until } from "../../local/deliveries.ts";
import type { Person } from "../../local/people.ts";
import { garminActivity, garminDetails, type Ride } from "../fakes/rides.ts";
import { rideOf, type Source, startMs, tell } from "../system/same-ride.ts";
import { type Athlete, workoutsOf } from "../system/support.ts";
import type { Stage } from "./support.ts";

export const hourMs = 3_600_000;

export type MemberName = "ada" | "ben" | "cleo";

export function athleteOf({ people }: Stage, name: MemberName): Athlete {
  const garmin = people.accounts.garmin[name] ?? "";
  const google = people.accounts["google-health"][name] ?? "";
  return { ...people.members[name], garmin, google };
}

export interface Told {
  readonly id: string;
  readonly sources: readonly { readonly record: string; readonly provider: string }[];
  readonly held: readonly { readonly rule: string; readonly because: string }[];
}

/** Once so many workouts hold so many records together. */
export async function settledAt(
  { system }: Stage,
  who: Person,
  workouts: number,
  records: number,
): Promise<Told[]> {
  const found = await until(
    () => workoutsOf(system, who),
    (all: Told[]) =>
      all.length === workouts && all.reduce((n, w) => n + w.sources.length, 0) === records,
  );
  if (found === undefined) throw new Error(`never ${workouts} workouts of ${records} records`);
  return found;
}

/** The same ride by some of the three; what else there is of theirs is untouched. */
export async function tellRide(on: Stage, who: Athlete, ...sources: Source[]): Promise<void> {
  for (const source of sources) await tell(on.system, source, who);
}

/** Another ride by Garmin, so many hours after the first, with its samples. */
export async function tellLater(
  { system }: Stage,
  who: Athlete,
  hours: number,
  over: Partial<Ride> = {},
): Promise<void> {
  const id = `415001${String(Math.abs(hours)).padStart(5, "0")}`;
  const ride: Ride = { ...rideOf(who), id, startMs: startMs + hours * hourMs, ...over };
  await pushActivities(system, garminActivity(ride), garminDetails(ride));
}
