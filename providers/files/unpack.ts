/**
 * ZIP and gzip, opened within bounds: bytes are counted as they come out, in small steps, and
 * nothing that an archive says about its sizes is believed for more than a first guess. Archives
 * inside archives stay closed, but for the gzipped files that a ZIP of an export holds.
 */
import { Gunzip, Inflate } from "fflate";
import { isFit } from "./fit-messages.ts";
import { type FileRefusal, filesMax, unpackedBytesMax } from "./session.ts";

export type Unpacked = { readonly bytes: Uint8Array } | { readonly refused: FileRefusal };

/** Deflate makes at most this many bytes of one, so a step of input yields a bounded output. */
const expansionMax = 1032;
const stepBytes = 4096;

type Kind = "fit" | "zip" | "gzip" | "xml" | "empty" | "unknown";

/** By its content alone; names and content types are whatever the sender called them. */
export function kindOf(bytes: Uint8Array): Kind {
  if (isFit(bytes)) return "fit";
  const [a, b, c, d] = bytes;
  if (a === 0x1f && b === 0x8b) return "gzip";
  if (a === 0x50 && b === 0x4b && ((c === 3 && d === 4) || (c === 5 && d === 6))) return "zip";
  let at = 0;
  while (at < bytes.length && blank.has(bytes[at] ?? 0)) at++;
  if (at === bytes.length) return "empty";
  return bytes[at] === 0x3c ? "xml" : "unknown";
}
/** White space, and the bytes of a byte-order mark or of UTF-16 around it. */
const blank = new Set([0x00, 0x09, 0x0a, 0x0d, 0x20, 0xef, 0xbb, 0xbf, 0xff, 0xfe]);

/** What may still be unpacked; one for a whole upload, however many archives it holds. */
export interface UnpackBudget {
  left: number;
  /** Of one file; absent: all that is left. */
  readonly aFile?: number;
}
export const unpackBudget = (): UnpackBudget => ({ left: unpackedBytesMax });

/** Every file in these bytes, one at a time: the next is unpacked when the last is done with. */
export function* unpack(bytes: Uint8Array, budget: UnpackBudget): Generator<Unpacked> {
  switch (kindOf(bytes)) {
    case "gzip":
      return yield inner(gunzipped(bytes, budget));
    case "zip":
      return yield* unzipped(bytes, budget);
    case "empty":
      return yield { refused: "empty" };
    default:
      return yield { bytes };
  }
}

/** What came out of an archive must be a file itself. */
function inner(unpacked: Unpacked): Unpacked {
  if ("refused" in unpacked) return unpacked;
  const kind = kindOf(unpacked.bytes);
  if (kind === "empty") return { refused: "empty" };
  return kind === "zip" || kind === "gzip" ? { refused: "nested-archive" } : unpacked;
}

const gunzipped = (packed: Uint8Array, budget: UnpackBudget): Unpacked =>
  inflated(packed, packed.length * 4, budget, (on) => new Gunzip(on));

/** Pushes small steps and stops as soon as more comes out than is left. */
function inflated(
  packed: Uint8Array,
  guess: number,
  budget: UnpackBudget,
  stream: (on: (data: Uint8Array) => void) => { push(chunk: Uint8Array, final?: boolean): void },
): Unpacked {
  const most = Math.min(budget.left, budget.aFile ?? budget.left);
  let out = new Uint8Array(Math.min(guess, packed.length * expansionMax, most));
  let length = 0;
  const inflate = stream((data) => {
    const needed = length + data.length;
    if (needed <= most) {
      if (needed > out.length) {
        const grown = new Uint8Array(Math.min(Math.max(needed, out.length * 2), most));
        grown.set(out.subarray(0, length));
        out = grown;
      }
      out.set(data, length);
    }
    length = needed;
  });
  try {
    for (let at = 0; at < packed.length && length <= most; at += stepBytes)
      inflate.push(packed.subarray(at, at + stepBytes), at + stepBytes >= packed.length);
  } catch {
    // What came out before the fault may still hold whole sessions; the file's reader decides.
    if (length === 0) return { refused: "damaged" };
  }
  budget.left = Math.max(0, budget.left - length);
  if (length > most) return { refused: "too-large" };
  return { bytes: out.subarray(0, length) };
}

