/** Audit: the coach's look is found, its proof is saved and holds without us, and all of it goes home. */
import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkProof, readKeys } from "../../local/audit-verify.ts";
import { pushActivities, until } from "../../local/deliveries.ts";
import { keyFile } from "../../local/log-keys.ts";
import { call, enrol, expectStatus } from "../../local/people.ts";
import { runWitness } from "../../local/system.ts";
import { garminActivity, garminDetails } from "../fakes/rides.ts";
import { workoutsOf } from "../system/support.ts";
import { everyStateAt, expectCards, partialAt, staleAt } from "./card-states.ts";
import { expectAccessible, expectStill } from "./data-support.ts";
import { tabTo } from "./keyboard.ts";
import {
  allSettled,
  desk,
  faultless,
  phone,
  type Stage,
  settled,
  signIn,
  stage,
  type Visit,
  visit,
} from "./support.ts";

let on: Stage;
let auditor: Visit;
const cards = ["entries", "logs"];
/** With half of them in each log, one of 2^64 runs would need more. */
const enrolledMax = 64;

const logsNow = async () => (await call(on.system.url, "GET", "/v1/logs")).body.items;
const card = (id: string) => auditor.page.locator(`[data-card="${id}"]`);

beforeAll(async () => {
  on = await stage();
  const { system, people } = on;
  const { ada } = people.members;
  const ride = {
    ...{ account: people.accounts.garmin.ada ?? "", id: "7100", elapsedSeconds: 1800 },
    ...{ startMs: Date.now() - 86_400_000, distanceM: 15_000, everySeconds: 60 },
  };
  await pushActivities(system, garminActivity(ride), garminDetails(ride));
  const found = await until(
    () => workoutsOf(system, ada),
    (all) => all.length === 1,
  );
  const body = { grantee: { role: "coach" }, columns: ["heart_rate"] };
  const { token } = ada;
  expectStatus(await call(system.url, "POST", "/v1/consents", { token, body }), 201);
  const path = `/v1/members/${ada.id}/readings/heart_rate?workout=${found?.[0].id}`;
  expectStatus(await call(system.url, "GET", path, { token: people.staff.coach.token }), 200);
  // No witness signs an empty log, and whose entries lie where is drawn by chance.
  for (let n = 0; (await logsNow()).some(({ size }: { size: number }) => size === 0); n++) {
    expect(n).toBeLessThan(enrolledMax);
    await enrol(system, `another-${n}`, `Another ${n}`, ["coach"]);
  }
  await runWitness(system);
  auditor = await visit(on);
  await signIn(auditor, "Auditor", "/audit");
});
afterAll(() => on.end());

async function search(): Promise<void> {
  await auditor.page.getByRole("button", { name: "Search" }).click();
  await allSettled(auditor.page);
}

