/**
 * What is put aside while a board is made: what members came to on each day, then sorted entries of
 * each ranking, read again a piece at a time. It names members, so it goes with the making of that
 * board, and at the latest with the run.
 */
import type { Score } from "../../domain/ports.ts";
import { entryAt, entryBytesOf } from "../../kernel/boards/closed-code.ts";
import type { MemberNumbers } from "../../kernel/boards/closed-days.ts";
import type { IdCode } from "../../kernel/boards/closed-ids.ts";
import type { Source } from "../../kernel/boards/closed-merge.ts";
import { rowsIn } from "../../kernel/boards/closed-rows.ts";
import type { ArchiveEnv } from "./env.ts";

/** Some bytes of an object. */
export interface Section {
  readonly object: string;
  readonly offset: number;
  readonly length: number;
}
/** Entries in rank order, all of one length. */
export interface EntrySection {
  readonly object: string;
  readonly offset: number;
  readonly count: number;
  readonly ids: IdCode;
}

/** Held at once of all that is merged: as bytes, and some ten times as much once it is read. */
const rowBytesHeldMax = 1024 * 1024;
const entryBytesHeldMax = 4 * 1024 * 1024;
const pieceBytesMin = 16 * 1024;
const pieceBytesMax = 256 * 1024;
const deletedAtOnceMax = 1000;

const pieceBytes = (heldMax: number, sections: number): number =>
  Math.min(pieceBytesMax, Math.max(pieceBytesMin, Math.floor(heldMax / Math.max(1, sections))));

/** Somebody deleted it: the board is to be made from the beginning. */
export class AsideLost extends Error {
  override readonly name = "AsideLost";
}

export const asideFolder = (run: string): string => `closing/${run}/`;

async function pieceOf({ ARCHIVE }: ArchiveEnv, { object, offset, length }: Section) {
  const found = await ARCHIVE.get(object, { range: { offset, length } });
  if (found === null) throw new AsideLost();
  return new Uint8Array(await found.arrayBuffer());
}

/** Rows of these sections, each in order of its members. */
export function rowSources(
  env: ArchiveEnv,
  sections: readonly Section[],
): readonly Source<MemberNumbers>[] {
  const piece = pieceBytes(rowBytesHeldMax, sections.length);
  return sections.map(({ object, offset, length }) => {
    let [at, wanted] = [offset, piece];
    const end = offset + length;
    return async () => {
      while (at < end) {
        const bytes = await pieceOf(env, {
          object,
          offset: at,
          length: Math.min(wanted, end - at),
        });
        const { rows, used } = rowsIn(bytes);
        at += used;
        // A frame that is longer than a piece.
        wanted = used === 0 ? 2 * wanted : piece;
        if (used === 0 && bytes.length === end - at) throw new AsideLost();
        if (rows.length > 0) return rows;
      }
      return [];
    };
  });
}

/** Entries of these sections. */
export function entrySources(
  env: ArchiveEnv,
  sections: readonly EntrySection[],
): readonly Source<Score>[] {
  const piece = pieceBytes(entryBytesHeldMax, sections.length);
  return sections.map(({ object, offset, count, ids }) => {
    const entryBytes = entryBytesOf(ids);
    let nth = 0;
    return async () => {
      const wanted = Math.min(count - nth, Math.max(1, Math.floor(piece / entryBytes)));
      if (wanted === 0) return [];
      const part = { object, offset: offset + nth * entryBytes, length: wanted * entryBytes };
      const bytes = await pieceOf(env, part);
      nth += wanted;
      return Array.from({ length: wanted }, (_, i) => entryAt(bytes, i * entryBytes, ids));
    };
  });
}

export async function putAside(
  { ARCHIVE }: ArchiveEnv,
  object: string,
  parts: readonly Uint8Array[],
): Promise<void> {
  const bytes = new Uint8Array(parts.reduce((n, part) => n + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  await ARCHIVE.put(object, bytes);
}

/** All that a run put aside. */
export async function dropAside({ ARCHIVE }: ArchiveEnv, run: string): Promise<void> {
  for (;;) {
    const { objects, truncated } = await ARCHIVE.list({
      prefix: asideFolder(run),
      limit: deletedAtOnceMax,
    });
    if (objects.length > 0) await ARCHIVE.delete(objects.map(({ key }) => key));
    if (!truncated) return;
  }
}
