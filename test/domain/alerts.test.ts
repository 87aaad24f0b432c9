/** When an operator is told: each rule at its threshold, and what is not known ends nothing. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type AlertSnapshot,
  alertsOf,
  explain,
  type GateFigures,
  isKnown,
  thresholds,
} from "../../domain/alerts.ts";

const calm: GateFigures = { breaker: "closed", budgets: [], subscription: null };
const snapshot = (over: Partial<AlertSnapshot> = {}): AlertSnapshot => ({
  gates: {},
  membersBehind: 0,
  queueDepth: 0,
  ...over,
});
const gate = (over: Partial<GateFigures>) => snapshot({ gates: { garmin: { ...calm, ...over } } });
const budget = (used: number, limit: number, window = "15 minutes") => ({
  window,
  windowMs: 900_000,
  limit,
  used,
});
const subscription = (state: "active" | "missing" | "failing" | "not-configured", at = 1) => ({
  state,
  checkedMs: at || null,
  until: null,
});
const namesOf = (of: AlertSnapshot) => alertsOf(of).map(({ name }) => name);

describe("nothing is the matter", () => {
  it.each([
    ["nothing there", snapshot()],
    ["a calm gate", gate({})],
    ["100 members behind", snapshot({ membersBehind: 100 })],
    ["10,000 changes waiting", snapshot({ queueDepth: 10_000 })],
    ["79 % of a quota", gate({ budgets: [budget(79, 100), budget(7_999, 10_000)] })],
    ["a subscription not looked at yet", gate({ subscription: subscription("missing", 0) })],
    ["one that nobody set up", gate({ subscription: subscription("not-configured") })],
    ["one that works", gate({ subscription: subscription("active") })],
  ])("%s", (_, of) => expect(namesOf(of)).toEqual([]));
});

describe("something is", () => {
  it.each([
    ["members-behind", snapshot({ membersBehind: 101 })],
    ["queue-depth", snapshot({ queueDepth: 10_001 })],
    ["breaker-open:garmin", gate({ breaker: "open" })],
    ["breaker-open:garmin", gate({ breaker: "half-open" })],
    ["quota:garmin:15-minutes", gate({ budgets: [budget(80, 100)] })],
    ["quota:garmin:day", gate({ budgets: [budget(1, 100), budget(1_000, 1_000, "day")] })],
    ["subscription-missing:garmin", gate({ subscription: subscription("missing") })],
    ["subscription-failing:garmin", gate({ subscription: subscription("failing", 0) })],
  ])("%s", (name, of) => {
    expect(namesOf(of)).toEqual([name]);
    const [alert] = alertsOf(of);
    const said = explain(alert ?? { name: "", value: 0 });
    expect(said.threshold).toBeGreaterThan(0);
    expect(said.text).not.toContain("another version");
  });

  it("says how much and of how much", () => {
    const [alert] = alertsOf(gate({ budgets: [budget(4_321, 5_000, "day")] }));
    expect(alert?.value).toBe(86);
    expect(alert && explain(alert)).toEqual({
      threshold: 80,
      text: "86 % of the calls that garmin allows are spent (day).",
    });
  });
});

const window = fc.constantFrom("15 minutes", "day", "minute");
const figures = fc.record({
  breaker: fc.constantFrom("closed", "open", "half-open") as fc.Arbitrary<GateFigures["breaker"]>,
  budgets: fc.uniqueArray(
    fc.record({ window, windowMs: fc.nat(), limit: fc.nat(1_000), used: fc.nat(1_000) }),
    { selector: (b) => b.window },
  ),
  subscription: fc.option(
    fc.record({
      state: fc.constantFrom("active", "missing", "failing", "not-configured") as fc.Arbitrary<
        "active" | "missing" | "failing" | "not-configured"
      >,
      checkedMs: fc.option(fc.nat()),
      until: fc.constant(null),
    }),
  ),
});
const anything = fc.record({
  gates: fc.dictionary(fc.constantFrom("garmin", "google-health", "strava"), fc.option(figures)),
  membersBehind: fc.option(fc.nat(300)),
  queueDepth: fc.option(fc.nat(30_000)),
});

describe("any snapshot", () => {
  it("names each matter once, and only what it knows of", () => {
    fc.assert(
      fc.property(anything, (of) => {
        const names = namesOf(of);
        expect(new Set(names).size).toBe(names.length);
        for (const name of names) {
          expect(isKnown(name, of)).toBe(true);
          expect(name).toMatch(/^[a-z0-9:-]+$/);
        }
      }),
    );
  });

  it("whose gate did not answer neither raises nor ends what concerns it", () => {
    fc.assert(
      fc.property(figures, (of) => {
        const silent = snapshot({ gates: { garmin: null, strava: of } });
        for (const name of namesOf(snapshot({ gates: { garmin: of } })))
          expect(isKnown(name, silent)).toBe(false);
        expect(namesOf(silent).filter((name) => name.includes("garmin"))).toEqual([]);
      }),
    );
  });

  it("of which a part is not known ends nothing of that part", () => {
    const blind = snapshot({ membersBehind: null, queueDepth: null });
    expect([isKnown("members-behind", blind), isKnown("queue-depth", blind)]).toEqual([
      false,
      false,
    ]);
    expect(isKnown("breaker-open:gone", blind)).toBe(true);
  });

  it("says two hours where it means them", () =>
    expect(thresholds.behindMs).toBe(2 * 60 * 60 * 1000));
});
