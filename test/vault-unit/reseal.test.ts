import { describe, expect, test } from "vitest";
import type { MemberId } from "../../domain/identity.ts";
import type { Vault } from "../../workers/vault/env.ts";
import { listParked, openParked, parkItems } from "../../workers/vault/parked-store.ts";
import { resealRetired } from "../../workers/vault/reseal.ts";
import { sealRows } from "../../workers/vault/sealed-store.ts";
import { putBack, sealedUnder } from "../../workers/vault/survivors.ts";
import { at, garmin, generationOf, heart, held, home, long, nowMs, texts } from "./sealed-home.ts";
import { connectionNamed } from "./world.ts";

describe("sealing anew", () => {
  const wahoo = connectionNamed("wahoo");

  /** A member with much under one connection, whose data key is then retired. */
  async function retired() {
    const { world, member, vault } = await home();
    const rows = Array.from({ length: 7 }, (_, n) =>
      at(n + 1, { title: `"t${n}"`, heart_rate: n === 3 ? long : heart(n + 1) }, `f_${n}`),
    );
    await sealRows(vault, member, garmin, [...rows, at(1, { notes: null }, "f_empty")], nowMs);
    await sealRows(vault, member, wahoo, [at(1, { title: '"w"' }, "f_w")], nowMs);
    const item = { member, connection: garmin, provider: "garmin", reason: "bad", body: "{" };
    await parkItems(world.shards, [item], nowMs);
    const of = { member, generation: await generationOf(vault, member) };
    const next = await vault.keyring.nextGeneration(of, { renew: [garmin], drop: [] }, nowMs);
    await vault.phi.prepare("UPDATE member SET key_id = ?").bind(next).run();
    await vault.keyring.dropGenerations(member, [of.generation]);
    const now = { member, generation: next ?? "" };
    const [key] = await vault.keyring.retired(now);
    if (key === undefined) throw new Error("nothing is retired");
    return { world, member, vault, rows, item, of: now, key };
  }
  /** The key and everything under it are gone for good. */
  async function destroyed(vault: Vault, of: { member: MemberId; generation: string }, id: string) {
    const last = await vault.keyring.nextGeneration(of, { renew: [], drop: [id] }, nowMs);
    await vault.phi.prepare("UPDATE member SET key_id = ?").bind(last).run();
    await vault.keyring.dropGenerations(of.member, [of.generation]);
  }

  test("keeps everything readable without the retired key, however often it is cut off", async () => {
    const { world, member, vault, rows, item, of, key } = await retired();
    const left = [];
    for (let step = 0; step < 30 && left.at(-1) !== 0; step++)
      left.push((await resealRetired(vault, of, key, 3, nowMs)).left);
    expect(left).toEqual([13, 10, 7, 4, 1, 0]);
    await destroyed(vault, of, key.id);
    for (const { row, columns } of rows)
      for (const [column, value] of Object.entries(columns))
        expect(await texts(vault, member, column, [row])).toEqual({ [row]: value });
    expect(await texts(vault, member, "title", ["f_w"])).toEqual({ f_w: '"w"' });
    const [parked] = (await listParked(world.shards, null, 10)).items;
    expect((await openParked(vault, parked?.id ?? "", nowMs))?.body).toBe("{");
    const before = await held(vault);
    await sealRows(vault, member, garmin, rows, nowMs);
    await parkItems(world.shards, [item], nowMs);
    expect(await held(vault)).toEqual(before);
    expect((await listParked(world.shards, null, 10)).items).toHaveLength(1);
    expect(world.stores.sealed.objects.size).toBe(1);
    expect((await resealRetired(vault, of, key, 3, nowMs)).left).toBe(0);
  });

  test("merges into what is still under the retired key", async () => {
    const { member, vault, of, key } = await retired();
    await sealRows(vault, member, garmin, [at(9, { notes: '"n"' }, "f_2")], nowMs);
    while ((await resealRetired(vault, of, key, 50, nowMs)).left > 0);
    await destroyed(vault, of, key.id);
    expect(await texts(vault, member, "title", ["f_2"])).toEqual({ f_2: '"t2"' });
    expect(await texts(vault, member, "notes", ["f_2"])).toEqual({ f_2: '"n"' });
  });

  test("lets go of what opens for nobody any more, so that the key may go", async () => {
    const { world, vault, member, of, key } = await retired();
    world.stores.sealed.objects.clear();
    await vault.phi
      .prepare("UPDATE sealed SET body = x'00' WHERE row_id = 'f_1' AND group_name = 'words'")
      .run();
    expect((await resealRetired(vault, of, key, 50, nowMs)).left).toBe(0);
    expect(await texts(vault, member, "title", ["f_0", "f_1", "f_3"])).toEqual({
      f_0: '"t0"',
      f_3: '"t3"',
    });
    expect(await texts(vault, member, "heart_rate", ["f_1", "f_3"])).toEqual({ f_1: heart(2) });
  });

  test("lets go of nothing while a key is not there or does not open", async () => {
    const { world, vault, of, key } = await retired();
    const before = await held(vault);
    const keys = world.stores.keys.map((store) => store.snapshot());
    for (const change of [
      "DELETE FROM data_key WHERE retired = 1",
      "UPDATE member_key SET epoch = 77",
      "DELETE FROM member_key",
      "UPDATE data_key SET wrapped = x'00'",
    ]) {
      for (const { raw } of world.stores.keys) raw.exec(change);
      const late = world.restarted().all[vault.shard] as Vault;
      await expect(resealRetired(late, of, key, 50, nowMs), change).rejects.toThrow();
      expect(await held(vault), change).toEqual(before);
      world.stores.keys.forEach((store, n) => {
        store.restore(keys[n] as Uint8Array);
      });
    }
    const { left } = await resealRetired(vault, of, key, 50, nowMs);
    expect(left).toBe(0);
    expect(await held(vault)).toHaveLength(before.length);
  });

  test("tells nobody by the version when it was done", async () => {
    const { vault, of, key } = await retired();
    const versions = async () =>
      new Map((await held(vault)).map((row) => [row.row_id + row.group_name, row]));
    const before = await versions();
    await resealRetired(vault, of, key, 50, nowMs + 1_000_000);
    for (const [name, row] of await versions()) {
      const was = before.get(name)?.version ?? 0;
      expect(row.version).toBe(row.row_id === "f_w" ? was : was + 1);
    }
  });

  test("remembers what else a cell was sealed with that it lets go of", async () => {
    const { vault, member, of, key } = await retired();
    await vault.phi
      .prepare(
        "UPDATE sealed SET body = x'00', keys = json_insert(keys, '$[#]', 'other') WHERE row_id = 'f_1'",
      )
      .run();
    await resealRetired(vault, of, key, 50, nowMs);
    const keys = await vault.phi
      .prepare("SELECT keys FROM retraction WHERE member = ? AND row_id = 'f_1'")
      .bind(member)
      .first<string>("keys");
    expect(JSON.parse(keys ?? "[]")).toContain("other");
    await sealRows(vault, member, garmin, [at(1, { title: '"back"' }, "f_1")], nowMs);
    expect(await texts(vault, member, "title", ["f_1"])).toEqual({ f_1: '"back"' });
  });

  test("refuses a generation that is not the member's", async () => {
    const { vault, of, key } = await retired();
    await vault.phi.prepare("UPDATE member SET key_id = 'another'").run();
    await expect(resealRetired(vault, of, key, 5, nowMs)).rejects.toThrow("not the one");
  });

  test("has survivors that are copied and put back into an older database", async () => {
    const { world, member, vault, rows, of, key } = await retired();
    const older = world.stores.phi.map((store) => store.snapshot());
    while ((await resealRetired(vault, of, key, 50, nowMs)).left > 0);
    const live = (await vault.keyring.dataKey(of, garmin, nowMs))?.id ?? "";
    const copy = [];
    let after: string | null = null;
    for (let page = 0; page < 20; page++) {
      const { items, next } = await sealedUnder(vault, member, live, after, 4);
      copy.push(...(JSON.parse(JSON.stringify(items)) as typeof items));
      after = next;
      if (after === null) break;
    }
    expect(copy).toHaveLength(16);
    world.stores.phi.forEach((store, n) => {
      store.restore(older[n] as Uint8Array);
    });
    await destroyed(vault, of, key.id);
    expect(await texts(vault, member, "title", ["f_2"])).toEqual({});
    await vault.phi
      .prepare("INSERT INTO retraction (member, row_id, revision) VALUES (?, 'f_0', 99)")
      .bind(member)
      .run();
    expect(await putBack(vault, copy, nowMs)).toBe(14);
    expect(await putBack(vault, copy, nowMs)).toBe(0);
    for (const { row, columns } of rows.slice(1))
      for (const [column, value] of Object.entries(columns))
        expect(await texts(vault, member, column, [row])).toEqual({ [row]: value });
  });
});
