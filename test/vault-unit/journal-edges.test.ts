/** The journal's own bounds: whose entries go when, and what stays; and who is named in the log. */
import { describe, expect, test } from "vitest";
import type { MemberId } from "../../domain/identity.ts";
import {
  closeEntry,
  type Deed,
  openEntry,
  tooMany,
  writeWhole,
} from "../../workers/vault/audit.ts";
import type { Vault } from "../../workers/vault/env.ts";
import {
  type Change,
  entriesAfter,
  type JournalEntry,
  pruneJournal,
  restoringName,
  writeEntry,
} from "../../workers/vault/journal.ts";
import { forgetPseudonym, pseudonymOf } from "../../workers/vault/pseudonym.ts";
import { deedsIn } from "./log-entries.ts";
import { makeWorld } from "./world.ts";

const nowMs = 1_800_000_000_000;
const keptForMs = 35 * 86_400_000;

async function home() {
  const world = makeWorld();
  const { member, vault } = await world.enrol("ada", nowMs);
  return { world, vault, member };
}
const entry = (seq: number, atMs: number, member = "m_ada"): JournalEntry<Change> => ({
  seq,
  member: member as MemberId,
  scope: { kind: "revocation", consent: `c_${seq}` },
  atMs,
});
const seqsIn = async (vault: Vault, after = "", limit = 100) =>
  (await entriesAfter(vault, after, limit)).map((one) => one.entry.seq);

describe("the journal", () => {
  test("drops what is older than 35 days, oldest first, each with what was kept for it", async () => {
    const { vault } = await home();
    const ages = [keptForMs + 2, keptForMs, keptForMs - 1, keptForMs + 1, 0];
    for (const [i, age] of ages.entries())
      await writeEntry(vault, entry(i + 1, nowMs - age, `m_${i}`));
    const dropped: string[] = [];
    const drop = async (_: Vault, member: MemberId) => dropped.push(member);
    expect(await pruneJournal(vault, nowMs, drop)).toBe(2);
    expect(dropped).toEqual(["m_0", "m_1"]);
    expect(await seqsIn(vault)).toEqual([3, 4, 5]);
    expect(await pruneJournal(vault, nowMs, drop)).toBe(0);
    expect(await pruneJournal(vault, nowMs + 1, drop)).toBe(2);
    expect(await seqsIn(vault)).toEqual([5]);
  });

  test("keeps the newest however old it is, also while a shard is made whole", async () => {
    const { vault } = await home();
    await writeEntry(vault, entry(1, 0));
    await writeEntry(vault, entry(2, 0));
    await vault.journal.put(restoringName(vault), "{}");
    expect(await pruneJournal(vault, nowMs, async () => 0)).toBe(1);
    expect(await pruneJournal(vault, nowMs, async () => 0)).toBe(0);
    expect(await seqsIn(vault)).toEqual([2]);
    expect(await vault.journal.get(restoringName(vault))).not.toBeNull();
  });

  test("drops so many of a run and goes on in the next one", async () => {
    const { vault } = await home();
    for (let seq = 1; seq <= 520; seq++) await writeEntry(vault, entry(seq, 0));
    const first = await pruneJournal(vault, nowMs, async () => 0);
    expect(first).toBeGreaterThanOrEqual(500);
    expect(first).toBeLessThan(519);
    const rest = await pruneJournal(vault, nowMs, async () => 0);
    expect(first + rest).toBe(519);
    expect(await seqsIn(vault)).toEqual([520]);
  });

  test("is read on from a name, in order and as far as is asked", async () => {
    const { vault } = await home();
    for (const seq of [3, 1, 2]) await writeEntry(vault, entry(seq, 0));
    expect(await seqsIn(vault, "", 2)).toEqual([1, 2]);
    const [first] = await entriesAfter(vault, "", 1);
    expect(await seqsIn(vault, first?.name)).toEqual([2, 3]);
  });

  test("takes the same change again, and another under its number for an old copy", async () => {
    const { vault } = await home();
    await writeEntry(vault, entry(1, 5));
    await writeEntry(vault, entry(1, 5));
    expect(await vault.journal.get(restoringName(vault))).toBeNull();
    await expect(writeEntry(vault, entry(1, 6))).rejects.toMatchObject({ name: "Restored" });
    expect(await vault.journal.get(restoringName(vault))).not.toBeNull();
  });
});

