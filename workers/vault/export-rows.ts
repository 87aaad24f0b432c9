/**
 * What is kept of an export: a row whose sealed `state` says how far it came and what its files
 * are, and a row a file that points at the sealed object. Sealed under a data key of the member's
 * own that seals nothing else, so that it goes with them, and with anything that is erased of them.
 */
import type { ExportFile, ExportFormat, ExportStatus } from "../../domain/export-ports.ts";
import type { SamplePlace } from "../../domain/ports.ts";
import { fromHex, openBytes, type Place, sealBytes, utf8 } from "./cell.ts";
import { type Bytes, Unopenable } from "./chunked.ts";
import type { Vault } from "./env.ts";
import type { DataKey } from "./keyring.ts";
import { tidyObjects } from "./sealed-object.ts";

/** The "connection" whose data key seals exports. */
export const exportConnection = "export";

/** A page on its way into files: as it came first, whatever the ledger says by now. */
export interface Pinned {
  readonly stream: string;
  /** Of those that are written down, what the rest of it has to know. */
  readonly items: readonly unknown[];
  readonly next: string | null;
  /** Columns that are not staged to their end, and where the rest begins. */
  readonly left: readonly { readonly column: string; readonly after: SamplePlace | null }[];
  /** Of each of them, the record whose reading is the one to show. */
  readonly best: Readonly<Record<"heart_rate" | "track", readonly string[]>>;
}
export interface ExportState {
  readonly formats: readonly ExportFormat[];
  readonly ready: boolean;
  readonly cursor: string | null;
  readonly page: Pinned | null;
  /** The parked item staged last, "" before the first; absent: all are, or none are asked for. */
  readonly parked?: string;
  /** The chunk of samples staged last, likewise. */
  readonly samples?: string;
  /** Of each stream, how many things. */
  readonly items: Readonly<Record<string, number>>;
  /** Restricted values staged. */
  readonly rows: number;
  readonly files: readonly ExportFile[];
}
export interface HeldExport {
  readonly id: string;
  readonly member: string;
  readonly generation: string;
  readonly askedAtMs: number;
  readonly goneAtMs: number;
  readonly step: number;
  readonly key: DataKey;
  readonly state: ExportState;
  /** Its intent, while that is not closed. */
  readonly open: { readonly log: number; readonly index: number } | null;
}

const statePlace = (member: string, id: string, step: number): Place => ({
  table: "export",
  member,
  column: "state",
  row: JSON.stringify([id, step]),
});
export const filePlace = (member: string, id: string, name: string): Place => ({
  table: "export_file",
  member,
  column: "content",
  row: JSON.stringify([id, name]),
});

export const sealState = (
  vault: Vault,
  key: DataKey,
  { member, id, step }: { readonly member: string; readonly id: string; readonly step: number },
  state: ExportState,
): Promise<Bytes> =>
  sealBytes(vault, key, statePlace(member, id, step), utf8(JSON.stringify(state)));

export const statusOf = (held: Omit<HeldExport, "key" | "generation" | "open">): ExportStatus => {
  const { id, askedAtMs, goneAtMs, step, state } = held;
  const { formats, ready, cursor, items, files } = state;
  return {
    ...{ id, formats, askedAtMs, goneAtMs, step, items, files },
    state: ready ? "ready" : "staging",
    cursor: ready ? null : cursor,
  };
};

interface ExportRow {
  readonly id: string;
  readonly asked_at: number;
  readonly gone_at: number;
  readonly step: number;
  readonly key_id: string;
  readonly hex: string;
  readonly log: number;
  readonly entry: number | null;
}

/** Known, not erased, and nothing of theirs is being erased: the files may hold copies of it. */
export const isQuiet = `EXISTS (SELECT 1 FROM member
  WHERE id = ?1 AND erased_at IS NULL AND key_id = ?2 AND lease IS NULL)`;

/** The member's own that are alive, newest first; of one id, or of all. */
export async function loadExports(
  vault: Vault,
  member: string,
  id: string | null,
  nowMs: number,
): Promise<HeldExport[] | "busy" | "forgotten"> {
  const [named, found] = await vault.phi.withSession("first-primary").batch<unknown>([
    vault.phi
      .prepare("SELECT key_id, lease FROM member WHERE id = ? AND erased_at IS NULL")
      .bind(member),
    vault.phi
      .prepare(
        `SELECT id, asked_at, gone_at, step, key_id, hex(state) AS hex, log, entry FROM export
         WHERE member = ?1 AND (?2 IS NULL OR id = ?2) AND gone_at > ?3
         ORDER BY asked_at DESC, id`,
      )
      .bind(member, id, nowMs),
  ]);
  const [living] = (named?.results ?? []) as { key_id: string; lease: string | null }[];
  if (living === undefined) return "forgotten";
  if (living.lease !== null) return "busy";
  const rows = (found?.results ?? []) as ExportRow[];
  const generation = living.key_id;
  const ids = rows.map((row) => row.key_id);
  const keys = await vault.keyring.dataKeys({ member, generation }, ids, nowMs);
  const opened = await Promise.all(
    rows.map((row) => openExport(vault, { member, generation }, row, keys.get(row.key_id))),
  );
  return opened.filter((one) => one !== null);
}

/** Null when its key is gone: so is the export. */
async function openExport(
  vault: Vault,
  { member, generation }: { readonly member: string; readonly generation: string },
  row: ExportRow,
  key: DataKey | undefined,
): Promise<HeldExport | null> {
  if (key === undefined) return null;
  const { id, step } = row;
  try {
    const bytes = await openBytes(vault, key, statePlace(member, id, step), fromHex(row.hex));
    return {
      ...{ id, member, generation, step, key },
      askedAtMs: row.asked_at,
      goneAtMs: row.gone_at,
      state: JSON.parse(new TextDecoder().decode(bytes)) as ExportState,
      open: row.entry === null ? null : { log: row.log, index: row.entry },
    };
  } catch (error) {
    if (error instanceof Unopenable) return null;
    throw error;
  }
}

/** Rows only: their objects are to be listed as orphans in the same batch. */
export const dropAllExports = (phi: D1Database, member: string): D1PreparedStatement[] =>
  ["export_file", "export"].map((table) =>
    phi.prepare(`DELETE FROM ${table} WHERE member = ?`).bind(member),
  );

/**
 * 1. in one batch its objects are listed as orphans and its rows go    it is gone, to everybody
 * 2. the objects are destroyed                                         the sweep destroys them
 */
export async function dropExportRows(vault: Vault, id: string, nowMs: number): Promise<void> {
  const { phi } = vault;
  const [objects] = await phi.batch<{ object: string }>([
    phi.prepare("SELECT object FROM export_file WHERE export = ?").bind(id),
    phi
      .prepare(
        `INSERT OR IGNORE INTO orphan (object, since)
         SELECT object, ?2 FROM export_file WHERE export = ?1`,
      )
      .bind(id, nowMs),
    phi.prepare("DELETE FROM export_file WHERE export = ?").bind(id),
    phi.prepare("DELETE FROM export WHERE id = ?").bind(id),
  ]);
  const loose = (objects?.results ?? []).map(({ object }) => object);
  await tidyObjects(vault, loose);
}