// -- ZIP: the central directory at the end says what there is --------------------------------

const directoryEnd = 0x06054b50;
const directoryEntry = 0x02014b50;
const localEntry = 0x04034b50;
const directoryEndBytes = 22;
const commentBytesMax = 65_535;
const directoryEntryBytes = 46;
const localEntryBytes = 30;
const stored = 0;
const deflated = 8;

interface Entry {
  readonly method: number;
  readonly isEncrypted: boolean;
  readonly packedBytes: number;
  readonly statedBytes: number;
  readonly at: number;
}

function* unzipped(bytes: Uint8Array, budget: UnpackBudget): Generator<Unpacked> {
  const entries = entriesOf(bytes);
  if (typeof entries === "string") return yield { refused: entries };
  if (entries.length === 0) return yield { refused: "empty" };
  for (const entry of entries.slice(0, filesMax)) {
    const packed = opened(bytes, entry, budget);
    if ("refused" in packed || kindOf(packed.bytes) !== "gzip") yield inner(packed);
    else yield inner(gunzipped(packed.bytes, budget));
  }
  if (entries.length > filesMax) yield { refused: "too-many-files" };
}

/** Folders and the resource forks that a Mac adds are no files. */
function entriesOf(bytes: Uint8Array): Entry[] | FileRefusal {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = directoryEndOf(view);
  if (end === null) return "truncated";
  const count = view.getUint16(end + 10, true);
  let at = view.getUint32(end + 16, true);
  const entries: Entry[] = [];
  for (let i = 0; i < count && entries.length <= filesMax; i++) {
    if (at + directoryEntryBytes > bytes.length) return "damaged";
    if (view.getUint32(at, true) !== directoryEntry) return "damaged";
    const nameBytes = view.getUint16(at + 28, true);
    const next = at + directoryEntryBytes + nameBytes;
    const name = new TextDecoder().decode(bytes.subarray(at + directoryEntryBytes, next));
    if (!name.endsWith("/") && !name.startsWith("__MACOSX/") && !name.endsWith(".DS_Store"))
      entries.push({
        method: view.getUint16(at + 10, true),
        isEncrypted: (view.getUint16(at + 8, true) & 1) !== 0,
        packedBytes: view.getUint32(at + 20, true),
        statedBytes: view.getUint32(at + 24, true),
        at: view.getUint32(at + 42, true),
      });
    at = next + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  return entries;
}

/** It stands at the very end, before a comment of up to 64 KiB. */
function directoryEndOf(view: DataView): number | null {
  const last = view.byteLength - directoryEndBytes;
  for (let at = last; at >= Math.max(0, last - commentBytesMax); at--)
    if (view.getUint32(at, true) === directoryEnd) return at;
  return null;
}

function opened(bytes: Uint8Array, entry: Entry, budget: UnpackBudget): Unpacked {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { at, method, packedBytes } = entry;
  if (entry.isEncrypted) return { refused: "encrypted" };
  if (at + localEntryBytes > bytes.length) return { refused: "damaged" };
  if (view.getUint32(at, true) !== localEntry) return { refused: "damaged" };
  const from = at + localEntryBytes + view.getUint16(at + 26, true) + view.getUint16(at + 28, true);
  const packed = bytes.subarray(from, from + packedBytes);
  if (packed.length === 0) return { refused: "empty" };
  if (method === deflated)
    return inflated(packed, entry.statedBytes, budget, (on) => new Inflate(on));
  if (method !== stored) return { refused: "unknown-compression" };
  if (packed.length > budget.left) return { refused: "too-large" };
  budget.left -= packed.length;
  return { bytes: packed };
}
