/** When a provider's breaker opens, who probes, and what closes it. */
import { describe, expect, it } from "vitest";
import {
  admits,
  type Breaker,
  breakerState,
  callsToJudgeMin,
  closedBreaker,
  failuresInRowMax,
  gaveUp,
  judgedMs,
  observed,
  openMs,
  probing,
} from "../../domain/breaker.ts";
import { type CallClass, callClasses } from "../../domain/connection-ports.ts";

const at = 1_700_000_000_000;
const times = (n: number, ...classes: CallClass[]): CallClass[] =>
  Array.from({ length: n }, () => classes).flat();
const after = (...calls: CallClass[]) => observed(closedBreaker, "l", calls, at);
const opened = after(...times(failuresInRowMax, "failed"));
const halfOpen = probing(opened, "probe");
const later = at + openMs;

describe.each<[string, CallClass[], "closed" | "open"]>([
  ["nine failures in a row", times(9, "failed"), "closed"],
  ["ten failures in a row", times(10, "failed"), "open"],
  ["ten failures of all kinds", [...times(5, "timeout"), ...times(5, "network")], "open"],
  ["nine, an answer, nine", [...times(9, "failed"), "ok", ...times(9, "failed")], "closed"],
  ["half of nineteen calls", [...times(9, "failed", "ok"), "failed"], "closed"],
  ["half of twenty calls", times(10, "ok", "failed"), "open"],
  ["less than half of many", [...times(11, "ok"), ...times(60, "failed", "ok", "ok")], "closed"],
  ["throttled all along", times(50, "throttled"), "closed"],
  ["denied all along", times(50, "denied"), "closed"],
  ["refused all along", times(50, "refused"), "closed"],
  ["broken all along", times(50, "broken"), "closed"],
])("%s", (_, calls, state) => {
  it(`leave it ${state}`, () => {
    expect(breakerState(after(...calls), at)).toBe(state);
  });
});

it("judges the calls of five minutes only", () => {
  const failing = times(callsToJudgeMin / 2 - 1, "failed");
  const early = observed(closedBreaker, "l", [...failing, "ok"], at);
  const soon = observed(early, "l", times(10, "failed", "ok"), at + judgedMs / 2);
  expect(breakerState(soon, at + judgedMs / 2)).toBe("open");
  const mixed = [...times(11, "ok"), ...times(8, "failed")] as CallClass[];
  const long = observed(early, "l", mixed, at + 2 * judgedMs);
  expect(breakerState(long, at + 2 * judgedMs)).toBe("closed");
});

it("counts failures in a row across leases", () => {
  let breaker: Breaker = closedBreaker;
  for (let i = 0; i < failuresInRowMax; i++) {
    expect(breakerState(breaker, at)).toBe("closed");
    breaker = observed(breaker, `l${i}`, ["failed"], at + i);
  }
  expect(breakerState(breaker, at + 100)).toBe("open");
});

describe("once open", () => {
  it("admits nobody for five minutes, then one probe", () => {
    expect(admits(opened, later - 1)).toBe("none");
    expect(admits(opened, later)).toBe("probe");
    expect(admits(halfOpen, later)).toBe("none");
    expect([breakerState(opened, later - 1), breakerState(halfOpen, later)]).toEqual([
      "open",
      "half-open",
    ]);
  });

  it("is not closed, nor opened anew, by calls that began before", () => {
    for (const call of callClasses) {
      expect(observed(opened, "old", [call], at + 1)).toEqual(opened);
      expect(observed(halfOpen, "old", [call], later)).toEqual(halfOpen);
    }
  });

  it.each(["failed", "timeout", "network"] as const)(
    "opens again when the probe is %s",
    (fault) => {
      const again = observed(halfOpen, "probe", [fault], later);
      expect(again.open).toEqual({ sinceMs: at, untilMs: later + openMs });
      expect(admits(again, later + openMs - 1)).toBe("none");
      expect(admits(again, later + openMs)).toBe("probe");
    },
  );

  it.each(["ok", "throttled", "broken", "refused"] as const)(
    "closes when the probe is %s: the provider answers",
    (answer) => {
      const closed = observed(halfOpen, "probe", [answer], later);
      expect(closed).toEqual(closedBreaker);
    },
  );

  it("lets another probe when the probe made no call, was denied one, or was lost", () => {
    const denied = observed(halfOpen, "probe", ["denied"], later);
    expect([admits(denied, later), breakerState(denied, later)]).toEqual(["probe", "half-open"]);
    expect(admits(observed(halfOpen, "probe", [], later), later)).toBe("probe");
    expect(admits(gaveUp(halfOpen, "probe"), later)).toBe("probe");
    expect(gaveUp(halfOpen, "other")).toBe(halfOpen);
  });

  it("is not kept from opening by calls that were denied", () => {
    const failing = observed(closedBreaker, "l", times(9, "failed"), at);
    const denied = observed(failing, "l", ["denied"], at);
    expect(breakerState(observed(denied, "l", ["failed"], at), at)).toBe("open");
  });

  it("begins to count anew once closed", () => {
    const closed = observed(halfOpen, "probe", ["ok"], later);
    const failing = observed(closed, "l", times(9, "failed"), later + 1);
    expect(breakerState(failing, later + 1)).toBe("closed");
  });
});
