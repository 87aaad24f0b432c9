/**
 * A merchant's books, whole: orders come by Shopify's signed door, days are settled and settled again,
 * a settlement file with gaps is explained line by line, and what was frozen to learn from stays as it
 * was but for whom was forgotten.
 */
import { createHash, createHmac } from "node:crypto";
import { zstdDecompressSync } from "node:zlib";
import { parquetReadObjects } from "hyparquet";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { addDays, localDate } from "../../domain/time.ts";
import { eventually } from "../../local/deliveries.ts";
import { call, enrol, operatorToken, type Person } from "../../local/people.ts";
import type { System } from "../../local/system.ts";
import { connectionTo, keyAt, receiptFinished, rowsOf, settle } from "./streams.ts";
import { as, type OwnSystem, ownSystem } from "./support.ts";

const secret = "the app's own client secret";
const first = addDays(localDate(Date.now(), 0), -6);
const second = addDays(first, 1);

let own: OwnSystem;
let system: System;
let shop: Person;
let books: Person;
let lab: Person;
let stranger: Person;
let key: string;
beforeAll(async () => {
  const secrets = JSON.stringify({ shopify: { signing: [secret] } });
  own = await ownSystem({ vars: { edge: { PROVIDER_SECRETS: secrets } } });
  system = own.system;
  shop = await enrol(system, "shop", "Shop", ["member"]);
  books = await enrol(system, "books", "Books", ["member", "finance"]);
  lab = await enrol(system, "lab", "Lab", ["member", "scientist"]);
  stranger = await enrol(system, "stranger", "Stranger", ["member", "finance", "scientist"]);
  const token = await operatorToken(system);
  for (const [reader, role] of [
    [books, "finance"],
    [lab, "scientist"],
  ] as const) {
    const body = { member: reader.id, role, of: shop.id };
    expect((await call(system.url, "PUT", "/v1/ops/readers", { token, body })).status).toBe(200);
  }
  key = await keyAt(system, shop, "shopify");
});
afterAll(() => own.end());

const compressors = { ZSTD: (bytes: Uint8Array) => new Uint8Array(zstdDecompressSync(bytes)) };

let changes = 0;
/** The whole order, as it is now; each time it says so later. */
async function order(
  id: number,
  day: string,
  items: [sku: string, pieces: number, price: string][],
) {
  const total = items.reduce((sum, [, pieces, price]) => sum + pieces * Number(price), 0);
  const body = JSON.stringify({
    ...{ id, name: `#${id}`, currency: "EUR", taxes_included: true, total_price: total.toFixed(2) },
    ...{ updated_at: new Date(Date.now() - 60_000 + ++changes * 1000).toISOString() },
    ...{ processed_at: `${day}T23:30:00+01:00`, customer: { id: 7000 + (id % 2) } },
    line_items: items.map(([sku, quantity, price], nth) => ({ id: nth, sku, quantity, price })),
  });
  expect((await deliver("orders/updated", body)).status).toBe(200);
}
const deliver = (topic: string, body: string) =>
  call(system.url, "POST", `/webhooks/shopify/${key}`, {
    body,
    headers: {
      "x-shopify-topic": topic,
      "x-shopify-hmac-sha256": createHmac("sha256", secret).update(body).digest("base64"),
    },
  });

const at = (path: string) => `/v1/merchants/${shop.id}${path}`;
const dayOf = async (day: string) => (await as(system, books).get(at(`/days/${day}`))).body;
const web = { store: "web", currency: "EUR", paymentsMinor: 0 };

