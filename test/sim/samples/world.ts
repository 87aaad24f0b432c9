/** All of it from a seed: where a member lived, what was measured, how it is told, what stands. */
import { localDate } from "../../../domain/time.ts";
import { chanceOf } from "../../oracle/chance.ts";
import { type Batch, batchesOf } from "./batches.ts";
import { devices, type Reading, readingsOf } from "./body.ts";
import type { Believed } from "./duck.ts";
import { dayMs, type Life, lifeOf } from "./life.ts";
import { type Lane, tellingOf } from "./statements.ts";

export interface WorldOptions {
  readonly days: number;
  readonly seed: number;
  /** Samples in one batch. */
  readonly batch: number;
}

export interface World {
  readonly life: Life;
  readonly measured: number;
  /** In the order in which each sends them. */
  readonly lanes: Readonly<Record<Lane, readonly Batch[]>>;
  /** What finally stands. */
  readonly truth: readonly Reading[];
  /** By kind at first; from a day on as the member says. */
  readonly believed: readonly [Believed, Believed];
}

/** So much of the life goes by until the member believes the phone first. */
const shareBefore = 0.8;

export function worldOf({ days, seed, batch }: WorldOptions): World {
  const life = lifeOf(days);
  const readings = readingsOf(life, chanceOf(seed));
  const told = tellingOf(life, readings, chanceOf(seed + 1));
  const chance = chanceOf(seed + 2);
  const since = localDate(life.startMs + Math.floor(days * shareBefore) * dayMs, 0);
  return {
    life,
    measured: readings.length,
    lanes: {
      watch: batchesOf("watch", told.lanes.watch, batch, chance),
      phone: batchesOf("phone", told.lanes.phone, batch, chance),
    },
    truth: told.truth,
    believed: [
      { since: "0001-01-01", order: devices },
      { since, order: ["phone", "watch", "scale"] },
    ],
  };
}
