/**
 * One contract for D1 and R2, held against the stand-ins and against workerd's own. A promise uses
 * nothing but its arguments: on workerd's side its source runs inside a worker, where the bindings
 * are what they are in production and not Miniflare's proxies.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { D1Database, D1PreparedStatement, R2Bucket } from "@cloudflare/workers-types";
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from "miniflare";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { unstable_splitSqlQuery as splitSql } from "wrangler";
import { memoryR2 } from "./memory-r2.ts";
import { sqliteD1 } from "./sqlite-d1.ts";

interface Tools {
  is(seen: unknown, promised: unknown): void;
  /** The message of the error; "" when there was none. */
  refusal(work: () => unknown): Promise<string>;
  bound(db: D1Database, sql: string, values: readonly string[]): D1PreparedStatement;
}
const tools: Tools = {
  is: (seen, promised) => {
    const [a, b] = [JSON.stringify(seen), JSON.stringify(promised)];
    if (a !== b) throw new Error(`saw ${a}, not ${b}`);
  },
  bound: (db, sql, values) => db.prepare(sql).bind(...values),
  refusal: async (work) => {
    try {
      await work();
      return "";
    } catch (error) {
      return String((error as Error).message).replace(/: SQLITE_.*/, "");
    }
  },
};
type Contract<Store> = Readonly<Record<string, (store: Store, tools: Tools) => Promise<void>>>;

