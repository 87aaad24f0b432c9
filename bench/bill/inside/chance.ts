/**
 * Names that the edge makes at random are the same in every run, so that the same members fall into
 * the same buckets and shards. Only here: the vault's randomness stays the platform's.
 */
let state = 0x2545f491;

function next(): number {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return state >>> 0;
}

Object.defineProperty(crypto, "getRandomValues", {
  value: <T extends ArrayBufferView>(into: T): T => {
    const bytes = new Uint8Array(into.buffer, into.byteOffset, into.byteLength);
    for (let i = 0; i < bytes.length; i++) bytes[i] = next() & 0xff;
    return into;
  },
});
