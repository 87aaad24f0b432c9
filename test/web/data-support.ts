/** What the tests of My data have in common: newcomers, both themes, how much a page moves as it loads. */
import type { Page } from "playwright-core";
import { expect } from "vitest";
import { pushActivities, until } from "../../local/deliveries.ts";
import { call } from "../../local/people.ts";
import { garminActivity, garminDetails } from "../fakes/rides.ts";
import { seriousViolations } from "./axe.ts";
import { layoutShift } from "./layout-shift.ts";
import { allSettled, patienceMs, type Stage, type Visit } from "./support.ts";

/** Somebody of whom nothing is known yet, who says their name and becomes a member. */
export async function signInNew({ page }: Visit, name: string, path: string): Promise<void> {
  await page.goto(path);
  await page.getByRole("banner").getByRole("button", { name: "Sign in" }).click();
  await page.getByLabel("Name").fill(name);
  await page.getByRole("button", { name: "Sign in as a new member" }).click();
  await page.getByLabel("Your name").fill(name);
  await page.getByRole("button", { name: "Become a member" }).click();
  await page.getByRole("navigation", { name: "My data" }).waitFor();
}

/** A button that waits is announced for some seconds, by its name, even when it has gone meanwhile. */
const announced = "[data-live-announcer] [role=img]";

export async function expectAccessible(page: Page): Promise<void> {
  await page.locator(announced).first().waitFor({ state: "detached", timeout: patienceMs });
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    expect(await seriousViolations(page), `${page.url()} ${colorScheme}`).toEqual([]);
  }
  await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
}

const shiftMax = 0.02;

/** Loads the page anew, and holds it to the budget of moving. */
export async function expectStill(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await allSettled(page);
  expect(await layoutShift(page), path).toBeLessThan(shiftMax);
}

/** The page itself never scrolls sideways. */
export async function expectFits(page: Page): Promise<void> {
  const [wide, room] = await page.evaluate(() => [
    document.documentElement.scrollWidth,
    document.documentElement.clientWidth,
  ]);
  expect(wide, page.url()).toBeLessThanOrEqual(room ?? 0);
}

/** A ride of Ada's by Garmin, with heart rate and track; its workout's id. */
export async function adasRide({ system, people }: Stage): Promise<string> {
  const account = people.accounts.garmin.ada ?? "";
  const ride = { account, id: "4200", startMs: Date.now() - 26 * 3_600_000 };
  const whole = { ...ride, elapsedSeconds: 1_800, distanceM: 15_000 };
  await pushActivities(system, garminActivity(whole), garminDetails(whole));
  const { token } = people.members.ada;
  const ask = async () => (await call(system.url, "GET", "/v1/workouts", { token })).body.items;
  const found = await until(ask, (items) => items.length > 0);
  return found[0].id;
}
