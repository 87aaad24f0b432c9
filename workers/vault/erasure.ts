/**
 * Erasing a member, a connection, or rows (a workout, a window) in the vault. First it is declared:
 * one batch says in the member's own database what is gone, and from then on nothing of it is sealed
 * again. What is left to do follows from what stands declared (`erasure-finish.ts`), so whoever
 * asks again after a crash, or the hourly run, goes on where it stopped.
 */
import type { MemberId } from "../../domain/identity.ts";
import type { ErasureScope, ErasureStep } from "../../domain/ports.ts";
import { base64Url } from "../../kernel/hmac.ts";
import type { Opened } from "./audit.ts";
import type { Vault } from "./env.ts";
import {
  type Budget,
  type Done,
  deleteMemberRows,
  finishPart,
  newBudget,
} from "./erasure-finish.ts";
import {
  type AskedBy,
  closeErasures,
  openErasure,
  refuseErasure,
  rowPieces,
} from "./erasure-log.ts";
import { assertWhole, type JournalEntry, recordFinished, writeEntry } from "./journal.ts";
import { dropMemberCopies } from "./key-copy.ts";
import { type Lease, LeaseHeld, LeaseLost, withLease } from "./lease.ts";
import { forgetPseudonym, logConnection } from "./pseudonym.ts";
import { dropRowCopies } from "./row-copy.ts";

const forgottenLeaseMs = 120_000;
const nameBytes = 16;

/**
 * asked      by somebody who may: logged, counted, written into the journal
 * finished   by the hourly run, after a crash: as asked, but nobody asks, so no intent is logged
 * replayed   by a restore, from the journal: logged, counted and written there already
 */
type Why = "asked" | "finished" | "replayed";

interface Erasure {
  readonly vault: Vault;
  readonly member: MemberId;
  readonly why: Why;
  readonly atMs: number;
  /** As time goes on while it is done. */
  readonly now: () => number;
  /** Of this invocation. */
  readonly budget: Budget;
  /** Its own intent, if it was asked for. */
  readonly opened: Opened | null;
}

/** The clock of the steps: starts at what the entrypoint said. */
function clockFrom(nowMs: number): () => number {
  const startedMs = Date.now();
  return () => nowMs + Date.now() - startedMs;
}

/**
 * Throws `LeaseHeld` while another worker is at it, `Restored` from an old copy, `LogFull`. The key
 * that names the member in the log goes with the member only.
 *
 * 1. the intent is logged, its place kept   shown as unknown, nothing is erased (`openErasure`)
 * 2. it is erased                           as below; the place tells the hourly run what to close
 * 3. the intent is closed                   below: the last step of each
 */
export async function eraseScope(
  vault: Vault,
  member: MemberId,
  scope: ErasureScope,
  nowMs: number,
  by: AskedBy | null = null,
): Promise<ErasureStep[]> {
  if (scope.kind === "connection" && scope.connection === logConnection) return [];
  const [now, budget] = [clockFrom(nowMs), newBudget()];
  const opened = await openErasure(vault, member, scope, now(), by);
  return erase({ vault, member, why: "asked", atMs: nowMs, now, budget, opened }, scope);
}

/** An entry of the journal, once more. */
export function replayErasure(
  vault: Vault,
  { member, scope, atMs }: JournalEntry,
  nowMs: number,
): Promise<ErasureStep[]> {
  const [now, budget] = [clockFrom(nowMs), newBudget()];
  return erase({ vault, member, why: "replayed", atMs, now, budget, opened: null }, scope);
}

const erase = (erasure: Erasure, scope: ErasureScope): Promise<ErasureStep[]> =>
  scope.kind === "member" ? eraseMember(erasure) : erasePart(erasure, scope);

/**
 * 1. tombstone and count, in one batch             from here on nothing is sealed or opened
 * 2. the journal knows                             D1 knows of one more than the journal: harmless
 * 3. the directory knows                           older tokens are still known, and open nothing
 * 4. every key is destroyed                        the ciphertext that is left opens for nobody
 * 5. rows go, their objects listed as orphans      the sweep destroys what the next step does not
 * 6. objects and copies are destroyed              copies that no key opens
 * 7. both databases count one more finished        counted twice, which is harmless
 * 8. the outcome is logged, the lease given back   it is all done again, which changes nothing;
 *                                                  until then the log shows it as unknown
 *
 * Until 8 the tombstone holds a lease, by which the hourly run finds what a crash left.
 */
