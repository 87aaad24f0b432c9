/** A coach looks on the record: reminded first, refused once the member has taken it back. */
import type { Locator } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { pushActivities, until } from "../../local/deliveries.ts";
import { call, expectStatus } from "../../local/people.ts";
import { garminActivity, garminDetails, type Ride } from "../fakes/rides.ts";
import { workoutsOf } from "../system/support.ts";
import { cutOff, expectCards, loadingAt, refuse } from "./card-states.ts";
import { expectAccessible, expectStill } from "./data-support.ts";
import { tabTo } from "./keyboard.ts";
import {
  allSettled,
  desk,
  faultless,
  phone,
  type Stage,
  settled,
  signIn,
  stage,
  type Visit,
  visit,
} from "./support.ts";

let on: Stage;
let coach: Visit;
let workout: string;
const dayMs = 86_400_000;

const ada = () => on.people.members.ada;
const memberPath = () => `/coach/${ada().id}`;
const workoutPath = () => `${memberPath()}/${workout}`;
const card = (id: string) => coach.page.locator(`[data-card="${id}"]`);
const ofAda = () =>
  coach.requests.filter(({ url }) => /\/v1\/members\/|\/v1\/aggregates|\/v1\/summary/.test(url));

async function grant(columns: readonly string[]): Promise<string> {
  const body = { grantee: { role: "coach" }, columns };
  const { token } = ada();
  const answer = await call(on.system.url, "POST", "/v1/consents", { token, body });
  return expectStatus(answer, 201).body.id;
}
const revoke = (id: string) =>
  call(on.system.url, "DELETE", `/v1/consents/${id}`, { token: ada().token });

async function look(path: string): Promise<void> {
  await coach.page.goto(path);
  await coach.page.getByRole("button", { name: "Look, on the record" }).click();
  await allSettled(coach.page);
}

beforeAll(async () => {
  on = await stage();
  const { system, people } = on;
  const ride: Ride = {
    ...{ account: people.accounts.garmin.ada ?? "", id: "7100", startMs: Date.now() - dayMs },
    ...{ elapsedSeconds: 1800, distanceM: 15_000, everySeconds: 30, title: "Secret loop" },
    centre: { lat: 52.37, lon: 4.9 },
  };
  await pushActivities(system, garminActivity(ride), garminDetails(ride));
  const found = await until(
    () => workoutsOf(system, people.members.ada),
    (all) => all.length === 1,
  );
  workout = found?.[0].id;
  const samples = [1, 2, 3].map((days) => ({
    ...{ type: "steps", value: 4_000, unit: "count", sourceDevice: { id: "w", kind: "watch" } },
    startDate: new Date(Date.now() - days * dayMs).toISOString(),
    endDate: new Date(Date.now() - days * dayMs + 600_000).toISOString(),
  }));
  const { token } = people.members.ada;
  expectStatus(await call(system.url, "POST", "/v1/sync", { token, body: { samples } }), 200);
  coach = await visit(on);
  await signIn(coach, "Coach", "/coach");
});
afterAll(() => on.end());

describe("a coach", () => {
  it("whom nobody lets read is told so", async () => {
    await coach.page.goto("/coach");
    await expectCards(coach.page, ["roster"], "empty");
    await coach.page.goto(memberPath());
    await expectCards(coach.page, ["granted"], "empty");
    expect(await coach.page.getByRole("button", { name: "Look, on the record" }).count()).toBe(0);
  });

  it("sees who granted what, is reminded, looks after the press alone, and is refused once it is revoked", async () => {
    const { page } = coach;
    const consent = await grant(["heart_rate"]);
    await page.goto("/coach");
    await page.getByRole("link", { name: /Ada/ }).click();
    await settled(page, "granted");
    const row = (name: string) =>
      card("granted").getByRole("row", { name: new RegExp(`^${name}`) });
    expect(await row("Heart rate").innerText()).toContain("✓ Granted");
    expect(await row("Tracks").innerText()).toContain("✗ Not granted");
    await page.getByRole("heading", { name: "Looking is logged" }).waitFor();
    expect(ofAda()).toEqual([]);

    await page.getByRole("button", { name: "Look, on the record" }).click();
    await card("workouts").getByRole("link").click();
    await card("heart_rate").getByRole("button", { name: "Show heart rate" }).waitFor();
    expect(await card("track").innerText()).toContain("Not granted for this purpose");
    expect(ofAda().filter(({ url }) => url.includes("/readings/"))).toEqual([]);
    await card("heart_rate").getByRole("button", { name: "Show heart rate" }).click();
    await card("heart_rate").getByText("Highest").waitFor();

    const log = await call(on.system.url, "GET", "/v1/access-log", { token: ada().token });
    const [seen] = log.body.items.filter((one: { deed: string }) => one.deed === "read-readings");
    expect(seen).toMatchObject({ outcome: "permitted", purpose: "coaching" });
    expect(seen.sentence).toMatch(/^The coach \(coach\) .*heart rate/);

    expect((await revoke(consent)).status).toBe(200);
    await card("heart_rate").getByRole("button", { name: "Look again" }).click();
    await expectCards(page, ["heart_rate"], "error");
    const said = await card("heart_rate").innerText();
    expect(said).toContain("They do not let you see this any more");
    expect(said).not.toContain("Highest");
    await page.goto("/coach");
    await expectCards(page, ["roster"], "empty");
    for (const { url } of coach.requests) expect(url).not.toMatch(/Ada|Secret/);
    faultless(coach);
  });

  it("who was granted days sees them as a chart, and nothing that was not granted", async () => {
    const consent = await grant(["samples_activity"]);
    await look(memberPath());
    await expectCards(coach.page, ["samples"], "ready");
    await card("samples")
      .getByRole("img", { name: /^Steps a day/ })
      .waitFor();
    await card("samples").getByRole("button", { name: /What/ }).click();
    const names = await coach.page.getByRole("option").allInnerTexts();
    expect(names).toEqual(["Steps", "Distance", "Active energy"]);
    await coach.page.keyboard.press("Escape");
    await revoke(consent);
  });

  it("comes to a reading by keyboard alone", async () => {
    const { page } = coach;
    const consent = await grant(["heart_rate", "track"]);
    await page.goto("/coach");
    await tabTo(page, page.getByRole("link", { name: /^Ada/ }));
    await page.keyboard.press("Enter");
    await tabTo(page, page.getByRole("button", { name: "Look, on the record" }));
    await page.keyboard.press("Enter");
    await tabTo(page, card("workouts").getByRole("link"));
    await page.keyboard.press("Enter");
    await tabTo(page, card("track").getByRole("button", { name: "Show track" }));
    await page.keyboard.press("Enter");
    await card("track")
      .getByRole("img", { name: /^A track of/ })
      .waitFor();
    await revoke(consent);
    faultless(coach);
  });
});

