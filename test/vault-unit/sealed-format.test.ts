/**
 * What is sealed, opened by an account of the format that shares no line with the project's: RFC 5869
 * and C2SP chunked encryption as they stand, over node:crypto. What was sealed years ago opens by it.
 */
import { createDecipheriv, createHash, createHmac } from "node:crypto";
import { describe, expect, test } from "vitest";
import {
  digestBytes,
  digestText,
  fromBase64,
  fromHex,
  openBytesPart,
  openText,
  type Place,
  sealBytes,
  sealText,
  toBase64,
} from "../../workers/vault/cell.ts";
import { chunkBytes, headBytes, importKey, sealedRange } from "../../workers/vault/chunked.ts";
import { KeyWraps } from "../../workers/vault/key-wraps.ts";
import { makeWorld, random } from "./world.ts";

/** HKDF-Expand, RFC 5869 section 2.3. */
function expanded(key: Buffer, info: Buffer, bytes: number): Buffer {
  let [out, block] = [Buffer.alloc(0), Buffer.alloc(0)];
  for (let n = 1; out.length < bytes; n++) {
    block = createHmac("sha512", key).update(block).update(info).update(Buffer.of(n)).digest();
    out = Buffer.concat([out, block]);
  }
  return out.subarray(0, bytes);
}
const prefixed = (...parts: readonly string[]): Buffer =>
  Buffer.concat(
    parts.flatMap((part) => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(Buffer.byteLength(part));
      return [length, Buffer.from(part)];
    }),
  );

/** Salt 24, commitment 32, then chunks of 16 KiB with a tag of 16 each. */
function opened(columnKey: Buffer, context: Buffer, sealed: Uint8Array): Buffer {
  const all = Buffer.from(sealed);
  const label = Buffer.from("c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0");
  const info = Buffer.concat([label, all.subarray(0, 24), context]);
  const secret = expanded(columnKey, info, 32 + 12 + 32);
  expect(all.subarray(24, 56)).toEqual(secret.subarray(44));
  const chunks: Buffer[] = [];
  for (let at = 56, n = 0; at < all.length; at += 16_400, n++) {
    const nonce = Buffer.from(secret.subarray(32, 44));
    nonce.writeUInt32BE((nonce.readUInt32BE(8) ^ n) >>> 0, 8);
    const chunk = all.subarray(at, at + 16_400);
    const decipher = createDecipheriv("aes-256-gcm", secret.subarray(0, 32), nonce);
    decipher.setAuthTag(chunk.subarray(-16));
    chunks.push(decipher.update(chunk.subarray(0, -16)), decipher.final());
  }
  return Buffer.concat(chunks);
}
const columnKeyOf = (dataKey: Buffer, table: string, column: string): Buffer =>
  expanded(dataKey, prefixed("singlet/column/v2", table, column), 32);

const raw = Buffer.alloc(32, 7);
const key = { id: "key-1", key: await importKey(Uint8Array.from(raw)) };
const place: Place = { table: "sealed", member: "m_a", column: "words", row: "f_1" };
const vault = {
  ...(makeWorld().shards.all[0] as NonNullable<unknown>),
  environment: "test",
  random,
};
const inVault = vault as unknown as Parameters<typeof sealBytes>[0];
const context = prefixed("test", "m_a", "sealed", "words", "f_1", "2", "key-1");
const filled = (length: number) =>
  Uint8Array.from({ length }, (_, n) => (n * 31 + (n >> 14)) % 251);

describe("a sealed cell", () => {
  test.each([0, 1, chunkBytes, chunkBytes + 1])(
    "of %i bytes is what the format says",
    async (n) => {
      const plain = filled(n);
      const sealed = await sealBytes(inVault, key, place, plain);
      expect(opened(columnKeyOf(raw, "sealed", "words"), context, sealed)).toEqual(
        Buffer.from(plain),
      );
    },
  );

  test("never uses a nonce twice, beyond 256 chunks either", async () => {
    const plain = filled(258 * chunkBytes);
    const sealed = await sealBytes(inVault, key, place, plain);
    const out = opened(columnKeyOf(raw, "sealed", "words"), context, sealed);
    expect(out.equals(Buffer.from(plain))).toBe(true);
  });

  test("opens in part, and as the text that it was", async () => {
    const sealed = await sealText(inVault, key, place, "zwölf €");
    expect(await openText(inVault, key, place, sealed)).toBe("zwölf €");
    expect(opened(columnKeyOf(raw, "sealed", "words"), context, sealed).toString()).toBe("zwölf €");
    const { offset, length } = sealedRange(sealed.length, 1, 3);
    const part = {
      ...{ sealedBytes: sealed.length, from: 1, to: 3 },
      head: sealed.slice(0, headBytes),
      body: sealed.slice(offset, offset + length),
    };
    const some = await openBytesPart(inVault, key, place, part);
    expect(Buffer.from(some)).toEqual(Buffer.from("zwölf").subarray(1, 3));
  });

  test("has a digest of its own row, which nobody makes without the key", async () => {
    const secret = expanded(columnKeyOf(raw, "sealed", "words"), prefixed("singlet/digest/v2"), 32);
    const digested = (text: string) =>
      createHmac("sha512", secret)
        .update(prefixed("test", "m_a", "f_1", "key-1", text))
        .digest()
        .subarray(0, 32)
        .toString("base64url");
    expect(await digestText(inVault, key, place, "seventy")).toBe(digested("seventy"));
    const bytes = Uint8Array.of(1, 2, 3);
    const hash = createHash("sha512").update(bytes).digest();
    expect(await digestBytes(inVault, key, place, bytes)).toBe(digested([...hash].join(" ")));
  });
});

describe("a wrapped key", () => {
  const epoch = Buffer.alloc(32, 3);
  const wraps = async () => {
    const epochs = { keyOf: async () => importKey(Uint8Array.from(epoch)) };
    return new KeyWraps(epochs as never, "test", random);
  };
  const of = { member: "m_a", generation: "g_1" };

  test("of a member is bound to epoch and generation, as the format says", async () => {
    const member = Uint8Array.from(Buffer.alloc(32, 5));
    const wrapped = await (await wraps()).wrapMember(of, 12, member, 0);
    const where = prefixed("test", "m_a", "keys", "member_key", "12", "2", "g_1");
    const out = opened(columnKeyOf(epoch, "keys", "member_key"), where, wrapped);
    expect(out).toEqual(Buffer.from(member));
  });

  test("of data is bound to connection, generation and its own id", async () => {
    const data = Uint8Array.from(Buffer.alloc(32, 6));
    const by = await importKey(Uint8Array.from(raw));
    const named = { key_id: "k_1", connection: "c_1" };
    const wrapped = await (await wraps()).wrapData(by, of, named, data);
    const where = prefixed("test", "m_a", "keys", "data_key", '["c_1","g_1"]', "2", "k_1");
    expect(opened(columnKeyOf(raw, "keys", "data_key"), where, wrapped)).toEqual(Buffer.from(data));
  });
});

describe("bytes as text", () => {
  test.each([0, 1, 2, 8_191, 8_192, 8_193, 20_000])("of %i bytes are base64 and back", (n) => {
    const bytes = filled(n);
    expect(toBase64(bytes)).toBe(Buffer.from(bytes).toString("base64"));
    expect(fromBase64(toBase64(bytes))).toEqual(bytes);
    expect(fromHex(Buffer.from(bytes).toString("hex").toUpperCase())).toEqual(bytes);
  });
});
