/**
 * The flow that every door of samples shares: what was forgotten is left out, the vault merges, the
 * ledger records, and only then is it taken. Days are made anew in bounded steps, the newest first.
 */
import { describe, expect, it } from "vitest";
import type { ConnectionId, MemberId } from "../../domain/identity.ts";
import type { DaysAsked, OpenFact } from "../../domain/ports.ts";
import { batchSamplesMax, type SampleRecord } from "../../domain/samples/sample.ts";
import type { LocalDate } from "../../domain/time.ts";
import { sqliteD1 } from "../fakes/sqlite-d1.ts";
import { daysFrom } from "./samples-world.ts";

// By address: the objects are checked against the platform's types, these tests against Node's.
const { announceDays, announcedDaysMax, announceFrom, localDaysOf, takeSamples } = await import(
  /* @vite-ignore */ new URL("../../durable-objects/samples.ts", import.meta.url).href
);

const member = "m_a" as MemberId;
const connection = "c_a" as ConnectionId;
const origin = { member, connection, forgottenToMs: null as number | null };
const zones = [{ zone: "Europe/Amsterdam", fromMs: 0 }];

const record = (id: string, fromMs: number, count = 1): SampleRecord => ({
  ...{ metric: "heart_rate", id, revision: null, app: null },
  device: { id: "watch", kind: "watch", model: null },
  samples: Array.from({ length: count }, (_, i) => {
    const at = fromMs + i * 1000;
    return { fromMs: at, toMs: at, value: 60_000, stage: null };
  }),
});

const warehouse = new URL("../../migrations/warehouse", import.meta.url).pathname;

function vault() {
  const db = sqliteD1(warehouse);
  const said: string[] = [];
  const known = new Set<string>();
  const pages: number[] = [];
  const state = { forgotten: false, failsAt: Number.POSITIVE_INFINITY, days: [] as LocalDate[] };
  const resolved: (readonly LocalDate[])[] = [];
  return {
    ...{ said, pages, state, resolved, db },
    ports: {
      sql: async <T>(run: (db: D1Database) => Promise<T>) => run(db),
      work: {
        async mergeSamples(_: MemberId, __: ConnectionId, records: readonly SampleRecord[]) {
          if (state.forgotten) return "forgotten";
          pages.push(records.reduce((n, { samples }) => n + samples.length, 0));
          said.push("merged");
          const outcomes = records.map(({ id }) => (known.has(String(id)) ? "duplicate" : "new"));
          for (const { id } of records) known.add(String(id));
          return { outcomes, facts: records.map(({ id }) => ({ id: `chunk/${id}` })) };
        },
        async resolveSamples(asks: readonly DaysAsked[]) {
          return asks.map(({ days }) => {
            resolved.push(days);
            return { facts: days.map((day) => ({ id: `day/${day}` })) };
          });
        },
        sampleDays: async (_: MemberId, from: LocalDate, limit: number) =>
          state.days.filter((day) => day >= from).slice(0, limit),
      },
      ledger: {
        async record(facts: readonly OpenFact[]) {
          if (said.length >= state.failsAt) throw new Error("the ledger is down");
          said.push(...facts.map(({ id }) => `recorded ${id}`));
          return facts.map(() => "new");
        },
      },
    },
  };
}

