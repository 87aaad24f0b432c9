/**
 * A member whose rides are told by Garmin, by their phone, or by both: then they are one workout. The
 * phone takes some back, and has counted steps, minute by minute.
 */
import { pushActivities, syncPhone } from "../../local/deliveries.ts";
import { call } from "../../local/people.ts";
import type { System } from "../../local/system.ts";
import { appleWorkout, garminDetails, type Ride } from "../fakes/rides.ts";
import { type Chance, chanceOf } from "../oracle/chance.ts";
import type { Athlete } from "../system/support.ts";
import { type Batch, type Door, dayMs, sizeOf, uuidOf } from "./door.ts";
import type { Saying } from "./record.ts";

const perBatch = [1, 8] as const;
const goneMax = 3;
const takesBack = 15;
/** Of a hundred rides both tell so many; of the others each tells half. */
const byBoth = 40;
/**
 * Of so many rides one was recorded each second, by Garmin: more of it than a row of the vault takes.
 */
const longEvery = 32;
const longS = 9_600;
const isLong = (n: number) => n % longEvery === 1;
/** Rides begin so far apart, and a little more or less. */
const [apartS, unevenS] = [12_000, 1_500];

export interface Rides {
  readonly who: Athlete;
  readonly seed: number;
  /** The newest one begins before it. */
  readonly nowMs: number;
}

/** The nth ride back from now; no two are alike, so none is taken for a copy of another. */
function rideOf({ who, nowMs }: Rides, n: number): Ride {
  const backS = n * apartS + ((n * 7919) % unevenS);
  return {
    ...{ account: who.garmin, id: String(3_000_000_000 + n) },
    startMs: Math.floor(nowMs / dayMs) * dayMs - backS * 1000,
    elapsedSeconds: isLong(n) ? longS : 1_800 + ((n * 61) % 2_400),
    distanceM: 8_000 + n * 37,
    ...{ offsetSeconds: 0, everySeconds: 600 },
  };
}

export const workoutFact = (member: string, provider: string, atMs: number): string =>
  `workout ${member} ${provider} ${atMs}`;
export const workoutContent = (elapsedMs: number, distanceMm: number): string =>
  JSON.stringify([elapsedMs, distanceMm]);

function sayingOf(rides: Rides, provider: string, n: number, isGone: boolean): Saying {
  const { startMs, elapsedSeconds, distanceM } = rideOf(rides, n);
  const member = rides.who.id;
  const [elapsedMs, distanceMm] = [elapsedSeconds * 1000, distanceM * 1000];
  const numbers = { distance: distanceMm, moving_time: elapsedMs, count: 1 };
  const counts = ["all", "ride"].flatMap((key) =>
    Object.entries(numbers).map(([measure, number]) => ({ measure, key, n: number })),
  );
  return {
    ...{ stream: "workouts", fact: workoutFact(member, provider, startMs), rank: isGone ? 1 : 0 },
    content: isGone ? null : workoutContent(elapsedMs, distanceMm),
    day: new Date(startMs).toISOString().slice(0, 10),
    counts: isGone ? [] : counts,
    ...{ outing: `${member} ${startMs}`, member },
  };
}

abstract class RideDoor implements Door {
  abstract readonly name: string;
  abstract readonly provider: string;
  left: number;
  protected readonly rides: Rides;
  protected readonly chance: Chance;
  #n = 0;

  constructor(rides: Rides, facts: number, chance: Chance) {
    [this.rides, this.left, this.chance] = [rides, facts, chance];
  }

  protected abstract isTold(share: number): boolean;

