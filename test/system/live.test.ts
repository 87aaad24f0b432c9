/**
 * The objects of what is watched, in the real runtime: they hold what they were told through being put
 * out of memory, tell those who watch within seconds, and say once that an article runs short, whatever
 * crashes. Each role reads what it was given and finds nothing else.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { nameKey } from "../../domain/listens/names.ts";
import { artistWatch } from "../../domain/listens/stream.ts";
import type { LiveRow } from "../../domain/ports.ts";
import { merchantWatch, storeWatch } from "../../domain/sales/stream.ts";
import { until } from "../../local/deliveries.ts";
import { type Answer, call, enrol, type Person } from "../../local/people.ts";
import { eventsIn } from "../../web/api/event-stream.ts";
import { lets, liveEdge, liveRow, tellLive } from "./live-story.ts";
import { deliverTo, keyAt } from "./streams.ts";
import { type OwnSystem, ownSystem } from "./support.ts";
import { posLog } from "./tills.ts";

const minuteMs = 60_000;
const artist = "AC/DC  Büro";
const store = "Amsterdam / Dam";

let own: OwnSystem;
let artists: Person;
let label: Person;
let stores: Person;
let nobody: Person;

const put = (stream: string, watch: string, ...rows: LiveRow[]) =>
  tellLive(own.system, stream, watch, ...rows);
const warehouse = () => own.system.runtime.mf.getD1Database("WAREHOUSE", "singlet-edge");

async function evictAll(): Promise<void> {
  const { mf } = own.system.runtime;
  for (const id of await mf.listDurableObjectIds("Live", "singlet-edge"))
    await mf.unsafeEvictDurableObject("singlet-edge", "Live", { id }).catch((error) => {
      if (!String(error).includes("not currently running")) throw error;
    });
}

const get = (person: Person, path: string): Promise<Answer> =>
  call(own.system.url, "GET", path, { token: person.token });
const artistPath = `/v1/artists/${encodeURIComponent(artist)}/live`;
const stockPath = (merchant: string, sku: string) =>
  `/v1/merchants/${merchant}/stores/${encodeURIComponent(store)}/stock/${encodeURIComponent(sku)}`;
const merchant = () => nobody.id;

beforeAll(async () => {
  own = await ownSystem({ mains: { edge: liveEdge } });
  const { system } = own;
  [artists, label, stores, nobody] = await Promise.all([
    enrol(system, "an-artist", "An artist", ["artist"]),
    enrol(system, "a-label", "A label", ["label"]),
    enrol(system, "of-stores", "Of stores", ["merchandiser"]),
    enrol(system, "a-merchant", "A merchant", ["member"]),
  ]);
  await lets(system, artists, "artist", nameKey(artist));
  await lets(system, label, "label", nameKey(artist), "another");
  await lets(system, stores, "merchandiser", merchant());
});
afterAll(() => own?.end());

/** The first events of a stream, and then its end. */
async function* heard(person: Person, path: string) {
  const stop = new AbortController();
  const headers = { authorization: `Bearer ${person.token}` };
  const response = await fetch(own.system.url + path, { headers, signal: stop.signal });
  expect(response.headers.get("content-type")).toBe("text/event-stream");
  let text = "";
  const decoder = new TextDecoder();
  try {
    for await (const part of response.body as unknown as AsyncIterable<Uint8Array>) {
      const { events, rest } = eventsIn(text + decoder.decode(part, { stream: true }));
      text = rest;
      for (const { event, data } of events) if (event === "live") yield JSON.parse(data);
    }
  } finally {
    stop.abort();
  }
}

