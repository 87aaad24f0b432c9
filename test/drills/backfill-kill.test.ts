/**
 * The runtime is killed without a warning, again and again, while a member's history is read: it
 * goes on where it was. No ride is missing or doubled, and by the provider's own log no page that
 * was read to its end is asked for again, but the one that a kill found under way.
 */
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { enrol, link, type Person } from "../../local/people.ts";
import type { System } from "../../local/system.ts";
import { googleExercise } from "../fakes/rides.ts";
import { type OwnSystem, ownSystem, scoreOn } from "../system/support.ts";
import { askedOf, googleLists, shownOf } from "./connection-drill.ts";
import { killRuntime, withinAMinute } from "./drill.ts";

const dayMs = 86_400_000;
const historyDays = 90;
const account = "google-account-history";
/** Of every week; four of them hold pages on pages. */
const ridesAWeek = 2;
const crowdedWeeks = [1, 4, 7, 10];
const ridesInCrowd = 60;
/** Google's page. */
const pageRides = 25;
const kills = 4;
/** Lists that have to be answered before each kill. */
const listsPerKill = 4;
const betweenLooksMs = 5;
const looksMax = 12_000;
const plenty = 1_000_000;

let own: OwnSystem;
let system: System;
beforeAll(async () => {
  own = await ownSystem({
    vars: { edge: { PROVIDER_BUDGETS: JSON.stringify({ "google-health": { minute: plenty } }) } },
    provider: { requestsPerMinute: plenty, latencyMs: 25 },
  });
  system = own.system;
});
afterAll(() => own.end());

/** How many there are. */
function recordHistory(nowMs: number): number {
  let rides = 0;
  const weeks = Math.floor(historyDays / 7);
  for (let week = 0; week < weeks; week++) {
    const count = crowdedWeeks.includes(week) ? ridesInCrowd : ridesAWeek;
    for (let n = 0; n < count; n++) {
      const startMs = nowMs - (week * 7 + 1) * dayMs - Math.floor((n * 5 * dayMs) / count);
      const ride = { account, id: String(9_900_000 + rides), startMs, elapsedSeconds: 1200 };
      const told = googleExercise({ ...ride, distanceM: 5_000, everySeconds: 300 });
      system.provider.setExercise(account, told.point);
      system.provider.setHeartRate(account, told.heartRate);
      rides++;
    }
  }
  return rides;
}

const lists = () =>
  askedOf(system, account).filter(({ path, status }) => path === googleLists && status === 200);
const readings = () =>
  askedOf(system, account)
    .filter(({ path }) => path.includes("/dataTypes/heart-rate/"))
    .map(({ query }) => query);
/** Looked for often: who looks as late as tests else do may find that all has been read. */
async function answered(due: number): Promise<number> {
  for (let left = looksMax; left > 0 && lists().length < due; left--) await pause(betweenLooksMs);
  return lists().length;
}
const countOf = (who: Person) => scoreOn(system, "count", "all", who.id);

it.runIf(process.platform === "linux")(
  `${kills} kills during a backfill leave no gap, and no page is read again but the one under way`,
  async () => {
    const nowMs = Date.now();
    const rides = recordHistory(nowMs);
    const settings = { zone: "Europe/Amsterdam", onBoards: true };
    const who = await enrol(system, "history", "History", ["member"], settings);
    expect((await link(system, who, "google-health", account)).status).toBe(201);
    for (let kill = 1; kill <= kills; kill++) {
      const due = lists().length + listsPerKill;
      expect(await answered(due), `answered before kill ${kill}`).toBeGreaterThanOrEqual(due);
      expect((await shownOf(system, who))?.backfill?.state).not.toBe("done");
      await killRuntime(system);
    }
    const shown = await withinAMinute(
      () => shownOf(system, who),
      (connection) => connection?.backfill?.state === "done" && connection.status === "connected",
    );
    expect(shown).toMatchObject({ status: "connected", backfill: { state: "done", percent: 100 } });
    expect(
      await withinAMinute(
        () => countOf(who),
        (n) => n === rides,
      ),
    ).toBe(rides);
    const pages = lists().map(({ query }) => query);
    const turned = pages.filter((page, i) => page !== pages[i - 1]);
    expect(turned, "a page that was followed by another is never asked for again").toEqual([
      ...new Set(turned),
    ]);
    const repeated = readings().length - new Set(readings()).size;
    expect(repeated, "readings of the page under way").toBeLessThanOrEqual(kills * pageRides);
    expect(stretchesOf(pages)).toEqual([]);
    const again = pages.length - turned.length;
    process.stdout.write(
      `${kills} kills: ${rides} rides, ${turned.length} pages, ${again} again\n`,
    );
  },
);

/** What no list asked for, of all that the history spans. */
function stretchesOf(queries: readonly string[]): string[] {
  const windows = queries.map((query) => {
    const filter = new URLSearchParams(query).get("filter") ?? "";
    const [from = "", to = ""] = [...filter.matchAll(/"([^"]+)"/g)].map(([, civil]) => civil);
    return { from: Date.parse(`${from}Z`), to: Date.parse(`${to}Z`) };
  });
  windows.sort((a, b) => a.from - b.from);
  const gaps: string[] = [];
  let covered = windows[0]?.to ?? 0;
  for (const { from, to } of windows) {
    if (from > covered)
      gaps.push(`${new Date(covered).toISOString()} to ${new Date(from).toISOString()}`);
    covered = Math.max(covered, to);
  }
  const oldest = windows[0]?.from ?? Date.now();
  if (oldest > Date.now() - (historyDays - 1) * dayMs) gaps.push("the oldest days");
  return gaps;
}
