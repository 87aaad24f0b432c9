/** Every card of Operations in every state, and how it looks and moves, for everybody who looks. */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { deliverByKey, pushActivities, until } from "../../local/deliveries.ts";
import { buildPages } from "../../local/pages.ts";
import { call } from "../../local/people.ts";
import { runSweep } from "../../local/system.ts";
import { garminActivity } from "../fakes/rides.ts";
import { type OwnSystem, ownSystem, workoutsOf } from "../system/support.ts";
import {
  cutOff,
  errorAt,
  expectCards,
  loadingAt,
  offlineAt,
  partialAt,
  staleAt,
} from "./card-states.ts";
import { expectAccessible, expectStill } from "./data-support.ts";
import {
  allSettled,
  desk,
  faultless,
  phone,
  type Stage,
  signIn,
  stage,
  type Visit,
  visit,
} from "./support.ts";

let on: Stage;
let visitor: Visit;
let run: string;

const member = () => on.people.members.ada.id;
/** Each part's address and its cards. */
const parts = (): readonly (readonly [path: string, cards: readonly string[]])[] => [
  ["/operations", ["now", "health"]],
  ["/operations/flow", ["flow", "freshness", "breakers", "budgets"]],
  ["/operations/archive", ["balance", "runs", "drift", "partitions"]],
  [`/operations/archive/${run}`, ["run"]],
  ["/operations/letters", ["dead-letters", "parked"]],
  ["/operations/alerts", ["alerts"]],
  ["/operations/bill", ["bill"]],
  [`/operations/members/${member()}`, ["holds"]],
  ["/operations/keys", ["keys"]],
];

async function settle(): Promise<string> {
  const token = on.people.staff.operator.token;
  const asked = await call(on.system.url, "POST", "/v1/ops/runs", {
    token,
    body: { kind: "settle" },
  });
  await until(
    () => call(on.system.url, "GET", `/v1/ops/runs/${asked.body.id}`, { token }),
    ({ body }) => body.finishedAt !== null,
  );
  return asked.body.id;
}

beforeAll(async () => {
  on = await stage();
  const { system, people } = on;
  const ride = { account: people.accounts.garmin.ada ?? "", id: "71500", elapsedSeconds: 2432 };
  const told = { ...ride, startMs: Date.now() - 86_400_000, distanceM: 101_529, everySeconds: 60 };
  await pushActivities(system, garminActivity(told));
  await until(
    () => workoutsOf(system, people.members.ada),
    (all) => all.length === 1,
  );
  const { body } = await call(system.url, "POST", "/v1/connections/health-auto-export", {
    token: people.members.ada.token,
    body: {},
  });
  const day = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10);
  const data = [{ qty: 9e9, date: `${day} 01:00:00 +0100` }];
  const sent = { data: { metrics: [{ name: "weight_body_mass", units: "kg", data }] } };
  await deliverByKey(system, "health-auto-export", body.key, sent);
  run = await settle();
  await runSweep(system);
  visitor = await visit(on);
  await signIn(visitor, "Operator", "/operations");
});
afterAll(() => on.end());

const each = async (
  does: (page: Page, path: string, cards: readonly string[]) => Promise<void>,
) => {
  for (const [path, cards] of parts()) await does(visitor.page, path, cards);
};