async function eraseMember(erasure: Erasure): Promise<ErasureStep[]> {
  const { vault, member, now } = erasure;
  const steps: ErasureStep[] = [];
  const done: Done = (step, count) => steps.push({ step, atMs: now(), count });

  const { changed, seq, erasedAtMs } = await tombstone(erasure);
  if (seq !== null) await writeEntry(vault, { ...entryOf(erasure, { kind: "member" }), seq });
  done("tombstone", changed);
  await vault.directory.markErased(member, erasedAtMs);
  done("keys", await vault.keyring.destroyMember(member));
  forgetPseudonym(vault, member);
  const rows = await deleteMemberRows(vault, member, now(), done);
  await dropMemberCopies(vault, member);
  done("copies", await dropRowCopies(vault, member, () => true));
  await recordFinished(vault);
  await closeErasures(vault, member, rows);
  await vault.phi
    .prepare(
      `UPDATE member SET lease = NULL, lease_until = NULL WHERE id = ? AND erased_at IS NOT NULL`,
    )
    .bind(member)
    .run();
  return steps;
}

const entryOf = ({ member, atMs }: Erasure, scope: ErasureScope): Omit<JournalEntry, "seq"> => ({
  member,
  scope,
  atMs,
});

/** Counted unless it stood already and nothing was left to do. */
async function tombstone({ vault, member, why, atMs, now }: Erasure) {
  const { phi } = vault;
  const lease = base64Url(vault.random(nameBytes));
  const results = await phi.batch<{ erased_at: number; erasures: number }>([
    phi
      .prepare(
        `INSERT INTO member (id, key_id, erased_at, lease, lease_until) VALUES (?1, NULL, ?2, ?3, ?4)
         ON CONFLICT (id) DO UPDATE SET key_id = NULL, erased_at = excluded.erased_at,
           lease = excluded.lease, lease_until = excluded.lease_until
         WHERE member.erased_at IS NULL`,
      )
      .bind(member, atMs, lease, now() + forgottenLeaseMs),
    phi
      .prepare(
        `UPDATE shard_state SET erasures = erasures + 1 WHERE ?2 AND (changes() > 0
           OR EXISTS (SELECT 1 FROM member WHERE id = ?1 AND lease IS NOT NULL))`,
      )
      .bind(member, why === "replayed" ? 0 : 1),
    phi
      .prepare(
        "SELECT erased_at, (SELECT erasures FROM shard_state) AS erasures FROM member WHERE id = ?",
      )
      .bind(member),
  ]);
  const state = results[2]?.results[0];
  if (state === undefined) throw new Error("the tombstone was not kept");
  const isCounted = results[1]?.meta.changes === 1;
  return {
    changed: results[0]?.meta.changes ?? 0,
    seq: isCounted ? state.erasures : null,
    erasedAtMs: state.erased_at,
  };
}

type Part = Exclude<ErasureScope, { kind: "member" }>;

/**
 * 1. the lease is taken                           it runs out, and the hourly run looks at it
 * 2. what goes is declared and counted, in one    nothing of it is sealed again; the hourly run
 *    batch                                        does the rest, but for what is not declared yet
 * 3. the journal knows                            as above: it is written again
 * 4. what stands declared is done                 `finishPart`
 * 5. both databases count one more finished       counted twice, which is harmless
 * 6. the outcome is logged                        the log shows it as unknown until it is finished
 *
 * Nothing for a member who is unknown or erased, and while somebody else has the lease: the intent
 * is closed as refused.
 */
async function erasePart(erasure: Erasure, part: Part | null): Promise<ErasureStep[]> {
  const { vault, member, why, now, budget, opened } = erasure;
  const steps: ErasureStep[] = [];
  const done: Done = (step, count) => steps.push({ step, atMs: now(), count });
  const worked = await withLease(vault, member, now(), async (lease) => {
    if (part !== null) {
      let declared = 0;
      for (const some of pieces(part)) {
        const { changed, seq } = await declare(erasure, lease, some);
        if (seq !== null && !lease.interrupted)
          await writeEntry(vault, { ...entryOf(erasure, some), seq });
        declared += changed;
      }
      done("tombstone", declared);
    }
    if (lease.interrupted && why !== "replayed") await journalAll(erasure);
    const finished = await finishPart(vault, lease, now, done, budget);
    if (finished.replaced) await recordFinished(vault);
    if (finished.done) await closeErasures(vault, member, finished.rows);
    return { done: finished.done, value: true };
  }).catch(async (error: unknown) => {
    if (error instanceof LeaseHeld && opened !== null)
      await refuseErasure(vault, member, opened, "busy");
    throw error;
  });
  if (worked === null && opened !== null) await refuseErasure(vault, member, opened, "no-member");
  return steps;
}

