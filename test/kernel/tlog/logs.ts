/** A log in memory, for tests: leaves, and the tiles that a log of so many leaves has. */
import { type Hash, leafHash, nodeHash, type ReadHash } from "../../../kernel/tlog/merkle.ts";
import { hashReader, tileHeight, tileWidth } from "../../../kernel/tlog/tile.ts";

const utf8 = (text: string) => new TextEncoder().encode(text);

export const leavesOf = (count: number): Promise<Hash[]> =>
  Promise.all(Array.from({ length: count }, (_, n) => leafHash(utf8(`entry ${n}`))));

/** Every level of whole subtrees, level 0 being the leaves. */
async function levelsOf(leaves: readonly Hash[]): Promise<(readonly Hash[])[]> {
  const levels: (readonly Hash[])[] = [leaves];
  for (let row = leaves; row.length > 1; ) {
    const [below, pairs] = [row, Math.floor(row.length / 2)];
    const indices = Array.from({ length: pairs }, (_, i) => 2 * i);
    row = await Promise.all(indices.map((i) => nodeHash(below[i] as Hash, below[i + 1] as Hash)));
    levels.push(row);
  }
  return levels;
}

/** Reads out of tiles, and says how often it had to. */
export async function logOf(leaves: readonly Hash[], size = leaves.length) {
  const levels = await levelsOf(leaves);
  let reads = 0;
  const read: ReadHash = hashReader(size, async (level, n, width) => {
    reads++;
    const row = levels[level * tileHeight]?.slice(n * tileWidth, n * tileWidth + width) ?? [];
    return Uint8Array.from(row.flatMap((hash) => [...hash]));
  });
  return { read, reads: () => reads };
}

/** RFC 6962, 2.1, word for word: what the root of these leaves is. */
export async function plainRoot(leaves: readonly Hash[]): Promise<Hash> {
  if (leaves.length === 1) return leaves[0] as Hash;
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  const left = await plainRoot(leaves.slice(0, split));
  return nodeHash(left, await plainRoot(leaves.slice(split)));
}

export function flipped(hash: Uint8Array, bit: number): Hash {
  const copy = Uint8Array.from(hash);
  const at = Math.floor(bit / 8) % copy.length;
  copy[at] = (copy[at] ?? 0) ^ (1 << (bit % 8));
  return copy;
}
