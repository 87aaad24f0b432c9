/**
 * A merchant's customer is forgotten: their cards' tokens mean nothing any more and none is made
 * again, and what was frozen to learn from names them no longer. What they bought stays.
 */
import { personId } from "../../domain/identity.ts";
import type { Instant } from "../../domain/time.ts";
import { askRedaction } from "../../durable-objects/redacting.ts";
import type { ConnectionRow } from "./members.ts";
import type { Ports } from "./ports.ts";

/**
 * By the name that the account's source gives them. Asked again, it is done again.
 *
 *   1. the vault makes their tokens mean nothing   a crash here: asked again; nobody was answered
 *   2. the archive is asked to name them no more, in snapshots that are made and those to come
 */
export async function forgetCustomer(
  ports: Pick<Ports, "cards" | "digest" | "sql" | "runs">,
  connection: Pick<ConnectionRow, "member" | "provider" | "account">,
  name: string,
  nowMs: Instant,
): Promise<{ readonly tokens: number }> {
  const person = await personId(ports.digest, connection, name);
  const { member: merchant } = connection;
  const forgotten = await ports.cards.forgetHolder(merchant, person);
  const wake = ports.runs.send;
  await askRedaction(
    { sql: ports.sql, wake },
    { merchant, scope: { kind: "person", person } },
    nowMs,
  );
  return forgotten;
}
