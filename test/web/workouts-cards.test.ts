/** Every card of the workouts' pages in every state that it has, and the pages as anybody can use them. */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ride as fileRide, tcxOf } from "../fakes/activity-files.ts";
import { as } from "../system/support.ts";
import { cutOff, everyStateAt, expectCards, partialAt, refuse } from "./card-states.ts";
import { expectAccessible } from "./data-support.ts";
import { layoutShift } from "./layout-shift.ts";
import {
  allSettled,
  desk,
  faultless,
  patienceMs,
  phone,
  type Stage,
  settled,
  signedIn,
  stage,
  type Visit,
} from "./support.ts";
import { athleteOf, settledAt, tellLater, tellRide } from "./workouts-story.ts";

let on: Stage;
let ride = "";
let long = "";
let receipt = { id: "" };

/** Long enough for its heart rate to come in two pages. */
const longRide = { ...fileRide, elapsedS: 21_000, timerS: 21_000, distanceM: 90_000, everyS: 1 };

beforeAll(async () => {
  on = await stage();
  const ada = athleteOf(on, "ada");
  await tellRide(on, ada, "garmin", "google", "apple");
  await tellLater(on, ada, 3, { distanceM: 12_000 });
  await tellLater(on, ada, 30, { sport: "RUNNING", distanceM: 30_000 });
  await fetch(`${on.system.url}/v1/files`, {
    method: "POST",
    headers: { authorization: `Bearer ${ada.token}` },
    body: tcxOf(longRide),
  });
  await tellLater(on, ada, 60);
  const all = await settledAt(on, ada, 5, 7);
  ride = all.find(({ sources }) => sources.length === 3)?.id ?? "";
  long = all.find(({ sources }) => sources[0]?.provider === "files")?.id ?? "";
  const { get, post, remove } = as(on.system, ada);
  const [newest] = (await get("/v1/workouts")).body.items;
  receipt = (await remove(`/v1/workouts/${newest.id}`)).body;
  const records = all.find(({ id }) => id === ride)?.sources.map(({ record }) => record) ?? [];
  const { body } = await post(`/v1/workouts/${ride}/split`, { records: records.slice(2) });
  await post("/v1/workouts/join", { workouts: body.workouts.map((w: { id: string }) => w.id) });
  await settledAt(on, ada, 4, 6);
});
afterAll(() => on.end());

const pages = (): [path: string, cards: string[]][] => [
  ["/workouts", ["workouts"]],
  [`/workouts/${ride}`, ["values", "sources", "boards"]],
  ["/workouts/decisions", ["decisions"]],
  [`/workouts/erased/${receipt.id}`, ["receipt"]],
];

const by = (name: string): Promise<Visit> => signedIn(on, name, "/workouts");

describe("the cards of the workouts' pages", () => {
  it("are loading, cut off or refused, in words, can be asked again, and say what is old", async () => {
    const { page } = await by("Ada");
    for (const [path, cards] of pages()) await everyStateAt(page, path, cards, { mended: null });
  });

  it("say what is missing of them", async () => {
    const { page } = await by("Ada");
    await partialAt(page, "/workouts", /\/v1\/providers/, "workouts");
    await partialAt(page, `/workouts/${ride}`, /\/v1\/providers/, "values", "sources");
    await partialAt(page, `/workouts/${ride}`, /\/v1\/leaderboards/, "boards");
    await partialAt(page, "/workouts/decisions", /\/v1\/workouts/, "decisions");
    // What the erasing was answered with: by now it may be finished.
    const first = (url: URL) => url.pathname.startsWith("/v1/receipts/");
    await page.route(first, (route) => route.fulfill({ json: receipt }));
    await page.goto(`/workouts/erased/${receipt.id}`);
    await expectCards(page, ["receipt"], "partial");
    await page.getByText(/^Still to come: the archive is being written anew without it/).waitFor();
    await page.unroute(first);
  });

  it("say what to do where there is nothing", async () => {
    const { page } = await by("Ben");
    await page.goto("/workouts");
    await expectCards(page, ["workouts"], "empty");
    await page.getByRole("link", { name: "Connect an account" }).waitFor();
    await page.goto("/workouts/decisions");
    await expectCards(page, ["decisions"], "empty");
  });
});

const readings = (column: string) => (url: URL) => url.pathname.endsWith(`/readings/${column}`);
const cards = [
  ["heart-rate", "heart_rate", "Show heart rate"],
  ["track", "track", "Show track"],
  ["names", "title", "Show name and notes"],
] as const;
const again = (page: Page, card: string, name: string) =>
  page.locator(`[data-card="${card}"]`).getByRole("button", { name }).click();

