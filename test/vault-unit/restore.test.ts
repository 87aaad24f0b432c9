/**
 * Drills: old copies of the databases are put back after an erasure. Once the epochs were rotated,
 * whoever has the copies opens nothing of what was erased; before that the vault refuses them, and
 * made whole it has erased it again. Everything else opens, byte for byte.
 */
import { describe, expect, test } from "vitest";
import type { MemberId } from "../../domain/identity.ts";
import type { ErasureScope } from "../../domain/ports.ts";
import { fromHex, openBytes } from "../../workers/vault/cell.ts";
import { Unopenable } from "../../workers/vault/chunked.ts";
import type { Shards, Vault } from "../../workers/vault/env.ts";
import { eraseScope } from "../../workers/vault/erasure.ts";
import { assertWhole, isRestored, pruneJournal, Restored } from "../../workers/vault/journal.ts";
import { EpochGone } from "../../workers/vault/key-wraps.ts";
import { parkItems } from "../../workers/vault/parked-store.ts";
import { restoreShard } from "../../workers/vault/restore.ts";
import { rotateEpoch } from "../../workers/vault/rotation.ts";
import { pruneRowCopies } from "../../workers/vault/row-copy.ts";
import { sealRows } from "../../workers/vault/sealed-store.ts";
import {
  type Cell,
  type Clock,
  cellsOf,
  clock,
  closeWorld,
  connectionScope,
  garmin,
  google,
  isAtRest,
  journalSize,
  leaseMs,
  long,
  note,
  opened,
  openedParked,
  rowsScope,
  said,
  sealAll,
} from "./erasures.ts";
import { makeWorld, type World } from "./world.ts";

const dayMs = 86_400_000;
const things = [
  note(garmin, "g1"),
  long(garmin, "g2"),
  note(garmin, "g3"),
  long(garmin, "g4"),
  note(google, "h1"),
  long(google, "h2"),
];
const but = (...rows: string[]) => said(things.filter(({ row }) => !rows.includes(row)));
const scopes: readonly [string, ErasureScope, Record<string, string>][] = [
  ["a workout", rowsScope("g2"), but("g2")],
  ["a window", rowsScope("g2", "g3", "h1"), but("g2", "g3", "h1")],
  ["a connection", connectionScope(garmin), but("g1", "g2", "g3", "g4")],
  ["a member", { kind: "member" }, {}],
];

interface Known {
  readonly world: World;
  readonly vault: Vault;
  readonly ada: MemberId;
  /** Of the same shard, and nobody erases anything of theirs. */
  readonly ben: MemberId;
  readonly now: Clock;
  readonly gate: { cutAt: number; calls: number };
}

async function known(): Promise<Known> {
  const now = clock();
  const gate = { cutAt: Number.POSITIVE_INFINITY, calls: 0 };
  const world = makeWorld({
    gate: async () => {
      if (++gate.calls >= gate.cutAt) throw new Error("cut");
    },
  });
  const { member: ada, vault } = await world.enrol("ada", now());
  let other = await world.enrol("ben", now());
  for (let i = 0; other.vault !== vault; i++) other = await world.enrol(`ben${i}`, now());
  for (const member of [ada, other.member]) {
    await sealAll(vault, member, things, now);
    await parkItems(
      world.shards,
      [{ member, connection: google, provider: "p", reason: "why", body: "bad" }],
      now(),
    );
  }
  return { world, vault, ada, ben: other.member, now, gate };
}

/** As a point-in-time restore would: both databases of the shard, and nothing else. */
interface Copy {
  readonly phi: Uint8Array;
  readonly keys: Uint8Array;
}
const stores = ({ world: { stores }, vault }: Known) => {
  const [phi, keys] = [stores.phi[vault.shard], stores.keys[vault.shard]];
  if (phi === undefined || keys === undefined) throw new Error("no such shard");
  return { phi, keys };
};
const copyOf = (here: Known): Copy => {
  const { phi, keys } = stores(here);
  return { phi: phi.snapshot(), keys: keys.snapshot() };
};
const putBack = (here: Known, copy: Partial<Copy>): { shards: Shards; vault: Vault } => {
  const { phi, keys } = stores(here);
  if (copy.phi !== undefined) phi.restore(copy.phi);
  if (copy.keys !== undefined) keys.restore(copy.keys);
  const shards = here.world.restarted();
  return { shards, vault: shards.all[here.vault.shard] as Vault };
};

