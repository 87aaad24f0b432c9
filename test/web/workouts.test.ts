/** The workouts' page: one ride by three sources, its reasons, and what a member does about it. */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "../../local/deliveries.ts";
import { saidMm, week } from "../system/same-ride.ts";
import { as, scoreOn } from "../system/support.ts";
import { tabTo } from "./keyboard.ts";
import {
  allSettled,
  faultless,
  patienceMs,
  type Stage,
  settled,
  signedIn,
  stage,
  type Visit,
} from "./support.ts";
import { athleteOf, type MemberName, settledAt, tellLater, tellRide } from "./workouts-story.ts";

let on: Stage;
beforeAll(async () => {
  on = await stage();
});
afterAll(() => on.end());

const names = { ada: "Ada", ben: "Ben", cleo: "Cleo" } as const;
const cardOf = (page: Page, id: string) => page.locator(`[data-card="${id}"]`);

async function opened(who: MemberName, path: string): Promise<Visit> {
  const visitor = await signedIn(on, names[who], path);
  await allSettled(visitor.page);
  return visitor;
}

/** The week's distance of a member on the board, once it has come to this. */
async function expectScore(who: MemberName, mm: number): Promise<void> {
  const score = () => scoreOn(on.system, "distance", week, on.people.members[who].id);
  expect(await eventually(score, (n) => n === mm)).toBe(mm);
}