describe("an artist's listens", () => {
  const tell = (...rows: LiveRow[]) => put("listens", artistWatch(nameKey(artist)), ...rows);
  const key = (track: string, territory: string) => JSON.stringify([track, territory]);

  it("are told by track, territory and minute, once however often they come", async () => {
    const rows = [
      liveRow("1", 1, 0, key("One", "NL"), [1]),
      liveRow("2", 1, 2, key("One", "DE"), [1]),
      liveRow("3", 1, 2, key("Two", "NL"), [1]),
      liveRow("4", 1, 120, key("Two", "NL"), [1]),
    ];
    await tell(...rows);
    await tell(...rows.toReversed());
    const { status, body } = await get(artists, artistPath);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      ...{ artist: nameKey(artist), minutes: 60, approximate: true, whole: true },
      ...{ listens: 3, listensDay: 4 },
      tracks: [
        { track: "One", listens: 2 },
        { track: "Two", listens: 1 },
      ],
      territories: [
        { territory: "NL", listens: 2 },
        { territory: "DE", listens: 1 },
      ],
    });
    const { timeline } = body;
    expect(timeline.map(({ listens }: { listens: number }) => listens)).toEqual([2, 1]);
    expect(timeline[0].at < timeline[1].at).toBe(true);
  });

  it("are there within seconds of what a listener's own client reports, and once", async () => {
    const key = await keyAt(own.system, nobody, "listenbrainz");
    const listened_at = Math.floor(Date.now() / 1000) - 60;
    const track_metadata = { artist_name: artist, track_name: "Live Wire" };
    const body = { listen_type: "single", payload: [{ listened_at, track_metadata }] };
    for (let times = 0; times < 2; times++)
      expect((await deliverTo(own.system, "listenbrainz", key, body)).status).toBe(200);
    const found = await until(
      async () => (await get(artists, artistPath)).body.tracks,
      (tracks) => tracks.some(({ track }: { track: string }) => track === "Live Wire"),
    );
    expect(found).toContainEqual({ track: "Live Wire", listens: 1 });
  });

  it("stand as they are once the object was put out of memory", async () => {
    const before = (await get(artists, artistPath)).body;
    await evictAll();
    const { at: _, ...after } = (await get(artists, artistPath)).body;
    expect(before).toMatchObject(after);
  });

  it("are heard as they change, a listen that is taken back too", async () => {
    const listening = heard(artists, `${artistPath}/stream`);
    const first = (await listening.next()).value;
    await tell(liveRow("5", 1, 0, key("Three", "FR"), [1]));
    const second = (await listening.next()).value;
    expect(second.listens).toBe(first.listens + 1);
    await tell(liveRow("5", 2, 0, null, []));
    expect((await listening.next()).value.listens).toBe(first.listens);
    await listening.return(undefined);
  });

  it("are a label's to read, and nobody else's", async () => {
    expect((await get(label, artistPath)).status).toBe(200);
    for (const path of [artistPath, `${artistPath}/stream`]) {
      expect((await get(nobody, path)).body.type).toMatch(/:forbidden$/);
      expect((await get(stores, path)).body.type).toMatch(/:forbidden$/);
    }
    for (const of of ["another", "nobody"]) {
      expect((await get(artists, `/v1/artists/${of}/live`)).body.type).toMatch(/:not-found$/);
      expect((await get(artists, `/v1/artists/${of}/live/stream`)).status).toBe(404);
    }
  });

  it("are looked at in the log, refusals too, and a stream once", async () => {
    const entries = async () =>
      (await get(artists, "/v1/access-log?limit=200")).body.items.filter(
        ({ deed }: { deed: string }) => deed === "see-artist",
      );
    const before = (await entries()).length;
    const listening = heard(artists, `${artistPath}/stream`);
    await listening.next();
    await tell(liveRow("6", 1, 0, key("Three", "FR"), [1]));
    await listening.next();
    await listening.return(undefined);
    await get(artists, "/v1/artists/another/live");
    const all = await entries();
    expect(all).toHaveLength(before + 2);
    const said = all
      .slice(0, 2)
      .map(({ outcome, ground }: Record<string, string>) => [outcome, ground]);
    expect(said).toEqual([
      ["refused", "not-found"],
      ["permitted", "artist"],
    ]);
  });

  it("are told of a name as long as names may be", async () => {
    const name = "漢".repeat(500);
    await lets(own.system, label, "label", name);
    await put("listens", artistWatch(name), liveRow("1", 1, 0, key("One", "NL"), [1]));
    const { body } = await get(label, `/v1/artists/${encodeURIComponent(name)}/live`);
    expect(body.listens).toBe(1);
  });

  it("are listed for whoever reads them, by their roles", async () => {
    const reads = async (person: Person) => (await get(person, "/v1/reads")).body.items;
    expect(await reads(artists)).toEqual([{ role: "artist", of: nameKey(artist), name: null }]);
    expect(await reads(label)).toHaveLength(3);
    expect(await reads(stores)).toMatchObject([{ role: "merchandiser", of: merchant() }]);
    expect(await reads(nobody)).toEqual([]);
  });
});

