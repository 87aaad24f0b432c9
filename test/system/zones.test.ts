/** A ride whose source states no local clock counts where its member lived, also when that changes. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { addDays, daysOfPeriod, localDate, weekOf } from "../../domain/time.ts";
import { eventually, syncPhone } from "../../local/deliveries.ts";
import { call } from "../../local/people.ts";
import { appleWorkout } from "../fakes/rides.ts";
import {
  type Athlete,
  athlete,
  type OwnSystem,
  ownSystem,
  scoreOn,
  workoutsOf,
} from "./support.ts";

let own: OwnSystem;
let who: Athlete;
beforeAll(async () => {
  own = await ownSystem();
  who = await athlete(own.system, "zones");
});
afterAll(() => own.end());

const put = (body: object) => call(own.system.url, "PUT", "/v1/me", { token: who.token, body });
/** The Monday of this week and the Sunday before it, whenever this runs: older weeks close. */
const monday = daysOfPeriod(weekOf(localDate(Date.now(), 0))).from;
const sunday = addDays(monday, -1);
/** Monday already where its member lives, and Sunday still in New York. */
const startMs = Date.parse(`${sunday}T23:30:00Z`);
const weeks = async () => [
  await scoreOn(own.system, "count", weekOf(sunday), who.id),
  await scoreOn(own.system, "count", weekOf(monday), who.id),
];
const settles = (before: number | null, now: number | null) =>
  eventually(weeks, ([b, n]) => b === before && n === now);

/** What stands in the archive on a day, by what was published last. */
async function standsOn(day: string): Promise<boolean> {
  const { mf } = own.system.runtime;
  const warehouse = await mf.getD1Database("WAREHOUSE", "singlet-edge");
  const bucket = await mf.getR2Bucket("ARCHIVE", "singlet-archive");
  const { results } = await warehouse
    .prepare("SELECT object FROM landed")
    .all<{ object: string }>();
  const lines: { seq: number; day: string; statement: object }[] = [];
  for (const { object } of results)
    for (const line of (await (await bucket.get(object))?.text())?.trim().split("\n") ?? [])
      lines.push(JSON.parse(line));
  const that = lines.filter((line) => line.day === day);
  const last = that.sort((a, b) => a.seq - b.seq).at(-1);
  return last !== undefined && !("retracted" in last.statement);
}

describe("a ride without a stated offset", () => {
  it("moves with its member's zone, there and back, on boards and in the archive", async () => {
    const workout = appleWorkout({
      account: "",
      id: "2F3C1E52-4B0C-4C39-9E55-0B0C4F0F1E77",
      startMs,
      elapsedSeconds: 1800,
      distanceM: 8000,
    });
    await syncPhone(own.system, who, "zones-1", [{ ...workout, metadata: {} }]);
    expect(await settles(null, 1)).toEqual([null, 1]);
    expect((await workoutsOf(own.system, who))[0].offsetFrom).toBe("zone");
    expect((await put({ zone: "America/New_York" })).status).toBe(200);
    expect(await settles(1, null)).toEqual([1, null]);
    expect((await put({ zone: "Europe/Amsterdam" })).status).toBe(200);
    expect(await settles(null, 1)).toEqual([null, 1]);
    const archived = async () => [await standsOn(sunday), await standsOn(monday)];
    const hasLanded = ([before, now]: boolean[]) => !before && now === true;
    expect(await eventually(archived, hasLanded)).toEqual([false, true]);
    const lived = await put({
      zone: "America/New_York",
      zoneFrom: new Date(startMs + 3_600_000).toISOString(),
    });
    expect(lived.body.zones).toHaveLength(2);
    expect(await weeks()).toEqual([null, 1]);
  });
});
