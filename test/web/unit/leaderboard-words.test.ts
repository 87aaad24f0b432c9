/** What the leaderboard's pages reckon by themselves, without a browser. */
import { describe, expect, it } from "vitest";
import {
  gaps,
  laterInTies,
  movement,
  place,
  type Standing,
} from "../../../web/pages/leaderboard/amounts.ts";
import { draftOf, type Filled } from "../../../web/pages/leaderboard/challenge-draft.ts";
import {
  choiceOf,
  periodName,
  searchOf,
  stepsFrom,
} from "../../../web/pages/leaderboard/choice.ts";
import { clockOf, countdownOf, midnightMs } from "../../../web/pages/leaderboard/countdown.ts";
import {
  countedOf,
  isLookedThrough,
  type Workout,
} from "../../../web/pages/leaderboard/counting.ts";
import { codeIn, invitation, parseInvitation } from "../../../web/pages/leaderboard/invitation.ts";

/** A Sunday, of the week 2026-W47. */
const nowMs = Date.parse("2026-11-22T12:00:00Z");
const asked = (text: string) => choiceOf(new URLSearchParams(text), nowMs);
const standing = (member: string, score: number): Standing => ({
  ...{ rank: 1, member, name: member.toUpperCase(), score, at: "2026-11-20T10:00:00Z" },
});

describe("a choice", () => {
  it("stands in the address and comes back from it, the common one without a word", () => {
    expect(searchOf(asked(""), nowMs)).toBe("");
    for (const text of [
      "?board=count-run&period=2026-10&among=friends",
      "?board=moving_time&period=all",
      "?period=2026-W40&among=t_0123",
    ])
      expect(searchOf(asked(text), nowMs)).toBe(text);
  });

  it("is the common one where an address says what cannot be", () => {
    for (const text of ["board=Heart rate!", "board=fame", "period=2026-W99", "among=a b"])
      expect(searchOf(asked(text), nowMs), text).toBe("");
  });

  it("steps back as far as one likes, and on to nothing that has not begun", () => {
    expect(stepsFrom("2026-W47", nowMs)).toEqual({ back: "2026-W46", on: null });
    expect(stepsFrom("2026-W46", nowMs)).toEqual({ back: "2026-W45", on: "2026-W47" });
    expect(stepsFrom("2026-11", nowMs)).toEqual({ back: "2026-10", on: null });
    expect(stepsFrom("all", nowMs)).toEqual({ back: null, on: null });
  });

  it("names a period as people do", () => {
    const names = ["2026-W47", "2026-W46", "2026-W45", "2026-11", "2026-10", "all"];
    expect(names.map((period) => periodName(period, nowMs))).toEqual([
      ...["This week", "Last week", "Week 45", "This month", "Last month", "All time"],
    ]);
  });
});

describe("a place", () => {
  it("is said in words, and its movement in a sign and words", () => {
    expect([1, 2, 3, 4, 11, 22, 103].map(place)).toEqual([
      ...["1st", "2nd", "3rd", "4th", "11th", "22nd", "103rd"],
    ]);
    expect([2, 1, 0, -3, null].map((moved) => movement(moved)?.said ?? "")).toEqual([
      ...["up 2 places", "up 1 place", "same place", "down 3 places", ""],
    ]);
  });

  it("says how far the next are, and who was first where scores are the same", () => {
    const items = [standing("a", 9_000_000), standing("b", 5_000_000), standing("c", 5_000_000)];
    expect(gaps(items, "b", "mm")).toEqual([
      "4.00 km behind A",
      "Level with C: you were there first",
    ]);
    expect(gaps(items, "c", "mm")).toEqual(["Level with B, who was there first"]);
    expect(gaps(items, "d", "mm")).toEqual([]);
    expect([...laterInTies(items)]).toEqual(["c"]);
  });
});

