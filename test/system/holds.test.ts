/** What nobody can have done stays in its owner's list and off the boards, until it is cleared. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually, pushActivities, syncPhone, until } from "../../local/deliveries.ts";
import { enrol, type Person } from "../../local/people.ts";
import type { System } from "../../local/system.ts";
import { appleWorkout, garminActivity, type Ride } from "../fakes/rides.ts";
import { startMs, week } from "./same-ride.ts";
import {
  type Athlete,
  as,
  athlete,
  type OwnSystem,
  ownSystem,
  scoreOn,
  workoutsOf,
} from "./support.ts";

let own: OwnSystem;
let system: System;
let operator: Person;
beforeAll(async () => {
  own = await ownSystem();
  system = own.system;
  operator = await enrol(system, "operator", "The operator", ["operator"]);
});
afterAll(() => own.end());

/** As a recorded ride really said: its distance in its time is 150 km/h, its own average 10. */
const impossible = { elapsedSeconds: 2432, distanceM: 101_529 };
const impossibleMm = 101_529_000;
const statedSpeed = { averageSpeedInMetersPerSecond: 2.87 };
const honestMm = 20_000_000;

/** On the board with an honest ride, and then with an impossible one the day after. */
async function cyclist(key: string): Promise<[Athlete, Held]> {
  const who = await athlete(system, key);
  const honest: Ride = {
    account: who.garmin,
    id: "41500100200",
    startMs,
    elapsedSeconds: 3600,
    distanceM: honestMm / 1000,
    everySeconds: 60,
  };
  const next = { ...honest, ...impossible, id: "41500100201", startMs: nextDayMs };
  await pushActivities(system, garminActivity(honest));
  await pushActivities(system, { ...garminActivity(next), ...statedSpeed });
  const found = await until(
    () => workoutsOf(system, who),
    (w) => w.length === 2,
  );
  if (found === undefined) throw new Error("the rides are not there");
  return [who, found[0]];
}
const nextDayMs = startMs + 86_400_000;

interface Held {
  readonly id: string;
  readonly held: readonly { readonly rule: string; readonly because: string }[];
  readonly distanceMm: { readonly value: number };
  readonly scored: { readonly distanceMm: number };
}

const scores = async (who: Person) => ({
  distance: await scoreOn(system, "distance", week, who.id),
  rides: await scoreOn(system, "distance-ride", week, who.id),
  count: await scoreOn(system, "count", "all", who.id),
});
/** What the boards come to say, once they do. */
const settle = async (who: Person, distance: number, count: number) => {
  const wanted = { distance, rides: distance, count };
  const isSo = (s: object) => JSON.stringify(s) === JSON.stringify(wanted);
  expect(await eventually(() => scores(who), isSo)).toEqual(wanted);
};
const holdsPath = (who: Person, rest = "") => `/v1/ops/holds/${who.id}${rest}`;

