/**
 * The tree of RFC 6962: its hashes, its two proofs and how they are checked (RFC 9162, 2.1.3.2 and
 * 2.1.4.2). What checks takes sizes as bigint, for they come from strangers; what builds takes
 * numbers, for they are our own. Nothing here keeps anything: hashes are asked for by place.
 */

/** 32 bytes. */
export type Hash = Uint8Array<ArrayBuffer>;
/** Of the whole subtree of 2^level leaves that begins at leaf n * 2^level. */
export type ReadHash = (level: number, n: number) => Promise<Hash>;

export const hashBytes = 32;
const leafPrefix = 0;
const nodePrefix = 1;

const digest = async (bytes: Uint8Array<ArrayBuffer>): Promise<Hash> =>
  new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));

export function leafHash(bytes: Uint8Array): Promise<Hash> {
  const input = new Uint8Array(1 + bytes.length);
  input[0] = leafPrefix;
  input.set(bytes, 1);
  return digest(input);
}

export function nodeHash(left: Uint8Array, right: Uint8Array): Promise<Hash> {
  const input = new Uint8Array(1 + left.length + right.length);
  input[0] = nodePrefix;
  input.set(left, 1);
  input.set(right, 1 + left.length);
  return digest(input);
}

/** Of a log without entries. */
export const emptyRoot = (): Promise<Hash> => digest(new Uint8Array(0));

export const isSameHash = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, i) => byte === b[i]);

const areHashes = (...hashes: readonly Uint8Array[]): boolean =>
  hashes.every((hash) => hash.length === hashBytes);
const isOdd = (n: bigint): boolean => (n & 1n) === 1n;

/**
 * Climbs from node `at` of a level whose last node is `last`, one hash of the proof a step. A hash
 * joins from the left where the node is a right child, or the last of its level without a sibling
 * (whose levels are skipped until it has one on its left). False: the proof's length is not the
 * path's.
 */
async function climb(
  place: { readonly at: bigint; readonly last: bigint },
  proof: readonly Uint8Array[],
  join: (hash: Uint8Array, from: "left" | "right") => Promise<void>,
): Promise<boolean> {
  let { at, last } = place;
  for (const hash of proof) {
    if (last === 0n) return false;
    if (isOdd(at) || at === last) {
      await join(hash, "left");
      while (!isOdd(at) && at !== 0n) [at, last] = [at >> 1n, last >> 1n];
    } else {
      await join(hash, "right");
    }
    [at, last] = [at >> 1n, last >> 1n];
  }
  return last === 0n;
}

export async function verifyInclusion(
  index: bigint,
  size: bigint,
  leaf: Uint8Array,
  proof: readonly Uint8Array[],
  root: Uint8Array,
): Promise<boolean> {
  if (index < 0n || index >= size || !areHashes(leaf, root, ...proof)) return false;
  let hash = leaf;
  const isWhole = await climb({ at: index, last: size - 1n }, proof, async (other, from) => {
    hash = from === "left" ? await nodeHash(other, hash) : await nodeHash(hash, other);
  });
  return isWhole && isSameHash(hash, root);
}

/** Refuses size1 = 0: that every log begins with the empty one proves nothing. */
export async function verifyConsistency(
  size1: bigint,
  size2: bigint,
  proof: readonly Uint8Array[],
  root1: Uint8Array,
  root2: Uint8Array,
): Promise<boolean> {
  if (size1 <= 0n || size1 > size2) return false;
  if (size1 === size2) return proof.length === 0 && isSameHash(root1, root2);
  if (!areHashes(root1, root2, ...proof)) return false;
  let [at, last] = [size1 - 1n, size2 - 1n];
  while (isOdd(at)) [at, last] = [at >> 1n, last >> 1n];
  // An old tree that is one whole subtree: its root is where the climb begins.
  const [seed, ...path] = at === 0n ? [root1, ...proof] : proof;
  if (seed === undefined) return false;
  let [old, grown] = [seed, seed];
  const isWhole = await climb({ at, last }, path, async (other, from) => {
    if (from === "left") old = await nodeHash(other, old);
    grown = from === "left" ? await nodeHash(other, grown) : await nodeHash(grown, other);
  });
  return isWhole && isSameHash(old, root1) && isSameHash(grown, root2);
}

/** The largest power of two below `width`, which is 2 at least. */
function splitOf(width: number): number {
  let split = 1;
  while (split * 2 < width) split *= 2;
  return split;
}

/** Of the leaves from `from` to before `to`, as the tree has them under one node. */
async function hashOf(from: number, to: number, read: ReadHash): Promise<Hash> {
  const width = to - from;
  if (width === 1) return read(0, from);
  const split = splitOf(width);
  if (split * 2 === width) return read(Math.log2(width), from / width);
  const left = await hashOf(from, from + split, read);
  return nodeHash(left, await hashOf(from + split, to, read));
}

const assertSizes = (isRight: boolean): void => {
  if (!isRight) throw new RangeError("no such place in a log of this size");
};

export function rootAt(size: number, read: ReadHash): Promise<Hash> {
  assertSizes(Number.isSafeInteger(size) && size >= 0);
  return size === 0 ? emptyRoot() : hashOf(0, size, read);
}

export async function inclusionProof(index: number, size: number, read: ReadHash): Promise<Hash[]> {
  assertSizes(Number.isSafeInteger(size) && index >= 0 && index < size);
  const proof: Hash[] = [];
  let [from, to] = [0, size];
  while (to - from > 1) {
    const middle = from + splitOf(to - from);
    const isLeft = index < middle;
    proof.unshift(await (isLeft ? hashOf(middle, to, read) : hashOf(from, middle, read)));
    [from, to] = isLeft ? [from, middle] : [middle, to];
  }
  return proof;
}

/** Empty from size 0, as the witness protocol has it, and between equal sizes. */
export async function consistencyProof(
  size1: number,
  size2: number,
  read: ReadHash,
): Promise<Hash[]> {
  assertSizes(Number.isSafeInteger(size2) && size1 >= 0 && size1 <= size2);
  const proof: Hash[] = [];
  if (size1 === 0) return proof;
  let [from, to] = [0, size2];
  while (to !== size1) {
    const middle = from + splitOf(to - from);
    const isLeft = size1 <= middle;
    proof.unshift(await (isLeft ? hashOf(middle, to, read) : hashOf(from, middle, read)));
    [from, to] = isLeft ? [from, middle] : [middle, to];
  }
  // The verifier knows the old root itself; any smaller subtree has to be told.
  if (from > 0) proof.unshift(await hashOf(from, to, read));
  return proof;
}
