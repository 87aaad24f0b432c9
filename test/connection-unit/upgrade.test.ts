/** What an object of the first edition kept is read by this one. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ConnectionStore } from "../../durable-objects/connection-store.ts";
import { objectStorage } from "../fakes/object-storage.ts";
import { linkOf } from "./connection-world.ts";

const folder = join(import.meta.dirname, "../../migrations/connection");
const sql = (file: string) => readFileSync(join(folder, file), "utf8");

test("what waited, what was claimed and what went wrong are still known", () => {
  const disk = objectStorage();
  disk.raw.exec(sql("0001_connection.sql"));
  disk.raw.exec(`
    INSERT INTO pending (id, collection, from_ms, to_ms, gone, cursor, noted) VALUES
      (3, 'exercise', 10, 20, NULL, 'page-2', 2), (5, 'exercise', 0, 0, 'ride', NULL, 1);
    INSERT INTO claim VALUES ('deregistered', 7), ('rumour', 8);
    INSERT INTO meta VALUES ('link', '${JSON.stringify(linkOf())}'), ('failing', 'needs-reconnecting'),
      ('lastRead', '123'), ('attempts', '4'), ('toAsk', 'true'), ('asked', '99');
  `);
  disk.raw.exec(sql("0002_waiting.sql"));
  disk.raw.exec(sql("0003_record.sql"));
  disk.raw.exec(sql("0004_had.sql"));
  const store = new ConnectionStore(disk.storage);
  expect(store.get("link")).toEqual(linkOf());
  expect(store.get("reconnect")).toBe("grant-ended");
  expect([store.get("checked"), store.get("caughtUp"), store.get("asked")]).toEqual([123, 123, 99]);
  expect(store.get("attempts")).toBeNull();
  expect(store.claims()).toEqual(["deregistered", "rumour"]);
  expect(store.open()).toEqual([{ what: "deregistered", at: 7 }]);
  const first = store.line.next(0);
  expect(first).toMatchObject({ id: 3, kind: "live", cursor: "page-2", pages: 1, noted: 2 });
  expect(first).toMatchObject({ record: null, missed: 0, later: 0, later_ms: null });
  expect(first?.since).toBeGreaterThan(0);
  expect(store.line.counts()).toEqual({ live: 2, backfill: 0 });
});