describe("an implausible ride", () => {
  it("is in its member's list with the reasons, and on no board", async () => {
    const [who, ride] = await cyclist("held");
    expect(ride.distanceMm.value).toBe(impossibleMm);
    expect(ride.held.map((h) => h.rule)).toEqual(["too-fast", "speed-disagrees"]);
    for (const { because } of ride.held) expect(because).toMatch(/150\.3 km\/h.+\.$/);
    await settle(who, honestMm, 1);
    const shown = await as(system, who).get(`/v1/workouts/${ride.id}`);
    expect(shown.body.held).toEqual(ride.held);
  });

  it("counts once an operator clears it, and no more once that is taken back", async () => {
    const [who, ride] = await cyclist("cleared");
    const { get, post, remove } = as(system, operator);
    const listed = await get(holdsPath(who));
    expect(listed.body).toEqual({ items: [ride], next: null });
    const cleared = await post(holdsPath(who, `/${ride.id}/clear`));
    expect(cleared.status).toBe(200);
    expect(cleared.body.workouts).toMatchObject([{ id: ride.id, held: [] }]);
    await settle(who, honestMm + impossibleMm, 2);
    expect((await get(holdsPath(who))).body.items).toEqual([]);
    expect((await post(holdsPath(who, `/${ride.id}/clear`))).status).toBe(404);
    const mine = as(system, who);
    expect((await mine.get("/v1/decisions")).body.items).toMatchObject([
      { id: cleared.body.decision, decision: "clear" },
    ]);
    expect((await mine.remove(`/v1/decisions/${cleared.body.decision}`)).status).toBe(404);
    const again = await remove(holdsPath(who, `/${cleared.body.decision}`));
    expect(again.body.workouts).toEqual([ride]);
    await settle(who, honestMm, 1);
    expect((await remove(holdsPath(who, `/${cleared.body.decision}`))).status).toBe(404);
  });

  it("is held again when its source changes what was cleared to another record's value", async () => {
    const [who, ride] = await cyclist("other-value");
    await as(system, operator).post(holdsPath(who, `/${ride.id}/clear`));
    await settle(who, honestMm + impossibleMm, 2);
    const faster = { account: who.garmin, ...impossible, id: "41500100209" };
    const longer = { ...faster, startMs: nextDayMs - 10_000, elapsedSeconds: 2500 };
    const key = "a phone's own";
    await syncPhone(system, who, key, [
      appleWorkout({ ...longer, id: phoneId, distanceM: 200_000, everySeconds: 60 }),
    ]);
    await settle(who, honestMm, 1);
    const [now] = await workoutsOf(system, who);
    expect(now.sources).toHaveLength(2);
    expect(now.held).toMatchObject([{ rule: "too-fast" }]);
  });

  it("is cleared by a better source, and by nobody", async () => {
    const who = await athlete(system, "better");
    const ride = { account: who.garmin, id: "41500100210", startMs, ...impossible };
    const typed = { ...garminActivity({ ...ride, manual: true }), ...statedSpeed };
    await pushActivities(system, typed);
    const held = await until(
      () => workoutsOf(system, who),
      (w) => w.length === 1,
    );
    expect(held?.[0].held).not.toEqual([]);
    expect(await scores(who)).toEqual({ distance: null, rides: null, count: null });
    const measured = { ...ride, id: phoneId, startMs: startMs + 4000, distanceM: 10_153 };
    await syncPhone(system, who, "measured", [appleWorkout(measured)]);
    await settle(who, 10_153_000, 1);
    const [now] = await workoutsOf(system, who);
    expect(now).toMatchObject({ held: [], distanceMm: { value: 10_153_000 } });
    expect(now.sources).toHaveLength(2);
    const decisions = await as(system, who).get("/v1/decisions");
    expect(decisions.body.items).toEqual([]);
    expect((await as(system, operator).get(holdsPath(who))).body.items).toEqual([]);
  });
});
const phoneId = "4F3C1E52-4B0C-4C39-9E55-0B0C4F0F1E77";

describe("clearing", () => {
  it("is an operator's alone: members, coaches and auditors are refused", async () => {
    const [who, ride] = await cyclist("guarded");
    const coach = await enrol(system, "coach", "The coach", ["coach"]);
    const auditor = await enrol(system, "auditor", "The auditor", ["auditor"]);
    for (const caller of [who, coach, auditor]) {
      const { get, post, remove } = as(system, caller);
      const answers = [
        await get(holdsPath(who)),
        await post(holdsPath(who, `/${ride.id}/clear`)),
        await remove(holdsPath(who, `/${ride.id}`)),
      ];
      for (const { status, body } of answers)
        expect([status, body.type]).toEqual([403, "urn:singlet:problem:forbidden"]);
    }
    await settle(who, honestMm, 1);
  });

  it("is of what is held: an honest ride, a split or nobody's ride is not found", async () => {
    const [who, ride] = await cyclist("not-held");
    const other = await athlete(system, "somebody");
    const { get, post, remove } = as(system, operator);
    const [, honest] = await workoutsOf(system, who);
    for (const id of [honest.id, "w_nothing"])
      expect((await post(holdsPath(who, `/${id}/clear`))).status).toBe(404);
    expect((await post(holdsPath(other, `/${ride.id}/clear`))).status).toBe(404);
    const nobody = { ...who, id: `m_${"0".repeat(32)}` };
    expect((await get(holdsPath(nobody))).status).toBe(404);
    expect((await post(holdsPath(nobody, `/${ride.id}/clear`))).status).toBe(404);
    const joined = await as(system, who).post("/v1/workouts/join", {
      workouts: [ride.id, honest.id],
    });
    expect(joined.status).toBe(200);
    expect((await remove(holdsPath(who, `/${joined.body.decision}`))).status).toBe(404);
  });
});
