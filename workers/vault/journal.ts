/**
 * The journal of erasures lies outside the databases and is never restored with them: an old copy of
 * a database is known by it, and is made to forget again what was erased since (`restore.ts`).
 * Internal ids only. An erasure is counted in its database first and written here after that, so the
 * database may know more than the journal, which is harmless, and never less.
 */
import type { MemberId } from "../../domain/identity.ts";
import type { ErasureScope } from "../../domain/ports.ts";
import type { Vault } from "./env.ts";

const seqDigits = 12;
const listedMax = 1_000;
const looksMax = 5;
const checkedForMs = 60_000;
/** Databases can be put back 30 days at most; the rest is for those who take their time. */
const keptForMs = 35 * 86_400_000;
const prunedPerRun = 500;

export interface JournalEntry {
  readonly seq: number;
  readonly member: MemberId;
  readonly scope: ErasureScope;
  readonly atMs: number;
}
type Shard = Pick<Vault, "shard" | "journal">;

/** The database is an old copy: nothing is read from it or written to it before it is made whole. */
export class Restored extends Error {
  override readonly name = "Restored";
}

const prefixOf = ({ shard }: Shard): string => `journal/${shard}/`;
const nameOf = (vault: Shard, seq: number): string =>
  `${prefixOf(vault)}${String(seq).padStart(seqDigits, "0")}`;
/** While it is there the shard is being made whole. It sorts behind every entry. */
export const restoringName = (vault: Shard): string => `${prefixOf(vault)}restoring`;

/** Throws `Restored` when that number is taken: the database counts anew what it counted before. */
export async function writeEntry(vault: Vault, entry: JournalEntry): Promise<void> {
  const written = await vault.journal.put(nameOf(vault, entry.seq), JSON.stringify(entry), {
    onlyIf: { etagDoesNotMatch: "*" },
  });
  if (written === null) throw new Restored();
}

/** The next entries after a name, in order of their numbers. */
export async function entriesAfter(
  vault: Shard,
  after: string,
  limit: number,
): Promise<{ readonly name: string; readonly entry: JournalEntry }[]> {
  const { objects } = await vault.journal.list({
    prefix: prefixOf(vault),
    limit,
    ...(after === "" ? {} : { startAfter: after }),
  });
  const entries = objects.map(async ({ key: name }) => {
    const object = name === restoringName(vault) ? null : await vault.journal.get(name);
    return object === null ? [] : [{ name, entry: await object.json<JournalEntry>() }];
  });
  return (await Promise.all(entries)).flat();
}

/**
 * Whether the journal knows of an erasure that the database does not, or a restore is under way. An
 * entry is written after it was counted, so the count is read again after a greater one was seen.
 */
export async function isRestored(vault: Vault): Promise<boolean> {
  let known = await erasuresOf(vault);
  for (let look = 0; look < looksMax; look++) {
    const { objects } = await vault.journal.list({
      prefix: prefixOf(vault),
      startAfter: nameOf(vault, known),
      limit: 1,
    });
    const [found] = objects;
    if (found === undefined) return false;
    if (found.key === restoringName(vault)) return true;
    known = await erasuresOf(vault);
    if (found.key > nameOf(vault, known)) return true;
  }
  return false;
}

const erasuresOf = async ({ phi }: Vault): Promise<number> =>
  (await phi.prepare("SELECT erasures FROM shard_state").first<number>("erasures")) ?? 0;

const wholeUntil = new WeakMap<Vault, number>();

/** Throws `Restored`. What was found whole counts as whole for a minute. */
export async function assertWhole(vault: Vault, nowMs: number): Promise<void> {
  if ((wholeUntil.get(vault) ?? 0) > nowMs) return;
  if (await isRestored(vault)) throw new Restored();
  wholeUntil.set(vault, nowMs + checkedForMs);
}

export const forgetWhole = (vault: Vault): boolean => wholeUntil.delete(vault);

/**
 * Drops a bounded number of entries that no restore can need any more, each with what else was kept
 * for its sake; the newest stays. Returns how many went.
 */
export async function pruneJournal(
  vault: Vault,
  nowMs: number,
  dropKept: (vault: Vault, member: MemberId, nowMs: number) => Promise<number>,
): Promise<number> {
  const { objects, truncated } = await vault.journal.list({
    prefix: prefixOf(vault),
    limit: Math.min(prunedPerRun + 1, listedMax),
  });
  const names = objects.map(({ key }) => key).filter((key) => key !== restoringName(vault));
  let pruned = 0;
  for (const name of truncated ? names : names.slice(0, -1)) {
    const entry = await (await vault.journal.get(name))?.json<JournalEntry>();
    if (entry === undefined) continue;
    if (entry.atMs > nowMs - keptForMs) break;
    await dropKept(vault, entry.member, nowMs);
    await vault.journal.delete(name);
    pruned++;
  }
  return pruned;
}