describe("the books", () => {
  it("show a business day's exact totals once it is settled, on the day that the shop says", async () => {
    await order(1001, first, [["tea", 2, "5.00"]]);
    await order(1002, first, [["cup", 1, "8.50"]]);
    await order(1003, second, [["tea", 1, "5.00"]]);
    await settle(system);
    expect(await dayOf(first)).toMatchObject({
      settled: true,
      stores: [{ ...web, revenueMinor: 1850, sales: 2 }],
    });
    const { body } = await as(system, books).get(
      at(`/days?from=${first}&to=${addDays(second, 1)}`),
    );
    expect(body.items.map((one: { stores: { revenueMinor: number }[] }) => one.stores)).toEqual([
      [{ ...web, revenueMinor: 1850, sales: 2 }],
      [{ ...web, revenueMinor: 500, sales: 1 }],
      [],
    ]);
    const tea = await as(system, books).get(at(`/articles/tea?from=${first}&to=${second}`));
    expect(tea.body.items).toEqual([
      { day: first, store: "web", currency: "EUR", units: 2, revenueMinor: 1000 },
      { day: second, store: "web", currency: "EUR", units: 1, revenueMinor: 500 },
    ]);
  });

  it("follow an order that is revised after its day closed: that day is settled again", async () => {
    const before = await dayOf(first);
    await order(1001, first, [["tea", 1, "5.00"]]);
    await settle(system);
    const after = await dayOf(first);
    expect(after).toMatchObject({ settled: true, stores: [{ revenueMinor: 1350, sales: 2 }] });
    const sumOf = ({ versions }: { versions: { version: number }[] }) =>
      versions.reduce((sum, { version }) => sum + version, 0);
    expect(sumOf(after)).toBeGreaterThan(sumOf(before));
    expect((await dayOf(second)).stores).toEqual([{ ...web, revenueMinor: 500, sales: 1 }]);
  });

  it("are nobody's who does not read them: that there are any is not told", async () => {
    const paths = [
      `/days/${first}`,
      `/days?from=${first}&to=${first}`,
      "/settlements",
      "/snapshots",
    ];
    for (const path of [...paths, `/reconciliation?from=${first}&to=${first}`])
      for (const of of [at(path), `/v1/merchants/m_${"0".repeat(32)}${path}`])
        expect((await as(system, stranger).get(of)).status, path).toBe(404);
    expect((await as(system, shop).get(at(`/days/${first}`))).status).toBe(403);
    expect((await as(system, lab).get(at(`/days/${first}`))).status).toBe(403);
    expect((await as(system, books).get(at("/snapshots"))).status).toBe(403);
  });
});

const put = (file: string, body: string) =>
  call(system.url, "PUT", at(`/settlements/${file}`), { token: books.token, body });
const row = (id: number, type: string, amount: string, fee: string, orderId: number | null) => ({
  ...{ id, type, test: false, currency: "EUR", amount, fee, source_order_id: orderId },
  processed_at: `${second}T12:00:00+01:00`,
});

