/** A migration never takes anything from the release that is still running. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { faultsIn, statementsIn } from "./additive.ts";
import { releasedMigrations } from "./recorded.ts";

const root = resolve(import.meta.dirname, "../..");
const folder = join(root, "migrations");
const files = readdirSync(folder, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith(".sql"))
  .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
  .sort();
const textOf = (file: string) => readFileSync(join(folder, file), "utf8");
const digestOf = (file: string) => createHash("sha256").update(textOf(file)).digest("hex");

/** From before anything was deployed: no release has run over what these took away. */
const beforeTheFirst = [
  "board/0002_packed.sql",
  "connection/0002_waiting.sql",
  "keys/0002_epochs.sql",
  "ledger/0002_decisions.sql",
  "phi/0002_vault.sql",
  "phi/0003_log.sql",
  "phi/0008_orphan.sql",
  "warehouse/0008_landing.sql",
];

describe("a migration", () => {
  it.each(files.filter((file) => !beforeTheFirst.includes(file)))("only adds: %s", (file) => {
    expect(faultsIn(textOf(file))).toEqual([]);
  });

  it("is of the few that were before the first release only if it takes something away", () => {
    for (const file of beforeTheFirst)
      expect([file, faultsIn(textOf(file))]).not.toEqual([file, []]);
  });

  it("is never changed once it was released: databases that have seen it would not see that", async () => {
    const released = Object.entries(await releasedMigrations());
    expect(released.length).toBeGreaterThan(30);
    for (const [file, digest] of released) expect([file, digestOf(file)]).toEqual([file, digest]);
  });

  it("comes after all that were released, in the order of their numbers", async () => {
    const released = Object.keys(await releasedMigrations());
    for (const file of files.filter((each) => !released.includes(each))) {
      const [room = "", name = ""] = file.split("/");
      const before = released.filter((each) => each.startsWith(`${room}/`)).sort();
      expect(
        before.every((each) => each < `${room}/${name}`),
        file,
      ).toBe(true);
    }
  });
});

describe("the rule itself", () => {
  it.each([
    "DROP TABLE a",
    "DROP INDEX a_b",
    "ALTER TABLE a DROP COLUMN b",
    "ALTER TABLE a RENAME TO b",
    "ALTER TABLE a RENAME COLUMN b TO c",
    "ALTER TABLE a ADD COLUMN b TEXT NOT NULL",
    "ALTER TABLE a ADD COLUMN b TEXT CHECK (b > 'a')",
    "CREATE UNIQUE INDEX a_b ON a (b)",
    "CREATE TRIGGER t AFTER INSERT ON a BEGIN DELETE FROM a; END",
    "DELETE FROM a",
    "-- harmless\nDROP TABLE a",
  ])("refuses %s", (sql) => {
    expect(faultsIn(`${sql};`)).toHaveLength(1);
  });

  it.each([
    "CREATE TABLE a (b TEXT NOT NULL) STRICT; CREATE UNIQUE INDEX a_b ON a (b)",
    "CREATE INDEX a_b ON a (b)",
    "ALTER TABLE a ADD COLUMN b TEXT",
    "ALTER TABLE a ADD COLUMN b INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE a ADD COLUMN b TEXT; CREATE UNIQUE INDEX a_b ON a (b)",
    "INSERT INTO a (b) SELECT c FROM d",
    "-- DROP TABLE a\nCREATE TABLE b (c TEXT)",
  ])("lets pass %s", (sql) => {
    expect(faultsIn(`${sql};`)).toEqual([]);
  });

  it("takes a trigger for one statement", () => {
    const trigger = "CREATE TRIGGER t AFTER INSERT ON a BEGIN UPDATE b SET c = 1; SELECT 1; END";
    expect(statementsIn(`${trigger}; SELECT 2;`)).toEqual([trigger, "SELECT 2"]);
  });
});
