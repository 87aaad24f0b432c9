/**
 * The day that was seen last, without a network; and what lies in the browser meanwhile and after
 * signing out, looked for in what scripts see and in the bytes of the profile on disk.
 */
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { addDays, localDate } from "../../domain/time.ts";
import { call, expectStatus, type Person } from "../../local/people.ts";
import { keptBytes, keptNames, putBack, readyOffline, sealedAs } from "./kept.ts";
import {
  allSettled,
  chromiumPath,
  desk,
  faultless,
  patienceMs,
  type Stage,
  signIn,
  stage,
  type Visit,
  visit,
} from "./support.ts";

/** What nobody else's browser would hold by chance. */
const told = { steps: 148_417, weight: 83.479, device: "canary-watch-9f3b" };
const canaries = ["148417", "148,417", "83.479", "canary-watch-9f3b"];
const backsMax = 8;
const soon = { timeout: patienceMs };
const today = localDate(Date.now(), 60);

let on: Stage;
/** One browser of hers, as it goes on from test to test. */
let ada: Visit;
let again: Page;
beforeAll(async () => {
  on = await stage();
  await measure(on.people.members.ada);
  ada = await visit(on);
  await signIn(ada, "Ada", "/day");
});
afterAll(() => on.end());

async function measure({ token }: Person): Promise<void> {
  const startDate = new Date(Date.now() - 60_000).toISOString();
  const sourceDevice = { id: told.device, kind: "watch", model: told.device };
  const sample = { startDate, endDate: startDate, sourceDevice };
  const samples = [
    { ...sample, type: "steps", value: told.steps, unit: "count" },
    { ...sample, type: "weight", value: told.weight, unit: "kg" },
  ];
  expectStatus(await call(on.system.url, "POST", "/v1/sync", { token, body: { samples } }), 200);
}

/** The day's cards, each with what it says of itself. */
const states = (page: Page): Promise<string[]> =>
  page
    .locator("[data-card]")
    .evaluateAll((cards) => cards.map((card) => card.getAttribute("data-state") ?? ""));

async function seeToday({ page }: Visit): Promise<void> {
  await page.goto("/day");
  await allSettled(page);
  await page.getByText("148,417").first().waitFor();
  await readyOffline(page);
}

describe("the day that was seen last", () => {
  it("opens without a network, in a browser opened again, with its numbers and as old", async () => {
    await seeToday(ada);
    // What is opened after it is another page, and no other day.
    await ada.page.goto("/leaderboard");
    await readyOffline(ada.page);
    await ada.context.setOffline(true);
    await ada.page.close();
    again = await ada.context.newPage();
    await again.goto("/day");
    await again.getByText("148,417").first().waitFor();
    await expect.poll(() => states(again), soon).toContain("stale");
    const said = await states(again);
    expect(said.filter((state) => state === "ready")).toEqual([]);
    expect(said.filter((state) => state === "error")).toEqual([]);
    await again
      .getByText(/^As of /)
      .first()
      .waitFor();
    faultless(ada);
  });

  it("comes up to date by itself once there is a network again", async () => {
    await ada.context.setOffline(false);
    await expect.poll(() => states(again), soon).not.toContain("stale");
    faultless(ada);
  });

  it("is one day and no history: another says that one is offline", async () => {
    await again.goto(`/day/${addDays(today, -3)}`);
    await allSettled(again);
    await again.goto("/day");
    await allSettled(again);
    await readyOffline(again);
    await ada.context.setOffline(true);
    const other = await ada.context.newPage();
    await other.goto(`/day/${addDays(today, -3)}`);
    await other.getByText("You are offline, and this was not seen before.").first().waitFor();
    expect(await other.getByText("148,417").count()).toBe(0);
    await other.goto("/workouts");
    await other.getByRole("heading", { level: 1 }).first().waitFor();
    expect(await other.getByText("could not be loaded").count()).toBe(0);
    await other.close();
    await ada.context.setOffline(false);
    faultless(ada);
  });
});

