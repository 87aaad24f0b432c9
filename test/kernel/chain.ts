/** Records that overlap their neighbours, and so on without end; the same ones for the same seed. */
import type { OpenFact } from "../../domain/ports.ts";
import { msPerDay } from "../../domain/time.ts";
import {
  fromApple,
  fromGarmin,
  fromGoogle,
  hour,
  minute,
  morning,
  workout,
} from "../domain/workouts/facts.ts";

/** A chain of `days` days, one begun every `everyMs`. */
export function chain(days: number, everyMs: number, seed = 1): OpenFact[] {
  let state = seed;
  const random = (n: number) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
  const sources = [fromGarmin, fromGoogle, fromApple];
  const types = ["cycling", "cycling", "running", "other", "hiking"] as const;
  return Array.from({ length: Math.floor((days * msPerDay) / everyMs) }, (_, i) =>
    workout({
      id: `link-${i}`,
      at: morning + i * everyMs + random(60) * minute,
      elapsedMs: everyMs + (1 + random(5)) * hour,
      type: types[random(types.length)] ?? "other",
      distanceMm: (1 + random(40)) * 1_000_000,
      ...sources[i % 3],
    } as object),
  );
}