describe("a merchant's stores", () => {
  const path = () => `/v1/merchants/${merchant()}/live`;
  const key = (region: string, at: string) => JSON.stringify([region, at, "EUR"]);

  it("are told by region and store, minute by minute, and a refund takes off", async () => {
    await put(
      ...(["sales", merchantWatch(merchant())] as const),
      liveRow("1", 1, 0, key("North", "A"), [2, 500, 1]),
      liveRow("2", 1, 0, key("", "B"), [1, 250, 1]),
      liveRow("3", 1, 5, key("North", "A"), [4, 1_000, 1]),
    );
    const listening = heard(stores, `${path()}/stream`);
    const { value } = await listening.next();
    expect(value).toMatchObject({ sales: 3, salesDay: 3 });
    expect(value.stores).toEqual([
      { region: "North", store: "A", currency: "EUR", sales: 2, pieces: 6, amountMinor: 1_500 },
      { region: null, store: "B", currency: "EUR", sales: 1, pieces: 1, amountMinor: 250 },
    ]);
    expect(value.timeline).toHaveLength(3);
    await put("sales", merchantWatch(merchant()), liveRow("1", 2, 0, key("North", "A"), [0, 0, 1]));
    const next = (await listening.next()).value;
    expect(next.stores[0]).toMatchObject({ pieces: 4, amountMinor: 1_000 });
    await listening.return(undefined);
  });

  it("are there, and off the shelf, within seconds of what a till posts, and once", async () => {
    const key = await keyAt(own.system, nobody, "poslog");
    const day = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10);
    const body = posLog([{ store: "S1", sequence: 1, day, pieces: 3, cents: 250 }]);
    for (let times = 0; times < 2; times++)
      expect((await deliverTo(own.system, "poslog", key, body)).status).toBe(200);
    const found = await until(
      async () => (await get(stores, `${path()}?minutes=2880`)).body.stores,
      (all) => all.some(({ store: at }: { store: string }) => at === "S1"),
    );
    const sold = { sales: 1, pieces: 3, amountMinor: 750 };
    expect(found).toContainEqual({ region: null, store: "S1", currency: "EUR", ...sold });
    const article = `/v1/merchants/${merchant()}/stores/S1/stock/SKU-1`;
    const counted = { counted: 10, threshold: 2, countedAt: `${day}T14:00:00Z` };
    await call(own.system.url, "PUT", article, { token: stores.token, body: counted });
    const level = await until(
      async () => (await get(stores, article)).body.level,
      (now) => now !== 10,
    );
    expect(level).toBe(7);
  });

  it("are not there for who was not given them", async () => {
    expect((await get(stores, "/v1/merchants/m_other/live")).status).toBe(404);
    expect((await get(stores, "/v1/merchants/m_other/low-stock")).status).toBe(404);
    expect((await get(artists, path())).body.type).toMatch(/:forbidden$/);
    expect((await get(nobody, path())).body.type).toMatch(/:forbidden$/);
  });
});

