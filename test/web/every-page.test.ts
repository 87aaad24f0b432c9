/** What holds for every page, whoever opens it: one heading, all of it by keyboard, no sideways scroll. */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { addresses, type Looker } from "./addresses.ts";
import { seriousViolations } from "./axe.ts";
import { tellDays } from "./day-story.ts";
import { unreachable } from "./reach.ts";
import {
  faultless,
  noneLoading,
  phone,
  type Stage,
  signIn,
  stage,
  type Visit,
  visit,
} from "./support.ts";
import { athleteOf, tellRide } from "./workouts-story.ts";

let on: Stage;
const visits = new Map<string, Promise<Visit>>();

/** One profile a looker and look, signed in once. */
function as(who: Looker, dark = false): Promise<Visit> {
  const name = `${who} ${dark}`;
  const made = visits.get(name) ?? enter(who, dark);
  visits.set(name, made);
  return made;
}

async function enter(who: Looker, dark: boolean): Promise<Visit> {
  const visitor = await visit(on, { size: phone, dark });
  if (who !== "visitor") await signIn(visitor, who);
  return visitor;
}

/** Some pages ask for nothing, and have no cards. */
async function openAt(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await page.locator("main h1").first().waitFor();
  await noneLoading(page);
}

beforeAll(async () => {
  on = await stage();
  await tellDays(on.system, on.people.members.ada);
  await tellRide(on, athleteOf(on, "ada"), "garmin", "apple");
});
afterAll(() => on.end());

const everyOne = Object.entries(addresses).flatMap(([who, paths]) =>
  paths.map((path) => [who as Looker, path] as const),
);

describe.each(everyOne)("to %s, %s", (who, path) => {
  it("has one heading, and headings below it in order", async () => {
    const { page } = await as(who);
    await openAt(page, path);
    const levels = await page
      .locator("main :is(h1, h2, h3, h4)")
      .evaluateAll((all) => all.map((each) => Number(each.tagName.slice(1))));
    expect(levels.filter((level) => level === 1)).toHaveLength(1);
    expect(levels[0]).toBe(1);
    for (const [i, level] of levels.entries())
      expect(level, `${levels}`).toBeLessThanOrEqual((levels[i - 1] ?? 0) + 1);
    expect(await page.title()).toMatch(/· Singlet$/);
  });

  it("does not scroll sideways at 360 px", async () => {
    const { page } = await as(who);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(wide).toBeLessThanOrEqual(phone.width);
  });

  it("is reached by keyboard, all of it", async () => {
    const { page } = await as(who);
    expect(await unreachable(page)).toEqual([]);
  });

  it.each([false, true])("has no serious violation, dark: %s", async (dark) => {
    const visitor = await as(who, dark);
    if (dark) await openAt(visitor.page, path);
    expect(await seriousViolations(visitor.page)).toEqual([]);
    faultless(visitor);
  });
});
