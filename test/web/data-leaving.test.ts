/** My data, taken along and taken away: exports with the bytes they promise, erasing, and its receipts. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { addDays } from "../../domain/time.ts";
import { eventually } from "../../local/deliveries.ts";
import { call } from "../../local/people.ts";
import { everyStateAt, expectCards, partialAt } from "./card-states.ts";
import { adasRide, expectAccessible, expectFits, expectStill, signInNew } from "./data-support.ts";
import { phoneSteps, sendSamples, stepsOnce, watchSteps, yesterday } from "./day-story.ts";
import { desk, faultless, phone, type Stage, signedIn, signIn, stage, visit } from "./support.ts";

let on: Stage;
let rode: string;
beforeAll(async () => {
  on = await stage();
  await adasRide(on);
  const { token } = on.people.members.ada;
  const { body } = await call(on.system.url, "GET", "/v1/workouts", { token });
  rode = body.items[0].day;
});
afterAll(() => on.end());

/** What this browser keeps of anybody: names in the sealed store, and the plain stores. */
const keptIn = (page: Page) =>
  page.evaluate(async () => {
    const opening = indexedDB.open("singlet");
    const db = await new Promise<IDBDatabase>((done) => {
      opening.onsuccess = () => done(opening.result);
    });
    const names = db.objectStoreNames.contains("sealed")
      ? await new Promise<IDBValidKey[]>((done) => {
          const asked = db.transaction("sealed").objectStore("sealed").getAllKeys();
          asked.onsuccess = () => done(asked.result);
        })
      : [];
    db.close();
    return { sealed: names, local: localStorage.length, session: sessionStorage.length };
  });

describe("an export", () => {
  it("is put together while one waits, fetched with the bytes it promised, and dropped", async () => {
    const ada = await signedIn(on, "Ada", "/data/export");
    const { page } = ada;
    await page.getByText("FHIR").first().click();
    await page.getByText("Parquet").first().click();
    await page.getByRole("button", { name: "Put it together" }).click();
    const item = page.locator("[data-export]").first();
    await item.getByText("Ready", { exact: true }).waitFor();
    await item.getByText("1 workout.").waitFor();
    const id = await item.getAttribute("data-export");
    const { token } = on.people.members.ada;
    const { body } = await call(on.system.url, "GET", `/v1/exports/${id}`, { token });
    expect(body.formats).toEqual(["ndjson", "gpx"]);
    for (const { name, sha256 } of body.files) {
      const [file] = await Promise.all([
        page.waitForEvent("download"),
        page.getByRole("button", { name: `Download ${name}` }).click(),
      ]);
      expect(file.suggestedFilename()).toBe(name);
      const bytes = await readFile(await file.path());
      expect(createHash("sha256").update(bytes).digest("hex"), name).toBe(sha256);
      await page.getByText(`${name} is saved; its SHA-256 is as promised.`).waitFor();
      await page.getByText(sha256).waitFor();
    }
    await item.getByRole("button", { name: "Drop this export" }).click();
    await expectAccessible(page);
    await page.getByRole("button", { name: "Drop it" }).click();
    await page.getByText("The export is dropped.").waitFor();
    await expectCards(page, ["exports"], "empty");
    faultless(ada);
  });

  it("is not handed over with other bytes than it promised", async () => {
    const ada = await signedIn(on, "Ada", "/data/export");
    const { page } = ada;
    await page.getByRole("button", { name: "Put it together" }).click();
    await page.locator("[data-export]").getByText("Ready", { exact: true }).waitFor();
    await page.route(/\/files\//, (route) => route.fulfill({ status: 200, body: "another" }));
    await page.getByRole("button", { name: "Download profile-0001.json" }).click();
    await page.getByText("What came is not what was promised.").waitFor();
    faultless(ada);
  });
});

describe("erasing", () => {
  it("some days takes their workouts and leaves a receipt", async () => {
    const ada = await signedIn(on, "Ada", "/data/erase");
    const { page } = ada;
    await page.getByLabel("First day").fill(rode);
    await page.getByLabel("Last day").fill("2020-01-01");
    await page.getByText("The last day comes before the first.").waitFor();
    await page.getByLabel("Last day").fill(rode);
    await page.getByRole("button", { name: "Erase these days" }).click();
    await expectAccessible(page);
    await page.getByRole("button", { name: "Erase workouts" }).click();
    await page.getByText("Workouts, erased as asked").waitFor();
    await page.getByText("Keys were destroyed", { exact: true }).waitFor();
    const { token } = on.people.members.ada;
    const { body } = await call(on.system.url, "GET", "/v1/workouts", { token });
    expect(body.items).toEqual([]);
    faultless(ada);
  });

  it("the samples of one day empties its summary, and leaves the days beside it", async () => {
    const { ben: person } = on.people.members;
    const erased = addDays(yesterday, -2);
    const days = [erased, addDays(erased, -1), addDays(erased, 1)];
    const sent = days.flatMap((day) => [...watchSteps(day), ...phoneSteps(day)]);
    await sendSamples(on.system, person, sent);
    const { token } = person;
    const stepsOf = async () => {
      const told = [];
      for (const day of days) {
        const { body } = await call(on.system.url, "GET", `/v1/summary?date=${day}`, { token });
        told.push(Object.keys(body.metrics).length === 0 ? null : body.metrics.steps?.value);
      }
      return told;
    };
    const before = await eventually(stepsOf, ([steps]) => steps === stepsOnce);
    expect(before).toEqual([stepsOnce, stepsOnce, stepsOnce]);

    const ben = await signedIn(on, "Ben", "/data/erase");
    const { page } = ben;
    await page.getByRole("radio", { name: "Samples" }).click();
    await page.getByLabel("First day").fill(erased);
    await page.getByLabel("Last day").fill(erased);
    await page.getByRole("button", { name: "Erase these days" }).click();
    await page.getByRole("button", { name: "Erase samples" }).click();
    await page.getByText("It is erased. This is the receipt.").waitFor();
    const after = await eventually(stepsOf, ([steps]) => steps === null);
    expect(after).toEqual([null, stepsOnce, stepsOnce]);
    await page.goto(`/day/${erased}`);
    const activity = page.locator("#activity");
    await activity.getByText("No steps, distance or energy were measured on this day.").waitFor();
    faultless(ben);
  });

  it("everything, by keyboard: signed out, nothing kept, a receipt that anybody may look at", async () => {
    const cleo = await visit(on);
    const { page } = cleo;
    await signIn(cleo, "Cleo", "/data/erase");
    expect((await keptIn(page)).sealed).toContain("session");
    await page.getByRole("button", { name: "Erase everything" }).focus();
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").waitFor();
    await expectAccessible(page);
    await page.getByLabel("Type the word erase").focus();
    await page.keyboard.type("eras");
    await page.keyboard.press("Enter");
    expect(await page.getByRole("dialog").count()).toBe(1);
    await page.keyboard.type("e");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/data\/receipt\/r_[0-9a-f]{32}$/);
    await page.getByText("Everything of a member, erased as asked").waitFor();
    await page.getByRole("banner").getByRole("button", { name: "Sign in" }).waitFor();
    await page.getByText("Declared gone: from here on nothing of it opens").waitFor();
    expect(await keptIn(page)).toEqual({ sealed: [], local: 0, session: 0 });
    const id = new URL(page.url()).pathname.split("/").at(-1) ?? "";
    expect(await page.getByLabel("The receipt’s id", { exact: true }).inputValue()).toBe(id);
    const { token } = on.people.members.cleo;
    expect((await call(on.system.url, "GET", "/v1/me", { token })).status).toBe(401);

    const stranger = await visit(on, { size: phone });
    await stranger.page.goto(`/data/receipt/${id}`);
    await stranger.page.getByText("Everything of a member, erased as asked").waitFor();
    await expectFits(stranger.page);
    await expectAccessible(stranger.page);

    await page.getByRole("button", { name: "Sign out there too" }).click();
    await page.waitForURL((url) => url.pathname === "/leaderboard");
    await page.getByRole("banner").getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("button", { name: /cleo/i }).click();
    await page.getByRole("banner").getByRole("button", { name: "cleo" }).waitFor();
    await page.goto("/data");
    await page.getByRole("heading", { name: "Become a member" }).waitFor();
    faultless(cleo);
    faultless(stranger);
  });
});

