/**
 * What follows when a provider itself confirmed that an account withdrew its consent, and the vault
 * erased what came by it: the rest of the erasure, as if its member had asked for it.
 */
import type { ConnectionId, MemberId } from "../domain/identity.ts";
import type {
  ConnectionLink,
  ErasureStep,
  LedgerPort,
  RunMessage,
  WorkPort,
} from "../domain/ports.ts";
import { ledgerName } from "../domain/ports.ts";
import type { Instant } from "../domain/time.ts";
import { hmacDigest } from "../kernel/hmac.ts";
import {
  announceErased,
  droppedConnections,
  type ErasePorts,
  eraseInLedgers,
  forgettings,
  forgottenAccount,
  issueReceipt,
} from "./erasing.ts";

const ofAccountMax = 200;

export interface EndEnv {
  readonly LEDGER: DurableObjectNamespace;
  readonly VAULT_WORK: Pick<WorkPort, "resolveSamples">;
  readonly WAREHOUSE: D1Database;
  readonly RUNS: Queue<RunMessage>;
  readonly FORGOTTEN_KEY: string;
}
export type Ended = ConnectionLink & {
  readonly connection: ConnectionId;
  readonly member: MemberId;
};

/**
 *   1. the ledgers let go of what came by it       asked again, they go on; their retractions take
 *                                                  what older connections had sealed of it. What a
 *                                                  newer one brought is not theirs to let go of
 *   2. days that its samples counted on are made anew
 *   3. the account is remembered as forgotten, its connection ends, receipt and run stand: at once
 *                                                  asked again, a second receipt says the rest
 */
export async function eraseEnded(
  env: EndEnv,
  { member, connection, account, provider }: Ended,
  steps: readonly ErasureStep[],
  nowMs: Instant,
): Promise<void> {
  const ports = portsOf(env);
  const { ids, endedAtMs } = await everyOneOf(env.WAREHOUSE, { member, connection, account });
  const open = await eraseInLedgers(ports, { member, provider, account, ids });
  if (open === null) throw new Error("the ledger has more to let go of");
  const work = env.VAULT_WORK;
  const days = await announceErased({ ...ports, work }, member, open.letGo);
  const accounts = [account, ...(await formerOnesOf(env.WAREHOUSE, ids))];
  const remembered = await Promise.all(accounts.map((a) => forgottenAccount(ports.forgotten, a)));
  const done = [...steps, ...open.steps, ...days];
  const scope = { kind: "connection", connections: ids } as const;
  const redaction = { merchant: member, scope };
  const erased = { steps: done, letGo: open.letGo, askedAtMs: nowMs, redaction };
  await issueReceipt(ports, { scope: "connection", ...erased }, (db) => [
    ...forgettings(db, "account", remembered, endedAtMs ?? nowMs),
    ...droppedConnections(db, ids),
    db
      .prepare("UPDATE connection SET ended_at = ? WHERE id = ? AND ended_at IS NULL")
      .bind(nowMs, connection),
  ]);
}

/**
 * This connection and those whose place it took: what they brought came from the same account. One
 * that was made later rests on a grant of its own, which nobody withdrew: it goes on, and so do its
 * facts. `endedAtMs`: when such a one took this one's place; null: none did.
 */
async function everyOneOf(
  db: D1Database,
  { member, connection, account }: Pick<Ended, "member" | "connection" | "account">,
) {
  const { results } = await db
    .prepare(
      `SELECT other.id, this.ended_at AS endedAtMs FROM connection AS this
       JOIN connection AS other ON other.member = this.member AND other.account = this.account
       WHERE this.id = ?1 AND this.member = ?2 AND this.account = ?3
         AND other.made_at < this.made_at AND other.ended_at IS NOT NULL
       UNION ALL SELECT id, ended_at FROM connection WHERE id = ?1
       ORDER BY 1 LIMIT ?4`,
    )
    .bind(connection, member, account, ofAccountMax)
    .all<{ id: string; endedAtMs: Instant | null }>();
  // Its row goes with its member: what is asked of it is still its own.
  const ids = new Set([connection, ...results.map((row) => row.id as ConnectionId)]);
  return { ids: [...ids], endedAtMs: results[0]?.endedAtMs ?? null };
}

/** Accounts whose place theirs took. */
async function formerOnesOf(db: D1Database, ids: readonly ConnectionId[]): Promise<string[]> {
  const { results } = await db
    .prepare(
      `SELECT account FROM former_account WHERE connection IN (SELECT value FROM json_each(?))`,
    )
    .bind(JSON.stringify(ids))
    .all<{ account: string }>();
  return results.map((row) => row.account);
}

const portsOf = (env: EndEnv): ErasePorts => ({
  forgotten: hmacDigest(env.FORGOTTEN_KEY),
  ledger: (stream, shard) =>
    env.LEDGER.getByName(ledgerName(stream.name, shard)) as unknown as LedgerPort,
  sql: (run) => run(env.WAREHOUSE),
  wake: (run) => env.RUNS.send(run),
});
