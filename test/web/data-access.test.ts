/** My data, who may see what and who did: consents, the log with its proofs, and links for others. */
import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkProof, readKeys } from "../../local/audit-verify.ts";
import { call } from "../../local/people.ts";
import { localKeyFile } from "../../local/settings.ts";
import { samplesChapter } from "../../local/story-samples.ts";
import { runWitness } from "../../local/system.ts";
import { everyStateAt, expectCards, partialAt } from "./card-states.ts";
import { adasRide, expectAccessible, expectFits, expectStill, signInNew } from "./data-support.ts";
import {
  allSettled,
  faultless,
  patienceMs,
  phone,
  type Stage,
  signedIn,
  signIn,
  stage,
  visit,
} from "./support.ts";

let on: Stage;
let workout: string;
/** Two days ago: it is over, wherever one lives. */
const day = new Date(Date.now() - 2 * 86_400_000).toISOString().slice(0, 10);

beforeAll(async () => {
  on = await stage();
  workout = await adasRide(on);
  await samplesChapter(on.system, on.people, day);
});
afterAll(() => on.end());

const coachReads = () => {
  const path = `/v1/members/${on.people.members.ada.id}/readings/heart_rate?workout=${workout}`;
  return call(on.system.url, "GET", path, { token: on.people.staff.coach.token });
};

describe("consents", () => {
  it("let a coach in, show the look with a proof that holds, and shut the door again", async () => {
    const ada = await signedIn(on, "Ada", "/data/consents");
    const { page } = ada;
    expect((await coachReads()).status).toBe(403);
    await page.getByRole("button", { name: "Allow or forbid" }).click();
    await page.getByLabel("Their id").fill(on.people.staff.coach.id);
    await page.getByText("Heart rate in workouts").click();
    await expectAccessible(page);
    await page.getByRole("button", { name: "Allow", exact: true }).click();
    await page.getByText("Allowed. You can take it back").waitFor();
    await page.locator("[data-consent]").getByText("Holds").waitFor();

    const seen = await coachReads();
    expect([seen.status, seen.body.readings.length]).toEqual([200, 1]);
    await runWitness(on.system);

    await page.getByRole("link", { name: "Who looked" }).click();
    await page.reload();
    const entry = page.locator('[data-deed="read-readings"]').first();
    await entry.getByText("looked at your heart rate").waitFor();
    expect(await entry.innerText()).toContain("The coach (coach)");
    expect(await entry.innerText()).toContain("A consent of yours");
    const number = (await entry.getAttribute("data-entry")) ?? "";
    const [file] = await Promise.all([
      page.waitForEvent("download"),
      entry.getByRole("button", { name: `Proof of entry ${number}` }).click(),
    ]);
    expect(file.suggestedFilename()).toBe(`${number.replace("/", "-")}.tlog-proof`);
    const proof = checkProof(
      await readFile(await file.path(), "utf8"),
      readKeys(localKeyFile(on.system.secrets)),
    );
    expect(proof.index).toBe(Number(number.split("/")[1]));
    expect(proof.entry).toMatchObject({ deed: "read-readings" });

    await page.getByRole("link", { name: "Consents" }).click();
    const consent = page.locator("[data-consent]").first();
    await consent.getByText("The coach may read").waitFor();
    await consent.getByText("Used 1 time of late").waitFor();
    await consent.getByRole("button", { name: "Take it back" }).click();
    await expectAccessible(page);
    await page.getByRole("dialog").getByRole("button", { name: "Take it back" }).click();
    await page.getByText("The coach may read it no more.").waitFor();
    await consent.getByText("Taken back", { exact: true }).waitFor();
    expect((await coachReads()).status).toBe(403);
    faultless(ada);
  });

  it("says that nobody has an id that nobody has", async () => {
    const ben = await signedIn(on, "Ben", "/data/consents");
    const { page } = ben;
    await page.getByRole("button", { name: "Allow or forbid" }).click();
    await page.getByLabel("Their id").fill("m_nobody");
    await page.getByText("Titles of workouts").click();
    await page.getByRole("button", { name: "Allow", exact: true }).click();
    await page.getByText("Nobody has this id.").waitFor();
    faultless(ben);
  });

  it("are given by keyboard alone", async () => {
    const ben = await signedIn(on, "Ben", "/data/consents");
    const { page } = ben;
    await page.getByRole("button", { name: "Allow or forbid" }).focus();
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").waitFor();
    const until = async (name: string, key: string) => {
      for (let presses = 0; presses < 30; presses++) {
        const at = await page.evaluate(() => {
          const focused = document.activeElement as HTMLElement | null;
          const label = focused?.closest("label")?.textContent ?? focused?.textContent ?? "";
          return focused?.getAttribute("aria-label") ?? label;
        });
        if (at.endsWith(name)) return;
        await page.keyboard.press(key);
      }
      throw new Error(`${name} is not reached by ${key}`);
    };
    await until("Allow", "Tab");
    await page.keyboard.press("Tab");
    await until("All coaches", "ArrowRight");
    await page.keyboard.press("Enter");
    await until("Notes of workouts", "Tab");
    await page.keyboard.press("Space");
    await until("Not now", "Tab");
    await page.keyboard.press("Shift+Tab");
    await page.keyboard.press("Enter");
    await page.locator("[data-consent]").getByText("All coaches may read").waitFor();
    faultless(ben);
  });

  it("stand below a notice of whoever went in without one", async () => {
    const body = { member: on.people.members.cleo.id, reason: "Found unconscious on the road" };
    const { token } = on.people.staff.operator;
    const broken = await call(on.system.url, "POST", "/v1/ops/break-glass", { token, body });
    expect(broken.status).toBe(201);
    const cleo = await visit(on, { size: phone });
    await signIn(cleo, "Cleo", "/data/consents");
    await cleo.page.getByText("Found unconscious on the road").waitFor();
    await expectAccessible(cleo.page);
    await expectFits(cleo.page);
    await cleo.page.goto("/data");
    await cleo.page.getByText("An operator broke the glass").waitFor();
    faultless(cleo);
  });

  it("cut tracks by zones that the member sets", async () => {
    const ada = await signedIn(on, "Ada", "/data/zones");
    const { page } = ada;
    await page.getByLabel("Around the start and the end").fill("350");
    await page.getByRole("button", { name: "Add a place" }).click();
    await page.getByLabel("Latitude").fill("52.37");
    await page.getByLabel("Longitude").fill("4.9");
    await page.getByRole("button", { name: "Save zones" }).click();
    await page.getByText("It holds for your earlier tracks too.").waitFor();
    const { token } = on.people.members.ada;
    const { body } = await call(on.system.url, "GET", "/v1/privacy-zones", { token });
    expect(body).toEqual({ endsM: 350, places: [{ lat: 52.37, lon: 4.9, radiusM: 500 }] });
    faultless(ada);
  });
});

