/**
 * How what ledgers hold of a member becomes files of their export: which of it is a thing, what is
 * sealed of it and goes with it, and what each file says. One a stream; the list is in `index.ts`.
 */
import type { ExportFormat } from "../export-ports.ts";
import type { ExportPart, TableColumn } from "./part.ts";

/** Of a column whose readings one record of several shows: whose, the best first. */
export type Best<T> = Readonly<Record<"heart_rate" | "track", (item: T) => readonly string[]>>;

/** Lines of NDJSON, columns of a table, or a text; empty or null: there is no such file. */
export type Written =
  | { readonly lines: readonly string[] }
  | { readonly table: readonly TableColumn[] }
  | { readonly text: string | null };

export interface FileKind<T> {
  /** Its name is this, a number and what its format ends in. */
  readonly stem: string;
  readonly format: ExportFormat;
  write(part: ExportPart<T>): Written;
}

export interface Takeaway<T> {
  /** By its name. */
  readonly stream: string;
  /** Of a page of a ledger. */
  readonly itemsMax: number;
  id(item: T): string;
  /** The source facts it is made of, under whose ids the rest of it is sealed. */
  facts(item: T): readonly string[];
  /** The restricted columns that each format is made of, and no other is opened. */
  readonly columns: Readonly<Record<ExportFormat, readonly string[]>>;
  readonly best?: Best<T>;
  /** Of a thing that is written down already: what the readings that follow have to know of it. */
  rest(item: T): T;
  readonly files: readonly FileKind<T>[];
}

export const noColumns = { ndjson: [], parquet: [], gpx: [], fhir: [] } as const;
