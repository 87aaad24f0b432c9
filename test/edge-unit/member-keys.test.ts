/**
 * The key of a member's own app: shown once and kept as a digest, good for one connection until
 * another takes its place or the connection ends, and nowhere else to be read.
 */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { providers } from "../../providers/index.ts";
import { sqliteD1 } from "../fakes/sqlite-d1.ts";
import { ada, app, ben, origin, saidOf, warehouse, world } from "./link-world.ts";

type World = ReturnType<typeof world>;
const name = "health-auto-export";
const minute = 60_000;

const lines: string[] = [];
beforeEach(() => {
  lines.length = 0;
  vi.spyOn(console, "log").mockImplementation((line: string) => void lines.push(line));
});
afterEach(() => {
  vi.restoreAllMocks();
});

interface Given {
  readonly id: string;
  readonly provider: string;
  readonly key: string;
  readonly url: string;
  readonly how: string;
}
async function given(of: World, member = ada, from = name): Promise<Given> {
  const said = await of.post(member, {}, from);
  expect([said.status, said.body.type]).toEqual([201, undefined]);
  return said.body;
}

const workout = (id = "6B0E2C1A-5C7D-4F0B-9A4E-0D8E5B7C3A21") => ({
  id,
  name: "Outdoor Run",
  start: "2026-11-14 08:00:00 +0100",
  end: "2026-11-14 09:00:30 +0100",
  duration: 3600.25,
  location: "Outdoor",
  distance: { qty: 10.2, units: "km" },
});
const posted = JSON.stringify({ data: { workouts: [workout()] } });
const bearer = (key: string) => ({ headers: { authorization: `Bearer ${key}` } });
const inPath = (of: World, key: string, raw = posted, at = name) =>
  of.call("post", at, { key, raw });
const asBearer = (of: World, key: string, raw = posted, at = name) =>
  of.call("post", at, { raw, ...bearer(key) });
const refusals = async (of: World, key: string) => [
  saidOf(await inPath(of, key)),
  saidOf(await asBearer(of, key)),
];
const bothRefused = ["unauthenticated", "unauthenticated"];