describe.each(cards)("the card of sealed readings: %s", (card, column, show) => {
  it("is closed, loads when it is opened, and may be late, refused, cut off or old", async () => {
    const { page } = await by("Ada");
    const meant = readings(column);
    await page.goto(`/workouts/${ride}`);
    await expectCards(page, [card], "closed");

    let isHeld = true;
    const release: (() => void)[] = [];
    await page.route(meant, async (route) => {
      if (isHeld) await new Promise<void>((done) => release.push(done));
      await route.continue();
    });
    await page.getByRole("button", { name: show }).click();
    await expectCards(page, [card], "loading");
    isHeld = false;
    for (const go of release) go();
    await expectCards(page, [card], "ready");
    await page.unroute(meant);

    await page.route(meant, cutOff);
    await again(page, card, "Look again");
    await expectCards(page, [card], "stale");
    await page.unroute(meant);

    for (const [state, how] of [
      ["offline", cutOff],
      ["error", refuse],
    ] as const) {
      await page.route(meant, how);
      await page.goto(`/workouts/${ride}`);
      await page.getByRole("button", { name: show }).click();
      await expectCards(page, [card], state);
      await page.unroute(meant);
      await again(page, card, "Try again");
      await expectCards(page, [card], "ready");
    }
  });
});

describe("sealed readings", () => {
  it("come page by page, and say so when a later page is missing", async () => {
    const { page } = await by("Ada");
    await page.goto(`/workouts/${long}`);
    const later = (url: URL) => readings("heart_rate")(url) && url.searchParams.has("cursor");
    await page.route(later, refuse);
    await page.getByRole("button", { name: "Show heart rate" }).click();
    await expectCards(page, ["heart-rate"], "partial");
    await page.getByText("from 20,000 readings").waitFor();
    await page.unroute(later);
    await again(page, "heart-rate", "Try again");
    await expectCards(page, ["heart-rate"], "ready");
    await page.getByText("from 21,001 readings").waitFor();

    await page.route(readings("notes"), refuse);
    await page.getByRole("button", { name: "Show name and notes" }).click();
    await expectCards(page, ["names"], "partial");
  });

  it("say that there are none", async () => {
    const { page } = await by("Ada");
    await page.goto(`/workouts/${long}`);
    await page.getByRole("button", { name: "Show name and notes" }).click();
    await expectCards(page, ["names"], "empty");
  });
});

describe("the workouts' pages", () => {
  it("have no serious fault of access, light or dark, with dialogs and readings open too", async () => {
    const ada = await by("Ada");
    const { page } = ada;
    for (const [path] of [...pages(), ["/workouts/add"]]) {
      await page.goto(path ?? "");
      await page.getByRole("heading", { level: 1 }).waitFor();
      if (path !== "/workouts/add") await allSettled(page);
      await expectAccessible(page);
    }
    await page.goto("/workouts");
    await page.getByRole("button", { name: "Join workouts" }).click();
    for (const label of await page.locator("label.check").all()) await label.click();
    await expectAccessible(page);
    await page.getByRole("button", { name: "Join them" }).click();
    await page.getByRole("dialog").waitFor();
    await expectAccessible(page);

    await page.goto(`/workouts/${ride}`);
    for (const [card, , show] of cards) {
      await page.getByRole("button", { name: show }).click();
      await settled(page, card);
    }
    await page.getByRole("img", { name: /A track of/ }).waitFor();
    await expectAccessible(page);
    for (const name of ["Split", "Erase this workout"])
      await page.getByRole("button", { name, exact: true }).click();
    await page.getByRole("dialog").waitFor();
    await expectAccessible(page);
    faultless(ada);
  });

  it.each([
    ["a phone", phone],
    ["a desk", desk],
  ])("neither move while they load nor scroll sideways on %s", async (_, size) => {
    const ada = await by("Ada");
    const { page } = ada;
    await page.setViewportSize(size);
    for (const [path] of pages()) {
      await page.goto(path);
      await allSettled(page);
      expect(await layoutShift(page), path).toBeLessThan(0.02);
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      expect(width, path).toBeLessThanOrEqual(size.width);
    }
    faultless(ada);
  });

  it("show twenty workouts, and more when asked", async () => {
    const who = athleteOf(on, "cleo");
    for (let n = 0; n < 23; n++) await tellLater(on, who, -2 * n);
    await settledAt(on, who, 23, 23);
    const cleo = await by("Cleo");
    await cleo.page.goto("/workouts");
    await settled(cleo.page, "workouts");
    const rows = cleo.page.locator("[data-workout]");
    expect(await rows.count()).toBe(20);
    await cleo.page.getByRole("button", { name: "Show more" }).click();
    await expect.poll(() => rows.count(), { timeout: patienceMs }).toBe(23);
    expect(await cleo.page.getByRole("button", { name: "Show more" }).count()).toBe(0);
    faultless(cleo);
  });
});
