/** The edge's own deeds: nothing is done that is not in the log, and what came of it is said. */
import { describe, expect, it } from "vitest";
import type { Outcome } from "../../domain/audit.ts";
import type { AuditPort, DeedAsked, Refusal } from "../../domain/ports.ts";
import { entered, outcomeOf } from "../../workers/edge/audit.ts";
import { problem, problemNames, problemStatus } from "../../workers/edge/problem.ts";

const place = { log: 3, index: 41 };
const asked: DeedAsked = { deed: "split", member: null, columns: [], purpose: "" };

/** What happened, in order. */
type Step = "begin" | "act" | readonly ["end", Outcome];

function world(faults: { begin?: Refusal | Error; end?: Error } = {}) {
  const steps: Step[] = [];
  const log: Pick<AuditPort, "begin" | "end"> = {
    begin: async (token, deed) => {
      expect([token, deed]).toEqual(["a token", asked]);
      steps.push("begin");
      if (faults.begin instanceof Error) throw faults.begin;
      return faults.begin ?? place;
    },
    end: async (at, outcome) => {
      expect(at).toEqual(place);
      steps.push(["end", outcome]);
      if (faults.end !== undefined) throw faults.end;
    },
  };
  const entering = {
    log,
    token: "a token",
    requestId: "r",
    asked,
    ground: "own",
    fail: (name: Parameters<typeof problem>[0]) => problem(name, "r"),
  };
  const act = (answer: () => Response) => () => {
    steps.push("act");
    return Promise.resolve().then(answer);
  };
  const run = (answer: () => Response) => entered(entering, act(answer));
  return { steps, run };
}
const outcome = (said: string, ground: string) =>
  ["end", { outcome: said, ground, rows: 0 }] as const;
const unavailable = () => Object.assign(new Error("vault.log: gone"), { name: "Unavailable" });

describe("a deed of the edge's", () => {
  it("is done between its intent and its outcome", async () => {
    const { steps, run } = world();
    const answer = new Response("done");
    expect(await run(() => answer)).toBe(answer);
    expect(steps).toEqual(["begin", "act", outcome("permitted", "own")]);
  });

  it.each([
    ["too-many", 429, "60"],
    ["unauthenticated", 401, null],
    ["busy", 503, "2"],
  ] as const)("is not done when the log says %s", async (refused, status, retryAfter) => {
    const { steps, run } = world({ begin: { refused } });
    const answer = await run(() => new Response("done"));
    expect([answer.status, answer.headers.get("retry-after")]).toEqual([status, retryAfter]);
    expect(steps).toEqual(["begin"]);
  });

  it("is not done when the log cannot be reached", async () => {
    const { steps, run } = world({ begin: unavailable() });
    await expect(run(() => new Response("done"))).rejects.toThrow("vault.log");
    expect(steps).toEqual(["begin"]);
  });

  it.each([
    ["unavailable", unavailable()],
    ["internal", new TypeError("a bug")],
  ] as const)("that fails is said to: %s", async (ground, error) => {
    const { steps, run } = world();
    const failing = () => {
      throw error;
    };
    await expect(run(failing)).rejects.toBe(error);
    expect(steps).toEqual(["begin", "act", outcome("failed", ground)]);
  });

  it("that was done is answered so when its outcome cannot be added", async () => {
    const { steps, run } = world({ end: unavailable() });
    expect((await run(() => new Response("done"))).status).toBe(200);
    expect(steps).toHaveLength(3);
  });
});

describe("an outcome", () => {
  it.each(problemNames)("is named after its problem: %s", (name) => {
    const said = problemStatus(name) >= 500 ? "failed" : "refused";
    const answer = problem(name, "r");
    expect(outcomeOf(answer, "own")).toEqual({ outcome: said, ground: name, rows: 0 });
  });

  it("is named after its status when it is no problem", () => {
    const of = (status: number) => outcomeOf(new Response(null, { status }), "operator");
    expect(of(201)).toEqual({ outcome: "permitted", ground: "operator", rows: 0 });
    expect(of(418)).toEqual({ outcome: "refused", ground: "status-418", rows: 0 });
    expect(of(502)).toEqual({ outcome: "failed", ground: "status-502", rows: 0 });
  });
});
