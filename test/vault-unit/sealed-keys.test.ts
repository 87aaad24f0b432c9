/** What is sealed is not overwritten by who cannot open it, and the member's last word stands. */
import { describe, expect, test } from "vitest";
import type { Vault } from "../../workers/vault/env.ts";
import { withLease } from "../../workers/vault/lease.ts";
import { copySurvivors } from "../../workers/vault/row-copy.ts";
import { sealRows } from "../../workers/vault/sealed-store.ts";
import { at, garmin, heart, held, home, nowMs, texts } from "./sealed-home.ts";
import { connectionNamed, type World } from "./world.ts";

const wahoo = connectionNamed("wahoo");
const restarted = (world: World, { shard }: Vault): Vault => {
  const vault = world.restarted().all[shard];
  if (vault === undefined) throw new Error("no such shard");
  return vault;
};

describe("sealed with a key that is not there", () => {
  test.each([
    ["of its own connection", garmin],
    ["of another connection", wahoo],
  ])("%s: a correction throws, makes no key and loses no column", async (_, connection) => {
    const { world, vault, member } = await home();
    await sealRows(vault, member, wahoo, [at(1, { title: '"w"' }, "f_w")], nowMs);
    await sealRows(vault, member, garmin, [at(1, { title: '"a"', notes: '"n"' })], nowMs);
    const before = await held(vault);
    const [keys] = [world.stores.keys[vault.shard]?.snapshot()];
    for (const { raw } of world.stores.keys)
      raw.exec(`DELETE FROM data_key WHERE connection = '${garmin}'`);
    const late = restarted(world, vault);
    const correction = sealRows(late, member, connection, [at(2, { title: '"b"' })], nowMs);
    await expect(correction).rejects.toMatchObject({ name: "KeyMissing" });
    expect(await held(vault)).toEqual(before);
    const count = await vault.keyring.database
      .prepare("SELECT count(*) AS n FROM data_key WHERE connection = ?")
      .bind(garmin)
      .first<number>("n");
    expect(count).toBe(0);
    world.stores.keys[vault.shard]?.restore(keys as Uint8Array);
    expect(await sealRows(late, member, connection, [at(2, { title: '"b"' })], nowMs)).toBe(
      "sealed",
    );
    expect(await texts(late, member, "notes")).toEqual({ f_1: '"n"' });
  });

  test("a series throws too, though nothing of it is merged", async () => {
    const { world, vault, member } = await home();
    await sealRows(vault, member, garmin, [at(1, { heart_rate: heart(3) })], nowMs);
    for (const { raw } of world.stores.keys) raw.exec("DELETE FROM data_key");
    const late = restarted(world, vault);
    await expect(
      sealRows(late, member, garmin, [at(2, { heart_rate: heart(4) })], nowMs),
    ).rejects.toMatchObject({ name: "KeyMissing" });
  });

  test("because its generation is gone, while the key to seal with is remembered: throws", async () => {
    const { world, vault, member } = await home();
    await sealRows(vault, member, wahoo, [at(1, { title: '"a"', notes: '"n"' })], nowMs);
    const late = restarted(world, vault);
    await sealRows(late, member, garmin, [at(1, { title: '"g"' }, "f_g")], nowMs);
    for (const { raw } of world.stores.keys)
      raw.exec("DELETE FROM data_key; DELETE FROM member_key");
    const before = await held(vault);
    await expect(sealRows(late, member, garmin, [at(2, { title: '"b"' })], nowMs)).rejects.toThrow(
      "being replaced",
    );
    expect(await held(vault)).toEqual(before);
  });

  test("because its connection was erased, is no loss: another one's correction stands alone", async () => {
    const { world, vault, member } = await home();
    await sealRows(vault, member, garmin, [at(5, { title: '"a"', notes: '"n"' })], nowMs);
    await vault.phi
      .prepare("INSERT INTO ended_connection (member, connection, at) VALUES (?, ?, 1)")
      .bind(member, garmin)
      .run();
    for (const { raw } of world.stores.keys)
      raw.exec(`DELETE FROM data_key WHERE connection = '${garmin}'`);
    const late = restarted(world, vault);
    expect(await sealRows(late, member, wahoo, [at(2, { title: '"b"' })], nowMs)).toBe("sealed");
    expect(await texts(late, member, "title")).toEqual({ f_1: '"b"' });
    expect(await texts(late, member, "notes")).toEqual({});
  });

  test("what an ended connection left is not carried over while its key is still there", async () => {
    const { vault, member } = await home();
    await sealRows(vault, member, garmin, [at(1, { title: '"a"', notes: '"n"' })], nowMs);
    await vault.phi
      .prepare("INSERT INTO ended_connection (member, connection, at) VALUES (?, ?, 1)")
      .bind(member, garmin)
      .run();
    await sealRows(vault, member, wahoo, [at(2, { title: '"b"' })], nowMs);
    expect(await texts(vault, member, "notes")).toEqual({});
  });
});

