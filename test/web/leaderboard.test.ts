/**
 * The board as people see it: rides that arrive by the providers' own doors move it, and what members
 * do on the page holds.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { periodBefore } from "../../domain/boards.ts";
import { daysOfPeriod, localDate, weekOf } from "../../domain/time.ts";
import { pushActivities, syncPhone } from "../../local/deliveries.ts";
import { call, enrol, expectStatus, type MemberName, type Person } from "../../local/people.ts";
import { periodName } from "../../web/pages/leaderboard/choice.ts";
import { appleWorkout, garminActivity } from "../fakes/rides.ts";
import {
  faultless,
  patienceMs,
  phone,
  type Stage,
  settled,
  signedIn,
  stage,
  type Visit,
  visit,
} from "./support.ts";

const hour = 3_600_000;
const dayMs = 24 * hour;
/** Yesterday, where all of it is over: on Mondays of the week that just was, which is still live. */
const day = localDate(Date.now() - dayMs, 0);
const week = weekOf(day);
const before = periodBefore(week) ?? week;
const rides = `/leaderboard?board=distance-ride&period=${week}`;

let on: Stage;
let adasMs: number;
const sent: Record<string, number> = {};

/** When somebody's next ride begins: none of theirs overlap, and all are of one day. */
function nextStart(name: string, date: string): number {
  const n = (sent[name] ?? 0) + 1;
  sent[name] = n;
  return Date.parse(`${date}T00:00:00Z`) + n * 2 * hour;
}

async function ride(name: MemberName, km: number, date = day): Promise<number> {
  const startMs = nextStart(name, date);
  const item = garminActivity({
    account: on.people.accounts.garmin[name] ?? "",
    id: `${startMs}`,
    startMs,
    offsetSeconds: 0,
    elapsedSeconds: 5400,
    distanceM: km * 1000,
  });
  expectStatus(await pushActivities(on.system, item), 200);
  return startMs;
}

/** A member on boards whose phone sent a ride. */
async function rider(key: string, km: number): Promise<Person> {
  const settings = { zone: "UTC", onBoards: true };
  const person = await enrol(on.system, `rider-${key}`, `Rider ${key}`, ["member"], settings);
  const id = `5D1C1E52-4B0C-4C39-9E55-0B0C4F0F${key.padStart(4, "0")}`;
  const workout = appleWorkout({
    ...{ account: "", id, startMs: nextStart(key, day), offsetSeconds: 0 },
    ...{ elapsedSeconds: 4 * 3600, distanceM: km * 1000 },
  });
  expectStatus(await syncPhone(on.system, person, `rider-${key}`, [workout]), 200);
  return person;
}

/** Who stands on the board, best first, each as "1 Ada 30.00 km". */
const standings = ({ page }: Visit): Promise<string[]> =>
  page.locator('[data-card="board"] tbody tr').evaluateAll((rows) =>
    rows.map((row) => {
      const said = (part: string) => row.querySelector(part)?.textContent ?? "";
      const name = row.querySelector(".who")?.firstChild?.textContent ?? "";
      return `${said(".rank")} ${name} ${said(".score")}`;
    }),
  );
const stands = (visit: Visit, expected: readonly string[]) =>
  expect.poll(() => standings(visit), { timeout: patienceMs }).toEqual(expected);
const badge = ({ page }: Visit) => page.locator('[data-card="board"] > header .badge');
const saysLive = (visit: Visit) => badge(visit).getByText("Live", { exact: true }).waitFor();
const documents = ({ requests }: Visit) => requests.filter(({ type }) => type === "document");

beforeAll(async () => {
  on = await stage();
  adasMs = await ride("ada", 30);
  await ride("ben", 20);
  const { from } = daysOfPeriod(before);
  await ride("ben", 40, from);
  await ride("ada", 35, from);
});
afterAll(() => on?.end());

