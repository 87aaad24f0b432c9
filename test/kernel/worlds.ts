/**
 * The oracle of every test of a ledger: the facts and decisions that stand in the end, resolved from
 * scratch in one go. However a ledger was told of them, it has to hold the same to the byte.
 */
import type { OpenStatement } from "../../domain/ports.ts";
import type { Settings } from "../../domain/stream.ts";
import { periodsOf } from "../../domain/time.ts";
import type { ResolvedWorkout } from "../../domain/workouts/resolved.ts";
import type { WorkoutFact } from "../../domain/workouts/schema.ts";
import { workouts } from "../../domain/workouts/stream.ts";
import { record } from "../../kernel/record.ts";
import { tallyOf } from "../../kernel/refold.ts";
import { MemoryStore } from "./memory-store.ts";
import { standing } from "./statements.ts";

export const settings: Settings = { zones: [{ zone: "Europe/Berlin", fromMs: 0 }], ownerOnly: [] };

export const put = (store: MemoryStore, ...statements: OpenStatement[]) =>
  record(store, workouts, settings, statements);

export function delivered<S extends MemoryStore = MemoryStore>(
  batches: readonly (readonly OpenStatement[])[],
  store = new MemoryStore() as S,
): S {
  for (const batch of batches) put(store, ...batch);
  return store;
}

export function fromScratch(history: readonly OpenStatement[], by: Settings = settings) {
  const { facts, decisions } = standing(history);
  const resolved = workouts.resolve?.of(facts as unknown as WorkoutFact[], by, decisions);
  return summed(resolved ?? []);
}

export function summed(resolved: readonly ResolvedWorkout[]) {
  const sums = new Map<string, number[]>();
  for (const w of resolved)
    for (const period of periodsOf(w.scored?.day ?? w.day))
      for (const [key, numbers] of tallyOf(workouts, w)) {
        const name = `${period} ${key}`;
        sums.set(
          name,
          numbers.map((n, i) => n + (sums.get(name)?.[i] ?? 0)),
        );
      }
  const bytes = resolved.map((w) => JSON.stringify(w)).sort();
  return { resolved: bytes, totals: Object.fromEntries(sums) };
}

export const countsOf = (store: MemoryStore) => ({
  resolved: store.resolvedBytes(),
  totals: store.totals(),
});

export const resolvedOf = (store: MemoryStore) =>
  store.resolvedBytes().map((bytes) => JSON.parse(bytes) as ResolvedWorkout);

/** Which facts are one, each group named by its facts in order. */
export const groupsOf = (store: MemoryStore): string[] =>
  resolvedOf(store)
    .map((w) =>
      w.sources
        .map((s) => s.fact)
        .sort()
        .join("+"),
    )
    .sort();
