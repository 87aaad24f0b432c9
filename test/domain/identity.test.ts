import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  accountHash,
  contentHash,
  type Digest,
  decisionId,
  type FactId,
  factId,
  type MemberId,
  originId,
  personHash,
  personId,
  spread,
} from "../../domain/identity.ts";

/** The identity itself, as it would be hashed: two that differ here differ under any digest. */
const plain: Digest = async (identity) => JSON.stringify(identity);

/** Parts made to be confused: separators, brackets, quotes, halves of surrogate pairs, nothing. */
const part = fc.oneof(
  fc.constantFrom("", ",", '"', '","', "[", "]", "|", ":", "\\", "1", "fact", "\ud83d", "\udeb4"),
  fc.string({ unit: "binary", maxLength: 6 }),
);

type Maker = { readonly arity: number; make(parts: string[]): Promise<string> };
const makers: Maker[] = [
  { arity: 4, make: ([a = "", b = "", c = "", d = ""]) => factId(plain, a, b, c, d) },
  { arity: 2, make: ([a = "", b = ""]) => originId(plain, a, b) },
  { arity: 2, make: ([a = "", b = ""]) => accountHash(plain, a, b) },
  { arity: 2, make: ([a = "", b = ""]) => personHash(plain, a, b) },
  { arity: 1, make: ([a = ""]) => contentHash(plain, a) },
];
const identities = fc.nat(makers.length - 1).chain((kind) => {
  const arity = makers[kind]?.arity ?? 0;
  const parts = fc.array(part, { minLength: arity, maxLength: arity });
  return parts.map((p) => ({ kind, parts: p }));
});

describe("an identity", () => {
  test("never collides with another one, whatever its parts contain", async () => {
    await fc.assert(
      fc.asyncProperty(identities, identities, async (a, b) => {
        const [left, right] = await Promise.all([a, b].map((i) => makers[i.kind]?.make(i.parts)));
        expect(left === right).toBe(JSON.stringify(a) === JSON.stringify(b));
      }),
      { numRuns: 2000 },
    );
  });

  test("moves with every one of its parts", async () => {
    const base = await factId(plain, "s", "p", "a", "i");
    for (const other of [
      factId(plain, "t", "p", "a", "i"),
      factId(plain, "s", "q", "a", "i"),
      factId(plain, "s", "p", "b", "i"),
      factId(plain, "s", "p", "a", "j"),
      factId(plain, "s", "p", "ai", ""),
      factId(plain, "s", "pa", "", "i"),
    ])
      expect(await other).not.toBe(base);
  });

  test("of a copy's original does not name its account", async () => {
    expect(await originId(plain, "garmin", "42")).toBe('["origin",1,"garmin","42"]');
  });
});

describe("what is hashed", () => {
  const account = { provider: "p", account: "a" };
  const ada = "ada" as MemberId;

  /** Known answers: to change one is to know nobody and no workout again that is kept. */
  test.each([
    ["a fact", () => factId(plain, "s", "p", "a", "i"), '["fact",1,"s","p","a","i"]'],
    ["an origin", () => originId(plain, "p", "i"), '["origin",1,"p","i"]'],
    ["somebody named", () => personId(plain, account, "n"), '["named",1,"p","a","n"]'],
    ["an account", () => accountHash(plain, "p", "a"), '["account",1,"p","a"]'],
    ["a person", () => personHash(plain, "i", "s"), '["person",1,"i","s"]'],
    ["a content", () => contentHash(plain, "{}"), '["content",1,"{}"]'],
    [
      "a decision without sides",
      () => decisionId(plain, ada, "hold", []),
      '["decision",1,"ada","hold"]',
    ],
  ])("of %s stays what it is", async (_, make, identity) => {
    expect(await make()).toBe(identity);
  });

  test("of a decision is the same in whichever order sides and facts are named", async () => {
    const [a, b, c, d] = ["a", "b", "c", "d"] as FactId[] as [FactId, FactId, FactId, FactId];
    const identity = '["decision",1,"ada","join","[\\"a\\",\\"b\\"]","[\\"c\\",\\"d\\"]"]';
    for (const sides of [
      [
        [a, b],
        [c, d],
      ],
      [
        [d, c],
        [b, a],
      ],
    ])
      expect(await decisionId(plain, ada, "join", sides)).toBe(identity);
    expect(
      await decisionId(plain, ada, "join", [
        [a, c],
        [b, d],
      ]),
    ).not.toBe(identity);
  });

  test("of a decision leaves the sides as they were named", async () => {
    const sides = [
      ["d", "c"],
      ["b", "a"],
    ] as FactId[][];
    await decisionId(plain, ada, "join", sides);
    expect(sides).toEqual([
      ["d", "c"],
      ["b", "a"],
    ]);
  });
});

describe("spreading", () => {
  /** Known answers of FNV-1a, 32 bit: changing them would move every shard and bucket. */
  test.each([
    ["", 0x811c9dc5],
    ["a", 0xe40c292c],
    ["foobar", 0xbf9cf968],
  ])("%j always lands on the same place", (text, hash) => {
    expect(spread(text)).toBe(hash);
  });

  test("gives an unsigned 32-bit number for any text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const n = spread(text);
        expect(Number.isInteger(n) && n >= 0 && n < 2 ** 32).toBe(true);
        expect(spread(text)).toBe(n);
      }),
    );
  });

  test("fills sixteen buckets evenly enough", () => {
    const filled = new Array<number>(16).fill(0);
    for (let i = 0; i < 16_000; i++) {
      const bucket = spread(`mem_${i}`) % 16;
      filled[bucket] = (filled[bucket] ?? 0) + 1;
    }
    for (const n of filled) expect(Math.abs(n - 1000)).toBeLessThan(300);
  });
});
