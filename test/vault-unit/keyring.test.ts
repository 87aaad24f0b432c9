/** Keys of one shard and those above them: made once, bound to their place, gone when they are gone. */
import { describe, expect, test } from "vitest";
import { Unopenable } from "../../workers/vault/chunked.ts";
import type { Vault } from "../../workers/vault/env.ts";
import { type Context, open, seal } from "../../workers/vault/envelope.ts";
import { EpochGone, type Generation } from "../../workers/vault/key-wraps.ts";
import type { Keyring } from "../../workers/vault/keyring.ts";
import { makeWorld, random, type World } from "./world.ts";

const nowMs = 1_000_000;
const none = { renew: [], drop: [] };

interface Known {
  readonly world: World;
  readonly vault: Vault;
  readonly of: Generation;
}

async function known(): Promise<Known> {
  const world = makeWorld();
  const { member, vault } = await world.enrol("a", nowMs);
  return { world, vault, of: { member, generation: await generationOf(vault, member) } };
}

const generationOf = async (vault: Vault, member: string): Promise<string> =>
  (await vault.phi
    .prepare("SELECT key_id FROM member WHERE id = ?")
    .bind(member)
    .first<string>("key_id")) ?? "none";

/** The same shard in another isolate, which remembers nothing. */
const elsewhere = ({ world, vault }: Known): Keyring =>
  world.restarted().all[vault.shard]?.keyring as Keyring;

const context: Context = {
  environment: "test",
  member: "m_a",
  table: "sealed",
  column: "words",
  row: "r",
  schema: 2,
  keyId: "k",
};
const text = new TextEncoder().encode("seventy");
/** Tells two keys apart, or the same one again. */
const sealedBy = (key: CryptoKey) => seal(key, context, text, random);
const opens = async (key: CryptoKey | undefined, sealed: Awaited<ReturnType<typeof sealedBy>>) =>
  key !== undefined && (await open(key, context, sealed).then(Boolean, () => false));

describe("a data key", () => {
  test("is made once for a connection, whoever asks first, and is another for another", async () => {
    const here = await known();
    const keys = await Promise.all([
      here.vault.keyring.dataKey(here.of, "c_1", nowMs),
      elsewhere(here).dataKey(here.of, "c_1", nowMs),
      elsewhere(here).dataKey(here.of, "c_1", nowMs),
    ]);
    expect(new Set(keys.map((key) => key?.id)).size).toBe(1);
    const sealed = await sealedBy((keys[0] as { key: CryptoKey }).key);
    for (const key of keys) expect(await opens(key?.key, sealed)).toBe(true);
    const other = await here.vault.keyring.dataKey(here.of, "c_2", nowMs);
    expect(await opens(other?.key, sealed)).toBe(false);
  });

  test("does not unwrap in another row, generation or epoch", async () => {
    const here = await known();
    const first = await here.vault.keyring.dataKey(here.of, "c_1", nowMs);
    const keys = here.vault.keyring.database;
    const ids = [first?.id ?? ""];
    await keys.prepare("DELETE FROM data_key WHERE connection = 'log'").run();
    await keys.prepare("UPDATE data_key SET connection = 'c_2'").run();
    await expect(elsewhere(here).dataKeys(here.of, ids, nowMs)).rejects.toThrow(Unopenable);
    await keys.prepare("UPDATE data_key SET connection = 'c_1', generation = 'g'").run();
    const moved = { ...here.of, generation: "g" };
    expect((await elsewhere(here).dataKeys(moved, ids, nowMs)).size).toBe(0);
    await keys.prepare("UPDATE member_key SET key_id = 'g'").run();
    await expect(elsewhere(here).dataKeys(moved, ids, nowMs)).rejects.toThrow(Unopenable);
    await here.vault.keyring.epochs.make(2, nowMs);
    await keys
      .prepare("UPDATE member_key SET key_id = ?, epoch = 2")
      .bind(here.of.generation)
      .run();
    await keys.prepare("UPDATE data_key SET generation = ?").bind(here.of.generation).run();
    await expect(elsewhere(here).dataKeys(here.of, ids, nowMs)).rejects.toThrow(Unopenable);
    await keys.prepare("UPDATE member_key SET epoch = 1").run();
    expect((await elsewhere(here).dataKeys(here.of, ids, nowMs)).size).toBe(1);
  });

  test("is not made under a generation that is gone or being replaced", async () => {
    const here = await known();
    await here.vault.keyring.nextGeneration(here.of, none, nowMs);
    expect(await here.vault.keyring.dataKey(here.of, "c_1", nowMs)).toBeNull();
    const nobody = { ...here.of, generation: "never" };
    expect(await here.vault.keyring.dataKey(nobody, "c_1", nowMs)).toBeNull();
  });
});

