import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type Case, judgeCase, readCases, summary } from "./cases.ts";

const cases = readCases(join(import.meta.dirname, "cases"));

describe("the labelled cases", () => {
  it("are many, and each says the ground for its label in a name of its own", () => {
    expect(cases.length).toBeGreaterThanOrEqual(200);
    expect(new Set(cases.map((c) => c.name)).size).toBe(cases.length);
    for (const { name } of cases) expect(name.split(" ").length, name).toBeGreaterThanOrEqual(4);
  });

  it("are all right, in whatever order their records arrive", () => {
    const verdicts = cases.map(judgeCase);
    const wrong = verdicts.filter((v) => !v.isRight || v.isOrderDependent);
    expect(wrong).toEqual([]);
    expect(summary(verdicts)).toMatchObject({ precision: 1, recall: 1, orderDependent: 0 });
  });
});

describe("judging a case", () => {
  const event = { provider: "garmin", id: "1", type: "running", start: "2026-05-02T08:00:00Z" };
  const pair = (groups: string[][]): Case => ({
    name: "two mirrors",
    events: [
      { ...event, elapsed_s: 1800 },
      { ...event, provider: "strava", elapsed_s: 1800 },
    ],
    expect: { groups },
  });

  it("finds a wrong label out", () => {
    expect(judgeCase(pair([["garmin:1", "strava:1"]])).isRight).toBe(true);
    const wrong = judgeCase(pair([["garmin:1"], ["strava:1"]]));
    expect(wrong).toMatchObject({ isRight: false, pairs: { both: 0, found: 1, expected: 0 } });
  });

  it("calls a case without a readable time wrong, and goes on", () => {
    const broken = pair([["garmin:1", "strava:1"]]);
    const verdict = judgeCase({ ...broken, events: [{ ...event, start: "yesterday" }] });
    expect(verdict.isRight).toBe(false);
    expect(verdict.found).toContain("start is not RFC 3339");
  });

  it("reads an event without a revision as following the one before it", () => {
    const grows: Case = {
      name: "grows",
      events: [
        { ...event, elapsed_s: 600 },
        { ...event, deleted: true },
        { ...event, elapsed_s: 1800 },
      ],
      expect: { groups: [["garmin:1"]] },
    };
    expect(judgeCase(grows)).toMatchObject({ isRight: true, isOrderDependent: false });
    const gone = { ...grows, events: grows.events.slice(0, 2), expect: { groups: [] } };
    expect(judgeCase(gone).isRight).toBe(true);
  });
});