const d1: Contract<D1Database> = {
  "a batch answers in order, and says what each statement changed": async (db, { is }) => {
    await db.prepare("CREATE TABLE a (n INTEGER) STRICT").run();
    const results = await db.batch([
      db.prepare("INSERT INTO a VALUES (1), (2)"),
      db.prepare("UPDATE a SET n = n + 1"),
      db.prepare("SELECT n FROM a"),
      db.prepare("DELETE FROM a WHERE n = 2 RETURNING n AS was"),
      db.prepare("DELETE FROM a WHERE n = 2 RETURNING n AS was"),
    ]);
    const changes = results.map((r) => r.success && r.meta.changes);
    is(changes, [2, 2, 0, 1, 0]);
    const rows = results.map((r) => r.results);
    is(rows, [[], [], [{ n: 2 }, { n: 3 }], [{ was: 2 }], []]);
  },
  "a batch that fails at its end leaves nothing, and the next one works": async (db, t) => {
    await db.prepare("CREATE TABLE b (id TEXT PRIMARY KEY) STRICT, WITHOUT ROWID").run();
    const insert = (id: string) => db.prepare("INSERT INTO b VALUES (?)").bind(id);
    const batch = () => db.batch([insert("x"), insert("y"), insert("x")]);
    t.is(await t.refusal(batch), "D1_ERROR: UNIQUE constraint failed: b.id");
    t.is(await db.prepare("SELECT count(*) AS n FROM b").first("n"), 0);
    t.is((await db.batch([insert("x")]))[0]?.meta.changes, 1);
    t.is(await t.refusal(() => db.batch([])), "D1_ERROR: No SQL statements detected.");
    t.is(/^D1_ERROR.*syntax/.test(await t.refusal(() => db.prepare("SELEC").run())), true);
  },
  "numbered parameters come in any order, again, and just as many as there are": async (db, t) => {
    const ask = (sql: string, ...values: string[]) => t.bound(db, sql, values).raw();
    t.is(await ask("SELECT ?2, ?1, ?2, '?9' -- ?8", "x", "y"), [["y", "x", "y", "?9"]]);
    t.is(await ask("SELECT ?, ?", "x", "y"), [["x", "y"]]);
    t.is(await ask("SELECT ?3, ?", "x", "y", "z", "next"), [["z", "next"]]);
    const wrong = "D1_ERROR: Wrong number of parameter bindings for SQL query.";
    t.is(await t.refusal(() => ask("SELECT ?1, ?2", "x")), wrong);
    t.is(await t.refusal(() => ask("SELECT ?1, ?1", "x", "y")), wrong);
    t.is(await t.refusal(() => db.prepare("SELECT ?").first()), wrong);
  },
  "a BLOB goes in as bytes, copied when bound, and comes out as numbers": async (db, { is }) => {
    await db.prepare("CREATE TABLE c (id INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT").run();
    const bytes = new Uint8Array([7, 0, 128, 255, 7]);
    const insert = db.prepare("INSERT INTO c VALUES (?, ?)");
    const bound = [insert.bind(1, bytes.subarray(1, 4)), insert.bind(2, bytes.buffer)];
    bytes.fill(1);
    await db.batch([...bound, insert.bind(3, new Uint8Array())]);
    const select = db.prepare("SELECT body, hex(body) AS hex FROM c ORDER BY id");
    const [view, whole, none] = [[0, 128, 255], [7, 0, 128, 255, 7], []];
    is(await select.raw(), [
      [view, "0080FF"],
      [whole, "070080FF07"],
      [none, ""],
    ]);
    const { results } = await select.all<{ body: number[] }>();
    is([await select.first("body"), ...results.map(({ body }) => body)], [view, view, whole, none]);
  },
  "undefined and objects are refused, true is 1, numbers are real until stored": async (db, t) => {
    await db.prepare("CREATE TABLE d (n INTEGER) STRICT").run();
    for (const value of [undefined, {}, 1n]) {
      const refused = await t.refusal(() => db.prepare("SELECT ?").bind(value).run());
      t.is(refused.startsWith("D1_TYPE_ERROR"), true);
    }
    const types = db.prepare("SELECT ?1, typeof(?1), ?2, typeof(?3)");
    t.is(await types.bind(1, true, Number.NaN).raw(), [[1, "real", 1, "null"]]);
    const insert = db.prepare("INSERT INTO d VALUES (?) RETURNING n, typeof(n) AS type");
    t.is(await insert.bind(2 ** 53 - 1).first(), { n: 2 ** 53 - 1, type: "integer" });
    const text = await t.refusal(() => insert.bind("x").run());
    t.is(text, "D1_ERROR: cannot store TEXT value in INTEGER column d.n");
  },
  "changes() tells a statement what the last write before it in its batch did": async (db, t) => {
    await db.prepare("CREATE TABLE e (id TEXT PRIMARY KEY) STRICT").run();
    await db.prepare("CREATE TABLE e_log (seq INTEGER PRIMARY KEY, id TEXT) STRICT").run();
    const log = "INSERT INTO e_log (id) SELECT ? WHERE changes() > 0 RETURNING seq, id";
    const write = (id: string) => [
      db.prepare("INSERT OR IGNORE INTO e VALUES (?)").bind(id),
      db.prepare("SELECT 1"),
      db.prepare(log).bind(id),
    ];
    const results = await db.batch([...write("x"), ...write("x"), ...write("y")]);
    const logged = [2, 5, 8].map((i) => results[i]?.results);
    t.is(logged, [[{ seq: 1, id: "x" }], [], [{ seq: 2, id: "y" }]]);
  },
  "json_each writes many rows at once, each conflict settled by itself": async (db, { is }) => {
    await db.prepare("CREATE TABLE f (id TEXT PRIMARY KEY, n INTEGER) STRICT, WITHOUT ROWID").run();
    const upsert = db.prepare(
      `INSERT INTO f SELECT value ->> 'id', value ->> 'n' FROM json_each(?1) WHERE true
       ON CONFLICT (id) DO UPDATE SET n = excluded.n WHERE excluded.n > f.n RETURNING id`,
    );
    const write = (rows: unknown) => upsert.bind(JSON.stringify(rows)).all();
    const rows = Array.from({ length: 500 }, (_, n) => ({ id: `${n}`, n }));
    is((await write(rows)).meta.changes, 500);
    const again = await write([{ id: "1", n: 0 }, { id: "2", n: 9 }, { id: "new" }]);
    is([again.meta.changes, again.results], [2, [{ id: "2" }, { id: "new" }]]);
  },
  "first gives a row, a column of it or null, and knows what is no column": async (db, t) => {
    const row = db.prepare("SELECT 'x' AS a, NULL AS b");
    t.is([await row.first(), ...(await row.run()).results], Array(2).fill({ a: "x", b: null }));
    t.is([await row.first("a"), await row.first("b")], ["x", null]);
    t.is(await t.refusal(() => row.first("c")), "D1_COLUMN_NOTFOUND: Column not found (c)");
    const none = db.prepare("SELECT 1 AS a WHERE false");
    t.is([await none.first(), await none.first("c")], [null, null]);
    t.is((await row.raw({ columnNames: true }))[0], ["a", "b"]);
  },
  "a session sees its own writes, alone and in a batch": async (db, { is }) => {
    await db.prepare("CREATE TABLE g (n INTEGER) STRICT").run();
    const session = db.withSession("first-primary");
    await session.prepare("INSERT INTO g VALUES (?)").bind(4).run();
    const select = session.prepare("SELECT n FROM g");
    const [, after] = await session.batch([session.prepare("UPDATE g SET n = n + 1"), select]);
    is([after?.results, await select.first("n")], [[{ n: 5 }], 5]);
  },
  "triggers and foreign keys hold, and what they change is counted": async (db, t) => {
    const stays = "CREATE TRIGGER s BEFORE UPDATE ON h BEGIN SELECT RAISE(ABORT, 'stays'); END";
    await db.batch([
      db.prepare("CREATE TABLE h (id TEXT PRIMARY KEY) STRICT"),
      db.prepare("CREATE TABLE i (h TEXT REFERENCES h (id) ON DELETE CASCADE) STRICT"),
      db.prepare(stays),
      db.prepare("INSERT INTO h VALUES ('x')"),
      db.prepare("INSERT INTO i VALUES ('x'), ('x')"),
    ]);
    t.is(await t.refusal(() => db.prepare("UPDATE h SET id = 'y'").run()), "D1_ERROR: stays");
    const orphan = db.prepare("INSERT INTO i VALUES ('z')");
    t.is(await t.refusal(() => orphan.run()), "D1_ERROR: FOREIGN KEY constraint failed");
    t.is((await db.prepare("DELETE FROM h").run()).meta.changes, 3);
  },
  "too many parameters, columns, terms or letters are refused": async (db, t) => {
    const refused = async (sql: string, values: string[] = []) =>
      (await t.refusal(() => t.bound(db, sql, values).run())) !== "";
    const asked = (count: number) => refused(`SELECT ?${count}`, Array(count).fill("x"));
    t.is([await asked(100), await asked(101)], [false, true]);
    const columns = (count: number) => refused(`SELECT ${Array(count).fill("1")}`);
    t.is([await columns(100), await columns(101)], [false, true]);
    const terms = (count: number) => refused(Array(count).fill("SELECT 1").join(" UNION ALL "));
    t.is([await terms(5), await terms(6)], [false, true]);
    const like = (length: number) => refused("SELECT 'x' LIKE ?", ["x".repeat(length)]);
    t.is([await like(50), await like(51)], [false, true]);
    const letters = (length: number) => refused(`SELECT '${"x".repeat(length)}'`);
    t.is([await letters(99_000), await letters(100_000)], [false, true]);
  },
};