describe("a key", () => {
  it("is given once, with the address that it completes and where both go", async () => {
    const of = world();
    const said = await given(of);
    expect(said.key).toMatch(/^wk_[\w-]{43}$/);
    expect(said).toMatchObject({ provider: name, url: `${origin}/webhooks/${name}/${said.key}` });
    expect(said.how.split(" ").length).toBeGreaterThan(5);
    const [row] = await of.connections();
    expect(row).toMatchObject({ id: said.id, member: ada, ended_at: null });
    expect(of.opened.get(said.id)).toMatchObject([{ member: ada, provider: name }]);
    expect(of.entries).toEqual([{ member: ada, outcome: "permitted", ground: "own" }]);
  });

  it("is kept as a digest alone, and nobody is shown it again", async () => {
    const of = world();
    const { key, id } = await given(of);
    await inPath(of, key);
    await of.settled();
    const tables = await of.rows("SELECT name FROM sqlite_master WHERE type = 'table'");
    for (const { name: table } of tables) {
      const held = JSON.stringify(await of.rows(`SELECT * FROM ${table}`));
      expect(held.includes(key.slice(3)), String(table)).toBe(false);
    }
    const [row] = await of.rows("SELECT key_hash FROM connection WHERE id = ?", id);
    expect(String(row?.key_hash)).toMatch(/^[\w-]{43}$/);
    const shown = await of.ask("get", "/v1/connections", { member: ada, params: {} });
    expect(shown.status).toBe(200);
    expect(shown.body.items).toHaveLength(1);
    for (const secret of [key.slice(3), String(row?.key_hash)]) {
      expect(shown.text).not.toContain(secret);
      expect(JSON.stringify([of.entries, of.heard, of.recorded, lines])).not.toContain(secret);
    }
  });

  it("delivers from the path or as the bearer, to its member's connection", async () => {
    const of = world();
    const { key } = await given(of);
    const said = await inPath(of, key);
    expect([said.status, said.text]).toEqual([200, ""]);
    const second = JSON.stringify({ data: { workouts: [workout(id2)] } });
    expect((await asBearer(of, key, second)).status).toBe(200);
    expect(of.recorded).toHaveLength(2);
    await of.settled();
    expect(of.heard).toEqual([]);
    const delivered = lines
      .map((line) => JSON.parse(line))
      .filter(({ event }) => event === "delivery");
    expect(delivered).toMatchObject([
      { provider: name, kid: "member", items: 1, dropped: 0, recorded: 1 },
      { provider: name, kid: "member", items: 1, dropped: 0, recorded: 1 },
    ]);
  });

  it("in both places is one key; in the path it needs no header, and heeds none but a bearer", async () => {
    const of = world();
    const { key } = await given(of);
    const headers = [`Bearer ${key}`, `bearer ${key}`, "Basic YTpi", "", key, "Bearer"];
    for (const authorization of headers) {
      const said = await of.call("post", name, { key, raw: posted, headers: { authorization } });
      expect([authorization, said.status]).toEqual([authorization, 200]);
    }
    expect(of.recorded).toHaveLength(headers.length);
  });

  it("beside another, in none of both places, or in another form is refused like a wrong one", async () => {
    const of = world();
    const { key } = await given(of);
    const { key: theirs } = await given(of, ben);
    const answers = [
      await of.call("post", name, { key, raw: posted, ...bearer("other") }),
      await of.call("post", name, { key, raw: posted, ...bearer(theirs) }),
      await of.call("post", name, { key: "other", raw: posted, ...bearer(key) }),
      await of.call("post", name, { raw: posted }),
      await of.call("post", name, { raw: posted, headers: { authorization: key } }),
      await of.call("post", name, { raw: posted, headers: { authorization: `Basic ${key}` } }),
      ...(await Promise.all(
        [
          key.slice(0, -1),
          `${key}A`,
          key.toUpperCase(),
          key.slice(3),
          "",
          `wk_${"A".repeat(43)}`,
        ].map((wrong) => inPath(of, wrong)),
      )),
    ];
    const texts = new Set(answers.map(({ text }) => text));
    expect(answers.map(saidOf)).toEqual(answers.map(() => "unauthenticated"));
    expect(texts.size).toBe(1);
    expect(of.recorded).toEqual([]);
    expect(lines).toEqual([]);
  });

  it("is another at each provider, and opens no other door", async () => {
    const of = world();
    const { key, id } = await given(of);
    const other = "health-connect";
    expect(saidOf(await inPath(of, key, "{}", other))).toBe("unauthenticated");
    expect(saidOf(await inPath(of, key, "{}", "garmin"))).toBe("unauthenticated");
    const second = await given(of, ada, other);
    expect(second.key).not.toBe(key);
    expect(second.id).not.toBe(id);
    expect((await inPath(of, key)).status).toBe(200);
  });

  it("of one member never reaches another's connection", async () => {
    const of = world();
    const [mine, theirs] = [await given(of), await given(of, ben)];
    await inPath(of, mine.key);
    await of.settled();
    expect(of.recorded).toMatchObject([{ connection: mine.id }]);
    await asBearer(of, theirs.key);
    await of.settled();
    expect(of.recorded).toMatchObject([{ connection: mine.id }, { connection: theirs.id }]);
    expect(await of.rows("SELECT * FROM refused_link")).toEqual([]);
  });
});

const id2 = "0A0E2C1A-5C7D-4F0B-9A4E-0D8E5B7C3A22";

