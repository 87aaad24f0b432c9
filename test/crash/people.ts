/** Everybody who takes part, as the seed makes them: their doors, linked while nothing fails yet. */
import { enrol } from "../../local/people.ts";
import type { System } from "../../local/system.ts";
import { type Chance, chanceOf } from "../oracle/chance.ts";
import { type Athlete, athlete } from "../system/support.ts";
import type { Door } from "./door.ts";
import { ListensDoor, ScrobbleDoor } from "./listens-doors.ts";
import { SalesDoor } from "./sales-door.ts";
import { GarminDoor, PhoneDoor, StepsDoor } from "./workout-doors.ts";

/** Of a hundred facts; so many samples come on top. */
const shares = { sales: 73, listens: 24, workouts: 3, samples: 10 } as const;
const most = { merchants: 3, listeners: 12, athletes: 12 } as const;
/** So few facts need no more people. */
const factsEach = { merchants: 2_000, listeners: 400, athletes: 40 } as const;

export interface People {
  readonly doors: readonly Door[];
  readonly athletes: readonly Athlete[];
  readonly steps: readonly StepsDoor[];
}

/** `facts` altogether, and samples besides. */
export async function peopleOf(
  system: System,
  { facts, seed, nowMs }: { readonly facts: number; readonly seed: number; readonly nowMs: number },
): Promise<People> {
  let drawn = 0;
  const chance = (): Chance => chanceOf(seed * 1_009 + ++drawn);
  const settings = { zone: "UTC" };
  const enrolled = (name: string) => enrol(system, name, `Name of ${name}`, ["member"], settings);
  const part = (share: number) => Math.round((facts * share) / 100);
  const each = (n: number, kind: keyof typeof most) =>
    split(n, Math.min(most[kind], Math.max(1, Math.ceil(n / factsEach[kind]))));

  const doors: Door[] = [];
  for (const [i, n] of each(part(shares.sales), "merchants").entries()) {
    const door = new SalesDoor(await enrolled(`merchant-${i}`), n, chance(), nowMs);
    await door.link(system);
    doors.push(door);
  }
  for (const [i, n] of each(part(shares.listens), "listeners").entries()) {
    const kind = i % 2 === 0 ? ListensDoor : ScrobbleDoor;
    const door = new kind(await enrolled(`listener-${i}`), n, chance(), nowMs);
    await door.link(system);
    doors.push(door);
  }
  const rides = each(part(shares.workouts), "athletes");
  const samples = split(part(shares.samples), rides.length);
  const athletes: Athlete[] = [];
  const steps: StepsDoor[] = [];
  for (const [i, n] of rides.entries()) {
    const who = await athlete(system, `rider-${i}`);
    // Every day here is a UTC day.
    await enrol(system, `subject-rider-${i}`, who.name, ["member"], settings);
    athletes.push(who);
    const own = { who, seed: seed + i, nowMs };
    doors.push(new GarminDoor(own, Math.ceil(n / 2), chance()));
    doors.push(new PhoneDoor(own, Math.floor(n / 2), chance()));
    steps.push(new StepsDoor(who, samples[i] ?? 0, chance(), nowMs));
  }
  return { doors: [...doors, ...steps], athletes, steps };
}

const split = (n: number, parts: number): number[] =>
  Array.from(
    { length: parts },
    (_, i) => Math.floor((n * (i + 1)) / parts) - Math.floor((n * i) / parts),
  );