const r2: Contract<R2Bucket> = {
  "an object is created once, and what is there stays as it was": async (bucket, { is }) => {
    const once = { onlyIf: { etagDoesNotMatch: "*" }, customMetadata: { kind: "first" } };
    const made = await bucket.put("a", "hello", once);
    is(await bucket.put("a", "other", once), null);
    const there = await bucket.get("a");
    const etag = "5d41402abc4b2a76b9719d911017c592";
    for (const one of [made, there])
      is([one?.key, one?.size, one?.etag, one?.httpEtag], ["a", 5, etag, `"${etag}"`]);
    is([there?.customMetadata, await there?.text()], [{ kind: "first" }, "hello"]);
  },
  "an object is replaced only while it is the one that was read": async (bucket, t) => {
    const put = async (key: string, value: string, etagMatches: string) =>
      (await bucket.put(key, value, { onlyIf: { etagMatches } }))?.size ?? null;
    const etag = (await bucket.put("b", "first"))?.etag ?? "";
    t.is([await put("b", "second", etag), await put("b", "late", etag)], [6, null]);
    t.is([await put("b-none", "x", etag), await put("b-none", "x", "*")], [null, null]);
    t.is(await put("b", "third", "*"), 5);
    const now = (await bucket.head("b"))?.etag ?? "";
    t.is(await bucket.put("b", "x", { onlyIf: { etagDoesNotMatch: now } }), null);
    t.is((await t.refusal(() => put("b", "x", `"${now}"`))) === "", false);
    t.is(await (await bucket.get("b"))?.text(), "third");
  },
  "a range gives what lies in the object, with the size of the whole": async (bucket, t) => {
    await bucket.put("c", new Uint8Array([10, 11, 12, 13, 14]));
    const read = async (range: { offset: number; length?: number } | { suffix: number }) => {
      const part = await bucket.get("c", { range });
      return [part?.size, part?.range, [...new Uint8Array((await part?.arrayBuffer()) ?? [])]];
    };
    t.is(await read({ offset: 1, length: 2 }), [5, { offset: 1, length: 2 }, [11, 12]]);
    t.is(await read({ offset: 3, length: 9 }), [5, { offset: 3, length: 2 }, [13, 14]]);
    t.is(await read({ offset: 4 }), [5, { offset: 4, length: 1 }, [14]]);
    t.is(await read({ suffix: 2 }), [5, { offset: 3, length: 2 }, [13, 14]]);
    t.is((await t.refusal(() => read({ offset: 9 }))) === "", false);
    t.is((await t.refusal(() => read({ offset: 0, length: 0 }))) === "", false);
  },
  "every kind of value is kept as its bytes, and a body is read once": async (bucket, t) => {
    const bytes = new Uint8Array([1, 2, 3, 4]);
    const putting = [bucket.put("d1", bytes.subarray(1, 3)), bucket.put("d2", bytes.buffer)];
    bytes.fill(9);
    await Promise.all([...putting, bucket.put("d3", "{}"), bucket.put("d4", null)]);
    const read = async (key: string) => [...((await (await bucket.get(key))?.bytes()) ?? [])];
    t.is([await read("d1"), await read("d2"), await read("d4")], [[2, 3], [1, 2, 3, 4], []]);
    const body = await bucket.get("d3");
    t.is([body?.bodyUsed, await body?.json(), body?.bodyUsed], [false, {}, true]);
    t.is((await t.refusal(() => body?.text())) === "", false);
    t.is(await new Response((await bucket.get("d3"))?.body as never).text(), "{}");
  },
  "what is not there is null, what does not match has no body": async (bucket, { is }) => {
    is([await bucket.get("e-none"), await bucket.head("e-none")], [null, null]);
    await bucket.put("e", "x", { customMetadata: { a: "b" } });
    is((await bucket.head("e"))?.customMetadata, { a: "b" });
    const other = await bucket.get("e", { onlyIf: { etagMatches: "none" } });
    is([other?.key, "body" in (other ?? { body: null })], ["e", false]);
  },
  "a list goes by the bytes of the keys, page by page, metadata if asked": async (bucket, t) => {
    const keys = ["f/Z", "f/a10", "f/a2", "f/b", "f/é", "f/\uFF5E", "f/\u{1F600}"];
    for (const key of ["g", ...keys].reverse())
      await bucket.put(key, "", { customMetadata: { key } });
    const names = (page: { objects: { key: string }[] }) => page.objects.map(({ key }) => key);
    const seen: string[][] = [];
    for (let at: { cursor?: string } | null = {}; at !== null; ) {
      const page = await bucket.list({ prefix: "f/", limit: 3, ...at });
      seen.push(names(page));
      at = page.truncated ? { cursor: page.cursor } : null;
    }
    t.is(seen, [keys.slice(0, 3), keys.slice(3, 6), keys.slice(6)]);
    t.is(names(await bucket.list({ prefix: "f/", startAfter: "f/b" })), keys.slice(4));
    t.is((await bucket.list({ prefix: "f/", limit: keys.length })).truncated, false);
    t.is((await bucket.list({ prefix: "g" })).objects[0]?.customMetadata, {});
    const told = await bucket.list({ prefix: "g", include: ["customMetadata"] });
    t.is(told.objects[0]?.customMetadata, { key: "g" });
    t.is((await t.refusal(() => bucket.list({ limit: 1001 }))) === "", false);
  },
  "delete takes one key or many, there or not, twice": async (bucket, { is }) => {
    for (const key of ["h1", "h2", "h3", "h4"]) await bucket.put(key, key);
    await bucket.delete("h1");
    await bucket.delete(["h2", "h-none", "h3"]);
    await bucket.delete(["h1", "h2"]);
    await bucket.delete([]);
    const { objects } = await bucket.list({ prefix: "h" });
    is([objects.length, objects[0]?.key], [1, "h4"]);
  },
};

