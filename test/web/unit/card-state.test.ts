/** What a card says of what it shows: never an old number as a new one, never an outage as nothing. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Problem, Unreachable } from "../../../web/api/problem.ts";
import { cardState, type Looked } from "../../../web/design/card-state.ts";

const came = (data: unknown): Looked => ({ data, error: null, dataUpdatedAt: 1 });
const failed = (error: Error, data?: unknown): Looked => ({ data, error, dataUpdatedAt: 0 });
const waiting: Looked = { data: undefined, error: null, dataUpdatedAt: 0 };
const down = new Problem(503, { title: "Down." }, null);

const said = (main: Looked, others: readonly Looked[] = [], missing: string | null = null) =>
  cardState({
    main,
    others,
    isEmpty: (data) => data === 0,
    missing: () => missing,
    wasShown: false,
  });

describe("a card", () => {
  it.each([
    ["loading", waiting, [], null],
    ["error", failed(down), [], null],
    ["offline", failed(new Unreachable()), [], null],
    ["ready", came(1), [], null],
    ["empty", came(0), [], null],
    ["stale", failed(down, 1), [], null],
    ["stale", failed(new Unreachable(), 0), [], null],
    ["partial", came(1), [failed(down)], null],
    ["partial", came(1), [came(1)], "Garmin was not read since Monday."],
    ["ready", came(1), [waiting, came(0)], null],
  ] as const)("is %s", (state, main, others, missing) => {
    expect(said(main, others, missing).state).toBe(state);
  });

  it("awaits what else belongs to it before it is first shown, and not again", () => {
    const others = [{ ...waiting, isLoading: true }];
    const looking = { main: came(1), others, isEmpty: () => false, missing: () => null };
    expect(cardState({ ...looking, wasShown: false }).state).toBe("loading");
    expect(cardState({ ...looking, wasShown: true }).state).toBe("ready");
  });

  it("says what is missing whenever it is partial, and only then", () => {
    expect(said(came(1), [failed(down)]).missing).toMatch(/could not be loaded/);
    expect(said(came(1), [failed(down)], "The rest.").missing).toBe("The rest.");
    expect(said(failed(down, 1), [failed(down)], "The rest.").missing).toBeNull();
  });

  it("shows nothing as ready or empty while anything of it is old or unknown", () => {
    const looked = fc.oneof(
      fc.constant(waiting),
      fc.nat(2).map(came),
      fc.constantFrom(down, new Unreachable()).map((error) => failed(error)),
      fc.constantFrom(down, new Unreachable()).map((error) => failed(error, 1)),
    );
    fc.assert(
      fc.property(looked, fc.array(looked, { maxLength: 3 }), (main, others) => {
        const { state } = said(main, others);
        const isSure = state === "ready" || state === "empty";
        if (isSure) expect([main, ...others].every(({ error }) => error === null)).toBe(true);
        expect(state === "empty").toBe(isSure && main.data === 0);
      }),
    );
  });
});
