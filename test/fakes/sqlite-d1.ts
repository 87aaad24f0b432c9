/**
 * D1 in plain Node: the project's own migrations and statements over an SQLite in memory, so that a
 * test can try a hundred thousand orders of events. Each call waits at the gate, then does all of
 * its work at once: other calls come between two calls, never inside a batch. stores.test.ts holds
 * it to the real one. Where D1 is lax it refuses: text in double quotes, two statements in one, an
 * array of numbers for a BLOB. It knows no bookmarks, and rows_read are those that were returned.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import type { D1Database, D1Result } from "@cloudflare/workers-types";

export interface SqliteD1Options {
  /** Awaited once by every call, before it touches the database. */
  readonly gate?: () => Promise<unknown>;
  /** Whether this call fails: before it did anything, or after, when only its answer is lost. */
  readonly fail?: (statements: readonly string[]) => "before" | "after" | null;
  /** Does the work of a call once, or fails instead; `gate` and `fail` are not asked then. */
  readonly around?: <T>(statements: readonly string[], work: () => T) => Promise<T>;
}

export interface SqliteD1 extends D1Database {
  /** Another one after each restore. */
  readonly raw: DatabaseSync;
  snapshot(): Uint8Array;
  /** Puts everything back as it was then, tables included. */
  restore(snapshot: Uint8Array): void;
}

/** D1's own, as documented; the depths and the terms of a compound as workerd sets them. */
const limits = {
  length: 2_000_000,
  sqlLength: 100_000,
  column: 100,
  exprDepth: 100,
  compoundSelect: 5,
  functionArg: 32,
  likePatternLength: 50,
  variableNumber: 100,
};
const pageBytes = 4096;
const constraintCode = 19;

/** An empty database of this folder's migrations; made once for each folder. */
const migrated = new Map<string, Uint8Array>();

/** For many runs restore one between them: each holds memory, unseen, until `raw.close()`. */
export function sqliteD1(migrationsFolder: string, options: SqliteD1Options = {}): SqliteD1 {
  const engine = new Engine(emptyDatabase(migrationsFolder));

  const call: Call = async (statements, work) => {
    if (options.around !== undefined) return options.around(statements, () => asD1Fails(work));
    await options.gate?.();
    const failure = options.fail?.(statements);
    if (failure === "before") throw new Error("D1_ERROR: the call failed before it began");
    const answer = asD1Fails(work);
    if (failure === "after") throw new Error("D1_ERROR: the answer was lost");
    return answer;
  };
  const prepare = (sql: string) => statementOf(engine, call, sql, []);
  const batch = (queries: readonly Query[]) => {
    const statements = queries.map(({ sql }) => sql);
    return call(statements, () => engine.batch(queries));
  };
  const exec = (text: string) => {
    const lines = text.split("\n").filter((line) => line.trim() !== "");
    const run = () => lines.map((sql) => engine.run({ sql, values: [] })).length;
    return call(lines, () => ({ count: run(), duration: 0 }));
  };
  const database = {
    get raw() {
      return engine.raw;
    },
    prepare,
    batch,
    exec,
    withSession: () => ({ prepare, batch }),
    snapshot: () => engine.raw.serialize(),
    restore: (snapshot: Uint8Array) => engine.restore(snapshot),
  };
  return database as unknown as SqliteD1;
}

function opened(contents: Uint8Array): DatabaseSync {
  const database = new DatabaseSync(":memory:", { limits });
  database.deserialize(contents);
  return database;
}

function emptyDatabase(folder: string): Uint8Array {
  const known = migrated.get(folder);
  if (known !== undefined) return known;
  const database = new DatabaseSync(":memory:");
  const files = readdirSync(folder).filter((file) => file.endsWith(".sql"));
  for (const file of files.sort()) database.exec(readFileSync(join(folder, file), "utf8"));
  const empty = database.serialize();
  database.close();
  migrated.set(folder, empty);
  return empty;
}

type Call = <T>(statements: readonly string[], work: () => T) => Promise<T>;

interface Query {
  readonly sql: string;
  readonly values: readonly SQLInputValue[];
}
type Outcome = ReturnType<Engine["run"]>;

/** As it was after the last statement that may have written: a read leaves it so. */
interface Counted {
  readonly changed: number;
  readonly row: number;
}

/** Statements by their text, and what has to be said of each after it ran. */
class Engine {
  #raw: DatabaseSync;
  readonly #prepared = new Map<string, ReturnType<typeof prepared>>();
  #last: Counted;
  /** Somebody had the database in hand, or a statement failed: `#last` may be older. */
  #isOld = false;

  constructor(contents: Uint8Array) {
    this.#raw = opened(contents);
    this.#last = this.#count();
  }

  get raw(): DatabaseSync {
    this.#isOld = true;
    return this.#raw;
  }

  /** Anew each time: node:sqlite dies of contents put into a database whose tables had changed. */
  restore(contents: Uint8Array): void {
    this.#prepared.clear();
    this.#raw.close();
    this.#raw = opened(contents);
    this.#last = this.#count();
  }

  batch(queries: readonly Query[]): D1Result[] {
    if (queries.length === 0) throw new Error("No SQL statements detected.");
    this.#ask("BEGIN");
    try {
      const results = queries.map((query) => resultOf(this.run(query)));
      this.#ask("COMMIT");
      return results;
    } catch (error) {
      if (this.raw.isTransaction) this.#ask("ROLLBACK");
      throw error;
    }
  }

