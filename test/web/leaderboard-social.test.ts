/** Challenges and teams on the pages: made, joined by an invitation, seen by others, and left. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { addDays, localDate } from "../../domain/time.ts";
import { pushActivities } from "../../local/deliveries.ts";
import { call, expectStatus, type MemberName } from "../../local/people.ts";
import { garminActivity } from "../fakes/rides.ts";
import {
  allSettled,
  faultless,
  patienceMs,
  phone,
  type Stage,
  signedIn,
  stage,
  type Visit,
  visit,
} from "./support.ts";

const today = localDate(Date.now(), 0);
/** Over everywhere, and challenges here have it in them. */
const before = addDays(today, -2);

/** Sums over teams are reckoned anew after 45 seconds at most. */
const sumsMs = 90_000;

let on: Stage;
beforeAll(async () => {
  on = await stage();
});
afterAll(() => on?.end());

/** At ten in the morning. */
async function ride(name: MemberName, km: number, day = before): Promise<void> {
  const item = garminActivity({
    ...{ account: on.people.accounts.garmin[name] ?? "", id: `${name.length}${km}` },
    ...{ startMs: Date.parse(`${day}T10:00:00Z`), offsetSeconds: 0 },
    ...{ elapsedSeconds: 7200, distanceM: km * 1000 },
  });
  expectStatus(await pushActivities(on.system, item), 200);
}

const enter = async (name: string, path: string): Promise<Visit> => {
  const visitor = await signedIn(on, name, "/leaderboard", { size: phone });
  await visitor.page.goto(path);
  return visitor;
};
const standing = ({ page }: Visit, card: string, name: RegExp) =>
  page.locator(`[data-card="${card}"]`).getByRole("row", { name });

