/**
 * Verifies a log of who looked from what it published, and a proof of one entry. It shares no code
 * with what writes the log and needs nothing but Node, so that a stranger can read it in one
 * sitting: c2sp.org/tlog-tiles, tlog-cosignature, tlog-proof. `Wrong` names what does not fit.
 */
import { createPublicKey, hash, type KeyObject, verify as verifySignature } from "node:crypto";

export class Wrong extends Error {}

/** A file's bytes; null: not there. */
export interface Source {
  read(path: string): Promise<Buffer | null>;
  hasEntries(): Promise<boolean>;
}
type Key = { readonly name: string; readonly id: string; readonly key: KeyObject };
export type Keys = { readonly logs: readonly Key[]; readonly witnesses: readonly Key[] };
type Checkpoint = ReturnType<typeof openCheckpoint>;

const tileWidth = 256;
const hashBytes = 32;
const lookAhead = 1_024;
const keyHead = Buffer.from("302a300506032b6570032100", "hex");
const deedFields = "v,salt,at,deed,action,actor,role,member,columns,purpose,outcome,ground,rows";
const closingFields = "v,salt,at,closes,outcome,ground,rows";

export const grouped = (n: number): string => n.toLocaleString("en-US");
const sha256 = (...parts: readonly Uint8Array[]): Buffer =>
  hash("sha256", Buffer.concat(parts), "buffer");
const leafHash = (bytes: Uint8Array): Buffer => sha256(Buffer.of(0), bytes);
const nodeHash = (l: Uint8Array, r: Uint8Array): Buffer => sha256(Buffer.of(1), l, r);
const moment = (seconds: number): string => new Date(seconds * 1000).toISOString();
function must(fits: boolean, wrong: string): asserts fits {
  if (!fits) throw new Wrong(wrong);
}
/** Base64 has several spellings of the same bytes: only one is taken. */
function base64(text: string, what: string): Buffer {
  const bytes = Buffer.from(text, "base64");
  must(bytes.toString("base64") === text && text !== "", `${what} is not base64`);
  return bytes;
}