async function rotate(here: Known): Promise<void> {
  for (let step = 0; step < 100; step++)
    if ((await rotateEpoch(here.world.shards, here.now(), 1_000)).done) return;
  throw new Error("the rotation does not end");
}

async function restore(shards: Shards, vault: Vault, now: Clock): Promise<number> {
  for (let step = 1; step < 200; step++)
    if ((await restoreShard(shards, vault, now())).done) return step;
  throw new Error("the restore does not end");
}

/** What opens of these cells by any data key of any generation that is there. */
async function openByAnyKey(vault: Vault, cells: readonly Cell[], nowMs: number) {
  const { results } = await vault.keyring.database
    .prepare("SELECT member, generation, key_id FROM data_key")
    .all<{ member: string; generation: string; key_id: string }>();
  const found: string[] = [];
  for (const { member, generation, key_id } of results) {
    const key = await vault.keyring
      .dataKeys({ member, generation }, [key_id], nowMs)
      .then((keys) => keys.get(key_id))
      .catch((error) => {
        if (error instanceof EpochGone) return undefined;
        throw error;
      });
    for (const cell of cells) {
      if (key === undefined || cell.object !== null) continue;
      const place = {
        table: "sealed",
        member: cell.member,
        column: cell.group_name,
        row: cell.row_id,
      } as const;
      try {
        await openBytes(vault, key, place, fromHex(cell.hex ?? ""));
        found.push(`${cell.member} ${cell.row_id}`);
      } catch (error) {
        if (!(error instanceof Unopenable)) throw error;
      }
    }
  }
  return found;
}

const isErased = (rest: Record<string, string>, cell: Cell, ada: MemberId): boolean =>
  cell.member === ada && !(`${cell.row_id} notes` in rest);

describe("old copies of keys and phi, after an erasure and a rotation", () => {
  test.each(scopes)("of %s: no key opens what was erased", async (_, scope, rest) => {
    const here = await known();
    const { world, vault, ada, now } = here;
    const copy = copyOf(here);
    const erased = (await cellsOf(vault)).filter((cell) => isErased(rest, cell, ada));
    expect(erased.length).toBeGreaterThan(0);
    expect((await openByAnyKey(vault, erased, now())).length).toBeGreaterThan(0);
    await eraseScope(vault, ada, scope, now());
    await rotate(here);
    const old = putBack(here, copy);
    expect(await openByAnyKey(old.vault, erased, now())).toEqual([]);
    closeWorld(world);
  });

  test.each(scopes)(
    "of %s: no key of the copies beside the databases does either",
    async (_, scope, rest) => {
      const here = await known();
      const { world, vault, ada, now } = here;
      const copy = copyOf(here);
      const erased = (await cellsOf(vault)).filter((cell) => isErased(rest, cell, ada));
      await eraseScope(vault, ada, scope, now());
      await rotate(here);
      const old = putBack(here, copy);
      for (let step = 0; step < 100; step++) {
        const { steps, done } = await restoreShard(old.shards, old.vault, now());
        expect(await openByAnyKey(old.vault, erased, now())).toEqual([]);
        if (done || steps.some(({ step }) => step === "journal")) break;
      }
      closeWorld(world);
    },
  );
});

const moments: readonly [string, (here: Known) => Promise<void>][] = [
  ["before a rotation", async () => {}],
  ["after a rotation", rotate],
];
const copies: readonly [string, readonly (keyof Copy)[]][] = [
  ["keys and phi", ["keys", "phi"]],
  ["phi alone", ["phi"]],
  ["keys alone", ["keys"]],
];

