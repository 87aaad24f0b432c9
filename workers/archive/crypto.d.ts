/** What of the platform's node:crypto is used here (compatibility flag `nodejs_compat`). */
declare module "node:crypto" {
  interface Hash {
    update(bytes: Uint8Array): Hash;
    digest(encoding: "hex"): string;
  }
  export function createHash(algorithm: "sha256"): Hash;
}
