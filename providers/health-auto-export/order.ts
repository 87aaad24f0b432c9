/**
 * Which of two statements of one workout stands: the one that says more. The app repeats each workout
 * by design, through every automation that the member has set up, with routes and readings or without;
 * and a workout in HealthKit never changes, what is edited there has another id. So what differs says
 * how much the app was set to tell, or had been handed by the watch by then, and never that a value is
 * no more. Told by what is in a statement alone, the order is the same however often and in which
 * turns they come.
 */

/** What a statement may say or leave out, the weightiest first. */
export interface Stated {
  readonly distance: boolean;
  readonly energy: boolean;
  /** Burned by moving, which says more than what was burned in all. */
  readonly activeEnergy: boolean;
  readonly moving: boolean;
  readonly type: boolean;
  readonly end: boolean;
  readonly elevation: boolean;
  readonly track: boolean;
  readonly heartRate: boolean;
}
const names = [
  "distance",
  "energy",
  "activeEnergy",
  "moving",
  "type",
  "end",
  "elevation",
  "track",
  "heartRate",
] as const satisfies readonly (keyof Stated)[];

/** Each part counts only where all before it are equal: all of it is exact, being below 2^53. */
const namesBelow = 2 ** names.length;
const readingsBelow = 2 ** 21;
const metresBelow = 2 ** 18;

/**
 * What is said, where the weightier decides; by how many readings; and how far it went, since what a
 * watch has not handed over yet is missing from that.
 */
export function orderOf(stated: Stated, readings: number, distanceMm: number | null): number {
  const bits = names.map((name) => Number(stated[name]));
  const parts: readonly (readonly [value: number, below: number])[] = [
    [bits.reduce((sum, bit) => sum * 2 + bit, 0), namesBelow],
    [readings, readingsBelow],
    [Math.round((distanceMm ?? 0) / 1000), metresBelow],
  ];
  return parts.reduce((sum, [value, below]) => sum * below + Math.min(value, below - 1), 0);
}
