import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { FactId } from "../../domain/identity.ts";
import type { OpenFact } from "../../domain/ports.ts";
import { noSettings } from "../../domain/settings.ts";
import { isRetraction, type Settings } from "../../domain/stream.ts";
import { type LocalDate, monthOf, weekOf } from "../../domain/time.ts";
import type { WorkoutFact } from "../../domain/workouts/schema.ts";
import { workouts } from "../../domain/workouts/stream.ts";
import { followSettings, sendAgain, standing as standingOf } from "../../kernel/record.ts";
import { refold } from "../../kernel/refold.ts";
import type { Held } from "../../kernel/statement.ts";
import {
  fromApple,
  fromGarmin,
  fromGoogle,
  hour,
  minute,
  morning,
  workout,
} from "../domain/workouts/facts.ts";
import { MemoryStore } from "./memory-store.ts";
import {
  archived,
  brink,
  decidedDeliveries,
  decides,
  deliveries,
  editedDeliveries,
  lastWord,
  live,
  retracts,
  standing,
  standsIn,
} from "./statements.ts";
import { countsOf, delivered, fromScratch, put, resolvedOf, settings, summed } from "./worlds.ts";

const dayOf = (fact: OpenFact, by = settings) => workouts.day(fact as unknown as WorkoutFact, by);

describe("a ledger, in whatever order and however often it is told", () => {
  test("counts to the byte what the final set counts from scratch", () => {
    fc.assert(
      fc.property(decidedDeliveries, ({ history, batches }) => {
        expect(countsOf(delivered(batches))).toEqual(fromScratch(history));
      }),
      { numRuns: 1500 },
    );
  });

  test("counts the latest edition's reading of each statement", () => {
    fc.assert(
      fc.property(editedDeliveries, ({ history, batches }) => {
        const store = delivered(batches);
        expect(countsOf(store)).toEqual(fromScratch(history));
        const expected = live(history).map((fact) => ({ day: dayOf(fact), fact }));
        expect(standsIn(store.changes)).toEqual(
          expected.sort((a, b) => (a.fact.id < b.fact.id ? -1 : 1)),
        );
      }),
      { numRuns: 500 },
    );
  });

  test("accounts for every statement that it was told", () => {
    fc.assert(
      fc.property(decidedDeliveries, ({ batches }) => {
        const store = new MemoryStore();
        let [told, won] = [0, 0];
        for (const batch of batches) {
          const outcomes = put(store, ...batch);
          told += batch.length;
          won += outcomes.filter((o) => !["duplicate", "older", "gone"].includes(o)).length;
          const { received, applied, duplicate, pending } = store.counts;
          expect(received).toBe(told);
          expect(applied + pending).toBe(won);
          expect(received).toBe(applied + duplicate + pending);
        }
        expect(store.counts.pending).toBeLessThanOrEqual(store.changes.length);
      }),
      { numRuns: 300 },
    );
  });

  test("counts the same in one batch as in many", () => {
    fc.assert(
      fc.property(decidedDeliveries, ({ batches }) => {
        expect(countsOf(delivered([batches.flat()]))).toEqual(countsOf(delivered(batches)));
      }),
      { numRuns: 500 },
    );
  });

  test("has totals that are the sums of what it resolved, at every step", () => {
    fc.assert(
      fc.property(decidedDeliveries, ({ batches }) => {
        const store = new MemoryStore();
        for (const batch of batches) {
          put(store, ...batch);
          expect(store.totals()).toEqual(summed(resolvedOf(store)).totals);
        }
      }),
      { numRuns: 300 },
    );
  });

  test("takes everything said again as nothing new", () => {
    fc.assert(
      fc.property(decidedDeliveries, ({ history, batches }) => {
        const store = delivered(batches);
        const before = store.everything();
        const outcomes = put(store, ...history);
        for (const outcome of outcomes) expect(["duplicate", "older", "gone"]).toContain(outcome);
        expect(store.everything()).toEqual(before);
      }),
      { numRuns: 300 },
    );
  });

  test("can be folded anew without any change", () => {
    fc.assert(
      fc.property(decidedDeliveries, ({ history, batches }) => {
        const store = delivered(batches);
        const before = store.everything();
        refold(store, workouts, settings, standing(history).facts);
        expect(store.everything()).toEqual(before);
      }),
      { numRuns: 300 },
    );
  });

  test("is as it was when a source was added and is retracted again", () => {
    const added = workout({ id: "h", ...fromApple, at: brink, elapsedMs: 2 * hour });
    fc.assert(
      fc.property(decidedDeliveries, ({ batches }) => {
        const store = delivered(batches);
        const before = countsOf(store);
        put(store, added);
        put(store, retracts("h", 2));
        expect(countsOf(store)).toEqual(before);
      }),
      { numRuns: 300 },
    );
  });

  test("counts under changed settings what the set counts under them from scratch", () => {
    const changes: Settings[] = [
      noSettings,
      { zones: [{ zone: "America/New_York", fromMs: 0 }], ownerOnly: [] },
      { ...settings, ownerOnly: [fromGarmin.provider] },
      { ...settings, ownerOnly: [fromGoogle.provider, fromApple.provider] },
    ];
    fc.assert(
      fc.property(decidedDeliveries, fc.constantFrom(...changes), ({ history, batches }, by) => {
        const store = delivered(batches);
        const { facts } = standing(history);
        followSettings(store, workouts, by, facts);
        expect(countsOf(store)).toEqual(fromScratch(history, by));
        for (const fact of facts) expect(store.held(fact.id)?.days.at(-1)).toBe(dayOf(fact, by));
      }),
      { numRuns: 400 },
    );
  });
});

