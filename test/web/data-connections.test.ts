/** My data, where it comes from: linking and ending at providers' pages, devices and their order, who one is. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { accountOf, call, enrol, link, type Person } from "../../local/people.ts";
import { samplesChapter } from "../../local/story-samples.ts";
import { everyStateAt, expectCards, partialAt } from "./card-states.ts";
import { expectAccessible, expectFits, expectStill, signInNew } from "./data-support.ts";
import {
  desk,
  faultless,
  patienceMs,
  phone,
  type Stage,
  signedIn,
  stage,
  type Visit,
  visit,
} from "./support.ts";

let on: Stage;
const day = new Date(Date.now() - 2 * 86_400_000).toISOString().slice(0, 10);
beforeAll(async () => {
  on = await stage();
  await samplesChapter(on.system, on.people, day);
});
afterAll(() => on.end());

const ask = async ({ token }: Person, path: string) =>
  (await call(on.system.url, "GET", path, { token })).body;

/** To the provider's own page, as a member goes there. */
async function goTo({ page }: Visit, title: string): Promise<void> {
  await page.goto("/data/connections/new");
  await page.getByRole("button", { name: `Link: ${title}` }).click();
  await page.getByRole("button", { name: `Go to ${title}` }).click();
  await page.getByRole("heading", { name: `Let Singlet read from ${title}?` }).waitFor();
}
const back = ({ page }: Visit) =>
  page.waitForURL((url) => url.pathname === "/data/connections" && url.search === "");

describe("linking", () => {
  it("at the provider's own page brings the account here, and it is let go of again", async () => {
    const nora = await visit(on);
    const { page } = nora;
    await signInNew(nora, "nora", "/data/connections");
    await expectCards(page, ["connections"], "empty");
    await page.getByRole("link", { name: "Link an account" }).first().click();
    await page.getByRole("button", { name: "Link: Strava" }).click();
    await page.getByText("with heart rate and route").waitFor();
    await expectAccessible(page);
    await page.getByRole("button", { name: "Go to Strava" }).click();
    await page.getByLabel("Account there").fill("424242");
    await page.getByRole("button", { name: "Allow" }).click();
    await back(nora);
    await page.getByText("Strava is linked.").waitFor();
    const item = page.locator('[data-provider="strava"]');
    await item.getByRole("button", { name: "Sync now: Strava" }).click();
    await item.getByText(/Strava is read (now|in)/).waitFor();

    await item.getByRole("button", { name: "Disconnect Strava" }).click();
    await page.getByRole("radio", { name: "Erase what came" }).click();
    await page.getByText("This cannot be undone.").waitFor();
    await expectAccessible(page);
    await page.getByRole("button", { name: "Disconnect and erase" }).click();
    await page.getByText("Strava is disconnected. What came by it is erased.").waitFor();
    await expectCards(page, ["connections"], "empty");
    await page.getByRole("link", { name: "The receipt" }).click();
    await page.getByText("A connection, erased as asked").waitFor();

    await goTo(nora, "Strava");
    await page.getByLabel("Account there").fill("424242");
    await page.getByRole("button", { name: "Allow" }).click();
    await page.getByRole("button", { name: "Let erased data come again: Strava" }).click();
    await page.getByRole("button", { name: "Let it come again" }).click();
    await expect
      .poll(
        () => page.getByRole("button", { name: "Let erased data come again: Strava" }).count(),
        { timeout: patienceMs },
      )
      .toBe(0);
    faultless(nora);
  });

  it("says that nothing was linked when it was denied", async () => {
    const ben = await signedIn(on, "Ben", "/data/connections");
    await goTo(ben, "Polar");
    await ben.page.getByRole("button", { name: "Deny" }).click();
    await back(ben);
    await ben.page
      .getByRole("alert")
      .getByText("You did not let Singlet read from Polar, so nothing was linked.")
      .waitFor();
    const { items } = await ask(on.people.members.ben, "/v1/connections");
    expect(items.map(({ provider }: { provider: string }) => provider)).not.toContain("polar");
    faultless(ben);
  });

  it("is ended here with the member's token where the browser is not known by its cookie", async () => {
    const ben = await signedIn(on, "Ben", "/data/connections");
    await goTo(ben, "WHOOP");
    await ben.context.clearCookies();
    await ben.page.getByRole("button", { name: "Allow" }).click();
    await back(ben);
    await ben.page.getByText("WHOOP is linked.").waitFor();
    await ben.page.locator('[data-provider="whoop"]').waitFor();
    faultless(ben);
  });

  it("gives a key, a word or advice where there is no page, and shows each once", async () => {
    const ben = await signedIn(on, "Ben", "/data/connections/new");
    const { page } = ben;
    await page.getByRole("button", { name: "Link: Health Auto Export" }).click();
    await page.getByRole("button", { name: "Make a key" }).click();
    const key = await page.getByLabel("Key", { exact: true }).inputValue();
    expect(await page.getByLabel("Address", { exact: true }).inputValue()).toBe(
      `${on.system.url}/webhooks/health-auto-export/${key}`,
    );
    await expectAccessible(page);
    await page.getByRole("button", { name: "Close" }).click();
    await page.locator('[data-offered="health-auto-export"]').getByText("Linked").waitFor();
    expect(await page.content()).not.toContain(key);

    await page.getByRole("button", { name: "Link: Standard Webhooks" }).click();
    await page.getByRole("button", { name: "Get the word" }).click();
    expect(await page.getByLabel("The word", { exact: true }).inputValue()).not.toBe("");
    await page.getByRole("button", { name: "Close" }).click();
    await page.getByRole("button", { name: "How: Apple Health" }).click();
    await page.getByText("Apple Health sends from your device").waitFor();
    faultless(ben);
  });

  it("tells both sides of a claim that was refused", async () => {
    const { ada } = on.people.members;
    const claimant = await enrol(on.system, "claimant", "Claimant", ["member"]);
    const answer = await link(on.system, claimant, "garmin", accountOf("garmin", "ada"));
    expect(answer.status).toBe(409);
    const visitor = await signedIn(on, "Ada", "/data/connections");
    await visitor.page.getByText("Somebody else tried to link your account at Garmin").waitFor();
    const { items } = await ask(ada, "/v1/connections");
    expect(items.map(({ provider }: { provider: string }) => provider)).toContain("garmin");
    faultless(visitor);
  });
});