describe.each(moments)("an old copy put back %s", (_moment, rotated) => {
  describe.each(copies)("of %s", (_what, which) => {
    test.each(scopes)(
      "after the erasure of %s: refused until it is made whole, then all else opens",
      async (_, scope, rest) => {
        const here = await known();
        const { world, vault, ada, ben, now } = here;
        const copy = copyOf(here);
        await eraseScope(vault, ada, scope, now());
        await rotated(here);
        const before = await opened(vault, ada, now());
        expect(before).toEqual(rest);
        const old = putBack(here, Object.fromEntries(which.map((name) => [name, copy[name]])));
        if (which.includes("phi"))
          await expect(assertWhole(old.vault, now())).rejects.toThrow(Restored);
        await restore(old.shards, old.vault, now);
        await assertWhole(old.vault, now());
        expect(await opened(old.vault, ada, now())).toEqual(rest);
        expect(await opened(old.vault, ben, now())).toEqual(said(things));
        expect(await openedParked(old.vault, ben, now())).toEqual({ why: "bad" });
        if (scope.kind !== "member")
          expect(await openedParked(old.vault, ada, now())).toEqual({ why: "bad" });
        expect(await isAtRest(old.vault, ada)).toBe(true);
        expect(await isAtRest(old.vault, ben)).toBe(true);
        closeWorld(world);
      },
    );
  });
});

describe("a restore", () => {
  test.each(scopes)(
    "after %s was erased ends the same, wherever it is killed",
    async (_, scope, rest) => {
      const here = await known();
      const { world, vault, ada, ben, now, gate } = here;
      const copy = copyOf(here);
      await eraseScope(vault, ada, scope, now());
      await rotate(here);
      const aside = {
        keyring: world.stores.keyring.snapshot(),
        sealed: world.stores.sealed.snapshot(),
      };
      let cuts = 0;
      for (let at = 1; ; at += 3) {
        world.stores.keyring.restore(aside.keyring);
        world.stores.sealed.restore(aside.sealed);
        let old = putBack(here, copy);
        Object.assign(gate, { calls: 0, cutAt: at });
        const wasCut = await restore(old.shards, old.vault, now).then(
          () => false,
          () => true,
        );
        gate.cutAt = Number.POSITIVE_INFINITY;
        if (!wasCut) break;
        cuts++;
        old = putBack(here, {});
        now.pass(leaseMs);
        await restore(old.shards, old.vault, now);
        expect(await opened(old.vault, ada, now())).toEqual(rest);
        expect(await opened(old.vault, ben, now())).toEqual(said(things));
        expect(await isRestored(old.vault)).toBe(false);
      }
      expect(cuts).toBeGreaterThan(8);
      closeWorld(world);
    },
  );

  test("goes through several erasures and rotations, in order", async () => {
    const here = await known();
    const { world, vault, ada, ben, now } = here;
    const copy = copyOf(here);
    await eraseScope(vault, ada, rowsScope("g1"), now());
    await rotate(here);
    await eraseScope(vault, ada, rowsScope("h1"), now());
    await rotate(here);
    await eraseScope(vault, ben, connectionScope(google), now());
    const old = putBack(here, copy);
    await restore(old.shards, old.vault, now);
    expect(await opened(old.vault, ada, now())).toEqual(but("g1", "h1"));
    expect(await opened(old.vault, ben, now())).toEqual(but("h1", "h2"));
    await rotate({ ...here, world: { ...world, shards: old.shards } });
    expect(await opened(old.vault, ada, now())).toEqual(but("g1", "h1"));
    closeWorld(world);
  });

  test("of a copy from after an erasure keeps what came between", async () => {
    const here = await known();
    const { world, vault, ada, now } = here;
    await eraseScope(vault, ada, rowsScope("g1"), now());
    const later = [note(garmin, "g9"), note("c_new" as typeof garmin, "n1")];
    await sealAll(vault, ada, later, now);
    const copy = copyOf(here);
    await eraseScope(vault, ada, rowsScope("g3"), now());
    await rotate(here);
    const old = putBack(here, copy);
    await restore(old.shards, old.vault, now);
    expect(await opened(old.vault, ada, now())).toEqual({ ...but("g1", "g3"), ...said(later) });
    closeWorld(world);
  });

  test("leaves the shard fit to seal, to erase and to enrol", async () => {
    const here = await known();
    const { world, vault, ada, now } = here;
    const copy = copyOf(here);
    const late = await world.enrol("late", now());
    await eraseScope(vault, ada, rowsScope("g1"), now());
    await rotate(here);
    const old = putBack(here, copy);
    await restore(old.shards, old.vault, now);
    const again = { row: "g1", revision: 2, columns: { notes: '"again"' } };
    await sealRows(old.vault, ada, garmin, [again], now());
    await sealAll(old.vault, ada, [note(garmin, "g8")], now);
    await eraseScope(old.vault, ada, rowsScope("g3"), now());
    expect(await opened(old.vault, ada, now())).toEqual({
      ...but("g1", "g3"),
      ...said([note(garmin, "g8")]),
    });
    expect(await isRestored(old.vault)).toBe(false);
    if (late.vault === vault) await sealAll(old.vault, late.member, [note(garmin, "l1")], now);
    closeWorld(world);
  });

  test("deletes and counts what no key or object is there for any more", async () => {
    const here = await known();
    const { world, vault, ada, ben, now } = here;
    const [lost] = (await cellsOf(vault)).filter(({ member, object }) => member === ben && object);
    const copy = copyOf(here);
    await eraseScope(vault, ada, rowsScope("g1"), now());
    world.stores.sealed.objects.delete(lost?.object ?? "");
    const old = putBack(here, copy);
    for (let step = 0; step < 100; step++) {
      const { steps, done } = await restoreShard(old.shards, old.vault, now());
      if (!done) continue;
      expect(steps.find(({ step }) => step === "lost")?.count).toBe(1);
      break;
    }
    const { [`${lost?.row_id} raw_details`]: _, ...rest } = said(things);
    expect(await opened(old.vault, ben, now())).toEqual(rest);
    closeWorld(world);
  });

  test("asked of a shard that is whole changes nothing in it", async () => {
    const here = await known();
    const { world, vault, ada, ben, now } = here;
    await eraseScope(vault, ada, rowsScope("g1"), now());
    const copy = copyOf(here);
    await restore(world.shards, vault, now);
    expect(copyOf(here).keys).toEqual(copy.keys);
    expect(await opened(vault, ada, now())).toEqual(but("g1"));
    expect(await opened(vault, ben, now())).toEqual(said(things));
    closeWorld(world);
  });
});

