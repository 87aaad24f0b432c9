import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { callClasses, connectionReasons, connectionStates } from "../../domain/connection-ports.ts";
import {
  backoffMsMax,
  backoffOf,
  behindAfterMs,
  type Doing,
  deniedForMs,
  deniedTimesMin,
  isEndedBy,
  mayMend,
  pollAfter,
  reasonOf,
  rereadFrom,
  silentAt,
  stateOf,
} from "../../domain/sync-state.ts";

const nowMs = 1_000_000_000;
const idle: Doing = {
  reconnect: null,
  held: null,
  pending: 0,
  behindSinceMs: null,
  backfill: null,
  nowMs,
};
const history = {
  state: "running",
  percent: 3,
  fromMs: 0,
  doneToMs: 1,
  hasGaps: false,
} as const;

describe("a connection's state", () => {
  const cases: readonly (readonly [string, Partial<Doing>, string, string | null])[] = [
    ["nothing waits", {}, "connected", null],
    ["history is over", { backfill: { ...history, state: "done" } }, "connected", null],
    ["history was refused", { backfill: { ...history, state: "refused" } }, "connected", null],
    ["history is under way", { backfill: history }, "backfilling", null],
    ["something is to be read", { pending: 1, backfill: history }, "syncing", null],
    ["it is held up", { pending: 1, held: "ours", behindSinceMs: nowMs }, "behind", "ours"],
    ["what was live went by", { held: "provider-down", backfill: history }, "backfilling", null],
    [
      "only history is held up",
      { historyHeld: "provider-down", backfill: history },
      "backfilling",
      "provider-down",
    ],
    [
      "history waits for its turn",
      { historyHeld: "rate-limited", backfill: history },
      "backfilling",
      null,
    ],
    [
      "a budget is spent for a moment",
      { pending: 1, held: "rate-limited", behindSinceMs: nowMs - behindAfterMs + 1 },
      "syncing",
      null,
    ],
    [
      "a budget is spent for long",
      { pending: 1, held: "rate-limited", behindSinceMs: nowMs - behindAfterMs },
      "behind",
      "rate-limited",
    ],
    [
      "only the member can mend it",
      { reconnect: "grant-ended", pending: 1, held: "ours" },
      "needs-reconnecting",
      "grant-ended",
    ],
  ];
  test.each(cases)("when %s", (_, doing, state, why) => {
    expect(stateOf({ ...idle, ...doing })).toEqual({ state, why });
  });

  test("says why exactly when it is not well", () => {
    const reason = fc.option(fc.constantFrom(...connectionReasons), { nil: null });
    fc.assert(
      fc.property(reason, reason, fc.nat(3), fc.boolean(), (reconnect, held, pending, isRead) => {
        const said = stateOf({
          ...idle,
          reconnect,
          held,
          pending,
          backfill: isRead ? history : null,
        });
        expect(connectionStates).toContain(said.state);
        const isWell = ["connected", "syncing", "backfilling"].includes(said.state);
        expect(said.why === null).toBe(isWell);
      }),
    );
  });
});

describe("why a call holds things up", () => {
  test("is told by what it came to, then by how its provider judged it", () => {
    expect(callClasses.map((call) => [call, reasonOf(call, "broken")])).toEqual([
      ["ok", "broken-answers"],
      ["throttled", "rate-limited"],
      ["failed", "provider-down"],
      ["timeout", "provider-down"],
      ["network", "provider-down"],
      ["broken", "broken-answers"],
      ["denied", "broken-answers"],
      ["refused", "broken-answers"],
    ]);
    expect(reasonOf("denied", "reconnect")).toBe("grant-ended");
    expect(reasonOf("refused", "refused")).toBe("refused");
    expect(reasonOf("refused", "again")).toBe("provider-down");
    expect(reasonOf("refused", "gone")).toBe("broken-answers");
  });
});

describe("an answer that the grant is no good", () => {
  test("ends it when it came often enough, and for long enough", () => {
    expect(isEndedBy(deniedTimesMin, deniedForMs)).toBe(true);
    expect(isEndedBy(deniedTimesMin - 1, 10 * deniedForMs)).toBe(false);
    expect(isEndedBy(100, deniedForMs - 1)).toBe(false);
  });

  test("may be a mistake; what the member withholds is none", () => {
    expect(connectionReasons.filter(mayMend)).toEqual(["grant-ended", "refresh-lost"]);
  });
});

describe("pauses", () => {
  const chance = fc.double({ min: 0, max: 0.999999, noNaN: true });

  test("double up to a quarter of an hour, and are never below half of that", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2000 }), chance, (faults, c) => {
        const full = Math.min(backoffMsMax, 5000 * 2 ** (faults - 1));
        expect(backoffOf(faults, c)).toBeLessThanOrEqual(full);
        expect(backoffOf(faults, c)).toBeGreaterThanOrEqual(full / 2);
      }),
    );
    expect([1, 2, 3, 9].map((n) => backoffOf(n, 0))).toEqual([5000, 10_000, 20_000, 900_000]);
  });

  test("between two polls are any in their bounds", () => {
    fc.assert(
      fc.property(chance, (c) => {
        expect(pollAfter([900, 1800], c)).toBeGreaterThanOrEqual(900);
        expect(pollAfter([900, 1800], c)).toBeLessThan(1800);
      }),
    );
  });

  test("a silence ends that long after the last word of any kind", () => {
    expect(silentAt(100, [5, null, 9])).toBe(109);
    expect(silentAt(null, [5])).toBeNull();
    expect(silentAt(100, [null])).toBeNull();
  });

  test("a re-reading begins before the gap, however long it is", () => {
    expect(rereadFrom(5000, 1000, 9_000_000)).toBe(4000);
    expect(rereadFrom(null, 1000, 9000)).toBe(8000);
    expect(rereadFrom(10_000, 1000, 9000)).toBe(8000);
    expect(rereadFrom(500, 1000, 9000)).toBe(0);
  });

  test("nor does it begin before anything is to be had", () => {
    expect(rereadFrom(5000, 1000, 9_000_000, 2000)).toBe(8_998_000);
    expect(rereadFrom(5000, 1000, 9_000_000, 500)).toBe(8_999_000);
    expect(rereadFrom(8_999_500, 1000, 9_000_000, 2000)).toBe(8_998_500);
  });
});
