/** The text of a checkpoint (c2sp.org/tlog-checkpoint): which log, how many entries, which root. */
import { type Hash, hashBytes } from "./merkle.ts";
import { base64Of, bytesOf } from "./note.ts";

export interface Checkpoint {
  readonly origin: string;
  readonly size: number;
  readonly root: Hash;
}

/** The canonical base64 of 32 bytes and nothing else. */
export function parseHash(base64: string): Hash | null {
  const bytes = bytesOf(base64);
  return bytes?.length === hashBytes && base64Of(bytes) === base64 ? bytes : null;
}

/** Decimal without leading zeros, as far as a number counts exactly. */
export function parseSize(text: string): number | null {
  const size = /^(?:0|[1-9]\d{0,15})$/.test(text) ? Number(text) : null;
  return Number.isSafeInteger(size) ? size : null;
}

export const checkpointText = ({ origin, size, root }: Checkpoint): string =>
  `${origin}\n${size}\n${base64Of(root)}\n`;

/** Lines after the third are a log's own: there may be some, and they are not looked at. */
export function parseCheckpoint(text: string): Checkpoint | null {
  if (!text.endsWith("\n")) return null;
  const lines = text.slice(0, -1).split("\n");
  const [origin = "", sizeLine = "", rootLine = ""] = lines;
  const [size, root] = [parseSize(sizeLine), parseHash(rootLine)];
  if (lines.includes("") || size === null || root === null) return null;
  return { origin, size, root };
}
