/**
 * Every card of the leaderboard in every state that it has, and what holds for all its pages: no
 * serious violation, nothing that moves while they load, few requests, all of it by keyboard.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { localDate } from "../../domain/time.ts";
import { eventually, pushActivities } from "../../local/deliveries.ts";
import { call, enrol, expectStatus } from "../../local/people.ts";
import { garminActivity } from "../fakes/rides.ts";
import { everyStateAt, expectCards, partialAt } from "./card-states.ts";
import { expectAccessible } from "./data-support.ts";
import { tabTo } from "./keyboard.ts";
import { layoutShift } from "./layout-shift.ts";
import {
  allSettled,
  desk,
  faultless,
  patienceMs,
  phone,
  type Stage,
  signedIn,
  signIn,
  stage,
  type Visit,
  visit,
} from "./support.ts";

const today = localDate(Date.now(), 0);
const shiftMax = 0.02;
/** Of one load: of a visitor's with all files, of a member's what is asked of the API. */
const requestsMax = 12;

let on: Stage;
let ada: Visit;
let challenge: string;
let team: string;

const made = async (path: string, token: string, body: object): Promise<string> =>
  expectStatus(await call(on.system.url, "POST", path, { token, body }), 201).body.id;

beforeAll(async () => {
  on = await stage();
});
afterAll(() => on?.end());

describe("where nothing was made yet", () => {
  it("says that there are no challenges, no teams and nobody on a board", async () => {
    const visitor = await visit(on);
    for (const [path, card] of [
      ["/leaderboard", "board"],
      ["/leaderboard/challenges", "challenges"],
      ["/leaderboard/teams", "team-board"],
    ] as const) {
      await visitor.page.goto(path);
      await expectCards(visitor.page, [card], "empty");
    }
    faultless(visitor);
  });
});

