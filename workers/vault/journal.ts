/**
 * The journal of changes that no restore may undo: erasures, revoked consents, forbids, privacy zones.
 * It lies outside the databases and is never restored with them: an old copy of a database is known
 * by it, and is made to go through those changes again (`restore.ts`). Internal ids only, and what a
 * forbid says. A change is counted in its database first and written here after that, so the
 * database may know more than the journal, which is harmless, and never less.
 */
import type { MemberId } from "../../domain/identity.ts";
import type { Consent, ErasureScope } from "../../domain/ports.ts";
import type { Vault } from "./env.ts";

const seqDigits = 12;
const looksMax = 5;
const checkedForMs = 60_000;
/** Databases can be put back 30 days at most; the rest is for those who take their time. */
const keptForMs = 35 * 86_400_000;
const prunedPerRun = 500;

export type Change =
  | ErasureScope
  | { readonly kind: "revocation"; readonly consent: string }
  | { readonly kind: "forbid"; readonly consent: Consent }
  /** The revision that is sealed: the zones themselves are a reading, and not written here. */
  | { readonly kind: "zones"; readonly revision: number };

export interface JournalEntry<Scope extends Change = ErasureScope> {
  readonly seq: number;
  readonly member: MemberId;
  readonly scope: Scope;
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

/** What a restore begins with. */
export const restoreBegins = { phase: "epoch", cursor: "", erasures: 0, steps: [] } as const;

/**
 * Throws `Restored` when that number is taken by another change: the database counts anew what it
 * counted before. It would soon have counted as far as the journal and seem whole, so it is said
 * first that the shard is to be made whole.
 */
export async function writeEntry(vault: Vault, entry: JournalEntry<Change>): Promise<void> {
  const [name, text] = [nameOf(vault, entry.seq), JSON.stringify(entry)];
  const onlyIf = { etagDoesNotMatch: "*" };
  if ((await vault.journal.put(name, text, { onlyIf })) !== null) return;
  if ((await (await vault.journal.get(name))?.text()) === text) return;
  await vault.journal.put(restoringName(vault), JSON.stringify(restoreBegins), { onlyIf });
  forgetWhole(vault);
  throw new Restored();
}

/** For a batch: counts a change if the statement before it changed anything. */
export const countIfChanged = (phi: D1Database): D1PreparedStatement =>
  phi.prepare(counting("changes() > 0"));

const counting = (condition: string): string =>
  `UPDATE shard_state SET erasures = erasures + 1 WHERE ${condition} RETURNING erasures AS seq`;

export const seqIn = (result: D1Result | undefined): number | null =>
  ((result?.results ?? []) as { seq: number }[])[0]?.seq ?? null;

/** A change that stands, said again: its entry may not have been written the first time. */
export async function journalAgain(
  vault: Vault,
  change: Omit<JournalEntry<Change>, "seq">,
  stands: string,
  ...bound: readonly unknown[]
): Promise<void> {
  const [counted] = await vault.phi.batch([vault.phi.prepare(counting(stands)).bind(...bound)]);
  const seq = seqIn(counted);
  if (seq !== null) await writeEntry(vault, { seq, ...change });
}

/** The next entries after a name, in order of their numbers. */
export async function entriesAfter(
  vault: Shard,
  after: string,
  limit: number,
): Promise<{ readonly name: string; readonly entry: JournalEntry<Change> }[]> {
  const { objects } = await vault.journal.list({
    prefix: prefixOf(vault),
    limit,
    ...(after === "" ? {} : { startAfter: after }),
  });
  const entries = objects.map(async ({ key: name }) => {
    const object = name === restoringName(vault) ? null : await vault.journal.get(name);
    return object === null ? [] : [{ name, entry: await object.json<JournalEntry<Change>>() }];
  });
  return (await Promise.all(entries)).flat();
}

/**
 * Whether the journal knows of a change that the database does not, or the database of keys of fewer
 * finished erasures than phi, or a restore is under way, whose mark no number reaches. An entry is
 * written after it was counted, so the count is read again after a greater one was seen.
 */
export async function isRestored(vault: Vault): Promise<boolean> {
  return (await areKeysOld(vault)) || (await isPhiOld(vault));
}

async function isPhiOld(vault: Vault): Promise<boolean> {
  let known = await erasuresOf(vault);
  for (let look = 0; look < looksMax; look++) {
    const { objects } = await vault.journal.list({
      prefix: prefixOf(vault),
      startAfter: nameOf(vault, known),
      limit: 1,
    });
    const [found] = objects;
    if (found === undefined) return false;
    known = await erasuresOf(vault);
    if (found.key > nameOf(vault, known)) return true;
  }
  return false;
}

const erasuresOf = async ({ phi }: Vault): Promise<number> =>
  (await phi.prepare("SELECT erasures FROM shard_state").first<number>("erasures")) ?? 0;

const finishesOf = async ({ phi }: Vault): Promise<number> =>
  (await phi.prepare("SELECT finishes FROM shard_state").first<number>("finishes")) ?? 0;

/** The database of keys counts first and is read last, so it never seems to know less. */
async function areKeysOld(vault: Vault): Promise<boolean> {
  const known = await finishesOf(vault);
  const { database } = vault.keyring;
  const counted = await database
    .prepare("SELECT finishes FROM key_state")
    .first<number>("finishes");
  return (counted ?? 0) < known;
}

/**
 * Said when an erasure's keys are destroyed. From then on an older copy of the database of keys is
 * known by its count, which never catches up by itself. Throws `Restored` when it is one already.
 *
 * 1. what phi knows is read                    nothing is changed
 * 2. the keys' count grows, unless it is less  it knows of one more than phi: harmless
 * 3. phi's is as great                         done; said again, both grow once more
 */
export async function recordFinished(vault: Vault): Promise<void> {
  const known = await finishesOf(vault);
  const counted = await vault.keyring.database
    .prepare("UPDATE key_state SET finishes = finishes + 1 WHERE finishes >= ? RETURNING finishes")
    .bind(known)
    .first<number>("finishes");
  if (counted === null) throw new Restored();
  await vault.phi.prepare("UPDATE shard_state SET finishes = max(finishes, ?)").bind(counted).run();
}

/** For a restore, which erases again what is needed: what either database finished, both know. */
export async function levelFinishes(vault: Vault): Promise<void> {
  const known = await finishesOf(vault);
  const counted = await vault.keyring.database
    .prepare("UPDATE key_state SET finishes = max(finishes, ?) RETURNING finishes")
    .bind(known)
    .first<number>("finishes");
  await vault.phi
    .prepare("UPDATE shard_state SET finishes = max(finishes, ?)")
    .bind(counted ?? known)
    .run();
}

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
    limit: prunedPerRun + 1,
  });
  const names = objects.map(({ key }) => key).filter((key) => key !== restoringName(vault));
  let pruned = 0;
  for (const name of truncated ? names : names.slice(0, -1)) {
    const entry = await (await vault.journal.get(name))?.json<JournalEntry<Change>>();
    if (entry === undefined) continue;
    if (entry.atMs > nowMs - keptForMs) break;
    await dropKept(vault, entry.member, nowMs);
    await vault.journal.delete(name);
    pruned++;
  }
  return pruned;
}
