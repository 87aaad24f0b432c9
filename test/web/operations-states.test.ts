/** Every card of Operations in every state, and how it looks and moves, for everybody who looks. */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { deliverByKey, pushActivities, until } from "../../local/deliveries.ts";
import { buildPages } from "../../local/pages.ts";
import { call } from "../../local/people.ts";
import { runSweep } from "../../local/system.ts";
import { garminActivity } from "../fakes/rides.ts";
import { type OwnSystem, ownSystem, workoutsOf } from "../system/support.ts";
import { cutOff, everyStateAt, expectCards, partialAt } from "./card-states.ts";
import { expectAccessible, expectStill } from "./data-support.ts";
import {
  allSettled,
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
  it("is loading, cut off or refused, in words, is mended by trying again, and keeps what was seen", () =>
    each(async (page, path, cards) => {
      const old = path.includes("/members/") ? [] : cards;
      await everyStateAt(page, path, cards, { mended: null, old });
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
    ["/operations", /\/ops\/alerts/, ["now", "health"]],
    ["/operations/flow", /\/ops\/balance/, ["flow"]],
    ["/operations/flow", /\/ops\/alerts/, ["freshness", "breakers", "budgets"]],
    ["/operations/archive", /\/ops\/partitions\?damaged/, ["balance"]],
    ["/operations/archive", /\/ops\/runs\/run_/, ["runs"]],
    ["/operations/archive", /\/ops\/balance/, ["drift", "partitions"]],
    ["/operations/letters", /\/ops\/balance/, ["dead-letters"]],
    ["/operations/letters", /\/ops\/providers/, ["parked"]],
    ["/operations/alerts", /\/ops\/providers/, ["alerts"]],
    ["/operations/keys", /\/ops\/balance/, ["keys"]],
  ])("makes it partial when it is missing: %s without %s, %s", async (path, without, cards) => {
    await partialAt(visitor.page, path, without, ...cards);
  });

  it("makes it partial when it is missing: a run, a member's holds", async () => {
    await partialAt(visitor.page, `/operations/archive/${run}`, /\/ops\/balance/, "run");
    await partialAt(visitor.page, `/operations/members/${member()}`, /\/ops\/providers/, "holds");
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
  it("moves nothing while it loads on a desk, and has no serious violation, light or dark", () =>
    each(async (page, path) => {
      await expectStill(page, path);
      await expectAccessible(page);
    }));

  it("moves nothing while it loads, on a phone", async () => {
    await visitor.page.setViewportSize(phone);
    await each((page, path) => expectStill(page, path));
    faultless(visitor);
  });
});
