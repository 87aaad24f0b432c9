/** What came of the bodies, however they were taken. */
import type { Numbers } from "./retail-duck.ts";

export interface Recorded {
  /** What each item was answered, and how often. */
  readonly outcomes: ReadonlyMap<string, number>;
  readonly settled: Numbers;
}
