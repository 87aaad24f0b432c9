import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { FactId } from "../../domain/identity.ts";
import type { DecisionDraft, OpenFact } from "../../domain/ports.ts";
import type { Decision } from "../../domain/stream.ts";
import { msPerDay } from "../../domain/time.ts";
import { workouts } from "../../domain/workouts/stream.ts";
import { decide, takeBack } from "../../kernel/decide.ts";
import { fromApple, fromGoogle, hour, minute, morning, workout } from "../domain/workouts/facts.ts";
import { CountingStore } from "./counting-store.ts";
import type { MemoryStore } from "./memory-store.ts";
import { archived, deliveries, retracts, standing } from "./statements.ts";
import { countsOf, delivered, fromScratch, groupsOf, put, resolvedOf, settings } from "./worlds.ts";

const draft = (decision: Decision["decision"], ...sides: string[][]): DecisionDraft =>
  ({ id: `${decision} ${JSON.stringify(sides)}`, decision, sides }) as unknown as DecisionDraft;

const joinDays = workouts.resolve?.joinDays ?? 0;
const nowMs = morning + 30 * msPerDay;
const say = (store: MemoryStore, what: DecisionDraft, atMs = nowMs) =>
  decide(store, workouts, settings, what, atMs);
const unsay = (store: MemoryStore, id: string, atMs = nowMs) =>
  takeBack(store, workouts, settings, id as FactId, atMs);
const refused = (error: string) => ({ ok: false, error });

const ride = workout({ id: "ride" });
const same = workout({ id: "same", ...fromGoogle, at: morning + minute, method: "phone" });
const later = workout({ id: "later", ...fromApple, at: morning + 5 * hour, distanceMm: 7_000_000 });
const split = draft("split", ["ride"], ["same"]);
const join = draft("join", ["ride", "later"]);

describe("a decision", () => {
  test("splits what was one, and joins what was two", () => {
    const store = delivered([[ride, same, later]]);
    expect(groupsOf(store)).toEqual(["later", "ride+same"]);
    expect(say(store, split)).toEqual({ ok: true, value: ["ride", "same"] });
    expect(groupsOf(store)).toEqual(["later", "ride", "same"]);
    expect(say(store, join, nowMs + 1)).toEqual({ ok: true, value: ["ride", "later"] });
    expect(groupsOf(store)).toEqual(["later+ride", "same"]);
    expect(resolvedOf(store).flatMap((w) => w.joined.map((r) => r.rule))).toEqual(["by-hand"]);
  });

  test("taken back leaves every byte as it was", () => {
    fc.assert(
      fc.property(deliveries, fc.boolean(), fc.nat(10), ({ batches, history }, apart, cut) => {
        const store = delivered(batches);
        const ids = standing(history).facts.map((f) => f.id as string);
        const before = countsOf(store);
        const sides = apart ? [ids.slice(0, cut), ids.slice(cut)] : [ids];
        const what = draft(apart ? "split" : "join", ...sides);
        const said = say(store, what);
        if (ids.length === 0) expect(said).toEqual(refused("not-found"));
        else if (!said.ok) expect([said.error, apart]).toEqual(["too-far-apart", false]);
        if (said.ok) expect(unsay(store, what.id).ok).toBe(true);
        expect(countsOf(store)).toEqual(before);
      }),
      { numRuns: 300 },
    );
  });

  test("said again is no new one, but stands over those made since", () => {
    const store = delivered([[ride, same]]);
    const back = draft("join", ["ride", "same"]);
    say(store, split);
    say(store, back, nowMs + 5);
    expect(groupsOf(store)).toEqual(["ride+same"]);
    expect(say(store, split, nowMs + 9).ok).toBe(true);
    expect(groupsOf(store)).toEqual(["ride", "same"]);
    expect(store.decisionsOn(["ride"])).toHaveLength(2);
    expect(store.held(split.id)?.revision).toBe(nowMs + 9);
  });

  test("stands over an earlier one even when the clock went back", () => {
    const store = delivered([[ride, same]]);
    say(store, split, nowMs);
    unsay(store, split.id, nowMs - hour);
    expect(groupsOf(store)).toEqual(["ride+same"]);
    expect(say(store, split, nowMs - 2 * hour).ok).toBe(true);
    expect(groupsOf(store)).toEqual(["ride", "same"]);
    expect(unsay(store, split.id, nowMs - 3 * hour).ok).toBe(true);
    expect(groupsOf(store)).toEqual(["ride+same"]);
  });

  test("tells the vault nothing, not even when it is taken back", () => {
    const store = delivered([[ride, same]]);
    say(store, split);
    unsay(store, split.id);
    expect(store.retractions).toEqual([]);
  });

  test("costs what the workouts that it names cost, not what the ledger holds", () => {
    const costs = [10, 1000].map((count) => {
      const rest = Array.from({ length: count }, (_, i) =>
        workout({ id: `n${i}`, at: morning + (3 + i) * msPerDay, distanceMm: 1_000_000 + i }),
      );
      const store = delivered([[ride, same, later], rest], new CountingStore());
      return [store.costOf(() => say(store, split)), store.costOf(() => unsay(store, split.id))];
    });
    expect(costs[1]).toEqual(costs[0]);
  });
});