describe("a visitor", () => {
  it("sees a ride that Garmin pushes move the board, without a reload", async () => {
    const visitor = await visit(on);
    await visitor.page.goto(rides);
    await stands(visitor, ["1 Ada 30.00 km", "2 Ben 20.00 km"]);
    await saysLive(visitor);
    const board = visitor.page.locator('[data-card="board"]');
    expect(await board.getByRole("row", { name: /Ada/ }).innerText()).toContain("up 1 place");
    await ride("ben", 15);
    await stands(visitor, ["1 Ben 35.00 km", "2 Ada 30.00 km"]);
    await board.getByRole("row", { name: /Ben.*Changed just now/s }).waitFor();
    expect(await board.getByRole("row", { name: /Ben/ }).innerText()).toContain("same place");
    expect(documents(visitor)).toHaveLength(1);
    faultless(visitor);
  });

  it("is told when it is not live, sees it move all the same, and has it live again", async () => {
    const visitor = await visit(on);
    let isDown = true;
    await visitor.page.routeWebSocket(/\/live\?/, (socket) => {
      if (isDown) void socket.close();
      else socket.connectToServer();
    });
    await visitor.page.goto(rides);
    const board = visitor.page.locator('[data-card="board"]');
    await board.getByText("Not live just now; looked up every 2 seconds.").waitFor();
    expect(await board.getAttribute("data-state")).toBe("partial");
    await ride("ada", 10);
    await board.getByRole("row", { name: /Ada.*40\.00 km/s }).waitFor();
    isDown = false;
    await saysLive(visitor);
    expect(await board.getAttribute("data-state")).toBe("ready");
    faultless(visitor);
  });

  it("turns to former periods and other boards by address, and back", async () => {
    const visitor = await visit(on);
    const { page } = visitor;
    await page.goto(rides);
    await settled(page, "board");
    await page.getByRole("button", { name: "The week before" }).click();
    await page.getByText(periodName(before, Date.now()), { exact: true }).waitFor();
    expect(new URL(page.url()).searchParams.get("period")).toBe(before);
    await stands(visitor, ["1 Ben 40.00 km", "2 Ada 35.00 km"]);
    await page.getByRole("button", { name: "Activity" }).click();
    await page.getByRole("option", { name: "Running" }).click();
    await page.getByText("Nobody in this week").waitFor();
    await page.goBack();
    await stands(visitor, ["1 Ben 40.00 km", "2 Ada 35.00 km"]);
    await page.goBack();
    await page.getByText(periodName(week, Date.now()), { exact: true }).waitFor();
    await page.getByRole("radio", { name: "Workouts" }).click();
    // As many, and the last at one time: then the ids decide, which are random.
    const { ada, ben } = on.people.members;
    const [first, second] = ada.id < ben.id ? ["Ada", "Ben"] : ["Ben", "Ada"];
    await stands(visitor, [`1 ${first} 2 workouts`, `2 ${second} 2 workouts`]);
    faultless(visitor);
  });
});

