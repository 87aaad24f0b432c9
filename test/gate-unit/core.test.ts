/** The gate's object over SQLite: what it answered holds through any restart, one row a change. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { type Budget, defaultBudget } from "../../domain/budget.ts";
import type { CallReport, LeaseAnswer } from "../../domain/connection-ports.ts";
import { emptyGate, keysMax } from "../../domain/gate.ts";
import { GateCore } from "../../durable-objects/gate-core.ts";
import { type FakeObjectStorage, objectStorage } from "../fakes/object-storage.ts";

const table = readFileSync(
  join(import.meta.dirname, "../../migrations/gate/0001_gate.sql"),
  "utf8",
);
const start = 1_700_000_000_000;
const budget: Budget = {
  ...defaultBudget,
  app: [{ name: "15 minutes", calls: 100, windowMs: 900_000 }],
  reserve: 0.2,
};
const failed: CallReport = { class: "failed", ms: 5, retryAfterMs: null, headers: {} };
const ok: CallReport = { ...failed, class: "ok" };

let disk: FakeObjectStorage;
let nowMs: number;
let tended: number;
let core: GateCore;

function wake(storage = disk.storage): GateCore {
  return new GateCore({
    storage,
    now: () => nowMs,
    chance: () => 0.5,
    provider: "strava",
    budget,
    subscriptions: {
      tend: async () => void tended++,
      status: () => ({ state: "active", checkedMs: 7, until: null }),
    },
  });
}

async function granted(want = 10): Promise<Extract<LeaseAnswer, { lease: string }>> {
  const answer = await core.lease({ kind: "live", want });
  if (!("lease" in answer)) throw new Error(`refused: ${answer.why}`);
  return answer;
}

beforeEach(() => {
  disk = objectStorage();
  disk.raw.exec(table);
  nowMs = start;
  tended = 0;
  core = wake();
});

describe("what was asked on anybody's word", () => {
  const hint = { ...failed, hint: true } as const;
  const fail = async (call: CallReport, times: number) => {
    for (let i = 0; i < times; i++) {
      const { lease } = await granted(1);
      await core.report({ lease, calls: [call], freshnessMs: [] });
    }
  };

  it("opens no breaker by failing, is counted, and counts as spent", async () => {
    await fail(hint, 30);
    const { breaker, calls, budgets } = await core.status();
    expect([breaker, calls.failed, budgets[0]?.used]).toEqual(["closed", 30, 30]);
    await fail(failed, 10);
    expect((await core.status()).breaker).toBe("open");
  });

  it("neither keeps it open nor closes it by failing, and closes it by an answer", async () => {
    await fail(failed, 10);
    const openSinceMs = nowMs;
    nowMs += 300_000;
    await fail(hint, 2);
    expect((await core.status()).breaker).toBe("half-open");
    await fail(failed, 1);
    expect(await core.status()).toMatchObject({ breaker: "open", openSinceMs });
    nowMs += 300_000;
    await fail({ ...ok, hint: true }, 1);
    expect((await core.status()).breaker).toBe("closed");
  });
});

describe("a restart", () => {
  it("loses nothing that was answered, at any point", async () => {
    const lived = objectStorage();
    lived.raw.exec(table);
    const never = wake(lived.storage);
    for (let i = 0; i < 40; i++) {
      nowMs += 7_000;
      core = wake();
      const [one, other] = [
        await core.lease({ kind: "live", want: 6 }),
        await never.lease({ kind: "live", want: 6 }),
      ];
      expect("lease" in one ? one : one.why).toEqual("lease" in other ? other : other.why);
      core = wake();
      if ("lease" in one && i % 3 > 0) {
        const said = { lease: one.lease, calls: i < 20 ? [ok, ok] : [failed], freshnessMs: [i] };
        await core.report(said);
        await never.report(said);
      }
      core = wake();
      await core.count({ deliveries: 1, notices: 2, items: 3, refused: 0 });
      await never.count({ deliveries: 1, notices: 2, items: 3, refused: 0 });
      expect(await wake().status()).toEqual({
        ...(await never.status()),
        sinceMs: expect.any(Number),
      });
    }
  });

  it("keeps a pause, an open breaker and what is out on leases", async () => {
    for (let i = 0; i < 9; i++) await granted();
    const { lease } = await granted();
    await core.report({ lease, calls: Array.from({ length: 10 }, () => failed), freshnessMs: [] });
    core = wake();
    expect(await core.lease({ kind: "live", want: 1 })).toMatchObject({ why: "breaker" });
    const { breaker, budgets, sinceMs } = await core.status();
    expect([breaker, budgets[0]?.used, sinceMs]).toEqual(["open", 100, start]);
  });
});

describe("what is written", () => {
  it("is one row a lease, one a report, and none for a refusal", async () => {
    const before = disk.rowsWritten();
    const { lease } = await granted();
    expect(disk.rowsWritten() - before).toBe(1);
    await core.report({ lease, calls: [ok], freshnessMs: [10] });
    expect(disk.rowsWritten() - before).toBe(2);
    await core.report({ lease, calls: [ok], freshnessMs: [10] });
    await core.status();
    expect(disk.rowsWritten() - before).toBe(2);
    for (let i = 0; i < 9; i++) await granted();
    await granted(9);
    const full = disk.rowsWritten();
    for (let i = 0; i < 100; i++) await core.lease({ kind: "live", want: 1 });
    expect(disk.rowsWritten()).toBe(full);
    expect(disk.raw.prepare("SELECT count(*) AS n FROM gate").get()).toEqual({ n: 1 });
  });

  it("comes before the answer: when it cannot be written, nothing was granted", async () => {
    disk.raw.exec("ALTER TABLE gate RENAME TO lost");
    for (let i = 0; i < 30; i++)
      await expect(core.lease({ kind: "live", want: 10 })).rejects.toThrow();
    disk.raw.exec("ALTER TABLE lost RENAME TO gate");
    expect((await core.status()).budgets[0]?.used).toBe(0);
    expect((await granted()).granted).toBe(10);
  });
});

it("asks at once share one budget", async () => {
  const answers = await Promise.all(
    Array.from({ length: 1_000 }, () => core.lease({ kind: "live", want: 3 })),
  );
  const leased = answers.flatMap((answer) => ("lease" in answer ? [answer] : []));
  expect(leased.reduce((sum, { granted: n }) => sum + n, 0)).toBe(100);
  expect(new Set(leased.map(({ lease }) => lease)).size).toBe(leased.length);
});

it("sees to the provider's subscription, and shows it", async () => {
  await core.tend();
  expect(tended).toBe(1);
  expect((await core.status()).subscription).toEqual({
    state: "active",
    checkedMs: 7,
    until: null,
  });
});

describe("keys that proved deliveries", () => {
  const one = { deliveries: 1, notices: 0, items: 1, refused: 0 };

  it("are counted, the newest first, across restarts", async () => {
    for (const kid of ["a", "a", "b", "a"]) {
      nowMs += 1_000;
      core = wake();
      await core.count(one, kid);
    }
    await core.count(one);
    core = wake();
    const { keys, door } = await core.status();
    expect(keys).toEqual([
      { kid: "a", deliveries: 3, lastMs: start + 4_000 },
      { kid: "b", deliveries: 1, lastMs: start + 3_000 },
    ]);
    expect(door.deliveries).toBe(5);
  });

  it("beyond the bound leave out the one that signed longest ago", async () => {
    for (let i = 0; i < keysMax; i++) await core.count(one, `k${i}`);
    await core.count(one, "k0");
    await core.count(one, "more");
    const { keys } = await core.status();
    expect(keys.map(({ kid }) => kid).join()).toBe("more,k0,k7,k6,k5,k4,k3,k2");
  });

  it("are none in what an older gate kept", async () => {
    const { keys: _, ...older } = emptyGate(start);
    disk.raw.prepare("INSERT INTO gate (id, body) VALUES (1, ?)").run(JSON.stringify(older));
    core = wake();
    expect((await core.status()).keys).toEqual([]);
    await core.count(one, "a");
    expect((await core.status()).keys).toHaveLength(1);
  });
});

it("begins to count what was recorded where an older gate did not", async () => {
  const { recorded: _, ...older } = emptyGate(start);
  disk.raw.prepare("INSERT INTO gate (id, body) VALUES (1, ?)").run(JSON.stringify(older));
  core = wake();
  const recorded = { recorded: 2, duplicates: 1, parked: 0 };
  await core.count({ deliveries: 1, notices: 0, items: 3, refused: 0, recorded });
  core = wake();
  expect((await core.status()).recorded).toEqual(recorded);
});
