/**
 * Sales by every door, over the real runtime, each delivery three times: totals are what the sources
 * say, whatever their order was, and a card's number is where it may stand or nowhere.
 */
import { createHmac, randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Answer, call, enrol, type Person } from "../../local/people.ts";
import type { System } from "../../local/system.ts";
import { bodyOf, item as notification, signed } from "../providers/cases/adyen.ts";
import { event, sale } from "../providers/cases/sale-webhooks.ts";
import { order } from "../providers/cases/shopify.ts";
import { payment, refund, event as squareEvent } from "../providers/cases/square.ts";
import { keyAt, settle, totalsOf } from "./streams.ts";
import { type OwnSystem, ownSystem } from "./support.ts";
import { posLog } from "./tills.ts";

let own: OwnSystem;
let system: System;
beforeAll(async () => {
  own = await ownSystem();
  system = own.system;
});
afterAll(() => own?.end());

const merchant = (name: string): Promise<Person> =>
  enrol(system, `subject-${name}`, `Name ${name}`, ["member"], { zone: "Europe/Berlin" });
const base64 = (secret: string | Buffer, text: string) =>
  createHmac("sha256", secret).update(text).digest("base64");
const card = "4111111111111111";
type Send = (body: string) => Promise<Answer>;

const post = (path: string, body: string, headers: Record<string, string> = {}) =>
  call(system.url, "POST", path, { body, headers });

/** A source that holds a merchant's key, and signs with what this deployment shares with it. */
async function source(who: Person, name: "shopify" | "square" | "adyen"): Promise<Send> {
  const path = `/webhooks/${name}/${await keyAt(system, who, name)}`;
  const secret = system.secrets.signing[name];
  return (body) => {
    const text = name === "square" ? `${system.url}${path}${body}` : body;
    const header = name === "square" ? "x-square-hmacsha256-signature" : "x-shopify-hmac-sha256";
    return post(path, body, name === "adyen" ? {} : { [header]: base64(secret, text) });
  };
}

/** Signed as Standard Webhooks has it; the account is the merchant's own. */
async function sender(who: Person): Promise<(type: string, data: object) => Promise<Answer>> {
  const secret = system.secrets.signing["sale-webhooks"].replace("whsec_", "");
  const send = (type: string, data: object) => {
    const body = event(type, { account: who.id, ...data });
    const [id, time] = [`msg_${randomUUID()}`, String(Math.floor(Date.now() / 1000))];
    const signature = base64(Buffer.from(secret, "base64"), `${id}.${time}.${body}`);
    return post("/webhooks/sale-webhooks", body, {
      ...{ "webhook-id": id, "webhook-timestamp": time },
      "webhook-signature": `v1,${signature}`,
    });
  };
  const asked = await call(system.url, "POST", "/v1/connections/sale-webhooks", {
    ...{ token: who.token, body: {} },
  });
  const linked = await send("account.linked", { reference: asked.body.reference });
  expect(linked.status).toBe(200);
  return send;
}

/** In the smallest unit, of one merchant. */
async function totalOf({ id }: Person, measure: string): Promise<number> {
  const totals = Object.entries(await totalsOf(system, "sales", measure));
  return totals.reduce((sum, [key, n]) => (key.startsWith(`${id}\u001f`) ? sum + n : sum), 0);
}

it("counts each sale once, from whichever source and however often it comes", async () => {
  const who = await merchant("everything");
  const [shopify, square, adyen, other] = [
    await source(who, "shopify"),
    await source(who, "square"),
    await source(who, "adyen"),
    await sender(who),
  ];
  const till = await keyAt(system, who, "poslog");
  const later = { updated_at: "2026-11-15T08:00:00+01:00", current_total_price: "9.75" };
  const file = posLog([
    { store: "9", sequence: 1, day: "2026-11-13", pieces: 2, cents: 250, card },
  ]);
  const key = JSON.parse(JSON.stringify(system.secrets.signing)).adyen as string;
  const sent: [send: Send, body: string, status: number][] = [
    [shopify, JSON.stringify(order(later)), 200],
    [shopify, JSON.stringify(order()), 200],
    [square, squareEvent("payment.updated", { payment: payment() }), 200],
    [square, squareEvent("refund.updated", { refund: refund() }), 200],
    [adyen, bodyOf(signed(notification(), key)), 202],
    [(body) => post(`/webhooks/poslog/${till}`, body), file, 200],
    [() => other("sales.recorded", { sales: [sale({ cards: [{ number: card }] })] }), "", 200],
  ];
  for (const turn of [sent, sent.toReversed(), sent])
    for (const [send, body, status] of turn) expect((await send(body)).status).toBe(status);
  await settle(system);
  // 9.75 left of the order, 28.00 less 10.00, 5.00 at the till, 23.80 by the event.
  expect(await totalOf(who, "revenue")).toBe(975 + 2_800 - 1_000 + 500 + 2_380);
  expect(await totalOf(who, "payments")).toBe(2_975);
  expect(await totalOf(who, "sales")).toBe(5);
  const units = Object.entries(await totalsOf(system, "sales", "article_units"));
  expect(units.map(([name, n]) => [name.split("\u001f").at(-1), n])).toEqual(
    expect.arrayContaining([
      ["MUG-1", 2],
      ["SKU-1", 2],
    ]),
  );
});

it("takes nothing of a body with a card's number where none may stand", async () => {
  const who = await merchant("careless");
  const [shopify, other] = [await source(who, "shopify"), await sender(who)];
  const till = await keyAt(system, who, "poslog");
  const noted = order({ note: `card ${card}` });
  const named = posLog([{ store: "9", sequence: 2, day: "2026-11-13", pieces: 1, cents: 100 }]);
  for (const answer of [
    await shopify(JSON.stringify(noted)),
    await other("sales.recorded", { sales: [sale(), sale({ id: "S-82", note: card })] }),
    await post(`/webhooks/poslog/${till}`, named.replace("SKU-2", card)),
  ])
    expect([answer.status, answer.body.type]).toEqual([422, "urn:singlet:problem:card-number"]);
  await settle(system);
  expect(await totalOf(who, "revenue")).toBe(0);
});

it("heeds what a source asks for its customers, and the sale stays", async () => {
  const who = await merchant("forgetful");
  const other = await sender(who);
  const sales = [sale({ cards: [{ number: card }] })];
  expect((await other("sales.recorded", { sales })).status).toBe(200);
  expect((await other("customers.forgotten", { customers: ["c-7"] })).status).toBe(200);
  await settle(system);
  expect(await totalOf(who, "revenue")).toBe(2_380);
});