  run({ sql, values }: Query) {
    const { statement, columns, parameters, changesTables, onlyReads } = this.#prepare(sql);
    if (values.length !== parameters)
      throw new Error("Wrong number of parameter bindings for SQL query.");
    const before = this.#isOld ? this.#count() : this.#last;
    this.#isOld = !onlyReads;
    let rows: unknown[][] = [];
    if (columns.length === 0) statement.run(...values);
    else rows = (statement.all(...values) as unknown as unknown[][]).map((row) => row.map(asJson));
    this.#last = onlyReads ? before : this.#count();
    this.#isOld = false;
    if (changesTables) this.#prepared.clear();
    const changes = this.#last.changed - before.changed;
    const bytes = () => this.#bytes();
    const meta = {
      changes,
      duration: 0,
      changed_db: changes > 0,
      last_row_id: this.#last.row,
      // Few look at it, and each time it is a question of its own.
      get size_after() {
        return bytes();
      },
      rows_read: rows.length,
      rows_written: changes,
    };
    return { columns, rows, meta };
  }

  #bytes(): number {
    const [pages = 0] = this.#ask("PRAGMA page_count") as number[];
    return pages * pageBytes;
  }

  #count(): Counted {
    const [changed, row] = this.#ask("SELECT total_changes(), last_insert_rowid()") as number[];
    return { changed, row } as Counted;
  }

  #prepare(sql: string) {
    const known = this.#prepared.get(sql) ?? prepared(this.#raw, sql);
    this.#prepared.set(sql, known);
    return known;
  }

  #ask(sql: string): unknown {
    return this.#prepare(sql).statement.get();
  }
}

function prepared(raw: DatabaseSync, sql: string) {
  const bare = sql.replaceAll(quotedOrComment, " ");
  if (bare.trim() === "") throw new Error("No SQL statements detected.");
  const changesTables = /^\s*(?:CREATE|ALTER|DROP)\b/i.test(bare);
  if (!changesTables && /;\s*\S/.test(bare)) throw new Error("A second statement is not run.");
  const onlyReads = /^\s*SELECT\b/i.test(bare);
  const statement = raw.prepare(sql);
  statement.setReturnArrays(true);
  const columns = statement.columns().map(({ name }) => name);
  return { statement, columns, parameters: countParameters(bare), changesTables, onlyReads };
}

/** As SQLite counts: a bare `?` is one more than the greatest so far. */
function countParameters(bare: string): number {
  let greatest = 0;
  for (const [, number] of bare.matchAll(/\?(\d*)/g))
    greatest = number === "" ? greatest + 1 : Math.max(greatest, Number(number));
  return greatest;
}

const quotedOrComment = /'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\//g;

/** What `prepare` gives. Values are copied when they are bound, as D1 does. */
function statementOf(engine: Engine, call: Call, sql: string, values: readonly SQLInputValue[]) {
  const ask = <T>(shape: (outcome: Outcome) => T): Promise<T> =>
    call([sql], () => shape(engine.run({ sql, values })));
  return {
    sql,
    values,
    bind: (...given: readonly unknown[]) => statementOf(engine, call, sql, given.map(asBound)),
    all: () => ask(resultOf),
    run: () => ask(resultOf),
    raw: ({ columnNames = false } = {}) =>
      ask(({ columns, rows }) => (columnNames ? [columns, ...rows] : rows)),
    first: (column?: string) =>
      ask((outcome) => {
        const row = resultOf(outcome).results[0];
        if (row === undefined || column === undefined) return row ?? null;
        if (row[column] === undefined)
          throw new Error(`D1_COLUMN_NOTFOUND: Column not found (${column})`);
        return row[column];
      }),
  };
}

const resultOf = ({ columns, rows, meta }: Outcome): D1Result<Record<string, unknown>> => ({
  success: true,
  meta,
  results: rows.map((row) => namedBy(columns, row)),
});

function namedBy(columns: readonly string[], row: readonly unknown[]): Record<string, unknown> {
  const named: Record<string, unknown> = {};
  for (let i = 0; i < columns.length; i++) named[columns[i] as string] = row[i];
  return named;
}

/** A BLOB leaves D1 as an array of numbers. */
const asJson = (value: unknown) => (value instanceof Uint8Array ? Array.from(value) : value);

/** What D1 takes, and as what: true is 1, a number that is none is null. */
function asBound(value: unknown): SQLInputValue {
  if (value === null || typeof value === "string") return value;
  if (typeof value === "number") return Number.isFinite(value) ? value : null;
  if (typeof value === "boolean") return value ? 1 : 0;
  if (value instanceof ArrayBuffer) return new Uint8Array(value.slice(0));
  if (ArrayBuffer.isView(value))
    return new Uint8Array(value.buffer, value.byteOffset, value.byteLength).slice();
  throw new Error(`D1_TYPE_ERROR: Type '${typeof value}' not supported for value '${value}'`);
}

/** Errors read as D1's do. */
function asD1Fails<T>(work: () => T): T {
  try {
    return work();
  } catch (cause) {
    const { message, errcode = 0 } = cause as { message: string; errcode?: number };
    if (message.startsWith("D1_")) throw cause;
    const code = (errcode & 0xff) === constraintCode ? ": SQLITE_CONSTRAINT" : "";
    throw new Error(`D1_ERROR: ${message}${code}`, { cause });
  }
}