const pieces = (part: Part): readonly Part[] =>
  part.kind === "rows" ? rowPieces(part.rows) : [part];

async function declare(erasure: Erasure, lease: Lease, part: Part) {
  const { vault, member, why } = erasure;
  const { phi } = vault;
  const results = await phi.batch<{ erasures: number; held: number }>([
    declaration(erasure, lease, part),
    phi
      .prepare("UPDATE shard_state SET erasures = erasures + 1 WHERE ? AND changes() > 0")
      .bind(why === "replayed" ? 0 : 1),
    phi
      .prepare(`SELECT erasures, EXISTS (${holds}) AS held FROM shard_state`)
      .bind(member, lease.id),
  ]);
  const state = results[2]?.results[0];
  if (state?.held !== 1) throw new LeaseLost();
  const isCounted = results[1]?.meta.changes === 1;
  return { changed: results[0]?.meta.changes ?? 0, seq: isCounted ? state.erasures : null };
}

const holds = "SELECT 1 FROM member WHERE id = ?1 AND lease = ?2 AND erased_at IS NULL";

/** A row is erased by a retraction that nothing can come after. */
function declaration({ vault: { phi }, member, atMs }: Erasure, lease: Lease, part: Part) {
  if (part.kind === "connection")
    return phi
      .prepare(
        `INSERT OR IGNORE INTO ended_connection (member, connection, at)
         SELECT ?1, ?3, ?4 WHERE EXISTS (${holds})`,
      )
      .bind(member, lease.id, part.connection, atMs);
  return phi
    .prepare(
      `INSERT INTO retraction (member, row_id, revision)
       SELECT ?1, value, ${Number.MAX_SAFE_INTEGER} FROM json_each(?3) WHERE EXISTS (${holds})
       ON CONFLICT (member, row_id) DO UPDATE SET revision = excluded.revision
       WHERE excluded.revision > retraction.revision`,
    )
    .bind(member, lease.id, JSON.stringify(part.rows));
}

/** After a crash nobody knows what the journal was told: it is told all that stands declared. */
async function journalAll({ vault, member, atMs }: Erasure): Promise<void> {
  const { phi } = vault;
  const [ended, retracted] = await phi.batch<{ id: string }>([
    phi.prepare("SELECT connection AS id FROM ended_connection WHERE member = ?").bind(member),
    phi
      .prepare("SELECT row_id AS id FROM retraction WHERE member = ? AND revision = ?")
      .bind(member, Number.MAX_SAFE_INTEGER),
  ]);
  const rows = (retracted?.results ?? []).map(({ id }) => id);
  const scopes = [
    ...(ended?.results ?? []).map(({ id }) => ({ kind: "connection", connection: id })),
    ...(rows.length === 0 ? [] : pieces({ kind: "rows", rows })),
  ] as Part[];
  for (const scope of scopes) {
    const seq = await phi
      .prepare("UPDATE shard_state SET erasures = erasures + 1 RETURNING erasures")
      .first<number>("erasures");
    if (seq === null) throw new Error("the shard has no state");
    await writeEntry(vault, { seq, member, scope, atMs });
  }
}

/**
 * Hourly: what a crash left of erasures is finished, a bounded number of members, those first that
 * have waited longest, until the invocation's calls are used up.
 */
export async function finishErasures(vault: Vault, nowMs: number, limit: number): Promise<number> {
  await assertWhole(vault, nowMs);
  const { results } = await vault.phi
    .prepare(
      `SELECT id, erased_at FROM member WHERE lease IS NOT NULL AND lease_until <= ?
       ORDER BY lease_until LIMIT ?`,
    )
    .bind(nowMs, limit)
    .all<{ id: MemberId; erased_at: number | null }>();
  let finished = 0;
  const budget = newBudget();
  const failures: unknown[] = [];
  for (const { id: member, erased_at } of results) {
    if (budget.calls <= 0) break;
    try {
      const of = { vault, member, why: "finished", now: clockFrom(nowMs) } as const;
      const erasure = { ...of, budget, opened: null };
      if (erased_at !== null) await eraseMember({ ...erasure, atMs: erased_at });
      else await erasePart({ ...erasure, atMs: nowMs }, null);
      finished++;
    } catch (error) {
      if (!(error instanceof LeaseHeld || error instanceof LeaseLost)) failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
  return finished;
}
