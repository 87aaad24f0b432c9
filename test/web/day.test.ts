/** My day: what devices measured comes out once, beside goals and the days before, and by the year. */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { addDays, daysOfPeriod, monthOf, weekOf } from "../../domain/time.ts";
import { call, expectStatus } from "../../local/people.ts";
import {
  phoneSteps,
  sendSamples,
  sleptSeconds,
  stepsOnce,
  tellDays,
  today,
  watchSteps,
  wholeDay,
  yesterday,
} from "./day-story.ts";
import {
  allSettled,
  faultless,
  patienceMs,
  phone,
  type Stage,
  signedIn,
  stage,
} from "./support.ts";

const path = `/day/${yesterday}`;
/** Enough for insights, and a month that is not the year. */
const days = 40;

let on: Stage;
beforeAll(async () => {
  on = await stage();
  await tellDays(on.system, on.people.members.ada, days);
});
afterAll(() => on.end());

const number = (value: number) => value.toLocaleString("en-GB");
const card = (page: Page, id: string) => page.locator(`[data-card="${id}"]`);

async function ada(at = path) {
  const visitor = await signedIn(on, "Ada", at);
  await allSettled(visitor.page);
  return visitor;
}

/** What the API says, to be found on the page. */
async function asked(query: string) {
  const { token } = on.people.members.ada;
  const answer = await call(on.system.url, "GET", `/v1/aggregates?${query}`, { token });
  // biome-ignore lint/suspicious/noExplicitAny: the documented shape.
  return expectStatus(answer, 200).body.items as any[];
}

describe("a day", () => {
  it("shows the steps of a watch and a phone once, however often they were sent, and by whom", async () => {
    const { ben } = on.people.members;
    const [watch, pocket] = [watchSteps(yesterday), phoneSteps(yesterday)];
    for (const samples of [pocket, watch, [...watch, ...pocket]])
      await sendSamples(on.system, ben, samples);
    const visitor = await signedIn(on, "Ben", path, { size: phone });
    const activity = card(visitor.page, "activity");
    await activity.getByText(number(stepsOnce), { exact: true }).waitFor();
    await activity.getByText("By 2 devices").click();
    const shares = await activity.locator("details[open] li").allInnerTexts();
    expect(shares.map((text) => text.replaceAll(/\s+/g, " "))).toEqual([
      "Fenix 8 (watch) 57 %",
      "Pixel 10 (phone) 43 %",
    ]);
    faultless(visitor);
  });

  it("shows what was sent while nobody looked when somebody looks again", async () => {
    const { ben } = on.people.members;
    const visitor = await signedIn(on, "Ben", path, { size: phone });
    const sleep = card(visitor.page, "sleep");
    await sleep.getByText("No sleep was measured in the night to this day.").waitFor();
    await sendSamples(on.system, ben, wholeDay(yesterday));
    await visitor.page.reload();
    await sleep.getByText("7 h 30 min", { exact: true }).waitFor();
    expect(sleptSeconds).toBe(7.5 * 3_600);
    expect(await sleep.getByRole("img").getAttribute("aria-label")).toBe(
      "Stages: Deep 1 h 30 min, Light 4 h 30 min, REM 1 h 30 min, Awake 15 min",
    );
    faultless(visitor);
  });

  it("shows vitals with their least and greatest, body, and what they are beside the week before", async () => {
    const visitor = await ada();
    const vitals = card(visitor.page, "vitals");
    const heart = vitals.locator("article", {
      has: visitor.page.getByText("Heart rate", { exact: true }),
    });
    expect(await heart.innerText()).toContain("56 to 148 bpm");
    expect(await heart.innerText()).toContain("4 % below the 7 days before");
    await vitals.getByText("121/78").waitFor();
    await card(visitor.page, "body").getByText("71.4").waitFor();
    faultless(visitor);
  });

  it("has insights that can be noted, and stay noted", async () => {
    const visitor = await ada();
    const insights = card(visitor.page, "insights");
    const buttons = insights.getByRole("button", { name: /^Noted/ });
    const before = await buttons.count();
    expect(before).toBeGreaterThan(0);
    await buttons.first().click();
    await insights.getByText("Noted. It comes back when there is news of it.").waitFor();
    await expect.poll(() => buttons.count(), { timeout: patienceMs }).toBe(before - 1);
    await visitor.page.reload();
    await insights.getByText("Noted (1)").waitFor();
    expect(await buttons.count()).toBe(before - 1);
    faultless(visitor);
  });

  it("goes on to any other day, and the arrows turn days on its buttons alone", async () => {
    const visitor = await ada();
    const { page } = visitor;
    const isAt = (date: string) => page.waitForURL(`**/day${date === today ? "" : `/${date}`}`);
    await page.getByRole("link", { name: "Previous day" }).click();
    await isAt(addDays(yesterday, -1));
    await page.getByRole("link", { name: "Next day" }).focus();
    await page.keyboard.press("ArrowRight");
    await isAt(yesterday);
    await page.keyboard.press("ArrowLeft");
    await isAt(addDays(yesterday, -1));
    await page.getByRole("heading", { level: 1 }).click();
    await page.keyboard.press("ArrowRight");
    expect(page.url()).toContain(addDays(yesterday, -1));
    await page.getByLabel("Date", { exact: true }).fill(addDays(today, -9));
    await isAt(addDays(today, -9));
    await page.getByRole("link", { name: "Today", exact: true }).click();
    await isAt(today);
    await page.getByRole("heading", { level: 1, name: "Today" }).waitFor();
    expect(await page.getByRole("link", { name: "Next day" }).getAttribute("aria-disabled")).toBe(
      "true",
    );
    faultless(visitor);
  });

  it("that is none, or has not come, is today", async () => {
    const visitor = await ada();
    for (const wrong of [addDays(today, 1), "2026-02-30", `${yesterday}/happiness`]) {
      await visitor.page.goto(`/day/${wrong}`);
      await visitor.page.getByRole("heading", { level: 1, name: "Today" }).waitFor();
      expect(new URL(visitor.page.url()).pathname).toBe("/day");
    }
    faultless(visitor);
  });
});

