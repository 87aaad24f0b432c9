/**
 * What a rotation must not lose: shards that are not in sight, members of a copy that two workers
 * make, data keys that a copy lacks. And how often it may ask.
 */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { MemberId } from "../../domain/identity.ts";
import { makeShards, type Shards, type Vault, type VaultEnv } from "../../workers/vault/env.ts";
import { keepEpochs, keepHouse, rotationCron } from "../../workers/vault/hourly.ts";
import {
  type CopiedKey,
  copiesAfter,
  copyEpoch,
  putBackKeys,
} from "../../workers/vault/key-copy.ts";
import { epochAgeMsMax, rotateEpoch } from "../../workers/vault/rotation.ts";
import { RotationRun } from "../../workers/vault/rotation-run.ts";
import { keysStatus, openShard } from "../../workers/vault/shard-status.ts";
import { isTurnOf } from "../../workers/vault/shares.ts";
import { makeWorld, random, type World } from "./world.ts";

const nowMs = Date.UTC(2026, 10, 21);
const stepsMax = 60;

async function untilDone(shards: Shards): Promise<void> {
  for (let step = 1; step <= stepsMax; step++)
    if ((await rotateEpoch(shards, nowMs, 1_000)).done) return;
  throw new Error("the rotation does not end");
}

const epochsOf = async (shards: Shards): Promise<number[]> =>
  (await shards.epochs.list()).map(({ n }) => n);

const vaultAt = (shards: Shards, shard: number): Vault => {
  const vault = shards.all[shard];
  if (vault === undefined) throw new Error(`shard ${shard}`);
  return vault;
};

async function generationOf({ phi }: Vault, member: string): Promise<string> {
  const key = await phi.prepare("SELECT key_id FROM member WHERE id = ?").bind(member).first();
  return (key as { key_id: string }).key_id;
}

/** A data key of the connection, by its id. */
async function link(vault: Vault, member: MemberId, connection: string): Promise<string> {
  const of = { member, generation: await generationOf(vault, member) };
  const key = await vault.keyring.dataKey(of, connection, nowMs);
  if (key === null) throw new Error(`${member} has no data key`);
  return key.id;
}

async function opens(vault: Vault, member: MemberId, id: string): Promise<boolean> {
  const of = { member, generation: await generationOf(vault, member) };
  return (await vault.keyring.dataKeys(of, [id], nowMs)).has(id);
}

/** Members on every shard; a data key of each. */
async function filled(world: World, open: readonly number[], count: number) {
  for (const { shard } of world.shards.all)
    await world.shards.directory.setOpen(shard, open.includes(shard));
  const everyone: { member: MemberId; shard: number; id: string }[] = [];
  for (let i = 0; i < count; i++) {
    const { member, vault } = await world.enrol(`n${String(i).padStart(4, "0")}`, nowMs);
    everyone.push({ member, shard: vault.shard, id: await link(vault, member, "self") });
  }
  return everyone;
}

const unbound = (n: number): Partial<VaultEnv> => ({ [`PHI_${n}`]: undefined });
const isMissing = expect.objectContaining({ name: "ShardMissing" });

