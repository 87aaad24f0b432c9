/**
 * What proves an entry: its exact text, wherever it is kept, and the hashes between it and a
 * checkpoint that a witness co-signed. Hashes are read from the same public tiles that everybody
 * may read; nothing here asks the log to be believed. What is no longer what was signed is shown to
 * nobody: whoever reads it would keep it for good, and take it for a log that lies.
 */
import { isClosing, parseEntry } from "../../domain/audit.ts";
import type { EntryPlace, OrRefusal } from "../../domain/ports.ts";
import { type Checkpoint, parseCheckpoint } from "../../kernel/tlog/checkpoint.ts";
import {
  consistencyProof,
  hashBytes,
  inclusionProof,
  isSameHash,
  leafHash,
  nodeHash,
  type ReadHash,
  rootAt,
  verifyInclusion,
} from "../../kernel/tlog/merkle.ts";
import { base64Of } from "../../kernel/tlog/note.ts";
import {
  bundleOf,
  hashReader,
  numberPath,
  parseTilePath,
  type TilePlace,
  tileHeight,
  tilePath,
  tileWidth,
} from "../../kernel/tlog/tile.ts";
import { addCheckpointBody } from "../../kernel/tlog/witness.ts";
import { archivedTexts } from "./log-archive.ts";
import type { Logs } from "./logs.ts";

const proofHeader = "c2sp.org/tlog-proof@v1";
const witnessedPath = /^witnessed\/(?:x\d{3}\/){0,4}\d{3}$/;

export const isLog = (logs: Logs, log: number): boolean => logs.numbers.includes(log);

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

async function tileFile(logs: Logs, key: string): Promise<Uint8Array | null> {
  const object = await logs.tiles.get(key);
  return object === null ? null : new Uint8Array(await object.arrayBuffer());
}

/** A narrower tile that is gone is the beginning of the full one. */
async function tileAt(
  { logs, log }: { readonly logs: Logs; readonly log: number },
  level: number,
  n: number,
  width: number,
): Promise<Uint8Array | null> {
  const bytes = await tileFile(logs, `${log}/${tilePath(level, n, width)}`);
  if (bytes !== null || width === tileWidth) return bytes;
  const full = await tileFile(logs, `${log}/${tilePath(level, n, tileWidth)}`);
  return full?.slice(0, width * hashBytes) ?? null;
}

/** A public file; null for what is none or is not there. Entries are none. Rejects a damaged tile. */
export async function publicFile(
  logs: Logs,
  log: number,
  path: string,
): Promise<Uint8Array | null> {
  if (!isLog(logs, log)) return null;
  if (path === "checkpoint" || witnessedPath.test(path)) return tileFile(logs, `${log}/${path}`);
  const tile = parseTilePath(path);
  if (tile === null || tile.level === "entries") return null;
  const place = { ...tile, level: tile.level };
  const bytes = await tileAt({ logs, log }, place.level, place.n, place.width);
  const shown = bytes === null ? null : await tileFile(logs, `${log}/checkpoint`);
  if (bytes === null || shown === null) return null;
  const checkpoint = checkpointIn(new TextDecoder().decode(shown));
  if (widthOf(checkpoint.size, place) < place.width) return null;
  if (!(await isSigned(checkpoint, place, bytes, readerAt(logs, log, checkpoint.size))))
    throw new Error("a tile is no longer what was published");
  return bytes;
}

/** How many hashes that tile has in a log of this size; less than one: it is not there yet. */
const widthOf = (size: number, { level, n }: Omit<TilePlace, "width">): number =>
  Math.min(tileWidth, Math.floor(size / tileWidth ** level) - n * tileWidth);

/**
 * Whether these hashes are among those that the checkpoint's root is made of: a full tile is one hash
 * of the tile above it, and of those that are not full, the last of each level, the root is made.
 */
async function isSigned(
  { size, root }: Checkpoint,
  { level, n, width }: TilePlace,
  bytes: Uint8Array,
  read: ReadHash,
): Promise<boolean> {
  for (let i = 0; i < width; i++) {
    const hash = bytes.subarray(i * hashBytes, (i + 1) * hashBytes);
    if (!isSameHash(hash, await read(level * tileHeight, n * tileWidth + i))) return false;
  }
  let at = { level, n };
  while (widthOf(size, at) === tileWidth) {
    const above = (at.level + 1) * tileHeight;
    const halves = [await read(above - 1, 2 * at.n), await read(above - 1, 2 * at.n + 1)] as const;
    if (!isSameHash(await nodeHash(...halves), await read(above, at.n))) return false;
    at = { level: at.level + 1, n: Math.floor(at.n / tileWidth) };
  }
  return isSameHash(await rootAt(size, read), root);
}

