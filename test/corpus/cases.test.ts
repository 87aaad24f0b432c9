import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Case, CaseEvent } from "./case-form.ts";
import { judgeCase, readCases, summary } from "./cases.ts";

const cases = readCases(join(import.meta.dirname, "cases"));

describe("the labelled cases", () => {
  it("are many, and each says the ground for its label in a name of its own", () => {
    expect(cases.length).toBeGreaterThanOrEqual(200);
    const names = cases.map((c) => (c as Case).name);
    expect(new Set(names).size).toBe(cases.length);
    for (const name of names) expect(name.split(" ").length, name).toBeGreaterThanOrEqual(4);
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
    const verdict = judgeCase({
      ...broken,
      events: broken.events.map((e) => ({ ...e, start: "yesterday" })),
    });
    expect(verdict.isRight).toBe(false);
    expect(verdict.found).toContain("start is not RFC 3339");
  });

  it.each<[string, (event: CaseEvent) => unknown, string]>([
    [
      "a negative time",
      (e) => ({ ...e, elapsed_s: -1 }),
      "event 0 has a negative number as elapsed_s",
    ],
    [
      "an endless time",
      (e) => ({ ...e, elapsed_s: Number.POSITIVE_INFINITY }),
      "event 0 has no finite number as elapsed_s",
    ],
    [
      "a time that is text",
      (e) => ({ ...e, elapsed_s: "9" }),
      "event 0 has no finite number as elapsed_s",
    ],
    [
      "a negative distance",
      (e) => ({ ...e, distance_m: -1 }),
      "event 0 has a negative number as distance_m",
    ],
    ["no provider", (e) => ({ ...e, provider: undefined }), "event 0 has no provider"],
    ["an empty id", (e) => ({ ...e, id: "" }), "event 0 has no id"],
    ["no object", () => null, "event 0 is no object"],
    ["a distance beyond all", (e) => ({ ...e, distance_m: 1e15 }), "distanceMm: "],
  ])("calls a case wrong for an event with %s, in one line", (_, change, why) => {
    const [first, second] = pair([]).events;
    const events = [change(first as CaseEvent), second];
    const label = { groups: [["garmin:1", "strava:1"]] };
    const verdict = judgeCase({ name: "odd", events, expect: label });
    expect(verdict).toMatchObject({ name: "odd", isRight: false, pairs: { expected: 1 } });
    expect(verdict.found).toContain(`unreadable: ${why}`);
    expect(verdict.found).not.toContain("\n");
  });

  it("expects a record that no label names to be a workout by itself", () => {
    const [one, two] = [pair([["garmin:1", "strava:1"]]), pair([["garmin:1"]])];
    expect(judgeCase(one).isRight).toBe(true);
    expect(judgeCase(two)).toMatchObject({ isRight: false, expected: "garmin:1 | strava:1" });
  });

  it.each<[string, string[][], string]>([
    [
      "a record that no event has",
      [["garmin:1", "strava:1"], ["polar:1"]],
      "expects polar:1, which",
    ],
    ["a record twice", [["garmin:1", "strava:1"], ["garmin:1"]], "expects garmin:1 twice"],
  ])("calls a case wrong that expects %s", (_, groups, why) => {
    const verdict = judgeCase(pair(groups));
    expect(verdict.isRight).toBe(false);
    expect(verdict.found).toContain(`unreadable: ${why}`);
    expect(summary([verdict])).toMatchObject({ cases: 1, right: 0 });
  });

  it.each<[unknown]>([
    [null],
    [5],
    [[]],
    [{}],
    [{ name: "n" }],
    [{ name: "n", events: {}, expect: { groups: [] } }],
    [{ name: "n", events: [event] }],
    [{ name: "n", events: [event], expect: { groups: ["garmin:1"] } }],
  ])("calls what is no case wrong, and goes on: %j", (given) => {
    expect(judgeCase(given)).toMatchObject({ isRight: false, pairs: { both: 0, found: 0 } });
    expect(judgeCase(given).found).toMatch(/^unreadable: /);
  });

  it("reads ids that are numbers, and null as not stated", () => {
    const { events } = pair([]);
    const numbered = events.map((e) => ({ ...e, id: 1, distance_m: null, moving_s: null }));
    const groups = [["garmin:1", "strava:1"]];
    expect(judgeCase({ events: numbered, expect: { groups } }).isRight).toBe(true);
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

describe("the command", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "singlet-corpus-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  interface Ran {
    readonly code: number;
    readonly out: string;
    readonly err: string;
  }
  const run = (...args: string[]): Promise<Ran> =>
    new Promise((resolve) => {
      const main = join(import.meta.dirname, "main.ts");
      execFile(process.execPath, [main, ...args], (error, out, err) => {
        resolve({ code: error === null ? 0 : Number(error.code), out, err });
      });
    });
  const file = async (name: string, text: string): Promise<string> => {
    await writeFile(join(folder, name), text);
    return join(folder, name);
  };

  it("says in one line why nothing was judged, and exits with 2", async () => {
    const cut = await file("cut.json", '[\n  { "name": "cut",');
    const words = await file("words.json", "no JSON\nat all");
    const object = await file("object.json", "{}");
    for (const [args, why] of [
      [["--file", cut], `${cut} is not JSON: `],
      [["--file", words], `${words} is not JSON: `],
      [["--file", object], `${object} is not an array of cases.`],
      [["--file", join(folder, "none.json")], "There is no "],
      [["--files", join(folder, "none")], "There is no "],
      [["--nothing"], "Unknown option '--nothing'. --help lists the options."],
      [["--file"], "Option '--file <value>' argument missing"],
      [["words"], "Unexpected argument 'words'"],
    ] as const) {
      const { code, out, err } = await run(...args);
      expect([code, out], err).toEqual([2, ""]);
      expect(err).toContain(why);
      expect(err.trimEnd().split("\n"), err).toHaveLength(1);
    }
  });

  it("judges the other cases beside one that cannot be read, and exits with 1", async () => {
    const start = "2026-05-02T08:00:00Z";
    const run1 = { provider: "garmin", id: "1", type: "running", start, elapsed_s: 1800 };
    const good = { name: "good", events: [run1], expect: { groups: [["garmin:1"]] } };
    const bad = { ...good, name: "bad", events: [{ ...run1, elapsed_s: -1 }] };
    const mixed = await file("mixed.json", JSON.stringify([bad, null, good]));
    const { code, out } = await run("--file", mixed);
    expect(code).toBe(1);
    expect(out).toContain("WRONG bad\n");
    expect(out).toContain("unreadable: event 0 has a negative number as elapsed_s");
    expect(out).toContain('RESULT {"cases":3,"right":1,');
    const fine = await run("--file", await file("fine.json", JSON.stringify([good])));
    expect(fine.code).toBe(0);
  });
});
