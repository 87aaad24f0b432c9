import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { openBytes, type Place, sealBytes } from "../../workers/vault/cell.ts";
import { type Bytes, importKey, sealedLength, Unopenable } from "../../workers/vault/chunked.ts";
import {
  type Context,
  digestOf,
  lengthPrefixed,
  open,
  seal,
} from "../../workers/vault/envelope.ts";
import type { DataKey } from "../../workers/vault/keyring.ts";
import { connectionNamed, makeWorld, random } from "./world.ts";

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
const text = (value: string): Bytes => Uint8Array.from(new TextEncoder().encode(value));
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
        expect(sealed.length).toBe(sealedLength(value.length));
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

interface Sealed {
  readonly environment: string;
  readonly place: Place;
  readonly key: DataKey;
  readonly sealed: Bytes;
}

/** Of three members with two connections each, as the vault seals them: every row and column. */
async function sealedValues(): Promise<Sealed[]> {
  const world = makeWorld();
  const values: Sealed[] = [];
  for (const name of ["ada", "ben", "eve"]) {
    const { member, vault } = await world.enrol(name, 1);
    const generation = await vault.keyring.memberKeys.make(member, 1);
    for (const connection of [connectionNamed("x"), connectionNamed("y")]) {
      const key = await vault.keyring.dataKey(
        { member, generation: generation ?? "" },
        connection,
        1,
      );
      if (key === null) throw new Error("no data key");
      for (const table of ["sealed", "parked"] as const)
        for (const column of ["heart_rate", "words"])
          for (const row of ["f_1", "f_2"]) {
            const place: Place = { table, member, column, row };
            const sealed = await sealBytes(vault, key, place, text(`[${member},60]`));
            values.push({ environment: vault.environment, place, key, sealed });
          }
    }
  }
  return values;
}

/** What a thief could write over where a value lies, one thing at a time. */
const swaps = [
  ["member", (own: Sealed, other: Sealed) => at(own, { member: other.place.member })],
  ["connection", (own: Sealed, other: Sealed) => ({ ...own, key: other.key })],
  ["column", (own: Sealed, other: Sealed) => at(own, { column: other.place.column })],
  ["row", (own: Sealed, other: Sealed) => at(own, { row: other.place.row })],
  ["table", (own: Sealed, other: Sealed) => at(own, { table: other.place.table })],
  ["key id", (own: Sealed, other: Sealed) => ({ ...own, key: { ...own.key, id: other.key.id } })],
  [
    "data key under the same id",
    (own: Sealed, other: Sealed) => ({ ...own, key: { ...own.key, key: other.key.key } }),
  ],
  ["ciphertext", (own: Sealed, other: Sealed) => ({ ...own, sealed: other.sealed })],
  ["environment", (own: Sealed) => ({ ...own, environment: "live" })],
] as const;
const at = (own: Sealed, place: Partial<Place>): Sealed => ({
  ...own,
  place: { ...own.place, ...place },
});
const openIn = ({ environment, place, key, sealed }: Sealed) =>
  openBytes({ environment }, key, place, sealed);

const isSwapped = (own: Sealed, tried: Sealed): boolean =>
  JSON.stringify([own.environment, own.place, own.key.id]) !==
    JSON.stringify([tried.environment, tried.place, tried.key.id]) ||
  own.key.key !== tried.key.key ||
  own.sealed !== tried.sealed;

describe("a value that the vault sealed", () => {
  const attempts = 100_000;
  const atOnce = 500;

  test("opens in none of 100,000 attempts with one thing swapped", async () => {
    const values = await sealedValues();
    for (const own of values)
      expect(new TextDecoder().decode(await openIn(own))).toBe(`[${own.place.member},60]`);
    const tried: Record<string, number> = {};
    const outcomes = { opened: 0, refused: 0, failed: 0 };
    const attempt = (open: Promise<Bytes>) =>
      open.then(
        () => outcomes.opened++,
        (error) => (error instanceof Unopenable ? outcomes.refused++ : outcomes.failed++),
      );
    let batch: Promise<number>[] = [];
    for (let n = 0, done = 0; done < attempts; n++) {
      const own = values[n % values.length] as Sealed;
      const other = values[Math.floor(Math.random() * values.length)] as Sealed;
      const [kind, swap] = swaps[n % (swaps.length + 1)] ?? ["schema", null];
      const swapped = swap?.(own, other);
      if (swapped !== undefined && !isSwapped(own, swapped)) continue;
      const schema = [0, 1, 3, 20][n % 4] ?? 0;
      const elsewhere = { environment: own.environment, ...own.place, schema, keyId: own.key.id };
      batch.push(
        attempt(swapped === undefined ? open(own.key.key, elsewhere, own.sealed) : openIn(swapped)),
      );
      tried[kind] = (tried[kind] ?? 0) + 1;
      done++;
      if (batch.length < atOnce) continue;
      await Promise.all(batch);
      batch = [];
    }
    await Promise.all(batch);
    expect(outcomes).toEqual({ opened: 0, refused: attempts, failed: 0 });
    expect(Object.keys(tried)).toHaveLength(swaps.length + 1);
    expect(Math.min(...Object.values(tried))).toBeGreaterThan(attempts / 50);
    for (const { environment, place, key, sealed } of values)
      await open(key.key, { environment, ...place, schema: 2, keyId: key.id }, sealed);
  });
});