describe("a settlement file", () => {
  const transactions = [
    row(1, "charge", "10.00", "0.30", 1001),
    row(2, "refund", "-5.00", "0.00", 1001),
    row(3, "charge", "8.00", "0.25", 1002),
    row(4, "charge", "3.00", "0.10", 9999),
    row(5, "payout", "-15.35", "0.00", null),
  ];
  const reconciled = async () =>
    (await as(system, books).get(at(`/reconciliation?from=${first}&to=${second}&limit=100`))).body;

  it("is explained line by line, and what differs adds up to the cent", async () => {
    const taken = await put("payout.json", JSON.stringify({ transactions }));
    expect(taken.body).toMatchObject({ form: "shopify", rows: 5, errors: 0, passedOver: 0 });
    const { items, sums, next } = await reconciled();
    expect(next).toBeNull();
    const shown = items.map((one: Record<string, unknown[]>) => [
      one.outcome,
      one.why,
      one.references?.filter((name) => /^\d+$/.test(String(name))),
      one.oursMinor,
      one.theirsMinor,
    ]);
    expect(shown.sort()).toEqual(
      [
        ["amount-differs", "less-there", ["1002"], 850, 800],
        ["matched", "in-parts", ["1001"], 500, 500],
        ["only-ours", "no-row", ["1003"], 500, 0],
        ["only-theirs", "no-sale", ["9999"], 0, 300],
        ["transfer", "gateway-transfer", [], 0, -1535],
      ].sort(),
    );
    expect(sums).toMatchObject([
      { currency: "EUR", lines: 5, oursMinor: 1850, theirsMinor: 65, differenceMinor: 1785 },
    ]);
    expect(sums[0].feeMinor).toBe(65);
  });

  it("put again is the same rows, whatever it is called by its gateway's other names", async () => {
    const before = await reconciled();
    await put("payout.json", JSON.stringify({ transactions }));
    expect(await reconciled()).toEqual(before);
    const csv = "reference,kind,currency,amount,fee,day\n";
    const more = await put(
      "more.csv",
      `${csv}#1003,charge,EUR,5.00,0.20,${second}\n1,x,EUR,1,0,z\n`,
    );
    expect(more.body).toMatchObject({
      rows: 1,
      errors: 1,
      errorDetails: [{ line: 3, rule: "kind" }],
    });
    const { items } = await reconciled();
    expect(
      items.find((one: { references: string[] }) => one.references.includes("1003")).outcome,
    ).toBe("matched");
    const { body } = await as(system, books).get(at("/settlements"));
    expect(body.items).toEqual([
      { file: "more.csv", rows: 1, from: second, to: second },
      { file: "payout.json", rows: 5, from: second, to: second },
    ]);
  });

  it("pages by cursor, and the sums stay those of all lines", async () => {
    const whole = await reconciled();
    const paged: unknown[] = [];
    for (let cursor = ""; cursor !== null; ) {
      const query = `?from=${first}&to=${second}&limit=2${cursor}`;
      const { body } = await as(system, books).get(at(`/reconciliation${query}`));
      expect(body.sums).toEqual(whole.sums);
      paged.push(...body.items);
      if (body.next === null) break;
      cursor = `&cursor=${encodeURIComponent(body.next)}`;
    }
    expect(paged).toEqual(whole.items);
  });

  it("with a card number in it is refused, and nothing of it is kept", async () => {
    const card = "4111 1111 1111 1111";
    const csv = `reference,kind,currency,amount,fee,day\n${card},charge,EUR,5.00,0,${second}\n`;
    const refused = await put("cards.csv", csv);
    expect([refused.status, refused.body.fields]).toEqual([
      400,
      [{ field: "body", rule: "card-number" }],
    ]);
    const named = (note: unknown) => JSON.stringify({ transactions, note });
    for (const note of [card, Number(card.replaceAll(" ", "")), { [card]: 1 }])
      expect((await put("cards.json", named(note))).body.fields?.[0]?.rule).toBe("card-number");
    expect((await put(`${card.replaceAll(" ", "")}.csv`, csv)).status).toBe(400);
    // An order's number of thirteen digits that would be a card's of old.
    const order = `reference,kind,currency,amount,fee,day\n4222222222222,charge,EUR,1,0,${second}\n`;
    expect((await put("more.csv", order)).body.rows).toBe(1);
    const { body } = await as(system, books).get(at("/settlements"));
    expect(body.items.map(({ file }: { file: string }) => file)).toEqual([
      "more.csv",
      "payout.json",
    ]);
  });
});

interface SnapshotBody {
  readonly state: string;
  readonly rows: number;
  readonly objects: { day: string; sha256: string; href: string }[];
  readonly redactions: { day: string; why: string; rows: number; sha256After: string }[];
}

