/**
 * The XML of Apple Health's export, piece by piece, out of export.xml or of the export.zip around it.
 */
import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { Unzip, UnzipInflate } from "fflate";

/** The XML in a file, as text; `bytes`: how much of the file was read for it. */
export async function* xmlIn(
  file: string,
  progress: (bytes: number) => void,
): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  const isZip = await beginsAsZip(file);
  for await (const piece of isZip ? unzipped(file, progress) : bytesOf(file, progress))
    yield decoder.decode(piece, { stream: true });
  yield decoder.decode();
}

async function beginsAsZip(file: string): Promise<boolean> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(2), 0, 2, 0);
    return bytesRead === 2 && buffer.toString("latin1") === "PK";
  } finally {
    await handle.close();
  }
}

async function* bytesOf(file: string, progress: (n: number) => void): AsyncGenerator<Uint8Array> {
  let read = 0;
  for await (const piece of createReadStream(file)) {
    read += piece.length;
    progress(read);
    yield piece;
  }
}

/**
 * The file that is named for the phone's language, in its folder or taken out of it; never the clinical
 * documents beside it, nor what a Mac that zips it anew notes down of it.
 */
const isExport = (name: string): boolean =>
  /^([^/]*\/)?[^/.][^/]*\.xml$/i.test(name) && !/^__MACOSX\/|_cda\.xml$/i.test(name);

async function* unzipped(file: string, progress: (n: number) => void): AsyncGenerator<Uint8Array> {
  const ready: Uint8Array[] = [];
  let failed: Error | null = null;
  const unzip = new Unzip((entry) => {
    if (!isExport(entry.name)) return;
    entry.ondata = (error, piece) => {
      failed ??= error;
      if (piece !== undefined && piece.length > 0) ready.push(piece);
    };
    entry.start();
  });
  unzip.register(UnzipInflate);
  for await (const piece of bytesOf(file, progress)) {
    unzip.push(piece);
    if (failed !== null) throw failed;
    yield* ready.splice(0);
  }
  unzip.push(new Uint8Array(0), true);
  yield* ready.splice(0);
}
