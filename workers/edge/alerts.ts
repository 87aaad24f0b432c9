/**
 * Tells an operator that something is the matter, once, and once that it is over. A row of `alert`
 * is one matter: it keeps since when, and whether the webhook took it. Without a webhook the rows
 * are kept all the same, for `GET /v1/ops/alerts`.
 */
import { type Alert, type AlertSnapshot, alertsOf, explain, isKnown } from "../../domain/alerts.ts";
import { formatMoment, type Instant } from "../../domain/time.ts";
import { logLine } from "../../kernel/wide-event.ts";
import { type Message, tell } from "./alert-webhook.ts";
import type { EdgeEnv } from "./env.ts";
import { meterGates } from "./meter.ts";
import { readFigures, readSnapshot } from "./provider-figures.ts";

/** One that has ended is shown for so long. */
const endedKeptMs = 7 * 86_400_000;
const alertsMax = 200;
const tellingsPerRun = 20;

export interface AlertRow {
  readonly name: string;
  readonly since: Instant;
  readonly value: number;
  readonly told_at: Instant | null;
  readonly ended_at: Instant | null;
}

export type AlertsEnv = Pick<
  EdgeEnv,
  "GATE" | "WAREHOUSE" | "CHANGES" | "METER" | "ALERT_URL" | "ALERT_SECRET"
>;

/**
 *   1. everything is looked at           a crash: the next run looks again
 *   2. what stands and what ended is     a crash: the next run tells it
 *      noted, in one batch
 *   3. the webhook takes what it does    a crash: it is told again, under the same `webhook-id`
 *      not know yet
 *   4. that it did is noted              done; never told again
 */
export async function raiseAlerts(env: AlertsEnv, nowMs: Instant): Promise<void> {
  const figures = await readFigures(env, nowMs);
  meterGates(env, figures, nowMs);
  await note(env.WAREHOUSE, await readSnapshot(env, figures, nowMs), nowMs);
  await tellAll(env, nowMs);
}

export async function readAlerts(db: D1Database): Promise<AlertRow[]> {
  const { results } = await db
    .prepare(
      `SELECT name, since, value, told_at, ended_at FROM alert
       ORDER BY ended_at IS NOT NULL, since DESC LIMIT ?`,
    )
    .bind(alertsMax)
    .all<AlertRow>();
  return results;
}

async function note(db: D1Database, snapshot: AlertSnapshot, nowMs: Instant): Promise<void> {
  const alerts = alertsOf(snapshot);
  const standing = new Set(alerts.map(({ name }) => name));
  const ended = (await readAlerts(db))
    .filter((row) => row.ended_at === null && !standing.has(row.name))
    .filter((row) => isKnown(row.name, snapshot))
    .map((row) => row.name);
  await db.batch([
    db.prepare("DELETE FROM alert WHERE ended_at < ?").bind(nowMs - endedKeptMs),
    // Later than the telling of it, so that the two can be told apart.
    db
      .prepare(
        `UPDATE alert SET ended_at = max(?, coalesce(told_at, 0) + 1)
         WHERE ended_at IS NULL AND name IN (SELECT value FROM json_each(?))`,
      )
      .bind(nowMs, JSON.stringify(ended)),
    ...alerts.map((alert) => standingStatement(db, alert, nowMs)),
  ]);
}

/** One that stands keeps its time; one that had ended begins anew. */
const standingStatement = (db: D1Database, { name, value }: Alert, nowMs: Instant) =>
  db
    .prepare(
      `INSERT INTO alert (name, since, value) VALUES (?, ?, ?)
       ON CONFLICT (name) DO UPDATE SET value = excluded.value, ended_at = NULL,
         since = iif(ended_at IS NULL, since, excluded.since),
         told_at = iif(ended_at IS NULL, told_at, NULL)
       WHERE ended_at IS NOT NULL OR value <> excluded.value`,
    )
    .bind(name, nowMs, value);

/** Those first that were tried longest ago: what the webhook does not take holds up no other. */
async function tellAll(env: AlertsEnv, nowMs: Instant): Promise<void> {
  const { ALERT_URL: url, ALERT_SECRET: secret, WAREHOUSE: db } = env;
  if (!url || !secret) return;
  const { results } = await db
    .prepare(
      `SELECT name, since, value, told_at, ended_at FROM alert
       WHERE told_at IS NULL OR told_at < ended_at
       ORDER BY coalesce(tried_at, 0), since, name LIMIT ?`,
    )
    .bind(tellingsPerRun)
    .all<AlertRow>();
  for (const row of results) {
    await db.prepare("UPDATE alert SET tried_at = ? WHERE name = ?").bind(nowMs, row.name).run();
    const outcome = await tell(url, secret, messageOf(row), nowMs);
    logLine({ worker: "edge", event: "alert", reason: row.name, outcome });
    if (outcome === "told")
      await db
        .prepare(
          `UPDATE alert SET told_at = max(?, coalesce(ended_at, 0))
           WHERE name = ? AND since = ? AND ended_at IS ?`,
        )
        .bind(nowMs, row.name, row.since, row.ended_at)
        .run();
    // Nobody answers there, or nothing can be signed: the others would fare no better.
    if (outcome === "unreachable" || outcome === "unsigned") return;
  }
}

/** docs/connections.md shows one. */
export function messageOf(row: AlertRow): Message {
  const { name, since, ended_at: endedMs } = row;
  const kind = endedMs === null ? "began" : "ended";
  return {
    id: `alert_${name}_${since}_${kind}`,
    body: JSON.stringify({
      type: `alert.${kind}`,
      timestamp: formatMoment(endedMs ?? since),
      data: shownAlert(row),
    }),
  };
}

export function shownAlert({ name, since, value, ended_at: endedMs }: AlertRow) {
  const ended = endedMs === null ? null : formatMoment(endedMs);
  return { name, value, ...explain({ name, value }), since: formatMoment(since), ended };
}