describe("devices", () => {
  it("are put in order by keyboard and by dragging, and days are made anew by it", async () => {
    const ada = await signedIn(on, "Ada", "/data/devices");
    const { page } = ada;
    const rows = page.locator("[data-device]");
    const ids = () => rows.evaluateAll((all) => all.map((one) => one.getAttribute("data-device")));
    await expect.poll(ids, { timeout: patienceMs }).toHaveLength(2);
    const [watch, phoneId] = await ids();
    await rows.nth(1).getByRole("button", { name: /up$/ }).focus();
    await page.keyboard.press("Enter");
    expect(await ids()).toEqual([phoneId, watch]);
    await page.keyboard.press("Enter");
    expect(await ids()).toEqual([watch, phoneId]);
    await rows.nth(0).dragTo(rows.nth(1));
    expect(await ids()).toEqual([phoneId, watch]);
    await page.getByRole("radio", { name: "Always" }).click();
    await page.getByRole("button", { name: "Save this order" }).click();
    await page.getByText(/Saved\. \d days? (was|were) made anew\./).waitFor();
    const { orders } = await ask(on.people.members.ada, "/v1/devices");
    expect(orders).toEqual([{ from: null, devices: [phoneId, watch] }]);
    expect(await ids()).toEqual([phoneId, watch]);
    await page.getByRole("button", { name: "Back to the order by kind" }).click();
    await expect.poll(ids, { timeout: patienceMs }).toEqual([watch, phoneId]);
    faultless(ada);
  });
});

describe("the overview", () => {
  it("says how all of it stands, and keeps what is changed of the profile", async () => {
    const ada = await signedIn(on, "Ada", "/data");
    const { page } = ada;
    const rest = page.locator('[data-card="rest"]');
    await rest.getByRole("link", { name: /^3\s*Connections/ }).waitFor();
    expect(await page.getByLabel(/^Your id/).inputValue()).toBe(on.people.members.ada.id);
    await page.getByLabel("Your name").fill("Ada L.");
    await page.getByText("Show me on leaderboards").click();
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.getByText("Saved.").waitFor();
    const me = await ask(on.people.members.ada, "/v1/me");
    expect(me).toMatchObject({ displayName: "Ada L.", onBoards: false });
    faultless(ada);
  });
});

const cardsAt = {
  "/data": ["rest"],
  "/data/connections": ["connections"],
  "/data/connections/new": ["providers"],
  "/data/devices": ["devices"],
} as const;

describe("its cards", () => {
  it("load, fail, go offline and grow old, each in words", async () => {
    const ada = await signedIn(on, "Ada", "/data");
    for (const [path, cards] of Object.entries(cardsAt)) {
      await everyStateAt(ada.page, path, cards);
    }
    faultless(ada);
  });

  it("say what is missing of them", async () => {
    const ada = await signedIn(on, "Ada", "/data");
    await partialAt(ada.page, "/data", /v1\/shares/, "rest");
    await partialAt(ada.page, "/data/connections", /v1\/providers/, "connections");
    await partialAt(ada.page, "/data/connections/new", /v1\/connections/, "providers");
    await partialAt(ada.page, "/data/devices", /v1\/connections/, "devices");
    faultless(ada);
  });

  it("say what to do where there is nothing yet", async () => {
    const newcomer = await visit(on);
    await signInNew(newcomer, "olga", "/data");
    await expectCards(newcomer.page, ["rest"], "empty");
    await newcomer.page.getByRole("link", { name: "Devices" }).click();
    await expectCards(newcomer.page, ["devices"], "empty");
    await newcomer.page.getByRole("link", { name: "Connections" }).click();
    await expectCards(newcomer.page, ["connections"], "empty");
    faultless(newcomer);
  });

  it("stand still while they load, fit phone and desk, and are read by everybody", async () => {
    const ada = await signedIn(on, "Ada", "/data", { size: phone });
    for (const size of [phone, desk]) {
      await ada.page.setViewportSize(size);
      for (const path of Object.keys(cardsAt)) {
        await expectStill(ada.page, path);
        await expectAccessible(ada.page);
        await expectFits(ada.page);
      }
    }
    faultless(ada);
  });
});