const readerAt = (logs: Logs, log: number, size: number): ReadHash =>
  hashReader(size, async (level, n, width) => {
    const bytes = await tileAt({ logs, log }, level, n, width);
    if (bytes === null) throw new Error("a published tile is not there");
    return bytes;
  });

/** What a signed note of the log's own says: its text ends with the first empty line. */
function checkpointIn(note: string): Checkpoint {
  const checkpoint = parseCheckpoint(note.slice(0, note.indexOf("\n\n") + 1));
  if (checkpoint === null) throw new Error("the log's checkpoint is none");
  return checkpoint;
}

/**
 * Exact texts of entries that are there, from one index to before another. What is recent is asked
 * for first and is always the end of it: a day that goes to the archive meanwhile is found there.
 */
async function textsBetween(
  logs: Logs,
  log: number,
  from: number,
  to: number,
): Promise<readonly string[]> {
  const port = logs.port(log);
  const recent = await port.texts(from, to);
  const split = to - recent.length;
  if (split <= from) return recent;
  const archived = new Map<number, string>();
  for (const day of await port.archived(null, null)) {
    if (day.last < from || split <= day.first) continue;
    const archive = { bucket: logs.archive, log };
    for (const [index, text] of await archivedTexts(archive, day, from, split))
      archived.set(index, text);
  }
  const before = Array.from({ length: split - from }, (_, n) => archived.get(from + n));
  if (before.some((text) => text === undefined)) throw new Error("an entry is not in the archive");
  return [...(before as string[]), ...recent];
}

/** The text of an entry, and whose it is: a closing is whose deed it closes. */
export interface FoundEntry {
  readonly text: string;
  readonly member: string;
}

export async function entryAt(logs: Logs, place: EntryPlace): Promise<FoundEntry | null> {
  const { log, index } = place;
  if (!isLog(logs, log) || !Number.isSafeInteger(index) || index < 0) return null;
  const { size } = await logs.port(log).status();
  if (index >= size) return null;
  const [text = ""] = await textsBetween(logs, log, index, index + 1);
  const draft = parseEntry(text);
  if (draft === null) throw new Error("an entry that says nothing");
  if (!isClosing(draft)) return { text, member: draft.member };
  const [deedText = ""] = await textsBetween(logs, log, draft.closes, draft.closes + 1);
  const deed = parseEntry(deedText);
  if (deed === null || isClosing(deed)) throw new Error("a closing that closes no deed");
  return { text, member: deed.member };
}

/** A c2sp.org/tlog-proof of that text at that place, under the newest co-signed checkpoint. */
export async function proofOf(
  logs: Logs,
  { log, index }: EntryPlace,
  text: string,
): Promise<OrRefusal<{ readonly proof: string }>> {
  const { notes } = await logs.port(log).status();
  if (notes === 0) return { refused: "not-witnessed" };
  const kept = await tileFile(logs, `${log}/witnessed/${numberPath(notes - 1)}`);
  if (kept === null) throw new Error("a co-signed checkpoint is not there");
  const note = new TextDecoder().decode(kept);
  const { size, root } = checkpointIn(note);
  if (size <= index) return { refused: "not-witnessed" };
  const hashes = await inclusionProof(index, size, readerAt(logs, log, size));
  const leaf = await leafHash(bytesOf(text));
  if (!(await verifyInclusion(BigInt(index), BigInt(size), leaf, hashes, root)))
    throw new Error("an entry or a tile is no longer what was published");
  const lines = [
    proofHeader,
    `extra ${base64Of(bytesOf(text))}`,
    `index ${index}`,
    ...hashes.map(base64Of),
  ];
  return { proof: `${lines.join("\n")}\n\n${note}` };
}

/** Entry bundle `n`, whole or as far as is published; null: none of it is. */
export async function bundleAt(logs: Logs, log: number, n: number): Promise<Uint8Array | null> {
  if (!isLog(logs, log) || !Number.isSafeInteger(n) || n < 0) return null;
  const { published } = await logs.port(log).status();
  const to = Math.min((n + 1) * tileWidth, published);
  if (to <= n * tileWidth) return null;
  const texts = await textsBetween(logs, log, n * tileWidth, to);
  return bundleOf(texts.map(bytesOf));
}

/**
 * An add-checkpoint request from the size that the witness knows; null: it knows all. A log that is
 * smaller than that is not hidden from it: it is told, and refuses.
 */
export async function growthSince(logs: Logs, log: number, known: number): Promise<string | null> {
  if (!isLog(logs, log)) return null;
  const note = await logs.port(log).publish();
  const { size } = checkpointIn(note);
  if (size === 0 || size === known) return null;
  const proof =
    known === 0 || known > size
      ? []
      : await consistencyProof(known, size, readerAt(logs, log, size));
  return addCheckpointBody(known, proof, note);
}