describe("every card of Coach", () => {
  let consent: string;
  const cards = ["workouts", "samples"];
  beforeAll(async () => {
    const all = ["heart_rate", "track", "title", "notes", "device_name", "samples_activity"];
    consent = await grant(all);
  });
  afterAll(() => revoke(consent));

  /** What is asked of her, after the press. */
  const hers = /\/v1\/(members|aggregates|summary)/;
  const pressLook = () => coach.page.getByRole("button", { name: "Look, on the record" }).click();
  const readings = ["heart_rate", "track", "title", "notes", "device_name"];
  const openAll = async () => {
    for (const id of readings) await card(id).getByRole("button", { name: /^Show/ }).click();
  };

  it("is loading until its answer comes", async () => {
    const { page } = coach;
    await loadingAt(page, "/coach", ["roster"]);
    await loadingAt(page, memberPath(), ["granted"]);
    await page.goto(memberPath());
    let letHers: () => void = () => {};
    const later = new Promise<void>((done) => {
      letHers = done;
    });
    await page.route(hers, async (route) => {
      await later;
      await route.continue();
    });
    await pressLook();
    await expectCards(page, cards, "loading");
    letHers();
    await allSettled(page);
    await page.unroute(hers);
  });

  it("says what was refused, and is mended by trying again", async () => {
    const { page } = coach;
    await page.route(/\/v1\/roster/, refuse);
    await page.goto("/coach");
    await expectCards(page, ["roster"], "error");
    await page.unroute(/\/v1\/roster/);
    await card("roster").getByRole("button", { name: "Try again" }).click();
    await expectCards(page, ["roster"], "ready");
    await page.goto(memberPath());
    await settled(page, "granted");
    await page.route(hers, refuse);
    await pressLook();
    await expectCards(page, cards, "error");
    await page.unroute(hers);
    for (const id of cards) await card(id).getByRole("button", { name: "Try again" }).click();
    await expectCards(page, cards, "ready");
  });

  it("says that nobody can be reached; keeps what was seen and says as of when", async () => {
    const { page } = coach;
    await page.route(/\/v1\/roster/, cutOff);
    await page.goto("/coach");
    await expectCards(page, ["roster"], "offline");
    await page.unroute(/\/v1\/roster/);
    await page.goto(memberPath());
    await settled(page, "granted");
    await page.route(hers, cutOff);
    await pressLook();
    await expectCards(page, cards, "offline");
    await page.unroute(hers);
    for (const id of cards) await card(id).getByRole("button", { name: "Try again" }).click();
    await expectCards(page, [...cards, "granted"], "ready");
    const looks = ofAda().length;
    await page.route(/\/v1\//, cutOff);
    await expect
      .poll(
        async () => {
          await page.evaluate(() => window.dispatchEvent(new Event("visibilitychange")));
          return card("granted").getAttribute("data-state");
        },
        { timeout: 30_000, interval: 500 },
      )
      .toBe("stale");
    await expectCards(page, ["workouts"], "partial");
    await expectCards(page, ["samples"], "ready");
    await page.unroute(/\/v1\//);
    // Coming back to the page, and to a network, is no look at her.
    await page.evaluate(() => window.dispatchEvent(new Event("online")));
    await expectCards(page, ["granted", ...cards], "ready");
    expect(ofAda().length).toBe(looks);
  });

  it("of days says that it is not known what was granted, and asks for none, without the roster", async () => {
    const { page } = coach;
    await page.route(/\/v1\/roster/, refuse);
    await look(memberPath());
    await expectCards(page, ["granted"], "error");
    await page.getByText("What of their days they granted is not known").waitFor();
    await page.unroute(/\/v1\/roster/);
  });

  it("is partial without what it can do without", async () => {
    const { page } = coach;
    await page.goto(memberPath());
    await settled(page, "granted");
    await page.route(/\/v1\/summary/, refuse);
    await pressLook();
    await expectCards(page, ["samples"], "partial");
    await page.unroute(/\/v1\/summary/);
    await page.route(/\/v1\/roster/, refuse);
    await look(memberPath());
    await expectCards(page, ["workouts"], "partial");
    await page.unroute(/\/v1\/roster/);
    await page.route(/\/v1\/members\/[^/]+\/workouts/, refuse);
    await page.goto(workoutPath());
    await pressLook();
    await openAll();
    await expectCards(page, ["heart_rate", "track"], "partial");
    await page.unroute(/\/v1\/members\/[^/]+\/workouts/);
  });

  it("of readings is closed, then loading, error, offline, stale or empty", async () => {
    const { page } = coach;
    const reading = /\/readings\//;
    await look(workoutPath());
    await expectCards(page, readings, "closed");
    let letThrough: () => void = () => {};
    const held = new Promise<void>((done) => {
      letThrough = done;
    });
    await page.route(reading, async (route) => {
      await held;
      await route.continue();
    });
    await openAll();
    await expectCards(page, readings, "loading");
    letThrough();
    await allSettled(page);
    await page.unroute(reading);
    await expectCards(page, ["heart_rate", "track"], "ready");
    await expectCards(page, ["notes"], "empty");
    await page.route(reading, cutOff);
    for (const id of readings) await card(id).getByRole("button", { name: "Look again" }).click();
    await expectCards(page, readings, "stale");
    await look(workoutPath());
    await openAll();
    await expectCards(page, readings, "offline");
    await page.unroute(reading);
    await page.route(reading, refuse);
    for (const id of readings) await card(id).getByRole("button", { name: "Try again" }).click();
    await expectCards(page, readings, "error");
    await page.unroute(reading);
    for (const id of readings) await card(id).getByRole("button", { name: "Try again" }).click();
    await expectCards(page, ["heart_rate", "track"], "ready");
  });

  it("of days and of workouts says that there is none", async () => {
    const { ben } = on.people.members;
    const body = { grantee: { role: "coach" }, columns: ["heart_rate", "samples_sleep"] };
    await call(on.system.url, "POST", "/v1/consents", { token: ben.token, body });
    await look(`/coach/${ben.id}`);
    await expectCards(coach.page, cards, "empty");
  });

  it("has no serious violation, light or dark, and moves nothing while it loads", async () => {
    const { page } = coach;
    for (const size of [desk, phone]) {
      await page.setViewportSize(size);
      await expectStill(page, "/coach");
      await expectAccessible(page);
      await expectStill(page, memberPath());
      await expectAccessible(page);
      await look(memberPath());
      await expectAccessible(page);
      await look(workoutPath());
      await openAll();
      await allSettled(page);
      await expectAccessible(page);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth);
      expect(wide).toBeLessThanOrEqual(size.width);
    }
    faultless(coach);
  });
});

describe("a page that breaks", () => {
  const roster = /\/v1\/roster/;
  const body = JSON.stringify({ items: [{ member: "m_1", name: null }], next: null });
  const broken = () =>
    coach.page.route(roster, (route) => route.fulfill({ contentType: "application/json", body }));
  const said = () => coach.page.getByRole("alert").filter({ hasText: "This page broke" });
  const hasFocus = (one: Locator) =>
    one.evaluate((element) => element === element.ownerDocument.activeElement);

  it("says so, takes the focus there, and is mended by loading it anew", async () => {
    const { page } = coach;
    await page.setViewportSize(desk);
    await broken();
    await page.goto("/coach");
    await said().waitFor();
    expect(await hasFocus(said())).toBe(true);
    await expectAccessible(page);
    const anew = page.getByRole("button", { name: "Load it anew" });
    await tabTo(page, anew);
    await page.unroute(roster);
    await page.keyboard.press("Enter");
    await settled(page, "roster");
    expect(await said().count()).toBe(0);
  });

  it("leaves the frame standing, and the way to every other page", async () => {
    const { page } = coach;
    await broken();
    await page.goto("/coach");
    await said().waitFor();
    await page.getByRole("link", { name: "Leaderboard", exact: true }).click();
    await settled(page, "board");
    expect(await said().count()).toBe(0);
    await page.unroute(roster);
  });
});
