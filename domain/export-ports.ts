/**
 * Exports: everything about a member, staged in the vault as sealed files and streamed to them
 * alone. Part of `ports.ts`, where everybody imports it from.
 */
import type { EntryPlace } from "./log-ports.ts";
import type { Instant } from "./time.ts";
import type { OrRefusal } from "./vault-ports.ts";

export const exportFormats = ["ndjson", "parquet", "gpx", "fhir"] as const;
export type ExportFormat = (typeof exportFormats)[number];

/** Of one member, staging or ready; one more is refused until one is dropped or gone. */
export const exportsAliveMax = 5;
/** How long an export can be fetched, counted from when it was asked for. */
export const exportKeptMs = 7 * 86_400_000;

export interface ExportFile {
  readonly name: string;
  readonly type: string;
  readonly bytes: number;
  /** Of the file's content, hexadecimal. */
  readonly sha256: string;
}
export interface ExportStatus {
  readonly id: string;
  readonly formats: readonly ExportFormat[];
  readonly state: "staging" | "ready";
  readonly askedAtMs: Instant;
  readonly goneAtMs: Instant;
  /** How many steps were taken; the next one is asked for under this number. */
  readonly step: number;
  /**
   * Where the page of open data begins that the next step is taken with; null: at the beginning. It
   * stays where a page is staged in several steps. Only while staging.
   */
  readonly cursor: string | null;
  /** How many things of each stream are in it by now. */
  readonly items: Readonly<Record<string, number>>;
  readonly files: readonly ExportFile[];
}

/** A page of what a ledger says, from which the vault goes on staging. */
export interface ExportPage {
  /** The status's step, whose cursor the page was read with: one that was taken changes nothing. */
  readonly step: number;
  /** Null: there is no more, of any stream. */
  readonly next: string | null;
  /** What the items are of. */
  readonly stream: string;
  /** What is taken away of it (`export/`), open fields only. */
  readonly items: readonly unknown[];
  /** With the first step: what is known of the member in the open. It goes into their profile. */
  readonly about: Readonly<Record<string, unknown>> | null;
}

export interface ExportBytes {
  readonly file: ExportFile;
  readonly from: number;
  readonly bytes: Uint8Array;
  readonly entry: EntryPlace;
}

/** Of the vault's `open` entrypoint: with the member's own token, each deed in the log. */
export interface ExportPort {
  beginExport(token: string, formats: readonly ExportFormat[]): Promise<OrRefusal<ExportStatus>>;
  /** One bounded step. */
  stageExport(token: string, id: string, page: ExportPage): Promise<OrRefusal<ExportStatus>>;
  exportStatus(token: string, id: string): Promise<OrRefusal<ExportStatus>>;
  exports(token: string): Promise<OrRefusal<{ items: readonly ExportStatus[] }>>;
  /** Bytes of a file from `from` on, at most `limit`. */
  exportFile(
    token: string,
    id: string,
    name: string,
    from: number,
    limit: number,
  ): Promise<OrRefusal<ExportBytes>>;
  dropExport(token: string, id: string): Promise<OrRefusal<{ dropped: string }>>;
}
