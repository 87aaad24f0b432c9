/**
 * What the edge does by itself every five minutes: wakes the ledgers that were not looked at for
 * longest and keeps what they report, for the balance (one with nothing to send costs two reads);
 * has gates see to their subscriptions; drops links that nobody ended in time; opens connections
 * that a crash left claimed and not opened.
 */
import type {
  ConnectionLink,
  ConnectionPort,
  LedgerPort,
  LedgerReport,
} from "../../domain/ports.ts";
import type { Instant } from "../../domain/time.ts";
import { errorClass, logLine } from "../../kernel/wide-event.ts";
import { replacedConnections } from "./accounts.ts";
import { openInPlace } from "./binding.ts";
import type { EdgeEnv } from "./env.ts";
import { gated, gateOf } from "./provider-figures.ts";

const ledgersPerSweep = 200;
/** A link that is still being made takes no longer; one that is older was given up on. */
const openingMsMax = 300_000;
const openedWithinMs = 86_400_000;
const openedPerSweep = 50;

export async function sweep(env: EdgeEnv, nowMs: Instant): Promise<void> {
  const { results } = await env.WAREHOUSE.prepare(
    "SELECT name FROM ledger ORDER BY swept_at LIMIT ?",
  )
    .bind(ledgersPerSweep)
    .all<{ name: string }>();
  let pending = 0;
  const seen: { readonly name: string; readonly report: LedgerReport }[] = [];
  for (const { name } of results) {
    try {
      const ledger = env.LEDGER.getByName(name) as unknown as LedgerPort;
      if ((await ledger.nudge()).least !== null) pending++;
      seen.push({ name, report: await ledger.report() });
    } catch (error) {
      logLine({ worker: "edge", event: "sweep", outcome: "failed", error: errorClass(error) });
    }
  }
  await env.WAREHOUSE.prepare(
    `UPDATE ledger SET swept_at = ?, report = seen.value ->> 'report' FROM json_each(?) AS seen
     WHERE ledger.name = seen.value ->> 'name'`,
  )
    .bind(nowMs, JSON.stringify(seen))
    .run();
  logLine({ worker: "edge", event: "sweep", items: seen.length, pending });
}

/** One provider's failure is not another's. */
export async function tend(env: Pick<EdgeEnv, "GATE">): Promise<void> {
  const subscribing = gated.filter(({ subscription }) => subscription !== undefined);
  await Promise.all(
    subscribing.map(({ name }) => apart(`tend-${name}`, () => gateOf(env, name).tend())),
  );
}

/** Their time is over, so nobody can end them any more. */
export async function dropExpiredLinks(
  env: Pick<EdgeEnv, "WAREHOUSE">,
  nowMs: Instant,
): Promise<void> {
  await env.WAREHOUSE.prepare("DELETE FROM authorisation WHERE expires_at <= ?").bind(nowMs).run();
}

/**
 * Who was opened shows how it is doing, or goes by an alarm of its own, or waits for its member; to
 * be opened twice changes nothing, as what it knows is told to it again. One that fails is tried again
 * the next time, and holds up no other.
 */
export async function openClaimed(
  env: Pick<EdgeEnv, "WAREHOUSE" | "CONNECTION">,
  nowMs: Instant,
): Promise<void> {
  const { results } = await env.WAREHOUSE.prepare(
    `SELECT id AS connection, member, provider, account, forgotten_to AS forgottenToMs
     FROM connection WHERE ended_at IS NULL AND made_at BETWEEN ?1 AND ?2
       AND +provider IN (SELECT value FROM json_each(?3))
       AND NOT EXISTS (SELECT 1 FROM connection_status AS s WHERE s.connection = connection.id)
     ORDER BY made_at LIMIT ?4`,
  )
    .bind(
      nowMs - openedWithinMs,
      nowMs - openingMsMax,
      JSON.stringify(gated.map(({ name }) => name)),
      openedPerSweep,
    )
    .all<ConnectionLink & Record<string, unknown>>();
  const warehouse = { sql: <T>(run: (db: D1Database) => Promise<T>) => run(env.WAREHOUSE) };
  const objectOf = (id: string) => env.CONNECTION.getByName(id) as unknown as ConnectionPort;
  for (const link of results)
    await apart("open-claimed", async () => {
      const object = objectOf(link.connection);
      const { nextMs, state, ending, scopes, have } = await object.status();
      if (nextMs !== null || ending || state === "needs-reconnecting") return;
      const claim = { ...link, id: link.connection };
      const replaced = await replacedConnections(warehouse, claim, claim);
      await openInPlace(objectOf, { ...link, scopes, have }, replaced, []);
    });
}

/** Does one thing of several; if it fails, that is said, and the others go on. */
export async function apart(what: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const outcome = "failed";
    logLine({
      worker: "edge",
      event: "scheduled",
      reason: what,
      outcome,
      error: errorClass(error),
    });
  }
}
