/** How connections are doing, on My day: as it changes, with what it means, and how it is mended. */
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { notifyGoogle } from "../../local/deliveries.ts";
import { call, expectStatus } from "../../local/people.ts";
import { googleLists, quiet, shownOf } from "../drills/connection-drill.ts";
import { googleExercise } from "../fakes/rides.ts";
import { seriousViolations } from "./axe.ts";
import { sendSamples, wholeDay, yesterday } from "./day-story.ts";
import {
  allSettled,
  faultless,
  patienceMs,
  type Stage,
  signedIn,
  signIn,
  stage,
  visit,
} from "./support.ts";

const path = `/day/${yesterday}`;
const startMs = Date.parse(`${yesterday}T09:00:00Z`);

let on: Stage;
beforeAll(async () => {
  on = await stage();
  const { ada, ben } = on.people.members;
  for (const who of [ada, ben]) {
    await quiet(on.system, who);
    await sendSamples(on.system, who, wholeDay(yesterday));
  }
});
afterAll(() => on.end());
afterEach(() => {
  on.system.provider.faults = {};
});

const google = (page: Page) => page.locator('[data-connection="google-health"]');
const stateOf = (page: Page, card: string) =>
  page.locator(`[data-card="${card}"]`).getAttribute("data-state");

/** A ride that Google holds, and its word that there is one. */
async function announceRide(account: string, id: string): Promise<void> {
  const ride = { account, id, startMs, elapsedSeconds: 3_600, distanceM: 21_400 };
  const told = googleExercise(ride);
  on.system.provider.setExercise(account, told.point);
  on.system.provider.setHeartRate(account, told.heartRate);
  const { status } = await notifyGoogle(on.system, account, startMs, startMs + 3_600_000);
  expect(status).toBe(204);
}

/** A page that was loaded anew has no mark. */
const mark = (page: Page) => page.evaluate(() => Object.assign(window, { isMarked: true }));
const isMarked = (page: Page) => page.evaluate(() => "isMarked" in window);

it("says that a provider is behind as it happens, what that means, and that it is over", async () => {
  const account = on.people.accounts["google-health"].ada ?? "";
  const visitor = await signedIn(on, "Ada", path);
  const { page } = visitor;
  await google(page).getByText("Up to date").waitFor();
  await expect.poll(() => stateOf(page, "activity"), { timeout: patienceMs }).toBe("ready");
  await mark(page);

  on.system.provider.faults = { status: 503, only: googleLists, account };
  await announceRide(account, "88001");
  await google(page).getByText("Behind", { exact: true }).waitFor();
  expect(await google(page).innerText()).toMatch(/Google Health does not answer\./);
  expect(await google(page).innerText()).toMatch(/Something waits since \d\d:\d\d\./);
  for (const card of ["activity", "sleep", "vitals", "body", "workouts", "insights"])
    expect(await stateOf(page, card), card).toBe("partial");
  await page
    .getByText(/^Google Health has not been read since \d\d:\d\d; this may not be all\./)
    .first()
    .waitFor();

  on.system.provider.faults = {};
  await google(page)
    .getByRole("button", { name: /^Sync now/ })
    .click();
  await page.getByText(/^Google Health: It is being read now\./).waitFor();
  await google(page).getByText("Up to date").waitFor();
  // The ride that it brought is on the page, which nobody loaded anew.
  await page
    .locator('[data-card="workouts"]')
    .getByText(/21[.,]40 km/)
    .waitFor();
  await expect.poll(() => stateOf(page, "activity"), { timeout: patienceMs }).toBe("ready");
  expect(await isMarked(page)).toBe(true);
  expect(await page.locator('[data-card="workouts"] a').getAttribute("href")).toMatch(
    /^\/workouts\//,
  );
  faultless(visitor);
});

it("reconnects through the provider's own consent page", async () => {
  const { ben } = on.people.members;
  const account = on.people.accounts["google-health"].ben ?? "";
  const visitor = await visit(on);
  const { page } = visitor;
  await signIn(visitor, "Ben", path);
  await google(page).getByText("Up to date").waitFor();
  on.system.provider.endGrant("google-health", account);
  await announceRide(account, "88002");
  await google(page).getByText("Needs reconnecting").waitFor();
  expect(await google(page).innerText()).toContain("Google Health no longer lets Singlet in.");
  expect(await stateOf(page, "activity")).toBe("partial");
  expect(await seriousViolations(page)).toEqual([]);

  await google(page).getByRole("button", { name: "Reconnect Google Health" }).click();
  await page.getByRole("heading", { name: /Let Singlet read from Google Health/ }).waitFor();
  await page.getByLabel("Account there").fill(account);
  await page.getByRole("button", { name: "Allow" }).click();
  await page.waitForURL(
    (url) => url.origin === on.system.url && url.pathname === "/data/connections",
  );
  await expect
    .poll(async () => (await shownOf(on.system, ben))?.status, { timeout: patienceMs })
    .toBe("connected");

  await page.goto(path);
  await google(page).getByText("Up to date").waitFor();
  await page
    .locator('[data-card="workouts"]')
    .getByText(/21[.,]40 km/)
    .waitFor();
  faultless(visitor);
});

it("shows a connection no more once it was ended elsewhere", async () => {
  const { cleo } = on.people.members;
  const visitor = await visit(on);
  const { page } = visitor;
  await signIn(visitor, "Cleo", "/day");
  await google(page).waitFor();
  await allSettled(page);
  const shown = await shownOf(on.system, cleo);
  const { token } = cleo;
  const ended = await call(on.system.url, "DELETE", `/v1/connections/${shown?.id}`, { token });
  expectStatus(ended, 200);
  await google(page).waitFor({ state: "detached" });
  faultless(visitor);
});

it("comes back to the stream with the last that it heard", async () => {
  const visitor = await signedIn(on, "Ada");
  const { page } = visitor;
  const heard: (string | null)[] = [];
  let cuts = 0;
  await page.route("**/v1/sync-status", async (route) => {
    heard.push(await route.request().headerValue("last-event-id"));
    if (cuts++ > 0) return route.continue();
    const body = "retry: 1000\n\nid: 1700000000000\nevent: other\ndata: {}\n\n";
    return route.fulfill({ contentType: "text/event-stream", body });
  });
  await page.goto(path);
  await expect.poll(() => heard.length, { timeout: patienceMs }).toBeGreaterThan(1);
  expect(heard[0]).toBeNull();
  expect(heard[1]).toBe("1700000000000");
  faultless(visitor);
});
