/**
 * After an erasure and a rotation no key that is there opens what was erased, in any older copy of
 * the database: every key that ever sealed it went. And what an erasure costs.
 */
import { describe, expect, test } from "vitest";
import type { MemberId } from "../../domain/identity.ts";
import { fromHex, openText } from "../../workers/vault/cell.ts";
import { Unopenable } from "../../workers/vault/chunked.ts";
import type { Vault } from "../../workers/vault/env.ts";
import { eraseScope, finishErasures } from "../../workers/vault/erasure.ts";
import { rotateEpoch } from "../../workers/vault/rotation.ts";
import { retractRows, sealRows } from "../../workers/vault/sealed-store.ts";
import {
  type Cell,
  type Clock,
  cellsOf,
  clock,
  connectionScope,
  garmin,
  google,
  isAtRest,
  journalSize,
  leaseMs,
  note,
  opened,
  rowsScope,
  said,
  sealAll,
} from "./erasures.ts";
import { heart, retraction } from "./sealed-home.ts";
import { connectionNamed, makeWorld, type World } from "./world.ts";

interface Here {
  readonly world: World;
  readonly vault: Vault;
  readonly member: MemberId;
  readonly now: Clock;
}
async function home(gate?: () => Promise<void>): Promise<Here> {
  const now = clock();
  const world = makeWorld(gate === undefined ? {} : { gate });
  return { world, now, ...(await world.enrol("ada", now())) };
}

async function rotate({ world, now }: Here): Promise<void> {
  for (let step = 0; step < 100; step++)
    if ((await rotateEpoch(world.shards, now(), 1_000)).done) return;
  throw new Error("the rotation does not end");
}

/** The rows of these cells that open by any data key that is there. */
async function openByAnyKey({ vault, now }: Here, cells: readonly Cell[]): Promise<string[]> {
  const { results } = await vault.keyring.database
    .prepare("SELECT member, generation, key_id FROM data_key")
    .all<{ member: string; generation: string; key_id: string }>();
  const found: string[] = [];
  for (const { member, generation, key_id } of results) {
    const key = (await vault.keyring.dataKeys({ member, generation }, [key_id], now())).get(key_id);
    for (const cell of cells) {
      if (key === undefined || cell.hex === null) continue;
      const place = {
        table: "sealed",
        member: cell.member,
        column: cell.group_name,
        row: cell.row_id,
      } as const;
      const text = await openText(vault, key, place, fromHex(cell.hex)).catch((error) => {
        if (error instanceof Unopenable) return null;
        throw error;
      });
      if (text !== null) found.push(cell.row_id);
    }
  }
  return [...new Set(found)].sort();
}

/** What of these older copies opens after two rotations, with keys that nothing remembers. */
async function stillOpen(here: Here, copies: readonly (readonly Cell[])[]): Promise<string[]> {
  await rotate(here);
  await rotate(here);
  const vault = here.world.restarted().all[here.vault.shard];
  if (vault === undefined) throw new Error("no such shard");
  return openByAnyKey({ ...here, vault }, copies.flat());
}
const correct = ({ vault, member, now }: Here, connection: typeof garmin, row: string, n: number) =>
  sealRows(vault, member, connection, [{ row, revision: n, columns: { notes: `"${n}"` } }], now());