describe("with a day's rides, a challenge and a team", () => {
  beforeAll(async () => {
    const { members, staff, accounts } = on.people;
    const draft = { measure: "distance", from: today, to: today, joining: "everybody" };
    challenge = await made("/v1/challenges", staff.operator.token, { name: "Today", ...draft });
    team = await made("/v1/teams", members.ada.token, { name: "Slow Wheels" });
    for (const { token } of [members.ada, members.ben]) {
      const path = `/v1/challenges/${challenge}/me`;
      expectStatus(await call(on.system.url, "PUT", path, { token, body: {} }), 200);
    }
    const ride = (name: "ada" | "ben", distanceM: number) =>
      garminActivity({
        ...{ account: accounts.garmin[name] ?? "", id: `${distanceM}`, offsetSeconds: 0 },
        ...{ startMs: Date.parse(`${today}T00:00:10Z`), elapsedSeconds: 60, distanceM },
      });
    expectStatus(await pushActivities(on.system, ride("ada", 400), ride("ben", 500)), 200);
    await eventually(
      () => call(on.system.url, "GET", "/v1/leaderboards/distance"),
      ({ body }) => body.total === 2,
    );
    ada = await visit(on);
    await signIn(ada, "Ada");
  });

  /** The pages of a member, each with its cards; one is of the challenge, one of the team. */
  const pages: readonly (readonly [string, readonly string[]])[] = [
    ["/leaderboard", ["board", "place"]],
    ["/leaderboard/mine", ["counts"]],
    ["/leaderboard/challenges", ["challenges"]],
    ["/leaderboard/challenges/:challenge", ["challenge", "standings"]],
    ["/leaderboard/teams", ["team-board", "teams"]],
    ["/leaderboard/teams/:team", ["team"]],
  ];
  const at = (path: string) => path.replace(":challenge", challenge).replace(":team", team);

  describe.each(pages)("the cards of %s", (path, cards) => {
    it("are loading, cut off or refused, in words, come when tried again, and keep what was seen", async () => {
      await everyStateAt(ada.page, at(path), cards);
      faultless(ada);
    });
  });

  describe("a card that lacks something", () => {
    it.each([
      ["board", "/leaderboard", /\/v1\/friends/],
      ["place", "/leaderboard", /\/v1\/me$/],
      ["counts", "/leaderboard/mine", /\/leaderboards\/distance\/me/],
      ["challenges", "/leaderboard/challenges", /\/v1\/teams/],
      ["challenge", "/leaderboard/challenges/:challenge", /\/standings\?/],
      ["standings", "/leaderboard/challenges/:challenge", /\/standings\/me/],
      ["team-board", "/leaderboard/teams", /\/v1\/teams$/],
      ["teams", "/leaderboard/teams", /\/v1\/teams\/standings/],
      ["team", "/leaderboard/teams/:team", /\/v1\/friends/],
    ])("%s is partial, and says so", async (card, path, without) => {
      await partialAt(ada.page, at(path), without, card);
    });
  });

  describe("a card without anything", () => {
    it("says what to do: of a board, a challenge and a member's own", async () => {
      await enrol(on.system, "dora", "Dora", ["member"], { zone: "UTC" });
      const dora = await visit(on);
      const { page } = dora;
      await page.goto("/leaderboard");
      await page.getByRole("banner").getByRole("button", { name: "Sign in" }).click();
      await page.getByLabel("Name").fill("dora");
      await page.getByRole("button", { name: "Sign in as a new member" }).click();
      await page.waitForURL(/\/leaderboard$/);
      await page.goto("/leaderboard?board=distance-swim");
      await expectCards(page, ["board", "place"], "empty");
      await page.getByRole("button", { name: "Join the boards" }).waitFor();
      await page.goto("/leaderboard/mine");
      await expectCards(page, ["counts"], "empty");
      await page.goto("/leaderboard/teams");
      await expectCards(page, ["teams"], "empty");
      const { token } = on.people.staff.operator;
      const draft = {
        name: "None",
        measure: "count",
        from: today,
        to: today,
        joining: "everybody",
      };
      const id = await made("/v1/challenges", token, draft);
      await page.goto(`/leaderboard/challenges/${id}`);
      await expectCards(page, ["standings"], "empty");
      faultless(dora);
    });
  });

  it("no page has a serious violation, light or dark, with a dialog open too", async () => {
    const member = await signedIn(on, "Ada", "/leaderboard", { size: phone });
    for (const [path, ...dialogs] of [
      ["/leaderboard", "Leave boards"],
      ["/leaderboard/mine"],
      ["/leaderboard/challenges"],
      ["/leaderboard/challenges/:challenge", "Leave the challenge"],
      ["/leaderboard/teams", "Make a team", "Join a team"],
      ["/leaderboard/teams/:team", "New invitation"],
    ] as const) {
      await member.page.goto(at(path));
      await allSettled(member.page);
      await expectAccessible(member.page);
      for (const button of dialogs) {
        await member.page.getByRole("button", { name: button }).click();
        await member.page.getByRole("dialog").waitFor();
        await expectAccessible(member.page);
        await member.page.keyboard.press("Escape");
        await member.page.getByRole("dialog").waitFor({ state: "detached" });
      }
    }
    faultless(member);
  });

  it("nor has the one where an operator makes a challenge", async () => {
    const operator = await signedIn(on, "Operator", "/leaderboard/challenges");
    await operator.page.getByRole("button", { name: "Make a challenge" }).click();
    await operator.page.getByRole("dialog", { name: "Make a challenge" }).waitFor();
    await expectAccessible(operator.page);
    faultless(operator);
  });

  it("nothing moves while a page loads, and none asks for much, on a phone and a desk", async () => {
    const member = await signedIn(on, "Ada", "/leaderboard", { size: phone });
    for (const size of [phone, desk]) {
      await member.page.setViewportSize(size);
      for (const [path] of pages) {
        await member.page.goto("about:blank");
        const before = member.requests.length;
        await member.page.goto(at(path));
        await allSettled(member.page);
        const asked = member.requests.slice(before).filter(({ url }) => url.includes("/v1/"));
        expect(await layoutShift(member.page), path).toBeLessThanOrEqual(shiftMax);
        expect(asked.length, asked.map(({ url }) => url).join("\n")).toBeLessThanOrEqual(
          requestsMax,
        );
        const wide = await member.page.evaluate(() => document.documentElement.scrollWidth);
        expect(wide, path).toBeLessThanOrEqual(size.width);
      }
    }
    faultless(member);
  });

  it("asks for little when a visitor opens it, files and all", async () => {
    const visitor = await visit(on);
    await visitor.page.goto("/leaderboard");
    await allSettled(visitor.page);
    const urls = visitor.requests.map(({ url }) => url);
    expect(urls.length, urls.join("\n")).toBeLessThanOrEqual(requestsMax);
  });

  it("is chosen, followed and turned back by keyboard alone", async () => {
    const ben = await signedIn(on, "Ben");
    const { page } = ben;
    await page.goto("/leaderboard");
    await allSettled(page);
    const press = async (...keys: string[]) => {
      for (const key of keys) await page.keyboard.press(key);
    };
    await tabTo(page, page.getByRole("radio", { name: "Distance" }));
    await press("ArrowRight", "Enter");
    await expect
      .poll(() => new URL(page.url()).search, { timeout: patienceMs })
      .toBe("?board=moving_time");
    await tabTo(page, page.getByRole("button", { name: "Activity" }));
    await press("Enter");
    await page.getByRole("option", { name: "Riding", exact: true }).waitFor();
    await page.keyboard.type("Riding");
    await press("Enter");
    await expect
      .poll(() => new URL(page.url()).search, { timeout: patienceMs })
      .toBe("?board=moving_time-ride");
    await tabTo(page, page.getByRole("button", { name: "Follow Ada" }).first());
    await press("Enter");
    await page.getByText("You follow them now.").waitFor();
    await page.goto("/leaderboard/challenges");
    await tabTo(page, page.getByRole("link", { name: "Today" }));
    await press("Enter");
    await tabTo(page, page.getByRole("button", { name: "Leave the challenge" }));
    await press("Enter");
    await page.getByRole("dialog", { name: "Leave the challenge?" }).waitFor();
    await press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await page.getByText("You are in this challenge.").waitFor();
    faultless(ben);
  });
});
