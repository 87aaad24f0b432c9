/**
 * Reading sealed raw slices again, by what their provider's file says today. Nothing restricted is
 * handed back: open fields before and after, and the names of restricted columns that differ. What
 * a newer edition reads otherwise becomes a new edition of the same revision, so a later word of
 * the source, and every retraction, wins over it whichever comes first. The slices stay as they came.
 */
import type { Digest, MemberId } from "../../domain/identity.ts";
import {
  type OpenFact,
  type OpenStatement,
  type OrRefusal,
  type RereadAnswer,
  type RereadFact,
  type RereadRequest,
  rereadFactsMax,
  type SealedRow,
} from "../../domain/ports.ts";
import { providerNamed } from "../../providers/index.ts";
import type { Provider } from "../../providers/provider.ts";
import { closeEntry, openEntry, tooMany } from "./audit.ts";
import { type Shards, type Vault, wholeShardAt } from "./env.ts";
import { rawColumn } from "./groups.ts";
import type { Actor } from "./principal.ts";
import { type Compared, compare } from "./reread-compare.ts";
import { type Opened, openSlices } from "./reread-slices.ts";
import { sealRows } from "./sealed-store.ts";

export interface Rereading {
  readonly digest: Digest;
  readonly nowMs: () => number;
  providerOf(name: string): Provider | undefined;
}
export const rereadingWith = (digest: Digest): Rereading => ({
  digest,
  nowMs: Date.now,
  providerOf: providerNamed,
});

/**
 * 1. the intent is in the log                an entry without an outcome: shown as unknown
 * 2. slices are opened, read and compared    the same
 * 3. restricted columns that differ are sealed, each at the revision it was said with
 *                                            the open fields are still the old ones; asked again,
 *                                            they are found to differ and returned
 * 4. the outcome is logged                   the same
 * 5. open statements are returned            their caller records them, or asks again
 */
export async function reread(
  shards: Shards,
  actor: Actor,
  { member, held, dryRun }: RereadRequest,
  rereading: Rereading,
): Promise<OrRefusal<RereadAnswer>> {
  if (held.length > rereadFactsMax) return { refused: "invalid" };
  const shard = await shards.directory.shardOf(member);
  if (shard === null) return { refused: "not-found" };
  const vault = await wholeShardAt(shards, shard, rereading.nowMs());
  const deed = { deed: "reread", actor, role: "operator", member } as const;
  const said = { ...deed, columns: [rawColumn], purpose: dryRun ? "dry-run" : "apply" };
  const entry = await openEntry(shards, said, rereading.nowMs());
  if (entry === null) return tooMany;
  const done = await rereadAll({ vault, member, dryRun, rereading }, held);
  if ("refused" in done) {
    await closeEntry(shards, entry, { outcome: "failed", ground: done.refused, rows: 0 });
    return done;
  }
  const outcome = { outcome: "permitted", ground: "operator", rows: done.opened };
  await closeEntry(shards, entry, outcome);
  return { facts: done.facts, statements: done.statements };
}

interface Work {
  readonly vault: Vault;
  readonly member: MemberId;
  readonly dryRun: boolean;
  readonly rereading: Rereading;
}
interface Done extends RereadAnswer {
  readonly opened: number;
}

/** As many at once as the vault opens at once; what is more is halved until it fits. */
async function rereadAll(work: Work, held: readonly OpenFact[]): Promise<OrRefusal<Done>> {
  if (held.length === 0) return { facts: [], statements: [], opened: 0 };
  const rows = held.map(({ id }) => id);
  const opened = await openSlices(work.vault, work.member, rows, work.rereading.nowMs());
  if (opened === "busy") return { refused: "busy" };
  if (opened === "forgotten") return { refused: "not-found" };
  if (opened !== "too-large") return rereadSome(work, held, opened);
  if (held.length === 1) {
    const facts = held.map(({ id }) => unchanged(id, "unreadable", "too-large"));
    return { facts, statements: [], opened: 0 };
  }
  const half = Math.ceil(held.length / 2);
  const first = await rereadAll(work, held.slice(0, half));
  if ("refused" in first) return first;
  const second = await rereadAll(work, held.slice(half));
  if ("refused" in second) return second;
  return {
    facts: [...first.facts, ...second.facts],
    statements: [...first.statements, ...second.statements],
    opened: first.opened + second.opened,
  };
}

async function rereadSome(work: Work, held: readonly OpenFact[], opened: Opened): Promise<Done> {
  const { vault, member, rereading, dryRun } = work;
  const facts: RereadFact[] = [];
  const statements: OpenStatement[] = [];
  for (const fact of held) {
    const slices = opened.slices.get(fact.id);
    const provider = rereading.providerOf(String(fact.provider));
    const compared = await compare({ vault, member, ...rereading }, provider, fact, slices, opened);
    const judged = judge(compared, fact, provider);
    const isApplied = judged.outcome === "changed" && !dryRun && "statement" in compared;
    const isGone = isApplied && !(await seal(work, fact, compared.rows));
    facts.push(isGone ? unchanged(fact.id, "no-raw", "forgotten") : judged);
    if (isApplied && !isGone && Object.keys(judged.fields).length > 0)
      statements.push(compared.statement);
  }
  return { facts, statements, opened: opened.slices.size };
}

/** Only a newer edition may change what an older one read. */
function judge(compared: Compared, { id, edition = 1 }: OpenFact, provider?: Provider): RereadFact {
  if (!("statement" in compared)) return unchanged(id, compared.outcome, compared.reason);
  const { fields, columns } = compared;
  const differs = Object.keys(fields).length > 0 || columns.length > 0;
  const isNewer = (provider?.edition ?? 1) > edition;
  const outcome = isNewer ? "changed" : "same-edition";
  return { id, outcome: differs ? outcome : "same", fields, columns, reason: null };
}

const unchanged = (
  id: string,
  outcome: "unreadable" | "no-raw",
  reason: string | null,
): RereadFact => ({ id, outcome, fields: {}, columns: [], reason });

/** False when the member, or what came by that connection, was erased meanwhile. */
async function seal(
  { vault, member, rereading }: Work,
  { connection }: OpenFact,
  rows: readonly SealedRow[],
): Promise<boolean> {
  if (rows.length === 0) return true;
  const sealed = await sealRows(vault, member, String(connection), rows, rereading.nowMs());
  return sealed === "sealed";
}
