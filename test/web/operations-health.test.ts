/** A provider that fails turns red on the page, with its reason, and green again once it answers. */
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { notifyGoogle } from "../../local/deliveries.ts";
import { enrol, link } from "../../local/people.ts";
import { runSweep } from "../../local/system.ts";
import { quiet } from "../drills/connection-drill.ts";
import { allSettled, faultless, patienceMs, type Stage, signIn, stage, visit } from "./support.ts";

const edge = fileURLToPath(new URL("../fakes/flaky-gate.ts", import.meta.url));
/** As many as a breaker takes in a row. */
const failingMax = 10;
const hourMs = 3_600_000;
/** A breaker's five minutes, and a little. */
const waitedMs = 310_000;

let on: Stage;
beforeAll(async () => {
  on = await stage({ mains: { edge } });
});
afterAll(() => on.end());

async function linked(n: number): Promise<string> {
  const account = `failing-${n}`;
  const person = await enrol(on.system, account, `Name ${n}`, ["member"]);
  expect((await link(on.system, person, "google-health", account)).status).toBe(201);
  return account;
}

const notified = (account: string) =>
  notifyGoogle(on.system, account, Date.now() - hourMs, Date.now());

describe("a provider", () => {
  it("turns red with its reason while it fails, and green again when it answers", async () => {
    const operator = await visit(on);
    const { page } = operator;
    await signIn(operator, "Operator", "/operations");
    await allSettled(page);
    const row = page.getByRole("row", { name: /Google Health/ });
    expect(await row.locator("[data-health]").getAttribute("data-health")).toBe("green");
    expect(await row.innerText()).toContain("Nothing is the matter.");

    const turns = async (colour: string) =>
      expect
        .poll(
          async () => {
            await page.reload();
            await allSettled(page);
            return row.locator("[data-health]").getAttribute("data-health");
          },
          { timeout: patienceMs, interval: 500 },
        )
        .toBe(colour);

    const accounts: string[] = [];
    for (let n = 0; n < failingMax; n++) accounts.push(await linked(n));
    const { ben } = on.people.members;
    await quiet(on.system, ben);
    on.system.provider.faults = { status: 503, only: "/v4/" };
    for (const account of accounts) await notified(account);
    await turns("red");
    expect(await row.innerText()).toMatch(/Red[\s\S]*The breaker is open since .*nothing is asked/);
    await runSweep(on.system);
    await page.goto("/operations/alerts");
    await page.getByText("Stands").first().waitFor();
    await page.goto("/operations/flow");
    await page.getByText("Open: nothing is asked").waitFor();

    on.system.provider.faults = {};
    await fetch(`${on.system.url}/v1/ahead?ms=${waitedMs}`);
    // Who has not failed meanwhile is not waiting: their notice is the one call that tries.
    await notified(on.people.accounts["google-health"].ben ?? "");
    await page.goto("/operations");
    await turns("green");
    faultless(operator);
  });
});