describe("an auditor", () => {
  it("finds the coach's look at a member, and its proof holds without us", async () => {
    const { page } = auditor;
    const { members, staff } = on.people;
    await page.getByLabel("Member", { exact: true }).fill(members.ada.id);
    await page.getByLabel("Actor", { exact: true }).fill(staff.coach.id);
    await search();
    const row = card("entries").getByRole("row", { name: /Read readings/ });
    expect(await row.innerText()).toMatch(/The coach[\s\S]*Heart rate; coaching[\s\S]*Permitted/);
    expect(page.url()).not.toContain(members.ada.id);

    const saving = page.waitForEvent("download");
    await row.getByRole("button", { name: /^Proof/ }).click();
    const saved = await saving;
    expect(saved.suggestedFilename()).toMatch(/^\d+-\d+\.tlog-proof$/);
    const logs: { key: string; witnesses: string[] }[] = await logsNow();
    const keys = readKeys(
      keyFile(
        logs.map(({ key }) => key),
        logs[0]?.witnesses ?? [],
      ),
    );
    const proven = checkProof(await readFile(await saved.path(), "utf8"), keys);
    expect(proven.entry).toMatchObject({ deed: "read-readings", columns: ["heart_rate"] });
  });

  it("is told what is no id, and nothing is asked for", async () => {
    const { page } = auditor;
    await page.reload();
    await allSettled(page);
    const before = auditor.requests.length;
    await page.getByLabel("Member", { exact: true }).fill("Ada");
    await page.getByRole("button", { name: "Search" }).click();
    await page.getByText("That is no member's id.").waitFor();
    expect(auditor.requests.slice(before)).toEqual([]);
  });

  it("narrows by the sort of deed and by days", async () => {
    const { page } = auditor;
    await page.getByRole("button", { name: "Clear" }).click();
    await page.getByRole("button", { name: /Sort of deed/ }).click();
    await page.getByRole("option", { name: "Edits" }).click();
    await search();
    const sorts = await card("entries").locator("tbody td:nth-child(2) small").allInnerTexts();
    expect(sorts.length).toBeGreaterThan(0);
    for (const sort of sorts) expect(sort).toMatch(/^edit,/);
    await page.getByLabel("Last day").fill("2020-01-01");
    await search();
    await expectCards(page, ["entries"], "empty");
    await page.getByRole("button", { name: "Clear" }).click();
    await expectCards(page, ["entries"], "ready");
  });

  it("shows more, page by page", async () => {
    const { page } = auditor;
    for (let n = 0; n < 60; n++)
      await call(on.system.url, "GET", "/v1/roster", { token: on.people.staff.coach.token });
    await page.goto("/audit");
    await settled(page, "entries");
    const rows = card("entries").getByRole("row");
    const before = await rows.count();
    await card("entries").getByRole("button", { name: "Show more" }).click();
    await expect.poll(() => rows.count(), { timeout: 30_000 }).toBeGreaterThan(before);
  });

  it.each([
    ["CSV", "entries.csv"],
    ["NDJSON", "entries.ndjson"],
  ])("takes all that was found home as %s, every page of it", async (format, name) => {
    const { page } = auditor;
    const saving = page.waitForEvent("download");
    await card("entries").getByRole("button", { name: format, exact: true }).click();
    const saved = await saving;
    expect(saved.suggestedFilename()).toBe(name);
    const lines = (await readFile(await saved.path(), "utf8")).trimEnd().split(/\r?\n/);
    expect(lines.filter((line) => line.startsWith("entry,"))).toHaveLength(
      format === "CSV" ? 1 : 0,
    );
    expect(lines.length).toBeGreaterThan(60);
    await card("entries").getByText("Saved.").waitFor();
  });

  it("searches by keyboard alone", async () => {
    const { page } = auditor;
    await page.goto("/audit");
    await tabTo(page, page.getByLabel("Actor", { exact: true }));
    await page.keyboard.type(on.people.staff.coach.id);
    await page.keyboard.press("Enter");
    await card("entries")
      .getByRole("row", { name: /Read readings/ })
      .first()
      .waitFor();
    faultless(auditor);
  });

  it("sees the logs, what a witness has signed, and how to check it alone", async () => {
    const { page } = auditor;
    await page.goto("/audit");
    await settled(page, "logs");
    await card("logs")
      .getByText(/not witnessed yet/)
      .first()
      .waitFor();
    await card("logs").getByText("Keys and checkpoint of log 0").click();
    await card("logs").getByRole("region", { name: "Checkpoint of log 0" }).waitFor();
    await page.getByText("npm run audit -- verify --tiles log-0").waitFor();
  });
});

describe("whoever is no auditor", () => {
  it("is told so", async () => {
    const coach = await visit(on);
    await signIn(coach, "Coach", "/audit");
    await coach.page.getByText("This page is for auditors.").waitFor();
    faultless(coach);
  });
});

describe("every card of Audit", () => {
  it("is loading, cut off, refused, mended, and keeps what was seen; entries are asked for once", async () => {
    const looks = () => auditor.requests.filter(({ url }) => url.includes("/v1/audit/entries"));
    await everyStateAt(auditor.page, "/audit", cards, { old: [] });
    const before = looks().length;
    await staleAt(auditor.page, "/audit", ["logs"]);
    expect(looks().length).toBe(before + 1);
  });
  it("is partial without the logs, or without a checkpoint", async () => {
    await partialAt(auditor.page, "/audit", /\/v1\/logs/, "entries");
    await partialAt(auditor.page, "/audit", /\/log\/\d+\/checkpoint/, "logs");
  });
  it.each([
    ["a desk", desk],
    ["a phone", phone],
  ])("has no serious violation and moves nothing, on %s", async (_, size) => {
    await auditor.page.setViewportSize(size);
    await expectStill(auditor.page, "/audit");
    await expectAccessible(auditor.page);
    faultless(auditor);
  });
});
