/** Cryptography without waiting gives what the platform gives, bit for bit, and refuses alike. */
import { afterEach, expect, it } from "vitest";
import { type Chance, chanceOf } from "../oracle/chance.ts";
import { cryptoAtOnce } from "./at-once-crypto.ts";

let undo = () => {};
afterEach(() => undo());

const sizes = [0, 1, 15, 16, 17, 64, 129, 1_000, 20_000];
const drawn = (chance: Chance, bytes: number) =>
  Uint8Array.from({ length: bytes }, () => chance.whole(0, 255));
const hex = (bytes: ArrayBuffer) => Buffer.from(bytes).toString("hex");
const nameOf = (error: unknown) => (error as Error).name;

/** Said to the platform, and then to the stand-in. */
async function bothWays<T>(work: () => Promise<T>): Promise<readonly [T, T]> {
  const platform = await work();
  undo = cryptoAtOnce();
  const atOnce = await work();
  undo();
  return [platform, atOnce];
}

it("digests and signs as the platform does", async () => {
  const [platform, atOnce] = await bothWays(async () => {
    const chance = chanceOf(1);
    const said: string[] = [];
    for (const bytes of sizes)
      for (const hash of ["SHA-1", "SHA-256", "SHA-384", "SHA-512"]) {
        const content = drawn(chance, bytes);
        said.push(hex(await crypto.subtle.digest(hash, content)));
        const secret = drawn(chance, 32 + bytes);
        const algorithm = { name: "HMAC", hash };
        const key = await crypto.subtle.importKey("raw", secret, algorithm, false, ["sign"]);
        secret.fill(0);
        said.push(hex(await crypto.subtle.sign("HMAC", key, content)));
      }
    return said;
  });
  expect(atOnce).toEqual(platform);
});

it("seals and opens as the platform does, and opens nothing that was changed", async () => {
  const [platform, atOnce] = await bothWays(async () => {
    const chance = chanceOf(2);
    const said: string[] = [];
    for (const bytes of sizes)
      for (const keyBytes of [16, 32]) {
        const algorithm = { name: "AES-GCM", iv: drawn(chance, 12) };
        const secret = drawn(chance, keyBytes);
        const key = await crypto.subtle.importKey("raw", secret, "AES-GCM", false, [
          "encrypt",
          "decrypt",
        ]);
        const content = drawn(chance, bytes);
        const sealed = new Uint8Array(await crypto.subtle.encrypt(algorithm, key, content));
        const opened = await crypto.subtle.decrypt(algorithm, key, sealed);
        expect(hex(opened)).toBe(hex(content.buffer));
        said.push(hex(sealed.buffer));
        const at = chance.whole(0, sealed.length - 1);
        sealed[at] = (sealed[at] ?? 0) ^ (1 << chance.whole(0, 7));
        for (const changed of [sealed, sealed.subarray(0, 15), sealed.subarray(1)])
          said.push(
            await crypto.subtle.decrypt(algorithm, key, changed).catch(nameOf).then(String),
          );
      }
    return said;
  });
  expect(atOnce).toEqual(platform);
  expect(atOnce.filter((one) => one === "OperationError")).toHaveLength(sizes.length * 2 * 3);
});

it("refuses a key for what it was not made for, and keys that are none", async () => {
  const [platform, atOnce] = await bothWays(async () => {
    const { subtle } = crypto;
    const bytes = new Uint8Array(32);
    const hmac = await subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, [
      "sign",
    ]);
    const opens = await subtle.importKey("raw", bytes, "AES-GCM", false, ["decrypt"]);
    const aes = { name: "AES-GCM", iv: new Uint8Array(12) };
    const asked = [
      () => subtle.encrypt(aes, opens, bytes),
      () => subtle.encrypt(aes, hmac, bytes),
      () => subtle.sign("HMAC", opens, bytes),
      () => subtle.importKey("raw", bytes.subarray(5), "AES-GCM", false, ["decrypt"]),
      () => subtle.digest("SHA-3", bytes),
    ];
    return Promise.all(asked.map((ask) => ask().then(() => "done", nameOf)));
  });
  expect(atOnce).toEqual(platform);
  expect(atOnce).not.toContain("done");
});

it("signs and verifies with Ed25519 as the platform does, and tells its public key", async () => {
  const head = Buffer.from("302e020100300506032b657004220420", "hex");
  const [platform, atOnce] = await bothWays(async () => {
    const { subtle } = crypto;
    const chance = chanceOf(3);
    const said: unknown[] = [];
    for (const bytes of sizes) {
      const pkcs8 = Uint8Array.from([...head, ...drawn(chance, 32)]);
      const key = await subtle.importKey("pkcs8", pkcs8, "Ed25519", true, ["sign"]);
      const { x = "", ...jwk } = await subtle.exportKey("jwk", key);
      said.push(x, Object.entries(jwk).sort());
      const raw = Uint8Array.from(Buffer.from(x, "base64url"));
      const content = drawn(chance, bytes);
      const signature = new Uint8Array(await subtle.sign("Ed25519", key, content));
      said.push(hex(signature.buffer));
      const verifier = await subtle.importKey("raw", raw, "Ed25519", false, ["verify"]);
      const changed = signature.slice();
      changed[chance.whole(0, 63)] = chance.whole(0, 255);
      for (const one of [signature, changed, signature.subarray(1), new Uint8Array()])
        said.push(await subtle.verify("Ed25519", verifier, one, content));
      said.push(await subtle.verify("Ed25519", verifier, signature, drawn(chance, bytes + 1)));
    }
    const noKeys = [
      () => subtle.importKey("raw", new Uint8Array(31), "Ed25519", false, ["verify"]),
      () => subtle.importKey("pkcs8", new Uint8Array(48), "Ed25519", false, ["sign"]),
    ];
    for (const ask of noKeys) said.push(await ask().then(() => "done", nameOf));
    for (const byte of [0, 2, 255]) {
      const odd = new Uint8Array(32).fill(byte);
      const key = await subtle.importKey("raw", odd, "Ed25519", false, ["verify"]);
      said.push(await subtle.verify("Ed25519", key, new Uint8Array(64), odd));
    }
    return said;
  });
  expect(atOnce).toEqual(platform);
  expect(atOnce).toContain(true);
  expect(atOnce).toContain(false);
});
