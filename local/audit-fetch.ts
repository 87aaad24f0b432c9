/**
 * Takes a log home: its checkpoint, every tile, every witnessed checkpoint and, with an auditor's
 * token, the entries themselves. What is there already is not asked for again.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { folderSource, urlSource } from "./audit-source.ts";
import { grouped, numberPath, tilePath, widthOf } from "./audit-verify.ts";

const tileWidth = 256;
const saidEvery = 100;

export interface Wanted {
  /** The edge. */
  readonly url: string;
  readonly log: number;
  readonly into: string;
  /** An auditor's; null: no entries. */
  readonly token: string | null;
  readonly say: (text: string) => void;
}

/** 1. Witnessed checkpoints. 2. The checkpoint, hence not older. 3. What it covers. */
export async function fetchLog({ url, log, into, token, say }: Wanted): Promise<void> {
  const from = urlSource(`${url}/log/${log}`);
  const here = folderSource(into);
  const keep = async (path: string, bytes: Buffer): Promise<void> => {
    await mkdir(dirname(join(into, path)), { recursive: true });
    await writeFile(join(into, path), bytes);
  };
  const take = async (path: string, whole: string | null = null): Promise<boolean> => {
    if ((await here.read(path)) !== null) return true;
    const bytes = await from.read(path);
    if (bytes === null) return whole !== null && take(whole);
    await keep(path, bytes);
    return true;
  };
  const had = headOf(await here.read("checkpoint"));
  const has = headOf(await from.read("checkpoint"));
  if (had.origin !== "" && had.origin !== has.origin)
    throw new Error(`that folder holds ${had.origin}; ${has.origin} needs one of its own`);
  if (had.size > has.size)
    throw new Error(`${has.origin} has ${has.size} entries and had ${had.size} when last fetched`);
  let notes = 0;
  while (await take(`witnessed/${numberPath(notes)}`)) notes++;
  say(`${grouped(notes)} witnessed checkpoints`);
  const checkpoint = await from.read("checkpoint");
  if (checkpoint === null) throw new Error(`log ${log} has published nothing`);
  await keep("checkpoint", checkpoint);
  while (await take(`witnessed/${numberPath(notes)}`)) notes++;
  const size = Number(checkpoint.toString("utf8").split("\n")[1]);
  say(`a checkpoint of ${grouped(size)} entries`);
  for (let level = 0; size >= tileWidth ** level; level++) {
    const tiles = Math.ceil(Math.floor(size / tileWidth ** level) / tileWidth);
    for (let n = 0; n < tiles; n++) {
      const path = tilePath(level, n, widthOf(size, level, n));
      if (!(await take(path, tilePath(level, n, tileWidth)))) throw new Error(`${path} is missing`);
      if ((n + 1) % saidEvery === 0 || n === tiles - 1)
        say(`level ${level}: ${grouped(n + 1)} of ${grouped(tiles)} tiles`);
    }
  }
  if (token === null) return;
  const bundles = Math.ceil(size / tileWidth);
  for (let n = 0; n < bundles; n++) {
    const width = widthOf(size, 0, n);
    const path = tilePath("entries", n, width);
    if ((await here.read(path)) === null)
      await keep(path, firstOf(await bundleOf(url, log, n, token), width));
    if ((n + 1) % saidEvery === 0 || n === bundles - 1)
      say(`${grouped(n + 1)} of ${grouped(bundles)} bundles of entries`);
  }
}

/** Unproven: `verify` judges it. */
function headOf(checkpoint: Buffer | null): { readonly origin: string; readonly size: number } {
  const [origin = "", size = ""] = checkpoint?.toString("utf8").split("\n") ?? [];
  return { origin, size: Number(size) || 0 };
}

async function bundleOf(url: string, log: number, n: number, token: string): Promise<Buffer> {
  const path = `/v1/audit/logs/${log}/entries/${n}`;
  const headers = { authorization: `Bearer ${token}` };
  const answer = await fetch(`${url}${path}`, { headers });
  if (!answer.ok) throw new Error(`GET ${path}: ${answer.status}`);
  return Buffer.from(await answer.arrayBuffer());
}

/** A log that grew meanwhile hands out more of its last bundle than the checkpoint covers. */
function firstOf(bundle: Buffer, width: number): Buffer {
  let end = 0;
  for (let i = 0; i < width && end + 2 <= bundle.length; i++) end += 2 + bundle.readUInt16BE(end);
  return bundle.subarray(0, end);
}