describe("the member's own rows", () => {
  test("are what was said last, by whatever clock", async () => {
    const { vault, member } = await home();
    const [row, column] = [connectionNamed("x"), "privacy_zones"];
    const self = "self" as typeof garmin;
    const say = (revision: number, value: string) =>
      sealRows(vault, member, self, [at(revision, { [column]: value }, row)], nowMs);
    await say(5_000, '"first"');
    expect(await say(1_000, '"second"')).toBe("sealed");
    expect(await texts(vault, member, column, [row])).toEqual({ [row]: '"second"' });
    const before = await held(vault);
    await say(2_000, '"second"');
    expect(await held(vault)).toEqual(before);
    await say(9_000, '"third"');
    expect(await texts(vault, member, column, [row])).toEqual({ [row]: '"third"' });
  });
});

test("tokens are what was asked for last, whoever seals them later", async () => {
  const { vault, member } = await home();
  const say = (revision: number, value: string) =>
    sealRows(vault, member, garmin, [at(revision, { token: value }, garmin)], nowMs);
  await say(5_000, '"second"');
  expect(await say(4_999, '"first"')).toBe("sealed");
  expect(await texts(vault, member, "token", [garmin])).toEqual({ [garmin]: '"second"' });
  await say(5_001, '"third"');
  expect(await texts(vault, member, "token", [garmin])).toEqual({ [garmin]: '"third"' });
});

describe("a copy of survivors", () => {
  test("that was cut short goes on where it stopped, and is whole", async () => {
    const { world, vault, member } = await home();
    const rows = Array.from({ length: 250 }, (_, n) => at(1, { title: `"${n}"` }, `f_${n}`));
    await sealRows(vault, member, garmin, rows, nowMs);
    const writes: string[] = [];
    const put = vault.objects.put.bind(vault.objects);
    vault.objects.put = ((...args: Parameters<typeof put>) => {
      writes.push(String(args[0]));
      return put(...args);
    }) as typeof put;
    const done: boolean[] = [];
    await withLease(vault, member, nowMs, async (lease) => {
      for (let run = 0; run < 9 && !done.at(-1); run++)
        done.push(await copySurvivors(vault, lease, garmin, () => nowMs, { calls: 1 }));
      return { done: true, value: undefined };
    });
    expect(done).toEqual([false, false, true]);
    expect(new Set(writes).size).toBe(3);
    expect(writes).toHaveLength(3);
    const copied = await Promise.all(
      [...world.stores.sealed.objects.keys()].map(async (name) => {
        const part = await vault.objects.get(name);
        return (await part?.json<{ row: string }[]>())?.map(({ row }) => row) ?? [];
      }),
    );
    expect(copied.flat().sort()).toEqual(rows.map(({ row }) => row).sort());
  });
});

describe("sealing for a member whose row is not there", () => {
  test("throws while the directory knows them: it is an old copy, and nothing is let go of", async () => {
    const { vault, member } = await home();
    await vault.phi.prepare("DELETE FROM member").run();
    const sealing = sealRows(vault, member, garmin, [at(1, { title: '"a"' })], nowMs);
    await expect(sealing).rejects.toMatchObject({ name: "Restored" });
    await vault.directory.markErased(member, nowMs);
    const late = sealRows(vault, member, garmin, [at(1, { title: '"a"' })], nowMs);
    expect(await late).toBe("forgotten");
  });
});