describe("a snapshot", () => {
  const shown = async (name: string): Promise<SnapshotBody> =>
    (await as(system, lab).get(at(`/snapshots/${name}`))).body;
  const made = async (name: string) => {
    const body = { name, from: first, to: second };
    const asked = await as(system, lab).post(at("/snapshots"), body);
    expect([asked.status, asked.body.state]).toEqual([202, "making"]);
    return eventually(
      () => shown(name),
      ({ state }) => state === "made",
    );
  };
  const linesOf = async ({ href, sha256 }: SnapshotBody["objects"][number]) => {
    const headers = { authorization: `Bearer ${lab.token}` };
    const answer = await fetch(`${system.url}${href}`, { headers });
    const file = await answer.arrayBuffer();
    expect(answer.headers.get("etag")).toBe(`"${sha256}"`);
    expect(createHash("sha256").update(Buffer.from(file)).digest("hex")).toBe(sha256);
    return parquetReadObjects({ file, compressors });
  };
  const allLines = async (of: SnapshotBody) => (await Promise.all(of.objects.map(linesOf))).flat();

  it("is the lines of its days, and a correction that comes later is not in it", async () => {
    const before = await made("one");
    const lines = await allLines(before);
    expect(lines.map((line) => [line.day, line.sku, Number(line.amount_minor)]).sort()).toEqual(
      [
        [first, "cup", 850],
        [first, "tea", 500],
        [second, "tea", 500],
      ].sort(),
    );
    expect(lines.every(({ person }) => typeof person === "string")).toBe(true);
    await order(1003, second, [["tea", 9, "5.00"]]);
    await settle(system);
    expect(await shown("one")).toEqual(before);
    expect((await allLines(await made("two"))).map((line) => Number(line.amount_minor))).toContain(
      4500,
    );
  });

  it("has its name once: asked again it is the same, and of other days it is refused", async () => {
    const body = { name: "one", from: first, to: second };
    expect((await as(system, lab).post(at("/snapshots"), body)).status).toBe(200);
    const other = await as(system, lab).post(at("/snapshots"), { ...body, to: first });
    expect([other.status, other.body.type]).toEqual([409, "urn:singlet:problem:name-used"]);
  });

  it("names a customer no more once they are forgotten, lists that, and keeps what they bought", async () => {
    const before = await shown("one");
    const body = JSON.stringify({ shop_domain: "shop.example", customer: { id: 7001 } });
    expect((await deliver("customers/redact", body)).status).toBe(200);
    const after = await eventually(
      () => shown("one"),
      ({ redactions }) => redactions.length === 2,
    );
    expect(after.redactions.map(({ day, why, rows }) => [day, why, rows])).toEqual([
      [first, "person", 1],
      [second, "person", 1],
    ]);
    expect(after.redactions.map((one) => one.sha256After)).toEqual(
      after.objects.map(({ sha256 }) => sha256),
    );
    expect(after.rows).toBe(before.rows);
    const lines = await allLines(after);
    expect(lines.map(({ sku, person }) => [sku, person !== null]).sort()).toEqual([
      ["cup", true],
      ["tea", false],
      ["tea", false],
    ]);
    expect(
      (await allLines(await made("three"))).filter(({ person }) => person !== null),
    ).toHaveLength(1);
  });

  it("loses what came by a connection that is erased, and all of it with its merchant", async () => {
    const { id } = await connectionTo(system, shop, "shopify");
    const gone = await as(system, shop).remove(`/v1/connections/${id}?data=erase`);
    expect(gone.body.pending).toEqual(expect.arrayContaining(["archive", "snapshots"]));
    await receiptFinished(system, gone.body.id);
    for (const name of ["one", "two", "three"]) {
      const { rows, redactions } = await shown(name);
      expect([rows, redactions.at(-1)?.why]).toEqual([0, "connection"]);
    }
    expect((await dayOf(first)).stores).toEqual([]);
    const left = await as(system, shop).remove("/v1/me");
    await receiptFinished(system, left.body.id);
    const bucket = await system.runtime.mf.getR2Bucket("SNAPSHOTS", "singlet-archive");
    expect((await bucket.list()).objects).toEqual([]);
    for (const table of ["snapshot", "settlement_row", "forgotten_customer"])
      expect(await rowsOf(system, `SELECT * FROM ${table}`), table).toEqual([]);
  });
});