describe("a member", () => {
  it("has their place pinned while its row is out of sight", async () => {
    await Promise.all(Array.from({ length: 14 }, (_, i) => rider(String(i + 1), 60 + i)));
    const ada = await signedIn(on, "Ada", "/leaderboard", { size: phone });
    await ada.page.goto(rides);
    const pinned = ada.page.locator('[data-card="board"] .pinned');
    await ada.page.getByRole("row", { name: /Rider 14/ }).waitFor();
    await expect.poll(() => pinned.isVisible(), { timeout: patienceMs }).toBe(true);
    expect(await pinned.innerText()).toMatch(/15th[\s\S]*You[\s\S]*40\.00 km/);
    const box = await pinned.boundingBox();
    const nav = await ada.page.getByRole("navigation", { name: "Pages" }).boundingBox();
    if (box === null || nav === null) throw new Error("one of them is not shown");
    // In sight without scrolling, above the bar.
    expect(box.y + box.height).toBeLessThanOrEqual(nav.y);
    expect(box.y).toBeGreaterThan(0);
    await ada.page.getByRole("row", { name: /Ada/ }).first().scrollIntoViewIfNeeded();
    await ada.page.mouse.wheel(0, phone.height);
    await expect.poll(() => pinned.isVisible(), { timeout: patienceMs }).toBe(false);
    faultless(ada);
  });

  it("sees how far the next ones are, and who stands around them", async () => {
    const ada = await signedIn(on, "Ada");
    await ada.page.goto(rides);
    const place = ada.page.locator('[data-card="place"]');
    await place.getByText("15th", { exact: true }).waitFor();
    await place.getByText("20.00 km behind Rider 1", { exact: true }).waitFor();
    await place.getByText("5.00 km ahead of Ben").waitFor();
    await place.getByRole("row", { name: /Rider 1\b/ }).waitFor();
    await place.getByRole("row", { name: /Ben/ }).waitFor();
    faultless(ada);
  });

  it("opens from their own row what counts, each workout once with its sources", async () => {
    const again = appleWorkout({
      ...{ account: "", id: "5D1C1E52-4B0C-4C39-9E55-0B0C4F0FAAAA", offsetSeconds: 0 },
      ...{ startMs: adasMs + 5_000, elapsedSeconds: 5390, distanceM: 29_900 },
    });
    expectStatus(await syncPhone(on.system, on.people.members.ada, "again", [again]), 200);
    const ada = await signedIn(on, "Ada");
    await ada.page.goto(rides);
    await ada.page.getByRole("row", { name: /Ada/ }).getByRole("link").first().click();
    const counts = ada.page.locator('[data-card="counts"]');
    await counts.getByText("Counted once, from 2 sources").waitFor();
    await counts.getByText("40.00 km", { exact: true }).waitFor();
    await counts.getByText("in 2 workouts").waitFor();
    expect(await counts.locator(".sources").allInnerTexts()).toEqual(
      expect.arrayContaining([expect.stringMatching(/Garmin[\s\S]*Apple/)]),
    );
    const link = counts.getByRole("link", { name: /Cycling/ }).first();
    expect(await link.getAttribute("href")).toMatch(/^\/workouts\/[\w-]+$/);
    faultless(ada);
  });

  it("follows somebody from their row, sees the board among those, and follows no more", async () => {
    const cleo = await signedIn(on, "Cleo");
    const { page } = cleo;
    await page.goto(rides);
    await page.getByRole("button", { name: "Follow Ben" }).first().click();
    await page.getByText("You follow them now.").waitFor();
    await page.getByRole("button", { name: "Among" }).click();
    await page.getByRole("option", { name: "Those I follow" }).click();
    await stands(cleo, ["16 Ben 35.00 km"]);
    await page.getByRole("button", { name: "Follow Ben" }).click();
    await page.getByText("None of those you follow has a score here.").waitFor();
    faultless(cleo);
  });

  it("leaves boards and joins them again, told each time what follows", async () => {
    const ben = await signedIn(on, "Ben");
    const visitor = await visit(on);
    await ben.page.goto(rides);
    await visitor.page.goto(rides);
    await visitor.page.getByRole("row", { name: /Ben/ }).waitFor();
    await ben.page.getByRole("button", { name: "Leave boards" }).click();
    const dialog = ben.page.getByRole("dialog", { name: "Leave the boards?" });
    await dialog.getByText("It can be undone").waitFor();
    await dialog.getByRole("button", { name: "Leave the boards" }).click();
    await visitor.page.getByRole("row", { name: /Ben/ }).waitFor({ state: "detached" });
    await ben.page.getByText("You are on no board.").waitFor();
    await ben.page.getByRole("button", { name: "Join the boards" }).click();
    await visitor.page.getByRole("row", { name: /Ben/ }).waitFor();
    await ben.page.locator('[data-card="place"]').getByText("16th", { exact: true }).waitFor();
    const { token } = on.people.members.ben;
    expect((await call(on.system.url, "GET", "/v1/me", { token })).body.onBoards).toBe(true);
    faultless(ben);
    faultless(visitor);
  });
});
