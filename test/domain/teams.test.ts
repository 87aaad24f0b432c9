/**
 * What can be had from teams' numbers: histories of two teams that share members, over two weeks, in
 * which scores move and return, members join, leave, hide and show themselves; and an attacker who
 * keeps every number that was ever told, knows who is in which team and what everybody could see when
 * a number was told, and reckons with all of it at once.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type HiddenPart,
  type TeamPart,
  teamHiddenMin,
  teamNumber,
  teamWeeks,
  weekBeginsMs,
} from "../../domain/teams.ts";

const part = (member: string, n: number, how: Partial<TeamPart> = {}): TeamPart => ({
  ...{ member, n, isShown: false, isNew: true },
  ...how,
});
const hidden = (count: number, how: Partial<TeamPart> = {}) =>
  Array.from({ length: count }, (_, i) => part(`h${i}`, 10 ** i, how));
const shown = (member: string, n: number) => part(member, n, { isShown: true, isNew: false });

describe("a team's number", () => {
  test("is the sum of what everybody sees, with too few others in it", () => {
    for (let count = 0; count < teamHiddenMin; count++)
      expect(teamNumber([shown("a", 7), shown("b", 2), ...hidden(count)], null)).toEqual({
        ...{ n: 9, hidden: null, told: [] },
      });
  });

  test("has all the others in it once there are five, and says whose is told for the first time", () => {
    const others = hidden(5);
    expect(teamNumber([shown("a", 7), ...others], null)).toEqual({
      n: 11_118,
      hidden: { n: 11_111, members: ["h0", "h1", "h2", "h3", "h4"] },
      told: others,
    });
  });

  test("counts nobody towards the five who has nothing, was seen or was told", () => {
    for (const fifth of [part("x", 0), part("x", 3, { isNew: false })])
      expect(teamNumber([...hidden(4), fifth], null).hidden).toBeNull();
    expect(teamNumber([...hidden(4), part("x", 3, { isNew: false })], null).n).toBeNull();
  });

  test("stands as it was told until five more are new; what everybody sees goes on", () => {
    const before = { n: 500, members: ["h0", "h1", "h2", "h3", "h4"] };
    const moved = [...hidden(4), ...hidden(5, { isNew: false }).slice(4), shown("a", 7)];
    expect(teamNumber(moved, before)).toEqual({ n: 507, hidden: before, told: [] });
    const now = teamNumber([...hidden(5), shown("a", 8)], before);
    expect(now.n).toBe(11_119);
  });

  test("counts nobody twice who has shown themself since it was told", () => {
    const before = { n: 500, members: ["a", "h0", "h1", "h2", "h3", "h4"] };
    const now = [shown("a", 90), shown("b", 1), ...hidden(5, { isNew: false })];
    expect(teamNumber(now, before).n).toBe(501);
  });

  test("lets go of the others' part when fewer than five are left of them", () => {
    const before = { n: 500, members: ["h0", "h1", "h2", "h3", "h4"] };
    expect(teamNumber([shown("a", 7), ...hidden(4)], before)).toEqual({
      ...{ n: 7, hidden: null, told: [] },
    });
  });
});

test("numbers are told of this week and of the last while boards have it", () => {
  expect(teamWeeks(Date.UTC(2026, 10, 19))).toEqual(["2026-W47", "2026-W46"]);
  expect(teamWeeks(Date.UTC(2026, 10, 16, 1))).toEqual(["2026-W47", "2026-W46"]);
  expect(weekBeginsMs("2026-W47")).toBe(Date.UTC(2026, 10, 15, 10));
});

// -- the attacker ---------------------------------------------------------------------------

const members = ["a", "b", "c", "d", "e", "f", "g", "h"];
const teams = ["red", "blue"];
const weeks = ["this", "last"];
const stepsMax = 120;

/** `member`: several, as one day's riding moves many. */
type Step =
  | { readonly do: "score"; readonly member: number; readonly many: number; readonly n: number }
  | { readonly do: "join" | "leave" | "hide" | "show"; readonly member: number };
