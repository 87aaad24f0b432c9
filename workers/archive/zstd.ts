/** Zstandard from the platform. The same bytes for the same input, on one version of it. */
import { zstdCompressSync, zstdDecompressSync } from "node:zlib";
import type { Zstd } from "../../kernel/settle/ports.ts";

/**
 * workerd (1.20261023) refuses output of about 41 to 82, 87 to 115, 172 to 198 KB and so on as too
 * long when it is exactly as long as it may be, for it grows its buffer ahead of what fills it.
 */
const aheadBytes = 65_536;

/** RFC 8878, 3.1: a frame's first bytes; its length follows in four bytes, in one segment. */
const frameBegins = [0x28, 0xb5, 0x2f, 0xfd, 0xa0] as const;
const headerBytes = frameBegins.length + 4;
const blockBytesMax = 131_072;
const blockHeaderBytes = 3;

/** A frame that holds the bytes as they are. */
function stored(bytes: Uint8Array): Uint8Array {
  const blocks = Math.max(1, Math.ceil(bytes.length / blockBytesMax));
  const frame = new Uint8Array(headerBytes + blocks * blockHeaderBytes + bytes.length);
  const view = new DataView(frame.buffer);
  frame.set(frameBegins);
  view.setUint32(frameBegins.length, bytes.length, true);
  for (let block = 0, at = headerBytes; block < blocks; block++) {
    const part = bytes.subarray(block * blockBytesMax, (block + 1) * blockBytesMax);
    const header = (part.length << 3) | (block === blocks - 1 ? 1 : 0);
    view.setUint16(at, header & 0xffff, true);
    view.setUint8(at + 2, header >> 16);
    frame.set(part, at + blockHeaderBytes);
    at += blockHeaderBytes + part.length;
  }
  return frame;
}

export const zstd: Zstd = {
  /**
   * workerd (1.20261023) throws "Unexpected end of file" wherever the frame is longer than 40,960
   * bytes. Pages are cut so that hardly any is (kernel/settle/parquet.ts); one that is, since a
   * single value fills it, is stored as it stands.
   */
  compress(bytes) {
    try {
      return zstdCompressSync(bytes);
    } catch {
      return stored(bytes);
    }
  },
  /** Never much more than the page's header promised: a damaged one cannot fill the memory. */
  decompress(bytes, length) {
    const output = zstdDecompressSync(bytes, { maxOutputLength: 2 * length + aheadBytes });
    if (output.length !== length) throw new Error("a page is not as long as its header says");
    return output;
  },
};