describe("the journal", () => {
  test("knows no old copy where there is none, however erasures overlap", async () => {
    const here = await known();
    const { world, vault, ada, ben, now } = here;
    const looks = Array.from({ length: 20 }, () => isRestored(vault));
    await Promise.all([
      eraseScope(vault, ada, rowsScope("g1"), now()),
      eraseScope(vault, ben, connectionScope(garmin), now()),
      ...looks,
    ]);
    expect(await Promise.all(looks)).not.toContain(true);
    closeWorld(world);
  });

  test("forgets what no restore can need, and the copies with it, but for the newest", async () => {
    const here = await known();
    const { world, vault, ada, ben, now } = here;
    await eraseScope(vault, ada, rowsScope("g1"), now());
    now.pass(20 * dayMs);
    await eraseScope(vault, ben, rowsScope("g1"), now());
    expect(await pruneJournal(vault, now(), pruneRowCopies)).toBe(0);
    now.pass(16 * dayMs);
    expect(await pruneJournal(vault, now(), pruneRowCopies)).toBe(1);
    now.pass(40 * dayMs);
    expect(await pruneJournal(vault, now(), pruneRowCopies)).toBe(0);
    expect(journalSize(world, vault)).toBe(1);
    const kept = [...world.stores.sealed.objects.keys()].filter((key) => key.startsWith("copy/"));
    expect(kept.some((key) => key.includes(ada))).toBe(false);
    expect(kept.some((key) => key.includes(ben))).toBe(true);
    expect(await isRestored(vault)).toBe(false);
    closeWorld(world);
  });
});
