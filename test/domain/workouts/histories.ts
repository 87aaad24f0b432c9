/**
 * What a ledger is told, and how: statements of a few records and decisions, corrected, moved by
 * hours or weeks and retracted, in any order, partly twice and in batches; and the oracle, which
 * resolves what stands in the end from scratch.
 */
import fc from "fast-check";
import type { FactId } from "../../../domain/identity.ts";
import type { OpenFact, OpenStatement } from "../../../domain/ports.ts";
import { noSettings } from "../../../domain/settings.ts";
import {
  type Decision,
  isDecision,
  type Retraction,
  rulesAt,
  type Settings,
} from "../../../domain/stream.ts";
import { periodsOf } from "../../../domain/time.ts";
import type { ResolvedWorkout } from "../../../domain/workouts/resolved.ts";
import type { WorkoutFact } from "../../../domain/workouts/schema.ts";
import { workouts } from "../../../domain/workouts/stream.ts";
import { record } from "../../../kernel/record.ts";
import { type Held, weigh } from "../../../kernel/statement.ts";
import { MemoryStore } from "../../kernel/memory-store.ts";
import { decidedSets, reordered } from "./crowds.ts";
import { day, decide, hour, minute, morning, resolveOf, workout } from "./facts.ts";

export const asOpen = (s: WorkoutFact | Decision): OpenFact => s as unknown as OpenFact;
export const retracted = (id: string, revision: number): Retraction =>
  ({ id, revision, retracted: true }) as Retraction;

/** A memory store that finds the decisions on a fact without reading all it holds. */
export class Ledger extends MemoryStore {
  readonly #naming = new Map<string, Set<string>>();

  override nameFacts(decision?: FactId, facts: readonly FactId[] = []): void {
    if (decision === undefined) return;
    for (const id of facts) this.#naming.set(id, (this.#naming.get(id) ?? new Set()).add(decision));
  }

