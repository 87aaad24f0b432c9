/** Operations as an operator uses it: what stays is replayed, the archive is settled, a member is helped. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { deliverByKey, pushActivities, until } from "../../local/deliveries.ts";
import { call, expectStatus } from "../../local/people.ts";
import { runSweep } from "../../local/system.ts";
import { garminActivity, type Ride } from "../fakes/rides.ts";
import { workoutsOf } from "../system/support.ts";
import { expectAccessible } from "./data-support.ts";
import { tabTo } from "./keyboard.ts";
import {
  allSettled,
  faultless,
  patienceMs,
  type Stage,
  settled,
  signIn,
  stage,
  type Visit,
  visit,
} from "./support.ts";

let on: Stage;
let visitor: Visit;
let key: string;
const adas = () => on.people.members.ada;

/** 150 km/h on average: held back from boards. */
const impossible: Omit<Ride, "account"> = {
  ...{ id: "71500", startMs: Date.now() - 2 * 86_400_000 },
  ...{ elapsedSeconds: 2432, distanceM: 101_529, everySeconds: 60 },
};

async function keyOfAda(): Promise<string> {
  const path = "/v1/connections/health-auto-export";
  const { body } = await call(on.system.url, "POST", path, { token: adas().token, body: {} });
  return body.key;
}

/** A weight that nobody can have, of another day each time. */
async function park(key: string, daysAgo: number): Promise<void> {
  const day = new Date(Date.now() - daysAgo * 86_400_000).toISOString().slice(0, 10);
  const data = [80, 9e9].map((qty, i) => ({ qty, date: `${day} 0${i + 1}:00:00 +0100` }));
  const sent = { data: { metrics: [{ name: "weight_body_mass", units: "kg", data }] } };
  expectStatus(await deliverByKey(on.system, "health-auto-export", key, sent), 200);
}

/** As the archive leaves what it was sent and nobody can read. */
async function leaveLetter(): Promise<void> {
  const warehouse = await on.system.runtime.mf.getD1Database("WAREHOUSE", "singlet-archive");
  await warehouse
    .prepare(
      `INSERT INTO parked_change (ledger, seq, stream, day, bucket, body, reason, parked_at)
       VALUES ('?', 7, NULL, NULL, NULL, '{"seq":7}', 'malformed', ?)`,
    )
    .bind(Date.now())
    .run();
}

beforeAll(async () => {
  on = await stage();
  const account = on.people.accounts.garmin.ada ?? "";
  const ride = {
    ...garminActivity({ ...impossible, account }),
    averageSpeedInMetersPerSecond: 2.8,
  };
  const bens = { ...impossible, id: "71501", account: on.people.accounts.garmin.ben ?? "" };
  await pushActivities(on.system, ride, garminActivity({ ...bens, distanceM: 15_000 }));
  await until(
    () => workoutsOf(on.system, adas()),
    (all) => all.length === 1,
  );
  key = await keyOfAda();
  await park(key, 1);
  await leaveLetter();
  visitor = await visit(on);
  await signIn(visitor, "Operator", "/operations");
});
afterAll(() => on.end());

const card = (id: string) => visitor.page.locator(`[data-card="${id}"]`);

describe("whoever is no operator", () => {
  it("is told so, and nothing is asked for", async () => {
    const ada = await visit(on);
    await signIn(ada, "Ada", "/operations");
    await ada.page.getByText("This page is for operators.").waitFor();
    expect(ada.requests.filter(({ url }) => url.includes("/v1/ops/"))).toEqual([]);
    expect(await ada.page.getByRole("link", { name: "Operations" }).count()).toBe(0);
    faultless(ada);
  });
});

