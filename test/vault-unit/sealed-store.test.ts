import type { D1PreparedStatement } from "@cloudflare/workers-types";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { SealedRow } from "../../domain/ports.ts";
import { sweepOrphans } from "../../workers/vault/sealed-object.ts";
import { openColumn } from "../../workers/vault/sealed-read.ts";
import { retractRows, sealRows } from "../../workers/vault/sealed-store.ts";
import {
  at,
  garmin,
  generationOf,
  heart,
  held,
  home,
  hourMs,
  long,
  nowMs,
  orphans,
  retraction,
  texts,
} from "./sealed-home.ts";
import { connectionNamed, makeWorld } from "./world.ts";

describe("sealed rows", () => {
  test("open to what was said, column by column", async () => {
    const { vault, member } = await home();
    const track = JSON.stringify([{ t: 5, lat: 48.1234567, lon: 11.5, alt: 520.25 }]);
    const columns = {
      heart_rate: heart(3),
      track,
      title: '"Ride"',
      notes: '"wind"',
      raw: '{"a":1}',
      raw_details: '{"b":2}',
      token: '{"access":"x"}',
    };
    expect(await sealRows(vault, member, garmin, [at(1, columns)], nowMs)).toBe("sealed");
    for (const [column, value] of Object.entries(columns).filter(([column]) => column !== "raw"))
      expect(await texts(vault, member, column)).toEqual({ f_1: value });
    expect((await held(vault)).map((row) => row.group_name)).toEqual([
      "heart_rate",
      "raw_details",
      "token",
      "track",
      "words",
    ]);
  });

  test("said again change nothing, not even a version", async () => {
    const { vault, member } = await home();
    const row = at(3, { heart_rate: long, title: '"a"', notes: null });
    await sealRows(vault, member, garmin, [row], nowMs);
    const before = await held(vault);
    await sealRows(vault, member, garmin, [row, row], nowMs + 1);
    await sealRows(vault, member, garmin, [at(2, { title: '"older"' })], nowMs + 2);
    expect(await held(vault)).toEqual(before);
    expect(await orphans(vault)).toBe(0);
  });

  test("keep the columns that a later statement does not speak of", async () => {
    const { vault, member } = await home();
    await sealRows(vault, member, garmin, [at(1, { title: '"a"', notes: '"n"' })], nowMs);
    await sealRows(vault, member, garmin, [at(2, { title: '"b"', device_name: '"d"' })], nowMs);
    expect(await texts(vault, member, "title")).toEqual({ f_1: '"b"' });
    expect(await texts(vault, member, "notes")).toEqual({ f_1: '"n"' });
    expect(await texts(vault, member, "device_name")).toEqual({ f_1: '"d"' });
  });

  test("are emptied by null, and an older statement does not fill them again", async () => {
    const { vault, member } = await home();
    await sealRows(vault, member, garmin, [at(1, { title: '"a"', heart_rate: long })], nowMs);
    await sealRows(vault, member, garmin, [at(3, { title: null, heart_rate: null })], nowMs);
    await sealRows(vault, member, garmin, [at(2, { title: '"c"', heart_rate: heart(1) })], nowMs);
    expect(await texts(vault, member, "title")).toEqual({});
    expect(await texts(vault, member, "heart_rate")).toEqual({});
    expect(await vault.phi.prepare("SELECT sum(bytes) AS n FROM sealed").first("n")).toBe(0);
    await sealRows(vault, member, garmin, [at(4, { title: '"d"' })], nowMs);
    expect(await texts(vault, member, "title")).toEqual({ f_1: '"d"' });
  });

  const column = fc.constantFrom("title", "notes", "device_name", "heart_rate");
  const said = fc.record({
    row: fc.constantFrom("f_1", "f_2"),
    revision: fc.integer({ min: 1, max: 6 }),
    value: fc.option(fc.integer({ min: 30, max: 34 })),
    columns: fc.uniqueArray(column, { minLength: 1 }),
    retract: fc.boolean(),
  });
  type Say = typeof said extends fc.Arbitrary<infer T> ? T : never;
  const rowOf = ({ row, revision, value, columns }: Say): SealedRow => ({
    row,
    revision,
    columns: Object.fromEntries(
      columns.map((name) => [
        name,
        value === null ? null : name === "heart_rate" ? heart(2, value) : String(value),
      ]),
    ),
  });
  const all = ["title", "notes", "device_name", "heart_rate"];

  /** Column by column the greater revision stands, the later of two; nothing up to a retraction. */
  function expected(statements: readonly Say[]): Record<string, string> {
    const cells = new Map<string, { revision: number; value: string | null }>();
    const gone = new Map<string, number>();
    for (const statement of statements) {
      const { row, revision, retract } = statement;
      if (retract) gone.set(row, Math.max(gone.get(row) ?? 0, revision));
      for (const [name, value] of retract ? [] : Object.entries(rowOf(statement).columns)) {
        const cell = cells.get(`${row} ${name}`);
        if (revision > (gone.get(row) ?? 0) && revision >= (cell?.revision ?? 0))
          cells.set(`${row} ${name}`, { revision, value });
      }
      for (const [name, cell] of cells)
        if (cell.revision <= (gone.get(name.split(" ")[0] ?? "") ?? 0)) cells.delete(name);
    }
    return Object.fromEntries(
      [...cells].flatMap(([name, { value }]) => (value === null ? [] : [[name, value]])),
    );
  }

  test("hold what each column was told last, whatever came in between", async () => {
    const { vault, member, world } = await home();
    const empty = world.stores.phi.map((store) => store.snapshot());
    await fc.assert(
      fc.asyncProperty(fc.array(said, { maxLength: 10 }), async (statements) => {
        world.stores.phi.forEach((store, n) => {
          store.restore(empty[n] as Uint8Array);
        });
        for (const one of statements)
          if (one.retract)
            await retractRows(vault, member, [retraction(one.revision, one.row)], nowMs);
          else await sealRows(vault, member, garmin, [rowOf(one)], nowMs);
        const found: Record<string, string> = {};
        for (const name of all) {
          const opened = await texts(vault, member, name, ["f_1", "f_2"]);
          for (const [row, value] of Object.entries(opened))
            found[`${row} ${name}`] = String(value);
        }
        expect(found).toEqual(expected(statements));
      }),
      { numRuns: 150 },
    );
  });

  test("lose nothing when several write to one group at once", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 2, maxLength: 5 }),
        fc.boolean(),
        async (scheduler, revisions, isSame) => {
          let isGated = false;
          const gate = () => (isGated ? scheduler.schedule(Promise.resolve()) : Promise.resolve());
          const world = makeWorld({ gate });
          const { member, vault } = await world.enrol("ada", nowMs);
          await sealRows(vault, member, garmin, [at(0, { source_id: '"s"' })], nowMs);
          isGated = true;
          const names = ["title", "notes", "device_name", "original_type", "app"];
          const writes = revisions.map((revision, n) => {
            const name = isSame ? "title" : (names[n] ?? "");
            return sealRows(
              vault,
              member,
              garmin,
              [at(revision, { [name]: `${revision}` })],
              nowMs,
            );
          });
          await scheduler.waitFor(Promise.all(writes));
          isGated = false;
          expect(await texts(vault, member, "source_id")).toEqual({ f_1: '"s"' });
          if (isSame)
            expect(await texts(vault, member, "title")).toEqual({
              f_1: `${Math.max(...revisions)}`,
            });
          else
            for (const [n, revision] of revisions.entries())
              expect(await texts(vault, member, names[n] ?? "")).toEqual({ f_1: `${revision}` });
          for (const store of [...world.stores.phi, ...world.stores.keys, world.stores.directory])
            store.raw.close();
        },
      ),
      { numRuns: 60 },
    );
  });

  test("gain nothing once the member is erased or the connection has ended", async () => {
    const { vault, member } = await home();
    await sealRows(vault, member, garmin, [at(1, { title: '"a"' })], nowMs);
    await vault.phi
      .prepare("INSERT INTO ended_connection (member, connection, at) VALUES (?, ?, ?)")
      .bind(member, garmin, nowMs)
      .run();
    const more = [at(2, { title: '"b"', heart_rate: long })];
    expect(await sealRows(vault, member, garmin, more, nowMs)).toBe("forgotten");
    expect(await vault.phi.prepare("SELECT max(revision) AS r FROM sealed").first("r")).toBe(1);
    expect(await texts(vault, member, "title"), "what is declared gone opens no more").toEqual({});
    const other = connectionNamed("wahoo");
    expect(await sealRows(vault, member, other, [at(1, { title: '"o"' }, "f_9")], nowMs)).toBe(
      "sealed",
    );
    await vault.phi.prepare("UPDATE member SET erased_at = 1, key_id = NULL").run();
    expect(await sealRows(vault, member, other, more, nowMs)).toBe("forgotten");
    expect(await sealRows(vault, "m_nobody", other, more, nowMs)).toBe("forgotten");
    expect(await openColumn(vault, member, "title", ["f_9"], nowMs)).toBe("forgotten");
  });

  test("never land for a connection that ends while they are on their way", async () => {
    let isEnding = false;
    const world = makeWorld({
      gate: async () => {
        if (!isEnding) return;
        isEnding = false;
        for (const { raw } of world.stores.phi)
          raw.exec(
            `INSERT INTO ended_connection (member, connection, at) VALUES ('m_ada', '${garmin}', 1)`,
          );
      },
    });
    const { member, vault } = await world.enrol("ada", nowMs);
    await sealRows(vault, member, garmin, [at(1, { title: '"a"' })], nowMs);
    const put = vault.objects.put.bind(vault.objects);
    vault.objects.put = ((...args: Parameters<typeof put>) => {
      isEnding = true;
      return put(...args);
    }) as typeof put;
    const outcome = await sealRows(vault, member, garmin, [at(2, { heart_rate: long })], nowMs);
    expect(outcome).toBe("forgotten");
    expect(await held(vault)).toHaveLength(1);
    expect(world.stores.sealed.objects.size).toBe(0);
  });

  test("throw while the member's key is being replaced, and seal when said again", async () => {
    const { vault, member } = await home();
    const of = { member, generation: await generationOf(vault, member) };
    const next = await vault.keyring.nextGeneration(of, { renew: [], drop: [] }, nowMs);
    await expect(sealRows(vault, member, garmin, [at(1, { title: '"a"' })], nowMs)).rejects.toThrow(
      "being replaced",
    );
    await vault.phi.prepare("UPDATE member SET key_id = ?").bind(next).run();
    await vault.keyring.dropGenerations(member, [of.generation]);
    expect(await sealRows(vault, member, garmin, [at(1, { title: '"a"' })], nowMs)).toBe("sealed");
  });
});

