/** Arbitrary histories of a few identities: creates, corrections and retractions, numbered. */
import fc from "fast-check";
import type { OpenFact, OpenStatement } from "../../domain/ports.ts";
import { type Decision, isDecision, isRetraction, type Retraction } from "../../domain/stream.ts";
import type { LocalDate } from "../../domain/time.ts";
import {
  fromApple,
  fromGarmin,
  fromGoogle,
  hour,
  minute,
  workout,
} from "../domain/workouts/facts.ts";

/** A Sunday that is the last of its month: an hour later it is another day, week and month. */
export const brink = Date.UTC(2026, 4, 31, 23);

export const retracts = (id: string, revision: number): Retraction =>
  ({ id, revision, retracted: true }) as Retraction;

const sources = [fromGarmin, fromGoogle, fromApple];
const identities = [..."abcdefg"];

const contents = fc.record({
  at: fc
    .tuple(fc.constantFrom(-49, -25, -2, -1, 0, 1, 2, 24), fc.nat(5))
    .map(([h, tens]) => brink + h * hour + tens * 10 * minute),
  elapsedMs: fc.integer({ min: 1, max: 15 }).map((n) => n * 20 * minute),
  type: fc.constantFrom("cycling", "cycling", "running", "other"),
  method: fc.constantFrom("device", "phone", "unknown"),
  distanceMm: fc.constantFrom(null, 0, 10_000_000, 25_000_000),
  offsetMin: fc.constantFrom(null, 0, 120, -300),
});

const statement: fc.Arbitrary<OpenStatement> = fc
  .record({
    index: fc.nat(identities.length - 1),
    revision: fc.integer({ min: 1, max: 4 }),
    retracted: fc.boolean(),
    content: contents,
  })
  .map(({ index, revision, retracted, content }) => {
    const id = identities[index] ?? "a";
    if (retracted && revision % 2 === 0) return retracts(id, revision);
    return workout({ ...content, ...sources[index % 3], id, revision } as object) as OpenFact;
  });

export const decides = (
  id: string,
  decision: Decision["decision"],
  sides: readonly string[][],
  revision = 1,
): OpenFact & Decision =>
  ({
    ...{ id, revision, at: brink, decision, sides },
    revisions: sides.flat().map(() => 1),
  }) as unknown as OpenFact & Decision;

/** What may be decided about the identities above; each has one content, as its id says. */
const decisionsMade: readonly (readonly [Decision["decision"], string[][]])[] = [
  ["join", [["a", "b"]]],
  ["join", [["c", "d", "e"]]],
  ["join", [["a", "g"]]],
  ["split", [["a"], ["b"]]],
  ["split", [["c", "d"], ["e"]]],
  ["split", [["a", "b"], ["c"], ["f"]]],
  ["clear", [["a", "f"]]],
];

const decided: fc.Arbitrary<OpenStatement> = fc
  .record({
    index: fc.nat(decisionsMade.length - 1),
    revision: fc.integer({ min: 1, max: 9 }),
    retracted: fc.boolean(),
  })
  .map(({ index, revision, retracted }) => {
    const [decision, sides] = decisionsMade[index] ?? ["clear", []];
    const id = `decision-${index}`;
    return retracted ? retracts(id, revision) : decides(id, decision, sides, revision);
  });

const editionOf = (s: OpenStatement) => (isRetraction(s) ? 0 : (s.edition ?? 1));

/** One content a revision and edition, as every source promises. */
const historiesOf = (statements: fc.Arbitrary<OpenStatement>, maxLength: number) =>
  fc.uniqueArray(statements, {
    minLength: 1,
    maxLength,
    selector: (s) => `${s.id}/${s.revision}/${editionOf(s)}`,
  });

/** A history, and how it may arrive: in any order, partly twice, in batches of any size. */
const deliveriesOf = (histories: fc.Arbitrary<OpenStatement[]>) =>
  histories.chain((history) =>
    fc.record({
      history: fc.constant(history),
      batches: fc
        .tuple(
          fc.shuffledSubarray([...history, ...history], { minLength: history.length }),
          fc.shuffledSubarray(history, { minLength: history.length }),
          fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 8 }),
        )
        .map(([some, all, sizes]) => cut([...some, ...all], sizes)),
    }),
  );

/** Of facts alone, and with what their member decided about them. */
export const deliveries = deliveriesOf(historiesOf(statement, 20));
export const decidedDeliveries = deliveriesOf(
  historiesOf(fc.oneof({ weight: 3, arbitrary: statement }, decided), 24),
);

/** Read again by later editions of what reads them. */
const edited = fc
  .tuple(statement, fc.integer({ min: 1, max: 3 }))
  .map(([s, edition]) => (isRetraction(s) || edition === 1 ? s : { ...s, edition }));
export const editedDeliveries = deliveriesOf(historiesOf(edited, 24));

function cut<T>(list: readonly T[], sizes: readonly number[]): T[][] {
  const batches: T[][] = [];
  for (let i = 0, n = 0; i < list.length; n++) {
    const size = sizes[n % sizes.length] ?? 1;
    batches.push(list.slice(i, i + size));
    i += size;
  }
  return batches;
}

/**
 * The oracle: of each identity the greatest revision stands; of its equals a retraction, else the
 * reading of the latest edition.
 */
export function lastWord(history: readonly OpenStatement[]): Map<string, OpenStatement> {
  const rank = (s: OpenStatement) => 10 * s.revision + (isRetraction(s) ? 9 : editionOf(s));
  const last = new Map<string, OpenStatement>();
  for (const s of history) {
    const held = last.get(s.id);
    if (held === undefined || rank(s) > rank(held)) last.set(s.id, s);
  }
  return last;
}

export const live = (history: readonly OpenStatement[]): OpenFact[] =>
  [...lastWord(history).values()].filter((s): s is OpenFact => !isRetraction(s));

/** What stands in the end, taken apart. */
export function standing(history: readonly OpenStatement[]) {
  const all = live(history);
  return {
    facts: all.filter((s) => !isDecision(s)),
    decisions: all.filter((s): s is OpenFact & Decision => isDecision(s)),
  };
}

/** What the archive would hold: of each day the facts that stand, whatever order they came in. */
export function archived(changes: readonly { day: LocalDate; statement: OpenStatement }[]) {
  const days = new Map<LocalDate, OpenStatement[]>();
  for (const { day, statement: s } of changes) days.set(day, [...(days.get(day) ?? []), s]);
  return [...days]
    .flatMap(([day, statements]) => live(statements).map((fact) => ({ day, fact })))
    .sort((a, b) => (a.fact.id < b.fact.id ? -1 : 1));
}

/** The same of changes in the order of their numbers: of one identity on one day the last stands. */
export function standsIn(changes: readonly { day: LocalDate; statement: OpenStatement }[]) {
  const last = new Map(changes.map((c) => [`${c.day} ${c.statement.id}`, c] as const));
  return [...last.values()]
    .flatMap(({ day, statement: s }) => (isRetraction(s) ? [] : [{ day, fact: s }]))
    .sort((a, b) => (a.fact.id < b.fact.id ? -1 : 1));
}
