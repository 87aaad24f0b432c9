/**
 * No card's number is ever written down. Numbers come by a till and by a shop, where they may stand
 * and where they may not, in many spellings; then every byte that is kept, every line that is logged
 * and every answer is searched for them in many forms. Only revealing one brings it back.
 */
import { createHash, createHmac } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { zstdDecompressSync } from "node:zlib";
import { parquetReadObjects } from "hyparquet";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { addDays, localDate } from "../../domain/time.ts";
import { call, enrol, operatorToken, type Person } from "../../local/people.ts";
import type { System } from "../../local/system.ts";
import { apart, decimals, escaped, inScript, printed } from "../domain/card-spellings.ts";
import { deliverTo, keyAt, settle } from "./streams.ts";
import { as, type OwnSystem, ownSystem, phiOf } from "./support.ts";
import { posLog, type TillSale } from "./tills.ts";

const secret = "the app's own client secret";
const day = addDays(localDate(Date.now(), 0), -2);
/** Open by design: the search must find it, or it could find nothing. */
const store = "LadenKanarie";

const taken = {
  visa: "4111111111111111",
  amex: "378282246310005",
  maestro: "6799990100000000019",
} as const;
const refused = {
  visa: "4242424242424242",
  master: "5555555555554444",
  mastercard2: "2223003122003222",
  amex: "371449635398431",
  long: "4000000000000000006",
  diners: "30569309025904",
} as const;
const numbers = [...Object.values(taken), ...Object.values(refused)];

let own: OwnSystem;
let system: System;
let shop: Person;
let books: Person;
let tillKey: string;
let shopKey: string;
const logged: string[] = [];
const answered: string[] = [];

async function note(answer: Promise<{ status: number; body: unknown }>): Promise<number> {
  const { status, body } = await answer;
  answered.push(JSON.stringify(body));
  return status;
}
const sale = (sequence: number, said: Partial<TillSale> = {}): TillSale => ({
  ...{ store, sequence, day, pieces: 1, cents: 500 },
  ...said,
});
const till = (body: string) => note(deliverTo(system, "poslog", tillKey, body));
const order = (fields: object) =>
  JSON.stringify({
    ...{ id: 1001, name: "#1001", currency: "EUR", taxes_included: true, total_price: "5.00" },
    ...{ updated_at: `${day}T12:00:00Z`, processed_at: `${day}T12:00:00Z` },
    ...{ line_items: [{ id: 1, sku: "tea", quantity: 1, price: "5.00" }] },
    ...fields,
  });
const shopSays = (body: string) => {
  const hmac = createHmac("sha256", secret).update(body).digest("base64");
  const headers = { "x-shopify-topic": "orders/updated", "x-shopify-hmac-sha256": hmac };
  return note(call(system.url, "POST", `/webhooks/shopify/${shopKey}`, { body, headers }));
};

beforeAll(async () => {
  const secrets = JSON.stringify({ shopify: { signing: [secret] } });
  own = await ownSystem({
    vars: { edge: { PROVIDER_SECRETS: secrets } },
    onLog: (line) => logged.push(line),
  });
  system = own.system;
  shop = await enrol(system, "cards-shop", "Shop", ["member"]);
  books = await enrol(system, "cards-books", "Books", ["member", "finance"]);
  const token = await operatorToken(system);
  const body = { member: books.id, role: "finance", of: shop.id };
  expect((await call(system.url, "PUT", "/v1/ops/readers", { token, body })).status).toBe(200);
  tillKey = await keyAt(system, shop, "poslog");
  shopKey = await keyAt(system, shop, "shopify");
});
afterAll(() => own.end());