describe("retracted rows", () => {
  test("stay gone for every statement up to the retraction, and come back above it", async () => {
    const { vault, member } = await home();
    await sealRows(vault, member, garmin, [at(1, { title: '"a"', heart_rate: long })], nowMs);
    await retractRows(vault, member, [retraction(3)], nowMs);
    await sealRows(vault, member, garmin, [at(3, { title: '"b"' })], nowMs);
    expect(await held(vault)).toEqual([]);
    await sealRows(vault, member, garmin, [at(4, { title: '"c"' })], nowMs);
    expect(await texts(vault, member, "title")).toEqual({ f_1: '"c"' });
  });

  test("keep what is newer in a group, and only that", async () => {
    const { vault, member } = await home();
    await sealRows(vault, member, garmin, [at(1, { title: '"old"', notes: '"n"' })], nowMs);
    await sealRows(vault, member, garmin, [at(5, { title: '"new"' })], nowMs);
    await retractRows(vault, member, [retraction(3)], nowMs);
    expect(await texts(vault, member, "title")).toEqual({ f_1: '"new"' });
    expect(await texts(vault, member, "notes")).toEqual({});
    await sealRows(vault, member, garmin, [at(2, { notes: '"again"' })], nowMs);
    expect(await texts(vault, member, "notes")).toEqual({});
  });
});