describe("another key", () => {
  it("takes the place of the one before at once, for the same connection", async () => {
    const of = world();
    const first = await given(of);
    of.clock.nowMs += minute;
    const second = await given(of);
    expect(second.id).toBe(first.id);
    expect(await refusals(of, first.key)).toEqual(bothRefused);
    expect((await inPath(of, second.key)).status).toBe(200);
    expect(await of.connections()).toHaveLength(1);
  });

  it("comes no sooner than a minute after, and until then the former one counts", async () => {
    const of = world();
    const { key } = await given(of);
    of.clock.nowMs += minute - 1_000;
    const soon = await of.post(ada, {}, name);
    expect([saidOf(soon), soon.headers.get("retry-after")]).toEqual(["too-many", "1"]);
    expect((await inPath(of, key)).status).toBe(200);
    expect((await of.post(ben, {}, name)).status).toBe(201);
    expect((await of.post(ada, {}, "health-connect")).status).toBe(201);
    of.clock.nowMs += 1_000;
    expect((await of.post(ada, {}, name)).status).toBe(201);
  });

  it("comes no sooner by letting go of the connection", async () => {
    const of = world();
    const { id } = await given(of);
    await ended(of, id);
    expect(saidOf(await of.post(ada, {}, name))).toBe("too-many");
    of.clock.nowMs += minute;
    expect((await given(of)).id).not.toBe(id);
  });

  it("asked for twice at once is given once", async () => {
    const of = world();
    const said = await Promise.all([of.post(ada, {}, name), of.post(ada, {}, name)]);
    const keys = said.flatMap(({ status, body }) => (status === 201 ? [body.key] : []));
    expect(keys).toHaveLength(1);
    expect((await inPath(of, keys[0])).status).toBe(200);
    const living = (await of.connections()).filter(({ ended_at }) => ended_at === null);
    expect(living).toHaveLength(1);
  });

  it.each([{ code: "code", state: "state" }, { returnTo: `${app}/done` }, { other: true }])(
    "is not given for %j",
    async (body) => {
      const of = world();
      expect(saidOf(await of.post(ada, body, name))).toBe("invalid-request");
      expect(await of.connections()).toEqual([]);
    },
  );

  it("is not given when the log of who looked is down", async () => {
    const of = world();
    of.faults.log = true;
    await expect(of.post(ada, {}, name)).rejects.toMatchObject({ name: "Unavailable" });
    expect(await of.connections()).toEqual([]);
  });
});

const ended = (of: World, id: string, data = "keep") =>
  of.ask("delete", "/v1/connections/:connection", {
    member: ada,
    params: { connection: id },
    query: { data },
  });

describe("the end of a key", () => {
  it("is the end of its connection, and a new one has a key of its own", async () => {
    const of = world();
    const { id, key } = await given(of);
    expect((await ended(of, id)).status).toBe(200);
    expect(await refusals(of, key)).toEqual(bothRefused);
    of.clock.nowMs += minute;
    const again = await given(of);
    expect(again.id).not.toBe(id);
    expect(await refusals(of, key)).toEqual(bothRefused);
    expect((await inPath(of, again.key)).status).toBe(200);
    expect(of.recorded).toHaveLength(1);
  });

  it("is its erasure too, and nothing of it is left with the member's rows", async () => {
    const of = world();
    const { id, key } = await given(of);
    expect((await ended(of, id, "erase")).status).toBe(200);
    expect(await refusals(of, key)).toEqual(bothRefused);
    const other = world();
    const { key: gone } = await given(other);
    // As the erasure of a member lets go of it.
    await other.rows("DELETE FROM connection WHERE member = ?", ada);
    expect(await refusals(other, gone)).toEqual(bothRefused);
  });

  it("of another member's connection is nobody's to bring about", async () => {
    const of = world();
    const { id, key } = await given(of, ben);
    expect(saidOf(await ended(of, id))).toBe("not-found");
    expect((await inPath(of, key)).status).toBe(200);
  });
});

