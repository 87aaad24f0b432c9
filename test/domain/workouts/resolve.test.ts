import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { pieces } from "../../../domain/pieces.ts";
import { noSettings } from "../../../domain/settings.ts";
import { type Decision, rulesAt } from "../../../domain/stream.ts";
import type { ResolvedWorkout } from "../../../domain/workouts/resolved.ts";
import type { WorkoutFact } from "../../../domain/workouts/schema.ts";
import { workouts } from "../../../domain/workouts/stream.ts";
import { decidedSets, decisionsOn, factSets, reordered } from "./crowds.ts";
import {
  day,
  decide,
  fromApple,
  fromGoogle,
  hour,
  idsIn,
  minute,
  morning,
  resolveOf,
  withSettings,
  workout,
} from "./facts.ts";
import {
  arriving,
  asOpen,
  chains,
  countsOf,
  fromScratch,
  histories,
  retracted,
  told,
  totalsOf,
} from "./histories.ts";

const settingsSeen = fc.constantFrom(
  noSettings,
  withSettings({ zone: "Europe/Berlin", ownerOnly: ["strava"] }),
);
const bytesOf = (resolved: readonly ResolvedWorkout[]) => resolved.map((w) => JSON.stringify(w));
/** Beyond what any zone can move, and then some. */
const unrelatedMs = 15 * hour;

describe("what counts is a function of the set", () => {
  test("any order, and anything said again, gives the same bytes", () => {
    const twice = decidedSets.chain(([facts, decisions]) =>
      fc.tuple(
        fc.constant([facts, decisions] as const),
        fc.tuple(reordered(facts), reordered(decisions)),
      ),
    );
    fc.assert(
      fc.property(twice, settingsSeen, ([once, again], settings) => {
        expect(JSON.stringify(resolveOf(again[0], settings, again[1]))).toBe(
          JSON.stringify(resolveOf(once[0], settings, once[1])),
        );
      }),
      { numRuns: 500 },
    );
  });

  test("every record is in one workout, and every workout has an id of its own", () => {
    fc.assert(
      fc.property(decidedSets, ([facts, decisions]) => {
        const resolved = resolveOf(facts, noSettings, decisions);
        expect(idsIn(resolved).flat().sort()).toEqual(facts.map((f) => f.id as string).sort());
        expect(new Set(resolved.map((w) => w.id)).size).toBe(resolved.length);
      }),
      { numRuns: 200 },
    );
  });

  test("an unrelated workout changes no other to the byte", () => {
    const before = fc.boolean();
    fc.assert(
      fc.property(decidedSets, before, ([facts, decisions], isBefore) => {
        const [first, last] = [
          Math.min(morning, ...facts.map((f) => f.at)),
          Math.max(morning, ...facts.map((f) => f.at + f.elapsedMs)),
        ];
        const at = isBefore ? first - unrelatedMs - hour : last + unrelatedMs;
        const lone = workout({ ...facts[0], id: "z", copyOf: "origin-a", at, elapsedMs: hour });
        const more = resolveOf([...facts, lone], noSettings, decisions);
        expect(bytesOf(more.filter((w) => w.sources[0]?.fact !== "z"))).toEqual(
          bytesOf(resolveOf(facts, noSettings, decisions)),
        );
      }),
      { numRuns: 200 },
    );
  });
});

describe("neighbouring windows agree", () => {
  test("any union of whole pieces resolves to the union of their resolutions", () => {
    const windows = fc.array(factSets, { minLength: 1, maxLength: 3 }).chain((days) => {
      const facts = days.flatMap((set, n) =>
        set.map((f) => workout({ ...f, id: `${f.id}${n}`, at: f.at + n * 20 * hour })),
      );
      return fc.tuple(fc.constant(facts), decisionsOn(facts), fc.infiniteStream(fc.boolean()));
    });
    fc.assert(
      fc.property(windows, ([facts, decisions, keeps]) => {
        const all = new Set(bytesOf(resolveOf(facts, noSettings, decisions)));
        const some = piecesOf(facts, decisions).filter(() => keeps.next().value);
        const together = bytesOf(resolveOf(some.flat(), noSettings, decisions));
        const apart = some.flatMap((piece) => bytesOf(resolveOf(piece, noSettings, decisions)));
        expect(together.sort()).toEqual(apart.sort());
        for (const bytes of together) expect(all).toContain(bytes);
      }),
      { numRuns: 200 },
    );
  });

  const piecesOf = (facts: readonly WorkoutFact[], decisions: readonly Decision[]) => {
    const { resolve } = workouts;
    if (resolve?.bears === undefined) throw new Error("workouts resolve, and bear on each other");
    const ties = decisions.flatMap(({ decision, sides }) =>
      decision === "join"
        ? sides.flat().map((id): [string, string] => [sides.flat()[0] ?? id, id])
        : [],
    );
    const bearing = { reachMs: resolve.reachDays * day, span: resolve.span, bears: resolve.bears };
    return pieces(facts, bearing, resolve.nearMs, ties);
  };
});

