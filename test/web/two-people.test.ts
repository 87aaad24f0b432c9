/** One browser, two people; one person, two browsers. Nothing of the one is left for the other. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { call } from "../../local/people.ts";
import { sendSamples, wholeDay, yesterday } from "./day-story.ts";
import { keptNames } from "./kept.ts";
import { allSettled, patienceMs, type Stage, signIn, stage, visit } from "./support.ts";

let on: Stage;
beforeAll(async () => {
  on = await stage();
  await sendSamples(on.system, on.people.members.ada, wholeDay(yesterday));
  await sendSamples(on.system, on.people.members.cleo, wholeDay(yesterday));
});
afterAll(() => on.end());

const weight = "71.4";
const aDay = `/day/${yesterday}`;

describe("who signs in where somebody else is in", () => {
  it("is the one in every tab, and finds nothing of the other, nor without a network", async () => {
    const adas = await visit(on);
    const bens = await adas.context.newPage();
    await bens.goto("/leaderboard");
    await bens.getByRole("banner").getByRole("button", { name: "Sign in" }).click();
    await bens.getByRole("button", { name: "Ben" }).waitFor();
    await signIn(adas, "Ada", aDay);
    await adas.page.getByText(weight).first().waitFor();
    await bens.getByRole("button", { name: "Ben" }).click();
    await bens.getByRole("banner").getByRole("button", { name: "Ben" }).waitFor();
    await adas.page.getByRole("banner").getByRole("button", { name: "Ben" }).waitFor();
    await allSettled(adas.page);
    expect(await adas.page.locator("main").innerText()).not.toContain(weight);
    await adas.context.route(/\/v1\//, (route) => route.abort("internetdisconnected"));
    await bens.goto(aDay);
    await bens.locator("main h1").first().waitFor();
    expect(await bens.locator("body").innerText()).not.toContain(weight);
  });
});

const refused = { status: 401, contentType: "application/problem+json", body: "{}" };

describe("a token that was renewed and is refused all the same", () => {
  it("ends the session, and what was kept of it is gone", async () => {
    const ada = await visit(on);
    await signIn(ada, "Ada", aDay);
    const { page } = ada;
    await page.getByText(weight).first().waitFor();
    await page.route(/\/v1\/(?!sign-in)/, (route) => route.fulfill(refused));
    await page.reload();
    await page.getByText("Your session has ended. Sign in again to go on.").waitFor();
    expect(await page.locator("body").innerText()).not.toContain(weight);
    expect(await keptNames(page, "")).toEqual([]);
  });

  it("ends none that another tab has renewed since", async () => {
    const first = await visit(on);
    await signIn(first, "Ada", aDay);
    const second = await first.context.newPage();
    await second.goto("/leaderboard");
    await second.getByRole("banner").getByRole("button", { name: "Ada" }).waitFor();
    const shown: string[] = [];
    let isRenewedElsewhere: () => void = () => {};
    const renewedElsewhere = new Promise<void>((done) => {
      isRenewedElsewhere = done;
    });
    await first.page.route("**/v1/me", async (route) => {
      const nth = shown.push(route.request().headers().authorization ?? "");
      if (nth > 2) return route.continue();
      if (nth === 2) await renewedElsewhere;
      return route.fulfill(refused);
    });
    await first.page.reload();
    await expect.poll(() => shown.length, { timeout: patienceMs }).toBe(2);
    let isRefused = false;
    await second.route("**/v1/me", (route) => {
      if (isRefused) return route.continue();
      isRefused = true;
      return route.fulfill(refused);
    });
    const renewed = second.waitForResponse(/\/v1\/sign-in$/);
    await second.reload();
    await renewed;
    await second.getByRole("banner").getByRole("button", { name: "Ada" }).waitFor();
    const answered = first.page.waitForResponse("**/v1/me");
    isRenewedElsewhere();
    await answered;
    for (const page of [second, first.page]) {
      await page.reload();
      await page.getByRole("banner").getByRole("button", { name: "Ada" }).waitFor();
    }
    expect(new Set(shown).size).toBe(3);
  });
});

describe("who is erased", () => {
  it("is out in another browser too as soon as it looks, with nothing kept there", async () => {
    const { cleo } = on.people.members;
    const other = await visit(on);
    await signIn(other, "Cleo", aDay);
    await other.page.getByText(weight).first().waitFor();
    const { status } = await call(on.system.url, "DELETE", "/v1/me", { token: cleo.token });
    expect(status).toBe(200);
    await other.page.reload();
    await other.page.getByRole("banner").getByRole("button", { name: "Sign in" }).waitFor();
    expect(await other.page.locator("body").innerText()).not.toContain(weight);
    expect(await keptNames(other.page, "")).toEqual([]);
  });
});
