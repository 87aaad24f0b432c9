/** The fake of an object's storage does what objects rely on. */
import { expect, it } from "vitest";
import { migrate } from "../../durable-objects/migrate.ts";
import { objectStorage } from "../fakes/object-storage.ts";

it("migrates once, reads by cursor, and says how many rows were written", () => {
  const { storage } = objectStorage();
  const steps = ["CREATE TABLE a (n INTEGER PRIMARY KEY, b BLOB); CREATE TABLE z (n INTEGER);"];
  migrate(storage as DurableObjectStorage, steps);
  migrate(storage as DurableObjectStorage, [...steps, "ALTER TABLE a ADD COLUMN t TEXT"]);
  const { sql } = storage;
  expect(
    sql.exec("INSERT INTO a (n, b) VALUES (1, ?), (2, NULL)", new Uint8Array([1, 2])).rowsWritten,
  ).toBe(2);
  expect(sql.exec("UPDATE a SET t = 'x' WHERE n > 5").rowsWritten).toBe(0);
  expect(sql.exec("UPDATE a SET t = 'x' RETURNING n").toArray()).toEqual([{ n: 1 }, { n: 2 }]);
  expect([...sql.exec("SELECT n FROM a ORDER BY n")]).toEqual([{ n: 1 }, { n: 2 }]);
  expect(sql.exec("SELECT b FROM a WHERE n = 1").one().b).toEqual(new Uint8Array([1, 2]).buffer);
  expect([...sql.exec("SELECT n, t FROM a WHERE n = 2").raw()]).toEqual([[2, "x"]]);
  expect(() => sql.exec("SELECT n FROM a").one()).toThrow(/one result/);
  expect(() => sql.exec("SELECT n FROM a WHERE n = 9").one()).toThrow(/one result/);
  expect(() => sql.exec("BEGIN")).toThrow(/transaction/);
  expect(sql.databaseSize).toBeGreaterThan(0);
});

it("undoes a transaction that throws, and only that one", () => {
  const { storage } = objectStorage();
  const { sql } = storage;
  sql.exec("CREATE TABLE a (n INTEGER)");
  storage.transactionSync(() => {
    sql.exec("INSERT INTO a VALUES (1)");
    expect(() =>
      storage.transactionSync(() => {
        sql.exec("INSERT INTO a VALUES (2)");
        throw new Error("inner");
      }),
    ).toThrow("inner");
  });
  expect(() =>
    storage.transactionSync(() => {
      sql.exec("INSERT INTO a VALUES (3)");
      throw new Error("outer");
    }),
  ).toThrow("outer");
  expect(sql.exec("SELECT n FROM a").toArray()).toEqual([{ n: 1 }]);
});

it("has one alarm, which is gone when it goes off", async () => {
  const { storage, alarmMs, takeAlarm } = objectStorage();
  expect([await storage.getAlarm(), takeAlarm()]).toEqual([null, false]);
  await storage.setAlarm(5_000);
  await storage.setAlarm(new Date(9_000));
  expect([await storage.getAlarm(), alarmMs()]).toEqual([9_000, 9_000]);
  expect([takeAlarm(), await storage.getAlarm()]).toEqual([true, null]);
  await storage.setAlarm(1);
  await storage.deleteAlarm();
  expect(alarmMs()).toBeNull();
});
