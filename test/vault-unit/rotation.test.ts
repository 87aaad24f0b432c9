/** Rotation stopped anywhere, done by two at once, and beside everything else that uses keys. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Shards } from "../../workers/vault/env.ts";
import type { Generation } from "../../workers/vault/key-wraps.ts";
import type { Keyring } from "../../workers/vault/keyring.ts";
import {
  dueForRotation,
  epochAgeMsMax,
  rotateEpoch,
  rotateRoot,
} from "../../workers/vault/rotation.ts";
import {
  closeFullShards,
  keysStatus,
  openShard,
  shardBytesMax,
} from "../../workers/vault/shard-status.ts";
import { tries } from "../long.ts";
import { makeWorld, random, type World } from "./world.ts";

const nowMs = Date.UTC(2026, 10, 21);
const stepsMax = 60;
const utf8 = new TextEncoder();

/** What somebody holds who can still read: told by what the data key makes of one text. */
interface Held extends Generation {
  readonly shard: number;
  readonly id: string;
  readonly print: string;
}

async function hold(world: World, name: string): Promise<Held> {
  const { member, vault } = await world.enrol(name, nowMs);
  const generation = await generationOf(world, vault.shard, member);
  const key = await vault.keyring.dataKey({ member, generation }, "self", nowMs);
  if (key === null) throw new Error(`${name} has no data key`);
  return { member, generation, shard: vault.shard, id: key.id, print: await printOf(key.key) };
}

async function generationOf(world: World, shard: number, member: string): Promise<string> {
  const { phi } = vaultAt(world.shards, shard);
  const row = await phi.prepare("SELECT key_id FROM member WHERE id = ?").bind(member).first();
  return (row as { key_id: string }).key_id;
}

const vaultAt = (shards: Shards, shard: number) => {
  const vault = shards.all[shard];
  if (vault === undefined) throw new Error(`shard ${shard}`);
  return vault;
};

async function printOf(key: CryptoKey): Promise<string> {
  const signed = await crypto.subtle.sign("HMAC", key, utf8.encode("the same key"));
  return Buffer.from(signed).toString("hex");
}

async function readAgain(keyring: Keyring, held: Held): Promise<string | null> {
  const key = (await keyring.dataKeys(held, [held.id], nowMs)).get(held.id);
  return key === undefined ? null : printOf(key.key);
}

async function untilDone(shards: Shards, rowsMax = 1_000): Promise<number> {
  for (let step = 1; step <= stepsMax; step++)
    if ((await rotateEpoch(shards, nowMs, rowsMax)).done) return step;
  throw new Error("the rotation does not end");
}

const epochsIn = (world: World): string[] =>
  [...world.stores.keyring.objects.keys()].filter((key) => key.startsWith("epoch/"));

/** One epoch is left, every key is under it, nothing else changed hands, and all of it opens. */
async function expectWhole(world: World, everyone: readonly Held[]): Promise<void> {
  const epochs = await world.shards.epochs.list();
  expect(epochs).toHaveLength(1);
  for (const { raw } of world.stores.keys) {
    const rows = raw.prepare("SELECT count(*) AS n FROM member_key WHERE epoch <> ?");
    expect(rows.get(epochs[0]?.n ?? 0)).toEqual({ n: 0 });
    expect(raw.prepare("SELECT current FROM epoch").get()).toEqual({ current: epochs[0]?.n });
  }
  const fresh = world.restarted();
  for (const held of everyone)
    expect(await readAgain(vaultAt(fresh, held.shard).keyring, held), held.member).toBe(held.print);
}

const close = ({ stores }: World): void => {
  for (const { raw } of [stores.directory, ...stores.phi, ...stores.keys]) raw.close();
};

async function oneShard(): Promise<World> {
  const world = makeWorld({ shards: 1 });
  await world.shards.directory.setOpen(1, false);
  return world;
}

const names = ["ada", "ben", "cleo", "dov", "eva", "fay"];