describe("after an erasure and two rotations an old copy opens nothing of it", () => {
  test("when the source took it away between the declaration and the fence", async () => {
    let isDeclared = false;
    let calls = 0;
    let here: Here | null = null;
    const gate = async () => {
      if (here === null || isDeclared) return;
      const { vault, member, now } = here;
      const raw = here.world.stores.phi[vault.shard]?.raw;
      if (raw?.prepare("SELECT 1 FROM retraction WHERE revision > 99").get() === undefined) return;
      isDeclared = true;
      calls++;
      await retractRows(vault, member, [retraction(5, "g1")], now());
    };
    here = await home(gate);
    const { vault, member, now } = here;
    isDeclared = true;
    await sealAll(vault, member, [note(garmin, "g1"), note(garmin, "g2")], now);
    const old = await cellsOf(vault);
    isDeclared = false;
    await eraseScope(vault, member, rowsScope("g1"), now());
    expect(calls).toBe(1);
    expect(await stillOpen(here, [old.filter(({ row_id }) => row_id === "g1")])).toEqual([]);
    expect(await opened(vault, member, now())).toEqual(said([note(garmin, "g2")]));
  });

  test("when a correction came by another connection", async () => {
    const here = await home();
    const { vault, member, now } = here;
    const again = connectionNamed("garmin_again");
    await sealAll(vault, member, [note(garmin, "g1"), note(garmin, "g2")], now);
    const first = await cellsOf(vault);
    await correct(here, again, "g1", 2);
    const second = await cellsOf(vault);
    await eraseScope(vault, member, rowsScope("g1"), now());
    const copies = [first, second].map((cells) => cells.filter(({ row_id }) => row_id === "g1"));
    expect(await stillOpen(here, copies)).toEqual([]);
    expect(await opened(vault, member, now())).toEqual(said([note(garmin, "g2")]));
  });

  test("when its connection, by which a correction came, is erased with all that came by it", async () => {
    const here = await home();
    const { vault, member, now } = here;
    const again = connectionNamed("garmin_again");
    await sealAll(vault, member, [note(garmin, "g1"), note(garmin, "g2")], now);
    const first = await cellsOf(vault);
    await correct(here, again, "g1", 2);
    await eraseScope(vault, member, connectionScope(again), now());
    const copy = first.filter(({ row_id }) => row_id === "g1");
    expect(await stillOpen(here, [copy])).toEqual([]);
    expect(await opened(vault, member, now())).toEqual(said([note(garmin, "g2")]));
  });

  test("when the source had taken it away before, and once it had come back", async () => {
    const here = await home();
    const { vault, member, now } = here;
    await sealAll(vault, member, [note(garmin, "g1"), note(garmin, "g2")], now);
    await sealAll(vault, member, [note(google, "h1"), note(google, "h2")], now);
    const old = await cellsOf(vault);
    await retractRows(vault, member, [retraction(1, "g1"), retraction(1, "h1")], now());
    await correct(here, google, "g1", 2);
    const later = await cellsOf(vault);
    await eraseScope(vault, member, rowsScope("g1", "h1"), now());
    const copies = [old, later].map((cells) =>
      cells.filter(({ row_id }) => ["g1", "h1"].includes(row_id)),
    );
    expect(await stillOpen(here, copies)).toEqual([]);
    const rest = said([note(garmin, "g2"), note(google, "h2")]);
    expect(await opened(vault, member, now())).toEqual(rest);
  });

  test("when another row was erased in between, and its survivors were sealed anew", async () => {
    const here = await home();
    const { vault, member, now } = here;
    const again = connectionNamed("garmin_again");
    const things = ["g1", "g2", "g3"].map((row) => note(garmin, row));
    await sealAll(vault, member, [...things, note(again, "a1")], now);
    const copies = [await cellsOf(vault)];
    await correct(here, again, "g1", 2);
    copies.push(await cellsOf(vault));
    await eraseScope(vault, member, rowsScope("a1"), now());
    copies.push(await cellsOf(vault));
    await eraseScope(vault, member, rowsScope("g1"), now());
    const gone = copies.map((cells) => cells.filter(({ row_id }) => ["a1", "g1"].includes(row_id)));
    expect(await stillOpen(here, gone)).toEqual([]);
    expect(await opened(vault, member, now())).toEqual(said(things.slice(1)));
  });
});