const migrations = (name: string) => resolve(import.meta.dirname, `../../migrations/${name}`);

describe("the stand-ins", () => {
  const [db, bucket] = [sqliteD1(migrations("keys")), memoryR2()];
  for (const [promise, check] of Object.entries(d1)) test(`D1: ${promise}`, () => check(db, tools));
  for (const [promise, check] of Object.entries(r2))
    test(`R2: ${promise}`, () => check(bucket, tools));
});

describe("workerd", () => {
  let runtime: Miniflare;
  beforeAll(async () => {
    const source = (functions: object) =>
      `{ ${Object.entries(functions).map(([name, f]) => `${JSON.stringify(name)}: ${f}`)} }`;
    const contents = `const contracts = { D1: ${source(d1)}, R2: ${source(r2)} };
      const tools = ${source(tools)};
      export default { async fetch(request, env) {
        const [binding, promise] = await request.json();
        try { await contracts[binding][promise](env[binding], tools); return new Response("kept"); }
        catch (error) { return new Response(error.stack); }
      } };`;
    runtime = new Miniflare(
      convertV4MiniflareOptions({
        name: "stores",
        modules: [{ type: "ESModule", path: "stores.mjs", contents }],
        compatibilityDate: "2026-10-01",
        d1Databases: { D1: "contract", phi: "phi", keys: "keys" },
        r2Buckets: { R2: "contract" },
        host: "127.0.0.1",
        port: 0,
        cf: false,
        log: new Log(LogLevel.NONE),
        telemetry: { enabled: false },
      }),
    );
    await runtime.ready;
  });
  afterAll(() => runtime.dispose());

  const asked = [d1, r2].flatMap((contract, i) =>
    Object.keys(contract).map((promise) => [i === 0 ? "D1" : "R2", promise] as const),
  );
  test.each(asked)("%s: %s", async (...which) => {
    const body = JSON.stringify(which);
    const response = await runtime.dispatchFetch("http://stores/", { method: "POST", body });
    expect(await response.text()).toBe("kept");
  });

  test.each(["phi", "keys"])("the migrations of %s make the same tables", async (name) => {
    const database = await runtime.getD1Database(name);
    const folder = migrations(name);
    const files = readdirSync(folder).filter((file) => file.endsWith(".sql"));
    for (const file of files.sort()) {
      const statements = splitSql(readFileSync(join(folder, file), "utf8"));
      await database.batch(statements.map((sql) => database.prepare(sql)));
    }
    const tables = `SELECT m.type, m.name, c.name AS column_name, c.type AS column_type, c.pk
      FROM sqlite_schema AS m LEFT JOIN pragma_table_info(m.name) AS c
      WHERE substr(m.name, 1, 3) <> '_cf' ORDER BY m.name, c.cid`;
    const { results } = await sqliteD1(folder).prepare(tables).all();
    expect((await database.prepare(tables).all()).results).toEqual(results);
    expect(results.length).toBeGreaterThan(5);
  });
});