  /** The next ones that this source tells of. */
  protected told(newMax: number): number[] {
    const size = sizeOf(this.chance, perBatch, Math.min(this.left, newMax));
    const found: number[] = [];
    while (found.length < size) {
      this.#n++;
      const share = chanceOf(this.rides.seed * 100_003 + this.#n).next() * 100;
      if (this.isTold(share)) found.push(this.#n);
    }
    this.left -= found.length;
    return found;
  }

  abstract next(newMax: number): Batch | null;
}

export class GarminDoor extends RideDoor {
  readonly name = "Garmin";
  readonly provider = "garmin";

  protected isTold(share: number): boolean {
    return share < byBoth + (100 - byBoth) / 2;
  }

  next(newMax: number): Batch | null {
    const told = this.told(newMax);
    if (told.length === 0) return null;
    const every = (n: number) => (isLong(n) ? { everySeconds: 1 } : {});
    const items = told.map((n) => garminDetails({ ...rideOf(this.rides, n), ...every(n) }));
    return {
      sayings: told.map((n) => sayingOf(this.rides, this.provider, n, false)),
      bad: 0,
      mayBeLeft: true,
      async send(system) {
        return { status: (await pushActivities(system, ...items)).status, isWhole: true };
      },
    };
  }
}

export class PhoneDoor extends RideDoor {
  readonly name = "phone sync";
  readonly provider = "apple-health";
  readonly #answered: number[] = [];
  readonly #told = new WeakMap<Batch, readonly number[]>();
  #batches = 0;

  protected isTold(share: number): boolean {
    return share < byBoth || share >= byBoth + (100 - byBoth) / 2;
  }

  /** A phone lets go only of what it knows to be there: what it takes back never comes again. */
  next(newMax: number): Batch | null {
    const back = this.chance.in100(takesBack) ? this.takeBack() : null;
    if (back !== null) return back;
    const told = this.told(newMax);
    return told.length === 0 ? null : this.#said(told, []);
  }

  takeBack(): Batch | null {
    const gone = this.#answered.splice(0, this.chance.whole(1, goneMax));
    return gone.length === 0 ? null : this.#said([], gone);
  }

  #said(told: readonly number[], gone: readonly number[]): Batch {
    const uuid = (n: number) => uuidOf(`${this.rides.who.id} ${n}`);
    const workouts = told.map((n) =>
      appleWorkout({ ...rideOf(this.rides, n), id: uuid(n), zone: "UTC" }),
    );
    const key = `batch ${++this.#batches}`;
    const batch: Batch = {
      sayings: [
        ...told.map((n) => sayingOf(this.rides, this.provider, n, false)),
        ...gone.map((n) => sayingOf(this.rides, this.provider, n, true)),
      ],
      bad: 0,
      mayBeLeft: true,
      send: async (system) => {
        const answer = await syncPhone(system, this.rides.who, key, workouts, gone.map(uuid));
        return { status: answer.status, isWhole: answer.body.errors === 0 };
      },
    };
    this.#told.set(batch, told);
    return batch;
  }

  took(batch: Batch): void {
    for (const n of this.#told.get(batch) ?? [])
      if (!this.#answered.includes(n)) this.#answered.push(n);
    this.#told.delete(batch);
  }
}

const minuteMs = 60_000;
const stepsPerBatch = [20, 200] as const;
const stepsMost = 120;

/** Each minute once, of one device: what a day comes to is their sum. Said until it is answered. */
export class StepsDoor implements Door {
  readonly name = "phone samples";
  left: number;
  /** By day, what all that was said comes to. */
  readonly sums = new Map<string, number>();
  readonly who: Athlete;
  readonly #chance: Chance;
  readonly #nowMs: number;
  #told = 0;

  get told(): number {
    return this.#told;
  }

  constructor(who: Athlete, samples: number, chance: Chance, nowMs: number) {
    [this.who, this.left, this.#chance, this.#nowMs] = [who, samples, chance, nowMs];
  }

  next(newMax: number): Batch | null {
    const size = sizeOf(this.#chance, stepsPerBatch, Math.min(this.left, newMax));
    if (size <= 0) return null;
    this.left -= size;
    const samples = Array.from({ length: size }, () => this.#counted());
    const { token } = this.who;
    return {
      ...{ sayings: [], bad: 0, mayBeLeft: false },
      async send(system: System) {
        const { status, body } = await call(system.url, "POST", "/v1/sync", {
          ...{ token, body: { samples } },
        });
        return { status, isWhole: body.errors === 0 };
      },
    };
  }

  #counted() {
    const startMs = Math.floor(this.#nowMs / dayMs) * dayMs - ++this.#told * minuteMs;
    const value = this.#chance.whole(1, stepsMost);
    const day = new Date(startMs).toISOString().slice(0, 10);
    this.sums.set(day, (this.sums.get(day) ?? 0) + value);
    return {
      ...{ type: "steps", value, unit: "count" },
      startDate: new Date(startMs).toISOString(),
      endDate: new Date(startMs + minuteMs).toISOString(),
      sourceDevice: { id: "watch-1", kind: "watch", model: "Watch7,1" },
      uuid: uuidOf(`${this.who.id} steps ${this.#told}`),
      metadata: { version: 1 },
    };
  }
}