describe("a shard that is not in sight", () => {
  const ways: readonly [string, (world: World) => Shards, (world: World) => void][] = [
    ["its binding is gone", (world) => world.restarted(unbound(1)), () => {}],
    [
      "its tables are not there",
      (world) => {
        world.stores.phi[1]?.raw.exec("ALTER TABLE shard_state RENAME TO away");
        return world.restarted();
      },
      (world) => world.stores.phi[1]?.raw.exec("ALTER TABLE away RENAME TO shard_state"),
    ],
  ];
  it.each(ways)("because %s keeps every epoch, and the rotation ends with it", async (...way) => {
    const [, hide, show] = way;
    for (const begun of [false, true]) {
      const world = makeWorld({ shards: 3 });
      const everyone = await filled(world, [1, 2], 8);
      expect(new Set(everyone.map(({ shard }) => shard))).toEqual(new Set([1, 2]));
      await world.shards.directory.setOpen(0, true);
      await world.shards.directory.setOpen(1, false);
      if (begun) await rotateEpoch(world.shards, nowMs, 1);
      const less = hide(world);
      for (let step = 0; step < 3; step++)
        await expect(rotateEpoch(less, nowMs, 1_000)).rejects.toThrow(isMissing);
      expect(await epochsOf(less)).toEqual(begun ? [1, 2] : [1]);
      const { shards } = await keysStatus(less);
      expect(shards.find(({ shard }) => shard === 1)?.missing).toBe(true);
      show(world);
      await untilDone(world.restarted());
      expect(await epochsOf(world.shards)).toEqual([2]);
      const whole = world.restarted();
      for (const { member, shard, id } of everyone)
        expect(await opens(vaultAt(whole, shard), member, id)).toBe(true);
    }
  });

  it("and was opened during the rotation keeps the epoch from being destroyed", async () => {
    const world = makeWorld();
    await filled(world, [0, 1], 4);
    const run = new RotationRun();
    await rotateEpoch(world.shards, nowMs, 1, run);
    await world.shards.directory.setOpen(2, true);
    const toTheEnd = async () => {
      while (!(await rotateEpoch(world.shards, nowMs, 100, run)).done);
    };
    await expect(toTheEnd()).rejects.toThrow(isMissing);
    expect(await epochsOf(world.shards)).toEqual([1, 2]);
  });

  it("and has no members can be closed; the last one that is bound cannot", async () => {
    const world = makeWorld({ shards: 1 });
    await world.enrol("ada", nowMs);
    await expect(rotateEpoch(world.shards, nowMs, 100)).rejects.toThrow(isMissing);
    expect(await openShard(world.shards, 0, false)).toEqual({ refused: "last-open-shard" });
    const status = await openShard(world.shards, 1, false);
    expect(status).toMatchObject({ shards: [{ shard: 0, open: true }] });
    await untilDone(world.shards);
    expect(await openShard(world.shards, 1, false)).toEqual({ refused: "not-found" });
  });

  it("when rotations come and go while it is opened takes new members all the same", async () => {
    const world = makeWorld({ shards: 3 });
    await filled(world, [0, 1], 2);
    await world.shards.directory.setOpen(2, false);
    const { directory } = world.shards;
    const setOpen = directory.setOpen.bind(directory);
    directory.setOpen = async (...args) => {
      await untilDone(world.restarted({ ...unbound(2), KEYS_2: undefined } as Partial<VaultEnv>));
      await setOpen(...args);
    };
    await openShard(world.shards, 2, true);
    directory.setOpen = setOpen;
    for (const shard of [0, 1]) await setOpen(shard, false);
    const { member, vault } = await world.enrol("late", nowMs);
    expect(vault.shard).toBe(2);
    const id = await link(vault, member, "self");
    expect(await opens(vaultAt(world.restarted(), 2), member, id)).toBe(true);
  });
});

async function copiedKeys(vault: Vault, epoch: number): Promise<CopiedKey[]> {
  return (await copiesAfter(vault, epoch, "", 1_000)).flatMap(({ keys }) => keys);
}
const copiedMembers = async (vault: Vault, epoch: number): Promise<string[]> =>
  [...new Set((await copiedKeys(vault, epoch)).map(({ member }) => member))].sort();

/** The same shard for a worker whose writes to the bucket wait. */
const slow = (vault: Vault, until: Promise<void>): Vault => ({
  ...vault,
  journal: new Proxy(vault.journal, {
    get: (journal, name) =>
      name === "put"
        ? async (...args: Parameters<typeof journal.put>) => {
            await until;
            return journal.put(...args);
          }
        : Reflect.get(journal, name),
  }),
});

async function copyAll(vault: Vault, rowsMax: number): Promise<void> {
  for (let step = 0; step < stepsMax; step++)
    if ((await copyEpoch(vault, 1, nowMs, rowsMax)).done) return;
  throw new Error("the copy does not end");
}

