/**
 * The life of a merchant's sales, by the same code as workouts': erased with a connection out of
 * ledgers that other merchants share, kept when a customer is forgotten, taken away in an export,
 * set aside and read again, found when a ledger falls silent.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "../../local/deliveries.ts";
import { type Answer, call, enrol, operatorToken, type Person } from "../../local/people.ts";
import type { System } from "../../local/system.ts";
import {
  allLanded,
  aMinuteLater,
  connectionTo,
  deliverTo,
  keyAt,
  loseLanded,
  receiptFinished,
  rowsOf,
  settle,
  totalsOf,
} from "./streams.ts";
import { as, type OwnSystem, ownSystem } from "./support.ts";
import { posLog, type TillSale } from "./tills.ts";

const day = new Date(Date.now() - 2 * 86_400_000).toISOString().slice(0, 10);
const card = "4111111111111111";
/** So many that every one of the ledgers that merchants share has some. */
const count = 120;
const cents = 250;
const salesAt = (store: string): TillSale[] =>
  Array.from({ length: count }, (_, n) => ({
    ...{ store, sequence: n + 1, day, pieces: 2, cents },
    ...(n % 10 === 0 ? { customer: "C-1", card } : {}),
  }));

let own: OwnSystem;
let system: System;
let operator: string;
beforeAll(async () => {
  own = await ownSystem();
  system = own.system;
  operator = await operatorToken(system);
});
afterAll(() => own.end());

const merchant = (name: string) =>
  enrol(system, `subject-${name}`, `Name ${name}`, ["member"], { zone: "Europe/Amsterdam" });
const say = async (key: string, sales: readonly TillSale[]) =>
  expect((await deliverTo(system, "poslog", key, posLog(sales))).status).toBe(200);
async function selling(name: string) {
  const who = await merchant(name);
  const key = await keyAt(system, who, "poslog");
  await say(key, salesAt(name));
  return { who, key };
}
/** In cents, settled, by merchant. */
async function revenueOf({ id }: Person): Promise<number> {
  const totals = Object.entries(await totalsOf(system, "sales", "revenue"));
  return totals.reduce((sum, [key, n]) => (key.startsWith(`${id}\u001f`) ? sum + n : sum), 0);
}
const whole = count * 2 * cents;

describe("a merchant's sales", () => {
  it("erased with a connection leave every ledger, and others' stay; said again they add nothing", async () => {
    const { who } = await selling("leaver");
    const { who: other } = await selling("stayer");
    await settle(system);
    const ledgers = "SELECT count(*) AS n FROM ledger WHERE name LIKE 'sales/s%'";
    expect(await rowsOf(system, ledgers)).toEqual([{ n: 16 }]);
    expect([await revenueOf(who), await revenueOf(other)]).toEqual([whole, whole]);

    const { id } = await connectionTo(system, who, "poslog");
    const gone = await as(system, who).remove(`/v1/connections/${id}?data=erase`);
    expect([gone.status, gone.body.scope]).toEqual([200, "connection"]);
    const receipt = await receiptFinished(system, gone.body.id);
    expect(receipt.finished).not.toBeNull();
    expect(JSON.stringify(receipt)).not.toContain(who.id);
    await settle(system);
    expect([await revenueOf(who), await revenueOf(other)]).toEqual([0, whole]);

    await aMinuteLater(system, who);
    const key = await keyAt(system, who, "poslog");
    await say(key, salesAt("leaver"));
    await settle(system);
    expect([await revenueOf(who), await revenueOf(other)]).toEqual([0, whole]);
    const again = await connectionTo(system, who, "poslog");
    expect((await as(system, who).post(`/v1/connections/${again.id}/lift`)).status).toBe(200);
    await say(key, salesAt("leaver"));
    await settle(system);
    expect([await revenueOf(who), await revenueOf(other)]).toEqual([whole, whole]);
  });

  it("stay whole when a customer is forgotten, who has no token any more", async () => {
    const { who, key } = await selling("shop");
    await settle(system);
    const path = `/v1/merchants/${who.id}/customers/C-1`;
    const forgotten = await as(system, who).remove(path);
    expect(forgotten.status).toBe(200);
    await say(key, salesAt("shop"));
    await settle(system);
    expect(await revenueOf(who)).toBe(whole);
  });

  it("are taken away whole, without a card's number, each as its source stated it", async () => {
    const { who } = await selling("taker");
    const asked = await as(system, who).post("/v1/exports", { formats: ["ndjson", "parquet"] });
    const ready = await eventually(
      async () => (await as(system, who).get(`/v1/exports/${asked.body.id}`)).body,
      ({ state }) => state === "ready",
      { everyMs: 0 },
    );
    expect(ready).toMatchObject({ state: "ready", workouts: 0, listens: 0, sales: count });
    const texts = new Map<string, string>();
    for (const { name, href } of ready.files as { name: string; href: string }[]) {
      const headers = { authorization: `Bearer ${who.token}` };
      const answer = await fetch(`${system.url}${href}`, { headers });
      texts.set(name, Buffer.from(await answer.arrayBuffer()).toString("latin1"));
    }
    for (const [name, text] of texts) expect(text.includes(card), name).toBe(false);
    const linesOf = (stem: string) =>
      [...texts]
        .filter(([name]) => name.startsWith(`${stem}-`) && name.endsWith(".ndjson"))
        .flatMap(([, text]) => text.trimEnd().split("\n"))
        .map((line) => JSON.parse(line));
    const sales = linesOf("sales");
    expect(new Set(sales.map(({ id }) => id)).size).toBe(count);
    const paid = sales.flatMap(({ lines }) => lines).filter(({ kind }) => kind !== "payment");
    expect(paid.reduce((sum, { amountMinor }) => sum + amountMinor, 0)).toBe(whole);
    const shown = sales.flatMap(({ cards }) => cards).map(({ last4 }) => last4);
    expect(shown).toEqual(Array.from({ length: count / 10 }, () => "1111"));
    const raw = linesOf("originals").filter(({ column }) => column === "raw");
    expect(JSON.stringify(raw)).not.toMatch(/C-1|Customer/);
    expect(new Set(raw.map(({ sale }) => sale))).toEqual(new Set(sales.map(({ id }) => id)));
    const other = await merchant("onlooker");
    expect((await as(system, other).get(`/v1/exports/${asked.body.id}`)).status).toBe(404);
  });

  it("that nobody could read are set aside, read again by name, and counted once they are", async () => {
    const who = await merchant("unread");
    const key = await keyAt(system, who, "poslog");
    const bad = { ...salesAt("unread")[0], currency: "EURO" } as TillSale;
    await say(key, [bad, ...salesAt("unread").slice(1, 3)]);
    const parked = async () =>
      (await call(system.url, "GET", "/v1/ops/parked", { token: operator })).body.items;
    const [entry] = await parked();
    expect(entry).toMatchObject({ provider: "poslog", reason: "no-currency" });
    const replay = `/v1/ops/parked/${entry.id}/replay`;
    const answer = await call(system.url, "POST", replay, { token: operator, body: {} });
    expect(answer.body).toMatchObject({ still: "no-currency" });
    await settle(system);
    expect(await revenueOf(who)).toBe(2 * 2 * cents);
  });

  it("read again out of what is kept of them say the same, and hold no card's number", async () => {
    const { who } = await selling("kept");
    const range = { from: `${day}T00:00:00Z`, to: `${day}T23:59:59Z` };
    const outcomes: string[] = [];
    for (let cursor: string | null = ""; cursor !== null; ) {
      const at = cursor === "" ? {} : { cursor };
      const body: object = { provider: "poslog", member: who.id, ...range, ...at };
      const page: Answer = await call(system.url, "POST", "/v1/ops/rereads", {
        token: operator,
        body,
      });
      expect(page.status).toBe(200);
      expect(JSON.stringify(page.body)).not.toContain(card);
      outcomes.push(...page.body.items.map(({ outcome }: { outcome: string }) => outcome));
      cursor = page.body.next;
    }
    expect(outcomes).toEqual(Array.from({ length: count }, () => "same"));
  });
});

