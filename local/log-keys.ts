/**
 * The keys of logs and witnesses as an operator handles them: a secret is the 32 bytes of an
 * Ed25519 key, what others verify with is a line of text (c2sp.org/signed-note).
 */
import { createHash, createPrivateKey, createPublicKey, randomBytes } from "node:crypto";

export const signs = 1;
export const coSigns = 4;
const seedBytes = 32;
/** What stands before the 32 bytes in PKCS #8. */
const pkcs8Head = Buffer.from("302e020100300506032b657004220420", "hex");

export const newSeed = (): string => randomBytes(seedBytes).toString("base64");

/** `name+id+base64(type, public key)`. */
export function verifierKeyOf(name: string, seed: string, type: typeof signs | typeof coSigns) {
  const key = Buffer.concat([pkcs8Head, Buffer.from(seed, "base64")]);
  const secret = createPrivateKey({ key, format: "der", type: "pkcs8" });
  const { x = "" } = createPublicKey(secret).export({ format: "jwk" });
  const typed = Buffer.concat([Buffer.of(type), Buffer.from(x, "base64url")]);
  const id = createHash("sha256").update(`${name}\n`).update(typed).digest("hex").slice(0, 8);
  return `${name}+${id}+${typed.toString("base64")}`;
}

/** The file that the verifier reads. */
export const keyFile = (logs: readonly string[], witnesses: readonly string[]): string =>
  [...logs.map((key) => `log ${key}`), ...witnesses.map((key) => `witness ${key}`), ""].join("\n");