describe("a copy of the living keys", () => {
  it.each([
    [35, 20],
    [20, 35],
    [10, 7],
  ])("by a worker of budget %i and one of %i that is slow has every member", async (fast, late) => {
    const world = makeWorld({ shards: 1 });
    const everyone = (await filled(world, [0], 30)).map(({ member }) => member).sort();
    const vault = vaultAt(world.shards, 0);
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const slower = copyEpoch(slow(vault, released), 1, nowMs, late);
    await copyAll(vault, fast);
    release();
    await slower;
    expect(await copiedMembers(vault, 1)).toEqual(everyone);
    await copyAll(vault, late);
    expect(await copiedMembers(vault, 1)).toEqual(everyone);
  });

  it("has every member however many workers made it, once one of them says so", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.infiniteStream(fc.nat(4)),
        fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 2, maxLength: 4 }),
        async (pauses, budgets) => {
          const gate = async () => {
            for (let turns = pauses.next().value ?? 0; turns > 0; turns--)
              await new Promise((wake) => setImmediate(wake));
          };
          const world = makeWorld({ shards: 1, gate });
          const everyone = (await filled(world, [0], 12)).map(({ member }) => member).sort();
          const looks = budgets.map(async (rowsMax) => {
            const vault = vaultAt(world.restarted(), 0);
            await copyAll(vault, rowsMax);
            expect(await copiedMembers(vault, 1)).toEqual(everyone);
          });
          await Promise.all(looks);
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe("keys that are put back from copies under two epochs", () => {
  /** Killed before the older epoch goes: both are there, and the later copy knows one link more. */
  async function killed() {
    let isCut = false;
    const world = makeWorld({
      shards: 1,
      gate: async () => {
        if (isCut) throw new Error("killed");
      },
    });
    const [ada] = await filled(world, [0], 1);
    if (ada === undefined) throw new Error("nobody");
    await world.shards.directory.setOpen(1, false);
    await untilDone(world.shards);
    const keys = world.stores.keys[0];
    const before = keys?.snapshot();
    const linked = await link(vaultAt(world.shards, 0), ada.member, "later");
    const { epochs } = world.shards;
    epochs.destroy = async () => {
      isCut = true;
      throw new Error("killed");
    };
    await expect(untilDone(world.shards)).rejects.toThrow("killed");
    isCut = false;
    if (before === undefined) throw new Error("no copy");
    return { world, ada, linked, before, keys };
  }

  async function putBack(shards: Shards): Promise<void> {
    const epochs = await epochsOf(shards);
    expect(epochs).toEqual([2, 3]);
    const vault = vaultAt(shards, 0);
    for (const epoch of epochs) await putBackKeys(vault, await copiedKeys(vault, epoch), epochs);
  }

  it.each(["an old copy", "nothing"])("into %s lose no link made in between", async (into) => {
    const { world, ada, linked, before, keys } = await killed();
    keys?.restore(before);
    if (into === "nothing") keys?.raw.exec("DELETE FROM member_key; DELETE FROM data_key");
    const shards = world.restarted();
    const vault = vaultAt(shards, 0);
    expect(await opens(vault, ada.member, linked)).toBe(false);
    await putBack(shards);
    expect(await opens(vault, ada.member, linked)).toBe(true);
    expect(await opens(vault, ada.member, ada.id)).toBe(true);
    expect(await link(vaultAt(world.restarted(), 0), ada.member, "later")).toBe(linked);
  });

  it("take a second key of one connection as a retired one", async () => {
    const { world, ada, linked, before, keys } = await killed();
    keys?.restore(before);
    const shards = world.restarted();
    const vault = vaultAt(shards, 0);
    const again = await link(vault, ada.member, "later");
    expect(again).not.toBe(linked);
    await putBack(shards);
    const fresh = vaultAt(world.restarted(), 0);
    expect(await opens(fresh, ada.member, linked)).toBe(true);
    expect(await link(fresh, ada.member, "later")).toBe(again);
  });

  it("bring nothing back for a member who is gone", async () => {
    const { world, ada, keys } = await killed();
    const shards = world.restarted();
    const vault = vaultAt(shards, 0);
    await vault.keyring.destroyMember(ada.member);
    await putBack(shards);
    for (const table of ["member_key", "data_key"])
      expect(keys?.raw.prepare(`SELECT count(*) AS n FROM ${table}`).get()).toEqual({ n: 0 });
  });
});

describe("a key that does not open", () => {
  it("is told by its shard as long as the rotation waits for it", async () => {
    const world = makeWorld();
    const everyone = await filled(world, [0, 1], 6);
    const [ada] = everyone;
    world.stores.keys[ada?.shard ?? -1]?.raw
      .prepare("UPDATE member_key SET wrapped = zeroblob(104) WHERE member = ?")
      .run(ada?.member ?? "");
    const left = async () => (await keysStatus(world.shards)).shards.map((shard) => shard.left);
    expect(await left()).toEqual([0, 0]);
    await rotateEpoch(world.shards, nowMs, 100);
    expect(await left()).toEqual(ada?.shard === 0 ? [1, 0] : [0, 1]);
  });
});

/** Counts statements; batches have theirs prepared one by one. */
function counted(world: World) {
  const count = { calls: 0 };
  const counting = (database: D1Database): D1Database =>
    new Proxy(database, {
      get: (db, name) => {
        if (name === "prepare") count.calls++;
        return Reflect.get(db, name);
      },
    });
  const env = Object.fromEntries(
    Object.entries(world.env).map(([name, value]) =>
      /^(DIRECTORY|PHI_|KEYS_)/.test(name) ? [name, counting(value as D1Database)] : [name, value],
    ),
  ) as unknown as VaultEnv;
  return { count, shards: () => makeShards(env, random) };
}

describe("the runs of every hour", () => {
  const shards = 100;
  const callsMax = 1_000;

  it("stay within what an invocation may ask of a hundred shards, and end a rotation", async () => {
    const world = makeWorld({ shards });
    const all = world.shards.all.map(({ shard }) => shard);
    await filled(world, all, 300);
    const { count, shards: fresh } = counted(world);
    const runs: number[] = [];
    const later = nowMs + epochAgeMsMax + 1;
    for (let hour = 0; hour < 10; hour++) {
      count.calls = 0;
      await keepEpochs(fresh(), () => later);
      runs.push(count.calls);
      if ((await epochsOf(world.shards))[0] === 2) break;
    }
    expect(await epochsOf(world.shards)).toEqual([2]);
    expect(runs.length).toBeGreaterThan(1);
    expect(Math.max(...runs)).toBeLessThanOrEqual(callsMax);
    for (const { raw } of world.stores.keys)
      expect(raw.prepare("SELECT current FROM epoch").get()).toEqual({ current: 2 });
    count.calls = 0;
    await keepHouse(fresh(), () => later);
    expect(count.calls).toBeLessThanOrEqual(callsMax);
  });

  it("let go of old shares once a day on every shard, and on few of them at once", () => {
    const hours = Array.from({ length: 24 }, (_, hour) => nowMs + hour * 3_600_000);
    const all = Array.from({ length: shards }, (_, shard) => ({ shard }));
    for (const shard of all) expect(hours.filter((hour) => isTurnOf(shard, hour))).toHaveLength(1);
    for (const hour of hours)
      expect(all.filter((shard) => isTurnOf(shard, hour)).length).toBeLessThanOrEqual(5);
  });

  it("are declared under the times that tell them apart", () => {
    const path = resolve(import.meta.dirname, "../../workers/vault/wrangler.toml");
    const [, crons = "[]"] = /^crons = (.*)$/m.exec(readFileSync(path, "utf8")) ?? [];
    const declared = JSON.parse(crons) as string[];
    expect(declared).toContain(rotationCron);
    expect(declared.filter((cron) => cron !== rotationCron)).toHaveLength(1);
  });
});