type Placed = Step & { readonly team: string; readonly week: string };

const step: fc.Arbitrary<Placed> = fc
  .record({
    kind: fc.integer({ min: 0, max: 19 }),
    member: fc.nat(members.length - 1),
    many: fc.integer({ min: 1, max: 6 }),
    n: fc.integer({ min: 0, max: 6 }),
    team: fc.constantFrom(...teams),
    week: fc.constantFrom(...weeks),
  })
  .map(({ kind, member, many, n, team, week }) => {
    const other = (["join", "leave", "hide", "show"] as const)[kind - 16];
    return other === undefined
      ? { do: "score", member, many, n, team, week }
      : { do: other, member, team, week };
  });

/** One unknown: what one member had in a week. */
const unknown = (week: string, member: string, n: number) => `${week} ${member} ${n}`;
type Answer = ReadonlyMap<string, number>;

interface Heard {
  /** Of every number told, what is in it of those who are on no board. */
  readonly answers: readonly Answer[];
  /** What everybody could see before it was told. */
  readonly seen: ReadonlySet<string>;
}

type Rule = typeof teamNumber;

/** Plays a history; both teams' numbers of both weeks are told after every step. */
function heard(steps: readonly Placed[], rule: Rule): Heard {
  const joined = new Map(teams.map((team) => [team, new Set(members)]));
  const isShown = new Set<string>();
  const wasShown = new Set<string>();
  const scores = new Map<string, number>();
  const told = new Map<string, HiddenPart | null>();
  /** The values that were in each part when it was told. */
  const inside = new Map<string, Answer>();
  const everTold = new Set<string>();
  const seen = new Set<string>();
  const answers: Answer[] = [];
  const scoreOf = (week: string, member: string) => scores.get(`${week} ${member}`) ?? 0;

  for (const { team, week, ...did } of steps) {
    const member = members[did.member] ?? "";
    if (did.do === "score")
      for (let i = 0; i < did.many; i++)
        scores.set(`${week} ${members[(did.member + i) % members.length]}`, did.n);
    if (did.do === "join") joined.get(team)?.add(member);
    if (did.do === "hide") isShown.delete(member);
    if (did.do === "show") {
      isShown.add(member);
      wasShown.add(member);
    }
    if (did.do === "leave") {
      joined.get(team)?.delete(member);
      for (const of of weeks)
        if (told.get(`${team} ${of}`)?.members.includes(member)) told.set(`${team} ${of}`, null);
    }
    for (const shownOne of isShown)
      for (const of of weeks) {
        const it = unknown(of, shownOne, scoreOf(of, shownOne));
        if (!everTold.has(it)) seen.add(it);
      }
    for (const one of teams)
      for (const of of weeks) {
        const key = `${one} ${of}`;
        const parts = [...(joined.get(one) ?? [])].map((m) => ({
          member: m,
          n: scoreOf(of, m),
          isShown: isShown.has(m),
          isNew: !wasShown.has(m) && !everTold.has(unknown(of, m, scoreOf(of, m))),
        }));
        const before = told.get(key) ?? null;
        const now = rule(parts, before);
        if (now.hidden !== null && now.hidden !== before) {
          const names = now.hidden.members.map((m) => unknown(of, m, scoreOf(of, m)));
          inside.set(key, new Map(names.map((name) => [name, 1])));
          for (const name of names) everTold.add(name);
        }
        told.set(key, now.hidden);
        const answer = inside.get(key);
        if (now.n !== null && now.hidden !== null && answer !== undefined) answers.push(answer);
      }
  }
  return { answers: [...new Set(answers)], seen };
}

const prime = 1_000_003;

