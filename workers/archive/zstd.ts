/** Zstandard from the platform. The same bytes for the same input, on one version of it. */
import { zstdCompressSync, zstdDecompressSync } from "node:zlib";
import type { Zstd } from "../../kernel/settle/ports.ts";

export const zstd: Zstd = {
  compress: (bytes) => zstdCompressSync(bytes),
  /** Never more than the page's header promised: a damaged one cannot fill the memory. */
  decompress: (bytes, length) =>
    zstdDecompressSync(bytes, { maxOutputLength: Math.max(1, length) }),
};
