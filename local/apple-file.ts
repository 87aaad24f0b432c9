/** The XML of Apple Health's export, out of a file on this machine: piece by piece, however large. */
import { createReadStream } from "node:fs";
import { xmlOf } from "../client/apple-xml.ts";

/** The XML in a file, as text; `progress`: how many bytes of the file were read for it. */
export const xmlIn = (file: string, progress: (bytes: number) => void): AsyncGenerator<string> =>
  xmlOf(bytesOf(file, progress));

async function* bytesOf(file: string, progress: (n: number) => void): AsyncGenerator<Uint8Array> {
  let read = 0;
  for await (const piece of createReadStream(file)) {
    read += piece.length;
    progress(read);
    yield piece;
  }
}
