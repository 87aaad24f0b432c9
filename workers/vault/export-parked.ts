/**
 * The items of a member that nobody could read, for their export: opened in the order of their ids,
 * up to a bound a step. Nothing of them leaves here but as files whose batch fails when anything of
 * the member is erased meanwhile.
 */
import { formatMoment } from "../../domain/time.ts";
import { logLine } from "../../kernel/wide-event.ts";
import { fromHex, openText } from "./cell.ts";
import { Unopenable } from "./chunked.ts";
import type { Vault } from "./env.ts";
import type { HeldExport } from "./export-rows.ts";
import type { DataKey } from "./keyring.ts";
import { parkedPlace } from "./parked-store.ts";
import { objectBytes } from "./sealed-object.ts";

const itemsPerStepMax = 200;
/** Sealed bytes; the item that reaches it is the step's last, and is taken whole. */
const bytesPerStepMax = 1_048_576;

export interface ParkedPart {
  /** A JSON text an item. */
  readonly lines: readonly string[];
  /** The last one that was looked at. */
  readonly after: string;
}

interface Row {
  readonly id: string;
  readonly connection: string;
  readonly provider: string;
  readonly reason: string;
  readonly at: number;
  readonly key_id: string;
  readonly hex: string;
  readonly object: string | null;
}

/** Null when there are no more. */
export async function openParkedAfter(
  vault: Vault,
  { member, generation, state }: HeldExport,
  nowMs: number,
): Promise<ParkedPart | null> {
  if (state.parked === undefined) return null;
  const rows = await rowsAfter(vault, member, state.parked);
  const ids = [...new Set(rows.map((row) => row.key_id))];
  const keys = await vault.keyring.dataKeys({ member, generation }, ids, nowMs);
  const lines: string[] = [];
  let after: string | null = null;
  let left = bytesPerStepMax;
  for (const row of rows) {
    if (left <= 0) break;
    const { bytes, body } = await opened(vault, member, row, keys.get(row.key_id));
    left -= bytes;
    after = row.id;
    if (body === null && !(await isThere(vault, row.id))) continue;
    const { connection, provider, reason } = row;
    lines.push(JSON.stringify({ connection, provider, reason, at: formatMoment(row.at), body }));
  }
  return after === null ? null : { lines, after };
}

/** No more of them than reach the bound, as far as it is known without their objects. */
async function rowsAfter({ phi }: Vault, member: string, after: string): Promise<Row[]> {
  const { results } = await phi
    .prepare(
      `SELECT id, connection, provider, reason, at, key_id, hex(body) AS hex, object
       FROM (SELECT *, sum(coalesce(length(body), 0)) OVER (ORDER BY id) AS upto
         FROM (SELECT * FROM parked WHERE member = ?1 AND id > ?2 ORDER BY id LIMIT ?3))
       WHERE upto - coalesce(length(body), 0) < ?4 ORDER BY id`,
    )
    .bind(member, after, itemsPerStepMax, bytesPerStepMax)
    .all<Row>();
  return results;
}

/** Its body is null when it opens no more: the others are not held up by it. */
async function opened(vault: Vault, member: string, row: Row, key: DataKey | undefined) {
  const sealed = row.object === null ? fromHex(row.hex) : await objectBytes(vault, row.object);
  const bytes = sealed?.length ?? 0;
  try {
    if (key !== undefined && sealed !== null)
      return { bytes, body: await openText(vault, key, parkedPlace(member, row.id), sealed) };
  } catch (error) {
    if (!(error instanceof Unopenable)) throw error;
  }
  logLine({ worker: "vault", event: "absent", items: 1 });
  return { bytes, body: null };
}

/** One that was replayed meanwhile is a workout by now, and no loss. */
const isThere = async ({ phi }: Vault, id: string): Promise<boolean> =>
  (await phi.prepare("SELECT 1 AS there FROM parked WHERE id = ?").bind(id).first()) !== null;
