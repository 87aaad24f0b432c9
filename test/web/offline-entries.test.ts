/** Entries by hand, with and without a network: kept sealed, sent once, lost only when one says so. */
import type { Page, Route } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { call, type Person } from "../../local/people.ts";
import { seriousViolations } from "./axe.ts";
import { keptBytes, keptNames, readyOffline } from "./kept.ts";
import { faultless, patienceMs, type Stage, signedIn, signIn, stage, visit } from "./support.ts";

const soon = { timeout: patienceMs };
let on: Stage;
beforeAll(async () => {
  on = await stage();
});
afterAll(() => on.end());

async function addReading(page: Page, what: string, values: Record<string, string>) {
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await page.getByRole("dialog").getByRole("button", { name: "What" }).click();
  await page.getByRole("option", { name: what, exact: true }).click();
  const dialog = page.getByRole("dialog");
  for (const [label, value] of Object.entries(values))
    await dialog.getByLabel(label, { exact: true }).fill(value);
  await dialog.getByRole("button", { name: "Save" }).click();
  await dialog.waitFor({ state: "detached" });
}

const weightOf = async (person: Person, date: string): Promise<number | null> => {
  const path = `/v1/summary?date=${date}&types=weight`;
  const { body } = await call(on.system.url, "GET", path, { token: person.token });
  return body.metrics?.weight?.value ?? null;
};
const refused = { status: 401, contentType: "application/problem+json", body: "{}" };
const yesterday = () => new Date(Date.now() - 86_400_000).toISOString().slice(0, 10);
const noon = () => `${yesterday()}T12:00`;