describe("what a browser keeps of somebody", () => {
  it("is ciphertext under a key that no script can read out", async () => {
    await again.goto("/day");
    await again.getByText("148,417").first().waitFor();
    await readyOffline(again);
    const { databases, rest } = await keptBytes(again);
    expect(databases).toContain("key false");
    for (const canary of [...canaries, "Ada", "steps", "weight"])
      expect(databases.includes(canary), canary).toBe(false);
    for (const canary of canaries) expect(rest.includes(canary), canary).toBe(false);
    const cached = rest.split("\n").filter((line) => line.startsWith(`${on.system.url}/`));
    expect(cached.length).toBeGreaterThan(5);
    expect(cached.filter((url) => url.includes("/v1/"))).toEqual([]);
    faultless(ada);
  });

  it("opens no more after signing out, in any tab, nor by going back", async () => {
    const ada = await visit(on);
    await signIn(ada, "Ada", "/day");
    await seeToday(ada);
    await ada.page.getByRole("link", { name: "Leaderboard" }).click();
    await ada.page.waitForURL("**/leaderboard");
    const other = await ada.context.newPage();
    await other.goto("/day");
    await other.getByText("148,417").first().waitFor();
    const former = await sealedAs(ada.page, "last-seen");
    expect(former.length).toBeGreaterThan(100);

    await ada.page.getByRole("banner").getByRole("button", { name: "Ada" }).click();
    await ada.page.getByRole("menuitem", { name: "Sign out" }).click();
    await ada.page.getByRole("banner").getByRole("button", { name: "Sign in" }).waitFor();
    await other.getByRole("heading", { name: "Sign in" }).waitFor();
    expect(await other.getByText("148,417").count()).toBe(0);
    await expect.poll(() => keptNames(ada.page, ""), soon).toEqual([]);

    // By way of the issuer, and back to the first page; then every page that was seen before.
    await ada.page.waitForURL("**/leaderboard");
    await ada.page.getByRole("heading", { level: 1 }).first().waitFor();
    for (let back = 0; back < backsMax; back++) {
      await ada.page.goBack({ waitUntil: "load" }).catch(() => null);
      expect(await ada.page.locator("body").innerText()).not.toContain("148,417");
    }
    await ada.page.goto("/day");
    await ada.page.getByRole("heading", { name: "Sign in" }).waitFor();
    expect(await ada.page.content()).not.toContain("148,417");

    // Put back under its name, as from a copy of the disk: whoever signs in next has another key.
    await signIn(ada, "Ben", "/leaderboard");
    await putBack(ada.page, "last-seen", former);
    await ada.page.goto("/day");
    await ada.page.getByRole("heading", { level: 1 }).first().waitFor();
    expect(await ada.page.content()).not.toContain("148,417");
    faultless(ada);
  });

  it("stands nowhere in clear in the profile on disk", async () => {
    const folder = await mkdtemp(join(tmpdir(), "singlet-profile-"));
    const context = await chromium.launchPersistentContext(folder, {
      executablePath: chromiumPath,
      args: ["--no-sandbox", "--disable-gpu"],
      ...{ baseURL: on.system.url, viewport: desk, locale: "en-GB" },
    });
    try {
      context.setDefaultTimeout(patienceMs);
      const page = await context.newPage();
      const ada: Visit = { page, context, faults: [], requests: [] };
      await signIn(ada, "Ada", "/day");
      await seeToday(ada);
      await page.goto("/workouts");
      await allSettled(page);
      await context.close();
      expect(await filesWith(folder, ["singlet"]), "the folder was read").not.toEqual([]);
      expect(await filesWith(folder, canaries)).toEqual([]);
    } finally {
      await context.close();
      await rm(folder, { recursive: true, force: true });
    }
  });
});

/** Files that hold any of these as text, in one byte or two to a letter. */
async function filesWith(folder: string, words: readonly string[]): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const found: string[] = [];
  for (const entry of entries.filter((each) => each.isFile())) {
    const path = join(entry.parentPath, entry.name);
    const bytes = await readFile(path).catch(() => Buffer.alloc(0));
    for (const word of words)
      if (bytes.includes(word, 0, "utf8") || bytes.includes(word, 0, "utf16le"))
        found.push(`${word} in ${path.slice(folder.length)}`);
  }
  return found;
}