describe("an epoch's rotation", () => {
  it("that fails at any call to a store ends complete when it is asked again", async () => {
    let calls = 0;
    let failAt = Number.POSITIVE_INFINITY;
    const gate = async () => {
      if (++calls === failAt) throw new Error("stopped");
    };
    let stopped = 0;
    for (let n = 1, reached = true; reached; n++) {
      failAt = Number.POSITIVE_INFINITY;
      const world = makeWorld({ gate });
      const everyone = await Promise.all(names.map((name) => hold(world, name)));
      [calls, failAt] = [0, n];
      const failure = await untilDone(world.restarted(), 2).then(
        () => null,
        (error: Error) => error.message,
      );
      failAt = Number.POSITIVE_INFINITY;
      reached = failure !== null;
      if (reached) stopped++;
      expect(failure ?? "stopped").toBe("stopped");
      if (reached) {
        for (const held of everyone) {
          const { keyring } = vaultAt(world.restarted(), held.shard);
          expect(await readAgain(keyring, held), `${n}: ${held.member}`).toBe(held.print);
        }
        await untilDone(world.restarted(), 2);
      }
      await expectWhole(world, everyone);
      close(world);
    }
    expect(stopped).toBeGreaterThan(30);
  });

  it("leaves what an old copy of the keys wrapped without a key", async () => {
    const world = makeWorld();
    const held = await hold(world, "ada");
    const keys = world.stores.keys[held.shard];
    const copy = keys?.snapshot();
    await untilDone(world.shards);
    if (copy === undefined) throw new Error("no copy");
    keys?.restore(copy);
    const { keyring } = vaultAt(world.restarted(), held.shard);
    await expect(readAgain(keyring, held)).rejects.toThrow(
      expect.objectContaining({ name: "EpochGone" }),
    );
    close(world);
  });

  it("destroys nothing while an old copy is not made whole, and does not run on for ever", async () => {
    const world = makeWorld();
    const held = await hold(world, "ada");
    const keys = world.stores.keys[held.shard];
    const copy = keys?.snapshot();
    await untilDone(world.shards);
    if (copy === undefined) throw new Error("no copy");
    keys?.restore(copy);
    for (let step = 0; step < 3; step++)
      expect(await rotateEpoch(world.restarted(), nowMs, 100)).toMatchObject({
        rewrapped: 0,
        left: 1,
        done: false,
      });
    expect(epochsIn(world)).toHaveLength(2);
    close(world);
  });

  it("leaves a key that does not open where it is, and its epoch with it", async () => {
    const world = await oneShard();
    const everyone = [await hold(world, "ada"), await hold(world, "ben")];
    const [keys] = world.stores.keys;
    keys?.raw
      .prepare("UPDATE member_key SET wrapped = zeroblob(104) WHERE member = ?")
      .run("m_ada");
    const first = await rotateEpoch(world.shards, nowMs, 100);
    expect(first).toMatchObject({ rewrapped: 1, left: 1, done: false });
    expect(await rotateEpoch(world.shards, nowMs, 100)).toMatchObject({ rewrapped: 0, left: 1 });
    expect(epochsIn(world)).toHaveLength(2);
    const ben = everyone[1] as Held;
    const { keyring } = vaultAt(world.restarted(), 0);
    expect(await readAgain(keyring, ben)).toBe(ben.print);
    close(world);
  });

  it("takes no more in one step than it is told, and says how much is left", async () => {
    const world = await oneShard();
    for (const name of names) await hold(world, name);
    const left: number[] = [];
    for (let done = false; !done; ) {
      const step = await rotateEpoch(world.shards, nowMs, 2);
      expect(step.rewrapped).toBeLessThanOrEqual(2);
      left.push(step.left);
      done = step.done;
    }
    expect(left.slice(0, 4)).toEqual([4, 2, 0, 0]);
    close(world);
  });

  it("on a closed shard that was bound and never migrated passes it over", async () => {
    const world = makeWorld();
    const held = await hold(world, "ada");
    const other = 1 - held.shard;
    await world.shards.directory.setOpen(other, false);
    world.stores.keys[other]?.raw.exec("DROP TABLE epoch");
    expect(await untilDone(world.shards)).toBe(1);
    const { keyring } = vaultAt(world.restarted(), held.shard);
    expect(await readAgain(keyring, held)).toBe(held.print);
    close(world);
  });

  it.each([
    ["a new member", (world: World) => hold(world, "new")],
    [
      "a read",
      async (world: World, ada: Held) => {
        await readOn(world, ada, 1);
        return ada;
      },
    ],
    ["an erasure of a part", (world: World, ada: Held) => replaceGeneration(world.shards, ada)],
  ])("that goes by while %s waits at any call to a store costs nothing", async (_, deed) => {
    let pauses = 0;
    for (let n = 1, reached = true; reached; n++) {
      const at = stopAt(n);
      const world = makeWorld({ gate: at.gate });
      const [ada, ben] = [await hold(world, "ada"), await hold(world, "ben")];
      at.arm();
      const done = deed({ ...world, shards: world.restarted() }, ada);
      reached = await Promise.race([at.reached.then(() => true), done.then(() => false)]);
      at.disarm();
      if (reached) pauses++;
      await untilDone(world.restarted());
      at.release();
      const held = await done;
      await untilDone(world.restarted());
      await expectWhole(world, [ben, held]);
      close(world);
    }
    expect(pauses).toBeGreaterThan(2);
  });

  it("beside another one, new members, reads and erasures of a part loses no key", async () => {
    await fc.assert(
      fc.asyncProperty(fc.infiniteStream(fc.nat(4)), async (pauses) => {
        const gate = async () => {
          for (let turns = pauses.next().value ?? 0; turns > 0; turns--)
            await new Promise((wake) => setImmediate(wake));
        };
        const world = makeWorld({ gate });
        const everyone = await Promise.all(names.slice(0, 3).map((name) => hold(world, name)));
        const [ada, ben, cleo] = everyone as [Held, Held, Held];
        const [, , made, moved] = await Promise.all([
          untilDone(world.restarted(), 1),
          untilDone(world.restarted(), 2),
          hold({ ...world, shards: world.restarted() }, "new"),
          replaceGeneration(world.restarted(), ada),
          readOn(world, ben, 6),
        ]);
        await untilDone(world.restarted());
        await expectWhole(world, [ben, cleo, made, moved]);
        const { keyring } = vaultAt(world.restarted(), ada.shard);
        expect(await readAgain(keyring, ada)).toBeNull();
        close(world);
      }),
      { numRuns: tries(60, 20) },
    );
  });
});