describe("what an app sends that is set up wrongly", () => {
  it.each([
    ["not-json", "{"],
    ["not-json", ""],
    ["not-understood", "[]"],
    ["not-understood", '--part\r\nContent-Disposition: form-data; name="file"'],
  ])("is told so: %s", async (problem, raw) => {
    const of = world();
    const { key } = await given(of);
    const said = await asBearer(of, key, raw);
    expect(saidOf(said)).toBe(problem);
    expect(said.text).not.toContain(key);
    expect(of.recorded).toEqual([]);
  });

  it("that is too large is told so, and nothing of it is taken", async () => {
    const of = world();
    const { key } = await given(of);
    const raw = JSON.stringify({ data: { workouts: [] }, fill: "x".repeat(40 * 1024 * 1024) });
    expect(saidOf(await asBearer(of, key, raw))).toBe("too-large");
  });

  it("of more items than one delivery may have is told so, and nothing of it is taken", async () => {
    const of = world();
    const { key } = await given(of);
    const item = { account: "", kind: "workout", body: workout() };
    const parse = vi.spyOn(providers[name], "parse");
    const items = Array.from({ length: 10_001 }, () => item);
    const value = { items, notices: [], claims: [], unknown: 0 };
    parse.mockReturnValue({ ok: true, value });
    expect(saidOf(await inPath(of, key))).toBe("too-large");
    expect(of.recorded).toEqual([]);
    parse.mockReturnValue({ ok: true, value: { ...value, items: items.slice(0, 2) } });
    expect((await inPath(of, key)).status).toBe(200);
  });

  it("nested deeper than can be kept is parked without it, and the rest of the body goes on", async () => {
    const of = world();
    const { key } = await given(of);
    const deep = `${"[".repeat(50_000)}${"]".repeat(50_000)}`;
    const item = JSON.stringify({ ...workout(), metadata: "deep" }).replace('"deep"', deep);
    const raw = `{"data":{"workouts":[${item},${JSON.stringify(workout(id2))}]}}`;
    expect((await inPath(of, key, raw)).status).toBe(200);
    const line = lines
      .map((each) => JSON.parse(each))
      .findLast(({ event }) => event === "delivery");
    expect(line).toMatchObject({ items: 2, parked: 1, recorded: 1 });
    const parked = of.recorded.filter((each) => JSON.stringify(each).includes("too-deep"));
    expect(parked).toMatchObject([{ provider: name, reason: "too-deep" }]);
    expect(JSON.stringify(parked).length).toBeLessThan(1000);
  });

  it("is not read at all without a key", async () => {
    const of = world();
    const raw = "x".repeat(40 * 1024 * 1024);
    expect(saidOf(await asBearer(of, "wrong", raw))).toBe("unauthenticated");
  });

  it("says no more than data: whose accounts are is not an app's to say", async () => {
    const of = world();
    const { key, id } = await given(of);
    const says = {
      items: [{ account: ben, kind: "workout", body: workout() }],
      notices: [{ account: "", collection: "x", fromMs: 0, toMs: 0, gone: null }],
      claims: [{ account: "", claim: "gone" }],
      links: [{ account: "", by: { reference: "word" } }],
      ends: [{ account: "", why: "grant-ended" as const, saidMs: null }],
      unknown: 0,
    };
    vi.spyOn(providers[name], "parse").mockReturnValue({ ok: true, value: says });
    expect((await inPath(of, key)).status).toBe(200);
    await of.settled();
    expect([of.heard, of.recorded]).toEqual([[], []]);
    const line = lines.map((each) => JSON.parse(each)).at(-1);
    expect(line).toMatchObject({ items: 5, dropped: 5, linked: 0, ended: 0 });
    expect((await of.connections()).map((row) => row.id)).toEqual([id]);
  });
});

it("two connections that live never share a key's digest", async () => {
  const db = sqliteD1(warehouse);
  const add = (id: string, endedAt: number | null, hash: string | null) =>
    db
      .prepare(
        "INSERT INTO connection (id, member, provider, account, made_at, ended_at, key_hash) VALUES (?, ?, 'p', ?, 0, ?, ?)",
      )
      .bind(id, ada, id, endedAt, hash)
      .run();
  await add("c1", null, "hash");
  await add("c2", 1, "hash");
  await add("c3", null, null);
  await add("c4", null, null);
  await expect(async () => add("c5", null, "hash")).rejects.toThrow(/UNIQUE/);
});
