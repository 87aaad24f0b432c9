/** What samples tell in the open: a chunk counts nothing, a day counts what the vault made of it. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { membersAskedMax, type OpenFact } from "../../../domain/ports.ts";
import { type ResolvedDay, sampleMeasures } from "../../../domain/samples/measures.ts";
import { type SampleFact, sampleSchema } from "../../../domain/samples/schema.ts";
import { samples } from "../../../domain/samples/stream.ts";
import { noSettings } from "../../../domain/settings.ts";
import { type ResolvingVault, rulesAt } from "../../../domain/stream.ts";
import { streams } from "../../../domain/streams.ts";
import { addDays } from "../../../domain/time.ts";
import { resolvedRow } from "../../../kernel/settle/concluded.ts";
import { duckOver } from "../../oracle/duck.ts";
import { chunkOf, dayOf, midnight } from "./open-facts.ts";

const day = "2026-11-14";
const { resolve } = samples;
if (resolve === undefined) throw new Error("samples are resolved");
const of = (facts: readonly SampleFact[]) => resolve.of(facts, noSettings, []);

const total = fc.option(fc.nat({ max: 40_000_000 }), { nil: null });
const dayFacts = fc.uniqueArray(
  fc.record({
    n: fc.nat({ max: 400 }),
    offsetMin: fc.integer({ min: -56, max: 56 }).map((quarters) => quarters * 15),
    steps: total,
    distanceMm: total,
    energyMcal: total,
  }),
  { selector: ({ n }) => n, maxLength: 40 },
);
const factsOf = (drawn: readonly { n: number; offsetMin: number }[]): SampleFact[] =>
  drawn.map(({ n, offsetMin, ...totals }) => dayOf(addDays(day, n), totals, offsetMin));

describe("a fact of samples", () => {
  test("is a chunk of one day of UTC, or a local day of no one connection", () => {
    expect(sampleSchema.safeParse(chunkOf(day, "a")).success).toBe(true);
    expect(sampleSchema.safeParse(dayOf(day, { steps: 0 }, 14 * 60)).success).toBe(true);
    const off = chunkOf(day, "a", { at: midnight(day) + 1 });
    const foreign = { ...dayOf(day), connection: "c_watch" };
    const broken = { ...dayOf(day), day: "2026-11-31" };
    const odd = { ...dayOf(day), kind: "hour" };
    for (const bad of [off, foreign, broken, odd, dayOf(day, { steps: -1 })])
      expect(sampleSchema.safeParse(bad).success, JSON.stringify(bad)).toBe(false);
  });

  test("lies under its own day, wherever its clock stood", () => {
    expect(samples.day(chunkOf(day, "a"), noSettings)).toBe(day);
    for (const offsetMin of [-720, 0, 345, 840])
      expect(samples.day(dayOf(day, {}, offsetMin), noSettings)).toBe(day);
  });
});

describe("what counts of samples", () => {
  test("is every day on which something open was measured, once, and no chunk", () => {
    const some = dayOf(day, { steps: 1000 });
    const none = dayOf(addDays(day, 1), { steps: 0, distanceMm: 0, energyMcal: 0 });
    const unmeasured = dayOf(addDays(day, 2));
    expect(of([chunkOf(day, "a"), none, some, unmeasured])).toEqual([
      {
        ...{ id: `d_${some.id}`, fact: some.id, at: some.at, day },
        ...{ steps: 1000, distanceMm: null, energyMcal: null },
      },
    ]);
  });

  test("is the same in any order, and each is found by its fact's id", () =>
    fc.assert(
      fc.property(dayFacts, fc.infiniteStream(fc.nat()), (drawn, keys) => {
        const facts = factsOf(drawn);
        const mixed = facts
          .map((fact) => ({ fact, key: keys.next().value ?? 0 }))
          .sort((a, b) => a.key - b.key)
          .map(({ fact }) => fact);
        expect(of(mixed)).toEqual(of(facts));
        for (const one of of(facts)) {
          expect(resolve.id(one)).toBe(resolve.idOf(one.fact));
          expect(resolve.factPrefixOf(one.id)).toBe(one.fact);
          expect([resolve.factsOf(one), resolve.othersPlace(one)]).toEqual([[one.fact], null]);
        }
      }),
    ));

  test("is counted by DuckDB's SQL as by the function", () =>
    fc.assert(
      fc.asyncProperty(dayFacts, async (drawn) => {
        const resolved = of(factsOf(drawn));
        const duck = await duckOver(null, samples, 1);
        await duck.ask(
          `CREATE TABLE resolved (subject VARCHAR, id VARCHAR, day VARCHAR, "at" BIGINT,
             steps BIGINT, distance_mm BIGINT, energy_mcal BIGINT)`,
        );
        for (const row of resolved.map(rowOf))
          await duck.ask(`INSERT INTO resolved VALUES (${row})`);
        for (const { name, of: count, sql } of sampleMeasures) {
          const counted = resolved.flatMap((one) =>
            [...count(one, rulesAt(samples.rules))].map(([key, n]) => [one.id, one.day, key, n]),
          );
          const found = (await duck.ask(sql)).map((r) => [r.id, r.day, r.key, Number(r.n)]);
          expect(found.sort(), name).toEqual(counted.sort());
        }
        duck.end();
      }),
      { numRuns: 15 },
    ));
});

function rowOf(body: ResolvedDay): string {
  const concluded = { subject: "mem_ada", id: body.id, at: body.at, body };
  const row = resolvedRow(samples, body.day, concluded);
  const columns = ["subject", "id", "day", "at", ...samples.columns.map(({ name }) => name)];
  return columns
    .map((name) => row[name] ?? null)
    .map((value) => (typeof value === "string" ? `'${value}'` : String(value ?? "NULL")))
    .join();
}

describe("the list of streams", () => {
  test("says of each that the vault resolves how it is asked, and of no other", () => {
    for (const { name, resolve: rule } of Object.values(streams))
      expect(rule?.ask !== undefined, name).toBe(rule?.where === "vault");
  });

  test("asks the vault for the days that it wants, and takes nothing else for an answer", async () => {
    const asked: unknown[] = [];
    const facts = [chunkOf(day, "a"), dayOf(day, { steps: 1 }), dayOf("2026-11-20", { steps: 2 })];
    const vault = {
      resolveSamples: async (...of: unknown[]) => {
        asked.push(of);
        return [{ facts }];
      },
    };
    const zones = [{ zone: "Asia/Tokyo", fromMs: 0 }];
    const settings = { zones, ownerOnly: [] };
    const answer = await resolve.ask?.(vault, [{ subject: "mem_ada", days: [day], settings }]);
    expect(asked).toEqual([[[{ member: "mem_ada", days: [day], zones }]]]);
    expect(answer).toEqual([[facts[1]]]);
  });

  test("asks of many in few calls, and gives each their own", async () => {
    const calls: number[] = [];
    const vault: ResolvingVault = {
      resolveSamples: async (asks) => {
        calls.push(asks.length);
        return asks.map(({ member }) => ({
          facts: [dayOf(day, { member }) as unknown as OpenFact],
        }));
      },
    };
    const subjects = Array.from({ length: 2 * membersAskedMax + 1 }, (_, i) => `mem_${i}`);
    const asks = subjects.map((subject) => ({ subject, days: [day], settings: noSettings }));
    const answers = (await resolve.ask?.(vault, asks)) ?? [];
    expect(calls).toEqual([membersAskedMax, membersAskedMax, 1]);
    expect(answers.map((facts) => facts.map(({ member }) => member))).toEqual(
      subjects.map((subject) => [subject]),
    );
    expect(await resolve.ask?.(vault, [])).toEqual([]);
    expect(calls).toHaveLength(3);
  });
});
