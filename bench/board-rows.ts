/** Rows as ledgers publish them, and who they are of: every run the same. */
import type { Numbers, Ranking, ScoreRow } from "../domain/board-ports.ts";
import type { Chance } from "../test/oracle/chance.ts";

export const periods = ["2026-W46", "2026-W47", "2026-10", "2026-11", "all"];
export const everybody: Ranking = { period: "all", key: "all", measure: 0 };
export const beganMs = 1_763_700_000_000;

/** As long as an id of a member is. */
export const memberOf = (i: number): string =>
  `m_${(Math.imul(i + 1, 0x9e3779b1) >>> 0).toString(36).padStart(10, "0")}${String(i).padStart(10, "0")}`;

/** Five open periods of one family and all: about 270 bytes. */
export function rowOf(member: string, version: number, chance: Chance): ScoreRow {
  const numbers = () => [
    chance.whole(1_000, 80_000_000),
    chance.whole(60_000, 30_000_000),
    chance.whole(10_000, 3_000_000),
    chance.whole(1, 20),
    beganMs + chance.whole(0, 600_000_000),
  ];
  const both = (): Numbers => ({ all: numbers(), ride: numbers() });
  return {
    member,
    version,
    periods: Object.fromEntries(periods.map((period) => [period, both()])),
    unshown: {},
  };
}
