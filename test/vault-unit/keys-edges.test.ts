/** Keys at the edges: gone, replaced, left behind, asked for twice; and what is remembered of them. */
import { describe, expect, test } from "vitest";
import type { Vault } from "../../workers/vault/env.ts";
import { EpochGone } from "../../workers/vault/key-wraps.ts";
import { Keyring } from "../../workers/vault/keyring.ts";
import { versionAfter } from "../../workers/vault/sealed-write.ts";
import { makeWorld, random } from "./world.ts";

const nowMs = 1_000_000;
const none = { renew: [], drop: [] };

async function known() {
  const world = makeWorld();
  const { member, vault } = await world.enrol("a", nowMs);
  const generation = await vault.phi
    .prepare("SELECT key_id FROM member WHERE id = ?")
    .bind(member)
    .first<string>("key_id");
  return { world, vault, of: { member, generation: generation ?? "none" } };
}
const countIn = (vault: Vault, table: string) =>
  vault.keyring.database.prepare(`SELECT count(*) AS n FROM ${table}`).first<number>("n");
/** The same keys in an isolate that remembers nothing, and how often it asks its database. */
function counting(vault: Vault) {
  const asked = { times: 0 };
  const { database, epochs } = vault.keyring;
  const prepare = (sql: string) => {
    asked.times++;
    return database.prepare(sql);
  };
  const counted = { prepare, batch: database.batch.bind(database) } as unknown as D1Database;
  return { asked, keyring: new Keyring(counted, epochs, "test", random) };
}

describe("a data key", () => {
  test("that is held is not asked for again, by its connection or by its id", async () => {
    const { vault, of } = await known();
    const { asked, keyring } = counting(vault);
    const key = await keyring.dataKey(of, "c_1", nowMs);
    asked.times = 0;
    expect(await keyring.dataKey(of, "c_1", nowMs)).toBe(key);
    const id = key?.id ?? "";
    expect((await keyring.dataKeys(of, [id, id], nowMs)).get(id)?.id).toBe(id);
    expect(asked.times).toBe(0);
    expect((await keyring.dataKeys(of, [id, "gone"], nowMs)).size).toBe(1);
    expect(asked.times).toBe(1);
  });

  test("that is there is used, and no other one is made beside it", async () => {
    const { vault, of } = await known();
    const [one, other] = [counting(vault).keyring, counting(vault).keyring];
    const key = await one.dataKey(of, "c_1", nowMs);
    const before = await countIn(vault, "data_key");
    expect((await other.dataKey(of, "c_1", nowMs))?.id).toBe(key?.id);
    expect(await countIn(vault, "data_key")).toBe(before);
  });

  test("is none where the key above it is gone, though its own row is there", async () => {
    const { vault, of } = await known();
    const id = (await vault.keyring.dataKey(of, "c_1", nowMs))?.id ?? "";
    await vault.keyring.database.prepare("DELETE FROM member_key").run();
    const { keyring } = counting(vault);
    expect(await keyring.dataKey(of, "c_1", nowMs)).toBeNull();
    expect((await keyring.dataKeys(of, [id], nowMs)).size).toBe(0);
  });

  test("that seals no more seals no more in the generations that follow", async () => {
    const { vault, of } = await known();
    const { keyring } = vault;
    const id = (await keyring.dataKey(of, "c_1", nowMs))?.id ?? "";
    const renewed = await keyring.nextGeneration(of, { renew: ["c_1"], drop: [] }, nowMs);
    const second = { ...of, generation: renewed ?? "" };
    const third = { ...of, generation: (await keyring.nextGeneration(second, none, nowMs)) ?? "" };
    expect((await keyring.retired(third)).map((key) => key.id)).toEqual([id]);
    expect((await keyring.dataKey(third, "c_1", nowMs))?.id).not.toBe(id);
  });
});

describe("an erased member", () => {
  test("leaves nothing that was remembered to seal with; another stays", async () => {
    const { world, vault, of } = await known();
    const b = await world.enrol("b", nowMs);
    const key = await vault.keyring.dataKey(of, "c_1", nowMs);
    if (key === null) throw new Error("no key");
    for (const member of [of.member, b.member])
      vault.keyring.remember({ ...of, member, connection: "c_1", key }, nowMs);
    expect(vault.keyring.remembered(of.member, "c_1", nowMs)?.key).toBe(key);
    expect(vault.keyring.remembered(of.member, "c_2", nowMs)).toBeNull();
    await vault.keyring.destroyMember(of.member);
    expect(vault.keyring.remembered(of.member, "c_1", nowMs)).toBeNull();
    expect(vault.keyring.remembered(b.member, "c_1", nowMs)?.key).toBe(key);
    expect(await vault.keyring.memberKeys.keep(of, random(32), [], nowMs)).toBe(false);
  });
});