describe("its cards", () => {
  it("load, fail, go offline and grow old, each in words", async () => {
    const ben = await signedIn(on, "Ben", "/data/export");
    const { token } = on.people.members.ben;
    const span = "from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z";
    const { body } = await call(on.system.url, "DELETE", `/v1/workouts?${span}`, { token });
    // Of an export that there is not, nothing is asked when it is tried again.
    await everyStateAt(ben.page, "/data/export", ["exports"], { mended: "empty" });
    await everyStateAt(ben.page, `/data/receipt/${body.id}`, ["receipt"], { mended: null });
    faultless(ben);
  });

  it("say what is still to come of an erasure", async () => {
    const { token } = on.people.members.ben;
    const span = "from=2026-02-01T00:00:00Z&to=2026-02-02T00:00:00Z";
    const { body } = await call(on.system.url, "DELETE", `/v1/samples?${span}`, { token });
    // As while the archive is at it, which is over before a page is opened.
    const warehouse = await on.system.runtime.mf.getD1Database("WAREHOUSE", "singlet-edge");
    await warehouse
      .prepare(`UPDATE receipt SET pending = '["archive"]', finished_at = NULL WHERE id = ?`)
      .bind(body.id)
      .run();
    const visitor = await visit(on);
    await visitor.page.goto(`/data/receipt/${body.id}`);
    await expectCards(visitor.page, ["receipt"], "partial");
    await visitor.page.getByText("the archive is being written anew without it").waitFor();
    faultless(visitor);
  });

  it("say what is missing of them, and what to do where there is nothing", async () => {
    const newcomer = await visit(on);
    const { page } = newcomer;
    await signInNew(newcomer, "pia", "/data/export");
    await expectCards(page, ["exports"], "empty");
    await page.route(/exports\/x_/, (route) => route.abort("internetdisconnected"));
    await page.getByRole("button", { name: "Put it together" }).click();
    await expectCards(page, ["exports"], "partial");
    await page.unroute(/exports\/x_/);
    await partialAt(page, "/data/export", /exports\/x_/, "exports");
    faultless(newcomer);
  });

  it("stand still while they load, fit phone and desk, and are read by everybody", async () => {
    const ben = await signedIn(on, "Ben", "/data/export", { size: phone });
    const { token } = on.people.members.ben;
    await call(on.system.url, "POST", "/v1/exports", { token, body: {} });
    await ben.page.locator("[data-export]").getByText("Ready", { exact: true }).waitFor();
    for (const size of [phone, desk]) {
      await ben.page.setViewportSize(size);
      await expectStill(ben.page, "/data/export");
      await expectAccessible(ben.page);
      await expectFits(ben.page);
      await ben.page.goto("/data/erase");
      await ben.page.getByRole("heading", { name: "Everything" }).waitFor();
      await expectAccessible(ben.page);
      await expectFits(ben.page);
    }
    faultless(ben);
  });
});
