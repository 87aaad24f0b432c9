import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type Context,
  digestOf,
  importKey,
  lengthPrefixed,
  open,
  seal,
  sealedOverheadBytes,
  Unopenable,
} from "../../workers/vault/envelope.ts";

const random = (bytes: number) => crypto.getRandomValues(new Uint8Array(bytes));
const key = await importKey(random(32));
const context: Context = {
  environment: "test",
  member: "mem_a",
  table: "sealed",
  column: "heart_rate",
  row: "row-1",
  schema: 1,
  keyId: "key-1",
};
const text = (value: string) => new TextEncoder().encode(value);
const part = fc.string({ maxLength: 40 });
const contexts: fc.Arbitrary<Context> = fc.record({
  environment: part,
  member: part,
  table: part,
  column: part,
  row: part,
  schema: fc.nat(1000),
  keyId: part,
});
const bytes = fc.uint8Array({ maxLength: 300 }).map((b) => Uint8Array.from(b));

describe("a sealed value", () => {
  test("opens to what was sealed, in its own place", async () => {
    await fc.assert(
      fc.asyncProperty(contexts, bytes, async (place, value) => {
        const sealed = await seal(key, place, value, random);
        expect(sealed.length).toBe(value.length + sealedOverheadBytes);
        expect(await open(key, place, sealed)).toEqual(value);
      }),
    );
  });

  test("never opens in another environment, member, table, column, row, schema or key", async () => {
    const fields = Object.keys(context) as (keyof Context)[];
    await fc.assert(
      fc.asyncProperty(contexts, contexts, bytes, async (place, other, value) => {
        const sealed = await seal(key, place, value, random);
        for (const field of fields) {
          if (place[field] === other[field]) continue;
          const elsewhere = { ...place, [field]: other[field] };
          await expect(open(key, elsewhere, sealed)).rejects.toBeInstanceOf(Unopenable);
        }
      }),
    );
  });

  test("never opens under another data key", async () => {
    const sealed = await seal(key, context, text("[60,61]"), random);
    const other = await importKey(random(32));
    await expect(open(other, context, sealed)).rejects.toBeInstanceOf(Unopenable);
  });

  test("does not open with any one byte changed", async () => {
    const sealed = await seal(key, context, text("[60,61,62]"), random);
    for (let at = 0; at < sealed.length; at++) {
      const broken = sealed.slice();
      broken[at] = (broken[at] ?? 0) ^ (1 + Math.floor(Math.random() * 255));
      await expect(open(key, context, broken)).rejects.toBeInstanceOf(Unopenable);
    }
  });

  test("does not open cut short or with more behind it", async () => {
    const sealed = await seal(key, context, text("[60,61,62]"), random);
    for (let length = 0; length < sealed.length; length++)
      await expect(open(key, context, sealed.slice(0, length))).rejects.toBeInstanceOf(Unopenable);
    const longer = new Uint8Array([...sealed, 0]);
    await expect(open(key, context, longer)).rejects.toBeInstanceOf(Unopenable);
  });

  test("fails with one and the same error, which says nothing", async () => {
    const sealed = await seal(key, context, text("secret"), random);
    const faults = await Promise.all(
      [
        open(key, { ...context, row: "row-2" }, sealed),
        open(key, context, sealed.slice(1)),
        open(key, context, new Uint8Array(0)),
      ].map((attempt) => attempt.catch((error: Error) => `${error.name}:${error.message}`)),
    );
    expect(new Set(faults)).toEqual(new Set(["Unopenable:"]));
  });

  test("is different each time, and holds nothing of the plaintext", async () => {
    const value = text("a rather long and recognisable plaintext");
    const [a, b] = [
      await seal(key, context, value, random),
      await seal(key, context, value, random),
    ];
    expect(a).not.toEqual(b);
    expect(Buffer.from(a).includes(Buffer.from(value))).toBe(false);
  });
});

describe("contexts", () => {
  test("whose parts read alike when joined are encoded differently", () => {
    fc.assert(
      fc.property(fc.array(part), fc.array(part), (a, b) => {
        const same = JSON.stringify(a) === JSON.stringify(b);
        const encodedSame = Buffer.compare(lengthPrefixed(...a), lengthPrefixed(...b)) === 0;
        expect(encodedSame).toBe(same);
      }),
    );
    expect(lengthPrefixed("ab", "c")).not.toEqual(lengthPrefixed("a", "bc"));
    expect(lengthPrefixed("", "x")).not.toEqual(lengthPrefixed("x", ""));
  });

  test("whose neighbouring parts trade a character do not open each other", async () => {
    const sealed = await seal(key, { ...context, column: "ab", row: "c" }, text("1"), random);
    const shifted = { ...context, column: "a", row: "bc" };
    await expect(open(key, shifted, sealed)).rejects.toBeInstanceOf(Unopenable);
  });
});

describe("the digest of a value", () => {
  test("is the same for the same value in the same place, and for nothing else", async () => {
    const digest = await digestOf(key, context, "[60]");
    expect(await digestOf(key, context, "[60]")).toBe(digest);
    const others = await Promise.all([
      digestOf(key, context, "[61]"),
      digestOf(key, { ...context, row: "row-2" }, "[60]"),
      digestOf(key, { ...context, column: "track" }, "[60]"),
      digestOf(key, { ...context, member: "mem_b" }, "[60]"),
      digestOf(await importKey(random(32)), context, "[60]"),
    ]);
    expect(others).not.toContain(digest);
    expect(new Set(others).size).toBe(others.length);
  });
});