/** Of one number: its digits, some spellings of them, and what an unkeyed hash would come to. */
function forms(number: string): Buffer[] {
  const bytes = Buffer.from(number);
  const encoded = [0, 1, 2].map((shift) => {
    const text = Buffer.concat([Buffer.alloc(shift), bytes]).toString("base64");
    return Buffer.from(text.replaceAll("=", "").slice(shift === 0 ? 0 : 4, -4));
  });
  const hashes = ["sha256", "sha1", "md5"].map((name) => createHash(name).update(number).digest());
  return [
    ...[bytes, Buffer.from(number, "utf16le"), Buffer.from(bytes.toString("hex"))],
    ...[" ", "-", ".", "%20"].map((between) => Buffer.from(printed(number).join(between))),
    ...[" ", "-"].map((between) => Buffer.from(apart(number, between))),
    ...[Buffer.from(inScript(number, 0xff10)), Buffer.from(inScript(number, 0x660))],
    ...encoded,
    ...hashes,
    ...hashes.flatMap((hash) => [
      Buffer.from(hash.toString("hex")),
      Buffer.from(hash.toString("base64url")),
    ]),
  ];
}

/** Every file that the runtime keeps: objects, databases and what goes beside them, queues. */
async function kept(): Promise<{ name: string; bytes: Buffer }[]> {
  const folder = join(own.state, "storage");
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  const files = entries.filter((e) => e.isFile()).map((e) => join(e.parentPath, e.name));
  const read = files.map(async (file) => ({
    name: file.slice(folder.length),
    // A database's side files come and go while the runtime works.
    bytes: await readFile(file).catch(() => Buffer.alloc(0)),
  }));
  return Promise.all(read);
}

/** What the archive's Parquet says, uncompressed. */
async function archived(): Promise<Record<string, unknown>[]> {
  const bucket = await system.runtime.mf.getR2Bucket("ARCHIVE", "singlet-archive");
  const { objects } = await bucket.list();
  const compressors = { ZSTD: (bytes: Uint8Array) => new Uint8Array(zstdDecompressSync(bytes)) };
  const rows: Record<string, unknown>[] = [];
  for (const { key } of objects.filter((object) => object.key.endsWith(".parquet"))) {
    const file = await (await bucket.get(key))?.arrayBuffer();
    if (file !== undefined) rows.push(...(await parquetReadObjects({ file, compressors })));
  }
  return rows;
}

const textOf = (value: unknown): string =>
  JSON.stringify(value, (_, inner) => (typeof inner === "bigint" ? String(inner) : inner));

describe("a card's number", () => {
  it("where it may stand is taken with the sale, however it is spelled", async () => {
    const spelled = [
      sale(1, { customer: "C-1", card: printed(taken.visa).join(" ") }),
      sale(2, { customer: "C-2", card: inScript(taken.amex, 0xff10) }),
      sale(3, { card: taken.maestro }),
      sale(4, { customer: "C-2", card: printed(taken.visa).join("-") }),
      sale(5),
    ];
    for (let time = 0; time < 2; time++) expect(await till(posLog(spelled))).toBe(200);
  });

  it("where none may stand, or read as one, is refused with all that came with it", async () => {
    const text = posLog([sale(11)]);
    for (const [from, to] of [
      ["SKU-2", refused.visa],
      ["<CurrencyCode>", `<Note>${printed(refused.master).join(" ")}</Note><CurrencyCode>`],
      ["<Transaction>", `<Transaction Clerk="${refused.diners}">`],
      ["<Transaction>", `<Transaction><!-- x --><Memo><![CDATA[${refused.long}]]></Memo>`],
    ] as const)
      expect(await till(text.replace(from, to)), to).toBe(422);
    const fields: readonly object[] = [
      { note: `pls charge ${refused.visa} exp 12/28` },
      { tags: printed(refused.master).join(",") },
      { customer: { id: 7, first_name: refused.mastercard2 } },
      { note_attributes: [{ name: "cc", value: apart(refused.amex, " ") }] },
      { line_items: [{ id: 1, sku: "tea", quantity: 1, price: "5.00", title: refused.diners }] },
      { [refused.visa]: true },
      { reference: Number(refused.visa) },
      ...Object.values({ ...decimals, ...escaped }).map((spell) => ({ note: spell(refused.visa) })),
    ];
    for (const one of fields) expect(await shopSays(order(one)), textOf(one)).toBe(422);
    const bare = order({}).replace('"id":1001', `"id":1001,"pan":${refused.long}`);
    expect(await shopSays(bare)).toBe(422);
    expect(await shopSays(order({ note: "thank you" }))).toBe(200);
  });

  it("is in no byte that is kept, in no form, and the search finds what is open", async () => {
    await settle(system);
    const files = await kept();
    const holding = (form: Buffer) =>
      files.filter(({ name, bytes }) => bytes.includes(form) || name.includes(form.toString()));
    expect(holding(Buffer.from(store)).length).toBeGreaterThan(0);
    for (const number of numbers)
      for (const form of forms(number)) expect(holding(form).map(({ name }) => name)).toEqual([]);
    const rows = await archived();
    expect(rows.filter((row) => row.store === store).length).toBeGreaterThan(0);
    for (const number of numbers) expect(textOf(rows)).not.toContain(number);
  });

  it("is in no line that is logged and in no answer", () => {
    for (const number of numbers)
      for (const form of forms(number).map(String)) {
        expect(logged.filter((line) => line.includes(form))).toEqual([]);
        expect(answered.filter((body) => body.includes(form))).toEqual([]);
      }
    expect(answered.join("\n")).toContain("urn:singlet:problem:card-number");
  });
});