describe("the log", () => {
  it("is filtered by what and when", async () => {
    const ada = await signedIn(on, "Ada", "/data/log");
    const { page } = ada;
    await page.locator('[data-deed="grant-consent"]').first().waitFor();
    await page.getByRole("button", { name: /Everything/ }).click();
    await page.getByRole("option", { name: "Looks" }).click();
    await page.locator('[data-deed="read-readings"]').first().waitFor();
    await expect
      .poll(() => page.locator('[data-deed="grant-consent"]').count(), { timeout: patienceMs })
      .toBe(0);
    await page.getByLabel("From").fill("2020-01-01");
    await page.getByLabel("To", { exact: true }).fill("2020-01-31");
    await page.getByText("Nothing like that happened.").waitFor();
    await page.getByRole("button", { name: "Show everything" }).click();
    await page.locator('[data-deed="grant-consent"]').first().waitFor();
    faultless(ada);
  });
});

describe("a link", () => {
  it("opens without an account, is seen to have been, and opens nothing once taken back", async () => {
    const ada = await signedIn(on, "Ada", "/data/shares");
    const { page } = ada;
    await page.getByRole("button", { name: "Make a link" }).click();
    await page.getByLabel("For whom").fill("Dr Duval");
    await page.getByRole("dialog").getByText("Steps").click();
    await expectAccessible(page);
    await page.getByRole("button", { name: "Make the link" }).click();
    const link = await page.getByLabel("Link", { exact: true }).inputValue();
    expect(link).toMatch(/\/shared#/);
    await page.locator("[data-share]").getByText("Not opened yet").waitFor();

    const doctor = await visit(on, { size: phone });
    await doctor.page.goto(link);
    await doctor.page.getByRole("heading", { name: "Health data for Dr Duval" }).waitFor();
    await expectAccessible(doctor.page);
    await expectFits(doctor.page);

    await page.reload();
    const share = page.locator("[data-share]").first();
    await share.getByText("Opened 1 time").waitFor();
    expect(await page.content()).not.toContain(link.split("#")[1]);
    await share.getByRole("button", { name: "Take it back: Dr Duval" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Take it back" }).click();
    await page.getByText("The link for Dr Duval opens nothing any more.").waitFor();

    await doctor.page.reload();
    await doctor.page.getByRole("heading", { name: "This link shows nothing" }).waitFor();
    await expectAccessible(doctor.page);
    faultless(ada);
    faultless(doctor);
  });
});

const cardsAt = {
  "/data/consents": ["consents"],
  "/data/zones": ["zones"],
  "/data/log": ["log"],
  "/data/shares": ["shares"],
} as const;

describe("its cards", () => {
  it("load, fail, go offline and grow old, each in words", async () => {
    const ada = await signedIn(on, "Ada", "/data/consents");
    for (const [path, cards] of Object.entries(cardsAt)) {
      await everyStateAt(ada.page, path, cards);
    }
    faultless(ada);
  });

  it("say what is missing of them", async () => {
    const ada = await signedIn(on, "Ada", "/data/consents");
    await partialAt(ada.page, "/data/consents", /access-log/, "consents");
    await partialAt(ada.page, "/data/zones", /v1\/consents/, "zones");
    await partialAt(ada.page, "/data/log", /v1\/logs/, "log");
    await partialAt(ada.page, "/data/shares", /access-log/, "shares");
    faultless(ada);
  });

  it("say what to do where there is nothing yet", async () => {
    const newcomer = await visit(on);
    await signInNew(newcomer, "nora", "/data/consents");
    await expectCards(newcomer.page, ["consents"], "empty");
    await newcomer.page.goto("/data/shares");
    await expectCards(newcomer.page, ["shares"], "empty");
    await newcomer.page.goto("/data/log");
    await newcomer.page.getByLabel("To", { exact: true }).fill("2020-01-31");
    await expectCards(newcomer.page, ["log"], "empty");
    faultless(newcomer);
  });

  it("stand still while they load, fit a phone and are read by everybody", async () => {
    const ada = await signedIn(on, "Ada", "/data/consents", { size: phone });
    for (const path of Object.keys(cardsAt)) {
      await expectStill(ada.page, path);
      await allSettled(ada.page);
      await expectAccessible(ada.page);
      await expectFits(ada.page);
    }
    faultless(ada);
  });
});
