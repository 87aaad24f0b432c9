/** A D1 database whose every result is counted by the rows that it read and wrote. */
import { type Busy, headOf, tally } from "./counters.ts";

interface Where {
  readonly part: string;
  readonly busy: Busy;
}

function count({ part }: Where, sql: string, { meta }: Pick<D1Result, "meta">): void {
  tally.add(part, "D1 rows read", meta.rows_read, headOf(sql));
  tally.add(part, "D1 rows written", meta.rows_written, headOf(sql));
}

class BilledStatement {
  readonly real: D1PreparedStatement;
  readonly sql: string;
  readonly #where: Where;

  constructor(real: D1PreparedStatement, sql: string, where: Where) {
    this.real = real;
    this.sql = sql;
    this.#where = where;
  }

  bind(...values: unknown[]): BilledStatement {
    return new BilledStatement(this.real.bind(...values), this.sql, this.#where);
  }

  async all(): Promise<D1Result<Record<string, unknown>>> {
    const result = await this.#where.busy.during(() => this.real.all<Record<string, unknown>>());
    count(this.#where, this.sql, result);
    return result;
  }

  run(): Promise<D1Result<Record<string, unknown>>> {
    return this.all();
  }

  /** The platform's own says nothing of its rows. */
  async first(column?: string): Promise<unknown> {
    const [row] = (await this.all()).results;
    if (row === undefined) return null;
    return column === undefined ? row : row[column];
  }
}

export class BilledDatabase {
  readonly #real: D1Database | D1DatabaseSession;
  readonly #where: Where;

  constructor(real: D1Database | D1DatabaseSession, part: string, busy: Busy) {
    this.#real = real;
    this.#where = { part, busy };
  }

  prepare(sql: string): BilledStatement {
    return new BilledStatement(this.#real.prepare(sql), sql, this.#where);
  }

  async batch(statements: readonly BilledStatement[]): Promise<D1Result[]> {
    const real = statements.map((statement) => statement.real);
    const results = await this.#where.busy.during(() => this.#real.batch(real));
    results.forEach((result, i) => {
      count(this.#where, statements[i]?.sql ?? "", result);
    });
    return results;
  }

  withSession(constraint?: string): BilledDatabase {
    const session = (this.#real as D1Database).withSession(constraint);
    return new BilledDatabase(session, this.#where.part, this.#where.busy);
  }
}
