/** The journal while others count, write, restore and prune at the same moment. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { MemberId } from "../../domain/identity.ts";
import type { Vault } from "../../workers/vault/env.ts";
import {
  assertWhole,
  type Change,
  entriesAfter,
  forgetWhole,
  isRestored,
  type JournalEntry,
  journalAgain,
  levelFinishes,
  pruneJournal,
  Restored,
  restoringName,
  seqIn,
  writeEntry,
} from "../../workers/vault/journal.ts";
import { closeWorld } from "./erasures.ts";
import { makeWorld, type World } from "./world.ts";

const nowMs = 1_800_000_000_000;
const member = "m_ada" as MemberId;

let world: World;
let vault: Vault;
beforeEach(async () => {
  world = makeWorld();
  ({ vault } = await world.enrol("ada", nowMs));
});
afterEach(() => closeWorld(world));

const change = (consent: string): Omit<JournalEntry<Change>, "seq"> => ({
  member,
  scope: { kind: "revocation", consent },
  atMs: 0,
});
const entry = (seq: number): JournalEntry<Change> => ({ seq, ...change(`c_${seq}`) });
const seqs = async () => (await entriesAfter(vault, "", 100)).map((one) => one.entry.seq);
const names = async () =>
  (await vault.journal.list({ prefix: "journal/" })).objects.map(({ key }) => key);
const finishes = async () => [
  await vault.phi.prepare("SELECT finishes FROM shard_state").first("finishes"),
  await vault.keyring.database.prepare("SELECT finishes FROM key_state").first("finishes"),
];

describe("a change that is said again", () => {
  test("is counted and written where it stands, and neither where it does not", async () => {
    await journalAgain(vault, change("c_1"), "1 = ?", 1);
    await journalAgain(vault, change("c_2"), "1 = ?", 2);
    await journalAgain(vault, change("c_3"), "1 = ?", 1);
    expect(await seqs()).toEqual([1, 2]);
    expect(await names()).toHaveLength(2);
    expect(await isRestored(vault)).toBe(false);
    expect(seqIn(undefined)).toBeNull();
  });
});

describe("whether a shard is whole", () => {
  /** While the journal is looked at, somebody counts a change and writes it, this many times. */
  function busy(times: number): { readonly vault: Vault; readonly looks: () => number } {
    let looks = 0;
    const list: Vault["journal"]["list"] = async (options) => {
      looks++;
      if (looks <= times) await journalAgain(vault, change(`c_${looks}`), "TRUE");
      return vault.journal.list(options);
    };
    return { vault: { ...vault, journal: { ...vault.journal, list } }, looks: () => looks };
  }

  test("is not doubted because of what is counted and written meanwhile", async () => {
    const once = busy(1);
    expect(await isRestored(once.vault)).toBe(false);
    expect(once.looks()).toBe(2);
  });

  test("is not looked for without end where something is always written meanwhile", async () => {
    const always = busy(Number.POSITIVE_INFINITY);
    expect(await isRestored(always.vault)).toBe(false);
    expect(always.looks()).toBe(5);
  });

  test("is denied by one entry that was never counted here, and while a restore goes on", async () => {
    await writeEntry(vault, entry(1));
    expect(await isRestored(vault)).toBe(true);
    await vault.phi.prepare("UPDATE shard_state SET erasures = 1").run();
    expect(await isRestored(vault)).toBe(false);
    await vault.journal.put(restoringName(vault), "{}");
    expect(await isRestored(vault)).toBe(true);
  });

  test("once found counts for a minute, unless it is forgotten", async () => {
    await assertWhole(vault, nowMs);
    await vault.journal.put(restoringName(vault), "{}");
    await assertWhole(vault, nowMs + 59_999);
    await expect(assertWhole(vault, nowMs + 60_000)).rejects.toThrow(Restored);
    await assertWhole(vault, nowMs + 59_999);
    forgetWhole(vault);
    await expect(assertWhole(vault, nowMs + 1)).rejects.toThrow(Restored);
  });

  test("is doubted at once by whoever finds the number of a change taken", async () => {
    await assertWhole(vault, nowMs);
    await writeEntry(vault, entry(1));
    await expect(writeEntry(vault, { ...entry(1), atMs: 7 })).rejects.toThrow(Restored);
    await expect(assertWhole(vault, nowMs)).rejects.toThrow(Restored);
  });
});

describe("a number that is taken by another change", () => {
  test("leaves a restore that goes on where it is", async () => {
    await writeEntry(vault, entry(1));
    await vault.journal.put(restoringName(vault), "half way");
    await expect(writeEntry(vault, { ...entry(1), atMs: 7 })).rejects.toThrow(Restored);
    expect(await (await vault.journal.get(restoringName(vault)))?.text()).toBe("half way");
  });

  test("and dropped meanwhile is no less a sign of an old copy", async () => {
    const put: Vault["journal"]["put"] = async (name, ...rest) =>
      name === restoringName(vault) ? vault.journal.put(name, ...rest) : (null as never);
    const taken = { ...vault, journal: { ...vault.journal, put } };
    await expect(writeEntry(taken, entry(1))).rejects.toThrow(Restored);
  });
});

test("pruning passes over what another run dropped meanwhile", async () => {
  for (const seq of [1, 2, 3]) await writeEntry(vault, entry(seq));
  const [first] = await names();
  const get = (async (name: string) =>
    name === first ? null : vault.journal.get(name)) as Vault["journal"]["get"];
  const raced = { ...vault, journal: { ...vault.journal, get } };
  expect(await pruneJournal(raced, nowMs, async () => 0)).toBe(1);
  expect(await seqs()).toEqual([1, 3]);
});

test("erasures that either database finished, both know once they are made level", async () => {
  for (const [phi, keys] of [
    [2, 5],
    [5, 2],
  ] as const) {
    await vault.phi.prepare("UPDATE shard_state SET finishes = ?").bind(phi).run();
    await vault.keyring.database.prepare("UPDATE key_state SET finishes = ?").bind(keys).run();
    await levelFinishes(vault);
    expect(await finishes()).toEqual([5, 5]);
  }
});
