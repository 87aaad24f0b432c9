import { describe, expect, test } from "vitest";
import { isRetraction } from "../../../domain/stream.ts";
import type { Rule } from "../../../domain/workouts/resolved.ts";
import { tries } from "../../long.ts";
import { resolveOf, withSettings } from "./facts.ts";
import { countsOf, fromScratch, standing, told } from "./histories.ts";
import { season, shuffled } from "./season.ts";

const events = 1000;
const permutations = tries(500, 60);
const recordings = tries(12, 3);
/** For a machine ten times slower than the one it was written on. */
const patienceMs = 240_000;

const log = season(events, 20_261_121);
const settings = withSettings({ zone: "Europe/Berlin", ownerOnly: ["strava"] });

const resolved = (order: typeof log) => {
  const { facts, decisions } = standing(order);
  return resolveOf(facts, settings, decisions);
};
const bytes = (order: typeof log) => JSON.stringify(resolved(order));
const once = bytes(log);

describe(`a season of ${events} events`, () => {
  test("holds every situation: each rule joins or parts something in it", () => {
    expect(log).toHaveLength(events);
    expect(log.filter((s) => isRetraction(s)).length).toBeGreaterThan(50);
    const workouts = resolved(log);
    const said = new Set(workouts.flatMap((w) => [...w.joined, ...w.apart].map((r) => r.rule)));
    const rules: Rule[] = [
      ...([
        "by-hand",
        "copy",
        "twin",
        "overlap",
        "part",
        "shifted",
        "relabelled",
        "apart-in-time",
      ] as const),
      ...([
        "other-activity",
        "same-source",
        "all-day",
        "several",
        "taken",
        "ambiguous",
        "vague",
      ] as const),
    ];
    expect([...said]).toEqual(expect.arrayContaining(rules));
    expect(workouts.some((w) => w.held.length > 0)).toBe(true);
    expect(workouts.some((w) => w.scored === null)).toBe(true);
  });

  test(`resolves to the same bytes in ${permutations} orders`, { timeout: patienceMs }, () => {
    const orders = new Set<string>();
    for (let seed = 1; seed <= permutations; seed++) {
      const order = shuffled(log, seed);
      orders.add(
        order
          .slice(0, 5)
          .map((s) => s.id)
          .join(),
      );
      if (bytes(order) !== once) expect(bytes(order), `permutation ${seed}`).toBe(once);
    }
    expect(orders.size).toBe(permutations);
  });

  test(`records to the same bytes and sums in ${recordings} orders, one by one`, {
    timeout: patienceMs,
  }, () => {
    const scratch = fromScratch(log, settings);
    for (let seed = 1; seed <= recordings; seed++) {
      const order = shuffled([...log, ...log.slice(0, events / 10)], seed);
      expect(
        countsOf(
          told(
            order.map((s) => [s]),
            settings,
          ),
        ),
        `permutation ${seed}`,
      ).toEqual(scratch);
    }
  });
});
