/**
 * Chunked encryption by payloads of our own: what opens, in whole and in part, and what never does.
 * Published vectors go through the same code in workerd: `npm run corpus -- --vectors DIR`.
 */
import { hkdfSync } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Bytes,
  chunkBytes,
  expand,
  headBytes,
  importKey,
  keyBytes,
  openedLength,
  openMessage,
  openPart,
  sealedLength,
  sealedRange,
  sealMessage,
  Unopenable,
} from "../../workers/vault/chunked.ts";

const saltBytes = 24;
const tagBytes = 16;
const sealedChunkBytes = chunkBytes + tagBytes;
const lengths = [0, 1, 16_383, 16_384, 16_385, 32_768, 100_000];
const longest = 100_000;

const random = (bytes: number) => crypto.getRandomValues(new Uint8Array(bytes));
const text = (value: string): Bytes => new Uint8Array(new TextEncoder().encode(value));
/** No two chunks of it are alike. */
const payload = (length: number): Bytes =>
  Uint8Array.from({ length }, (_, i) => (i * 31 + Math.floor(i / chunkBytes) * 7) % 251);

const rawKey = payload(keyBytes);
const key = await importKey(rawKey);
const otherKey = await importKey(payload(keyBytes).reverse());
const context = text("member a, heart rate");
const sealedBy = new Map<number, Bytes>();
for (const length of lengths)
  sealedBy.set(length, await sealMessage(key, context, payload(length), random));
const sealedOf = (length: number): Bytes => (sealedBy.get(length) as Bytes).slice();

const joined = (...parts: readonly Bytes[]): Bytes => new Uint8Array(Buffer.concat(parts));
/** A matcher would look at long bytes one by one, for seconds. */
const expectSame = (found: Bytes, expected: Bytes, what = "other bytes"): void =>
  expect(Buffer.compare(found, expected), what).toBe(0);
const chunkAt = (sealed: Bytes, n: number): Bytes =>
  sealed.slice(headBytes + n * sealedChunkBytes, headBytes + (n + 1) * sealedChunkBytes);

/** One type of error, which says nothing, and no plaintext with it. */
async function expectRefused(opening: Promise<unknown>, what = ""): Promise<void> {
  const outcome = await opening.then(
    () => "opened",
    (error: unknown) => error,
  );
  expect(outcome, what).toBeInstanceOf(Unopenable);
  const { message, cause } = outcome as Unopenable;
  expect({ message, cause, ...(outcome as object) }, what).toEqual({
    message: "",
    cause: undefined,
    name: "Unopenable",
  });
}
const expectUnopenable = (sealed: Bytes, what: string) =>
  expectRefused(openMessage(key, context, sealed), what);

/** As a reader of large streams does: the head, and only the bytes that the range needs. */
function partOf(sealed: Bytes, from: number, to: number, under = { key, context }): Promise<Bytes> {
  const { offset, length } = sealedRange(sealed.length, from, to);
  return openPart(under.key, under.context, {
    sealedBytes: sealed.length,
    from,
    to,
    head: sealed.slice(0, headBytes),
    body: sealed.slice(offset, offset + length),
  });
}

describe("a sealed message", () => {
  it.each(lengths)("of %i bytes opens to what was sealed", async (length) => {
    const sealed = sealedOf(length);
    expect(sealed.length).toBe(sealedLength(length));
    expectSame(await openMessage(key, context, sealed), payload(length));
  });

  it("of any bytes under any context opens to what was sealed", async () => {
    const any = fc.uint8Array({ maxLength: 300 }).map((b) => Uint8Array.from(b));
    await fc.assert(
      fc.asyncProperty(any, any, async (place, value) => {
        const sealed = await sealMessage(key, place, value, random);
        expectSame(await openMessage(key, place, sealed), value);
      }),
    );
  });

  it("differs from another seal of the same, everywhere that chance reaches", async () => {
    const [one, other] = [sealedOf(1), await sealMessage(key, context, payload(1), random)];
    for (const [from, to] of [
      [0, saltBytes],
      [saltBytes, headBytes],
      [headBytes, one.length],
    ])
      expect(one.slice(from, to)).not.toEqual(other.slice(from, to));
  });

  it("takes its salt from the chance that it is given, and nothing else", async () => {
    const asked: number[] = [];
    const seal = () =>
      sealMessage(key, context, payload(40_000), (bytes) => {
        asked.push(bytes);
        return payload(bytes);
      });
    expectSame(await seal(), await seal());
    expect(asked).toEqual([saltBytes, saltBytes]);
  });

  it("has no two chunks under one nonce: equal chunks are sealed differently", async () => {
    const sealed = await sealMessage(key, context, new Uint8Array(3 * chunkBytes), random);
    const chunks = [0, 1, 2].map((n) => chunkAt(sealed, n).join());
    expect(new Set(chunks).size).toBe(3);
  });
});

