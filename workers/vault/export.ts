/**
 * A member takes everything with them: an export is asked for, staged step by step
 * (`export-stage.ts`), fetched file by file (`export-read.ts`), and gone after a week or when it is
 * dropped. Asking, fetching and dropping stand in the log; staging is what was asked for, and its
 * outcome closes the entry of that.
 */
import type { DeedName } from "../../domain/audit.ts";
import {
  type ExportFormat,
  type ExportStatus,
  exportFormats,
  exportKeptMs,
  exportsAliveMax,
} from "../../domain/export-ports.ts";
import type { MemberId } from "../../domain/identity.ts";
import type { OrRefusal, Refusal } from "../../domain/ports.ts";
import { base64Url } from "../../kernel/hmac.ts";
import { closeEntry, type Deed, type Opened, openEntry, tooMany, writeWhole } from "./audit.ts";
import type { Vault } from "./env.ts";
import { columnsInLog, holdsSamples, parkedFormat } from "./export-files.ts";
import {
  dropExportRows,
  type ExportState,
  exportConnection,
  isQuiet,
  loadExports,
  sealState,
  statusOf,
} from "./export-rows.ts";
import { underKey } from "./sealed-store.ts";

const idBytes = 16;
const prunedPerRunMax = 100;

export const exportDeed = (deed: DeedName, member: MemberId, columns: readonly string[]): Deed => ({
  deed,
  actor: { id: member, member, roles: ["member"] },
  role: "member",
  member,
  columns,
  purpose: "",
});
export const unlessQuiet = (found: "busy" | "forgotten"): Refusal =>
  found === "busy" ? { refused: "busy" } : { refused: "unauthenticated" };

/**
 * 1. the intent is in the log               shown as unknown, nothing was opened
 * 2. the row is kept, with where it stands  done: whoever asks for it stages it, and closes it
 */
export async function beginExport(
  vault: Vault,
  member: MemberId,
  asked: readonly ExportFormat[],
  nowMs: number,
): Promise<OrRefusal<ExportStatus>> {
  const formats = exportFormats.filter((format) => asked.includes(format));
  if (formats.length === 0 || asked.some((format) => !exportFormats.includes(format)))
    return { refused: "invalid" };
  const opened = await openEntry(vault, exportDeed("export", member, columnsInLog(formats)), nowMs);
  if (opened === null) return tooMany;
  const begun = await keep(vault, member, formats, opened, nowMs);
  if (typeof begun !== "string") return begun;
  await closeEntry(vault, opened, { outcome: "refused", ground: begun, rows: 0 });
  if (begun === "too-many-exports") return tooMany;
  return begun === "no-member" ? { refused: "unauthenticated" } : { refused: "busy" };
}

async function keep(
  vault: Vault,
  member: MemberId,
  formats: readonly ExportFormat[],
  { place }: Opened,
  nowMs: number,
): Promise<ExportStatus | "too-many-exports" | "no-member" | "busy"> {
  const under = await underKey(vault, member, exportConnection, nowMs);
  if (under === null) return "no-member";
  const id = `x_${base64Url(vault.random(idBytes))}`;
  const at = { id, member, step: 0, askedAtMs: nowMs, goneAtMs: nowMs + exportKeptMs };
  const state: ExportState = {
    ...{ formats, ready: false, cursor: null, page: null, items: {}, rows: 0, files: [] },
    ...(formats.includes(parkedFormat) ? { parked: "" } : {}),
    ...(holdsSamples(formats) ? { samples: "" } : {}),
  };
  const sealed = await sealState(vault, under.key, at, state);
  const alive = "SELECT count(*) AS n FROM export WHERE member = ?1 AND gone_at > ?4";
  const [kept, counted] = await vault.phi.batch<{ n: number }>([
    vault.phi
      .prepare(
        `INSERT INTO export (member, id, asked_at, gone_at, step, writer, key_id, state, log, entry)
         SELECT ?1, ?3, ?4, ?5, 0, '', ?6, ?7, ?8, ?9
         WHERE ${isQuiet} AND (${alive}) < ?10`,
      )
      .bind(
        ...[member, under.generation, id, nowMs, at.goneAtMs, under.key.id, sealed],
        ...[place.log, place.index, exportsAliveMax],
      ),
    vault.phi.prepare(`${alive.replace("?4", "?2")}`).bind(member, nowMs),
  ]);
  if (kept?.meta.changes === 1) return statusOf({ ...at, state });
  return (counted?.results[0]?.n ?? 0) >= exportsAliveMax ? "too-many-exports" : "busy";
}

export async function exportsOf(
  vault: Vault,
  member: MemberId,
  nowMs: number,
): Promise<OrRefusal<{ items: readonly ExportStatus[] }>> {
  const held = await loadExports(vault, member, null, nowMs);
  return typeof held === "string" ? unlessQuiet(held) : { items: held.map(statusOf) };
}

export async function exportStatus(
  vault: Vault,
  member: MemberId,
  id: string,
  nowMs: number,
): Promise<OrRefusal<ExportStatus>> {
  const held = await loadExports(vault, member, id, nowMs);
  if (typeof held === "string") return unlessQuiet(held);
  return held[0] === undefined ? { refused: "not-found" } : statusOf(held[0]);
}

/**
 * 1. it is in the log that it goes             it is there still; said again, it goes
 * 2. its rows go, its objects are destroyed    the sweep destroys what is left
 * 3. an intent to stage it is closed           shown as unknown
 */
export async function dropExport(
  vault: Vault,
  member: MemberId,
  id: string,
  nowMs: number,
): Promise<OrRefusal<{ dropped: string }>> {
  const held = await loadExports(vault, member, id, nowMs);
  if (typeof held === "string") return unlessQuiet(held);
  const [found] = held;
  if (found === undefined) return { refused: "not-found" };
  const outcome = { outcome: "permitted", ground: "own", rows: found.state.files.length };
  const place = await writeWhole(vault, exportDeed("drop-export", member, []), outcome, nowMs);
  if (place === null) return tooMany;
  await dropExportRows(vault, id, nowMs);
  await closeDropped(vault, found.open);
  return { dropped: id };
}

const closeDropped = async (
  vault: Vault,
  open: { readonly log: number; readonly index: number } | null,
): Promise<void> => {
  if (open !== null)
    await closeEntry(vault, { place: open }, { outcome: "failed", ground: "dropped", rows: 0 });
};

/** Hourly: those that are over, the oldest first. Returns how many went. */
export async function pruneExports(vault: Vault, nowMs: number): Promise<number> {
  const { results } = await vault.phi
    .prepare("SELECT id, log, entry FROM export WHERE gone_at <= ? ORDER BY gone_at LIMIT ?")
    .bind(nowMs, prunedPerRunMax)
    .all<{ id: string; log: number; entry: number | null }>();
  for (const { id, log, entry } of results) {
    await dropExportRows(vault, id, nowMs);
    await closeDropped(vault, entry === null ? null : { log, index: entry });
  }
  return results.length;
}
