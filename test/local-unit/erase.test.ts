/** Whatever something is packed in, it is found; what is meant to stay is let pass only bare. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { parquetWriteBuffer } from "hyparquet-writer";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { allowedAs } from "../../local/erase-allowed.ts";
import { everything, type Row } from "../../local/erase-stores.ts";

const member = `m_${"0123456789abcdef".repeat(2)}`;
const needle = "aGVhcnQtb2YtYS1mYWN0";
const command = resolve(import.meta.dirname, "../../local/erase.ts");

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "singlet-erase-test-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const put = async (path: string, bytes: Uint8Array | string) => {
  await mkdir(join(folder, path, ".."), { recursive: true });
  await writeFile(join(folder, path), bytes);
};
const parquet = (text: string) =>
  Buffer.from(
    parquetWriteBuffer({
      columnData: [{ name: "id", data: [text, "another"], type: "STRING" }],
      codec: "ZSTD",
      compressors: { ZSTD: (bytes) => new Uint8Array(zstdCompressSync(bytes)) },
    }),
  );
async function findings() {
  const found: string[] = [];
  for await (const { store, name, text } of everything(folder))
    if (text.includes(needle)) found.push(`${store} ${name}`);
  return found.sort();
}
const run = (...words: string[]) =>
  spawnSync(process.execPath, [command, ...words, "--state", folder], { encoding: "utf8" });

describe("everything that is kept", () => {
  test("is read in objects: plain, gzip, Parquet, and by its name", async () => {
    await put("r2/archive/blobs/a", `{"id":"${needle}"}\n`);
    await put("r2/archive/blobs/b", gzipSync(needle));
    await put("r2/archive/blobs/c", parquet(needle));
    await put(`copies/${needle}.json`, "{}");
    await put("r2/archive/blobs/d", parquet("somebody else"));
    const objects = ["a", "b", "c"].map((n) => `bucket archive r2/archive/blobs/${n}`);
    expect(await findings()).toEqual([...objects, `file copies/${needle}.json`]);
  });

  test("is read in tables: text, bytes, and what only the write-ahead log has", async () => {
    const db = new DatabaseSync(join(folder, "one.sqlite"));
    db.exec("PRAGMA journal_mode = WAL; CREATE TABLE kept (id TEXT, body BLOB)");
    db.prepare("INSERT INTO kept VALUES (?, ?)").run(needle, null);
    db.prepare("INSERT INTO kept VALUES (?, ?)").run("b", gzipSync(needle));
    db.prepare("INSERT INTO kept VALUES (?, ?)").run("c", Buffer.from("nothing"));
    expect(await findings()).toEqual(["platform.kept one.sqlite", "platform.kept one.sqlite"]);
    db.close();
  });

  test("may go while it is read: that is counted, and the rest is read", async () => {
    for (const name of ["a.sqlite", "b.sqlite"]) {
      const db = new DatabaseSync(join(folder, name));
      db.exec("CREATE TABLE kept (id TEXT); INSERT INTO kept VALUES ('a'), ('b')");
      db.close();
    }
    await put("gone", needle);
    await put("stays", needle);
    await put("within/gone", needle);
    const [gone, read]: [string[], Set<string>] = [[], new Set()];
    for await (const { name } of everything(folder, (path) => gone.push(path))) {
      if (read.size === 0)
        for (const other of ["a.sqlite", "b.sqlite", "gone"].filter((one) => one !== name))
          await rm(join(folder, other));
      read.add(name);
    }
    expect(gone).toHaveLength(2);
    expect([...read].sort()).toEqual([expect.stringMatching(/sqlite$/), "stays", "within/gone"]);
  });

  test("is never passed over: a Parquet file that cannot be read is an error by its name", async () => {
    const bytes = parquet(needle);
    bytes.fill(0xff, 4, 40);
    await put("r2/archive/blobs/bad", bytes);
    await expect(findings()).rejects.toThrow("blobs/bad cannot be read");
  });
});

describe("what may stay", () => {
  const allowed = (store: string, row: Row, ...more: string[]) =>
    allowedAs({ store, name: "x", text: "", row }, member, [member, needle, ...more]);
  const gone = { id: member, erased_at: 5n, made_at: 0n, zones: "[]", on_boards: 0n };
  /** The head of an empty ledger, but for what is said. */
  const stateOf = (more: object) =>
    JSON.stringify({
      ...{ name: `workouts/${member}`, isForgotten: true, settings: null },
      ...{ ended: [], arrivals: {}, days: [], ...more },
    });

  test.each([
    ["warehouse.member", { ...gone, settings_version: 0n }],
    ["board.score", { member, version: 3n, body: new Uint8Array() }],
    ["ledger.state", { one: 1n, body: stateOf({}) }],
    ["phi.member", { id: member, key_id: null, erased_at: 5n, lease: null }],
    ["warehouse.forgotten_ledger", { ledger: `workouts/${member}`, at: 5n }],
  ])("a bare tombstone in %s", (store, row) => {
    expect(allowed(store, row)).not.toBeNull();
  });

  test.each([
    ["a zone", "warehouse.member", { ...gone, settings_version: 0n, zones: '[{"zone":"UTC"}]' }],
    ["a score", "board.score", { member, version: 3n, body: new Uint8Array([1]) }],
    [
      "when they left boards",
      "warehouse.member",
      { ...gone, settings_version: 0n, shown_until: 5n },
    ],
    ["a ledger that lives", "ledger.state", { one: 1n, body: stateOf({ isForgotten: false }) }],
    ["a ledger's days", "ledger.state", { one: 1n, body: stateOf({ days: ["2026-11-14"] }) }],
    ["a ledger's entry", "ledger.state", { one: 1n, body: [stateOf({}), "ifact\t[]"].join("\n") }],
    ["a living member", "phi.member", { id: member, key_id: "k", erased_at: null, lease: null }],
    ["another thing of theirs", "warehouse.forgotten_ledger", { ledger: member, at: needle }],
    ["a run that is not finished", "warehouse.run", { args: member }],
    ["an object", "bucket archive", { key: member }],
  ])("%s does not", (_, store, row) => {
    expect(allowed(store, row)).toBeNull();
  });
});

describe("the command", () => {
  test("explains itself", () => {
    const said = execFileSync(process.execPath, [command, "--help"], { encoding: "utf8" });
    expect(said).toContain("trace MEMBER --out FILE");
  });

  test.each([
    ["somebody's name", ["verify", "ada"], 2],
    ["a needle found by chance", ["verify", member, "--also", "ada"], 2],
    ["a command it does not know", ["remove", member], 2],
    ["a trace of nobody", ["trace", member, "--out", "/dev/null"], 1],
    ["an empty folder", ["verify", member], 2],
  ])("refuses %s", (_, words, code) => {
    const { status, stderr } = run(...words);
    expect([status, stderr]).toEqual([code, expect.stringContaining("erase: ")]);
  });

  test("verifies nothing without a database", async () => {
    await put("local.json", "{}");
    await put("log.keys", "a key");
    const { status, stdout, stderr } = run("verify", member);
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(/^erase: there is no database in .*\n$/);
    await put("dump.sql", "INSERT INTO member VALUES (1)");
    expect(run("verify", member)).toMatchObject({ status: 0, stderr: "" });
    await put("dump.sql", `INSERT INTO member VALUES ('${member}')`);
    expect(run("verify", member).status).toBe(1);
  });
});