describe("a countdown", () => {
  const lasts = { from: "2026-11-20", to: "2026-11-24", state: "running" } as const;

  it("runs to the first midnight and then to the end of the last day, where one is", () => {
    const beginMs = midnightMs(lasts.from);
    expect(countdownOf(lasts, beginMs - 5_000)).toEqual({ to: "begin", ms: 5_000 });
    expect(countdownOf(lasts, midnightMs("2026-11-25") - 1_000)).toEqual({ to: "end", ms: 1_000 });
    expect(countdownOf(lasts, midnightMs("2026-11-25"))).toEqual({ to: "elsewhere" });
    for (const state of ["over", "final", "ended"] as const)
      expect(countdownOf({ ...lasts, state }, beginMs)).toBeNull();
  });

  it("is told by days and the clock", () => {
    expect([0, 61_000, 86_400_000, 3 * 86_400_000 + 3_661_000].map(clockOf)).toEqual([
      ...["00:00:00", "00:01:01", "1 day 00:00:00", "3 days 01:01:01"],
    ]);
  });
});

describe("what counts", () => {
  const scored = {
    ...{ type: "cycling", start: "2026-11-18T08:00:00+01:00", elapsedMs: 1, movingMs: 7 },
    ...{ distanceMm: 5, energyMcal: null, elevationGainMm: null, verified: true },
  };
  const ride = { day: "2026-11-18", type: "cycling", held: [], scored } as unknown as Workout;
  const looked = { measure: "distance", family: "all", period: "2026-W47" } as const;

  it("is what others may see of a workout, of the board's activity and in its days", () => {
    expect(countedOf(ride, looked)).toMatchObject({ n: 5, why: null });
    expect(countedOf(ride, { ...looked, measure: "moving_time", family: "ride" })?.n).toBe(7);
    expect(countedOf(ride, { ...looked, measure: "count" })?.n).toBe(1);
    expect(countedOf(ride, { ...looked, family: "run" })).toBeUndefined();
    expect(countedOf(ride, { ...looked, period: "2026-W46" })).toBeUndefined();
    const drive = { ...ride, scored: { ...scored, type: "passive" } };
    expect(countedOf(drive, looked)).toBeUndefined();
  });

  it("says why a workout of the period does not", () => {
    const held = [{ rule: "fast", because: "faster than anybody." }];
    expect(countedOf({ ...ride, held }, looked)).toMatchObject({
      ...{ n: 0, why: "Held back: faster than anybody." },
    });
    expect(countedOf({ ...ride, scored: null }, looked)?.why).toContain("nobody but you");
  });

  it("was looked through once a workout is from before the period, or there are no more", () => {
    const of = (day: string) => [{ day }];
    expect(isLookedThrough(of("2026-11-16"), "2026-W47", true)).toBe(false);
    expect(isLookedThrough(of("2026-11-15"), "2026-W47", true)).toBe(false);
    expect(isLookedThrough(of("2026-11-14"), "2026-W47", true)).toBe(true);
    expect(isLookedThrough(of("2026-11-16"), "2026-W47", false)).toBe(true);
  });
});

describe("an invitation", () => {
  it("carries its code behind the #, and is read whole or not at all", () => {
    const link = invitation("https://x.test", "/leaderboard/teams/t_1", "AB CD/é");
    expect(new URL(link).search).toBe("");
    expect(parseInvitation(` ${link}\n`)).toEqual({ id: "t_1", code: "AB CD/é" });
    for (const text of [
      "",
      "AB CD",
      "https://x.test/leaderboard/teams/t_1",
      "/leaderboard/teams/t_1#",
    ])
      expect(parseInvitation(text), text).toBeNull();
    expect(codeIn("#%E0%A4%A")).toBe("");
  });
});

describe("a challenge's draft", () => {
  const filled: Filled = {
    ...{ name: " Ride ", measure: "distance", families: ["ride"], from: "2026-11-20" },
    ...{ to: "2026-11-22", dayMax: "30,5", least: "", verifiedOnly: false },
    ...{ joining: "everybody", team: "t_1" },
  };

  it("is in the API's units, without a team where none is asked for", () => {
    expect(draftOf(filled)).toMatchObject({ name: "Ride", dayMax: 30_500_000, least: null });
    expect(draftOf(filled)).not.toHaveProperty("team");
    const hours = draftOf({ ...filled, measure: "moving_time", dayMax: "1.5", joining: "team" });
    expect(hours).toMatchObject({ dayMax: 5_400_000, team: "t_1" });
    expect(draftOf({ ...filled, dayMax: "much" }).dayMax).toBeNull();
  });
});
