/**
 * Sources of sales at their door: the merchant's own key says whose it is, and where the source signs
 * as well, neither is enough without the other.
 */
import { createHmac } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { bodyOf, item as notification, signed } from "../providers/cases/adyen.ts";
import { file, transaction } from "../providers/cases/poslog.ts";
import { order } from "../providers/cases/shopify.ts";
import { event, payment } from "../providers/cases/square.ts";
import { ada, ben, origin, saidOf, world } from "./link-world.ts";

type World = ReturnType<typeof world>;
const [appSecret, squareKey, adyenKey] = ["shpss_app", "square-key", "5c".repeat(32)];
const secrets = {
  shopify: { signing: [appSecret], pathKeys: ["not asked for"] },
  square: { signing: [squareKey] },
  adyen: { signing: [adyenKey] },
};

beforeEach(() => {
  vi.spyOn(console, "log").mockImplementation(() => {});
});
afterEach(() => {
  vi.restoreAllMocks();
});

function merchants(): World {
  const of = world();
  of.secretsAre(secrets);
  return of;
}
async function keyOf(of: World, name: string, member = ada): Promise<{ key: string; url: string }> {
  const said = await of.post(member, {}, name);
  expect([said.status, said.body.type]).toEqual([201, undefined]);
  return said.body;
}

const mac = (secret: string, text: string) =>
  createHmac("sha256", secret).update(text).digest("base64");

interface Delivered {
  readonly raw: string;
  readonly headers: Readonly<Record<string, string>>;
}
/** What each sends to an address, as it should be. */
const sent = {
  shopify: (_: string): Delivered => {
    const raw = JSON.stringify(order());
    const topic = { "x-shopify-topic": "orders/create" };
    return { raw, headers: { "x-shopify-hmac-sha256": mac(appSecret, raw), ...topic } };
  },
  square: (url: string): Delivered => {
    const raw = event("payment.updated", { payment: payment() });
    return { raw, headers: { "x-square-hmacsha256-signature": mac(squareKey, url + raw) } };
  },
  adyen: (_: string): Delivered => ({
    raw: bodyOf(signed(notification(), adyenKey)),
    headers: {},
  }),
};
const names = Object.keys(sent) as (keyof typeof sent)[];

describe.each(names)("%s", (name) => {
  it("delivers by the merchant's key and its signature", async () => {
    const of = merchants();
    const { key, url } = await keyOf(of, name);
    expect(url).toBe(`${origin}/webhooks/${name}/${key}`);
    const answer = await of.call("post", name, { key, ...sent[name](url) });
    expect([answer.status, answer.text]).toEqual(
      name === "adyen" ? [202, "[accepted]"] : [200, ""],
    );
    expect(of.recorded).toHaveLength(1);
    expect(of.recorded[0]).toMatchObject({ provider: name, member: ada });
  });

  it("delivers nothing by one of the two alone", async () => {
    const of = merchants();
    const { key, url } = await keyOf(of, name);
    const { raw, headers } = sent[name](url);
    const stranger = `wk_${"A".repeat(43)}`;
    expect(saidOf(await of.call("post", name, { key: stranger, raw, headers }))).toBe(
      "unauthenticated",
    );
    expect(saidOf(await of.call("post", name, { raw, headers }))).toBe("unauthenticated");
    const unsigned = name === "adyen" ? bodyOf(notification()) : raw;
    expect(saidOf(await of.call("post", name, { key, raw: unsigned }))).toBe("unauthenticated");
    const changed = raw.replace(/2975|29\.75|2500/, "1");
    expect(changed).not.toBe(raw);
    expect(saidOf(await of.call("post", name, { key, raw: changed, headers }))).toBe(
      "unauthenticated",
    );
    of.secretsAre({});
    expect(saidOf(await of.call("post", name, { key, raw, headers }))).toBe("unauthenticated");
    expect(of.recorded).toEqual([]);
  });

  it("says nothing of another merchant, whatever is signed", async () => {
    const of = merchants();
    const mine = await keyOf(of, name);
    const theirs = await keyOf(of, name, ben);
    const delivered = sent[name](mine.url);
    await of.call("post", name, { key: theirs.key, ...delivered });
    // The address is signed by Square alone: for it the other's is another.
    const members = of.recorded.map((fact) => (fact as { member: string }).member);
    expect(members).toEqual(name === "square" ? [] : [ben]);
  });
});

describe("what is signed beside data", () => {
  it("ends the connection, where the source says that it is at an end", async () => {
    const of = merchants();
    const { key, url } = await keyOf(of, "square");
    const revocation = { revoked_at: "2026-11-20T10:00:00Z" };
    const raw = event("oauth.authorization.revoked", { revocation });
    const headers = { "x-square-hmacsha256-signature": mac(squareKey, url + raw) };
    await of.call("post", "square", { key, raw, headers });
    expect(of.heard).toMatchObject([
      { what: "ended", said: ["grant-ended", Date.UTC(2026, 10, 20, 10)] },
    ]);
  });
});

describe("a till", () => {
  it("delivers by its key alone, in the path or as the bearer", async () => {
    const of = merchants();
    const { key } = await keyOf(of, "poslog");
    const raw = file(transaction());
    expect((await of.call("post", "poslog", { key, raw })).status).toBe(200);
    const headers = { authorization: `Bearer ${key}` };
    expect((await of.call("post", "poslog", { raw, headers })).status).toBe(200);
    expect(of.recorded).toMatchObject([
      { provider: "poslog", businessDay: "2026-11-13", store: "9" },
      { provider: "poslog" },
    ]);
    const [first, second] = of.recorded as { id: string }[];
    expect(second?.id).toBe(first?.id);
  });

  it("that says nothing to be understood is told so, and nothing of it is kept", async () => {
    const of = merchants();
    const { key } = await keyOf(of, "poslog");
    const broken = file(transaction()).slice(0, -10);
    expect(saidOf(await of.call("post", "poslog", { key, raw: broken }))).toBe("not-understood");
    expect(of.recorded).toEqual([]);
  });
});