describe("a generation", () => {
  test("that is not there has no next one, and leaves no key behind", async () => {
    const { vault, of } = await known();
    const before = await countIn(vault, "member_key");
    const gone = { ...of, generation: "never" };
    expect(await vault.keyring.nextGeneration(gone, { renew: ["c"], drop: [] }, nowMs)).toBeNull();
    expect(await countIn(vault, "member_key")).toBe(before);
  });

  test("is made once for a member, whoever asks", async () => {
    const { vault } = await known();
    const { memberKeys } = vault.keyring;
    const made = await memberKeys.make("m_new", nowMs);
    expect(await memberKeys.make("m_new", nowMs)).toBe(made);
    expect(await memberKeys.generations("m_new")).toEqual([made]);
    expect(await memberKeys.keep({ member: "m_new", generation: "g" }, random(32), [], nowMs)).toBe(
      true,
    );
  });

  test("drops what is named, and nothing where nothing is", async () => {
    const { vault, of } = await known();
    await vault.keyring.dropGenerations(of.member, []);
    expect(await vault.keyring.memberKeys.generations(of.member)).toEqual([of.generation]);
    await vault.keyring.dropGenerations(of.member, [of.generation]);
    expect(await vault.keyring.memberKeys.generations(of.member)).toEqual([]);
  });

  test("wrapped under the next epoch is the same key, and the old wrap goes with its epoch", async () => {
    const { vault, of } = await known();
    const { memberKeys, epochs, database } = vault.keyring;
    const row = await database
      .prepare("SELECT epoch, wrapped FROM member_key WHERE member = ?")
      .bind(of.member)
      .first<{ epoch: number; wrapped: readonly number[] }>();
    if (row === null) throw new Error("no key");
    await epochs.make(2, nowMs);
    const wrapped = await memberKeys.rewrap(of, row, 2, nowMs);
    const held = await vault.keyring.dataKey(of, "c_1", nowMs);
    await database
      .prepare("UPDATE member_key SET epoch = 2, wrapped = ? WHERE member = ?")
      .bind(wrapped, of.member)
      .run();
    await epochs.destroy(1);
    expect((await counting(vault).keyring.dataKey(of, "c_1", nowMs))?.id).toBe(held?.id);
    await expect(memberKeys.rewrap(of, row, 2, nowMs)).rejects.toThrow(EpochGone);
  });

  test("that a rotation wraps anew while it is opened is read again; an old copy is not", async () => {
    const { world, vault, of } = await known();
    const { database } = vault.keyring;
    const epochs = world.restarted().all[vault.shard]?.keyring.epochs;
    if (epochs === undefined) throw new Error("no epochs");
    await epochs.make(2, nowMs);
    const row = await database
      .prepare("SELECT epoch, wrapped FROM member_key WHERE member = ?")
      .bind(of.member)
      .first<{ epoch: number; wrapped: readonly number[] }>();
    if (row === null) throw new Error("no key");
    const next = await vault.keyring.memberKeys.rewrap(of, row, 2, nowMs);
    await epochs.destroy(1);
    const keyOf = epochs.keyOf.bind(epochs);
    // The rotation ends between the row and its epoch.
    epochs.keyOf = async (n, atMs) => {
      if (n === 1)
        await database
          .prepare("UPDATE member_key SET epoch = 2, wrapped = ? WHERE member = ?")
          .bind(next, of.member)
          .run();
      return keyOf(n, atMs);
    };
    const late = new Keyring(database, epochs, "test", random);
    expect(await late.memberKeys.open(of, nowMs)).not.toBeNull();
    epochs.keyOf = async () => null;
    await expect(late.memberKeys.open(of, nowMs)).rejects.toThrow(EpochGone);
    epochs.keyOf = async () => {
      throw new Error("the bucket is away");
    };
    await expect(late.memberKeys.open(of, nowMs)).rejects.toThrow("the bucket is away");
    await database.prepare("DELETE FROM epoch").run();
    await expect(late.memberKeys.currentEpoch()).rejects.toThrow("no epoch");
  });
});

test("a version is above the one before it and not below the clock", () => {
  expect([versionAfter(0, 50), versionAfter(50, 50), versionAfter(70, 50)]).toEqual([50, 51, 71]);
});