describe("an entry by hand", () => {
  it("is taken at once where there is a network, and shows on the day", async () => {
    const ada = await signedIn(on, "Ada", "/day");
    await addReading(ada.page, "Weight (kg)", { "Weight, kg": "71.3", When: noon() });
    await expect.poll(() => weightOf(on.people.members.ada, yesterday()), soon).toBe(71.3);
    await expect.poll(() => keptNames(ada.page, "unsent/"), soon).toEqual([]);
    expect(await ada.page.getByText("for a network").count()).toBe(0);
    faultless(ada);
  });

  it("says field by field what to change, by keyboard alone, and serious to nobody's ear", async () => {
    const ada = await signedIn(on, "Ada", "/day");
    const { page } = ada;
    await page.getByRole("button", { name: "Add", exact: true }).focus();
    await page.keyboard.press("Enter");
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Minutes").focus();
    await page.keyboard.type("0");
    await page.keyboard.press("Enter");
    await dialog.getByText("From 1 minute to 24 hours.").waitFor();
    expect(await seriousViolations(page)).toEqual([]);
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    const focused = await page.evaluate(() => document.activeElement?.textContent);
    expect(focused).toBe("Add");
    faultless(ada);
  });

  it("made offline waits sealed, outlives a reload and a crash of its page, and goes out once", async () => {
    const ben = await visit(on);
    await signIn(ben, "Ben", "/day");
    await readyOffline(ben.page);
    await ben.context.setOffline(true);
    await addReading(ben.page, "Weight (kg)", { "Weight, kg": "83.479", When: noon() });
    await ben.page.getByText("1 entry waits for a network.").waitFor();
    await ben.page.reload();
    await ben.page.getByText("1 entry waits for a network.").waitFor();
    await addReading(ben.page, "Steps", {
      "How many steps": "4321",
      From: `${yesterday()}T09:00`,
      Until: `${yesterday()}T10:00`,
    });
    await ben.page.getByText("2 entries wait for a network.").waitFor();
    expect(await seriousViolations(ben.page)).toEqual([]);

    const { databases, rest } = await keptBytes(ben.page);
    expect(databases.length).toBeGreaterThan(500);
    for (const told of ["83.479", "weight", "4321", "steps", "Ben", "entered by hand"])
      expect(databases.includes(told), told).toBe(false);
    for (const told of ["83.479", "4321"]) expect(rest.includes(told), told).toBe(false);

    const crashed = ben.page.waitForEvent("crash");
    void ben.page.goto("chrome://crash").catch(() => undefined);
    await crashed;
    await ben.page.close();
    const again = await ben.context.newPage();
    await again.goto("/day");
    await again.getByText("2 entries wait for a network.").waitFor();
    await again.getByText("What waits").click();
    await again.getByText(/^Weight 83\.479 kg, /).waitFor();
    expect(await weightOf(on.people.members.ben, yesterday())).toBeNull();

    const sent: string[] = [];
    ben.context.on("request", (request) => {
      if (request.url().endsWith("/v1/sync")) sent.push(request.postData() ?? "");
    });
    await ben.context.setOffline(false);
    await expect.poll(() => weightOf(on.people.members.ben, yesterday()), soon).toBe(83.479);
    await again.getByText("for a network.").waitFor({ state: "detached" });
    await expect.poll(() => keptNames(again, "unsent/"), soon).toEqual([]);
    expect(sent).toHaveLength(2);
    expect(sent[0]).toContain("weight");
    expect(sent[1]).toContain("steps");
    faultless(ben);
  });

  it("that the API refuses is shown with why, until its maker has read it", async () => {
    const cleo = await signedIn(on, "Cleo", "/day");
    const { page } = cleo;
    await page.route("**/v1/sync", async (route) => {
      // Something that only the other end can know: the body is spoilt on its way.
      const body = (route.request().postData() ?? "").replace('"kg"', '"pints"');
      await route.continue({ postData: body });
    });
    await addReading(page, "Weight (kg)", { "Weight, kg": "64", When: noon() });
    const note = page.getByRole("alert").filter({ hasText: "was not taken" });
    await note.getByText("This type of sample has no such unit.").waitFor();
    await page.reload();
    await note.waitFor();
    expect(await seriousViolations(page)).toEqual([]);
    await note.getByRole("button", { name: "Dismiss" }).click();
    await note.waitFor({ state: "detached" });
    await page.reload();
    await page.getByRole("heading", { level: 1 }).waitFor();
    expect(await note.count()).toBe(0);
    faultless(cleo);
  });

  it("can be thrown away before it was sent, and then nobody hears of it", async () => {
    const cleo = await signedIn(on, "Cleo", "/day");
    await readyOffline(cleo.page);
    await cleo.context.setOffline(true);
    await addReading(cleo.page, "Weight (kg)", { "Weight, kg": "65", When: noon() });
    await cleo.page.getByText("1 entry waits for a network.").waitFor();
    await cleo.page.getByRole("button", { name: "Discard" }).click();
    const dialog = cleo.page.getByRole("dialog", { name: "Discard what waits?" });
    await dialog.getByRole("button", { name: "Discard" }).click();
    await cleo.page.getByText("for a network.").waitFor({ state: "detached" });
    await cleo.context.setOffline(false);
    expect(await keptNames(cleo.page, "unsent/")).toEqual([]);
    expect(await weightOf(on.people.members.cleo, yesterday())).toBeNull();
    faultless(cleo);
  });

  it("that was not sent is asked about before signing out, and is gone afterwards", async () => {
    const cleo = await signedIn(on, "Cleo", "/day");
    await readyOffline(cleo.page);
    await cleo.context.setOffline(true);
    await addReading(cleo.page, "Weight (kg)", { "Weight, kg": "66", When: noon() });
    await cleo.page.getByText("1 entry waits for a network.").waitFor();
    const leave = async () => {
      await cleo.page.getByRole("banner").getByRole("button", { name: "Cleo" }).click();
      await cleo.page.getByRole("menuitem", { name: "Sign out" }).click();
    };
    await leave();
    const dialog = cleo.page.getByRole("dialog", { name: "Sign out now?" });
    await dialog.getByText("1 entry waits to be sent.").waitFor();
    await dialog.getByRole("button", { name: "Not now" }).click();
    await dialog.waitFor({ state: "detached" });
    expect(await keptNames(cleo.page, "unsent/")).toHaveLength(1);
    await leave();
    await dialog.getByRole("button", { name: "Sign out and lose it" }).click();
    await cleo.page.getByRole("banner").getByRole("button", { name: "Sign in" }).waitFor();
    await expect.poll(() => keptNames(cleo.page, ""), soon).toEqual([]);
    faultless(cleo);
  });

  it("outlives a session that ended by itself, goes out when its maker is back, and to nobody else", async () => {
    const ada = await signedIn(on, "Ada", "/day");
    await readyOffline(ada.page);
    await ada.context.setOffline(true);
    await addReading(ada.page, "Body fat (%)", { "Body fat, %": "21.5", When: noon() });
    await ada.page.getByText("1 entry waits for a network.").waitFor();
    // Neither the token nor what renews it is taken any more.
    await ada.page.route("**/v1/**", (route) => route.fulfill(refused));
    await ada.context.setOffline(false);
    await ada.page
      .getByText("1 thing that was made here waits for who made them to sign in again.")
      .waitFor();
    await expect.poll(() => keptNames(ada.page, ""), soon).toHaveLength(2);
    await ada.page.unroute("**/v1/**");
    await signIn(ada, "Ada", "/leaderboard");
    await expect.poll(() => keptNames(ada.page, "unsent/"), soon).toEqual([]);
    const path = `/v1/summary?date=${yesterday()}&types=body_fat`;
    const { body } = await call(on.system.url, "GET", path, {
      token: on.people.members.ada.token,
    });
    expect(body.metrics.body_fat.value).toBe(21.5);
  });
});

