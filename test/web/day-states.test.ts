/** Every card of My day in every state, for everybody who looks: by ear, by keyboard, in the dark. */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { syncPhone } from "../../local/deliveries.ts";
import { expectStatus } from "../../local/people.ts";
import { quiet } from "../drills/connection-drill.ts";
import { appleWorkout } from "../fakes/rides.ts";
import { seriousViolations } from "./axe.ts";
import {
  cutOff,
  errorAt,
  expectCards,
  loadingAt,
  offlineAt,
  partialAt,
  refuse,
  staleAt,
} from "./card-states.ts";
import { tellDays, yesterday } from "./day-story.ts";
import {
  allSettled,
  desk,
  faultless,
  patienceMs,
  phone,
  type Stage,
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

/** Signed in, and has seen no day: what was seen stays in the browser. */
async function ada(options: Parameters<typeof visit>[1] = {}): Promise<Visit> {
  const visitor = await visit(on, options);
  await signIn(visitor, "Ada");
  return visitor;
}

describe("the cards of a day", () => {
  it("say that they are loading, and hold their place", async () => {
    const visitor = await ada();
    await loadingAt(visitor.page, path, cards);
    await expectCards(visitor.page, cards, "ready");
    faultless(visitor);
  });

  it("say what went wrong, and mend it when they are told to try again", async () => {
    const visitor = await ada();
    await errorAt(visitor.page, path, cards);
    // Its list came with the others' press, the providers' names come with its own.
    const again = visitor.page.locator("#connections").getByRole("button", { name: "Try again" });
    if ((await again.count()) > 0) await again.click();
    await expectCards(visitor.page, cards, "ready");
    faultless(visitor);
  });

  it("say that nobody can be reached, where the day was not seen before", async () => {
    const visitor = await ada();
    await offlineAt(visitor.page, path, cards);
    faultless(visitor);
  });

  it("keep showing what was seen, and say as of when", async () => {
    const visitor = await ada();
    await staleAt(visitor.page, path, cards);
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
    ["activity", /^\/v1\/aggregates/],
    ["sleep", /^\/v1\/devices/],
    ["vitals", /^\/v1\/aggregates/],
    ["body", /^\/v1\/connections/],
    ["workouts", /^\/v1\/connections/],
    ["insights", /^\/v1\/connections/],
    ["connections", /^\/v1\/providers/],
  ])("say that a part is missing: %s", async (card, lacking) => {
    const visitor = await ada();
    await visitor.page.goto(path);
    await expectCards(visitor.page, [card], "ready");
    await partialAt(visitor.page, path, card, lacking);
    const said = visitor.page.locator(`#${card}`).getByText("A part of this could not be loaded.");
    await said.waitFor();
    faultless(visitor);
  });
});

describe("the card of a chart", () => {
  it("has every state", async () => {
    const visitor = await ada();
    const { page } = visitor;
    await loadingAt(page, chartPath, ["chart"]);
    await expectCards(page, ["chart"], "ready");
    await errorAt(page, chartPath, ["chart"]);
    await offlineAt(page, chartPath, ["chart"]);
    await staleAt(page, chartPath, ["chart"]);
    await partialAt(page, chartPath, "chart", /^\/v1\/goals/);
    faultless(visitor);
  });
});

describe("the card of goals", () => {
  const openGoals = (page: Page) => page.getByRole("button", { name: "Goals" }).click();
  const goals = /\/v1\/goals$/;

  it("says that it is loading, cut off or refused, and what it showed last", async () => {
    const visitor = await ada();
    const { page } = visitor;
    for (const [state, answered] of [
      ["loading", () => undefined],
      ["offline", cutOff],
      ["error", refuse],
    ] as const) {
      await page.goto(path);
      await page.route(goals, answered);
      await openGoals(page);
      await expectCards(page, ["goals"], state);
      await page.unroute(goals);
    }
    await page.locator("#goals").getByRole("button", { name: "Try again" }).click();
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
  it.each([
    ["light", false],
    ["dark", true],
  ])("finds no serious fault for those who read otherwise: %s", async (_, dark) => {
    const visitor = await ada({ dark, size: dark ? desk : phone });
    const { page } = visitor;
    await page.goto(path);
    await allSettled(page);
    await page.getByText("By 2 devices").first().click();
    expect(await seriousViolations(page)).toEqual([]);
    await page.getByRole("button", { name: "Goals" }).click();
    await expectCards(page, ["goals"], "ready");
    expect(await seriousViolations(page)).toEqual([]);
    await page.goto(`${path}/heart_rate?by=month`);
    await allSettled(page);
    await page.locator("svg.recharts-surface").first().waitFor();
    expect(await seriousViolations(page)).toEqual([]);
    await page.getByRole("button", { name: "As a table" }).click();
    expect(await seriousViolations(page)).toEqual([]);
    faultless(visitor);
  });

  it("can do all of it by keyboard: turn the day, set a goal, open a chart and its table", async () => {
    const visitor = await ada();
    const { page } = visitor;
    await page.goto("/day");
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
    const visitor = await ada({ size });
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
