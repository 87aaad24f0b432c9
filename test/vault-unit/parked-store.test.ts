import { describe, expect, test } from "vitest";
import type { MemberId } from "../../domain/identity.ts";
import {
  countParked,
  findParked,
  listParked,
  openParked,
  parkItems,
  unpark,
} from "../../workers/vault/parked-store.ts";
import { namesOf, rename } from "../../workers/vault/profile.ts";
import { garmin, home, nowMs } from "./sealed-home.ts";
import { makeWorld } from "./world.ts";

describe("parked items", () => {
  test("are listed over all shards, newest first, each once, and found by their id", async () => {
    const world = makeWorld({ shards: 3 });
    const kept = [];
    for (let n = 0; n < 12; n++) {
      const { member, vault } = await world.enrol(`m${n}`, nowMs);
      const item = { member, connection: garmin, provider: "garmin", reason: "bad", body: `b${n}` };
      expect(await parkItems(world.shards, [item, item], nowMs + Math.floor(n / 3))).toBe("sealed");
      kept.push({ member, vault, body: item.body, atMs: nowMs + Math.floor(n / 3) });
    }
    expect(new Set(kept.map(({ vault }) => vault.shard)).size).toBeGreaterThan(1);
    expect(await countParked(world.shards)).toBe(12);
    for (const limit of [1, 2, 5, 12, 50]) {
      const listed = [];
      let cursor: string | null = null;
      for (let page = 0; page < 20; page++) {
        const { items, next } = await listParked(world.shards, cursor, limit);
        expect(items.length).toBeLessThanOrEqual(limit);
        listed.push(...items);
        cursor = next;
        if (cursor === null) break;
      }
      expect(listed.map((entry) => entry.atMs)).toEqual(kept.map(({ atMs }) => atMs).reverse());
      expect(new Set(listed.map((entry) => entry.member)).size).toBe(12);
    }
    for (const { id, member } of (await listParked(world.shards, null, 50)).items) {
      const found = await findParked(world.shards, id, nowMs);
      expect(found?.member).toBe(member);
      const opened = found && (await openParked(found.vault, id, nowMs));
      expect(opened?.body).toBe(kept.find((one) => one.member === member)?.body);
      expect(found && (await unpark(found.vault, id, nowMs))).toBe(true);
      expect(await findParked(world.shards, id, nowMs)).toBeNull();
    }
    expect(await countParked(world.shards)).toBe(0);
  });

  test("are kept for nobody who is erased and for no connection that ended", async () => {
    const { world, vault, member } = await home();
    const item = { member, connection: garmin, provider: "garmin", reason: "bad", body: "b" };
    await vault.phi
      .prepare("INSERT INTO ended_connection (member, connection, at) VALUES (?, ?, 1)")
      .bind(member, garmin)
      .run();
    expect(await parkItems(world.shards, [item], nowMs)).toBe("forgotten");
    const stranger = { ...item, member: "m_stranger" as MemberId };
    expect(await parkItems(world.shards, [stranger], nowMs)).toBe("forgotten");
    expect((await listParked(world.shards, null, 5)).items).toEqual([]);
  });
});

describe("names", () => {
  test("are read from every shard, and one that does not open costs only itself", async () => {
    const world = makeWorld({ shards: 3 });
    const members = [];
    for (let n = 0; n < 9; n++) {
      const { member, vault } = await world.enrol(`named${n}`, nowMs);
      expect(await rename(vault, member, `Name ${n}`, nowMs)).toBe("sealed");
      members.push({ member, vault });
    }
    const [broken] = members;
    await broken?.vault.phi
      .prepare("UPDATE sealed SET body = x'00' WHERE member = ?")
      .bind(broken.member)
      .run();
    const names = await namesOf(world.shards, [...members.map((m) => m.member), "m_x"], nowMs);
    expect(names).toEqual(
      Object.fromEntries(members.slice(1).map(({ member }, n) => [member, `Name ${n + 1}`])),
    );
  });
});