describe("taking samples", () => {
  it("merges first, then records the facts, and gives an outcome a record", async () => {
    const { ports, said } = vault();
    const outcomes = await takeSamples(ports, origin, [record("a", 1), record("b", 2)], zones);
    expect(outcomes).toEqual(["new", "new"]);
    expect(said).toEqual(["merged", "recorded chunk/a", "recorded chunk/b"]);
  });

  it("that died before the ledger had it is completed by its repetition", async () => {
    const { ports, said, state } = vault();
    state.failsAt = 1;
    const records = [record("a", 1)];
    await expect(takeSamples(ports, origin, records, zones)).rejects.toThrow("down");
    expect(said).toEqual(["merged"]);
    state.failsAt = Number.POSITIVE_INFINITY;
    expect(await takeSamples(ports, origin, records, zones)).toEqual(["duplicate"]);
    expect(said).toEqual(["merged", "merged", "recorded chunk/a"]);
  });

  it("leaves out what was forgotten, but hears that something is gone", async () => {
    const { ports, pages } = vault();
    const gone = { ...record("c", 5), gone: true } as const;
    const forgotten = { ...origin, forgottenToMs: 10 };
    const records = [record("a", 10), record("b", 11), gone];
    const outcomes = await takeSamples(ports, forgotten, records, zones);
    expect(outcomes).toEqual(["forgotten", "new", "new"]);
    expect(pages).toEqual([2]);
  });

  it("asks nobody about nothing", async () => {
    const { ports, said } = vault();
    expect(await takeSamples(ports, origin, [], zones)).toEqual([]);
    const forgotten = { ...origin, forgottenToMs: 10 };
    expect(await takeSamples(ports, forgotten, [record("a", 9)], zones)).toEqual(["forgotten"]);
    expect(said).toEqual([]);
  });

  it("hands the vault no more at once than a batch may have, and every record once", async () => {
    const { ports, pages } = vault();
    const sizes = [4_000, 2_000, 4_000, 1, 9_999, 2];
    const records = sizes.map((size, i) => record(`r${i}`, i * 10_000_000 + 1, size));
    const outcomes = await takeSamples(ports, origin, records, zones);
    expect(outcomes).toEqual(sizes.map(() => "new"));
    expect(pages).toEqual([10_000, 10_000, 2]);
    expect(Math.max(...pages)).toBeLessThanOrEqual(batchSamplesMax);
  });

  it("of somebody erased is forgotten, and the ledger hears nothing of it", async () => {
    const { ports, said, state } = vault();
    state.forgotten = true;
    expect(await takeSamples(ports, origin, [record("a", 1)], zones)).toEqual(["forgotten"]);
    expect(said).toEqual([]);
  });
});

describe("days", () => {
  it("are made anew each once, in order, a month at a time", async () => {
    const { ports, resolved } = vault();
    const days = daysFrom("2026-01-01", 40);
    expect(await announceDays(ports, member, [...days, ...days].reverse(), zones)).toBe(40);
    expect(resolved.map((page) => page.length)).toEqual([31, 9]);
    expect(resolved.flat()).toEqual(days);
  });

  it("from one on: the newest at once, and the others are marked for settlement", async () => {
    const { ports, resolved, state, db } = vault();
    state.days = daysFrom("2020-01-01", 2_300);
    const older = 2_300 - announcedDaysMax;
    const after = await announceFrom(ports, member, null, zones, 1_000);
    expect(after).toEqual({ resolved: announcedDaysMax, pending: older });
    expect(resolved.flat()).toEqual(state.days.slice(-announcedDaysMax));
    const marked = async () =>
      (await db.prepare("SELECT * FROM unresolved ORDER BY day").all<{ day: string }>()).results;
    const before = await marked();
    expect(before.map(({ day }) => day)).toEqual(state.days.slice(0, older));
    expect(before[0]).toMatchObject({ stream: "samples", mark: 1_000 });
    await announceFrom(ports, member, null, zones, 900);
    expect((await marked())[0]).toMatchObject({ mark: 1_001 });
    resolved.length = 0;
    const last = state.days.at(-1) as LocalDate;
    const one = await announceFrom(ports, member, last, zones, 2_000);
    expect(one).toEqual({ resolved: 1, pending: 0 });
    expect(resolved.flat()).toEqual([last]);
  });

  it("around one of UTC are all that anything of it can count on", () => {
    expect(localDaysOf("2026-03-01")).toEqual([
      ...["2026-02-28", "2026-03-01", "2026-03-02", "2026-03-03"],
    ]);
  });
});