describe("what a ledger publishes", () => {
  test("leaves each standing fact on its own day and nowhere else, in any order of arrival", () => {
    const shuffled = deliveries.chain(({ history, batches }) => {
      const { changes } = delivered(batches);
      const all = { minLength: changes.length };
      return fc.record({
        history: fc.constant(history),
        changes: fc.shuffledSubarray(changes, all),
      });
    });
    fc.assert(
      fc.property(shuffled, ({ history, changes }) => {
        const expected = live(history).map((fact) => ({ day: dayOf(fact), fact }));
        expect(archived(changes)).toEqual(
          expected.sort((a, b) => (a.fact.id < b.fact.id ? -1 : 1)),
        );
      }),
      { numRuns: 1000 },
    );
  });

  test("leaves a decision on every day that the facts it names are under, and nowhere retracted", () => {
    fc.assert(
      fc.property(decidedDeliveries, ({ history, batches }) => {
        const { changes } = delivered(batches);
        const { facts, decisions } = standing(history);
        const kept = archived(changes);
        for (const decision of decisions)
          for (const fact of facts.filter((f) => decision.sides.flat().includes(f.id)))
            expect(kept).toContainEqual({ day: dayOf(fact), fact: decision });
        const standingIds = new Set([...facts, ...decisions].map((f) => f.id));
        expect(kept.filter(({ fact }) => !standingIds.has(fact.id))).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  test("brings a retraction's tombstone to every day its identity was ever published under", () => {
    fc.assert(
      fc.property(deliveries, ({ history, batches }) => {
        const { changes, retractions } = delivered(batches);
        for (const [id, last] of lastWord(history)) {
          if (!isRetraction(last)) continue;
          expect(retractions).toContainEqual(last);
          const days = new Set(changes.filter((c) => c.statement.id === id).map((c) => c.day));
          for (const day of days) expect(changes).toContainEqual({ day, statement: last });
        }
      }),
      { numRuns: 500 },
    );
  });

  test("says all of it again when asked to, and an archive that lost everything is whole", () => {
    fc.assert(
      fc.property(decidedDeliveries, ({ batches }) => {
        const store = delivered(batches);
        const counts = { ...store.counts };
        const before = [...store.changes];
        const ids = [...new Set(before.map((c) => c.statement.id))];
        const queued = sendAgain(store, ids);
        const again = store.changes.slice(before.length);
        expect(queued).toBe(again.length);
        expect(queued).toBe(new Set(before.map((c) => `${c.day} ${c.statement.id}`)).size);
        expect(standsIn(again)).toEqual(standsIn(before));
        expect(standsIn(store.changes)).toEqual(standsIn(before));
        expect(store.counts).toEqual(counts);
      }),
      { numRuns: 500 },
    );
  });

  test("says again of one what stands on its last day, and elsewhere that it is gone", () => {
    const fact = workout({ id: "a", revision: 3 });
    const decision = decides("d", "split", [["a"], ["b"]], 2);
    const days = ["2026-05-01", "2026-05-02"] as LocalDate[];
    const said = (held: Omit<Held, "days">) => standingOf("a" as FactId, { days, ...held });
    const gone = retracts("a", 3);
    expect(said({ revision: 3, fact })).toEqual([
      { day: days[0], statement: gone },
      { day: days[1], statement: fact },
    ]);
    expect(said({ revision: 3, fact: null })).toEqual(
      days.map((day) => ({ day, statement: gone })),
    );
    expect(said({ revision: 2, fact: decision })).toEqual(
      days.map((day) => ({ day, statement: decision })),
    );
    expect(sendAgain(new MemoryStore(), ["nobody" as FactId])).toBe(0);
  });

  test("remembers the days of an identity with the present one last", () => {
    fc.assert(
      fc.property(deliveries, ({ history, batches }) => {
        const store = delivered(batches);
        for (const fact of live(history))
          expect(store.held(fact.id)?.days.at(-1)).toBe(dayOf(fact));
      }),
      { numRuns: 500 },
    );
  });
});

test("what counts is put where its owner and others find it, with the keys that it counts under", () => {
  const put: Parameters<MemoryStore["putResolved"]>[] = [];
  class Placed extends MemoryStore {
    override putResolved(...of: Parameters<MemoryStore["putResolved"]>): void {
      put.push(of);
      super.putResolved(...of);
    }
  }
  const ride = workout({ id: "a", offsetMin: 60 });
  delivered([[ride]], new Placed());
  const day = "2026-11-14";
  const [[, span, at, keys] = []] = put;
  expect(put).toHaveLength(1);
  expect(span).toEqual({ fromMs: ride.at, toMs: ride.at + hour });
  const place = { at: ride.at, id: "w_a" };
  expect(at).toEqual({ day, at: ride.at, own: place, others: place });
  expect(keys?.length).toBeGreaterThan(1);
  expect(new Set(keys).size).toBe(keys?.length);
});

describe("a corrected ride", () => {
  const wrong = workout({ id: "r", at: brink, offsetMin: 0, elapsedMs: 30 * minute });
  const right = workout({ id: "r", at: brink + hour, offsetMin: 0, revision: 2, type: "running" });

  test("leaves nothing behind in its old day, week, month and family", () => {
    const store = new MemoryStore();
    expect(put(store, wrong)).toEqual(["new"]);
    expect(store.totals()).toHaveProperty("2026-05 ride");
    expect(put(store, right)).toEqual(["corrected"]);
    expect(resolvedOf(store).map((w) => w.day)).toEqual(["2026-06-01"]);
    expect(Object.keys(store.totals()).sort()).toEqual(
      ["2026-06 all", "2026-06 run", "2026-W23 all", "2026-W23 run", "all all", "all run"].sort(),
    );
    expect([weekOf("2026-05-31"), monthOf("2026-05-31")]).toEqual(["2026-W22", "2026-05"]);
    expect(store.changes).toEqual([
      { day: "2026-05-31", statement: wrong },
      { day: "2026-05-31", statement: retracts("r", 2) },
      { day: "2026-06-01", statement: right },
    ]);
  });

  test("ends the same when the correction came first", () => {
    const store = new MemoryStore();
    expect(put(store, right)).toEqual(["new"]);
    expect(put(store, wrong)).toEqual(["older"]);
    expect(countsOf(store)).toEqual(fromScratch([wrong, right]));
    expect(store.changes.map((c) => c.day)).toEqual(["2026-06-01"]);
  });

  test("that moves away and back stands on its first day again", () => {
    const back = { ...wrong, revision: 3 };
    const store = delivered([[wrong], [right], [back]]);
    expect(archived(store.changes)).toEqual([{ day: "2026-05-31", fact: back }]);
    expect(store.held("r")?.days).toEqual(["2026-06-01", "2026-05-31"]);
  });

  test("within one batch bridges nothing by where it briefly was", () => {
    const rider = workout({ id: "x", at: morning, elapsedMs: hour });
    const other = workout({ id: "y", at: morning + 2 * hour, elapsedMs: hour });
    const brief = { at: morning + 50 * minute, elapsedMs: 90 * minute };
    const passing = workout({ id: "p", ...fromGoogle, ...brief });
    const settled = workout({ id: "p", ...fromGoogle, at: morning + 9 * hour, revision: 2 });
    const batch = [rider, other, passing, settled];
    expect(countsOf(delivered([batch]))).toEqual(fromScratch(batch));
    expect(delivered([batch]).totals()["all all"]?.[2]).toBe(3);
  });
});

describe("a retraction", () => {
  const garmin = workout({ id: "g", distanceMm: 30_000_000 });
  const google = workout({ id: "h", ...fromGoogle, method: "phone", distanceMm: 29_000_000 });
  const apple = workout({ id: "i", ...fromApple, at: morning + minute, method: "unknown" });

  test("of one source merges the rest anew; of the last one leaves nothing", () => {
    const store = delivered([[garmin, google, apple]]);
    expect(store.totals()["all all"]).toEqual([30_000_000, hour, 1]);
    put(store, retracts("g", 2));
    expect(store.totals()["all all"]).toEqual([29_000_000, hour, 1]);
    expect(resolvedOf(store)[0]?.sources.map((s) => s.fact)).toEqual(["h", "i"]);
    put(store, retracts("h", 2), retracts("i", 2));
    expect(countsOf(store)).toEqual({ resolved: [], totals: {} });
  });

  test("of something unknown waits, and refuses the older create when it comes", () => {
    const store = new MemoryStore();
    expect(put(store, retracts("g", 1))).toEqual(["retracted"]);
    expect(put(store, garmin)).toEqual(["gone"]);
    expect(countsOf(store)).toEqual({ resolved: [], totals: {} });
    expect(store.changes).toEqual([]);
    expect(store.retractions).toEqual([retracts("g", 1)]);
    expect(put(store, { ...garmin, revision: 2 })).toEqual(["new"]);
    expect(resolvedOf(store)).toHaveLength(1);
  });
});