describe("a part of it", () => {
  it.each(lengths)("is the slice of what was sealed, of %i bytes", async (length) => {
    const [whole, sealed] = [payload(length), sealedOf(length)];
    const cut = fc.oneof(
      fc.nat(length),
      fc.constantFrom(...[0, 16_383, 16_384, 16_385, 32_768, length].filter((n) => n <= length)),
    );
    await fc.assert(
      fc.asyncProperty(cut, cut, async (a, b) => {
        const [from, to] = [Math.min(a, b), Math.max(a, b)];
        expectSame(await partOf(sealed, from, to), whole.slice(from, to), `${from} to ${to}`);
      }),
      { numRuns: 60 },
    );
  });

  it("needs no more than the chunks that it touches, and nothing of the others", async () => {
    const sealed = sealedOf(longest);
    for (const [from, to, chunks] of [
      [0, 1, 1],
      [0, chunkBytes, 1],
      [chunkBytes, chunkBytes + 1, 1],
      [chunkBytes - 1, chunkBytes + 1, 2],
      [20_000, 20_000, 1],
    ] as const)
      expect(sealedRange(sealed.length, from, to).length).toBe(chunks * sealedChunkBytes);
    sealed.fill(0, headBytes, headBytes + sealedChunkBytes);
    const part = await partOf(sealed, 20_000, 30_000);
    expectSame(part, payload(longest).slice(20_000, 30_000));
    await expectRefused(partOf(sealed, 10_000, 20_000));
  });

  it("does not open outside of what was sealed, or backwards", async () => {
    const sealed = sealedOf(16_385);
    for (const [from, to] of [
      [-1, 5],
      [0, 16_386],
      [16_386, 16_386],
      [9, 8],
      [Number.NaN, 5],
      [0, Number.NaN],
    ] as const)
      await expectRefused(partOf(sealed, from, to), `${from} to ${to}`);
  });

  it("does not open from another chunk's bytes, another head, or under another key", async () => {
    const sealed = sealedOf(longest);
    const other = await sealMessage(key, context, payload(longest), random);
    const part = { sealedBytes: sealed.length, from: 0, to: 10, head: sealed.slice(0, headBytes) };
    for (const [what, changed] of Object.entries({
      second: { ...part, body: chunkAt(sealed, 1) },
      other: { ...part, body: chunkAt(other, 0) },
      head: { ...part, body: chunkAt(sealed, 0), head: other.slice(0, headBytes) },
      short: { ...part, body: chunkAt(sealed, 0).slice(1) },
      long: { ...part, body: joined(chunkAt(sealed, 0), chunkAt(sealed, 1)) },
      headless: { ...part, body: chunkAt(sealed, 0), head: part.head.slice(1) },
      before: { ...part, body: joined(chunkAt(sealed, 0), chunkAt(sealed, 0)), from: -1 },
      elsewhere: { ...part, body: chunkAt(sealed, 0), sealedBytes: headBytes },
    }))
      await expectRefused(openPart(key, context, changed), what);
    await expectRefused(partOf(sealed, 0, 10, { key: otherKey, context }));
    await expectRefused(partOf(sealed, 0, 10, { key, context: text("member b") }));
  });
});

describe("what was touched", () => {
  it.each([0, 1, 40])("does not open with any one byte changed, of %i bytes", async (length) => {
    const sealed = await sealMessage(key, context, payload(length), random);
    for (let at = 0; at < sealed.length; at++) {
      const changed = sealed.slice();
      changed[at] = (changed[at] ?? 0) ^ (1 << (at % 8));
      await expectUnopenable(changed, `byte ${at}`);
    }
  });

  it("does not open with a byte changed, cut or added anywhere, of many chunks", async () => {
    const whole = sealedOf(longest);
    await fc.assert(
      fc.asyncProperty(
        fc.nat(whole.length - 1),
        fc.integer({ min: 1, max: 255 }),
        async (at, by) => {
          const changed = whole.slice();
          changed[at] = (changed[at] ?? 0) ^ by;
          await expectUnopenable(changed, `byte ${at} changed`);
          await expectUnopenable(whole.slice(0, at), `cut at ${at}`);
          const twice = joined(whole.slice(0, at), whole.slice(at, at + 1), whole.slice(at));
          await expectUnopenable(twice, `byte ${at} twice`);
        },
      ),
      { numRuns: 40 },
    );
  });

  it.each(lengths)("does not open cut or longer at a chunk's end, of %i bytes", async (length) => {
    const sealed = sealedOf(length);
    const chunks = Math.floor(length / chunkBytes) + 1;
    for (let n = 0; n < chunks; n++)
      for (const off of [-1, 0, 1, tagBytes]) {
        const cut = sealed.slice(0, headBytes + n * sealedChunkBytes + off);
        if (cut.length < sealed.length) await expectUnopenable(cut, `cut at ${cut.length}`);
      }
    for (const more of [1, tagBytes, sealedChunkBytes]) {
      await expectUnopenable(joined(sealed, new Uint8Array(more)), `${more} zeros more`);
      await expectUnopenable(joined(sealed, sealed.slice(-more)), `its last ${more} again`);
    }
  });

  it("does not open with chunks swapped, repeated or left out", async () => {
    const sealed = sealedOf(longest);
    const head = sealed.slice(0, headBytes);
    const chunks = Array.from({ length: 7 }, (_, n) => chunkAt(sealed, n));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(6), { maxLength: 9 }), async (order) => {
        fc.pre(order.join() !== "0,1,2,3,4,5,6");
        const moved = order.map((n) => chunks[n] as Bytes);
        await expectUnopenable(joined(head, ...moved), order.join());
      }),
      { numRuns: 40, examples: [[[1, 0, 2, 3, 4, 5, 6]], [[0, 1, 2, 3, 4, 5, 5, 6]], [[6]]] },
    );
  });

  it("does not open with a chunk of another message, same key, context and place", async () => {
    const other = await sealMessage(key, context, payload(longest), random);
    for (let n = 0; n < 7; n++) {
      const mixed = sealedOf(longest);
      mixed.set(chunkAt(other, n), headBytes + n * sealedChunkBytes);
      await expectUnopenable(mixed, `chunk ${n}`);
    }
  });

  it("does not open under another key or context", async () => {
    const any = fc.uint8Array({ maxLength: 60 }).map((b) => Uint8Array.from(b));
    const sealed = sealedOf(16_385);
    await expectRefused(openMessage(otherKey, context, sealed));
    await fc.assert(
      fc.asyncProperty(any, async (place) => {
        fc.pre(place.join() !== context.join());
        await expectRefused(openMessage(key, place, sealed));
      }),
      { examples: [[new Uint8Array(0)], [context.slice(1)], [joined(context, text("\0"))]] },
    );
  });
});