describe("a ride by three sources", () => {
  let ride = "";
  beforeAll(async () => {
    const ada = athleteOf(on, "ada");
    await tellRide(on, ada, "garmin", "google", "apple");
    const [one] = await settledAt(on, ada, 1, 3);
    ride = one?.id ?? "";
  });

  it("is one workout in the list and tells why on its own page", async () => {
    const ada = await opened("ada", "/workouts");
    const row = ada.page.locator(`[data-workout="${ride}"]`);
    expect(await row.innerText()).toMatch(/Cycling[\s\S]*30\.00 km[\s\S]*3 sources, counted once/);
    await row.getByRole("link").click();
    await ada.page.getByRole("heading", { level: 1, name: "Cycling" }).waitFor();
    await allSettled(ada.page);
    const sources = await cardOf(ada.page, "sources").innerText();
    for (const provider of ["Garmin Connect", "Google Health", "Apple Health"])
      expect(sources).toContain(provider);
    expect(sources).toMatch(/Why they are one[\s\S]*share \d+ % of the shorter one's time/);
    const values = await cardOf(ada.page, "values").innerText();
    expect(values).toMatch(/Distance\s+30\.00 km\s+From Garmin Connect: measured with GPS/);
    expect(await cardOf(ada.page, "boards").innerText()).toMatch(/Counts once.*30\.00 km/);
    faultless(ada);
  });

  it("is led to from an id that it had before", async () => {
    const former = await as(on.system, on.people.members.ada).get(`/v1/workouts/${ride}`);
    const [alias = ""] = former.body.aliases;
    const ada = await opened("ada", `/workouts/${alias}`);
    await ada.page.waitForURL(`**/workouts/${ride}`);
    await settled(ada.page, "sources");
    faultless(ada);
  });

  it("is split by its member, counts twice, and is one again when that is undone", async () => {
    const ada = await opened("ada", `/workouts/${ride}`);
    const { page } = ada;
    await expectScore("ada", saidMm.garmin);
    await page.getByRole("button", { name: "Split" }).click();
    const splitOff = page.getByRole("button", { name: "Split off" });
    expect(await splitOff.isDisabled()).toBe(true);
    await page.locator("label.check", { hasText: "Google Health" }).click();
    await splitOff.click();
    const dialog = page.getByRole("dialog");
    expect(await dialog.innerText()).toMatch(/Both count on boards.*You can undo it/s);
    await dialog.getByRole("button", { name: "Split off" }).click();
    const note = page.locator(".note", { hasText: "workouts of their own now" });
    await note.waitFor();
    expect(await note.getByRole("link").count()).toBe(2);
    await expectScore("ada", saidMm.garmin + saidMm.google);
    await expect
      .poll(() => cardOf(page, "sources").innerText(), { timeout: patienceMs })
      .toMatch(/2 sources, counted once[\s\S]*The member said that .* are two/);
    await note.getByRole("button", { name: "Undo" }).click();
    await page.getByText("Taken back: it is one workout again").waitFor();
    await expectScore("ada", saidMm.garmin);
    await expect
      .poll(() => cardOf(page, "sources").innerText(), { timeout: patienceMs })
      .toMatch(/3 sources, counted once/);
    faultless(ada);
  });

  it("is split and made one again by keyboard alone", async () => {
    const ada = await opened("ada", "/workouts");
    const { page } = ada;
    const press = (key: string) => page.keyboard.press(key);
    await tabTo(page, page.locator(`[data-workout="${ride}"] a`));
    await press("Enter");
    await settled(page, "sources");
    await tabTo(page, page.getByRole("button", { name: "Split" }));
    await press("Enter");
    await tabTo(page, page.getByRole("checkbox", { name: /Apple Health/ }));
    await press("Space");
    await tabTo(page, page.getByRole("button", { name: "Split off" }));
    await press("Enter");
    await tabTo(page, page.getByRole("dialog").getByRole("button", { name: "Split off" }));
    await press("Enter");
    await page.getByText("workouts of their own now").waitFor();
    await tabTo(page, page.getByRole("button", { name: "Undo" }));
    await press("Enter");
    await page.getByText("Taken back: it is one workout again").waitFor();
    await settledAt(on, athleteOf(on, "ada"), 1, 3);
    faultless(ada);
  });

  it("shows its heart rate when it is asked for, and the look stands in the member's log", async () => {
    const ada = await opened("ada", `/workouts/${ride}`);
    const { page, requests } = ada;
    const asked = () => requests.filter(({ url }) => url.includes("/readings/"));
    expect(asked()).toEqual([]);
    const { get } = as(on.system, on.people.members.ada);
    const looks = async () => {
      const { items } = (await get("/v1/access-log?limit=50")).body;
      return items.filter(
        ({ deed, columns }: { deed: string; columns: string[] }) =>
          deed === "read-readings" && columns.includes("heart_rate"),
      ).length;
    };
    const before = await looks();
    await page.getByRole("button", { name: "Show heart rate" }).click();
    await settled(page, "heart-rate");
    const card = cardOf(page, "heart-rate");
    expect(await card.innerText()).toMatch(/Lowest\s+113 bpm\s+Mean\s+137 bpm\s+Highest\s+150/);
    await card.locator("svg path.recharts-line-curve").waitFor();
    expect(await looks()).toBe(before + 1);
    await card.getByRole("button", { name: "As a table" }).click();
    expect(await card.locator("tbody tr").count()).toBe(121);
    expect(asked()).toHaveLength(1);
    faultless(ada);
  });

  it("shows its track as a drawing with its start and end, and its name", async () => {
    const ada = await opened("ada", `/workouts/${ride}`);
    await ada.page.getByRole("button", { name: "Show track" }).click();
    const drawing = ada.page.getByRole("img", { name: /A track of 30\.0 km that ends back where/ });
    await drawing.waitFor();
    const box = await drawing.boundingBox();
    expect((box?.width ?? 0) > 200 && (box?.height ?? 0) > 200).toBe(true);
    await ada.page.getByRole("button", { name: "Show name and notes" }).click();
    await cardOf(ada.page, "names").getByText("Morning ride").first().waitFor();
    const kept = await ada.page.evaluate(() => JSON.stringify([localStorage, sessionStorage]));
    expect(kept).not.toMatch(/Morning|52\.|bpm/);
    faultless(ada);
  });
});

describe("two halves with a break between them", () => {
  it("are joined in the list, and taken back from the decisions", async () => {
    const who = athleteOf(on, "ben");
    await tellRide(on, who, "garmin");
    await tellLater(on, who, 3, { distanceM: 12_000 });
    await settledAt(on, who, 2, 2);
    await expectScore("ben", saidMm.garmin + 12_000_000);
    const ben = await opened("ben", "/workouts");
    const { page } = ben;
    await page.getByRole("button", { name: "Join workouts" }).click();
    const join = page.getByRole("button", { name: "Join them" });
    for (const km of ["30.00 km", "12.00 km"]) {
      expect(await join.isDisabled()).toBe(true);
      await page.locator("label.check", { hasText: km }).click();
    }
    await join.click();
    const dialog = page.getByRole("dialog");
    expect(await dialog.innerText()).toMatch(/count once.*You can undo it/s);
    await dialog.getByRole("button", { name: "Join them" }).click();
    await page.getByText("They are one workout now").waitFor();
    const [one] = await settledAt(on, who, 1, 2);
    await page.locator(`[data-workout="${one?.id}"]`, { hasText: "42.00 km" }).waitFor();

    await page.getByRole("link", { name: "Decided by hand" }).click();
    await settled(page, "decisions");
    const decisions = cardOf(page, "decisions");
    expect(await decisions.innerText()).toMatch(/You joined\s+2 records/);
    await decisions.getByRole("button", { name: "Undo" }).click();
    await page.getByText("Taken back: all is as if you had never said it.").waitFor();
    await settledAt(on, who, 2, 2);
    await decisions.getByText("You decided nothing by hand so far.").waitFor();
    faultless(ben);
  });
});

describe("a workout that nobody could have done", () => {
  it("stays in the list, held from boards with its reason, and is erased with a receipt", async () => {
    const who = athleteOf(on, "cleo");
    await tellLater(on, who, 0, { sport: "RUNNING", distanceM: 30_000 });
    const [held] = await settledAt(on, who, 1, 1);
    const cleo = await opened("cleo", "/workouts");
    const { page } = cleo;
    const reason = /faster than anyone has gone \(23\.0 km\/h\)/;
    expect(await cardOf(page, "workouts").innerText()).toMatch(reason);
    await page.locator(`[data-workout="${held?.id}"] a`).click();
    await settled(page, "boards");
    expect(await cardOf(page, "boards").innerText()).toMatch(
      /Held back It stays in your list[\s\S]*faster than anyone/,
    );
    await page.getByRole("button", { name: "Erase this workout" }).click();
    const dialog = page.getByRole("dialog");
    expect(await dialog.innerText()).toContain("this cannot be undone");
    await dialog.getByRole("button", { name: "Erase for good" }).click();
    await page.getByRole("heading", { level: 1, name: "Erased" }).waitFor();
    await settled(page, "receipt");
    const receipt = await cardOf(page, "receipt").innerText();
    expect(receipt).toMatch(/Declared gone: [^\n]*\s1$/m);
    expect(receipt).toMatch(/boards corrected[^\n]*\s1$/m);
    await settledAt(on, who, 0, 0);
    await page.locator("main").getByRole("link", { name: "All workouts" }).click();
    await page.getByText("No workouts yet.").waitFor();
    await page.goto(`/workouts/${held?.id}`);
    await page.getByRole("heading", { level: 1, name: "There is no such workout" }).waitFor();
    faultless(cleo);
  });
});
