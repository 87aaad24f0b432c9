/** Every card of My day in every state, for everybody who looks: by ear, by keyboard, in the dark. */
import type { Page, Route } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { syncPhone } from "../../local/deliveries.ts";
import { expectStatus } from "../../local/people.ts";
import { quiet } from "../drills/connection-drill.ts";
import { appleWorkout } from "../fakes/rides.ts";
import { seriousViolations } from "./axe.ts";
import { cutOff, everyStateAt, expectCards, partialAt, refuse } from "./card-states.ts";
import { expectAccessible } from "./data-support.ts";
import { tellDays, yesterday } from "./day-story.ts";
import {
  allSettled,
  desk,
  faultless,
  patienceMs,
  phone,
  type Stage,
  signedIn,
  signIn,
  stage,
  type Visit,
  visit,
} from "./support.ts";

const path = `/day/${yesterday}`;
const chartPath = `${path}/steps?by=week`;
/** An answer is good for so long without asking again. */
const freshMs = 5_000;
const cards = ["activity", "workouts", "sleep", "vitals", "body", "connections", "insights"];

let on: Stage;
beforeAll(async () => {
  on = await stage();
  const { ada } = on.people.members;
  await quiet(on.system, ada);
  await tellDays(on.system, ada, 40);
  const startMs = Date.parse(`${yesterday}T16:00:00Z`);
  const ride = {
    account: "",
    id: "5A1D0F3C-4B0C-4C39-9E55-0B0C4F0F1E77",
    startMs,
    elapsedSeconds: 2_400,
    distanceM: 14_000,
  };
  expectStatus(await syncPhone(on.system, ada, "states", [appleWorkout(ride)]), 200);
});
afterAll(() => on.end());

/** Has seen no day: what was seen stays in the browser. */
async function adaAnew(options: Parameters<typeof visit>[1] = {}): Promise<Visit> {
  const visitor = await visit(on, options);
  await signIn(visitor, "Ada");
  return visitor;
}
const ada = (at = path): Promise<Visit> => signedIn(on, "Ada", at);

describe("the cards of a day", () => {
  it("are loading, cut off or refused, in words, are mended by trying again, and show what was seen", async () => {
    const visitor = await adaAnew();
    await everyStateAt(visitor.page, path, cards);
    await visitor.page.locator("#activity").getByText("7,004", { exact: true }).waitFor();
    faultless(visitor);
  });

  it("say what to do where there is nothing", async () => {
    const visitor = await visit(on, { size: phone });
    const { page } = visitor;
    await page.goto("/day");
    await page.getByRole("banner").getByRole("button", { name: "Sign in" }).click();
    await page.getByLabel("Name").fill("dora");
    await page.getByRole("button", { name: "Sign in as a new member" }).click();
    await page.getByLabel("Your name").fill("Dora");
    await page.getByRole("button", { name: "Become a member" }).click();
    await page.getByRole("heading", { level: 1, name: "Today" }).waitFor();
    await page.reload();
    await expectCards(page, cards, "empty");
    for (const card of cards.filter((one) => one !== "insights"))
      expect(await page.locator(`#${card} .stack a`).count(), card).toBeGreaterThan(0);
    expect(await seriousViolations(page)).toEqual([]);
    await page.goto("/day/2024-05-01/weight");
    await expectCards(page, ["chart"], "empty");
    faultless(visitor);
  });

  it.each([
    ["numbers", /^\/v1\/aggregates/, ["activity", "vitals"]],
    ["devices", /^\/v1\/devices/, ["sleep"]],
    ["connections", /^\/v1\/connections/, ["body", "workouts", "insights"]],
    ["providers", /^\/v1\/providers/, ["connections"]],
  ])("say that a part is missing: %s", async (_, lacking, lacks) => {
    const visitor = await ada();
    await expectCards(visitor.page, lacks, "ready");
    await partialAt(visitor.page, path, lacking, ...lacks);
    for (const card of lacks) {
      const said = visitor.page.locator(`#${card}`);
      await said.getByText("A part of this could not be loaded.").waitFor();
    }
    faultless(visitor);
  });
});

describe("the card of a chart", () => {
  it("has every state", async () => {
    const visitor = await ada(chartPath);
    await everyStateAt(visitor.page, chartPath, ["chart"]);
    await partialAt(visitor.page, chartPath, /^\/v1\/goals/, "chart");
    faultless(visitor);
  });
});