/** A gate that holds the nth call after it was armed, and lets every other one by. */
function stopAt(n: number) {
  let calls = Number.NEGATIVE_INFINITY;
  let release = () => {};
  let reach = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const reached = new Promise<void>((resolve) => {
    reach = resolve;
  });
  return {
    arm() {
      calls = 0;
    },
    disarm() {
      calls = Number.NEGATIVE_INFINITY;
    },
    gate: async () => {
      if (++calls !== n) return;
      reach();
      await released;
    },
    reached,
    release: () => release(),
  };
}

/** As an erasure of a part does: tried again until the new generation stands. */
async function replaceGeneration(shards: Shards, held: Held): Promise<Held> {
  const { keyring } = vaultAt(shards, held.shard);
  for (let step = 0; step < stepsMax; step++) {
    const generation = await keyring.nextGeneration(held, { renew: [], drop: [] }, nowMs);
    if (generation === null) continue;
    await keyring.dropGenerations(held.member, [held.generation]);
    return { ...held, generation };
  }
  throw new Error("no generation came to stand");
}

/** Every time as an isolate that remembers nothing. */
async function readOn(world: World, held: Held, times: number): Promise<void> {
  for (let i = 0; i < times; i++)
    expect(await readAgain(vaultAt(world.restarted(), held.shard).keyring, held)).toBe(held.print);
}

describe("a rotation", () => {
  it("is due after a week, and as long as one is under way", () => {
    const made = (n: number, ageMs: number) => ({ n, madeAtMs: nowMs - ageMs, root: "" });
    expect(dueForRotation([], nowMs)).toBe(false);
    expect(dueForRotation([made(1, epochAgeMsMax)], nowMs)).toBe(false);
    expect(dueForRotation([made(1, epochAgeMsMax + 1)], nowMs)).toBe(true);
    expect(dueForRotation([made(1, 5), made(2, 1)], nowMs)).toBe(true);
    expect(epochAgeMsMax).toBeLessThanOrEqual(7 * 86_400_000);
  });

  it("of the root key leaves nothing that the older one is needed for", async () => {
    const world = makeWorld();
    const everyone = await Promise.all(names.map((name) => hold(world, name)));
    const persons = await printOf(await world.shards.epochs.principalKey(nowMs));
    const next = Buffer.from(random(32)).toString("base64");
    const both = { ROOT_KEY: next, ROOT_KEY_PREVIOUS: world.env.ROOT_KEY };
    expect((await keysStatus(world.restarted(both))).underOldRoot).toBe(1);
    const status = await rotateRoot(world.restarted(both));
    expect(status).toMatchObject({ what: "root", rewrapped: 2, left: 0, done: true });
    const alone = world.restarted({ ROOT_KEY: next });
    expect((await keysStatus(alone)).underOldRoot).toBe(0);
    for (const held of everyone)
      expect(await readAgain(vaultAt(alone, held.shard).keyring, held)).toBe(held.print);
    expect(await printOf(await alone.epochs.principalKey(nowMs))).toBe(persons);
    close(world);
  });
});

describe("a shard", () => {
  it("opens under the newest epoch, and only if it is bound and migrated", async () => {
    const world = makeWorld({ shards: 3 });
    const [first, second, third] = world.stores.keys;
    third?.raw.exec("DROP TABLE epoch");
    expect(await openShard(world.shards, 2, true)).toEqual({ refused: "not-found" });
    expect(await openShard(world.shards, 3, true)).toEqual({ refused: "not-found" });
    third?.raw.exec("CREATE TABLE epoch (id INTEGER PRIMARY KEY, current INTEGER NOT NULL) STRICT");
    third?.raw.exec("INSERT INTO epoch VALUES (1, 1)");
    await hold(world, "ada");
    first?.raw.exec("UPDATE epoch SET current = 1");
    second?.raw.exec("UPDATE epoch SET current = 1");
    await untilDone(world.shards);
    third?.raw.exec("UPDATE epoch SET current = 1");
    const status = await openShard(world.shards, 2, true);
    expect(status).toMatchObject({ epoch: 2, shards: [{}, {}, { shard: 2, open: true }] });
    expect(third?.raw.prepare("SELECT current FROM epoch").get()).toEqual({ current: 2 });
    close(world);
  });

  it("that is nearly full takes no new members, unless it is the last open one", async () => {
    const world = makeWorld();
    expect(await closeFullShards(world.shards)).toBe(0);
    expect(shardBytesMax).toBeLessThan(10_000_000_000);
    expect(await closeFullShards(world.shards, 1)).toBe(1);
    expect(await closeFullShards(world.shards, 1)).toBe(0);
    expect((await keysStatus(world.shards)).shards.map(({ open }) => open)).toEqual([false, true]);
    close(world);
  });
});
