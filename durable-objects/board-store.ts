/** A board shard's rows and what it keeps of its growing, in its own database. */

import { decodeScores } from "../domain/boards/score-code.ts";
import type { ScoreStore } from "../domain/boards/shard-state.ts";
import type { ScoreRow } from "../domain/ports.ts";
import type { Phase } from "../kernel/boards/growth.ts";
import { Meta } from "./meta.ts";

/** Rows of a shard that has moved are kept so long, for whoever must look what became of them. */
const keptMs = 600_000;

interface Row extends Record<string, SqlStorageValue> {
  readonly member: string;
  readonly version: number;
  readonly body: ArrayBuffer;
}

export class BoardStore implements ScoreStore {
  readonly #storage: DurableObjectStorage;
  readonly #meta: Meta;
  #phase: Phase;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
    this.#meta = new Meta(storage.sql);
    const kept = this.#meta.get("phase");
    this.#phase = kept === null ? { phase: "serving" } : (JSON.parse(kept) as Phase);
  }

  get phase(): Phase {
    return this.#phase;
  }

  keep(phase: Phase): void {
    this.#meta.set("phase", JSON.stringify(phase));
    this.#phase = phase;
    // Part of the same write: nothing is awaited before it.
    if (phase.phase === "moved") void this.#storage.setAlarm(Date.now() + keptMs);
  }

  /** Raw, because a shard that wakes goes through all of them. */
  *each(after: string | null) {
    const rows = this.#storage.sql
      .exec("SELECT member, version, body FROM score WHERE member > ? ORDER BY member", after ?? "")
      .raw<[string, number, ArrayBuffer]>();
    for (const [member, version, body] of rows)
      yield { member, version, body: new Uint8Array(body) };
  }

  get(member: string) {
    const [row] = this.#storage.sql
      .exec<Row>("SELECT member, version, body FROM score WHERE member = ?", member)
      .toArray();
    return row === undefined ? null : { version: row.version, body: new Uint8Array(row.body) };
  }

  put(member: string, version: number, body: Uint8Array): void {
    this.#storage.sql.exec(
      `INSERT INTO score (member, version, body) VALUES (?, ?, ?)
       ON CONFLICT (member) DO UPDATE SET version = excluded.version, body = excluded.body`,
      member,
      version,
      body,
    );
  }

  /** Also of those who have nothing any more. */
  page(after: string | null, limit: number): ScoreRow[] {
    const rows: ScoreRow[] = [];
    for (const { member, version, body } of this.each(after)) {
      rows.push({ member, version, ...decodeScores(body) });
      if (rows.length >= limit) break;
    }
    return rows;
  }

  /** A table that is dropped is not billed row by row. */
  drop(): void {
    if (this.#phase.phase === "moved") this.#storage.sql.exec("DROP TABLE IF EXISTS score");
  }
}
