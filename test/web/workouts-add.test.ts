/** Bringing files in: dropped and chosen, with progress, and what became of each in words. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { strToU8, zipSync } from "fflate";
import type { Locator, Page, Route } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { call } from "../../local/people.ts";
import { gpxOf, ride, tcxOf } from "../fakes/activity-files.ts";
import { workoutsOf } from "../system/support.ts";
import { cutOff } from "./card-states.ts";
import { tabTo } from "./keyboard.ts";
import { faultless, patienceMs, type Stage, signedIn, stage, type Visit } from "./support.ts";

let on: Stage;
let folder = "";
beforeAll(async () => {
  on = await stage();
  folder = await mkdtemp(join(tmpdir(), "singlet-add-"));
});
afterAll(async () => {
  await on.end();
  await rm(folder, { recursive: true, force: true });
});

const hourMs = 3_600_000;
/** Each hour another ride, all of them in the past. */
const later = (hours: number) => ({ ...ride, startMs: ride.startMs + hours * hourMs });
const filesRoute = (url: URL) => url.pathname === "/v1/files";
const syncRoute = (url: URL) => url.pathname === "/v1/sync";

async function fileOf(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

async function atAdd(name: string): Promise<Visit> {
  const visitor = await signedIn(on, name, "/workouts/add");
  // From the start on: a chooser that opens before somebody listens is lost.
  visitor.page.on("filechooser", () => {});
  await visitor.page.getByRole("heading", { level: 1, name: "Add files" }).waitFor();
  return visitor;
}

/** As the system's own file manager does it: enters, moves, lets go. */
async function drop(page: Page, target: Locator, ...files: string[]): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const box = await target.boundingBox();
  if (box === null) throw new Error("nothing to drop onto");
  const [x, y] = [box.x + box.width / 2, box.y + 20];
  const data = { items: [], files, dragOperationsMask: 1 };
  for (const type of ["dragEnter", "dragOver", "drop"] as const)
    await session.send("Input.dispatchDragEvent", { type, x, y, data });
}

async function choose(page: Page, button: string, ...paths: string[]): Promise<void> {
  const chooser = page.waitForEvent("filechooser");
  await page.getByRole("button", { name: button }).click();
  await (await chooser).setFiles(paths);
}

const row = (page: Page, name: string) => page.getByRole("listitem").filter({ hasText: name });
const says = (locator: Locator, words: RegExp) =>
  expect.poll(() => locator.innerText(), { timeout: patienceMs }).toMatch(words);

/** Requests that wait until they are let on. */
async function holding(page: Page, meant: (url: URL) => boolean) {
  const held: Route[] = [];
  await page.route(meant, (route) => void held.push(route));
  return {
    count: () => held.length,
    async letOn() {
      await page.unroute(meant);
      for (const route of held.splice(0)) await route.continue().catch(() => {});
    },
  };
}

