/**
 * An object's own storage in plain Node: its SQLite, in memory, and its alarm. Every statement is
 * durable at once. It knows no input or output gates, and refuses what the real one refuses:
 * numbers of bindings that do not fit, transactions by hand. rowsWritten are the rows changed;
 * what an index would add is not counted.
 */
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import type { ObjectStorage } from "../../durable-objects/host.ts";

export interface FakeObjectStorage {
  readonly storage: ObjectStorage;
  /** When the alarm goes off; null: it is not set. */
  alarmMs(): number | null;
  /** An alarm that goes off is set no longer, whatever becomes of what it does; false: none was. */
  takeAlarm(): boolean;
  /** Rows that all statements together have changed. */
  rowsWritten(): number;
  /** For tests to look at. */
  readonly raw: DatabaseSync;
}

type Row = Record<string, unknown>;

/** A statement, and what has to be known of it each time that it ran. */
interface Prepared {
  readonly statement: StatementSync;
  readonly columns: readonly string[];
  /** Its changes count as rows written; or the rows that it returns do. */
  readonly changes: boolean;
  readonly returns: boolean;
}
function preparedOf(statement: StatementSync, query: string): Prepared {
  statement.setReturnArrays(true);
  return {
    statement,
    columns: statement.columns().map(({ name }) => name),
    changes: /^\s*(?:INSERT|UPDATE|DELETE|REPLACE|WITH)\b/i.test(query),
    returns: /\bRETURNING\b/i.test(query),
  };
}

export function objectStorage(): FakeObjectStorage {
  const raw = new DatabaseSync(":memory:");
  const known = new Map<string, Prepared>();
  let alarm: number | null = null;
  let depth = 0;
  let written = 0;

  const exec = (query: string, ...values: unknown[]) => {
    const bound = values.map(asBound);
    let one = known.get(query);
    if (one === undefined) {
      if (/^\s*(?:BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE)\b/i.test(query))
        throw new Error("To execute a transaction, please use the state.storage.transaction() API");
      if (isScript(query)) {
        if (bound.length > 0) throw new Error("bindings go with one statement only");
        known.clear();
        raw.exec(query);
        return new Cursor([], [], 0);
      }
      one = preparedOf(raw.prepare(query), query);
      known.set(query, one);
    }
    const { statement, columns } = one;
    if (columns.length === 0) {
      const { changes } = statement.run(...bound);
      const changed = one.changes ? Number(changes) : 0;
      written += changed;
      return new Cursor([], columns, changed);
    }
    const rows = (statement.all(...bound) as unknown as unknown[][]).map((row) =>
      asRead(columns, row),
    );
    if (one.returns) written += rows.length;
    return new Cursor(rows, columns, one.returns ? rows.length : 0);
  };
  const commands = new Map<string, StatementSync>();
  const say = (command: string) => {
    const statement = commands.get(command) ?? raw.prepare(command);
    commands.set(command, statement);
    statement.run();
  };

  const storage = {
    sql: {
      exec,
      get databaseSize() {
        const pages = raw.prepare("PRAGMA page_count").get() as { page_count: number };
        return pages.page_count * 4096;
      },
    },
    transactionSync<T>(work: () => T): T {
      const name = `nested_${depth}`;
      say(`SAVEPOINT ${name}`);
      depth++;
      try {
        const answer = work();
        say(`RELEASE ${name}`);
        return answer;
      } catch (error) {
        say(`ROLLBACK TO ${name}`);
        say(`RELEASE ${name}`);
        throw error;
      } finally {
        depth--;
      }
    },
    getAlarm: async () => alarm,
    setAlarm: async (at: number | Date) => {
      alarm = typeof at === "number" ? at : at.getTime();
    },
    deleteAlarm: async () => {
      alarm = null;
    },
  };
  return {
    storage: storage as unknown as ObjectStorage,
    raw,
    alarmMs: () => alarm,
    takeAlarm() {
      const was = alarm !== null;
      alarm = null;
      return was;
    },
    rowsWritten: () => written,
  };
}

/** More than one statement, or one that changes tables: run as it is, and prepared no more. */
function isScript(query: string): boolean {
  const bare = query.replaceAll(/'(?:[^']|'')*'|--[^\n]*|\/\*[\s\S]*?\*\//g, " ");
  return /;\s*\S/.test(bare) || /^\s*(?:CREATE|ALTER|DROP)\b/i.test(bare);
}

class Cursor {
  readonly #rows: readonly Row[];
  readonly #columns: readonly string[];
  readonly rowsWritten: number;
  #at = 0;

  constructor(rows: readonly Row[], columns: readonly string[], rowsWritten: number) {
    this.#rows = rows;
    this.#columns = columns;
    this.rowsWritten = rowsWritten;
  }

  get columnNames(): string[] {
    return [...this.#columns];
  }

  get rowsRead(): number {
    return this.#rows.length;
  }

  next() {
    const value = this.#rows[this.#at];
    if (value === undefined) return { done: true as const, value };
    this.#at++;
    return { done: false as const, value };
  }

  toArray(): Row[] {
    const left = this.#rows.slice(this.#at);
    this.#at = this.#rows.length;
    return left;
  }

  one(): Row {
    const [row, ...others] = this.toArray();
    if (row === undefined || others.length > 0)
      throw new Error(`Expected exactly one result from SQL query, but got ${this.rowsRead}.`);
    return row;
  }

  raw() {
    return this.toArray()
      .map((row) => this.#columns.map((column) => row[column]))
      [Symbol.iterator]();
  }

  [Symbol.iterator]() {
    const next = () => this.next();
    return { next, [Symbol.iterator]: () => this[Symbol.iterator]() };
  }
}

/** A BLOB comes out as an ArrayBuffer. */
function asRead(columns: readonly string[], values: readonly unknown[]): Row {
  const read: Row = {};
  for (let i = 0; i < columns.length; i++) {
    const value = values[i];
    read[columns[i] as string] = value instanceof Uint8Array ? value.slice().buffer : value;
  }
  return read;
}

/** And goes in as its bytes; others as they are. */
function asBound(value: unknown): SQLInputValue {
  if (value === null || typeof value === "string" || typeof value === "number") return value;
  if (typeof value === "boolean") return value ? 1 : 0;
  if (value instanceof ArrayBuffer) return new Uint8Array(value.slice(0));
  if (ArrayBuffer.isView(value))
    return new Uint8Array(value.buffer, value.byteOffset, value.byteLength).slice();
  throw new TypeError(`an object's storage takes no ${typeof value}`);
}
