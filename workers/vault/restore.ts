/**
 * Making a shard whole whose databases were put back to an older copy: what was erased since is
 * erased again, what was revoked is revoked again, and what lives opens again. Done in bounded steps
 * that may stop anywhere and be asked again; while it is not done, the vault refuses the shard
 * (`journal.ts`).
 *
 * 1. epoch     new keys are wrapped under the newest epoch;   said again, it stays
 *              both databases count the same finished
 * 2. keys      members whose keys are under an epoch that is  each member's in one batch; said
 *              gone, or older than the copy of them, get the  again, they are as new as the copy
 *              copy; what is left under such an epoch goes;
 *              so does what is broken and has no copy
 * 3. members   each member's row names a generation that      row by row, where it is still as it
 *              exists                                         was read
 * 4. journal   entry by entry, oldest first: survivors are    an entry is replayed twice, which
 *              put back from their copies, then it is erased  changes nothing
 *              again; consents are revoked or forbid again
 * 5. lost      rows that no key or no object is there for go, said again, they are gone
 *              and are counted: providers may have them still
 * 6. the count of changes is the journal's, and the vault    between the two: 1 to 5 once more
 *    serves the shard again
 */
import type { ErasureStep, RestoreStatus } from "../../domain/ports.ts";
import type { Shards, Vault } from "./env.ts";
import {
  entriesAfter,
  forgetWhole,
  levelFinishes,
  restoreBegins,
  restoringName,
} from "./journal.ts";
import { copiesAfter, putBackKeys } from "./key-copy.ts";
import { replayEntry } from "./replay.ts";
import { mendBroken } from "./restore-broken.ts";
import { dropLost } from "./restore-lost.ts";
import { nameGenerations } from "./restore-members.ts";
import { raiseEpoch } from "./shard-status.ts";

const copiesPerStep = 10;
const keysPerBatch = 200;
const entriesPerStep = 5;
const deadKeysPerBatch = 2_000;

const phases = ["epoch", "keys", "dead-keys", "broken-keys", "members", "journal", "lost"] as const;
type Phase = (typeof phases)[number];

/** What is left to do, kept beside the journal. */
interface State {
  readonly phase: Phase;
  readonly cursor: string;
  readonly erasures: number;
  readonly steps: readonly ErasureStep[];
}
/** What a bounded step did; where the next one begins, null when its phase is done. */
export interface Stepped {
  readonly count: number;
  readonly next: string | null;
  readonly erasures?: number;
}
type Step = (vault: Vault, cursor: string, nowMs: number) => Promise<Stepped>;

/** One step; asked until `done`. Asked of a shard that is whole, it changes nothing in it. */
export async function restoreShard(
  shards: Shards,
  vault: Vault,
  nowMs: number,
): Promise<RestoreStatus> {
  const { shard } = vault;
  const state: State = (await stateOf(vault)) ?? restoreBegins;
  if (state.steps.length === 0) await keep(vault, state);
  forgetWhole(vault);
  const { count, next, erasures } = await stepsOf(shards)[state.phase](vault, state.cursor, nowMs);
  const steps = added(state.steps, { step: state.phase, atMs: nowMs, count });
  const known = Math.max(state.erasures, erasures ?? 0);
  const phase = next === null ? phases[phases.indexOf(state.phase) + 1] : state.phase;
  if (phase === undefined) {
    await serveAgain(vault, known);
    return { shard, steps, done: true };
  }
  await keep(vault, { phase, cursor: next ?? "", erasures: known, steps });
  return { shard, steps, done: false };
}

async function stateOf(vault: Vault): Promise<State | null> {
  const object = await vault.journal.get(restoringName(vault));
  return object === null ? null : object.json<State>();
}

const keep = (vault: Vault, state: State) =>
  vault.journal.put(restoringName(vault), JSON.stringify(state));

const added = (steps: readonly ErasureStep[], done: ErasureStep): ErasureStep[] => {
  const before = steps.find(({ step }) => step === done.step);
  const others = steps.filter(({ step }) => step !== done.step);
  return [...others, { ...done, count: done.count + (before?.count ?? 0) }];
};

async function serveAgain(vault: Vault, erasures: number): Promise<void> {
  await vault.phi
    .prepare("UPDATE shard_state SET erasures = max(erasures, ?)")
    .bind(erasures)
    .run();
  await vault.journal.delete(restoringName(vault));
}

const stepsOf = (shards: Shards): Readonly<Record<Phase, Step>> => ({
  epoch: (vault) => setEpoch(shards, vault),
  keys: (vault, cursor) => keysBack(shards, vault, cursor),
  "dead-keys": (vault) => dropDeadKeys(shards, vault),
  "broken-keys": (vault, cursor, nowMs) => mendBroken(shards, vault, cursor, nowMs),
  members: nameGenerations,
  journal: replay,
  lost: dropLost,
});

const epochsOf = async ({ epochs }: Shards): Promise<number[]> =>
  (await epochs.list()).map(({ n }) => n);

async function setEpoch(shards: Shards, vault: Vault): Promise<Stepped> {
  const newest = (await epochsOf(shards)).at(-1);
  await levelFinishes(vault);
  if (newest !== undefined) await raiseEpoch(vault, newest);
  return { count: newest === undefined ? 0 : 1, next: null };
}

/** The copies of every epoch that exists, the oldest first; a member's own after the rotation's. */
async function keysBack(shards: Shards, vault: Vault, cursor: string): Promise<Stepped> {
  const epochs = await epochsOf(shards);
  const [at, after = ""] = cursor === "" ? [epochs[0]] : (JSON.parse(cursor) as [number, string]);
  if (at === undefined) return { count: 0, next: null };
  const copies = await copiesAfter(vault, at, after, copiesPerStep);
  const keys = copies.flatMap((copy) => copy.keys);
  let count = 0;
  for (let i = 0; i < keys.length; i += keysPerBatch)
    count += await putBackKeys(vault, keys.slice(i, i + keysPerBatch), epochs);
  const last = copies.at(-1)?.name;
  if (last !== undefined) return { count, next: JSON.stringify([at, last]) };
  const following = epochs.find((n) => n > at);
  return { count, next: following === undefined ? null : JSON.stringify([following, ""]) };
}

/** Rows under an epoch that is gone open nothing, and would keep a rotation from ending. */
async function dropDeadKeys(shards: Shards, { keyring }: Vault): Promise<Stepped> {
  const living = JSON.stringify(await epochsOf(shards));
  const dead = `SELECT member, key_id FROM member_key
    WHERE epoch NOT IN (SELECT value FROM json_each(?1)) ORDER BY member, key_id LIMIT ?2`;
  const [, memberKeys] = await keyring.database.batch([
    keyring.database
      .prepare(`DELETE FROM data_key WHERE (member, generation) IN (${dead})`)
      .bind(living, deadKeysPerBatch),
    keyring.database
      .prepare(`DELETE FROM member_key WHERE (member, key_id) IN (${dead})`)
      .bind(living, deadKeysPerBatch),
  ]);
  const count = memberKeys?.meta.changes ?? 0;
  return { count, next: count < deadKeysPerBatch ? null : "more" };
}

async function replay(vault: Vault, cursor: string, nowMs: number): Promise<Stepped> {
  const entries = await entriesAfter(vault, cursor, entriesPerStep);
  for (const { entry } of entries) await replayEntry(vault, entry, nowMs);
  const last = entries.at(-1);
  if (last === undefined) return { count: 0, next: null };
  return { count: entries.length, next: last.name, erasures: last.entry.seq };
}
