/** Artist: what is played now moves while one looks, for artists and labels, on any screen, by any means. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { artistWatch } from "../../domain/listens/stream.ts";
import { lets, liveEdge, liveRow, reader, tellLive } from "../system/live-story.ts";
import { cutOff, expectCards } from "./card-states.ts";
import { expectAccessible, expectFits, expectStill } from "./data-support.ts";
import { tabTo } from "./keyboard.ts";
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

const cards = ["now", "tracks", "territories"];
const long = `${"An endless title ".repeat(12)}${"o".repeat(120)}`;
let on: Stage;
let artist: Visit;

const key = (track: string, territory: string) => JSON.stringify([track, territory]);
const tell = (...rows: Parameters<typeof liveRow>[]) =>
  tellLive(on.system, "listens", artistWatch("the knots"), ...rows.map((row) => liveRow(...row)));

beforeAll(async () => {
  on = await stage({ mains: { edge: liveEdge } });
  await lets(on.system, await reader(on.system, "artist"), "artist", "the knots");
  await lets(on.system, await reader(on.system, "label"), "label", "quiet", "the knots");
  await tell(
    ["1", 1, 1, key("Bowline", "NL"), [1]],
    ["2", 1, 2, key("Bowline", "DE"), [1]],
    ["3", 1, 30, key(long, "ZZ"), [1]],
    ["4", 1, 300, key("Hitch", "NL"), [1]],
  );
  artist = await visit(on);
  await signIn(artist, "Artist");
});
afterAll(() => on?.end());

const open = async ({ page }: Visit) => {
  await page.goto("/artist");
  await allSettled(page);
};
const textOf = ({ page }: Visit, card: string) => page.locator(`[data-card=${card}]`).innerText();

describe("Artist", () => {
  it("shows the last hour and day, by track and by territory, and that it is approximate", async () => {
    await open(artist);
    await expectCards(artist.page, cards, "ready");
    const now = await textOf(artist, "now");
    expect(now).toMatch(/last hour\s+3\s/);
    expect(now).toMatch(/24 hours\s+4\s/);
    expect(now).toContain("approximate");
    expect(await textOf(artist, "tracks")).toMatch(/Bowline\s+2/);
    expect(await textOf(artist, "territories")).toMatch(/Netherlands\s+1/);
    expect(await textOf(artist, "territories")).toMatch(/Nobody said\s+1/);
  });

  it("moves while one looks, when a listen comes and when one is taken back", async () => {
    await tell(["5", 1, 0, key("Bowline", "NL"), [1]]);
    const hour = () => textOf(artist, "now");
    await expect.poll(hour, { timeout: patienceMs }).toMatch(/last hour\s+4\s/);
    await tell(["5", 2, 0, null, []]);
    await expect.poll(hour, { timeout: patienceMs }).toMatch(/last hour\s+3\s/);
  });

  it("is one track in every spelling, under the one that was played most", async () => {
    await tell(["6", 1, 0, key("BOWLINE", "NL"), [1]]);
    const tracks = () => textOf(artist, "tracks");
    await expect.poll(tracks, { timeout: patienceMs }).toMatch(/Bowline\s+3/);
    expect(await tracks()).not.toContain("BOWLINE");
    await tell(["6", 2, 0, null, []]);
    await expect.poll(tracks, { timeout: patienceMs }).toMatch(/Bowline\s+2/);
  });

  it("has whole listens at the side of its chart", async () => {
    const side = artist.page.locator(".recharts-yAxis-tick-labels text");
    await side.first().waitFor();
    const marks = (await side.allTextContents()).map(Number);
    expect(marks.length).toBeGreaterThan(1);
    expect(marks.every(Number.isInteger)).toBe(true);
  });

  it("shows its minutes as a table too, reached by keyboard alone", async () => {
    const { page } = artist;
    await tabTo(page, page.getByRole("button", { name: "As a table" }));
    await page.keyboard.press("Enter");
    expect(await page.getByRole("row").count()).toBeGreaterThanOrEqual(61);
    expect(await unreachable(page)).toEqual([]);
  });

  it("is loading until the first word, and is found again once somebody can be reached", async () => {
    const { page } = artist;
    const stream = /live\/stream/;
    let letGo = () => {};
    const held = new Promise<void>((done) => {
      letGo = done;
    });
    await page.route(stream, (route) => held.then(() => route.continue()));
    await page.goto("/artist");
    await expectCards(page, cards, "loading");
    letGo();
    await expectCards(page, cards, "ready");
    await page.unroute(stream);
    await page.route(stream, cutOff);
    await page.goto("/artist");
    await expectCards(page, cards, "offline");
    await page.unroute(stream);
    await page.getByRole("button", { name: "Try again" }).first().click();
    await expectCards(page, cards, "ready");
  });

  it("has no serious violation, and fits a phone with a title of any length", async () => {
    await artist.page.setViewportSize(phone);
    await open(artist);
    await expectFits(artist.page);
    await expectAccessible(artist.page);
    await artist.page.setViewportSize(desk);
  });

  it.each([
    ["a desk", desk],
    ["a phone", phone],
  ])("moves nothing while it loads, on %s", async (_, size) => {
    await artist.page.setViewportSize(size);
    await expectStill(artist.page, "/artist");
    faultless(artist);
  });
});

describe("a label", () => {
  it("chooses whose listens it looks at", async () => {
    const label = await visit(on);
    await signIn(label, "Label");
    await open(label);
    await expectCards(label.page, ["tracks", "territories"], "empty");
    await label.page.getByRole("button", { name: /Artist/ }).click();
    await label.page.getByRole("option", { name: "the knots" }).click();
    await expectCards(label.page, cards, "ready");
    expect(await textOf(label, "tracks")).toContain("Bowline");
    faultless(label);
  });
});

describe("who is none", () => {
  it("is told so, and is not shown where it is", async () => {
    const ada = await visit(on);
    await signIn(ada, "Ada");
    const pages = ada.page.getByRole("navigation", { name: "Pages" });
    expect(await pages.innerText()).not.toContain("Artist");
    await ada.page.goto("/artist");
    await ada.page.getByText("This page is for artists and labels.").waitFor();
    faultless(ada);
  });
});