describe("an entry that waits while tabs change hands", () => {
  it("outlives a session that is renewed in one tab and ends there, in every tab", async () => {
    const ada = await visit(on);
    await signIn(ada, "Ada", "/day");
    const { page, context } = ada;
    await context.route("**/v1/sync", (route) => route.abort());
    for (const weight of ["70.1", "70.2", "70.3"])
      await addReading(page, "Weight (kg)", { "Weight, kg": weight, When: noon() });
    await expect.poll(() => keptNames(page, "unsent/entry/"), soon).toHaveLength(3);
    const second = await context.newPage();
    await second.goto("/leaderboard");
    await second.getByRole("banner").getByRole("button", { name: "Ada" }).waitFor();
    await context.route(/\/v1\/(?!sign-in)/, (route) => route.fulfill(refused));
    await page.reload();
    for (const tab of [page, second])
      await tab
        .getByText("3 things that were made here wait for who made them to sign in again.")
        .waitFor();
    expect(await keptNames(page, "unsent/entry/")).toHaveLength(3);
  });

  it("is nobody else's because its maker went out while it was read", async () => {
    const ada = await visit(on);
    await signIn(ada, "Ada", "/day");
    const { page, context } = ada;
    await context.route("**/v1/sync", (route) => route.abort());
    for (const weight of ["70.4", "70.5"])
      await addReading(page, "Weight (kg)", { "Weight, kg": weight, When: noon() });
    await expect.poll(() => keptNames(page, "unsent/entry/"), soon).toHaveLength(2);
    const second = await context.newPage();
    await second.goto("/");
    // As another tab tells it: something changed in what waits, and then that the session is over.
    await second.evaluate(() => {
      new BroadcastChannel("singlet-unsent").postMessage(null);
      new BroadcastChannel("singlet-session").postMessage("out");
    });
    await page.getByText("2 things that were made here wait").waitFor();
    expect(await keptNames(page, "unsent/entry/")).toHaveLength(2);
  });

  it("is never said as the next who signs in, however late it is refused", async () => {
    const cleo = await visit(on);
    await signIn(cleo, "Cleo", "/day");
    const { page, context } = cleo;
    const held: Route[] = [];
    await page.route("**/v1/sync", (route) =>
      held.length === 0 ? void held.push(route) : route.continue(),
    );
    await addReading(page, "Weight (kg)", { "Weight, kg": "66.6", When: noon() });
    await expect.poll(() => held.length, soon).toBe(1);
    const said: string[] = [];
    context.on("request", (request) => {
      if (request.url().endsWith("/v1/sync")) said.push(request.postData() ?? "");
    });
    const second = await context.newPage();
    await second.goto("/leaderboard");
    await second.getByRole("banner").getByRole("button", { name: "Cleo" }).click();
    await second.getByRole("menuitem", { name: "Sign out" }).click();
    await second.getByRole("button", { name: "Sign out and lose it" }).click();
    // To the issuer, and from there to the first page.
    await second.waitForURL(`${on.system.url}/`);
    await signIn({ ...cleo, page: second }, "Ben", "/leaderboard");
    await page.getByRole("banner").getByRole("button", { name: "Ben" }).waitFor();
    await held[0]?.fulfill(refused).catch(() => undefined);
    await page.reload();
    await page.getByRole("banner").getByRole("button", { name: "Ben" }).waitFor();
    expect(said).toEqual([]);
    expect(await weightOf(on.people.members.ben, yesterday())).not.toBe(66.6);
  });
});

describe("a sync that was asked for without a network", () => {
  it("waits, is asked once there is one, and once only", async () => {
    const ben = await visit(on);
    await signIn(ben, "Ben", "/day");
    await readyOffline(ben.page);
    const press = ben.page.getByRole("button", { name: /^Sync now.*Google Health/ });
    await press.waitFor();
    await ben.context.setOffline(true);
    await press.click();
    await ben.page.getByText("1 sync waits for a network.").waitFor();
    await press.click();
    await ben.page
      .getByText(/It is read as soon as there is a network/)
      .first()
      .waitFor();
    expect(await keptNames(ben.page, "unsent/sync/")).toHaveLength(1);
    const asked: number[] = [];
    ben.page.on("response", (response) => {
      if (/\/connections\/[^/]+\/sync$/.test(response.url())) asked.push(response.status());
    });
    await ben.context.setOffline(false);
    await ben.page.getByText("for a network.").waitFor({ state: "detached" });
    await expect.poll(() => keptNames(ben.page, "unsent/"), soon).toEqual([]);
    expect(asked).toEqual([202]);
    faultless(ben);
  });
});
