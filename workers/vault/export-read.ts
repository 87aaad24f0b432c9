/**
 * A piece of a file of an export, opened without the rest. In the log before any of it leaves, and
 * decided by one batch that comes after that.
 */
import type { ExportBytes } from "../../domain/export-ports.ts";
import type { MemberId } from "../../domain/identity.ts";
import type { OrRefusal } from "../../domain/ports.ts";
import { tooMany, writeWhole } from "./audit.ts";
import { openBytesPart } from "./cell.ts";
import { type Bytes, headBytes, sealedRange } from "./chunked.ts";
import type { Vault } from "./env.ts";
import { exportDeed, unlessQuiet } from "./export.ts";
import { columnsInLog } from "./export-files.ts";
import { filePlace, isQuiet, loadExports } from "./export-rows.ts";
import { objectRange } from "./sealed-object.ts";

/** Of what one call hands back. */
const pieceBytesMax = 8 * 1_048_576;

/**
 * 1. where it stands is read, the sealed piece is fetched
 * 2. it is in the log that it was read                too much in the log, never too little
 * 3. one primary batch says that it is there still, and that nothing of it is being erased
 * 4. it is opened, without another await on anything outside, and handed out
 */
export async function exportFile(
  vault: Vault,
  member: MemberId,
  id: string,
  name: string,
  from: number,
  limit: number,
  nowMs: number,
): Promise<OrRefusal<ExportBytes>> {
  const held = await loadExports(vault, member, id, nowMs);
  if (typeof held === "string") return unlessQuiet(held);
  const [found] = held;
  const file = found?.state.files.find((one) => one.name === name);
  if (found === undefined || file === undefined) return { refused: "not-found" };
  const isWhole = Number.isSafeInteger(from) && Number.isSafeInteger(limit);
  if (!isWhole || from < 0 || limit < 1 || from > file.bytes) return { refused: "invalid" };
  const to = Math.min(file.bytes, from + Math.min(limit, pieceBytesMax));
  const row = await vault.phi
    .prepare("SELECT object, bytes FROM export_file WHERE export = ? AND name = ?")
    .bind(id, name)
    .first<{ object: string; bytes: number }>();
  const part = row === null ? null : await partOf(vault, row, from, to);
  if (part === null) return { refused: "not-found" };
  const columns = columnsInLog(found.state.formats);
  const outcome = { outcome: "permitted", ground: "own", rows: 1 };
  const deed = exportDeed("read-export", member, columns);
  const entry = await writeWhole(vault, deed, outcome, nowMs);
  if (entry === null) return tooMany;
  const there = await vault.phi
    .withSession("first-primary")
    .prepare(`SELECT 1 AS there FROM export WHERE id = ?3 AND member = ?1 AND ${isQuiet}`)
    .bind(member, found.generation, id)
    .first();
  if (there === null) return { refused: "busy" };
  const bytes = await openBytesPart(vault, found.key, filePlace(member, id, name), part);
  return { file, from, bytes, entry };
}

async function partOf(
  vault: Vault,
  { object, bytes: sealedBytes }: { readonly object: string; readonly bytes: number },
  from: number,
  to: number,
) {
  const { offset, length } = sealedRange(sealedBytes, from, to);
  const [head, body]: (Bytes | null)[] = await Promise.all([
    objectRange(vault, object, 0, headBytes),
    objectRange(vault, object, offset, length),
  ]);
  return head == null || body == null ? null : { sealedBytes, from, to, head, body };
}
