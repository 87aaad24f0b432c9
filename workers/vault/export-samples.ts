/**
 * A member's chunks of samples, for their export: opened in the order of their days, up to a bound a
 * step. What the vault made of them is not in it: it is made anew from them.
 */
import type { Chunk } from "../../domain/samples/chunk.ts";
import { decodeChunk } from "../../domain/samples/chunk-code.ts";
import type { Vault } from "./env.ts";
import type { HeldExport } from "./export-rows.ts";
import { chunkColumn } from "./groups.ts";
import { belowChunkRows, chunkRows } from "./sample-rows.ts";
import { fetchSealed, isStanding, openCellBytes } from "./sealed-read.ts";

const chunksPerStepMax = 100;
/** Sealed bytes, about ten a sample; the chunk that reaches it is the step's last, and is taken whole. */
const bytesPerStepMax = 131_072;

export interface SamplePart {
  readonly chunks: readonly Chunk[];
  /** The last one that was looked at. */
  readonly after: string;
}

/** Null when there are no more. */
export async function openSamplesAfter(
  vault: Vault,
  { member, state }: HeldExport,
  nowMs: number,
): Promise<SamplePart | null | "busy" | "forgotten"> {
  if (state.samples === undefined) return null;
  const rows = await rowsAfter(vault, member, state.samples);
  const after = rows.at(-1);
  if (after === undefined) return null;
  const want = { column: chunkColumn, rows, take: "all" } as const;
  const fetched = await fetchSealed(vault, { member, wants: [want] }, () => [], nowMs);
  if (fetched === "busy") return "busy";
  if (!fetched.living) return "forgotten";
  const chunks: Chunk[] = [];
  for (const cell of fetched.found[0]?.cells ?? [])
    chunks.push(decodeChunk(await openCellBytes(vault, member, cell)));
  return { chunks, after };
}

async function rowsAfter({ phi }: Vault, member: string, after: string): Promise<string[]> {
  const { results } = await phi
    .prepare(
      `SELECT s.row_id, s.bytes FROM sealed AS s
       WHERE s.member = ?1 AND s.row_id > ?2 AND s.row_id < ?3 AND ${isStanding}
       ORDER BY s.row_id LIMIT ?4`,
    )
    .bind(member, after === "" ? chunkRows : after, belowChunkRows, chunksPerStepMax)
    .all<{ row_id: string; bytes: number }>();
  const rows: string[] = [];
  let left = bytesPerStepMax;
  for (const { row_id, bytes } of results) {
    if (left <= 0) break;
    rows.push(row_id);
    left -= bytes;
  }
  return rows;
}