describe("workout files", () => {
  it("are dropped, read and shown as workouts; again they are known, and a bad one says why", async () => {
    const ada = await atAdd("Ada");
    const { page } = ada;
    const zone = page.getByRole("group", { name: "Workout files" });
    const gpx = await fileOf("morning.gpx", gpxOf());
    const bad = await fileOf("holiday.fit", "a picture of a beach");
    await drop(page, zone, gpx, bad);
    await says(row(page, "morning.gpx"), /1 workout imported\./);
    await says(row(page, "holiday.fit"), /Not taken[\s\S]*neither FIT, TCX nor GPX/);
    await drop(page, zone, gpx);
    await says(row(page, "morning.gpx").nth(1), /1 workout known already: nothing was added/);
    expect(await workoutsOf(on.system, on.people.members.ada)).toHaveLength(1);
    await page.getByRole("link", { name: "See the workouts" }).click();
    await page.locator("[data-workout]", { hasText: "9.00 km" }).waitFor();
    faultless(ada);
  });

  it("may be several in a ZIP: each that was not taken is named by its place", async () => {
    const ada = await atAdd("Ada");
    const zip = zipSync({
      "a.tcx": strToU8(tcxOf(later(24))),
      "b.fit": strToU8("no activity"),
      "c.gpx": strToU8(gpxOf(later(48))),
    });
    await choose(ada.page, "Choose files", await fileOf("all.zip", zip));
    await says(
      row(ada.page, "all.zip"),
      /2 workouts imported\.[\s\S]*File 2: It is neither FIT, TCX nor GPX\./,
    );
    faultless(ada);
  });

  it("show how far they are, are cancelled, and are tried again", async () => {
    const ben = await atAdd("Ben");
    const { page } = ben;
    const held = await holding(page, filesRoute);
    const paths = await Promise.all(
      [1, 2].map((n) => fileOf(`ride-${n}.gpx`, gpxOf(later(n * 24)))),
    );
    await choose(page, "Choose files", ...paths);
    await row(page, "ride-1.gpx")
      .getByRole("progressbar", { name: "Sending ride-1.gpx" })
      .waitFor();
    expect(await row(page, "ride-2.gpx").innerText()).toContain("Waiting");
    await page.getByRole("button", { name: "Cancel ride-1.gpx" }).click();
    await says(row(page, "ride-1.gpx"), /Cancelled/);
    await row(page, "ride-2.gpx").getByRole("progressbar").waitFor();
    await held.letOn();
    await says(row(page, "ride-2.gpx"), /1 workout imported/);
    expect(await workoutsOf(on.system, on.people.members.ben)).toHaveLength(1);
    await page.getByRole("button", { name: "Try ride-1.gpx again" }).click();
    await says(row(page, "ride-1.gpx"), /1 workout imported/);
    faultless(ben);
  });

  it("say that nobody can be reached, and go when somebody can", async () => {
    const ben = await atAdd("Ben");
    const { page } = ben;
    await page.route(filesRoute, cutOff);
    await choose(page, "Choose files", await fileOf("far.gpx", gpxOf(later(96))));
    await says(row(page, "far.gpx"), /cannot be reached\. Nothing of it was taken/);
    await page.unroute(filesRoute);
    await page.getByRole("button", { name: "Try far.gpx again" }).click();
    await says(row(page, "far.gpx"), /1 workout imported/);
    faultless(ben);
  });

  it("go on while another page is looked at", async () => {
    const ben = await atAdd("Ben");
    const { page } = ben;
    const held = await holding(page, filesRoute);
    await choose(page, "Choose files", await fileOf("slow.gpx", gpxOf(later(120))));
    await row(page, "slow.gpx").getByRole("progressbar").waitFor();
    await page.getByRole("main").getByRole("link", { name: "All workouts" }).click();
    await page.getByRole("heading", { level: 1, name: "Workouts" }).waitFor();
    await held.letOn();
    await page.getByRole("link", { name: "Add files" }).click();
    await says(row(page, "slow.gpx"), /1 workout imported/);
    faultless(ben);
  });

  it("are chosen by keyboard as well as dropped", async () => {
    const ben = await atAdd("Ben");
    const { page } = ben;
    await tabTo(page, page.getByRole("button", { name: "Choose files" }));
    const chooser = page.waitForEvent("filechooser");
    await page.keyboard.press("Enter");
    await (await chooser).setFiles([await fileOf("keys.gpx", gpxOf(later(144)))]);
    await says(row(page, "keys.gpx"), /1 workout imported/);
    faultless(ben);
  });
});

const records = 4_000;
const stamp = (minute: number): string => {
  const at = new Date(Date.UTC(2026, 9, 1) + minute * 60_000).toISOString();
  return `${at.slice(0, 10)} ${at.slice(11, 19)} +0000`;
};
const appleExport = `<?xml version="1.0" encoding="UTF-8"?>
<HealthData locale="en_GB">
${Array.from(
  { length: records },
  (_, i) =>
    `<Record type="HKQuantityTypeIdentifierStepCount" sourceName="Phone" unit="count" startDate="${stamp(i)}" endDate="${stamp(i + 1)}" value="${i % 90}"/>`,
).join("\n")}
<Record type="HKQuantityTypeIdentifierDietaryWater" sourceName="Phone" unit="mL" startDate="${stamp(0)}" endDate="${stamp(1)}" value="200"/>
</HealthData>`;

