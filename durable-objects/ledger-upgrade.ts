/**
 * Opens a ledger's tables. One from before there were pages is read into them once, so many rows at
 * a time, and its old tables are dropped, all in one transaction: a crash leaves it as it was. What
 * its facts resolve to is not read but drawn anew, as for any new rule.
 */
import type { FactId } from "../domain/identity.ts";
import type { Change } from "../domain/ports.ts";
import type { LocalDate } from "../domain/time.ts";
import ledgerTables from "../migrations/ledger/0001_ledger.sql";
import decisionTables from "../migrations/ledger/0002_decisions.sql";
import countTables from "../migrations/ledger/0003_counts.sql";
import othersTables from "../migrations/ledger/0004_others.sql";
import pageTables from "../migrations/ledger/0005_pages.sql";
import { paired } from "./ledger-keys.ts";
import type { LedgerReplies } from "./ledger-replies.ts";
import type { Head, LedgerState } from "./ledger-state.ts";
import type { LedgerTables } from "./ledger-store.ts";
import { migrate } from "./migrate.ts";

type Row = Record<string, SqlStorageValue>;

const rowsAtOnce = 500;
const oldTables = [
  ...["meta", "fact", "named", "heir", "receipt", "resolved", "counted", "total", "outbox"],
  ...["parked", "mark", "counts", "reply", "migration"],
];

/** The head of a ledger from before there were pages; null: it is a new one, or has been read. */
export function openTables(storage: DurableObjectStorage): Partial<Head> | null {
  const { sql } = storage;
  const known = sql
    .exec<{ name: string }>(
      "SELECT name FROM sqlite_master WHERE type = 'table' AND name IN ('migration', 'state')",
    )
    .toArray()
    .map(({ name }) => name);
  const isOld = known.includes("migration");
  if (isOld) migrate(storage, [ledgerTables, decisionTables, countTables, othersTables]);
  if (!known.includes("state")) storage.transactionSync(() => sql.exec(pageTables));
  return isOld ? oldHead(sql) : null;
}

function oldHead(sql: SqlStorage): Partial<Head> {
  const rows = sql.exec<{ key: string; value: string }>("SELECT key, value FROM meta").toArray();
  const meta = new Map(rows.map(({ key, value }) => [key, value]));
  const parsed = (key: string, other: string) => JSON.parse(meta.get(key) ?? other);
  return {
    name: meta.get("name") ?? "",
    seq: parsed("seq", "0"),
    settings: parsed("settings", "null"),
    registered: meta.get("registered") ?? "",
    ended: parsed("ended", "[]"),
    arrivals: parsed("arrivals", "{}"),
    isForgotten: meta.has("forgotten"),
    days: parsed("days", "[]"),
  };
}

/** Reads the old tables into the entries. Part of a transaction. */
export function upgrade(
  sql: SqlStorage,
  state: LedgerState,
  tables: LedgerTables,
  replies: LedgerReplies,
): void {
  takeFacts(sql, tables);
  for (const { fact, content, number } of rowsOf(sql, "receipt", ["fact", "content"]))
    state.entries.put(paired("r", text(fact), text(content)), text(number));
  for (const { fact, decision } of rowsOf(sql, "named", ["fact", "decision"]))
    tables.nameFacts(text(decision) as FactId, [text(fact) as FactId]);
  for (const { fact, heir } of rowsOf(sql, "heir", ["fact"]))
    tables.leaveTo(text(fact) as FactId, text(heir) as FactId);
  for (const { key, body, reply, at } of rowsOf(sql, "reply", ["key"]))
    replies.keep(text(key), { body: text(body), reply: text(reply) }, Number(at), Number(at));
  takeOutbox(sql, tables);
  const { one: _, ...counts } = sql.exec("SELECT * FROM counts").one();
  state.keep({ counts: counts as unknown as Head["counts"] });
  for (const table of oldTables) sql.exec(`DROP TABLE ${table}`);
}

function takeFacts(sql: SqlStorage, tables: LedgerTables): void {
  for (const { id, revision, at, until, body, days, erased_by } of rowsOf(sql, "fact", ["id"])) {
    const held = {
      revision: Number(revision),
      fact: body === null ? null : JSON.parse(text(body)),
      days: JSON.parse(text(days)) as LocalDate[],
    };
    const span = at === null ? null : { fromMs: Number(at), toMs: Number(until) };
    tables.hold(text(id), held, span);
    if (erased_by !== null) tables.facts.markErased([text(id) as FactId], text(erased_by));
  }
}

function takeOutbox(sql: SqlStorage, { outbox }: LedgerTables): void {
  for (const { seq, consumer, body, statement, sent_at, attempts } of rowsOf(sql, "outbox", [
    "seq",
  ])) {
    if (consumer === "vault") {
      outbox.takeOverRetraction(Number(seq), JSON.parse(text(body)));
      continue;
    }
    const { day, statement: said } = JSON.parse(text(body)) as Change;
    const sent =
      sent_at === null ? {} : { sent: { atMs: Number(sent_at), times: Number(attempts) } };
    const cause = statement === null ? null : Number(statement);
    outbox.takeOver(Number(seq), { day, id: said.id, cause, statement: said, ...sent });
  }
  for (const { seq, statement, replayed } of rowsOf(sql, "parked", ["seq"])) {
    const cause = statement === null ? null : Number(statement);
    outbox.takeOverParked(Number(seq), { cause, isReplayed: replayed === 1 });
  }
}

/** All rows of a table in the order of its key, so many at a time. */
function* rowsOf(sql: SqlStorage, table: string, key: readonly string[]): Generator<Row> {
  const [names, marks] = [key.join(", "), key.map(() => "?").join(", ")];
  let last: Row | undefined;
  do {
    const after = last === undefined ? "" : `WHERE (${names}) > (${marks})`;
    const page = sql
      .exec(
        `SELECT * FROM ${table} ${after} ORDER BY ${names} LIMIT ${rowsAtOnce}`,
        ...(last === undefined ? [] : key.map((name) => (last as Row)[name] ?? null)),
      )
      .toArray();
    yield* page;
    last = page.length < rowsAtOnce ? undefined : page.at(-1);
  } while (last !== undefined);
}

const text = (value: SqlStorageValue | undefined): string => String(value);
