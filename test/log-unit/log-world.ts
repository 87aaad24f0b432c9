/**
 * A log, what it writes to, and an account of its tree that shares no line with the project's:
 * RFC 6962 section 2.1 as it stands there, over node:crypto.
 */
import { createHash } from "node:crypto";
import type { ClosingDraft, DeedDraft } from "../../domain/audit.ts";
import { cosigner } from "../../kernel/tlog/note.ts";
import { type LogHome, type LogHomeOptions, logHome } from "../fakes/log-home.ts";
import { type MemoryR2, memoryR2 } from "../fakes/memory-r2.ts";

export const startMs = Date.UTC(2026, 9, 1, 12);
export const dayMs = 86_400_000;
export const origin = "log.example.com";
export const member = "0a".repeat(16);
export const otherMember = "f1".repeat(16);

export interface LogWorld {
  readonly home: LogHome;
  readonly clock: { nowMs: number };
  readonly tiles: MemoryR2;
  readonly entries: MemoryR2;
  readonly witness: Awaited<ReturnType<typeof cosigner>>;
  readonly chance: () => number;
}

export async function logWorld(options: Partial<LogHomeOptions> = {}, seed = 1): Promise<LogWorld> {
  const clock = { nowMs: startMs };
  const tiles = memoryR2();
  const entries = memoryR2();
  const chance = chanceOf(seed);
  const witness = await cosigner("witness.example.com", new Uint8Array(32).fill(9));
  const home = logHome({
    tiles,
    entries,
    now: () => clock.nowMs,
    random: (bytes) => Uint8Array.from({ length: bytes }, () => Math.floor(chance() * 256)),
    key: new Uint8Array(32).fill(7),
    origin,
    witnesses: [witness.verifierKey],
    ...options,
  });
  return { home, clock, tiles, entries, witness, chance };
}

/** Numbers from 0 to below 1, the same for the same seed (mulberry32). */
export function chanceOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export const intent = (given: Partial<DeedDraft> = {}): DeedDraft => ({
  deed: "read-readings",
  actor: member,
  role: "member",
  member,
  columns: ["heartRate"],
  purpose: "own",
  outcome: "intended",
  ground: "",
  rows: 0,
  ...given,
});

export const closing = (closes: number, given: Partial<ClosingDraft> = {}): ClosingDraft => ({
  closes,
  outcome: "permitted",
  ground: "own",
  rows: 3,
  ...given,
});

export const textsOf = (home: LogHome, log = "0"): string[] =>
  home.rows(log, "SELECT text FROM entry ORDER BY idx").map((row) => String(row.text));

const sha256 = (...parts: readonly Uint8Array[]) =>
  createHash("sha256").update(Buffer.concat(parts)).digest();

export const leafOf = (text: string): Buffer => sha256(Uint8Array.of(0), Buffer.from(text));

/** MTH of RFC 6962 section 2.1. */
export function treeOf(leaves: readonly Buffer[]): Buffer {
  if (leaves.length === 0) return sha256();
  if (leaves.length === 1) return leaves[0] as Buffer;
  let half = 1;
  while (half * 2 < leaves.length) half *= 2;
  return sha256(Uint8Array.of(1), treeOf(leaves.slice(0, half)), treeOf(leaves.slice(half)));
}

/** The lines of a checkpoint's text. */
export function checkpointOf(note: string): { origin: string; size: number; root: string } {
  const [first = "", size, root = ""] = note.split("\n");
  return { origin: first, size: Number(size), root };
}

export async function shownCheckpoint(tiles: MemoryR2, log = "0"): Promise<string> {
  const bytes = tiles.objects.get(`${log}/checkpoint`)?.bytes;
  return Buffer.from(bytes ?? []).toString();
}

/** The hashes of a level that tiles of that size hold, read from what lies in the bucket. */
export function levelOf(tiles: MemoryR2, level: number, size: number, log = "0"): Buffer[] {
  const count = Math.floor(size / 256 ** level);
  const hashes: Buffer[] = [];
  for (let n = 0; n * 256 < count; n++) {
    const width = Math.min(256, count - n * 256);
    const path = `${String(n).padStart(3, "0")}${width === 256 ? "" : `.p/${width}`}`;
    const bytes = tiles.objects.get(`${log}/tile/${level}/${path}`)?.bytes ?? new Uint8Array();
    for (let i = 0; i < width; i++) hashes.push(Buffer.from(bytes.slice(i * 32, i * 32 + 32)));
  }
  return hashes;
}
