/** GET and PUT /v1/goals: every metric that can have a goal, whose it is, and which way it holds. */
import { describe, expect, it } from "vitest";
import { ada, saidOf, world } from "./samples-world.ts";

const started = async () => {
  const of = world();
  await of.enrol(ada);
  return of;
};
type World = Awaited<ReturnType<typeof started>>;
const show = (of: World) => of.ask("get", "/v1/goals");
const put = (of: World, body: unknown) => of.ask("put", "/v1/goals", { body });

describe("goals", () => {
  it("are shown of every metric that can have one, with the common one beside it", async () => {
    const of = await started();
    of.shown.goals = { steps: 8_000, weight: 72.5 };
    const { status, body } = await show(of);
    expect(status).toBe(200);
    expect(body).toEqual({
      goals: {
        steps: {
          ...{ goal: 8_000, goalFrom: "own", goalKind: "at-least", unit: "1", default: 10_000 },
        },
        distance: {
          ...{ goal: null, goalFrom: null, goalKind: "at-least", unit: "m", default: null },
        },
        active_energy: {
          ...{ goal: null, goalFrom: null, goalKind: "at-least", unit: "kcal", default: null },
        },
        weight: { goal: 72.5, goalFrom: "own", goalKind: "reach", unit: "kg", default: null },
        body_fat: { goal: null, goalFrom: null, goalKind: "reach", unit: "%", default: null },
        sleep: {
          ...{ goal: 28_800, goalFrom: "default", goalKind: "at-least", unit: "s" },
          default: 28_800,
        },
      },
    });
  });

  it("are set one by one, and taken back by null; what is not named stays", async () => {
    const of = await started();
    of.shown.goals = { steps: 8_000, sleep: 27_000 };
    const { status, body } = await put(of, { goals: { steps: null, weight: 72.5 } });
    expect([status, of.shown.goals]).toEqual([200, { sleep: 27_000, weight: 72.5 }]);
    expect(body.goals.steps).toMatchObject({ goal: 10_000, goalFrom: "default" });
    expect(body.goals.weight).toMatchObject({ goal: 72.5, goalFrom: "own" });
    expect((await put(of, { goals: {} })).body).toEqual(body);
    expect((await show(of)).body).toEqual(body);
  });

  it.each([
    ["of nothing", { goals: { steps: 0 } }],
    ["below what can be", { goals: { weight: 0.5 } }],
    ["above what can be", { goals: { steps: 200_001 } }],
    ["of a metric that can have none", { goals: { heart_rate: 60 } }],
    ["of no metric", { goals: { mood: 5 } }],
    ["that is no number", { goals: { steps: "8000" } }],
    ["beside something else", { goals: {}, more: 1 }],
    ["that are no object", { goals: [] }],
    ["that are not there", {}],
    ["that are nothing", null],
  ])("%s are refused, and all are as they were", async (_, body) => {
    const of = await started();
    of.shown.goals = { steps: 8_000 };
    expect(saidOf(await put(of, body))).toBe("invalid-request");
    expect(of.shown.goals).toEqual({ steps: 8_000 });
  });

  it.each([
    ["busy", "unavailable"],
    ["too-many", "too-many"],
    ["invalid", "invalid-request"],
    ["unauthenticated", "unauthenticated"],
  ])("are refused as the vault refuses: %s", async (refused, problem) => {
    const of = await started();
    of.faults.goals = refused;
    expect(saidOf(await show(of))).toBe(problem);
    expect(saidOf(await put(of, { goals: { steps: 1 } }))).toBe(problem);
  });
});
