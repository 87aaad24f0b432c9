/** One browser, two people; one person, two browsers. Nothing of the one is left for the other. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { call } from "../../local/people.ts";
import { sendSamples, wholeDay, yesterday } from "./day-story.ts";
import { allSettled, type Stage, signIn, stage, visit } from "./support.ts";

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

describe("who is erased", () => {
  it("is out in another browser too when it looks from the next second on, with nothing kept there", async () => {
    const { cleo } = on.people.members;
    const other = await visit(on);
    await signIn(other, "Cleo", aDay);
    await other.page.getByText(weight).first().waitFor();
    const { status } = await call(on.system.url, "DELETE", "/v1/me", { token: cleo.token });
    expect(status).toBe(200);
    // Within the erasure's own second a new token is refused like an old one: the page stays as it was.
    await other.page.waitForTimeout(1_100);
    await other.page.reload();
    await other.page.getByRole("banner").getByRole("button", { name: "Sign in" }).waitFor();
    expect(await other.page.locator("body").innerText()).not.toContain(weight);
    const left = await other.page.evaluate(async () => {
      const opened = indexedDB.open("singlet");
      await new Promise((done) => {
        opened.onsuccess = done;
      });
      const all = opened.result.transaction("sealed").objectStore("sealed").getAllKeys();
      await new Promise((done) => {
        all.onsuccess = done;
      });
      return all.result;
    });
    expect(left).toEqual([]);
  });
});