describe("what only the stand-ins do", () => {
  test("calls wait at the gate and come between each other, never inside a batch", async () => {
    const waiting: (() => void)[] = [];
    const gate = () => new Promise<void>((pass) => void waiting.push(pass));
    const db = sqliteD1(migrations("keys"), { gate });
    db.raw.exec("CREATE TABLE t (n INTEGER) STRICT; INSERT INTO t VALUES (0)");
    const addSlowly = async () => {
      const n = (await db.prepare("SELECT n FROM t").first<number>("n")) ?? 0;
      await db
        .prepare("UPDATE t SET n = ?")
        .bind(n + 1)
        .run();
    };
    const add = db.prepare("UPDATE t SET n = n + 1");
    const work = Promise.all([addSlowly(), addSlowly(), db.batch([add, add])]);
    const passed: number[] = [];
    while (waiting.length > 0) {
      passed.push(waiting.length);
      for (const pass of waiting.splice(0)) pass();
      await new Promise(setImmediate);
    }
    await work;
    expect(passed).toEqual([3, 2]);
    expect(db.raw.prepare("SELECT n FROM t").get()).toEqual({ n: 1 });
  });

  test("a call that fails before did nothing, one that fails after did everything", async () => {
    let when: "before" | "after" = "before";
    const bucket = memoryR2({ fail: () => when });
    const db = sqliteD1(migrations("keys"), { fail: () => when });
    db.raw.exec("CREATE TABLE t (n INTEGER) STRICT");
    const insert = db.prepare("INSERT INTO t VALUES (1)");
    for (const [mode, rows, objects] of [
      ["before", 0, 0],
      ["after", 2, 1],
    ] as const) {
      when = mode;
      await expect(db.batch([insert, insert])).rejects.toThrow("D1_ERROR");
      await expect(bucket.put("a", "x")).rejects.toThrow("put");
      expect(db.raw.prepare("SELECT count(*) AS n FROM t").get()).toEqual({ n: rows });
      expect(bucket.objects.size).toBe(objects);
    }
  });

  test("an old copy put back is all there is, tables included, as often as wanted", async () => {
    const [db, bucket] = [sqliteD1(migrations("keys")), memoryR2()];
    await db.exec("CREATE TABLE t (n INTEGER) STRICT\nINSERT INTO t VALUES (1)");
    await bucket.put("a", "old");
    const [rows, objects] = [db.snapshot(), bucket.snapshot()];
    const select = db.prepare("SELECT * FROM t");
    const changes = [
      "UPDATE t SET n = 2",
      "ALTER TABLE t ADD COLUMN b TEXT",
      "CREATE TABLE later (n)",
    ];
    for (let round = 0; round < 50; round++) {
      await db.batch(changes.map((sql) => db.prepare(sql)));
      await Promise.all([bucket.put("a", "new"), bucket.put("b", "later")]);
      expect(await select.first()).toEqual({ n: 2, b: null });
      db.restore(rows);
      bucket.restore(objects);
      expect(await select.first()).toEqual({ n: 1 });
      await expect(db.prepare("SELECT * FROM later").all()).rejects.toThrow("no such table");
      expect(await (await bucket.get("a"))?.text()).toBe("old");
      expect([...bucket.objects.keys()]).toEqual(["a"]);
    }
  });

  test("a second statement in one is refused, not left out", async () => {
    const db = sqliteD1(migrations("keys"));
    await expect(db.prepare("SELECT 1; SELECT 2").all()).rejects.toThrow("second statement");
    expect(await db.prepare("SELECT ';' AS x; -- the end").first("x")).toBe(";");
  });
});
