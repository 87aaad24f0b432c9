/** Zstandard from the platform. The same bytes for the same input, on one version of it. */
import { zstdCompressSync, zstdDecompressSync } from "node:zlib";
import type { Zstd } from "../../kernel/settle/ports.ts";

/**
 * workerd (1.20261023) refuses output of about 41 to 82, 87 to 115, 172 to 198 KB and so on as too
 * long when it is exactly as long as it may be, for it grows its buffer ahead of what fills it.
 */
const aheadBytes = 65_536;

export const zstd: Zstd = {
  compress: (bytes) => zstdCompressSync(bytes),
  /** Never much more than the page's header promised: a damaged one cannot fill the memory. */
  decompress(bytes, length) {
    const output = zstdDecompressSync(bytes, { maxOutputLength: 2 * length + aheadBytes });
    if (output.length !== length) throw new Error("a page is not as long as its header says");
    return output;
  },
};