describe("the card of goals", () => {
  const openGoals = (page: Page) => page.getByRole("button", { name: "Goals" }).click();
  const goals = /\/v1\/goals$/;

  it("says that it is loading, cut off or refused, and what it showed last", async () => {
    const visitor = await ada();
    const { page } = visitor;
    const again = page.locator("#goals").getByRole("button", { name: "Try again" });
    const held: Route[] = [];
    await page.route(goals, (route) => void held.push(route));
    await openGoals(page);
    await expectCards(page, ["goals"], "loading");
    for (const route of held) await cutOff(route);
    await expectCards(page, ["goals"], "offline");
    await page.unroute(goals);
    await page.route(goals, refuse);
    await again.click();
    await expectCards(page, ["goals"], "error");
    await page.unroute(goals);
    await again.click();
    await expectCards(page, ["goals"], "ready");
    await page.keyboard.press("Escape");
    await page.route(goals, cutOff);
    await expect
      .poll(
        async () => {
          await openGoals(page);
          const state = await page.locator("#goals").getAttribute("data-state");
          await page.waitForTimeout(freshMs / 5);
          await page.keyboard.press("Escape");
          return state;
        },
        { timeout: patienceMs },
      )
      .toBe("stale");
    faultless(visitor);
  });
});

describe("everybody", () => {
  it("finds no serious fault for those who read otherwise: phone and desk, light and dark", async () => {
    const visitor = await ada();
    const { page } = visitor;
    const expectNone = async () => {
      for (const size of [phone, desk]) {
        await page.setViewportSize(size);
        await expectAccessible(page);
      }
    };
    await allSettled(page);
    await page.getByText("By 2 devices").first().click();
    await expectNone();
    await page.getByRole("button", { name: "Goals" }).click();
    await expectCards(page, ["goals"], "ready");
    await expectNone();
    await page.goto(`${path}/heart_rate?by=month`);
    await allSettled(page);
    await page.locator("svg.recharts-surface").first().waitFor();
    await expectNone();
    await page.getByRole("button", { name: "As a table" }).click();
    await expectNone();
    faultless(visitor);
  });

  it("can do all of it by keyboard: turn the day, set a goal, open a chart and its table", async () => {
    const visitor = await ada("/day");
    const { page } = visitor;
    await allSettled(page);
    await reach(page, "Previous day");
    await page.keyboard.press("Enter");
    await page.waitForURL(`**${path}`);
    await allSettled(page);
    await reach(page, "Goals");
    await page.keyboard.press("Enter");
    await expectCards(page, ["goals"], "ready");
    await reach(page, "Steps");
    await page.keyboard.type("7004");
    await page.keyboard.press("Enter");
    await page.getByText("100 % of your goal, 7,004 steps").waitFor();
    await reach(page, "Steps");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { level: 1, name: "Steps" }).waitFor();
    await allSettled(page);
    await reach(page, "Day");
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Space");
    await page.waitForURL("**/steps?by=month");
    await allSettled(page);
    await reach(page, "As a table");
    await page.keyboard.press("Space");
    await page.getByRole("table").waitFor();
    faultless(visitor);
  });

  it.each([
    ["a phone", phone],
    ["a desk", desk],
  ])("sees nothing move while it loads, and nothing stick out: %s", async (_, size) => {
    const visitor = await adaAnew({ size });
    const { page } = visitor;
    for (const at of [path, "/day", chartPath, `${path}/heart_rate?by=day`]) {
      await page.goto(at);
      await allSettled(page);
      // Nothing that comes late moves anything either.
      await page.waitForTimeout(lateMs);
      expect(await page.evaluate(shifted), at).toBeLessThan(shiftMax);
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      expect(width, at).toBe(size.width);
    }
    faultless(visitor);
  });
});

const shiftMax = 0.02;
const lateMs = 1_000;

/** In the page: how far everything moved that nobody pressed for. */
function shifted(): Promise<number> {
  return new Promise((done) => {
    let sum = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as unknown as {
        value: number;
        hadRecentInput: boolean;
      }[])
        if (!entry.hadRecentInput) sum += entry.value;
    }).observe({ type: "layout-shift", buffered: true });
    setTimeout(() => done(sum), 100);
  });
}

const stepsMax = 80;

/** Tab by tab, until what has the focus bears this name. */
async function reach(page: Page, name: string): Promise<void> {
  for (let step = 0; step < stepsMax; step++) {
    await page.keyboard.press("Tab");
    const named = await page.evaluate(() => {
      const at = document.activeElement as HTMLElement | null;
      const label = (at as HTMLInputElement | null)?.labels?.[0]?.textContent;
      return (at?.getAttribute("aria-label") ?? label ?? at?.textContent ?? "").trim();
    });
    if (named === name) return;
  }
  throw new Error(`${name} is not reached by keyboard`);
}
