/** What Operations reckons and says: figures, runs, what came of a replay, what is to be erased. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bytes } from "../../../web/design/bytes.ts";
import { scopeOf, scopeSaid, scopeWrong } from "../../../web/pages/operations/erase-scope.ts";
import {
  byGravity,
  dollars,
  isInUse,
  type ProviderStatus,
  percentOf,
  shortTime,
  unknownGates,
} from "../../../web/pages/operations/figures.ts";
import { outcomesSaid, staysBecause } from "../../../web/pages/operations/replays.ts";
import { runMood, runState, runTitle } from "../../../web/pages/operations/run-said.ts";
import { shardsMissing } from "../../../web/pages/operations/shards-missing.ts";

const status = (over: Partial<ProviderStatus>): ProviderStatus => ({
  provider: "garmin",
  title: "Garmin Connect",
  gate: null,
  connections: {
    byState: { connected: 0, syncing: 0, behind: 0, backfilling: 0, "needs-reconnecting": 0 },
    behindOver2h: 0,
    oldestBehind: null,
  },
  health: { colour: "green", because: [] },
  ...over,
});

describe("providers", () => {
  it("come with the gravest first, then by name", () => {
    const of = (title: string, colour: "green" | "yellow" | "red") =>
      status({ title, health: { colour, because: [] } });
    const sorted = byGravity([
      of("B", "green"),
      of("A", "green"),
      of("C", "yellow"),
      of("D", "red"),
    ]);
    expect(sorted.map(({ title }) => title)).toEqual(["D", "C", "A", "B"]);
  });

  it("are in use when somebody linked them, or something is wrong with them", () => {
    expect(isInUse(status({}))).toBe(false);
    expect(isInUse(status({ health: { colour: "red", because: ["…"] } }))).toBe(true);
    const byState = { ...status({}).connections.byState, behind: 1 };
    const connections = { byState, behindOver2h: 0, oldestBehind: null };
    expect(isInUse(status({ connections }))).toBe(true);
  });

  it("whose gate did not answer are named, and nothing is made up of them", () => {
    expect(unknownGates([status({})])).toContain("Garmin Connect");
    expect(unknownGates([])).toBeNull();
  });
});

describe("figures", () => {
  it.each([
    [340, "340 ms"],
    [1_240, "1.2 s"],
    [240_000, "4 min"],
    [12_600_000, "3.5 h"],
  ])("say %d ms as %s", (ms, said) => {
    expect(shortTime(ms)).toBe(said);
  });

  it.each([
    [0, "0 bytes"],
    [1_023, "1,023 bytes"],
    [2_662, "2.6 KiB"],
    [5_242_880, "5.0 MiB"],
  ])("say %d bytes as %s", (n, said) => {
    expect(bytes(n)).toBe(said);
  });

  it.each([
    [0, "$0.00"],
    [12.084, "$12.08"],
    [0.00476, "$0.00476"],
    [0.000001, "under $0.00001"],
  ])("say %d dollars as %s: what is not nothing never reads as nothing", (n, said) => {
    expect(dollars(n)).toBe(said);
  });

  it("never round a quota up to spent", () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 1e9 }), (used, limit) => {
        expect(percentOf(used, limit) >= 100).toBe(used >= limit);
      }),
    );
    expect(percentOf(0, 0)).toBe(100);
  });
});

describe("a run", () => {
  const at = { stage: "", done: 0, total: 0, outcome: null, finishedAt: null };

  it("is named for what it was asked to do", () => {
    expect(runTitle({ kind: "settle", of: {} })).toBe("Settle everything that waits");
    expect(runTitle({ kind: "settle", of: { from: "2026-11-01", to: "2026-11-03" } })).toMatch(
      /^Settle from .*1.* to .*3/,
    );
    expect(
      runTitle({
        kind: "rebuild",
        of: { partition: { stream: "workouts", day: "2026-11-01", bucket: 4 } },
      }),
    ).toMatch(/^Rebuild workouts, .*bucket 4$/);
    expect(runTitle({ kind: "erase", of: null })).toBe("Erase from the archive");
  });

  it("waits, goes on, and ends with or without faults", () => {
    expect(runState(at)).toBe("Waiting to begin");
    expect(runState({ ...at, stage: "merge", done: 3, total: 12 })).toBe("Merge: 3 of 12");
    const over = { ...at, finishedAt: "2026-11-22T02:30:00Z" };
    expect(runState({ ...over, outcome: "done" })).toBe("Done");
    expect(runState({ ...over, outcome: "faults" })).toBe("Done, with faults");
    expect([
      runMood(at),
      runMood({ ...over, outcome: "done" }),
      runMood({ ...over, outcome: "given-up" }),
    ]).toEqual(["info", "good", "warn"]);
  });
});

describe("what came of a replay", () => {
  it("is counted by outcome", () => {
    expect(outcomesSaid(["recorded", "older", "recorded"])).toBe("2 recorded, 1 older.");
    expect(outcomesSaid([])).toMatch(/nothing to record/);
  });
  it("is why it stays", () => {
    expect(staysBecause("not-held")).toBe("Stays: its ledger holds nothing of the kind.");
    expect(staysBecause("impossible-value")).toBe("Stays: impossible value.");
  });
});

describe("what is to be erased", () => {
  const typed = { kind: "member", connection: "", from: "", to: "", reason: "Asked" } as const;

  it.each([
    [{ ...typed, reason: " " }, /log/],
    [{ ...typed, kind: "connection" }, /which connection/],
    [{ ...typed, kind: "workouts", from: "2026-11-02" }, /first and the last/],
    [{ ...typed, kind: "samples", from: "2026-11-02", to: "2026-11-01" }, /before the first/],
  ] as const)("is not asked for while something is missing", (of, why) => {
    expect(scopeWrong(of)).toMatch(why);
  });

  it("is whole days, both included", () => {
    const of = { ...typed, kind: "workouts", from: "2026-11-01", to: "2026-11-02" } as const;
    expect(scopeWrong(of)).toBeNull();
    expect(scopeOf(of)).toEqual({
      kind: "workouts",
      from: "2026-11-01T00:00:00Z",
      to: "2026-11-02T23:59:59.999Z",
    });
    expect(scopeSaid(of)).toMatch(/every one of their workouts/i);
  });
});

describe("shards", () => {
  it("that do not answer are named", () => {
    const shard = { open: true, members: 1, bytes: 1, restored: false, left: 0 };
    const shards = [
      { ...shard, shard: 0, missing: false },
      { ...shard, shard: 3, missing: true },
    ];
    expect(shardsMissing({ shards })).toMatch(/^Shard 3 did not answer/);
    expect(shardsMissing({ shards: shards.slice(0, 1) })).toBeNull();
  });
});
