/** How a connection is doing, written where it is found without waking its object. */
import type { ConnectionLink, ConnectionStatus } from "../domain/ports.ts";
import type { Instant } from "../domain/time.ts";

/**
 * Of a live connection only: what ended is not written back by an object that was still busy. And
 * what comes late does not undo what is newer.
 */
export async function showStatus(
  db: D1Database,
  { connection, member, provider }: ConnectionLink,
  status: ConnectionStatus,
  nowMs: Instant,
): Promise<void> {
  await db
    .prepare(
      `INSERT INTO connection_status
         (connection, member, provider, state, behind_since, body, changed_at)
       SELECT ?, ?, ?, ?, ?, ?, ?
         WHERE EXISTS (SELECT 1 FROM connection WHERE id = ? AND ended_at IS NULL)
       ON CONFLICT (connection) DO UPDATE SET state = excluded.state,
         behind_since = excluded.behind_since, body = excluded.body,
         changed_at = excluded.changed_at
         WHERE excluded.changed_at >= connection_status.changed_at`,
    )
    .bind(
      connection,
      member,
      provider,
      status.state,
      status.behindSinceMs,
      JSON.stringify(status),
      nowMs,
      connection,
    )
    .run();
}
