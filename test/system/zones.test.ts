/** A ride whose source states no local clock counts where its member lived, also when that changes. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
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
const months = async () => [
  await scoreOn(own.system, "count", "2026-08", who.id),
  await scoreOn(own.system, "count", "2026-09", who.id),
];
const settles = (august: number | null, september: number | null) =>
  eventually(months, ([a, s]) => a === august && s === september);

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
      startMs: Date.UTC(2026, 7, 31, 22, 30),
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
    const archived = async () => [await standsOn("2026-08-31"), await standsOn("2026-09-01")];
    const hasLanded = ([august, september]: boolean[]) => !august && september === true;
    expect(await eventually(archived, hasLanded)).toEqual([false, true]);
    const lived = await put({ zone: "America/New_York", zoneFrom: "2026-09-15T00:00:00Z" });
    expect(lived.body.zones).toHaveLength(2);
    expect(await months()).toEqual([null, 1]);
  });
});
