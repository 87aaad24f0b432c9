import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import {
  consistencyProof,
  emptyRoot,
  type Hash,
  inclusionProof,
  rootAt,
  verifyConsistency,
  verifyInclusion,
} from "../../../kernel/tlog/merkle.ts";
import { flipped, leavesOf, logOf, plainRoot } from "./logs.ts";

const leafCount = 700;
let leaves: readonly Hash[] = [];
beforeAll(async () => {
  leaves = await leavesOf(leafCount);
});

const sizes = fc.oneof(
  fc.integer({ min: 1, max: leafCount }),
  fc.constantFrom(1, 2, 3, 255, 256, 257, 511, 512, 513),
);
const placed = fc
  .tuple(sizes, fc.nat(), fc.nat(), fc.nat())
  .map(([size, part, which, bit]) => ({ size, part: part % size, which, bit: bit % 256 }));
/** A bit of one of these hashes is flipped, those before `which` and after it stay. */
const damaged = (hashes: readonly Hash[], which: number, bit: number): Hash[] =>
  hashes.map((hash, i) => (i === which % hashes.length ? flipped(hash, bit) : hash));

describe("a log's tree", () => {
  test("has the root that RFC 6962 gives, whichever size is read out of its tiles", async () => {
    await fc.assert(
      fc.asyncProperty(sizes, async (size) => {
        const { read } = await logOf(leaves, size);
        expect(await rootAt(size, read)).toEqual(await plainRoot(leaves.slice(0, size)));
      }),
      { numRuns: 25 },
    );
    expect(await rootAt(0, (await logOf([], 0)).read)).toEqual(await emptyRoot());
  });

  test("proves every entry, and no flipped bit of leaf, root or proof verifies", async () => {
    await fc.assert(
      fc.asyncProperty(placed, async ({ size, part: index, which, bit }) => {
        const { read } = await logOf(leaves, size);
        const [root, leaf] = [await rootAt(size, read), leaves[index] as Hash];
        const proof = await inclusionProof(index, size, read);
        const verify = (given: readonly Hash[], of = leaf, to = root) =>
          verifyInclusion(BigInt(index), BigInt(size), of, given, to);
        expect(await verify(proof)).toBe(true);
        expect(await verify(proof, flipped(leaf, bit))).toBe(false);
        expect(await verify(proof, leaf, flipped(root, bit))).toBe(false);
        expect(await verify([...proof, root])).toBe(false);
        if (proof.length === 0) return;
        expect(await verify(damaged(proof, which, bit))).toBe(false);
        expect(await verify(proof.slice(1))).toBe(false);
      }),
      { numRuns: 40 },
    );
  });

  test("proves its past, and no flipped bit of a root or the proof verifies", async () => {
    await fc.assert(
      fc.asyncProperty(placed, async ({ size, part, which, bit }) => {
        const old = part + 1;
        const { read } = await logOf(leaves, size);
        const [root1, root2] = [await rootAt(old, read), await rootAt(size, read)];
        const proof = await consistencyProof(old, size, read);
        const verify = (given: readonly Hash[], from = root1, to = root2) =>
          verifyConsistency(BigInt(old), BigInt(size), given, from, to);
        expect(await verify(proof)).toBe(true);
        expect(await verify(proof, flipped(root1, bit))).toBe(false);
        expect(await verify(proof, root1, flipped(root2, bit))).toBe(false);
        expect(await verify([...proof, root2])).toBe(false);
        if (proof.length > 0) expect(await verify(damaged(proof, which, bit))).toBe(false);
      }),
      { numRuns: 40 },
    );
  });

  test("proves nothing from the empty log, nor backwards, nor beyond its size", async () => {
    const { read } = await logOf(leaves, 8);
    const root = await rootAt(8, read);
    expect(await consistencyProof(0, 8, read)).toEqual([]);
    expect(await verifyConsistency(0n, 8n, [], await emptyRoot(), root)).toBe(false);
    expect(await verifyConsistency(8n, 7n, [], root, root)).toBe(false);
    expect(await verifyInclusion(8n, 8n, root, [], root)).toBe(false);
    await expect(inclusionProof(8, 8, read)).rejects.toThrow(RangeError);
    await expect(consistencyProof(9, 8, read)).rejects.toThrow(RangeError);
  });
});