describe("large values", () => {
  test("lie outside the database under a name that says nothing, and go with their row", async () => {
    const { vault, member, world } = await home();
    const { objects } = world.stores.sealed;
    await sealRows(vault, member, garmin, [at(1, { heart_rate: long })], nowMs);
    expect([...objects.keys()]).toEqual([expect.stringMatching(/^[\w-]{32}$/)]);
    expect(await texts(vault, member, "heart_rate")).toEqual({ f_1: long });
    await sealRows(vault, member, garmin, [at(2, { heart_rate: heart(9_000) })], nowMs);
    expect(objects.size).toBe(1);
    await retractRows(vault, member, [retraction(2)], nowMs);
    expect(objects.size).toBe(0);
    expect(await orphans(vault)).toBe(0);
  });

  test("that lost their row to a crash are found by the sweep, and no others", async () => {
    const { vault, member, world } = await home();
    await sealRows(vault, member, garmin, [at(1, { heart_rate: long })], nowMs);
    const batch = vault.phi.batch.bind(vault.phi);
    let batches = 0;
    vault.phi.batch = (statements: D1PreparedStatement[]) =>
      ++batches === 2 ? Promise.reject(new Error("lost")) : batch(statements);
    const crashed = sealRows(vault, member, garmin, [at(2, { heart_rate: heart(9_999) })], nowMs);
    await expect(crashed).rejects.toThrow("lost");
    vault.phi.batch = batch;
    expect(world.stores.sealed.objects.size).toBe(2);
    expect(await sweepOrphans(vault, nowMs + hourMs)).toBe(0);
    expect(await sweepOrphans(vault, nowMs + hourMs + 1)).toBe(1);
    expect(await texts(vault, member, "heart_rate")).toEqual({ f_1: long });
  });
});