export function readKeys(text: string): Keys {
  const keys = { logs: [] as Key[], witnesses: [] as Key[] };
  for (const line of text.split("\n").filter((l) => !/^\s*(#|$)/.test(l))) {
    const [, sort, name = "", id = "", typed = ""] =
      /^(log|witness) ([^\s+]+)\+([0-9a-f]{8})\+(\S+)$/.exec(line) ?? [];
    must(sort !== undefined, `the key file has a line that is no key: ${line}`);
    const bytes = base64(typed, `the key of ${name}`);
    const fits = bytes[0] === (sort === "log" ? 1 : 4) && bytes.length === 1 + hashBytes;
    must(fits, `the key of ${name} is of another type`);
    const ofName = sha256(Buffer.from(`${name}\n`), bytes).toString("hex");
    must(ofName.startsWith(id), `the key of ${name} does not belong to that name`);
    const der = Buffer.concat([keyHead, bytes.subarray(1)]);
    const key = createPublicKey({ key: der, format: "der", type: "spki" });
    keys[sort === "log" ? "logs" : "witnesses"].push({ name, id, key });
  }
  return keys;
}

/** Every signature must be by a key of the file: what nobody can verify has no place here. */
function openCheckpoint(bytes: Buffer, keys: Keys, path: string) {
  const note = bytes.toString("utf8");
  must(Buffer.from(note).equals(bytes), `${path} is not text`);
  const [, text = "", origin = "", size = "", root = "", lines = ""] =
    /^(([^\n]+)\n(0|[1-9]\d{0,15})\n([\w+/]{43}=)\n)\n((?:— \S+ \S+\n)+)$/.exec(note) ?? [];
  must(text !== "", `${path} is no signed checkpoint`);
  let isByLog = false;
  let witnessedS: number | null = null;
  for (const [, name = "", signed = ""] of lines.matchAll(/— (\S+) (\S+)\n/g)) {
    const all = base64(signed, `${path}: the signature of ${name}`);
    const named = (key: Key) => key.name === name && key.id === all.toString("hex", 0, 4);
    const log = keys.logs.find((key) => named(key) && key.name === origin);
    const known = log ?? keys.witnesses.find(named);
    must(known !== undefined, `${path} has a signature of ${name}, which the keys do not know`);
    let message = text;
    if (log === undefined) {
      must(all.length === 4 + 8 + 64, `${path}: the signature of ${name} is cut off`);
      witnessedS = Number(all.readBigUInt64BE(4));
      message = `cosignature/v1\ntime ${witnessedS}\n${text}`;
    }
    const signature = all.subarray(log === undefined ? 12 : 4);
    const holds = verifySignature(null, Buffer.from(message), known.key, signature);
    must(holds, `${path}: the signature of ${name} does not hold`);
    isByLog ||= log !== undefined;
  }
  must(isByLog, `${path} is not signed by the log ${origin}`);
  return { path, origin, size: Number(size), root: base64(root, `${path}: its root`), witnessedS };
}

export function numberPath(n: number): string {
  const digits = String(n).padStart(Math.ceil(String(n).length / 3) * 3, "0");
  const parts = digits.match(/\d{3}/g) ?? [];
  return parts.map((part, i) => (i < parts.length - 1 ? `x${part}` : part)).join("/");
}
/** How many hashes tile `n` of a level has at this size. */
export const widthOf = (size: number, level: number, n: number): number =>
  Math.max(0, Math.min(tileWidth, Math.floor(size / tileWidth ** level) - n * tileWidth));
export const tilePath = (level: number | "entries", n: number, width: number): string =>
  `tile/${level}/${numberPath(n)}${width < tileWidth ? `.p/${width}` : ""}`;

/** A log may drop a partial tile once the whole one is there; it begins with the same. */
async function readTile(from: Source, level: number | "entries", n: number, width: number) {
  const partial = tilePath(level, n, width);
  const found = await from.read(partial);
  if (found !== null) return { path: partial, width, bytes: found };
  const path = tilePath(level, n, tileWidth);
  const whole = width < tileWidth ? await from.read(path) : null;
  must(whole !== null, `${partial} is missing`);
  return { path, width: tileWidth, bytes: whole };
}
async function hashesOf(from: Source, level: number, n: number, size: number) {
  const { path, width, bytes } = await readTile(from, level, n, widthOf(size, level, n));
  const is = `${grouped(bytes.length)} bytes and not ${grouped(width * hashBytes)}`;
  must(bytes.length === width * hashBytes, `${path} has ${is}`);
  const at = (i: number) => Buffer.from(bytes.subarray(i * hashBytes, (i + 1) * hashBytes));
  return { n, path, at };
}

/** Every witnessed checkpoint: they are numbered from 0 without a gap, and only grow. */
async function openNotes(from: Source, keys: Keys): Promise<Checkpoint[]> {
  const notes: Checkpoint[] = [];
  const path = () => `witnessed/${numberPath(notes.length)}`;
  for (let bytes = await from.read(path()); bytes !== null; bytes = await from.read(path())) {
    const note = openCheckpoint(bytes, keys, path());
    const before = notes.at(-1) ?? { size: -1, witnessedS: 0, path: "nothing" };
    must(note.witnessedS !== null, `${note.path} is not signed by a witness`);
    const grows = before.size < note.size && (before.witnessedS as number) <= note.witnessedS;
    must(grows, `${note.path} is not larger and newer than ${before.path}, which comes before it`);
    notes.push(note);
  }
  for (let ahead = 1; ahead <= lookAhead; ahead *= 2) {
    const later = await from.read(`witnessed/${numberPath(notes.length + ahead)}`);
    must(later === null, `${path()} is missing, and a later one is there`);
  }
  return notes;
}

/**
 * The whole log; what was checked, in rows.
 * 1. The witnessed checkpoints, then the log's own, which is therefore not older than they are.
 * 2. Every tile fits the one above it, and all of them every checkpoint's root at its size.
 * 3. Entries, if they are there, are what was hashed.
 */
export async function verifyLog(from: Source, keys: Keys): Promise<[string, string][]> {
  const notes = await openNotes(from, keys);
  const bytes = await from.read("checkpoint");
  must(bytes !== null, "checkpoint is missing");
  const checkpoint = openCheckpoint(bytes, keys, "checkpoint");
  const { size, origin } = checkpoint;
  const newest = notes.at(-1);
  must(newest !== undefined, "no witness has signed this log: it could be another for everybody");
  for (const note of notes) must(note.origin === origin, `${note.path} is of ${note.origin}`);
  const [has, had] = [grouped(size), grouped(newest.size)];
  must(newest.size <= size, `checkpoint has ${has} entries, ${newest.path} had ${had}: cut back`);
  const next = `witnessed/${numberPath(notes.length)}`; // A witness may sign while this reads.
  const isNew = checkpoint.witnessedS !== null && newest.size < size;
  must(!isNew || (await from.read(next)) !== null, `${next} is missing: checkpoint is witnessed`);
  await checkTiles(from, [...notes, checkpoint], size);
  const entries = (await from.hasEntries()) ? await checkEntries(from, size) : null;
  return [
    ["log", origin],
    ["checkpoint", `${has} entries`],
    ["tiles", "each fits the one above it, and all of them every checkpoint"],
    ["witnessed checkpoints", `${grouped(notes.length)}, the last one of ${had} entries`],
    ["witnessed at", moment(newest.witnessedS as number)],
    ["not proven yet", `${grouped(size - newest.size)} entries, newer than that`],
    ["entries", entries ?? "not here: only their hashes were checked"],
  ];
}

/** One pass over the leaves, keeping the roots of the perfect trees that they make up so far. */
async function checkTiles(from: Source, asked: readonly Checkpoint[], size: number) {
  const roots: Buffer[] = [];
  const whole: { hash: Buffer; level: number }[] = [];
  const tiles: Awaited<ReturnType<typeof hashesOf>>[] = [];
  const tileWith = async (level: number, n: number) => {
    const inTile = Math.floor(n / tileWidth);
    const held = tiles[level];
    const tile = held?.n === inTile ? held : await hashesOf(from, level, inTile, size);
    tiles[level] = tile;
    return tile;
  };
  while (asked[roots.length]?.size === 0) roots.push(sha256());
  for (let leaf = 0; leaf < size; leaf++) {
    let made = { hash: (await tileWith(0, leaf)).at(leaf % tileWidth), level: 0 };
    for (let left = whole.at(-1); left?.level === made.level; left = whole.at(-1)) {
      whole.pop();
      made = { hash: nodeHash(left.hash, made.hash), level: made.level + 1 };
      if (made.level % 8 > 0) continue;
      const n = (leaf + 1) / 2 ** made.level - 1;
      const { path, at } = await tileWith(made.level / 8, n);
      const [i, below] = [n % tileWidth, tilePath(made.level / 8 - 1, n, tileWidth)];
      must(at(i).equals(made.hash), `${path} hash ${i} is not the hash of ${below}`);
    }
    whole.push(made);
    while (asked[roots.length]?.size === leaf + 1)
      roots.push(whole.map((w) => w.hash).reduceRight((right, left) => nodeHash(left, right)));
  }
  judgeRoots(asked, roots);
}

/** Each is contained in the next, so those before the first that differs are intact. */
function judgeRoots(asked: readonly Checkpoint[], roots: readonly Buffer[]): void {
  const differs = asked.map(({ root }, n) => !root.equals(roots[n] as Buffer));
  const first = differs.indexOf(true);
  const note = asked[first];
  if (note === undefined) return;
  const intact = grouped(asked[first - 1]?.size ?? 0);
  const size = asked.at(-1)?.size ?? 0;
  const last = Math.ceil(size / tileWidth) - 1;
  const edge = tilePath(0, last, widthOf(size, 0, last));
  const is = `tiles up to ${edge} have another root than checkpoint`;
  must(differs.at(-1) === false, `${is}; they are intact up to size ${intact}`);
  const at = `${note.path}, which a witness signed at ${moment(note.witnessedS ?? 0)}`;
  const between = `between sizes ${intact} and ${grouped(note.size)}`;
  throw new Wrong(`history was rewritten ${between}: ${at}, has another root`);
}

async function checkEntries(from: Source, size: number): Promise<string> {
  const intents = new Uint8Array(size);
  let beforeMs = 0;
  for (let n = 0; n * tileWidth < size; n++) {
    const leaves = await hashesOf(from, 0, n, size);
    const width = widthOf(size, 0, n);
    const { path, bytes, ...bundle } = await readTile(from, "entries", n, width);
    let offset = 0;
    for (let i = 0; i < bundle.width; i++) {
      const is = `entry ${grouped(n * tileWidth + i)} (${path})`;
      must(offset + 2 <= bytes.length, `${is} is missing`);
      const end = offset + 2 + bytes.readUInt16BE(offset);
      const text = bytes.subarray(offset + 2, end);
      offset = end;
      if (i >= width) continue;
      const fits = end <= bytes.length && leafHash(text).equals(leaves.at(i));
      must(fits, `${is} is not what ${leaves.path} hash ${i} was made of`);
      const entry = readEntry(text, is);
      const atMs = Date.parse(String(entry.at));
      must(atMs >= beforeMs, `${is} is earlier than the one before it`);
      beforeMs = atMs;
      if (entry.outcome === "intended") intents[n * tileWidth + i] = 1;
      if (entry.closes === undefined) continue;
      must((intents[Number(entry.closes)] ?? 0) > 0, `${is} closes no intent before it`);
      intents[Number(entry.closes)] = 2;
    }
    must(offset === bytes.length, `${path} goes on after its last entry`);
  }
  const open = intents.filter((state) => state === 1).length;
  return `${grouped(size)}, each is what was hashed; ${grouped(open)} intents without an outcome`;
}

function readEntry(bytes: Buffer, is: string): Readonly<Record<string, unknown>> {
  const text = bytes.toString("utf8");
  try {
    const entry = JSON.parse(text) as Record<string, unknown>;
    const isKnown = [deedFields, closingFields].includes(Object.keys(entry).join());
    const isTimed = entry.v === 1 && !Number.isNaN(Date.parse(String(entry.at)));
    if (isKnown && isTimed && JSON.stringify(entry) === text) return entry;
  } catch {}
  throw new Wrong(`${is} is not well formed`);
}

/** RFC 6962: which half of the tree the leaf is in says on which side the last hash stands. */
export function verifyInclusion(
  index: bigint,
  size: bigint,
  leaf: Uint8Array,
  proof: readonly Uint8Array[],
  root: Uint8Array,
): boolean {
  const made = (at: bigint, of: bigint, end: number): Uint8Array | null => {
    if (of === 1n) return end === 0 ? leaf : null;
    const half = 1n << BigInt((of - 1n).toString(2).length - 1);
    const beside = proof[end - 1];
    const mine = at < half ? made(at, half, end - 1) : made(at - half, of - half, end - 1);
    if (beside?.length !== hashBytes || mine === null) return null;
    return at < half ? nodeHash(mine, beside) : nodeHash(beside, mine);
  };
  if (index < 0n || index >= size) return false;
  const known = made(index, size, proof.length);
  return known !== null && Buffer.from(known).equals(root);
}

/** c2sp.org/tlog-proof, with the entry itself as `extra`. */
export function checkProof(text: string, keys: Keys) {
  const form =
    /^c2sp\.org\/tlog-proof@v1\nextra (\S+)\nindex (0|[1-9]\d{0,15})\n((?:\S+\n)*)\n(.+)$/s;
  const [, extra = "", at = "", path = "", note = ""] = form.exec(text) ?? [];
  must(note !== "", "this is no proof of an entry");
  const { origin, size, root, witnessedS } = openCheckpoint(Buffer.from(note), keys, "the proof");
  must(witnessedS !== null, "no witness has signed the checkpoint of this proof");
  const bytes = base64(extra, "the entry");
  const lines = path.split("\n").slice(0, -1);
  const proof = lines.map((line) => base64(line, "a hash of the proof"));
  const holds = verifyInclusion(BigInt(at), BigInt(size), leafHash(bytes), proof, root);
  const is = `entry ${grouped(Number(at))}`;
  must(holds, `the proof does not show that ${is} is among the ${grouped(size)} entries`);
  const entry = readEntry(bytes, is);
  return { origin, index: Number(at), size, witnessedAt: moment(witnessedS), entry };
}