  override decisionsOn(ids: readonly string[]): (Decision & OpenFact)[] {
    const naming = new Set(ids.flatMap((id) => [...(this.#naming.get(id) ?? [])]));
    return [...naming].flatMap((id) => {
      const fact = this.held(id)?.fact ?? null;
      const names = fact !== null && isDecision(fact) ? fact.sides.flat() : [];
      return names.some((named) => ids.includes(named)) ? [fact as Decision & OpenFact] : [];
    });
  }
}

export function told(
  batches: readonly (readonly OpenStatement[])[],
  settings: Settings = noSettings,
  store = new Ledger(),
): Ledger {
  for (const batch of batches) record(store, workouts, settings, batch);
  return store;
}

/** What stands in the end, in the order in which it was first heard of. */
export function standing(statements: readonly OpenStatement[]) {
  const held = new Map<string, Held>();
  for (const s of statements) {
    if (!weigh(held.get(s.id) ?? null, s).wins) continue;
    held.set(s.id, { revision: s.revision, fact: "retracted" in s ? null : s, days: [] });
  }
  const live = [...held.values()].flatMap(({ fact }) => fact ?? []);
  const facts = live.filter((f) => !isDecision(f)) as unknown as WorkoutFact[];
  return { facts, decisions: live.filter((f) => isDecision(f)) };
}

/** From scratch: bytes of what counts, and of each period every sum. */
export function fromScratch(statements: readonly OpenStatement[], settings = noSettings) {
  const { facts, decisions } = standing(statements);
  const resolved = resolveOf(facts, settings, decisions);
  return { resolved: resolved.map((w) => JSON.stringify(w)).sort(), totals: totalsOf(resolved) };
}

export const countsOf = (store: MemoryStore) => ({
  resolved: store.resolvedBytes(),
  totals: store.totals(),
});

/** "period key" → a sum for each measure, of everything that is not zero. */
export function totalsOf(resolved: readonly ResolvedWorkout[]): Record<string, number[]> {
  const sums = new Map<string, number[]>();
  for (const w of resolved)
    workouts.measures.forEach((measure, i) => {
      for (const [key, n] of measure.of(w, rulesAt(workouts.rules)))
        for (const period of periodsOf(w.scored?.day ?? w.day)) {
          const row = sums.get(`${period} ${key}`) ?? workouts.measures.map(() => 0);
          row[i] = (row[i] ?? 0) + n;
          sums.set(`${period} ${key}`, row);
        }
    });
  const there = [...sums].filter(([, row]) => row.some((n) => n !== 0));
  return Object.fromEntries(there.sort(([a], [b]) => (a < b ? -1 : 1)));
}

const movesMs = [0, minute, 2 * hour, -26 * hour, 8 * day, 9 * day, -30 * day];
const fates = fc.record({
  earlier: fc.boolean(),
  movedBy: fc.constantFrom(...movesMs),
  movedLater: fc.boolean(),
  retracted: fc.nat(9).map((n) => n === 0),
});

/** Each record in one to three statements: as it was, as it is, and gone. */
export const histories: fc.Arbitrary<OpenStatement[]> = decidedSets.chain(([facts, decisions]) => {
  const all = [...facts, ...decisions];
  return fc.array(fates, { minLength: all.length, maxLength: all.length }).map((drawn) =>
    all.flatMap((fact, i) => {
      const { earlier, movedBy, movedLater, retracted: gone } = drawn[i] ?? {};
      const isFact = !isDecision(fact);
      const was = isFact ? { ...fact, at: fact.at + (movedLater ? 0 : (movedBy ?? 0)) } : fact;
      const is = isFact ? { ...fact, at: fact.at + (movedLater ? (movedBy ?? 0) : 0) } : fact;
      const statements: OpenStatement[] = [{ ...asOpen(is), revision: fact.revision * 10 }];
      if (earlier && isFact) statements.push({ ...asOpen(was), revision: 5 });
      if (gone) statements.push(retracted(fact.id, fact.revision * 10));
      return statements;
    }),
  );
});

/** Records that last for days, one beginning before the other ends: a chain longer than the reach. */
export const chains: fc.Arbitrary<OpenStatement[]> = fc
  .tuple(
    fc.array(
      fc.record({
        stepMs: fc.integer({ min: 1, max: 60 }).map((n) => n * 2 * hour),
        lastsMs: fc.oneof(
          fc.integer({ min: 12, max: 96 }).map((n) => n * 2 * hour),
          fc.constant(hour),
        ),
        source: fc.nat(2),
        type: fc.constantFrom("cycling", "cycling", "hiking", "other"),
        gone: fc.nat(12).map((n) => n === 0),
      }),
      { minLength: 10, maxLength: 40 },
    ),
    fc.array(fc.tuple(fc.nat(39), fc.integer({ min: 1, max: 4 }), fc.boolean()), { maxLength: 3 }),
  )
  .map(([drawn, decided]) => {
    let at = morning;
    const facts = drawn.flatMap(({ stepMs, lastsMs, source, type, gone }, i): OpenStatement[] => {
      at += stepMs;
      const from = { connection: `con_${source}`, provider: `p${source}` };
      const shape = { id: `f${i}`, ...from, at, elapsedMs: lastsMs, type: type as "cycling" };
      const fact = asOpen(workout(shape));
      return gone ? [fact, retracted(fact.id, 2)] : [fact];
    });
    const decisions = decided.map(([n, step, isJoin], i) => {
      const [a, b] = [`f${n % drawn.length}`, `f${(n + step) % drawn.length}`];
      const shape = { id: `dec_${i}`, revision: i + 1 };
      return asOpen(isJoin ? decide("join", [[a, b]], shape) : decide("split", [[a], [b]], shape));
    });
    return [...facts, ...decisions];
  });

/** A history, and a way in which it may arrive. */
export const arriving = (of: fc.Arbitrary<OpenStatement[]>) =>
  of.chain((history) =>
    fc.record({
      history: fc.constant(history),
      batches: fc
        .tuple(
          reordered(history),
          fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 8 }),
        )
        .map(([list, sizes]) => batched(list, sizes)),
    }),
  );

export function batched<T>(list: readonly T[], sizes: readonly number[]): T[][] {
  const batches: T[][] = [];
  for (let i = 0, n = 0; i < list.length; n++) {
    const size = Math.max(1, sizes[n % sizes.length] ?? 1);
    batches.push(list.slice(i, i + size));
    i += size;
  }
  return batches;
}
