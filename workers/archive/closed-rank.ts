/**
 * Writes the rankings of a closed board, each as one object (kernel/boards/closed-code.ts), out of the
 * sorted entries that were put aside. One that came to the same as in the version before stays the
 * object that it was.
 *
 * No name is given twice: it tells the version that the object is first in, and its content. What is
 * deleted later is what the current version does not name, of its own number or a lower one.
 */
import { createHash } from "node:crypto";
import { byRank } from "../../domain/boards.ts";
import type { ClosedBody, ClosedRanking } from "../../kernel/boards/closed.ts";
import { type ClosedShape, layoutOf } from "../../kernel/boards/closed-code.ts";
import { idCodeFor } from "../../kernel/boards/closed-ids.ts";
import { merged } from "../../kernel/boards/closed-merge.ts";
import { closedChunks } from "../../kernel/boards/closed-write.ts";
import { AsideLost, entrySources } from "./closed-aside.ts";
import { type Making, type RankingSections, rankingsOf } from "./closed-making.ts";
import { type BoardKey, ClosedStore } from "./closed-store.ts";
import type { ArchiveEnv } from "./env.ts";
import type { Step } from "./run.ts";

/** Entries of one unit; a ranking with more is one by itself. */
const entriesPerUnit = 100_000;
/** What is larger is not held: it is made twice, once for its digest and once as it is written. */
const heldBytesMax = 8 * 1024 * 1024;
const versionsDeletedMax = 1000;

/** One unit of work. */
export async function rank(
  { env }: Pick<Step, "env">,
  making: Making,
  heldMax = heldBytesMax,
): Promise<Making> {
  const rankings = rankingsOf(making).slice(making.made.length);
  const former = making.former === 0 ? null : await new ClosedStore(env.WAREHOUSE).current(making);
  const made: ClosedRanking[] = [];
  let entries = 0;
  for (const ranking of rankings) {
    if (made.length > 0 && entries + ranking.count > entriesPerUnit) break;
    made.push(await write(env, making, ranking, former?.body ?? null, heldMax));
    entries += ranking.count;
  }
  return { ...making, made: [...making.made, ...made] };
}

async function write(
  env: ArchiveEnv,
  making: Making,
  { key, measure, count, sections }: RankingSections,
  former: ClosedBody | null,
  heldMax: number,
): Promise<ClosedRanking> {
  const ids = sections.map((section) => section.ids).reduce(idCodeFor);
  const shape: ClosedShape = { count, ids };
  const { length } = layoutOf(shape);
  const chunks = () => closedChunks(shape, () => merged(entrySources(env, sections), byRank));
  const bytes = length <= heldMax ? await whole(chunks(), length) : null;
  const sha256 = bytes === null ? await digestOf(chunks()) : hexOf(bytes);
  const held = former?.rankings.find((r) => r.key === key && r.measure === measure);
  if (held?.sha256 === sha256 && (await env.BOARDS.head(held.object)) !== null) return held;
  const folder = `${folderOf(making)}${key}-${measure}/`;
  const object = `${folder}${making.former + 1}-${sha256}`;
  if (bytes !== null) await put(env, object, bytes);
  // A body that nobody takes would never end.
  else if ((await env.BOARDS.head(object)) === null)
    await put(env, object, streamed(chunks(), length));
  return { key, measure, count, ids, object, sha256 };
}

const folderOf = ({ stream, period }: BoardKey): string => `${stream}/${period}/`;

/** One that is there already stays: its name tells its content. */
const put = ({ BOARDS }: ArchiveEnv, object: string, value: Uint8Array | ReadableStream) =>
  BOARDS.put(object, value, { onlyIf: { etagDoesNotMatch: "*" } });

const hexOf = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

async function digestOf(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of chunks) hash.update(chunk);
  return hash.digest("hex");
}

async function whole(chunks: AsyncIterable<Uint8Array>, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  let at = 0;
  for await (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  if (at !== length) throw new AsideLost();
  return bytes;
}

/** A body of known length, made as fast as it is taken. */
function streamed(chunks: AsyncGenerator<Uint8Array>, length: number): ReadableStream {
  const { readable, writable } = new FixedLengthStream(length);
  const writer = writable.getWriter();
  const pour = async () => {
    try {
      for await (const chunk of chunks) await writer.write(chunk);
      await writer.close();
    } catch (error) {
      // Whoever takes the body is told by this that it does not end.
      await writer.abort(error).catch(() => {});
    }
  };
  void pour();
  return readable;
}

/**
 * Deletes what the current version does not name. What was listed before the version was read, and is
 * of its number or a lower one, can be named by no later version: a version names only what the one
 * before named, and objects of its own number.
 */
export async function sweepFormer(env: ArchiveEnv, key: BoardKey): Promise<number> {
  const store = new ClosedStore(env.WAREHOUSE);
  const folder = folderOf(key);
  const listed = await env.BOARDS.list({ prefix: folder, limit: versionsDeletedMax });
  const current = await store.current(key);
  if (current === null) return 0;
  const named = new Set(current.body.rankings.map(({ object }) => object));
  const gone = listed.objects
    .map(({ key: name }) => name)
    .filter((name) => !named.has(name) && versionIn(name) <= current.version);
  if (gone.length > 0) await env.BOARDS.delete(gone);
  if (!listed.truncated) await store.swept(key, current.version);
  return gone.length;
}

/** Of what there is no board of any more, every object, whichever version it is of. */
export async function dropObjects({ BOARDS }: ArchiveEnv, key: BoardKey): Promise<void> {
  for (;;) {
    const prefix = folderOf(key);
    const { objects, truncated } = await BOARDS.list({ prefix, limit: versionsDeletedMax });
    if (objects.length > 0) await BOARDS.delete(objects.map(({ key: name }) => name));
    if (!truncated) return;
  }
}

const versionIn = (object: string): number =>
  Number(object.slice(object.lastIndexOf("/") + 1).split("-")[0]);