describe("a token", () => {
  const reveal = (who: Person, card: string, reason = "a chargeback") =>
    as(system, who).post(`/v1/merchants/${shop.id}/cards/${card}/reveal`, { reason });
  const tokens = async () => {
    const phi = await phiOf(system, shop);
    const held = await phi.prepare("SELECT person, token FROM card_holder").all();
    return held.results as { person: string; token: string }[];
  };

  it("stands for one card, whoever shows it, and finance learns its number", async () => {
    const rows = (await archived()).filter((row) => row.store === store && row.card !== null);
    const cards = new Set(rows.map((row) => String(row.card)));
    expect(cards.size).toBe(3);
    const revealed: string[] = [];
    for (const card of cards) {
      const answer = await reveal(books, card);
      expect(answer.status).toBe(200);
      revealed.push(answer.body.number);
    }
    expect(revealed.sort()).toEqual(Object.values(taken).sort());
    expect(new Set((await tokens()).map(({ token }) => token)).size).toBe(2);
  });

  it("tells nobody else anything, and the merchant sees who looked and why", async () => {
    const [held] = await tokens();
    const card = held?.token ?? "";
    expect((await reveal(shop, card)).status).toBe(403);
    const other = await enrol(system, "cards-other", "Other", ["member", "finance"]);
    expect((await reveal(other, card, "none of mine")).status).toBe(404);
    expect((await reveal(books, `card_${"A".repeat(22)}`)).status).toBe(404);
    for (const reason of ["", " ", "x".repeat(61), taken.visa])
      expect((await reveal(books, card, reason)).status).toBe(400);
    expect((await reveal({ ...books, token: "none" }, card)).status).toBe(401);
    const { body } = await as(system, shop).get("/v1/access-log?limit=100");
    const looks = textOf(body.items.filter((one: object) => textOf(one).includes("reveal-card")));
    expect(looks).toContain("a chargeback");
    const refusals = body.items.filter(
      (one: { deed: string; ground: string }) =>
        one.deed === "reveal-card" && one.ground === "not-found",
    );
    expect(refusals.length).toBe(1);
    expect(looks).not.toContain(taken.visa);
  });

  it("ends when its customer is forgotten, and the sales stay; a card of another's stays", async () => {
    const customer = (name: string) => `/v1/merchants/${shop.id}/customers/${name}`;
    expect((await as(system, books).remove(customer("C-1"))).status).toBe(404);
    expect((await as(system, shop).remove(customer("C-1"))).body).toEqual({ tokens: 1 });
    const left = await tokens();
    expect(left.length).toBe(2);
    expect((await as(system, shop).remove(customer("C-2"))).body).toEqual({ tokens: 2 });
    for (const { token } of left) expect((await reveal(books, token)).status).toBe(404);
    expect(await tokens()).toEqual([]);
    const before = (await archived()).filter((row) => row.store === store).length;
    expect(await till(posLog([sale(6, { customer: "C-1", card: taken.visa })]))).toBe(200);
    await settle(system);
    const rows = (await archived()).filter((row) => row.store === store);
    expect(rows.length).toBeGreaterThan(before);
    expect(await tokens()).toEqual([]);
    for (const { bytes } of await kept())
      for (const form of forms(taken.visa)) expect(bytes.includes(form)).toBe(false);
  });
});