describe("the next generation", () => {
  test("carries every data key over, but for those that are left behind or renewed", async () => {
    const here = await known();
    const { keyring } = here.vault;
    const made = async (connection: string) => {
      const key = await keyring.dataKey(here.of, connection, nowMs);
      if (key === null) throw new Error(connection);
      return { id: key.id, sealed: await sealedBy(key.key) };
    };
    const [kept, dropped, renewed] = [await made("kept"), await made("dropped"), await made("new")];
    const generation = await keyring.nextGeneration(
      here.of,
      { renew: ["new"], drop: [dropped.id] },
      nowMs,
    );
    const next = { ...here.of, generation: generation ?? "none" };
    await keyring.dropGenerations(here.of.member, [here.of.generation]);
    const ids = [kept.id, dropped.id, renewed.id];
    const left = await elsewhere(here).dataKeys(next, ids, nowMs);
    expect([...left.keys()].sort()).toEqual([kept.id, renewed.id].sort());
    expect(await opens(left.get(kept.id)?.key, kept.sealed)).toBe(true);
    expect(await opens(left.get(renewed.id)?.key, renewed.sealed)).toBe(true);
    expect((await keyring.dataKey(next, "kept", nowMs))?.id).toBe(kept.id);
    const fresh = await keyring.dataKey(next, "new", nowMs);
    expect(fresh?.id).not.toBe(renewed.id);
    expect(await opens(fresh?.key, renewed.sealed)).toBe(false);
    expect(await keyring.retired(next)).toEqual([{ id: renewed.id, connection: "new" }]);
    expect((await elsewhere(here).dataKeys(here.of, ids, nowMs)).size).toBe(0);
  });

  test("is not made for an erased member, nor is any other key", async () => {
    const here = await known();
    const { keyring } = here.vault;
    await keyring.dataKey(here.of, "c_1", nowMs);
    const withTheOneOfTheLog = 3;
    expect(await keyring.destroyMember(here.of.member)).toBe(withTheOneOfTheLog);
    expect(await keyring.nextGeneration(here.of, none, nowMs)).toBeNull();
    expect(await keyring.memberKeys.make(here.of.member, nowMs)).toBeNull();
    expect(await keyring.dataKey(here.of, "c_1", nowMs)).toBeNull();
    for (const table of ["member_key", "data_key"])
      expect(await keyring.database.prepare(`SELECT count(*) AS n FROM ${table}`).first("n")).toBe(
        0,
      );
  });
});

describe("an epoch", () => {
  test("that is destroyed opens nothing, in no isolate that has to ask for it", async () => {
    const here = await known();
    const key = await here.vault.keyring.dataKey(here.of, "c_1", nowMs);
    await here.vault.keyring.epochs.make(2, nowMs);
    await here.vault.keyring.epochs.destroy(1);
    await expect(elsewhere(here).dataKeys(here.of, [key?.id ?? ""], nowMs)).rejects.toThrow(
      EpochGone,
    );
  });

  test("that was destroyed is not made again because a database remembers it", async () => {
    const here = await known();
    await here.vault.keyring.epochs.make(2, nowMs);
    await here.vault.keyring.epochs.destroy(1);
    const late = here.world.restarted().epochs;
    expect(await late.keyOf(1, nowMs)).toBeNull();
    expect((await late.list()).map(({ n }) => n)).toEqual([2]);
  });

  test("refuses a writer that remembers the one before", async () => {
    const here = await known();
    const { keyring } = here.vault;
    await keyring.epochs.make(2, nowMs);
    const slow = elsewhere(here);
    slow.memberKeys.currentEpoch = async () => 1;
    await keyring.database.prepare("UPDATE epoch SET current = 2").run();
    await expect(slow.memberKeys.make("m_late", nowMs)).rejects.toThrow("epoch kept changing");
    await expect(slow.nextGeneration(here.of, none, nowMs)).rejects.toThrow("epoch kept changing");
    expect(await keyring.memberKeys.make("m_new", nowMs)).not.toBeNull();
    expect(await keyring.nextGeneration(here.of, none, nowMs)).not.toBeNull();
  });
});

describe("a root key", () => {
  test("that is replaced opens everything until the last wrap is renewed, and nothing after", async () => {
    const here = await known();
    const key = await here.vault.keyring.dataKey(here.of, "c_1", nowMs);
    const ids = [key?.id ?? ""];
    const before = here.world.env.ROOT_KEY;
    const after = Buffer.from(random(32)).toString("base64");
    const person = await here.world.shards.epochs.principalKey(nowMs);
    const proof = await sealedBy(person);
    const both = { ROOT_KEY: after, ROOT_KEY_PREVIOUS: before };
    const keyringUnder = (changes: object) =>
      here.world.restarted(changes).all[here.vault.shard]?.keyring as Keyring;
    expect((await keyringUnder(both).dataKeys(here.of, ids, nowMs)).size).toBe(1);
    const none = keyringUnder({ ROOT_KEY: after });
    await expect(none.dataKeys(here.of, ids, nowMs)).rejects.toThrow("root key");
    expect(await here.world.restarted(both).epochs.rewrap()).toBe(2);
    expect(await here.world.restarted(both).epochs.rewrap()).toBe(0);
    const alone = { ROOT_KEY: after };
    expect((await keyringUnder(alone).dataKeys(here.of, ids, nowMs)).size).toBe(1);
    const same = await here.world.restarted(alone).epochs.principalKey(nowMs);
    expect(await opens(same, proof)).toBe(true);
    await expect(keyringUnder({}).dataKeys(here.of, ids, nowMs)).rejects.toThrow("root key");
  });

  test("of the wrong length is refused", async () => {
    const world = makeWorld();
    const { epochs } = world.restarted({ ROOT_KEY: btoa("short") });
    await expect(epochs.keyOf(1, nowMs)).rejects.toThrow("32 bytes");
  });
});