/** What stands beside a label in the counts. */
const countOf = (page: Page, label: string) =>
  page
    .locator(".apple-counts > div", {
      has: page.locator("dt", { hasText: new RegExp(`^${label}$`) }),
    })
    .locator("dd")
    .innerText();

describe("Apple Health's export", () => {
  it("is read in the browser with progress, cancelled, and counts once however often it is read", async () => {
    const cleo = await atAdd("Cleo");
    const { page } = cleo;
    const xml = await fileOf("export.xml", appleExport);
    const ended = page.locator('[data-import="ended"]');

    const held = await holding(page, syncRoute);
    const zone = page.getByRole("group", { name: "Apple Health export" });
    await drop(page, zone, xml);
    const progress = page.getByRole("progressbar", { name: "Reading export.xml" });
    await expect.poll(() => held.count(), { timeout: patienceMs }).toBe(1);
    const share = async () => Number(await progress.getAttribute("aria-valuenow"));
    await expect.poll(share, { timeout: patienceMs }).toBeGreaterThan(0);
    expect(await share()).toBeLessThan(100);
    await page.getByRole("button", { name: "Cancel" }).click();
    await ended.getByText("Cancelled.").waitFor();
    await held.letOn();

    await choose(page, "Choose the export", xml);
    await ended.getByText("All of it was read and sent.").waitFor();
    expect(await countOf(page, "Samples found")).toBe("4,000");
    expect(await countOf(page, "Sent")).toBe("4,000");
    const [added, known] = [await countOf(page, "New"), await countOf(page, "Known already")];
    const whole = [added, known].map((text) => Number(text.replace(",", "")));
    expect((whole[0] ?? 0) + (whole[1] ?? 0)).toBe(records);
    expect(await countOf(page, "Of kinds that Singlet does not measure")).toBe("1");

    const zip = zipSync({ "apple_health_export/export.xml": strToU8(appleExport) });
    await choose(page, "Choose the export", await fileOf("export.zip", zip));
    await ended.getByText("export.zip").waitFor();
    expect(await countOf(page, "New")).toBe("0");
    expect(await countOf(page, "Known already")).toBe("4,000");
    faultless(cleo);

    const { token } = on.people.members.cleo;
    const answer = await call(on.system.url, "GET", "/v1/summary?date=2026-10-02&types=steps", {
      token,
    });
    const ofDay = Array.from({ length: records }, (_, i) => i)
      .filter((i) => i >= 22 * 60 && i < 46 * 60)
      .reduce((sum, i) => sum + (i % 90), 0);
    expect(answer.body.metrics.steps.value).toBe(ofDay);
  });

  it("is told apart from any other file, and nothing of that is sent", async () => {
    const cleo = await atAdd("Cleo");
    await choose(cleo.page, "Choose the export", await fileOf("notes.xml", "<notes><n/></notes>"));
    await cleo.page.getByText("This is no export of Apple Health").waitFor();
    expect(cleo.requests.filter(({ url }) => url.endsWith("/v1/sync"))).toEqual([]);
    faultless(cleo);
  });

  it("ends with the session, also where that is ended in another tab", async () => {
    const cleo = await atAdd("Cleo");
    const { page, context } = cleo;
    const held = await holding(page, syncRoute);
    await choose(page, "Choose the export", await fileOf("mine.xml", appleExport));
    await expect.poll(() => held.count(), { timeout: patienceMs }).toBe(1);
    expect(page.workers()).toHaveLength(1);
    const other = await context.newPage();
    await other.goto("/workouts/add");
    await other.getByRole("button", { name: "Cleo" }).click();
    await other.getByRole("menuitem", { name: "Sign out" }).click();
    await page.getByRole("heading", { level: 1, name: "Sign in" }).waitFor();
    await expect.poll(() => page.workers().length, { timeout: patienceMs }).toBe(0);
    expect(await page.getByText("mine.xml").count()).toBe(0);
  });
});
