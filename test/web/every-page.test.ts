/**
 * What holds for every page, whoever opens it, on a phone and on a desk: it asks for little and moves
 * nothing while it loads, has one heading, all of it by keyboard, and no sideways scroll.
 */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { addresses, type Looker } from "./addresses.ts";
import { expectAccessible } from "./data-support.ts";
import { tellDays } from "./day-story.ts";
import { layoutShift } from "./layout-shift.ts";
import { unreachable } from "./reach.ts";
import {
  desk,
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

const shiftMax = 0.02;
/** Of the API, until a page has settled; some need more. */
const requestsMax = 12;
const requestsMaxOf: Readonly<Record<string, number>> = { "/day": 16, "/operations": 16 };

let on: Stage;
const visits = new Map<Looker, Promise<Visit>>();

/** One profile a looker, signed in once. */
function as(who: Looker): Promise<Visit> {
  const made = visits.get(who) ?? enter(who);
  visits.set(who, made);
  return made;
}

async function enter(who: Looker): Promise<Visit> {
  const visitor = await visit(on, { size: phone, stays: true });
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
  // The phone comes last: what follows looks at the page as it stands there.
  it.each([
    ["a desk", desk],
    ["a phone", phone],
  ])("asks for little and moves nothing while it loads, on %s", async (_, size) => {
    const { page, requests } = await as(who);
    await page.setViewportSize(size);
    await page.goto("about:blank");
    const before = requests.length;
    await openAt(page, path);
    const asked = requests
      .slice(before)
      .map(({ url }) => new URL(url).pathname)
      .filter((pathname) => pathname.startsWith("/v1"));
    const most = requestsMaxOf[path] ?? requestsMax;
    expect(asked.length, asked.join("\n")).toBeLessThanOrEqual(most);
    expect(await layoutShift(page)).toBeLessThanOrEqual(shiftMax);
  });

  it("has one heading, and headings below it in order", async () => {
    const { page } = await as(who);
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

  it("moves nothing for whoever asked for less motion", async () => {
    const { page } = await as(who);
    const moving = await page.evaluate(() =>
      [...document.querySelectorAll("*")].flatMap((element) => {
        const { transitionDuration, animationName } = getComputedStyle(element);
        const isStill = /^0s(, 0s)*$/.test(transitionDuration) && animationName === "none";
        return isStill ? [] : [`${element.outerHTML.slice(0, 80)} ${transitionDuration}`];
      }),
    );
    expect(moving).toEqual([]);
  });

  it("has no serious violation, light or dark", async () => {
    const visitor = await as(who);
    await expectAccessible(visitor.page);
    faultless(visitor);
  });
});