describe("a challenge", () => {
  it("is made by an operator on the page, and joined and left by a member", async () => {
    const operator = await enter("Operator", "/leaderboard/challenges");
    await operator.page.getByRole("button", { name: "Make a challenge" }).click();
    const dialog = operator.page.getByRole("dialog");
    await dialog.getByLabel("Name").fill("Ride on");
    await dialog.getByText("Riding", { exact: true }).click();
    await dialog.getByLabel("First day").fill(addDays(today, -3));
    await dialog.getByLabel("Last day").fill(addDays(today, 3));
    await dialog.getByLabel("Most of a day (km)").fill("30");
    await dialog.getByRole("button", { name: "Make it" }).click();
    await dialog.getByText("is there.").waitFor();
    faultless(operator);

    const ada = await enter("Ada", "/leaderboard/challenges");
    await ada.page.getByRole("link", { name: "Ride on" }).click();
    const about = ada.page.locator('[data-card="challenge"]');
    await about.getByText("Distance, Riding").waitFor();
    await about.getByText("No day counts for more than 30.00 km.").waitFor();
    await about.getByRole("button", { name: "Join the challenge" }).click();
    await about.getByText("You are in this challenge.").waitFor();
    await ride("ada", 42);
    await standing(ada, "standings", /Ada.*30\.00 km/s).waitFor();

    const visitor = await visit(on);
    await visitor.page.goto(ada.page.url());
    await standing(visitor, "standings", /Ada.*30\.00 km/s).waitFor();
    await about.getByRole("button", { name: "Leave the challenge" }).click();
    await ada.page.getByRole("dialog").getByText("It can be undone").waitFor();
    await ada.page.getByRole("dialog").getByRole("button", { name: "Leave the challenge" }).click();
    await about.getByRole("button", { name: "Join the challenge" }).waitFor();
    await standing(visitor, "standings", /Ada/).waitFor({ state: "detached" });
    faultless(ada);
    faultless(visitor);
  });

  it("counts down each second, and has nobody hear it", async () => {
    const visitor = await visit(on);
    await visitor.page.goto("/leaderboard/challenges");
    const timer = visitor.page.getByRole("timer").first();
    const first = await timer.innerText();
    // Its last day is over where it is over last: which day that is goes by the time of day.
    expect(first).toMatch(/^Ends in [23] days \d\d:\d\d:\d\d$/);
    expect(await timer.getAttribute("aria-live")).toBe("off");
    await expect.poll(() => timer.innerText(), { timeout: patienceMs }).not.toBe(first);
    faultless(visitor);
  });

  it("by invitation is joined through its link, whose code stays in no address", async () => {
    const operator = await enter("Operator", "/leaderboard/challenges");
    await operator.page.getByRole("button", { name: "Make a challenge" }).click();
    const dialog = operator.page.getByRole("dialog");
    await dialog.getByLabel("Name").fill("Ours alone");
    await dialog.getByRole("button", { name: "Who may join" }).click();
    await operator.page.getByRole("option", { name: "By invitation" }).click();
    await dialog.getByRole("button", { name: "Make it" }).click();
    const link = await dialog.getByRole("textbox", { name: "Invitation" }).inputValue();
    expect(link).toMatch(/\/leaderboard\/challenges\/ch_[0-9a-f]+#.+/);
    const ben = await enter("Ben", link.slice(on.system.url.length));
    await ben.page.getByText("There is no such challenge for you").waitFor();
    expect(new URL(ben.page.url()).hash).toBe("");
    await ben.page.getByRole("button", { name: "Join the challenge" }).click();
    await ben.page.getByText("You are in this challenge.").waitFor();
    await ben.page.getByRole("heading", { name: "Ours alone" }).waitFor();
    const code = new URL(link).hash.slice(1);
    expect(
      ben.requests.filter(({ url }) => new URL(url).href.split("#")[0]?.includes(code)),
    ).toEqual([]);
    const cleo = await enter("Cleo", "/leaderboard/challenges");
    await allSettled(cleo.page);
    expect(await cleo.page.getByText("Ours alone").count()).toBe(0);
    faultless(ben);
    faultless(cleo);
  });

  it("is over for nobody before its last day is: an operator ends it for everybody", async () => {
    const { token } = on.people.staff.operator;
    const draft = { name: "Short", measure: "count", from: today, to: today, joining: "everybody" };
    const made = await call(on.system.url, "POST", "/v1/challenges", { token, body: draft });
    const operator = await enter("Operator", `/leaderboard/challenges/${made.body.id}`);
    await operator.page.getByRole("button", { name: "End it for everybody" }).click();
    await operator.page.getByText("It cannot be undone.").waitFor();
    await operator.page.getByRole("button", { name: "End the challenge" }).click();
    await operator.page.locator('[data-card="challenge"]').getByText("Ended").waitFor();
    faultless(operator);
  });
});

describe("a team", () => {
  it("is made, joined by its invitation, seen by what it came to, and left", async () => {
    const cleo = await enter("Cleo", "/leaderboard/teams");
    await cleo.page.getByRole("button", { name: "Make a team" }).click();
    const dialog = cleo.page.getByRole("dialog");
    await dialog.getByLabel("Its name").fill("Slow Wheels");
    await dialog.getByRole("button", { name: "Make the team" }).click();
    const link = await dialog.getByRole("textbox", { name: "Invitation" }).inputValue();
    await dialog.getByRole("button", { name: "Close" }).click();
    await cleo.page.locator('[data-card="teams"]').getByText("Slow Wheels").waitFor();

    const ben = await enter("Ben", "/leaderboard/teams");
    await ben.page.getByRole("button", { name: "Join a team" }).click();
    await ben.page.getByLabel("The invitation you were sent").fill("come and join us");
    await ben.page.getByRole("button", { name: "Join the team" }).click();
    await ben.page.getByText("This is no invitation.").waitFor();
    await ben.page.getByLabel("The invitation you were sent").fill(link);
    await ben.page.getByRole("button", { name: "Join the team" }).click();
    const team = ben.page.locator('[data-card="team"]');
    await team.getByText("2 members, 2 of them on boards").waitFor();
    await ride("ben", 25);
    await ben.page.getByRole("link", { name: "The board among them" }).click();
    await ben.page.getByRole("radio", { name: "All time" }).click();
    await standing(ben, "board", /Ben.*25\.00 km/s).waitFor();

    await ben.page.goto(link.slice(on.system.url.length).split("#")[0] ?? "");
    await team.getByRole("button", { name: "Leave the team" }).click();
    await ben.page.getByText("To come back you need an invitation.").waitFor();
    await ben.page.getByRole("dialog").getByRole("button", { name: "Leave the team" }).click();
    await ben.page.waitForURL(/\/leaderboard\/teams$/);
    await ben.page.getByText("You are in no team.").waitFor();
    faultless(cleo);
    faultless(ben);
  });

  it("lets nobody in by an invitation that was replaced", async () => {
    const token = on.people.members.cleo.token;
    const body = { name: "Fast Feet" };
    const made = (await call(on.system.url, "POST", "/v1/teams", { token, body })).body;
    const path = `/leaderboard/teams/${made.id}`;
    const cleo = await enter("Cleo", path);
    await cleo.page.getByRole("button", { name: "New invitation" }).click();
    await cleo.page.getByRole("button", { name: "Make the invitation" }).click();
    const fresh = await cleo.page.getByRole("textbox", { name: "Invitation" }).inputValue();
    expect(fresh).not.toContain(made.code);
    const ada = await enter("Ada", `${path}#${made.code}`);
    await ada.page.getByRole("button", { name: "Join the team" }).click();
    await ada.page.getByRole("alert").waitFor();
    await ada.page.goto("/leaderboard");
    await ada.page.goto(fresh.slice(on.system.url.length));
    await ada.page.getByRole("button", { name: "Join the team" }).click();
    await ada.page.getByText("2 members, 2 of them on boards").waitFor();
    // Told again it is the same ride, now of the week that teams are shown by.
    await ride("ada", 42, today);
    await ada.page.goto("/leaderboard/teams");
    await standing(ada, "team-board", /Fast Feet.*Yours/s).waitFor({ timeout: sumsMs });
    faultless(cleo);
    faultless(ada);
  });
});