describe("an entry of the log", () => {
  const deed = (given: Partial<Deed>): Deed => ({
    deed: "read-readings",
    actor: { id: "guest-1", member: null, roles: [] },
    role: "member",
    member: null,
    columns: ["heart_rate"],
    purpose: "coaching",
    ...given,
  });
  const done = { outcome: "permitted", ground: "own", rows: 1 } as const;

  test("names a member by pseudonym, of their own and of another's data; a guest by their id", async () => {
    const { world, vault, member } = await home();
    const ben = await world.enrol("ben", nowMs);
    const actor = { id: member, member, roles: [] };
    await writeWhole(world.shards, deed({ actor, member }), done, nowMs);
    await writeWhole(world.shards, deed({ actor, member: ben.member }), done, nowMs + 1);
    await writeWhole(world.shards, deed({ actor, role: "coach" }), done, nowMs + 2);
    await writeWhole(world.shards, deed({ member }), done, nowMs + 3);
    await writeWhole(world.shards, deed({}), done, nowMs + 4);
    const [a, b] = [
      await pseudonymOf(vault, member, nowMs),
      await pseudonymOf(ben.vault, ben.member, nowMs),
    ];
    const named = deedsIn(world).map((one) => `${one.actor} ${one.member}`);
    const nobodys = [`${member} `, "guest-1 "];
    expect(named.sort()).toEqual([`${a} ${a}`, `${a} ${b}`, `guest-1 ${a}`, ...nobodys].sort());
  });

  test("is refused to whoever was erased meanwhile", async () => {
    const { world, vault, member } = await home();
    await vault.phi.prepare("UPDATE member SET erased_at = 1 WHERE id = ?").bind(member).run();
    forgetPseudonym(vault, member);
    const actor = { id: member, member, roles: [] };
    await expect(openEntry(world.shards, deed({ actor }), nowMs)).rejects.toThrow("no member");
    expect(deedsIn(world)).toEqual([]);
    const nobody = { id: "m_x", member: "m_x" as MemberId, roles: [] };
    await expect(openEntry(world.shards, deed({ actor: nobody }), nowMs)).rejects.toThrow();
  });

  test("holds 100 columns and 64 characters of each text, and what came of it once", async () => {
    const { world } = await home();
    const long = "x".repeat(70);
    const columns = Array.from({ length: 101 }, (_, n) => `${n}${long}`);
    const opened = await openEntry(
      world.shards,
      deed({ columns, purpose: long, role: long }),
      nowMs,
    );
    if (opened === null) throw new Error("not opened");
    await closeEntry(world.shards, opened, { ...done, ground: long });
    await closeEntry(world.shards, opened, { ...done, ground: "again" });
    const [one] = deedsIn(world);
    expect(one?.columns).toHaveLength(100);
    for (const said of [one?.columns[0], one?.purpose, one?.role, one?.ground])
      expect(said).toHaveLength(64);
    expect(one).toMatchObject({ began: "intended", outcome: "permitted", closings: 1 });
  });

  test("is not taken from a log that takes no more, nor is its outcome lost in silence", async () => {
    const { world } = await home();
    const opened = await openEntry(world.shards, deed({}), nowMs);
    if (opened === null) throw new Error("not opened");
    const full = {
      ...world.shards.logs,
      port: () => ({ append: async () => ({ refused: "too-many" }) }),
    };
    const shards = { ...world.shards, logs: full as never };
    expect(await openEntry(shards, deed({}), nowMs)).toBeNull();
    expect(tooMany).toEqual({ refused: "too-many" });
    await expect(closeEntry(shards, opened, done)).rejects.toThrow("did not take an outcome");
    const silent = { ...full, port: () => ({ append: async () => [] }) };
    const lost = openEntry({ ...shards, logs: silent as never }, deed({}), nowMs);
    await expect(lost).rejects.toThrow("not kept");
  });
});
