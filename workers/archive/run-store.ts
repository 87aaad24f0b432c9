/**
 * A run's row: who is at it, how far it is, and what stood in its way. One holder at a time; a lease
 * that is not renewed runs out, and somebody else goes on from what the row says. Nothing rests on
 * the lease but economy: two at one partition are kept apart by its manifest.
 */
import type { Instant } from "../../domain/time.ts";
import { repeatable } from "./warehouse.ts";

const runKinds = ["settle", "rebuild", "erase", "snapshot", "redact"] as const;
export type RunKind = (typeof runKinds)[number];

/**
 * Renewed after each unit of work, and longer than one may take: what computes longer than this
 * the platform ends (`cpu_ms` in wrangler.toml). A holder that died keeps a run so long.
 */
export const leaseMs = 5 * 60_000;
/** A turn's message that did not come in so long is taken for lost. */
export const turnMs = 30_000;

export interface RunState {
  /** Which stage it was counted for, how much there is to do. */
  readonly counted: string | null;
  /** Where the stage goes on; what it means is the stage's own. */
  readonly cursor: string | null;
  /** How often in a row nothing could be done. */
  readonly tries: number;
  readonly counts: Readonly<Record<string, number>>;
}
export interface Run {
  readonly id: string;
  readonly kind: RunKind;
  readonly args: unknown;
  /** "" before the first one. */
  readonly stage: string;
  readonly state: RunState;
  readonly done: number;
  readonly total: number;
  readonly startedMs: Instant;
}
export type RunProgress = Pick<Run, "stage" | "state" | "done" | "total">;

interface RunRow {
  id: string;
  kind: RunKind;
  args: string;
  stage: string;
  state: string;
  done: number;
  total: number;
  started_at: Instant;
}

const nothingYet: RunState = { counted: null, cursor: null, tries: 0, counts: {} };
/** While its message is on its way nobody is at it, and only that message may take it up. */
const sentLease = (turn: string): string => `sent:${turn}`;

export class RunStore {
  readonly #warehouse: D1Database;

  constructor(warehouse: D1Database) {
    this.#warehouse = warehouse;
  }

  /** Writes a run down; one of that id stays as it is. */
  async begin(id: string, kind: RunKind, args: object, nowMs: Instant): Promise<void> {
    await this.#ask(
      `INSERT INTO run (id, kind, args, asked_at, stage, state) VALUES (?, ?, ?, ?, '', '{}')
       ON CONFLICT DO NOTHING`,
      ...[id, kind, JSON.stringify(args), nowMs],
    );
  }

  /** Null: it is finished, somebody is at it, or another message is on its way. */
  async take(id: string, turn: string | null, holder: string, nowMs: Instant): Promise<Run | null> {
    const [row] = await this.#ask<RunRow>(
      `UPDATE run SET lease = ?2, lease_until = ?3, started_at = coalesce(started_at, ?4)
       WHERE id = ?1 AND finished_at IS NULL
         AND (lease IS NULL OR lease = ?5 OR lease = ?2 OR lease_until <= ?4)
       RETURNING id, kind, args, stage, state, done, total, started_at`,
      ...[id, holder, nowMs + leaseMs, nowMs, sentLease(turn ?? "")],
    );
    return row === undefined ? null : runOf(row);
  }

  /** False: the lease is no longer this holder's. */
  async save(id: string, holder: string, at: RunProgress, nowMs: Instant): Promise<boolean> {
    return this.#put(id, holder, at, holder, nowMs + leaseMs);
  }

  /** The run waits for the message of this turn, and for nobody else until `untilMs`. */
  async handOver(
    id: string,
    holder: string,
    at: RunProgress,
    turn: string,
    untilMs: Instant,
  ): Promise<boolean> {
    return this.#put(id, holder, at, sentLease(turn), untilMs);
  }

  async #put(
    id: string,
    holder: string,
    { stage, state, done, total }: RunProgress,
    lease: string,
    untilMs: Instant,
  ): Promise<boolean> {
    const rows = await this.#ask(
      `UPDATE run SET stage = ?3, state = ?4, done = ?5, total = ?6, lease = ?7, lease_until = ?8
       WHERE id = ?1 AND lease IN (?2, ?7) AND finished_at IS NULL RETURNING id`,
      ...[id, holder, stage, JSON.stringify(state), done, total, lease, untilMs],
    );
    return rows.length === 1;
  }

  /** Of an erasure or a redaction that is done nothing says any more whose days they were. */
  async finish(run: Run, outcome: string, nowMs: Instant): Promise<void> {
    const { id, state, done, total } = run;
    await this.#ask(
      `UPDATE run SET stage = 'done', state = ?2, done = ?3, total = ?4, outcome = ?5,
         args = iif(kind IN ('erase', 'redact'), '{}', args), finished_at = ?6, lease = NULL, lease_until = NULL WHERE id = ?1 AND finished_at IS NULL`,
      ...[id, JSON.stringify(state), done, total, outcome, nowMs],
    );
  }

  async fault(run: string, object: string, fault: string, nowMs: Instant): Promise<void> {
    await this.#ask(
      "INSERT INTO run_fault (run, object, fault, at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
      ...[run, object, fault, nowMs],
    );
  }

  async faults(run: string): Promise<number> {
    const [row] = await this.#ask<{ n: number }>(
      "SELECT count(*) AS n FROM run_fault WHERE run = ?",
      run,
    );
    return row?.n ?? 0;
  }

  /** Open runs that nobody is at, the oldest first. */
  async idle(nowMs: Instant, limit: number): Promise<readonly string[]> {
    const rows = await this.#ask<{ id: string }>(
      `SELECT id FROM run WHERE finished_at IS NULL AND (lease IS NULL OR lease_until <= ?)
       ORDER BY asked_at, id LIMIT ?`,
      ...[nowMs, limit],
    );
    return rows.map(({ id }) => id);
  }

  async #ask<T extends object = Record<string, unknown>>(
    sql: string,
    ...values: readonly unknown[]
  ): Promise<T[]> {
    const { results } = await repeatable(() =>
      this.#warehouse
        .prepare(sql)
        .bind(...values)
        .all<T>(),
    );
    return results;
  }
}

const runOf = (row: RunRow): Run => ({
  id: row.id,
  kind: row.kind,
  args: JSON.parse(row.args),
  stage: row.stage,
  state: { ...nothingYet, ...JSON.parse(row.state) },
  done: row.done,
  total: row.total,
  startedMs: row.started_at,
});
