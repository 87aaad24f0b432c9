/** Stores: what is sold now moves while one looks, and what runs short is listed, on any screen. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { merchantWatch, storeWatch } from "../../domain/sales/stream.ts";
import { call, type Person } from "../../local/people.ts";
import { lets, liveEdge, liveRow, reader, tellLive } from "../system/live-story.ts";
import { expectCards } from "./card-states.ts";
import { expectAccessible, expectFits, expectStill } from "./data-support.ts";
import { unreachable } from "./reach.ts";
import {
  allSettled,
  desk,
  faultless,
  patienceMs,
  phone,
  type Stage,
  signIn,
  stage,
  type Visit,
  visit,
} from "./support.ts";

const cards = ["now", "stores", "low-stock"];
let on: Stage;
let visitor: Visit;
let person: Person;

const merchant = () => on.people.members.cleo.id;
const key = (region: string, store: string, currency: string) =>
  JSON.stringify([region, store, currency]);
const tell = (...rows: Parameters<typeof liveRow>[]) =>
  tellLive(on.system, "sales", merchantWatch(merchant()), ...rows.map((row) => liveRow(...row)));

async function runShort(): Promise<void> {
  const path = `/v1/merchants/${merchant()}/stores/Dam/stock/TEA-1`;
  const body = {
    counted: 12,
    threshold: 5,
    countedAt: new Date(Date.now() - 600_000).toISOString(),
  };
  const { status } = await call(on.system.url, "PUT", path, { token: person.token, body });
  expect(status).toBe(200);
  const sold = liveRow("t", 1, 1, "TEA-1", [8, 1_600, 0]);
  await tellLive(on.system, "sales", storeWatch(merchant(), "Dam"), sold);
}

beforeAll(async () => {
  on = await stage({ mains: { edge: liveEdge } });
  person = await reader(on.system, "merchandiser");
  await lets(on.system, person, "merchandiser", merchant());
  visitor = await visit(on);
  await signIn(visitor, "Merchandiser", "/stores");
});
afterAll(() => on?.end());

const open = async ({ page }: Visit) => {
  await page.goto("/stores");
  await allSettled(page);
};
const textOf = ({ page }: Visit, card: string) => page.locator(`[data-card=${card}]`).innerText();

describe("Stores", () => {
  it("says that there is nothing yet", async () => {
    await open(visitor);
    await expectCards(visitor.page, ["stores", "low-stock"], "empty");
  });

  it("moves while one looks: by region and store, each currency in its own digits", async () => {
    await tell(
      ["1", 1, 0, key("North Holland", "Dam", "EUR"), [3, 1_250, 1]],
      ["2", 1, 4, key("", "Osaka", "JPY"), [1, 1_250, 1]],
    );
    const stores = () => textOf(visitor, "stores");
    await expect.poll(stores, { timeout: patienceMs }).toContain("€12.50");
    expect(await stores()).toMatch(/JP¥1,250|¥1,250/);
    expect(await textOf(visitor, "now")).toMatch(/last hour\s+2\s/);
    await tell(["1", 2, 0, key("North Holland", "Dam", "EUR"), [1, 500, 1]]);
    await expect.poll(stores, { timeout: patienceMs }).toContain("€5.00");
  });

  it("lists what runs short", async () => {
    await runShort();
    await open(visitor);
    await expectCards(visitor.page, cards, "ready");
    expect(await textOf(visitor, "low-stock")).toMatch(/TEA-1\s+Dam\s+4\s+5/);
    expect(await unreachable(visitor.page)).toEqual([]);
  });

  it("has no serious violation, and fits a phone", async () => {
    await visitor.page.setViewportSize(phone);
    await open(visitor);
    await expectFits(visitor.page);
    await expectAccessible(visitor.page);
  });

  it.each([360, 390])("shows amounts whole on a phone of %d pixels", async (width) => {
    await tell(
      ["3", 1, 0, key("Noord", "Groningen Vismarkt", "EUR"), [1_250, 1_234_567, 250]],
      ["4", 1, 0, key("", "Osaka", "JPY"), [1, 1_250, 1]],
    );
    await visitor.page.setViewportSize({ width, height: phone.height });
    await open(visitor);
    await expect
      .poll(() => textOf(visitor, "stores"), { timeout: patienceMs })
      .toContain("€12,345.67");
    const tables = await visitor.page
      .locator(".wide-table")
      .evaluateAll((all) => all.map((table) => table.scrollWidth - table.clientWidth));
    expect(tables).toEqual([0, 0]);
  });

  it.each([
    ["a desk", desk],
    ["a phone", phone],
  ])("moves nothing while it loads, on %s", async (_, size) => {
    await visitor.page.setViewportSize(size);
    await expectStill(visitor.page, "/stores");
    faultless(visitor);
  });

  it("is nobody's who is no merchandiser", async () => {
    const ada = await visit(on);
    await signIn(ada, "Ada");
    await ada.page.goto("/stores");
    await ada.page.getByText("This page is for merchandisers.").waitFor();
    faultless(ada);
  });
});
