/** What a member reads about each thing that was done to their data, or tried. */
import { describe, expect, it } from "vitest";
import { type DeedName, deeds } from "../../domain/audit.ts";
import type { ShownEntry } from "../../domain/ports.ts";
import { sentenceOf } from "../../domain/sentences.ts";

const consent = "AAAAAAAAAAAAAAAAAAAAAA";
const entry = (changes: Partial<ShownEntry> = {}): ShownEntry => {
  const deed = changes.deed ?? "read-readings";
  return {
    place: { log: 0, index: 7 },
    closedBy: 8,
    atMs: 1_794_700_000_000,
    deed,
    action: deeds[deed],
    actor: "m_1",
    actorName: "Cora",
    actorRole: "coach",
    member: "ab".repeat(16),
    columns: ["heart_rate"],
    purpose: "coaching",
    outcome: "permitted",
    ground: consent,
    rows: 1,
    ...changes,
  };
};
const told = (changes: Partial<ShownEntry>, isOwn = false) => sentenceOf(entry(changes), isOwn);
const names = Object.keys(deeds) as DeedName[];
const outcomes = ["permitted", "unchanged", "refused", "failed", "pending", "unknown", "nonsense"];

describe("a sentence", () => {
  it.each<[string, Partial<ShownEntry>, boolean]>([
    ["Cora (coach) looked at your heart rate (1 record) for coaching; you allow it.", {}, false],
    [
      "You looked at your heart rate and tracks (2 records) for coaching.",
      { columns: ["heart_rate", "track"], rows: 2, ground: "own" },
      true,
    ],
    [
      "Somebody with the role operator looked at your titles (3 records) in an emergency, by break-glass and without your consent.",
      {
        actorName: null,
        actorRole: "operator",
        columns: ["title"],
        rows: 3,
        purpose: "emergency",
        ground: "break-glass:x",
      },
      false,
    ],
    [
      "Somebody with the role operator used break-glass to open your data.",
      {
        deed: "break-glass",
        actorName: null,
        actorRole: "operator",
        columns: [],
        purpose: "",
        ground: "break-glass:x",
      },
      false,
    ],
    [
      "Cora (coach) tried to look at your heart rate for coaching and was refused: you have not allowed it.",
      { outcome: "refused", ground: "no-consent", rows: 0 },
      false,
    ],
    [
      "Cora (coach) tried to look at your heart rate for coaching and was refused: you forbid it.",
      { outcome: "refused", rows: 0 },
      false,
    ],
    [
      "You tried to link an account to yours and were refused: another member holds that account.",
      { deed: "connect", outcome: "refused", ground: "conflict", columns: [], purpose: "" },
      true,
    ],
    [
      "You delivered workouts or samples of yours.",
      { deed: "import", columns: [], purpose: "", ground: "own" },
      true,
    ],
    [
      "You looked at your activity, day by day (3 days).",
      { deed: "read-samples", columns: ["samples_activity"], rows: 3, ground: "own" },
      true,
    ],
    [
      "Cora (coach) looked at your activity, day by day (3 days) for coaching; you allow it.",
      { deed: "read-samples", columns: ["samples_activity"], rows: 3 },
      false,
    ],
    ["You became a member.", { deed: "enrol", columns: [], purpose: "" }, true],
    ["Cora (coach) made you a member.", { deed: "enrol", columns: [], purpose: "" }, false],
    [
      "Somebody opened a share of your resting heart rate and heart rate variability (SDNN) (7 days).",
      {
        ...{ deed: "open-share", actorName: null, actorRole: "", purpose: "", rows: 7 },
        ...{ columns: ["resting_heart_rate", "hrv_sdnn"], ground: `share:${consent}` },
      },
      false,
    ],
    [
      "Cora (coach) asked to look at your heart rate for coaching; what came of it is not known.",
      { outcome: "unknown", ground: "", rows: 0 },
      false,
    ],
  ])("%s", (sentence, changes, isOwn) => {
    expect(told(changes, isOwn)).toBe(sentence);
  });

  it.each(names)("is whole for %s, whoever did it and whatever came of it", (deed) => {
    for (const outcome of outcomes)
      for (const isOwn of [true, false])
        for (const actorName of ["Cora", null])
          for (const columns of [[], ["heart_rate"], ["constructor", "raw"]]) {
            const sentence = told({ deed, outcome, actorName, columns }, isOwn);
            expect(sentence).toMatch(
              /^(You|Cora \(coach\)|Somebody with the role coach) [^{}]+\.$/,
            );
            expect(sentence).not.toMatch(/undefined|function|[ ]{2}|,,|\.\./);
          }
  });

  it.each(names)("of %s says another thing for each outcome that is known", (deed) => {
    const said = outcomes.slice(0, 6).map((outcome) => told({ deed, outcome }));
    expect(new Set(said).size).toBe(said.length);
  });

  it("never repeats a column, a purpose or a ground that it does not know", () => {
    const odd = { columns: ["<b>"], purpose: "toString", ground: "valueOf" };
    for (const outcome of outcomes)
      expect(told({ ...odd, outcome })).not.toMatch(/<b>|toString|valueOf|native/);
  });

  it("names who is neither named nor in a role as somebody", () => {
    expect(told({ actorName: null, actorRole: "" })).toMatch(/^Somebody looked at /);
  });
});
