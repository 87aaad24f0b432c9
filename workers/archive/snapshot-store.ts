/** What the warehouse knows of snapshots: which objects one is, and what was taken out of them. */
import type { SnapshotObject } from "../../domain/finance/snapshot.ts";
import type { MemberId } from "../../domain/identity.ts";
import type { Instant } from "../../domain/time.ts";
import { repeatable } from "./warehouse.ts";

export interface Listed {
  readonly objects: readonly SnapshotObject[];
  /** As it is stored: whoever changes it changes this and nothing newer. */
  readonly text: string;
}

export interface Redacted {
  readonly object: string;
  readonly why: string;
  readonly rows: number;
  readonly bytes: number;
  readonly sha256Before: string;
  readonly sha256After: string;
  /** Rows that are left in it. */
  readonly left: number;
}

export class SnapshotStore {
  readonly #warehouse: D1Database;

  constructor(warehouse: D1Database) {
    this.#warehouse = warehouse;
  }

  /** Null: there is none of that name, or no more. */
  async listed(merchant: MemberId, name: string): Promise<Listed | null> {
    const text = await repeatable(() =>
      this.#warehouse
        .prepare("SELECT objects FROM snapshot WHERE merchant = ? AND name = ?")
        .bind(merchant, name)
        .first<string>("objects"),
    );
    return text === null ? null : { objects: JSON.parse(text), text };
  }

  /** False: it was changed meanwhile. */
  async list(
    merchant: MemberId,
    name: string,
    was: Listed,
    next: SnapshotObject,
  ): Promise<boolean> {
    const { meta } = await repeatable(() =>
      this.#warehouse
        .prepare(
          "UPDATE snapshot SET objects = ? WHERE merchant = ? AND name = ? AND objects IN (?, ?1)",
        )
        .bind(JSON.stringify([...was.objects, next]), merchant, name, was.text)
        .run(),
    );
    return meta.changes === 1;
  }

  async made(merchant: MemberId, name: string, nowMs: Instant): Promise<void> {
    await repeatable(() =>
      this.#warehouse
        .prepare(
          "UPDATE snapshot SET made_at = coalesce(made_at, ?) WHERE merchant = ? AND name = ?",
        )
        .bind(nowMs, merchant, name)
        .run(),
    );
  }

  /** Whether any of this merchant's is still being copied. */
  async isCopying(merchant: MemberId): Promise<boolean> {
    const found = await repeatable(() =>
      this.#warehouse
        .prepare(
          `SELECT 1 FROM snapshot AS s JOIN run AS r ON r.id = s.run
           WHERE s.merchant = ? AND s.made_at IS NULL AND r.finished_at IS NULL LIMIT 1`,
        )
        .bind(merchant)
        .first(),
    );
    return found !== null;
  }

  /** Of these, those whom a snapshot names no more. */
  async forgotten(merchant: MemberId, persons: readonly string[]): Promise<ReadonlySet<string>> {
    if (persons.length === 0) return new Set();
    const { results } = await repeatable(() =>
      this.#warehouse
        .prepare(
          `SELECT person FROM forgotten_customer
           WHERE merchant = ? AND person IN (SELECT value FROM json_each(?))`,
        )
        .bind(merchant, JSON.stringify(persons))
        .all<{ person: string }>(),
    );
    return new Set(results.map(({ person }) => person));
  }

  /**
   * The redaction and what the object is now, in one transaction, over the list as it was read.
   * False: the list was changed meanwhile, and nothing was written.
   */
  async redacted(
    merchant: MemberId,
    name: string,
    was: Listed,
    { object, why, rows, bytes, left, sha256Before, sha256After }: Redacted,
    nowMs: Instant,
  ): Promise<boolean> {
    const after = was.objects.map((one) =>
      one.object === object ? { ...one, rows: left, bytes, sha256: sha256After } : one,
    );
    const [, changed] = await this.#warehouse.batch([
      this.#warehouse
        .prepare(
          `INSERT INTO snapshot_redaction
             (merchant, name, object, at, why, rows, sha256_before, sha256_after)
           SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8 WHERE EXISTS
             (SELECT 1 FROM snapshot WHERE merchant = ?1 AND name = ?2 AND objects = ?9)`,
        )
        .bind(...[merchant, name, object, nowMs, why, rows, sha256Before, sha256After], was.text),
      this.#warehouse
        .prepare("UPDATE snapshot SET objects = ? WHERE merchant = ? AND name = ? AND objects = ?")
        .bind(JSON.stringify(after), merchant, name, was.text),
    ]);
    return changed?.meta.changes === 1;
  }

  /** The merchant is gone: so is all that is known of their books. */
  async drop(merchant: MemberId): Promise<void> {
    const tables = ["snapshot", "snapshot_redaction", "forgotten_customer", "settlement_row"];
    await repeatable(() =>
      this.#warehouse.batch(
        tables.map((table) =>
          this.#warehouse.prepare(`DELETE FROM ${table} WHERE merchant = ?`).bind(merchant),
        ),
      ),
    );
  }
}