describe("an article", () => {
  const sku = "TEA 85/123";
  const watch = () => storeWatch(merchant(), store);
  const set = (body: unknown, person = stores) =>
    call(own.system.url, "PUT", stockPath(merchant(), sku), { token: person.token, body });
  const low = async () => (await get(stores, `/v1/merchants/${merchant()}/low-stock`)).body.items;
  const sale = (id: string, version: number, n: number) =>
    liveRow(id, version, 1, sku, [n, n * 100, 0]);

  it("has what was counted less what was sold since, and is looked up by its name", async () => {
    expect((await get(stores, stockPath(merchant(), sku))).status).toBe(404);
    await put("sales", watch(), sale("1", 1, 3), liveRow("0", 1, 30, sku, [9, 900, 0]));
    const countedAt = new Date(Date.now() - 10 * minuteMs).toISOString();
    const { status, body } = await set({ counted: 20, threshold: 10, countedAt });
    expect(status).toBe(200);
    const said = { merchant: merchant(), store, sku, counted: 20, countedAt };
    expect(body).toEqual({ ...said, threshold: 10, sold: 3, level: 17, low: false });
    await put("sales", watch(), sale("2", 1, 4), sale("2", 1, 4), sale("1", 1, 3));
    await evictAll();
    expect((await get(stores, stockPath(merchant(), sku))).body.level).toBe(13);
  });

  it("that falls to its threshold is listed once, and again once it was above", async () => {
    await put("sales", watch(), sale("3", 1, 3));
    await until(low, (items) => items.length > 0);
    await evictAll();
    await put("sales", watch(), sale("3", 1, 3), sale("4", 1, 2));
    expect(await low()).toMatchObject([{ store, sku, level: 10, threshold: 10 }]);
    await put("sales", watch(), sale("3", 2, -5));
    await put("sales", watch(), sale("5", 1, 9));
    const again = await until(low, (items) => items.length > 1);
    expect(again.map(({ level }: { level: number }) => level)).toEqual([7, 10]);
    const page = await get(stores, `/v1/merchants/${merchant()}/low-stock?limit=1`);
    const next = encodeURIComponent(page.body.next);
    const rest = await get(stores, `/v1/merchants/${merchant()}/low-stock?limit=1&cursor=${next}`);
    expect([...page.body.items, ...rest.body.items]).toEqual(again);
    expect(rest.body.next).toBeNull();
  });

  it("that fell while the warehouse was away is listed when it is back", async () => {
    const db = await warehouse();
    const before = (await low()).length;
    await db.prepare("ALTER TABLE low_stock RENAME TO low_stock_away").run();
    const countedAt = new Date().toISOString();
    await set({ counted: 50, threshold: 10, countedAt });
    expect((await set({ counted: 5, threshold: 10, countedAt })).body.low).toBe(true);
    await evictAll();
    await db.prepare("ALTER TABLE low_stock_away RENAME TO low_stock").run();
    expect(await until(low, (items) => items.length > before)).toHaveLength(before + 1);
  });

  it("is not counted under a card's number, in no spelling", async () => {
    const body = { counted: 1, threshold: 1, countedAt: new Date().toISOString() };
    for (const sku of ["4242424242424242", "4242 4242 4242 4242", "pan-٤٢٤٢٤٢٤٢٤٢٤٢٤٢٤٢"]) {
      const asked = { token: stores.token, body };
      expect((await call(own.system.url, "PUT", stockPath(merchant(), sku), asked)).status).toBe(
        400,
      );
      const at = `/v1/merchants/${merchant()}/stores/${encodeURIComponent(sku)}/stock/tea`;
      expect((await call(own.system.url, "PUT", at, asked)).status).toBe(400);
    }
  });

  it("is not counted for an hour that is forgotten, or by who reads no such store", async () => {
    const at = (ms: number) => ({
      ...{ counted: 1, threshold: 0, countedAt: new Date(Date.now() + ms).toISOString() },
    });
    for (const body of [at(-3 * 86_400_000), at(3_600_000), { ...at(0), counted: 0.5 }])
      expect((await set(body)).body.type).toMatch(/:invalid-request$/);
    expect((await set(at(0), artists)).status).toBe(403);
    const other = await call(own.system.url, "PUT", stockPath("m_other", sku), {
      token: stores.token,
      body: at(0),
    });
    expect(other.status).toBe(404);
  });
});