/** Of these rows, modulo a prime: what cannot be reckoned from the others. */
function rank(rows: readonly Answer[], isColumn: (name: string) => boolean): number {
  const columns = [...new Set(rows.flatMap((row) => [...row.keys()]))].filter(isColumn);
  const matrix = rows.map((row) => columns.map((name) => row.get(name) ?? 0));
  let found = 0;
  for (let column = 0; column < columns.length && found < matrix.length; column++) {
    const pivot = matrix.findIndex((row, i) => i >= found && row[column] !== 0);
    if (pivot < 0) continue;
    const [head = [], other = []] = [matrix[pivot], matrix[found]];
    matrix[pivot] = other;
    matrix[found] = head;
    const inverse = power(head[column] ?? 1, prime - 2);
    for (let i = found + 1; i < matrix.length; i++) {
      const row = matrix[i] ?? [];
      const factor = ((row[column] ?? 0) * inverse) % prime;
      if (factor !== 0)
        for (let j = column; j < columns.length; j++)
          row[j] = ((((row[j] ?? 0) - factor * (head[j] ?? 0)) % prime) + prime) % prime;
    }
    found++;
  }
  return found;
}

function power(base: number, exponent: number): number {
  let [result, square, left] = [1, base % prime, exponent];
  for (; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) result = (result * square) % prime;
    square = (square * square) % prime;
  }
  return result;
}

/** Every four of them. */
function* fours(of: readonly string[], size = teamHiddenMin - 1, from = 0): Generator<string[]> {
  if (size === 0) return yield [];
  for (let i = from; i <= of.length - size; i++)
    for (const rest of fours(of, size - 1, i + 1)) yield [of[i] ?? "", ...rest];
}

/**
 * Fewer than five of whom something can be reckoned; null: of nobody. What everybody saw is known, so
 * it is no unknown. Some sum of the answers is about these alone exactly when the answers without
 * them have less rank than the answers.
 */
function foundOut({ answers, seen }: Heard): string[] | null {
  const isUnknown = (name: string) => !seen.has(name);
  const all = rank(answers, isUnknown);
  for (const few of fours(members)) {
    const isOther = (name: string) => isUnknown(name) && !few.includes(name.split(" ")[1] ?? "");
    if (rank(answers, isOther) < all) return few;
  }
  return null;
}

const history = fc.array(step, { minLength: 10, maxLength: stepsMax, size: "max" });

describe("whoever keeps every number that was ever told, and reckons with all of them", () => {
  test("learns nothing about fewer than five who are on no board", () => {
    let most = 0;
    fc.assert(
      fc.property(history, (steps) => {
        const all = heard(steps, teamNumber);
        most = Math.max(most, all.answers.length);
        expect(foundOut(all)).toBeNull();
      }),
      { numRuns: 150 },
    );
    // Otherwise nothing was tried.
    expect(most).toBeGreaterThan(4);
  });

  const sum = (parts: readonly TeamPart[]) => parts.reduce((n, p) => n + p.n, 0);
  const told = (parts: readonly TeamPart[]) => {
    const others = parts.filter((p) => !p.isShown && p.n > 0);
    return { n: sum(others), members: others.map((p) => p.member) };
  };
  /** Each looks safe by itself. */
  const weaker: readonly (readonly [string, Rule])[] = [
    [
      "five in a number are enough",
      (parts) => {
        const now = told(parts);
        const isEnough = now.members.length >= teamHiddenMin;
        return { n: 0, hidden: isEnough ? now : null, told: [] };
      },
    ],
    [
      "five of whom each team tells for the first time are enough, seen or not",
      (parts, before) => {
        const now = told(parts);
        const isEnough = now.members.length >= teamHiddenMin && before === null;
        return { n: 0, hidden: isEnough ? now : before, told: [] };
      },
    ],
    [
      "new ones are enough when there are four of them",
      (parts, before) => {
        const now = told(parts);
        const fresh = parts.filter((p) => !p.isShown && p.n > 0 && p.isNew).length;
        const isEnough = now.members.length >= teamHiddenMin && fresh >= teamHiddenMin - 1;
        return { n: 0, hidden: isEnough ? now : before, told: [] };
      },
    ],
  ];

  test.each(weaker)("would learn something by a weaker rule: %s", (_, rule) => {
    const leaks = fc.sample(history, { numRuns: 200, seed: 11 }).some((steps) => {
      return foundOut(heard(steps, rule)) !== null;
    });
    expect(leaks).toBe(true);
  });
});