describe("letters", () => {
  it("replays a parked item, and says why it stays", async () => {
    const { page } = visitor;
    await page.goto("/operations/letters");
    await card("parked")
      .getByRole("button", { name: /^Replay what Health Auto Export/ })
      .click();
    await card("parked").getByRole("status").getByText("Stays: impossible value.").waitFor();
    expect(await card("parked").getByRole("row").last().innerText()).toContain("Stays");
    const { items } = (
      await call(on.system.url, "GET", "/v1/audit/entries?action=admin&limit=100", {
        token: on.people.staff.auditor.token,
      })
    ).body;
    expect(items.map(({ deed }: { deed: string }) => deed)).toContain("replay");
  });

  it("replays all that is shown, one by one, and sums up what came of it", async () => {
    await park(key, 2);
    const { page } = visitor;
    await page.goto("/operations/letters");
    await expect
      .poll(() => card("parked").getByRole("row").count(), { timeout: patienceMs })
      .toBe(3);
    const before = visitor.requests.length;
    await card("parked").getByRole("button", { name: "Replay all shown" }).click();
    await card("parked").getByText("2 replayed: 0 went through, 2 stay.").waitFor();
    const replays = visitor.requests.slice(before).filter(({ method }) => method === "POST");
    expect(replays).toHaveLength(2);
  });

  it("shows a dead letter, and says that it is no change", async () => {
    await card("dead-letters")
      .getByRole("button", { name: /^Look at/ })
      .click();
    const dialog = visitor.page.getByRole("dialog");
    await dialog.getByText('"seq": 7').waitFor();
    await expectAccessible(visitor.page);
    await dialog.getByRole("button", { name: "Close" }).click();
    await card("dead-letters")
      .getByRole("button", { name: /^Replay Number 7/ })
      .click();
    await card("dead-letters")
      .getByRole("status")
      .getByText(/^Stays: it is no change/)
      .waitFor();
    faultless(visitor);
  });
});

describe("the archive", () => {
  it("settles when it is told to, by keyboard alone, and shows the run until it is finished", async () => {
    const { page } = visitor;
    await page.goto("/operations/archive");
    await settled(page, "runs");
    await tabTo(page, page.getByRole("button", { name: "Settle now" }));
    await page.keyboard.press("Enter");
    await tabTo(page, page.getByRole("link", { name: "See how far it is" }));
    await page.keyboard.press("Enter");
    await card("run").getByText("Done", { exact: true }).waitFor();
    await card("run").getByText("Nothing stood in its way.").waitFor();
    await page.getByRole("link", { name: /All runs/ }).click();
    await card("runs")
      .getByRole("row", { name: /Settle everything that waits.*Done/ })
      .waitFor();
    await card("partitions")
      .getByRole("row", { name: /workouts,/ })
      .first()
      .waitFor();
    await runSweep(on.system);
    await page.reload();
    await card("balance").getByText("What was received is accounted for").waitFor();
    await card("drift").getByText("Live and exact agree").waitFor();
  });

  it("says what is wrong with a window, and asks for nothing", async () => {
    const { page } = visitor;
    const before = visitor.requests.length;
    await page.getByLabel("First day").fill("2026-11-20");
    await page.getByLabel("Last day").fill("2026-11-10");
    await page.getByText("It lies before the first day.").waitFor();
    await page.getByRole("button", { name: "Settle now" }).click();
    expect(visitor.requests.slice(before).filter(({ method }) => method === "POST")).toEqual([]);
  });

  it("rebuilds one partition after saying what that means", async () => {
    const { page } = visitor;
    await page.goto("/operations/archive");
    await card("partitions")
      .getByRole("button", { name: /^Rebuild workouts,/ })
      .first()
      .click();
    await page
      .getByRole("dialog")
      .getByText(/publishes the day again/)
      .waitFor();
    await expectAccessible(page);
    await page.getByRole("dialog").getByRole("button", { name: "Rebuild" }).click();
    await card("partitions").getByRole("link", { name: "See how far it is" }).click();
    await card("run")
      .getByText(/^Rebuild workouts/)
      .waitFor();
    await card("run").getByText("Done", { exact: true }).waitFor();
    faultless(visitor);
  });

  it("shows the damaged alone when they are asked for", async () => {
    const { page } = visitor;
    await page.goto("/operations/archive");
    await card("partitions").getByRole("radio", { name: "Damaged" }).click();
    await card("partitions").getByText("No partition is damaged.").waitFor();
  });
});

describe("the bill", () => {
  it("is said in dollars, part by part, with what is not in it", async () => {
    const { page } = visitor;
    await page.goto("/operations/bill");
    await settled(page, "bill");
    const text = await card("bill").innerText();
    expect(text).toMatch(/Since .*2026/);
    expect(text).toContain("Not counted");
    expect(await card("bill").getByRole("row").count()).toBeGreaterThan(5);
  });
});