describe("a finished erasure", () => {
  test("asks for no key again: the next one leaves other connections' keys alone", async () => {
    const here = await home();
    const { vault, member, now } = here;
    await sealAll(vault, member, [note(garmin, "g1"), note(garmin, "g2"), note(google, "h1")], now);
    await retractRows(vault, member, [retraction(1, "g1")], now());
    await eraseScope(vault, member, rowsScope("g1"), now());
    const lists = await vault.phi
      .prepare("SELECT group_concat(keys) AS keys FROM retraction")
      .first<string>("keys");
    expect(lists).toBe("[]");
    const before = await cellsOf(vault);
    await eraseScope(vault, member, rowsScope("h1"), now());
    expect(await cellsOf(vault)).toEqual(before.filter(({ row_id }) => row_id !== "h1"));
  });

  test.each([
    ["a workout", rowsScope("g1")],
    ["a connection", connectionScope(garmin)],
    ["a member", { kind: "member" } as const],
  ])("of %s is counted in both databases", async (_, scope) => {
    const { vault, member, now } = await home();
    const counts = async () => [
      await vault.phi.prepare("SELECT finishes FROM shard_state").first<number>("finishes"),
      await vault.keyring.database.prepare("SELECT finishes FROM key_state").first("finishes"),
    ];
    await sealAll(vault, member, [note(garmin, "g1"), note(google, "h1")], now);
    expect(await counts()).toEqual([0, 0]);
    await eraseScope(vault, member, rowsScope("nothing"), now());
    expect(await counts()).toEqual([0, 0]);
    await eraseScope(vault, member, scope, now());
    expect(await counts()).toEqual([1, 1]);
  });

  test("is the one's first that has waited longest", async () => {
    const { world, vault, member: ada, now } = await home();
    let ben = await world.enrol("ben", now());
    for (let i = 0; ben.vault !== vault; i++) ben = await world.enrol(`ben${i}`, now());
    for (const [member, until] of [
      [ada, 2],
      [ben.member, 1],
    ] as const)
      await vault.phi
        .prepare("UPDATE member SET lease = 'crashed', lease_until = ? WHERE id = ?")
        .bind(until, member)
        .run();
    expect(ada < ben.member).toBe(true);
    expect(await finishErasures(vault, now(), 1)).toBe(1);
    expect([await isAtRest(vault, ada), await isAtRest(vault, ben.member)]).toEqual([false, true]);
  });

  test("of more rows than an entry holds is declared and journalled in several", async () => {
    const { world, vault, member, now } = await home();
    await sealAll(vault, member, [note(garmin, "g1"), note(garmin, "g2")], now);
    const rows = Array.from({ length: 5_001 }, (_, n) => `gone_${n}`);
    const steps = await eraseScope(vault, member, rowsScope(...rows, "g1"), now());
    expect(steps.find(({ step }) => step === "tombstone")?.count).toBe(5_002);
    expect(journalSize(world, vault)).toBe(2);
    expect(await opened(vault, member, now())).toEqual(said([note(garmin, "g2")]));
    await vault.phi
      .prepare("UPDATE member SET lease = 'crashed', lease_until = 1 WHERE id = ?")
      .bind(member)
      .run();
    await finishErasures(vault, now(), 10);
    expect(journalSize(world, vault)).toBe(4);
    const sizes = await Promise.all(
      [...world.stores.keyring.objects.keys()]
        .filter((key) => key.startsWith(`journal/${vault.shard}/`))
        .map(async (key) => {
          const entry = await (await vault.journal.get(key))?.json<{ scope: { rows: string[] } }>();
          return entry?.scope.rows.length ?? 0;
        }),
    );
    expect(Math.max(...sizes)).toBeLessThanOrEqual(5_000);
    expect(await isAtRest(vault, member)).toBe(true);
  });
});

describe("what an erasure costs", () => {
  const factOf = (n: number) => ({
    row: `f_${String(n).padStart(5, "0")}`,
    revision: 1,
    columns: { title: `"t${n}"`, heart_rate: heart(3), track: "[]", raw_details: `"${n}"` },
  });

  test("one of 300 facts takes fewer than 300 calls to databases and buckets", async () => {
    let calls = 0;
    const here = await home(async () => {
      calls++;
    });
    const { vault, member, now } = here;
    const facts = Array.from({ length: 300 }, (_, n) => factOf(n));
    await sealRows(vault, member, garmin, facts, now());
    expect(await cellsOf(vault)).toHaveLength(900);
    calls = 0;
    const steps = await eraseScope(vault, member, rowsScope("f_00007"), now());
    expect(calls).toBeLessThan(300);
    expect(steps.map(({ step }) => step)).not.toContain("survivors-left");
    expect(Object.keys(await opened(vault, member, now()))).toHaveLength(1_196);
  });

  test("what is more than one invocation may do is gone on with by the hourly run", async () => {
    let calls = 0;
    const here = await home(async () => {
      calls++;
    });
    const { vault, member, now } = here;
    const large = Array.from({ length: 320 }, (_, n) => ({
      ...factOf(n),
      columns: { raw_details: JSON.stringify(`${n}`.padEnd(70_000, "x")) },
    }));
    await sealRows(vault, member, garmin, large, now());
    calls = 0;
    const steps = await eraseScope(vault, member, rowsScope("f_00000"), now());
    expect(steps.map(({ step }) => step)).toContain("survivors-left");
    const runs = [calls];
    for (let run = 0; run < 10 && !(await isAtRest(vault, member)); run++) {
      now.pass(leaseMs);
      calls = 0;
      await finishErasures(vault, now(), 10);
      runs.push(calls);
    }
    expect(runs.length).toBeGreaterThan(1);
    expect(Math.max(...runs)).toBeLessThan(900);
    expect(await isAtRest(vault, member)).toBe(true);
    expect(Object.keys(await opened(vault, member, now()))).toHaveLength(319);
  });
});