describe("a decision is refused, and changes nothing,", () => {
  const far = workout({ id: "far", at: morning + joinDays * msPerDay });
  const edge = workout({ id: "edge", at: morning + joinDays * msPerDay - hour });
  const gone = workout({ id: "gone", at: morning + 2 * msPerDay });
  const held = () => {
    const store = delivered([[ride, same, far, edge, gone], [retracts("gone", 2)]]);
    say(store, split);
    return store;
  };

  test.each([
    ["about a record that nobody knows", draft("join", ["ride", "nobody"]), "not-found"],
    ["about a retracted record", draft("split", ["ride"], ["gone"]), "not-found"],
    ["about another decision", draft("join", ["ride", split.id]), "not-found"],
    ["about nothing", draft("join", []), "not-found"],
    [
      "that joins what lies further apart than it may",
      draft("join", ["ride", "far"]),
      "too-far-apart",
    ],
  ] as const)("%s", (_, what, error) => {
    const store = held();
    const before = store.everything();
    expect(say(store, what)).toEqual(refused(error));
    expect(store.everything()).toEqual(before);
  });

  test("but not when they lie exactly as far apart as they may, nor when it splits them", () => {
    const store = delivered([[ride, edge], [workout({ id: "far", at: far.at + hour })]]);
    expect(say(store, draft("join", ["ride", "edge"])).ok).toBe(true);
    expect(groupsOf(store)).toContain("edge+ride");
    expect(say(store, draft("split", ["ride"], ["far"])).ok).toBe(true);
  });

  test.each([
    ["one that nobody made", "join []"],
    ["a record", "ride"],
  ])("taking back %s", (_, id) => {
    const store = held();
    const before = store.everything();
    expect(unsay(store, id)).toEqual(refused("not-found"));
    expect(store.everything()).toEqual(before);
  });

  test("taking the same one back twice", () => {
    const store = held();
    expect(unsay(store, split.id).ok).toBe(true);
    expect(unsay(store, split.id)).toEqual(refused("not-found"));
  });
});

describe("a decision lands", () => {
  const tomorrow = workout({ id: "later", ...fromApple, at: morning + msPerDay });
  const daysOf = (store: MemoryStore, id: string) =>
    archived(store.changes)
      .filter(({ fact }) => fact.id === id)
      .map(({ day }) => day)
      .sort();

  test("in every day that its records are under", () => {
    const store = delivered([[ride, same, tomorrow]]);
    say(store, join);
    say(store, split);
    expect(daysOf(store, join.id)).toEqual(["2026-11-14", "2026-11-15"]);
    expect(daysOf(store, split.id)).toEqual(["2026-11-14"]);
  });

  test("in a day that one of them moves to afterwards, and in one it is recorded under first", () => {
    const store = delivered([[ride, same]]);
    say(store, split);
    const moved = { ...ride, revision: 2, at: morning + 3 * msPerDay };
    put(store, moved);
    expect(daysOf(store, split.id)).toEqual(["2026-11-14", "2026-11-17"]);
    const sooner = delivered([[{ ...split, revision: 1, at: nowMs } as OpenFact], [ride, same]]);
    expect(daysOf(sooner, split.id)).toEqual(["2026-11-14"]);
    expect(groupsOf(sooner)).toEqual(["ride", "same"]);
  });

  test("as a tombstone wherever it was, when it is taken back", () => {
    const store = delivered([[ride, tomorrow]]);
    say(store, join);
    unsay(store, join.id);
    expect(daysOf(store, join.id)).toEqual([]);
    const told = store.changes.filter((c) => "retracted" in c.statement).map((c) => c.day);
    expect(told.sort()).toEqual(["2026-11-14", "2026-11-15"]);
  });
});

describe("a decision outlives", () => {
  test("the retraction and return of a record it names", () => {
    const store = delivered([[ride, same]]);
    say(store, split);
    const before = countsOf(store);
    put(store, retracts("same", 2));
    expect(groupsOf(store)).toEqual(["ride"]);
    put(store, { ...same, revision: 3 });
    expect(countsOf(store)).toEqual(before);
  });

  test("corrections, and a third record that would glue what it parted", () => {
    const store = delivered([[ride, same]]);
    say(store, split);
    const third = workout({ id: "third", ...fromApple, at: morning + 2 * minute });
    put(store, { ...same, revision: 2, elapsedMs: hour + minute }, third);
    for (const group of groupsOf(store)) expect(group.split("+")).not.toEqual(["ride", "same"]);
    expect(groupsOf(store)).toHaveLength(2);
  });

  test("a record that it joined moving out of reach, and joins again when that comes back", () => {
    const reachMs = 9 * msPerDay;
    const edge = (Math.floor(morning / reachMs) + 1) * reachMs;
    const before = workout({ id: "before", at: edge - 4 * minute });
    const after = workout({ id: "after", ...fromGoogle, at: edge + minute });
    const tied = workout({ id: "tied", at: edge + 8 * hour, distanceMm: 3_000_000 });
    const store = delivered([[before, after, tied]]);
    const made = { ...draft("join", ["before", "tied"]), revision: 1, at: nowMs } as OpenFact;
    put(store, made);
    expect(groupsOf(store)).toEqual(["after+before+tied"]);
    const away = { ...tied, revision: 2, at: edge + 90 * msPerDay };
    put(store, away);
    expect(countsOf(store)).toEqual(fromScratch([before, after, away, made]));
    const beside = workout({ id: "beside", ...fromApple, at: edge + 2 * minute });
    put(store, beside);
    expect(countsOf(store)).toEqual(fromScratch([before, after, away, made, beside]));
    const back = { ...tied, revision: 3 };
    put(store, back);
    expect(countsOf(store)).toEqual(fromScratch([before, after, back, made, beside]));
  });
});