describe("one member", () => {
  const at = () => `/operations/members/${adas().id}`;

  it("is chosen by id, and no other word is taken for one", async () => {
    const { page } = visitor;
    await page.goto("/operations/members");
    await page.getByLabel("A member's id").fill("Ada");
    await page.getByRole("button", { name: "Choose" }).click();
    await page.getByText("That is no member's id.").waitFor();
    await page.getByLabel("A member's id").fill(adas().id);
    await page.getByRole("button", { name: "Choose" }).click();
    await page.waitForURL((url) => url.pathname === at());
  });

  it("has a held workout cleared, and held again by Undo", async () => {
    const { page } = visitor;
    await page.goto(at());
    await card("holds")
      .getByText(/150\.3 km\/h/)
      .waitFor();
    await card("holds")
      .getByRole("button", { name: /^Let it count: / })
      .click();
    await expectAccessible(page);
    await page.getByRole("dialog").getByRole("button", { name: "Let it count" }).click();
    await card("holds").getByText("It counts now.").waitFor();
    await card("holds").getByText("Nothing of theirs is held back.").waitFor();
    await card("holds").getByRole("button", { name: "Undo" }).click();
    await card("holds").getByText("Held again.").waitFor();
    await card("holds")
      .getByText(/150\.3 km\/h/)
      .waitFor();
  });

  it("is told at once when the glass is broken, with the reason", async () => {
    const { page } = visitor;
    await page.goto(at());
    const reason = "Found unconscious at the finish line";
    await page.getByLabel("Your reason").fill("short");
    await page.getByRole("button", { name: "Break the glass" }).click();
    await page.getByText("Say why, in 10 letters or more.").waitFor();
    await page.getByLabel("Your reason").fill(reason);
    await page.getByRole("button", { name: "Break the glass" }).click();
    await page.getByRole("dialog").getByText(reason).waitFor();
    await page.getByRole("dialog").getByRole("button", { name: "Break the glass" }).click();
    await page.getByText(/^In force until/).waitFor();
    const told = await call(on.system.url, "GET", "/v1/consents", { token: adas().token });
    expect(told.body.breakGlass).toMatchObject([{ reason }]);
    expect(page.url()).not.toContain("reason");
  });

  it("is erased when they asked for it, and the receipt says each step", async () => {
    const { page } = visitor;
    const { cleo } = on.people.members;
    await page.goto(`/operations/members/${cleo.id}`);
    await page.getByRole("button", { name: "Erase", exact: true }).click();
    await page.getByText("Say why: it stands in the log.").waitFor();
    await page.getByLabel("Reason", { exact: true }).fill("Asked for by letter");
    await page.getByRole("button", { name: "Erase", exact: true }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText(/everything of theirs/).waitFor();
    await dialog.getByRole("button", { name: "Not now" }).click();
    await page.getByRole("button", { name: "Erase", exact: true }).click();
    await dialog.getByRole("button", { name: "Erase for good" }).click();
    await page.getByText(/^Erased/).waitFor();
    await page.getByText("✓ Declared gone").first().waitFor();
    const gone = await call(on.system.url, "GET", "/v1/me", { token: cleo.token });
    expect(gone.status).toBe(401);
    faultless(visitor);
  });
});

describe("keys", () => {
  it("rotates the epoch key step by step until it is done", async () => {
    const { page } = visitor;
    await page.goto("/operations/keys");
    await card("keys").getByRole("button", { name: "Rotate the epoch key" }).click();
    await expectAccessible(page);
    await page.getByRole("dialog").getByRole("button", { name: "Rotate" }).click();
    await card("keys")
      .getByText(/^Done: this is epoch \d+\.$/)
      .waitFor();
  });

  it("closes a shard to new members and opens it again; the last open one stays open", async () => {
    const { page } = visitor;
    await page.goto("/operations/keys");
    await card("keys").getByRole("button", { name: "Close shard 0" }).click();
    await card("keys").getByText("Closed to new members").waitFor();
    await card("keys").getByRole("button", { name: "Close shard 1" }).click();
    await card("keys").getByRole("alert").waitFor();
    await card("keys").getByRole("button", { name: "Open shard 0" }).click();
    await card("keys").getByText("Closed to new members").waitFor({ state: "detached" });
    await allSettled(page);
    faultless(visitor);
  });
});