describe("every card", () => {
  it("is loading until its answer comes", () => each(loadingAt));
  it("says what was refused, and is mended by trying again", () => each(errorAt));
  it("says that nobody can be reached", () => each(offlineAt));
  it("keeps what was seen, and says as of when", () =>
    each(async (page, path, cards) => {
      if (!path.includes("/members/")) await staleAt(page, path, cards);
    }));
  it("of a member is not looked at again by itself: each look is logged", async () => {
    const { page, requests } = visitor;
    await page.goto(`/operations/members/${member()}`);
    await allSettled(page);
    const looks = () => requests.filter(({ url }) => url.includes("/v1/ops/holds/")).length;
    const before = looks();
    await page.route(/\/v1\//, cutOff);
    await expect
      .poll(
        async () => {
          await page.evaluate(() => window.dispatchEvent(new Event("visibilitychange")));
          return page.locator('[data-card="holds"]').getAttribute("data-state");
        },
        { timeout: 30_000, interval: 500 },
      )
      .toBe("partial");
    expect(looks()).toBe(before);
    await page.unroute(/\/v1\//);
  });
});

describe("what a card can do without", () => {
  it.each([
    ["/operations", "now", /\/ops\/alerts/],
    ["/operations", "health", /\/ops\/alerts/],
    ["/operations/flow", "flow", /\/ops\/balance/],
    ["/operations/flow", "freshness", /\/ops\/alerts/],
    ["/operations/flow", "breakers", /\/ops\/alerts/],
    ["/operations/flow", "budgets", /\/ops\/alerts/],
    ["/operations/archive", "balance", /\/ops\/partitions\?damaged/],
    ["/operations/archive", "runs", /\/ops\/runs\/run_/],
    ["/operations/archive", "drift", /\/ops\/balance/],
    ["/operations/archive", "partitions", /\/ops\/balance/],
    ["/operations/letters", "dead-letters", /\/ops\/balance/],
    ["/operations/letters", "parked", /\/ops\/providers/],
    ["/operations/alerts", "alerts", /\/ops\/providers/],
    ["/operations/keys", "keys", /\/ops\/balance/],
  ])("makes it partial when it is missing: %s, %s", async (path, card, without) => {
    await partialAt(visitor.page, path, card, without);
  });

  it("makes it partial when it is missing: a run, a member's holds", async () => {
    await partialAt(visitor.page, `/operations/archive/${run}`, "run", /\/ops\/balance/);
    await partialAt(visitor.page, `/operations/members/${member()}`, "holds", /\/ops\/providers/);
  });

  it("is said of the bill as long as a ledger never reported", async () => {
    const { system, people } = on;
    const { token } = people.members.ben;
    const start = new Date(Date.now() - 86_400_000).toISOString();
    const samples = [
      {
        ...{ type: "steps", value: 900, unit: "count", sourceDevice: { id: "w", kind: "watch" } },
        ...{ startDate: start, endDate: new Date(Date.parse(start) + 600_000).toISOString() },
      },
    ];
    await call(system.url, "POST", "/v1/sync", { token, body: { samples } });
    const { page } = visitor;
    await page.goto("/operations/bill");
    await expectCards(page, ["bill"], "partial");
    expect(await page.locator("[data-card=bill]").innerText()).toMatch(/never reported/);
    await runSweep(system);
    await page.reload();
    await expectCards(page, ["bill"], "ready");
  });
});

describe("where there is nothing yet", () => {
  let bare: OwnSystem;
  beforeAll(async () => {
    await buildPages();
    bare = await ownSystem({ pages: true });
  });
  afterAll(() => bare.end());

  it("every card says so, and what to wait for", async () => {
    const { system } = bare;
    const newcomer = await visit({ ...on, system });
    await signIn(newcomer, "Operator", "/operations");
    for (const [path, cards] of parts()) {
      if (path.includes("run_") || path.includes("/members/")) continue;
      await newcomer.page.goto(path);
      await allSettled(newcomer.page);
      await expectCards(newcomer.page, cards, "empty");
    }
    faultless(newcomer);
  });

  it("a member of whom nothing is held back is said to be one", async () => {
    await visitor.page.goto(`/operations/members/${on.people.members.ben.id}`);
    await expectCards(visitor.page, ["holds"], "empty");
  });
});

describe("Operations", () => {
  it("has no serious violation on any part, light or dark", async () => {
    await each(async (page, path) => {
      await page.goto(path);
      await allSettled(page);
      await expectAccessible(page);
    });
  });

  it.each([
    ["a desk", desk],
    ["a phone", phone],
  ])("moves nothing while it loads, on %s", async (_, size) => {
    await visitor.page.setViewportSize(size);
    await each((page, path) => expectStill(page, path));
    faultless(visitor);
  });
});
