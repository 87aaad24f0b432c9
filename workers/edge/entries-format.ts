/**
 * A page of the log as auditors get it: JSON, a line of JSON for each entry, or CSV. Pseudonyms and
 * internal ids only; where the next page begins is in JSON's `next`, and in `Link` of all three.
 */
import type { ShownEntry } from "../../domain/ports.ts";
import { formatMoment } from "../../domain/time.ts";
import { csvCell, csvType } from "./csv.ts";
import { entryName } from "./log-query.ts";

export const entryFormats = ["json", "ndjson", "csv"] as const;
export type EntryFormat = (typeof entryFormats)[number];

export const entryTypes: Readonly<Record<EntryFormat, string>> = {
  json: "application/json",
  ndjson: "application/x-ndjson",
  csv: csvType,
};

/** In the order of CSV's columns. */
export const entryRow = (e: ShownEntry) => ({
  entry: entryName(e.place),
  at: formatMoment(e.atMs),
  deed: e.deed,
  action: e.action,
  actor: e.actor,
  name: e.actorName,
  role: e.actorRole,
  member: e.member,
  columns: [...e.columns],
  purpose: e.purpose,
  outcome: e.outcome,
  ground: e.ground,
  records: e.rows,
  closedBy: e.closedBy === null ? null : entryName({ ...e.place, index: e.closedBy }),
});
type EntryRow = ReturnType<typeof entryRow>;

const header = [
  "entry",
  "at",
  "deed",
  "action",
  "actor",
  "name",
  "role",
  "member",
  "columns",
  "purpose",
  "outcome",
  "ground",
  "records",
  "closedBy",
] as const satisfies readonly (keyof EntryRow)[];

const cellOf = (value: EntryRow[keyof EntryRow]): string =>
  Array.isArray(value) ? value.join(" ") : String(value ?? "");

/** JSON Lines, or RFC 4180 with a header. */
export function formatEntries(format: "ndjson" | "csv", entries: readonly ShownEntry[]): string {
  const rows = entries.map(entryRow);
  if (format === "ndjson") return rows.map((row) => `${JSON.stringify(row)}\n`).join("");
  const lines = rows.map((row) => header.map((name) => csvCell(cellOf(row[name]))).join(","));
  return `${[header.join(","), ...lines].join("\r\n")}\r\n`;
}
