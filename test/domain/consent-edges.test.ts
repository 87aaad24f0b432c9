/** The decision to read at each edge by itself: what the whole product holds, in a moment. */
import { describe, expect, test } from "vitest";
import { breakGlassMs, decide } from "../../domain/consent.ts";
import {
  ask,
  due,
  edges,
  type Glass,
  glassStates,
  type Labelled,
  type questions,
  written,
} from "./consent-oracle.ts";

type Asked = (typeof questions)[number];

/** Those that are not as due; with few roles, each by itself. */
const wrongOf = (asked: readonly Asked[], list: readonly Labelled[], glasses: readonly Glass[]) =>
  asked.filter((one) => {
    const consents = list.map(({ consent }) => consent);
    const is = decide(
      one.q,
      consents,
      glasses.map(({ glass }) => glass),
    );
    return JSON.stringify(is) !== JSON.stringify(due(one, list, glasses));
  });

describe("a decision to read", () => {
  const others = ask(["heart_rate"], ["coaching", "emergency"]).filter(
    ({ q, own }) => !own && q.actorRoles.length < 2,
  );

  test.each(["permit", "forbid"] as const)("is as due at each end of a %s", (effect) => {
    for (const one of written([effect], edges)) expect(wrongOf(others, [one], [])).toEqual([]);
  });

  test("is as due at each end of a break-glass, whoever broke it and for whom", () => {
    for (const glass of glassStates) expect(wrongOf(others, [], [glass])).toEqual([]);
  });

  test("through a break-glass lasts a quarter of an hour", () => {
    expect(breakGlassMs).toBe(900_000);
  });
});
