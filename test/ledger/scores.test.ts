/** The one row that boards are told of a member: what is in it, and when it is told. */
import { describe, expect, test } from "vitest";
import type { ChallengeRules } from "../../domain/challenges.ts";
import type { MemberSettings, OpenFact, ScoreRow } from "../../domain/ports.ts";
import { msPerDay } from "../../domain/time.ts";
import { workouts } from "../../domain/workouts/stream.ts";
import { record } from "../../kernel/record.ts";
import { fromGoogle, hour, minute, morning, workout } from "../domain/workouts/facts.ts";
import { retracts } from "../kernel/statements.ts";
import { settings as resolving } from "../kernel/worlds.ts";
import { type Awake, asleep } from "./wakes.ts";

/** A day after the morning that everything happens around. */
const nowMs = morning + msPerDay;
const ride = workout({ id: "ride", distanceMm: 30_000_000 });
const next = workout({ id: "next", at: morning + 5 * hour, distanceMm: 12_000_000 });
const run = workout({ id: "run", type: "running", at: morning - msPerDay, distanceMm: 7_000_000 });
const old = workout({ id: "old", at: morning - 200 * msPerDay });

const challenge: ChallengeRules = {
  ...{ id: "c1", measure: "distance", families: ["ride"], from: "2026-11-14", to: "2026-11-14" },
  ...{ dayMax: 40_000_000, least: null, verifiedOnly: false },
};

const shows = (more: Partial<MemberSettings>): MemberSettings => ({
  ...{ version: 1, zones: [], onBoards: true, ...more },
});
const opened = (settings: MemberSettings, ...facts: OpenFact[]) => {
  const ledger = asleep();
  const at = ledger.wake();
  at.state.write(() => {
    at.state.keep({ settings });
    record(at.tables, workouts, resolving, facts);
  });
  return { ledger, at };
};
const due = ({ tables }: Awake): ScoreRow | null => tables.scores.unpublishedRow(nowMs);
const tell = (at: Awake): ScoreRow | null => {
  const row = due(at);
  if (row !== null) at.tables.scores.publishedRow(row.version);
  return row;
};

describe("the row of a member on boards", () => {
  test("has every open period, by key, with the time of the last thing counted, and no other", () => {
    const { at } = opened(shows({}), ride, next, run, old);
    const row = tell(at);
    expect(Object.keys(row?.periods ?? {}).sort()).toEqual(["2026-11", "2026-W46", "all"]);
    expect(row?.periods["2026-11"]).toEqual({
      all: [49_000_000, 3 * hour, 3, next.at],
      ride: [42_000_000, 2 * hour, 2, next.at],
      run: [7_000_000, hour, 1, run.at],
    });
    expect(row).toMatchObject({ member: "mem_1", unshown: {} });
    expect(due(at)).toBeNull();
  });

  test("is not told again while it stays the same, also after an eviction", () => {
    const { ledger, at } = opened(shows({}), ride);
    expect(tell(at)).not.toBeNull();
    const copy = workout({ id: "copy", ...fromGoogle, method: "phone", at: morning + minute });
    at.state.write(() => record(at.tables, workouts, resolving, [copy]));
    expect(at.tables.scores.isOwed).toBe(true);
    expect(due(at)).toBeNull();
    expect(at.tables.scores.isOwed).toBe(false);
    at.state.save();
    const later = ledger.wake();
    later.state.write(() => later.tables.scores.changed());
    expect(due(later)).toBeNull();
    later.state.write(() => later.tables.scores.tellAgain());
    expect(tell(later)).not.toBeNull();
  });

  test("is told again when it changed while it was told, and when that was asked meanwhile", () => {
    const { at } = opened(shows({}), ride);
    const first = due(at);
    at.state.write(() => record(at.tables, workouts, resolving, [next]));
    at.tables.scores.publishedRow(first?.version ?? 0);
    const second = due(at);
    expect(second?.periods.all?.all?.[0]).toBe(42_000_000);
    at.state.write(() => at.tables.scores.tellAgain());
    at.tables.scores.publishedRow(second?.version ?? 0);
    expect(tell(at)?.periods).toEqual(second?.periods);
    expect(due(at)).toBeNull();
  });

  test("is told again when it is as it was, where what lay between may have been told", () => {
    const { ledger, at } = opened(shows({}), ride);
    tell(at);
    at.state.save();
    at.state.write(() => record(at.tables, workouts, resolving, [next]));
    expect(tell(at)).not.toBeNull();
    // Nothing wrote down that they were told.
    const woken = ledger.wake();
    woken.state.write(() => record(woken.tables, workouts, resolving, [retracts("next", 2)]));
    expect(tell(woken)?.periods.all?.all?.[0]).toBe(30_000_000);
  });

  test("is empty also for boards that had it and never said so", () => {
    for (const isEvicted of [false, true]) {
      const first = opened(shows({}), ride);
      expect(due(first.at)).not.toBeNull();
      const at = isEvicted ? first.ledger.wake() : first.at;
      at.state.write(() => {
        at.state.keep({ settings: shows({ version: 2, onBoards: false }) });
        at.tables.scores.changed();
      });
      expect(tell(at)).toMatchObject({ periods: {}, unshown: {} });
      expect(due(at)).toBeNull();
    }
  });

  test("is empty once everything is retracted, and once they are forgotten", () => {
    const { at } = opened(shows({}), ride);
    tell(at);
    at.state.write(() => record(at.tables, workouts, resolving, [retracts("ride", 2)]));
    expect(tell(at)).toMatchObject({ periods: {}, unshown: {} });
    at.state.write(() => record(at.tables, workouts, resolving, [next]));
    expect(Object.keys(tell(at)?.periods ?? {})).toHaveLength(3);
    at.state.write(() => {
      at.state.keep({ isForgotten: true });
      at.tables.forget(0);
    });
    expect(tell(at)).toMatchObject({ periods: {}, unshown: {} });
  });
});

describe("the row of a member who is not on boards", () => {
  test("is never told, unless there was one", () => {
    const { at } = opened(shows({ onBoards: false }), ride);
    expect(due(at)).toBeNull();
    const settings = shows({ version: 2 });
    const follow = (to: MemberSettings) =>
      at.state.write(() => {
        at.state.keep({ settings: to });
        at.tables.scores.changed();
      });
    follow(settings);
    expect(tell(at)).not.toBeNull();
    follow(shows({ version: 3, onBoards: false }));
    expect(tell(at)).toMatchObject({ periods: {}, unshown: {} });
  });

  test("but in a team has what counts for that, and shows nothing", () => {
    const { at } = opened(shows({ onBoards: false, inTeams: true }), ride, run);
    const row = tell(at);
    expect(row?.periods).toEqual({});
    expect(row?.unshown.all).toEqual({ all: [37_000_000, 2 * hour, 2, ride.at] });
  });

  test("but in a challenge has that one alone", () => {
    const { at } = opened(shows({ onBoards: false, challenges: [challenge] }), ride, next, run);
    expect(tell(at)?.periods).toEqual({ "challenge/c1": { all: [40_000_000, next.at] } });
    const other = workout({ id: "other", at: morning + 3 * msPerDay });
    at.state.write(() => record(at.tables, workouts, resolving, [other]));
    expect(due(at)).toBeNull();
  });
});
