/** What of the platform's node:zlib is used here (compatibility flag `nodejs_compat`). */
declare module "node:zlib" {
  export function zstdCompressSync(bytes: Uint8Array): Uint8Array;
  export function zstdDecompressSync(
    bytes: Uint8Array,
    options?: { readonly maxOutputLength?: number },
  ): Uint8Array;
}
