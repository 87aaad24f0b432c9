/** Several at once, in every order that a seed makes of their calls; and each call failing in turn. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { OpenFact } from "../../../domain/ports.ts";
import { eraseScope } from "../../../workers/vault/erasure.ts";
import { closeWorld, connectionScope } from "../erasures.ts";
import { connectionNamed } from "../world.ts";
import {
  chunkFactsIn,
  day,
  dayFactsIn,
  type Home,
  home,
  look,
  merge,
  own,
  phone,
  phoneDevice,
  reading,
  rows,
  steps,
  utc,
  values,
  watch,
} from "./home.ts";

const records = (connection: string, from: number, count: number) =>
  Array.from({ length: count }, (_, n) =>
    steps(from + n, 10, connection === phone ? { device: phoneDevice } : {}),
  );

/** A home whose calls wait for the scheduler once it is told to. */
async function gatedHome(scheduler: fc.Scheduler): Promise<Home & { gateFrom: () => void }> {
  let isGated = false;
  const gate = async () => {
    if (isGated) await scheduler.schedule(Promise.resolve());
  };
  const at = await home({ gate });
  return {
    ...at,
    gateFrom: () => {
      isGated = true;
    },
  };
}

/** The newest that was handed out of each. */
const newest = (all: readonly (readonly OpenFact[])[]): Map<string, OpenFact> => {
  const facts = new Map<string, OpenFact>();
  for (const fact of all.flat())
    if ((facts.get(fact.id)?.revision ?? -1) <= fact.revision) facts.set(fact.id, fact);
  return facts;
};

describe("devices that sync at once", () => {
  test("lose nothing, and what is handed out last is what stands", async () => {
    const batch = fc.record({
      connection: fc.constantFrom(phone, watch),
      from: fc.integer({ min: 0, max: 20 }),
      count: fc.integer({ min: 1, max: 12 }),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(batch, { minLength: 2, maxLength: 4 }),
        async (scheduler, batches) => {
          const at = await gatedHome(scheduler);
          await merge(at, watch, [steps(700, 1)]);
          at.gateFrom();
          const merging = batches.map(({ connection, from, count }) =>
            merge(at, connection, records(connection, from, count)),
          );
          const done = await scheduler.waitFor(Promise.all(merging));
          const minutes = (of: string) =>
            new Set(
              batches
                .filter(({ connection }) => connection === of)
                .flatMap(({ from, count }) => Array.from({ length: count }, (_, n) => from + n)),
            );
          const [watched, phoned] = [minutes(watch), minutes(phone)];
          const said = done.flatMap(({ outcomes }) => outcomes);
          expect(said.filter((outcome) => outcome === "new")).toHaveLength(
            watched.size + phoned.size,
          );
          const total = 1 + 10 * new Set([...watched, ...phoned]).size;
          const facts = newest(done.map((one) => one.facts));
          expect(dayFactsIn([...facts.values()])).toMatchObject([{ steps: total }]);
          const held = new Map(
            (await scheduler.waitFor(rows(at))).map((r) => [r.row_id, r.version]),
          );
          for (const { id, revision } of chunkFactsIn([...facts.values()]))
            expect(revision).toBe(held.get(id));
          expect(await scheduler.waitFor(values(at))).toEqual({ [day]: { steps: total } });
          closeWorld(at.world);
        },
      ),
      { numRuns: 60 },
    );
  });

  test("all land, as many as there are", async () => {
    const at = await home();
    const names = Array.from({ length: 8 }, (_, n) => connectionNamed(`c${n}`));
    const done = await Promise.all(names.map((name, n) => merge(at, name, [steps(n, 10)])));
    expect(done.map(({ outcomes }) => outcomes)).toEqual(names.map(() => ["new"]));
    expect(await values(at)).toEqual({ [day]: { steps: 80 } });
  });

  test("while somebody reads and a connection is erased, leave nothing of it", async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), async (scheduler) => {
        const at = await gatedHome(scheduler);
        await merge(at, phone, records(phone, 0, 5));
        await merge(at, watch, records(watch, 100, 3));
        at.gateFrom();
        const erased = eraseScope(at.vault, at.member, connectionScope(phone), at.now());
        const others = [
          merge(at, watch, records(watch, 200, 2)),
          look(at, own(at)),
          merge(at, phone, records(phone, 300, 2)).catch(() => null),
        ];
        await scheduler.waitFor(Promise.all([erased, ...others]));
        expect(await scheduler.waitFor(values(at))).toEqual({ [day]: { steps: 50 } });
        const left = await scheduler.waitFor(rows(at));
        expect(left.filter(({ connection }) => connection === phone)).toEqual([]);
        closeWorld(at.world);
      }),
      { numRuns: 40 },
    );
  });
});

describe("a crash at any call", () => {
  const batch = [
    ...records(watch, 0, 5),
    reading("heart_rate", 1, 61_000),
    reading("weight", 2, 71_000, { id: "w" }),
    ...Array.from({ length: 20 }, (_, n) => reading("weight", -n * 24 * 60, 70_000 + n)),
  ];

  /** The nth call fails; null when there were fewer. */
  async function cutAt(n: number) {
    let left = Number.POSITIVE_INFINITY;
    const gate = async () => {
      if (left-- <= 0) throw new Error("the store failed");
    };
    const at = await home({ gate });
    await merge(at, watch, [steps(3, 7), reading("weight", 2, 72_000, { id: "w" })]);
    left = n;
    const merged = await merge(at, phone, batch).catch(() => null);
    left = Number.POSITIVE_INFINITY;
    return { at, merged };
  }

  test("is made good by saying it again: all of it is there, and all is told", async () => {
    const whole = await cutAt(Number.POSITIVE_INFINITY);
    const expected = await everything(whole.at);
    let cuts = 0;
    for (let n = 0; ; n++) {
      const { at, merged } = await cutAt(n);
      if (merged !== null) break;
      cuts++;
      const { outcomes, facts } = await merge(at, phone, batch);
      expect(
        outcomes.every((one) => one !== "older" && one !== "gone"),
        `call ${n}`,
      ).toBe(true);
      expect(await everything(at), `call ${n}`).toEqual(expected);
      expect(facts.map(({ id }) => id).sort()).toEqual(
        (whole.merged?.facts ?? []).map(({ id }) => id).sort(),
      );
      const totals = (all: readonly OpenFact[]) =>
        dayFactsIn(all)
          .map((fact) => [fact.day, fact.steps])
          .sort();
      expect(totals(facts)).toEqual(totals(whole.merged?.facts ?? []));
      closeWorld(at.world);
    }
    // Two steps of a look and a write each, and the connection's first key.
    expect(cuts).toBeGreaterThan(5);
  });

  const everything = (at: Home) =>
    values(at, ["steps", "heart_rate", "weight"], "2026-10-20", "2026-11-16", utc);
});