describe("of either stream", () => {
  it("what was set aside on its way to the archive is listed, sent again, and counted once", async () => {
    const { who } = await selling("lost");
    const key = await keyAt(system, who, "listenbrainz");
    const beganS = Math.floor(Date.parse(`${day}T08:00:00Z`) / 1000);
    const payload = [0, 1, 2].map((n) => ({
      listened_at: beganS + n * 300,
      track_metadata: { artist_name: "Nobody's Band", track_name: `Track ${n}` },
    }));
    const said = await deliverTo(system, "listenbrainz", key, { listen_type: "import", payload });
    expect(said.status).toBe(200);
    await allLanded(system);
    expect(await loseLanded(system, "listens")).toBe(3);
    expect(await loseLanded(system, "sales")).toBeGreaterThanOrEqual(count);
    await settle(system);
    const listens = async () =>
      Object.values(await totalsOf(system, "listens", "listens")).reduce((sum, n) => sum + n, 0);
    expect([await revenueOf(who), await listens()]).toEqual([0, 0]);

    const path = "/v1/ops/dead-letters";
    const of = (method: string, to: string) => call(system.url, method, to, { token: operator });
    const seen = new Set<string>();
    for (;;) {
      const { items } = (await of("GET", `${path}?limit=200`)).body;
      if (items.length === 0) break;
      for (const { id, stream } of items) {
        if (!seen.has(stream)) {
          const { message } = (await of("GET", `${path}/${id}`)).body;
          expect([message.stream, JSON.stringify(message).includes(card)]).toEqual([stream, false]);
        }
        seen.add(stream);
        const answer = await of("POST", `${path}/${id}/replay`);
        expect(answer.body).toEqual({ replayed: true, still: null });
      }
    }
    expect(seen).toEqual(new Set(["listens", "sales"]));
    await settle(system);
    expect([await revenueOf(who), await listens()]).toEqual([whole, 3]);
  });

  it("every ledger is looked after, so that one that fell silent is found", async () => {
    await selling("silent");
    await allLanded(system);
    const swept = await rowsOf<{ stream: string; n: number }>(
      system,
      `SELECT substr(name, 1, instr(name, '/') - 1) AS stream, count(*) AS n FROM ledger
       WHERE report IS NOT NULL GROUP BY 1`,
    );
    const by = new Map(swept.map(({ stream, n }) => [stream, n]));
    expect(by.get("sales")).toBe(16);
    expect(by.get("listens")).toBeGreaterThan(0);
    const unseen = "SELECT count(*) AS n FROM ledger WHERE report IS NULL";
    expect(await rowsOf(system, unseen)).toEqual([{ n: 0 }]);
  });
});
