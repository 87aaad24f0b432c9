/** Answers to requests that carried an idempotency key, kept so that they are given again. */
import type { Instant } from "../domain/time.ts";

export class LedgerReplies {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  find(key: string): { body: string; reply: string } | null {
    const [row] = this.#sql
      .exec<{ body: string; reply: string }>("SELECT body, reply FROM reply WHERE key = ?", key)
      .toArray();
    return row ?? null;
  }

  /** A request that was answered before an erasure is looked at again after it. */
  forget(): void {
    this.#sql.exec("DELETE FROM reply");
  }

  keep(key: string, body: string, reply: string, nowMs: Instant, keepMs: number): void {
    this.#sql.exec("DELETE FROM reply WHERE at < ?", nowMs - keepMs);
    this.#sql.exec(
      "INSERT OR IGNORE INTO reply (key, body, reply, at) VALUES (?, ?, ?, ?)",
      key,
      body,
      reply,
      nowMs,
    );
  }
}