describe("a ledger, in whatever order, batches and repetitions it is told", () => {
  test("counts to the byte what the final set counts from scratch", () => {
    fc.assert(
      fc.property(arriving(histories), settingsSeen, ({ history, batches }, settings) => {
        expect(countsOf(told(batches, settings))).toEqual(fromScratch(history, settings));
      }),
      { numRuns: 300 },
    );
  });

  test("does so for chains without end as well", () => {
    fc.assert(
      fc.property(arriving(chains), ({ history, batches }) => {
        expect(countsOf(told(batches))).toEqual(fromScratch(history));
      }),
      { numRuns: 60 },
    );
  });

  test("sums to every total what its workouts measure", () => {
    fc.assert(
      fc.property(arriving(histories), settingsSeen, ({ batches }, settings) => {
        const store = told(batches, settings);
        const resolved = store.resolvedBytes().map((text) => JSON.parse(text) as ResolvedWorkout);
        expect(store.totals()).toEqual(totalsOf(resolved));
        for (const w of resolved)
          if (w.held.length > 0 || w.scored === null)
            for (const measure of workouts.measures)
              expect([...measure.of(w, rulesAt(workouts.rules))]).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });
});

describe("what is done and undone leaves no trace", () => {
  const restored = (
    facts: readonly WorkoutFact[],
    there: Parameters<typeof told>[0],
    back: Parameters<typeof told>[0],
  ) => {
    const store = told([facts.map(asOpen)]);
    const before = countsOf(store);
    told(there, noSettings, store);
    const between = countsOf(store);
    told(back, noSettings, store);
    expect(countsOf(store)).toEqual(before);
    return { before, between };
  };

  test("a source added and retracted", () => {
    fc.assert(
      fc.property(factSets, fc.nat(15), (facts, n) => {
        const [added, rest] = [facts.filter((_, i) => i === n), facts.filter((_, i) => i !== n)];
        restored(rest, [added.map(asOpen)], [added.map((f) => retracted(f.id, 1))]);
      }),
      { numRuns: 200 },
    );
  });

  test("a whole account added and retracted, record by record", () => {
    fc.assert(
      fc.property(factSets, (facts) => {
        const [added, rest] = [
          facts.filter((f) => f.provider === "strava"),
          facts.filter((f) => f.provider !== "strava"),
        ];
        const back = added.map((f) => [retracted(f.id, 1)]);
        restored(
          rest,
          added.map((f) => [asOpen(f)]),
          back.reverse(),
        );
      }),
      { numRuns: 100 },
    );
  });

  test("a correction that is corrected back", () => {
    fc.assert(
      fc.property(factSets, fc.nat(15), fc.constantFrom(-hour, day, 20 * day), (facts, n, byMs) => {
        const some = facts.filter((_, i) => i === n);
        const moved = some.map((f) => ({ ...asOpen(f), at: f.at + byMs, revision: 2 }));
        const back = some.map((f) => ({ ...asOpen(f), revision: 3 }));
        restored(facts, [moved], [back]);
      }),
      { numRuns: 100 },
    );
  });

  const decided = factSets
    .filter((f) => f.length > 1)
    .chain((facts) =>
      fc.tuple(
        fc.constant(facts),
        fc.shuffledSubarray(facts, { minLength: 2, maxLength: Math.min(3, facts.length) }),
      ),
    );

  test("a split that is taken back", () => {
    fc.assert(
      fc.property(decided, ([facts, [one, ...others]]) => {
        const split = decide("split", [[one?.id ?? ""], others.map((f) => f.id)]);
        const { between } = restored(facts, [[asOpen(split)]], [[retracted(split.id, 1)]]);
        for (const other of others)
          for (const w of between.resolved.map((text) => JSON.parse(text) as ResolvedWorkout)) {
            const ids: string[] = w.sources.map((s) => s.fact);
            expect(ids.includes(one?.id ?? "") && ids.includes(other.id)).toBe(false);
          }
      }),
      { numRuns: 200 },
    );
  });

  test("a join that is taken back", () => {
    fc.assert(
      fc.property(decided, ([facts, named]) => {
        const join = decide("join", [named.map((f) => f.id)]);
        const { between } = restored(facts, [[asOpen(join)]], [[retracted(join.id, 1)]]);
        const groups = idsIn(between.resolved.map((text) => JSON.parse(text) as ResolvedWorkout));
        expect(groups).toContainEqual(expect.arrayContaining(named.map((f) => f.id)));
      }),
      { numRuns: 200 },
    );
  });
});

describe("a decision outlives later data", () => {
  const [a, b] = [workout({ id: "a" }), workout({ id: "b", ...fromGoogle })];
  const groupsOf = (store: ReturnType<typeof told>) =>
    idsIn(store.resolvedBytes().map((text) => JSON.parse(text) as ResolvedWorkout));

  test("a split holds when a third source tells of both, and when the two are corrected", () => {
    const store = told([[asOpen(a), asOpen(b)], [asOpen(decide("split", [["a"], ["b"]]))]]);
    const third = workout({ id: "c", ...fromApple });
    told(
      [[asOpen(third)], [{ ...asOpen(a), revision: 2, distanceMm: 21_000_000 }]],
      noSettings,
      store,
    );
    expect(groupsOf(store)).toHaveLength(2);
    expect(groupsOf(store)).not.toContainEqual(expect.arrayContaining(["a", "b"]));
  });

  test("a join holds when a correction leaves them with nothing in common", () => {
    const store = told([[asOpen(a), asOpen(b)], [asOpen(decide("join", [["a", "b"]]))]]);
    const moved = { ...asOpen(b), revision: 2, type: "running", at: morning + 2 * day };
    told([[moved]], noSettings, store);
    expect(groupsOf(store)).toEqual([["a", "b"]]);
  });

  test("a join over what a correction moved beyond the reach waits, and parts nothing else", () => {
    const reachMs = (workouts.resolve?.reachDays ?? 0) * day;
    const brink = Math.ceil(morning / reachMs) * reachMs;
    const mirrored = [
      { ...a, at: brink - minute },
      { ...b, at: brink + minute },
    ];
    const joined = workout({ id: "c", ...fromApple, type: "running", at: brink + day });
    const join = decide("join", [["a", "c"]]);
    const store = told([[...mirrored, joined].map(asOpen), [asOpen(join)]]);
    expect(groupsOf(store)).toEqual([["a", "b", "c"]]);
    told([[{ ...asOpen(joined), revision: 2, at: brink + 30 * day }]], noSettings, store);
    expect(groupsOf(store)).toEqual([["a", "b"], ["c"]]);
    told([[{ ...asOpen(joined), revision: 3 }]], noSettings, store);
    expect(groupsOf(store)).toEqual([["a", "b", "c"]]);
  });

  test("both hold for a record that was retracted and told anew under the same id", () => {
    const c = workout({ id: "c", ...fromApple, type: "running" });
    const decisions = [decide("split", [["a"], ["b"]]), decide("join", [["a", "c"]])];
    const store = told([[a, b, c].map(asOpen), decisions.map(asOpen)]);
    const before = countsOf(store);
    told([[retracted("a", 2)], [{ ...asOpen(a), revision: 3 }]], noSettings, store);
    expect(groupsOf(store)).toEqual([["a", "c"], ["b"]]);
    expect(countsOf(store)).toEqual(before);
  });

  test("any does, over any that are made or taken back later of other records", () => {
    fc.assert(
      fc.property(decidedSets, fc.boolean(), ([facts, decisions], isJoin) => {
        const pair = [
          workout({ id: "y" }),
          workout({ id: "z", ...fromGoogle, type: isJoin ? "running" : "cycling" }),
        ];
        const mine = isJoin ? decide("join", [["y", "z"]]) : decide("split", [["y"], ["z"]]);
        const store = told([
          pair.map(asOpen),
          [asOpen(mine)],
          facts.map(asOpen),
          decisions.map(asOpen),
        ]);
        const groups = groupsOf(store).filter((ids) => ids.includes("y") || ids.includes("z"));
        expect(groups).toHaveLength(isJoin ? 1 : 2);
      }),
      { numRuns: 200 },
    );
  });
});
