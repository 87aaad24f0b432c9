/**
 * Asks the archive to take somebody out of a merchant's snapshots. It stands in the warehouse with
 * whatever else is written there, so that no erasure is answered without it.
 */
import type { Redaction } from "../domain/finance/snapshot.ts";
import type { RunMessage } from "../domain/ports.ts";
import type { Instant } from "../domain/time.ts";
import { errorClass, logLine } from "../kernel/wide-event.ts";
import { randomName } from "./erasing.ts";

interface RedactPorts {
  sql<T>(run: (db: D1Database) => Promise<T>): Promise<T>;
  wake(run: RunMessage): Promise<unknown>;
}

/**
 * The run, and whom no later snapshot names either; the minute's cron begins it if nobody does. For
 * whom that stands already there was a run, and it is never given up.
 */
export const redactionStatements = (
  db: D1Database,
  run: string,
  redaction: Redaction,
  nowMs: Instant,
): D1PreparedStatement[] => [
  db
    .prepare(
      `INSERT INTO run (id, kind, args, asked_at, stage, state)
       SELECT ?, 'redact', ?, ?, '', '{}' WHERE NOT EXISTS
         (SELECT 1 FROM forgotten_customer WHERE merchant = ? AND person = ?)`,
    )
    .bind(
      ...[run, JSON.stringify(redaction), nowMs, redaction.merchant],
      redaction.scope.kind === "person" ? redaction.scope.person : "",
    ),
  ...(redaction.scope.kind === "person"
    ? [
        db
          .prepare(
            `INSERT INTO forgotten_customer (merchant, person, at) VALUES (?, ?, ?)
             ON CONFLICT DO NOTHING`,
          )
          .bind(redaction.merchant, redaction.scope.person, nowMs),
      ]
    : []),
];

/** Asked again, there is nothing left to take out. */
export async function askRedaction(
  { sql, wake }: RedactPorts,
  redaction: Redaction,
  nowMs: Instant,
): Promise<void> {
  const run = randomName("run");
  await sql((db) => db.batch(redactionStatements(db, run, redaction, nowMs)));
  try {
    await wake({ run });
  } catch (error) {
    logLine({ event: "wake", outcome: "failed", error: errorClass(error) });
  }
}
