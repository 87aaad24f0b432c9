/**
 * The XML of Apple Health's export, piece by piece, out of export.xml or of the export.zip around it:
 * wherever its bytes come from, none of it is held longer than it takes to hand it on.
 */
import { Unzip, UnzipInflate } from "fflate";

/** The XML as text. Throws when a ZIP cannot be unpacked. */
export async function* xmlOf(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  for await (const piece of unpacked(pieces)) yield decoder.decode(piece, { stream: true });
  yield decoder.decode();
}

/** Which of the two it is, its first two bytes say. */
export const beginsAsZip = ([first, second]: Uint8Array): boolean =>
  first === 0x50 && second === 0x4b;

async function* unpacked(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let entries: ZipReader | null = null;
  let isFirst = true;
  for await (const piece of pieces) {
    if (isFirst && beginsAsZip(piece)) entries = new ZipReader();
    isFirst = false;
    if (entries === null) yield piece;
    else yield* entries.take(piece, false);
  }
  if (entries !== null) yield* entries.take(new Uint8Array(0), true);
}

/**
 * The file that is named for the phone's language, in its folder or taken out of it; never the clinical
 * documents beside it, nor what a Mac that zips it anew notes down of it.
 */
const isExport = (name: string): boolean =>
  /^([^/]*\/)?[^/.][^/]*\.xml$/i.test(name) && !/^__MACOSX\/|_cda\.xml$/i.test(name);

class ZipReader {
  readonly #ready: Uint8Array[] = [];
  readonly #unzip: Unzip;
  #failed: Error | null = null;

  constructor() {
    this.#unzip = new Unzip((entry) => {
      if (!isExport(entry.name)) return;
      entry.ondata = (error, piece) => {
        this.#failed ??= error;
        if (piece !== undefined && piece.length > 0) this.#ready.push(piece);
      };
      entry.start();
    });
    this.#unzip.register(UnzipInflate);
  }

  take(piece: Uint8Array, isLast: boolean): Uint8Array[] {
    this.#unzip.push(piece, isLast);
    if (this.#failed !== null) throw this.#failed;
    return this.#ready.splice(0);
  }
}