describe("the commitment", () => {
  it("keeps a message made for one key from opening under another, whatever it claims", async () => {
    const salt = payload(saltBytes);
    const seal = (by: CryptoKey) => sealMessage(by, context, payload(100), () => salt);
    const [one, other] = [await seal(key), await seal(otherKey)];
    const claims = other.slice(saltBytes, headBytes);
    const forged = joined(salt, claims, one.slice(headBytes));
    await expectRefused(openMessage(otherKey, context, forged), "to the other");
    await expectRefused(openMessage(key, context, forged), "to the one it was made for");
  });

  it("is compared before anything is decrypted", async () => {
    const sealed = sealedOf(100_000);
    sealed[saltBytes] = (sealed[saltBytes] ?? 0) ^ 1;
    const { decrypt } = crypto.subtle;
    let decrypted = 0;
    crypto.subtle.decrypt = (...args) => {
      decrypted++;
      return decrypt.apply(crypto.subtle, args);
    };
    try {
      await expectUnopenable(sealed, "commitment");
      expect(decrypted).toBe(0);
      await openMessage(key, context, sealedOf(100_000));
      expect(decrypted).toBe(7);
    } finally {
      crypto.subtle.decrypt = decrypt;
    }
  });
});

describe("lengths", () => {
  it("sealed and opened are each other's inverse", () => {
    const near = fc.tuple(fc.nat(1000), fc.integer({ min: -2, max: 2 }));
    const any = fc.oneof(
      fc.nat(),
      near.map(([n, off]) => Math.max(0, n * chunkBytes + off)),
    );
    const isInverse = (length: number) => openedLength(sealedLength(length)) === length;
    fc.assert(fc.property(any, isInverse));
  });

  it("that no message has are refused", () => {
    const possible = new Set(Array.from({ length: 40_000 }, (_, length) => sealedLength(length)));
    for (let sealed = 0; sealed < sealedLength(39_999); sealed++)
      if (!possible.has(sealed)) expect(() => openedLength(sealed)).toThrow(Unopenable);
    for (const impossible of [-1, 72.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 60])
      expect(() => openedLength(impossible)).toThrow(Unopenable);
  });
});

describe("a key", () => {
  it.each([0, 1, 16, 31, 33, 64])("of %i bytes is refused", async (length) => {
    await expectRefused(importKey(payload(length)));
  });

  it("cannot be read back", async () => {
    expect(key.extractable).toBe(false);
    for (const form of ["raw", "jwk"] as const)
      await expect(crypto.subtle.exportKey(form, key)).rejects.toThrow();
  });

  it("expands as the platform's HKDF does, up to 255 blocks and no further", async () => {
    const [secret, salt] = [payload(48), payload(20)];
    const hmac = { name: "HMAC", hash: "SHA-512" };
    const imported = (raw: Bytes) => crypto.subtle.importKey("raw", raw, hmac, false, ["sign"]);
    const extracted = await crypto.subtle.sign("HMAC", await imported(salt), secret);
    const own = await imported(new Uint8Array(extracted));
    for (const bytes of [1, 63, 64, 65, 76, 128, 255 * 64]) {
      const platform = hkdfSync("sha512", secret, salt, context, bytes);
      expectSame(await expand(own, context, bytes), new Uint8Array(platform), `${bytes} bytes`);
    }
    await expect(expand(own, context, 255 * 64 + 1)).rejects.toThrow(RangeError);
  });
});
