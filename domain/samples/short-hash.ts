/**
 * A hash of 64 bits for telling records of one chunk apart: two FNV-1a-like lanes, mixed at the end
 * as MurmurHash3 does. Not a secret and not a proof: whoever makes two texts meet merges two records
 * of their own.
 */
import type { ShortHash } from "./record-key.ts";

const laneDigits = 8;

export const shortHash: ShortHash = (text) => {
  let [a, b] = [0xdeadbeef ^ text.length, 0x41c6ce57 ^ text.length];
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    a = Math.imul(a ^ code, 0x9e3779b1);
    a ^= a >>> 15;
    b = Math.imul(b ^ code, 0x5f356495);
    b ^= b >>> 13;
  }
  const [x, y] = [mixed(a ^ (b >>> 7)), mixed(b ^ (a << 9))];
  return digits(x) + digits(y);
};

function mixed(lane: number): number {
  let h = lane;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

const digits = (lane: number): string => lane.toString(16).padStart(laneDigits, "0");
