/**
 * One shard of one board's period: every member's numbers, newest version each. A row that arrives
 * again or late changes nothing. Rankings are sorted in memory when first asked for and kept until
 * a row changes them.
 */
import { DurableObject } from "cloudflare:workers";
import { byRank } from "../domain/boards.ts";
import {
  type BoardPage,
  type BoardPort,
  bucketOf,
  type Score,
  type ScoreRow,
} from "../domain/ports.ts";
import boardTables from "../migrations/board/0001_board.sql";
import { migrate } from "./migrate.ts";

type Sums = Readonly<Record<string, readonly number[]>>;

export class Board extends DurableObject implements BoardPort {
  #rows: Map<string, Sums> | null = null;
  readonly #ranked = new Map<string, Score[]>();

  constructor(ctx: DurableObjectState, env: object) {
    super(ctx, env);
    migrate(ctx.storage, [boardTables]);
  }

  async put(row: ScoreRow): Promise<void> {
    const { rowsWritten } = this.ctx.storage.sql.exec(
      `INSERT INTO score (member, version, sums) VALUES (?, ?, ?)
       ON CONFLICT (member) DO UPDATE SET version = excluded.version, sums = excluded.sums
       WHERE excluded.version > score.version`,
      row.member,
      row.version,
      row.values === null ? null : JSON.stringify(row.values),
    );
    if (rowsWritten === 0) return;
    if (row.values === null) this.#rows?.delete(row.member);
    else this.#rows?.set(row.member, row.values);
    this.#ranked.clear();
  }

  async top(key: string, measure: number, after: Score | null, limit: number): Promise<BoardPage> {
    const ranked = this.#ranking(key, measure);
    const start = after === null ? 0 : ranked.findIndex((s) => byRank(s, after) > 0);
    const ahead = start < 0 ? ranked.length : start;
    return { scores: ranked.slice(ahead, ahead + limit), ahead, total: ranked.length };
  }

  async of(key: string, measure: number, member: string): Promise<Score | null> {
    return this.#ranking(key, measure).find((s) => s.member === member) ?? null;
  }

  async above(key: string, measure: number, than: Score, limit: number): Promise<Score[]> {
    return this.#ranking(key, measure)
      .filter((s) => byRank(s, than) < 0)
      .slice(-limit)
      .reverse();
  }

  async rows(
    bucket: { readonly number: number; readonly of: number },
    after: string | null,
    limit: number,
  ): Promise<ScoreRow[]> {
    const rows: ScoreRow[] = [];
    for (const { member, version, sums } of this.ctx.storage.sql.exec<{
      member: string;
      version: number;
      sums: string;
    }>(
      `SELECT member, version, sums FROM score WHERE member > ? AND sums IS NOT NULL
       ORDER BY member`,
      after ?? "",
    )) {
      if (rows.length >= limit) break;
      if (bucketOf(member, bucket.of) === bucket.number)
        rows.push({ member, version, values: JSON.parse(sums) as Sums });
    }
    return rows;
  }

  #ranking(key: string, measure: number): Score[] {
    const name = `${measure} ${key}`;
    const known = this.#ranked.get(name);
    if (known !== undefined) return known;
    const scores: Score[] = [];
    for (const [member, sums] of this.#allRows()) {
      const numbers = sums[key];
      const score = numbers?.[measure] ?? 0;
      if (numbers !== undefined && score > 0)
        scores.push({ member, score, atMs: numbers.at(-1) ?? 0 });
    }
    scores.sort(byRank);
    this.#ranked.set(name, scores);
    return scores;
  }

  #allRows(): Map<string, Sums> {
    if (this.#rows === null) {
      const rows = this.ctx.storage.sql
        .exec<{ member: string; sums: string }>(
          "SELECT member, sums FROM score WHERE sums IS NOT NULL",
        )
        .toArray();
      this.#rows = new Map(rows.map((r) => [r.member, JSON.parse(r.sums) as Sums]));
    }
    return this.#rows;
  }
}
