/** A shard's rows in a SQLite database in memory, as its object keeps them in one on disk. */
import { DatabaseSync, type StatementSync } from "node:sqlite";
import type { ScoreRow } from "../../../domain/board-ports.ts";
import { decodeScores } from "../../../domain/boards/score-code.ts";
import type { MemberScores, ScoreStore, StoredScores } from "../../../domain/boards/shard-state.ts";

export class SqliteScores implements ScoreStore {
  readonly #db = new DatabaseSync(":memory:");
  readonly #each: StatementSync;
  readonly #get: StatementSync;
  readonly #put: StatementSync;
  readonly #page: StatementSync;
  writes = 0;

  constructor() {
    this.#db.exec(`CREATE TABLE score (
      member TEXT PRIMARY KEY, version INTEGER NOT NULL, body BLOB NOT NULL
    ) STRICT, WITHOUT ROWID`);
    const rows = "SELECT member, version, body FROM score WHERE member > ? ORDER BY member";
    this.#each = this.#db.prepare(rows);
    this.#page = this.#db.prepare(`${rows} LIMIT ?`);
    this.#get = this.#db.prepare("SELECT version, body FROM score WHERE member = ?");
    this.#put = this.#db.prepare(
      `INSERT INTO score (member, version, body) VALUES (?, ?, ?)
       ON CONFLICT (member) DO UPDATE SET version = excluded.version, body = excluded.body`,
    );
  }

  each(after: string | null): Iterable<MemberScores> {
    return this.#each.iterate(after ?? "") as unknown as Iterable<MemberScores>;
  }

  get(member: string): StoredScores | null {
    return (this.#get.get(member) as StoredScores | undefined) ?? null;
  }

  put(member: string, version: number, body: Uint8Array): void {
    this.writes++;
    this.#put.run(member, version, body);
  }

  /** Also of those who have nothing. */
  page(after: string | null, limit: number): ScoreRow[] {
    const rows = this.#page.all(after ?? "", limit) as unknown as MemberScores[];
    return rows.map(({ member, version, body }) => ({ member, version, ...decodeScores(body) }));
  }

  drop(): void {
    this.#db.close();
  }
}
