/** Where members are kept, and who a person is: written down once, in the face of races and crashes. */
import { describe, expect, test } from "vitest";
import type { MemberId } from "../../domain/identity.ts";
import type { Shards } from "../../workers/vault/env.ts";
import { eraseScope } from "../../workers/vault/erasure.ts";
import { enrolPerson } from "../../workers/vault/principal.ts";
import { openShard } from "../../workers/vault/shard-status.ts";
import { makeWorld } from "./world.ts";

const nowMs = 1_000_000;

const enrol = async (shards: Shards, hash: string, member: string, issuedAtMs = nowMs) =>
  enrolPerson(
    shards,
    { hash, issuedAtMs, bound: await shards.directory.principal(hash) },
    member as MemberId,
    nowMs,
  );

describe("a member's place", () => {
  test("is among the open shards, spread over them, and stays", async () => {
    const world = makeWorld({ shards: 3 });
    const { shards } = world;
    await openShard(shards, 2, true);
    await openShard(shards, 0, false);
    const names = Array.from({ length: 60 }, (_, n) => `m_${n}`);
    for (const name of names) await enrol(shards, `person ${name}`, name);
    const byShard = await shards.directory.shardsOf(names);
    expect([...byShard.keys()].sort()).toEqual([1, 2]);
    for (const kept of byShard.values()) expect(kept.length).toBeGreaterThan(10);
    await openShard(shards, 1, false);
    expect(await world.restarted().directory.shardsOf(names)).toEqual(byShard);
    expect(await shards.directory.counts()).toEqual(
      new Map([...byShard].map(([shard, kept]) => [shard, kept.length])),
    );
  });

  test("is always to be had: the last open shard is not closed, one that is not bound not opened", async () => {
    const { shards } = makeWorld();
    expect(await openShard(shards, 0, false)).not.toHaveProperty("refused");
    expect(await openShard(shards, 1, false)).toEqual({ refused: "last-open-shard" });
    expect(await openShard(shards, 2, true)).toEqual({ refused: "not-found" });
    await shards.directory.setOpen(7, true);
    expect(await enrol(shards, "p", "m_p")).toEqual({ member: "m_p" });
    expect(await shards.directory.shardOf("m_p")).toBe(1);
  });
});

describe("a person", () => {
  test("who enrols twice at once is one member", async () => {
    const { shards } = makeWorld();
    const members = await Promise.all(
      Array.from({ length: 6 }, (_, n) => enrol(shards, "twice", `m_${n}`)),
    );
    expect(new Set(members.map((m) => JSON.stringify(m))).size).toBe(1);
    expect(members[0]).toHaveProperty("member");
  });

  test("cannot take another's member", async () => {
    const { shards } = makeWorld();
    expect(await enrol(shards, "first", "m_same")).toEqual({ member: "m_same" });
    expect(await enrol(shards, "second", "m_same")).toBe("forbidden");
    expect(await enrol(shards, "second", "m_other")).toEqual({ member: "m_other" });
  });

  test("goes on where enrolling was cut off, at whichever call", async () => {
    for (let cut = 0; ; cut++) {
      let calls = 0;
      const gate = async () => {
        if (calls++ === cut) throw new Error("cut");
      };
      const { shards } = makeWorld({ gate });
      const first = await enrol(shards, "cut", "m_1").catch(() => null);
      if (first !== null) {
        expect(cut).toBeGreaterThan(5);
        break;
      }
      const member = await enrol(shards, "cut", "m_2");
      expect(member, `cut at ${cut}`).toHaveProperty("member");
      expect(await enrol(shards, "cut", "m_3")).toEqual(member);
    }
  });

  test("whose member was erased is nobody for older tokens, and somebody new afterwards", async () => {
    const { shards } = makeWorld();
    await enrol(shards, "leaver", "m_before");
    const shard = (await shards.directory.shardOf("m_before")) ?? -1;
    const vault = shards.all[shard];
    if (vault === undefined) throw new Error("no shard");
    await eraseScope(vault, "m_before" as MemberId, { kind: "member" }, nowMs + 10);
    expect(await enrol(shards, "leaver", "m_after", nowMs + 10)).toBe("unauthenticated");
    expect(await enrol(shards, "leaver", "m_before", nowMs + 11)).toBe("forbidden");
    expect(await enrol(shards, "leaver", "m_after", nowMs + 11)).toEqual({ member: "m_after" });
  });

  test("is erased again in a directory that was put back, once they come to enrol", async () => {
    const { shards, stores } = makeWorld();
    await enrol(shards, "leaver", "m_before");
    const copy = stores.directory.snapshot();
    const vault = shards.all[(await shards.directory.shardOf("m_before")) ?? -1];
    if (vault === undefined) throw new Error("no shard");
    await eraseScope(vault, "m_before" as MemberId, { kind: "member" }, nowMs + 10);
    stores.directory.restore(copy);
    expect(await enrol(shards, "leaver", "m_before", nowMs + 20)).toBe("forbidden");
    const known = { member: "m_before", erased: true, notBeforeMs: nowMs + 10 };
    expect(await shards.directory.principal("leaver")).toEqual(known);
    expect(await enrol(shards, "leaver", "m_after", nowMs + 10)).toBe("unauthenticated");
    expect(await enrol(shards, "leaver", "m_after", nowMs + 11)).toEqual({ member: "m_after" });
  });

  test("with an older token is nobody too when the erasure came after the token was looked at", async () => {
    const { shards } = makeWorld();
    const unbound = { hash: "slow", issuedAtMs: nowMs, bound: null };
    await enrol(shards, "slow", "m_before");
    const vault = shards.all[(await shards.directory.shardOf("m_before")) ?? -1];
    if (vault === undefined) throw new Error("no shard");
    await eraseScope(vault, "m_before" as MemberId, { kind: "member" }, nowMs + 10);
    const late = await enrolPerson(shards, unbound, "m_after" as MemberId, nowMs + 20);
    expect(late).toBe("unauthenticated");
    const kept = "SELECT 1 FROM member WHERE id = 'm_after'";
    for (const { phi } of shards.all) expect(await phi.prepare(kept).first()).toBeNull();
  });
});
