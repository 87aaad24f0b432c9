/**
 * A day's rides and who tells them when, from a seed. Each ride is told by a watch's maker (Garmin's
 * push), by another system (a signed event) and by the member's phone, each in a delivery of its own:
 * three source facts. Of a hundred deliveries three come twice and five are corrected later.
 */
import { type Chance, chanceOf } from "../../test/oracle/chance.ts";
import { firstMs } from "./deployment.ts";

export const tellersPerRide = 3;
export const tellers = ["garmin", "sender", "phone"] as const;
export type Teller = (typeof tellers)[number];

/** A fact of a deployment that gets a hundred thousand a day, spread over it. */
export const factsADay = 100_000;
const dayMs = 86_400_000;
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** Rides of a member that are told on one day: when they began, before the day's telling begins. */
const starts = [26, 16, 4, 21].map((hoursBefore) => firstMs - hoursBefore * hourMs);
/** So that rides come to three and a third a member. */
const ridesOf = (member: number): number => (member % 3 === 0 ? 4 : 3);

export interface Ride {
  readonly member: number;
  readonly id: number;
  readonly startMs: number;
  readonly elapsedSeconds: number;
  readonly distanceM: number;
}

/** One delivery. `correction`: 0, or that it is told anew otherwise. */
export interface Telling {
  readonly atMs: number;
  readonly teller: Teller;
  readonly ride: Ride;
  readonly correction: number;
}

export interface Day {
  readonly tellings: readonly Telling[];
  /** Distinct source facts; deliveries are more. */
  readonly facts: number;
  readonly deliveries: number;
  readonly lastMs: number;
}

export const membersFor = (facts: number): number =>
  Math.max(3, Math.round(facts / ((10 / 3) * tellersPerRide)));

const twiceIn100 = 3;
const correctedIn100 = 5;
/** How much later each teller speaks than the one before it, at the most. */
const laterMs = [0, 3 * minuteMs, 20 * minuteMs];

export function dayOf(seed: number, members: number, beginsMs: number): Day {
  const chance = chanceOf(seed);
  const rides = chance.shuffled(
    Array.from({ length: members }, (_, member) => ridesFor(chance, member)).flat(),
  );
  const facts = rides.length * tellersPerRide;
  const lengthMs = (facts * dayMs) / factsADay;
  const tellings = rides.flatMap((ride, i) => {
    const firstTold = beginsMs + (lengthMs * i) / rides.length;
    return tellers.flatMap((teller, nth) => {
      const atMs = firstTold + Math.min(laterMs[nth] ?? 0, (nth * lengthMs) / 10);
      const said = [{ atMs, teller, ride, correction: 0 }];
      if (chance.in100(twiceIn100)) said.push({ ...said[0], atMs: atMs + minuteMs / 2 } as Telling);
      if (chance.in100(correctedIn100))
        said.push({ atMs: atMs + lengthMs / 4, teller, ride, correction: 1 });
      return said;
    });
  });
  tellings.sort((a, b) => a.atMs - b.atMs);
  const lastMs = tellings.at(-1)?.atMs ?? beginsMs;
  return { tellings, facts, deliveries: tellings.length, lastMs };
}

function ridesFor(chance: Chance, member: number): Ride[] {
  return Array.from({ length: ridesOf(member) }, (_, nth) => ({
    member,
    id: member * 10 + nth,
    startMs: (starts[nth] ?? firstMs) + chance.whole(0, 90) * minuteMs,
    elapsedSeconds: chance.whole(1_800, 5_400),
    distanceM: chance.whole(8_000, 60_000),
  }));
}

/** One ride each, long ago: so that nothing that a member needs once falls on the day. */
export function firstRides(members: number): Telling[] {
  return Array.from({ length: members }, (_, member): Ride => {
    const startMs = firstMs - 8 * dayMs;
    return { member, id: member * 10 + 9, startMs, elapsedSeconds: 3_600, distanceM: 20_000 };
  }).flatMap((ride) =>
    tellers.map((teller, nth) => ({ atMs: nth * minuteMs, teller, ride, correction: 0 })),
  );
}

/** At night, when nobody else rode; told by the other system alone, at the day's pace. */
export function largeRides(count: number, members: number, beginsMs: number): Telling[] {
  return Array.from({ length: count }, (_, i): Telling => {
    const startMs = firstMs - 10 * hourMs - Math.floor(i / members) * 3 * hourMs;
    const id = members * 10 + i;
    const ride = { member: i % members, id, startMs, elapsedSeconds: 5_400, distanceM: 40_000 };
    const atMs = beginsMs + (i * dayMs) / factsADay;
    return { atMs, teller: "sender", ride, correction: 0 };
  });
}