describe("goals", () => {
  it("of one's own change the progress, and the common one comes back", async () => {
    const visitor = await ada();
    const { page } = visitor;
    const activity = card(page, "activity");
    await activity.getByText("70 % of the common goal, 10,000 steps").waitFor();
    await activity.getByRole("button", { name: "Goals" }).click();
    const field = page.getByRole("dialog").getByLabel("Steps");
    await field.fill("0");
    await page.getByText(/A number from 1 to/).waitFor();
    expect(await page.getByRole("button", { name: "Save goals" }).isDisabled()).toBe(true);
    await field.fill(String(2 * stepsOnce));
    await page.getByRole("button", { name: "Save goals" }).click();
    await activity.getByText(`50 % of your goal, ${number(2 * stepsOnce)} steps`).waitFor();
    await page.getByText("Your goals are saved.").waitFor();

    await activity.getByRole("button", { name: "Goals" }).click();
    await page.getByRole("button", { name: /^Back to the common one\s*: Steps$/ }).click();
    await page.getByRole("button", { name: "Save goals" }).click();
    await activity.getByText("70 % of the common goal, 10,000 steps").waitFor();
    faultless(visitor);
  });

  it("can be to come to from either side", async () => {
    const visitor = await ada();
    const { page } = visitor;
    await page.getByRole("button", { name: "Goals" }).click();
    await page.getByRole("dialog").getByLabel("Weight (kg)").fill("70");
    await page.getByRole("button", { name: "Save goals" }).click();
    await card(page, "body").getByText("1.4 kg above your goal of 70.0 kg").waitFor();
    faultless(visitor);
  });
});

describe("a chart", () => {
  const week = daysOfPeriod(weekOf(yesterday));
  const month = daysOfPeriod(monthOf(yesterday));
  const year = yesterday.slice(0, 4);
  const steps = (value: number) => `${number(Math.round(value))} steps`;

  async function table(page: Page): Promise<string[]> {
    await allSettled(page);
    await page.getByRole("button", { name: "As a table" }).click();
    return page.locator("tbody td:first-of-type").allInnerTexts();
  }

  it.each([
    ["day", `hour&start=${yesterday}&end=${yesterday}`, 24],
    ["week", `day&start=${week.from}&end=${week.to}`, 7],
    ["month", `day&start=${month.from}&end=${month.to}`, Number(month.to.slice(8))],
  ])("of a %s shows the numbers of the API, one for each place", async (span, query, places) => {
    const visitor = await ada(`${path}/steps?by=${span}`);
    const shown = await table(visitor.page);
    const said = (await asked(`types=steps&period=${query}`)).map(({ value }) => steps(value));
    expect(said.length).toBeGreaterThan(0);
    expect(shown.filter((text) => text !== "–")).toEqual(said);
    expect(shown).toHaveLength(places);
    faultless(visitor);
  });

  it("of a year shows what a day of each month came to, and all of it together", async () => {
    const visitor = await ada(`${path}/steps`);
    await visitor.page.getByRole("radio", { name: "Year" }).click();
    const shown = await table(visitor.page);
    const rows = await asked(`types=steps&period=month&start=${year}-01-01&end=${year}-12-31`);
    expect(shown).toHaveLength(12);
    expect(shown.filter((text) => text !== "–")).toEqual(
      rows.map(({ value, days }) => steps(value / days)),
    );
    const total = rows.reduce((sum, { value }) => sum + value, 0);
    await visitor.page.getByText(steps(total), { exact: true }).waitFor();
    faultless(visitor);
  });

  it("of a heart shows average, least and greatest, each by name", async () => {
    const visitor = await ada(`${path}/heart_rate?by=month`);
    const { page } = visitor;
    const names = await page.locator("figure li").allInnerTexts();
    expect(names.map((name) => name.trim())).toEqual(["Average", "Lowest", "Highest"]);
    await page.getByRole("button", { name: "As a table" }).click();
    const rows = await asked(`types=heart_rate&period=day&start=${month.from}&end=${month.to}`);
    const cells = await page.locator("tbody tr", { hasText: "bpm" }).locator("td").allInnerTexts();
    expect(cells).toEqual(
      rows.flatMap(({ value, min, max }) => [value, min, max].map((n) => `${Math.round(n)} bpm`)),
    );
    faultless(visitor);
  });

  it("is opened from a day's number, goes on by its own stretch, and back", async () => {
    const visitor = await ada();
    const { page } = visitor;
    await card(page, "sleep").getByRole("link", { name: "Asleep" }).click();
    await page.getByRole("heading", { level: 1, name: "Sleep" }).waitFor();
    expect(await page.getByRole("radio").allInnerTexts()).toEqual(["Week", "Month", "Year"]);
    await page.getByRole("link", { name: "Previous week" }).click();
    await page.waitForURL(`**/day/${addDays(week.from, -1)}/sleep?by=week`);
    await page.goBack();
    await page.goBack();
    await page.getByRole("heading", { level: 1, name: "Yesterday" }).waitFor();
    faultless(visitor);
  });
});
