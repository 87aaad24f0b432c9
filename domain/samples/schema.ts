/**
 * What the ledger and the archive hold of samples, all of it in the open: that a sealed chunk is
 * there and in which version, and what a local day came to in the three measures that are open.
 * No metric, no device, no reading. A fact is of the member; a day is of no one connection.
 */
import * as z from "zod";
import type { ConnectionId, FactId, MemberId } from "../identity.ts";
import type { Seal } from "../stream.ts";
import { isLocalDate, msPerDay } from "../time.ts";

const latestMs = 4_102_444_800_000; // 2100-01-01T00:00:00Z
const idCharsMax = 128;
/** Far above what a day's readings can come to; below what a number holds exactly. */
const totalMax = Number.MAX_SAFE_INTEGER;

const integer = (min: number, max: number) => z.number().int().min(min).max(max);
const branded = <T extends string>() =>
  z.string().min(1).max(idCharsMax) as unknown as z.ZodType<T>;
const total = integer(0, totalMax).nullable();

const common = {
  id: branded<FactId>(),
  revision: integer(0, Number.MAX_SAFE_INTEGER),
  edition: integer(1, 1_000_000).optional(),
  member: branded<MemberId>(),
};

export const chunkSchema = z.object({
  ...common,
  kind: z.literal("chunk"),
  /** Midnight, UTC: which day of UTC its readings began on. */
  at: integer(0, latestMs).refine((at) => at % msPerDay === 0),
  connection: branded<ConnectionId>(),
  /** Of the sealed chunk. */
  bytes: integer(0, Number.MAX_SAFE_INTEGER),
  digest: z.string().max(idCharsMax),
});

export const daySchema = z.object({
  ...common,
  kind: z.literal("day"),
  /** When the local day began. */
  at: integer(-msPerDay, latestMs),
  connection: z.null(),
  day: z.string().refine(isLocalDate),
  /** Null where nothing was measured. */
  steps: total,
  distanceMm: total,
  energyMcal: total,
});

export const sampleSchema = z.discriminatedUnion("kind", [chunkSchema, daySchema]);

export type ChunkFact = z.infer<typeof chunkSchema>;
export type DayFact = z.infer<typeof daySchema>;
export type SampleFact = z.infer<typeof sampleSchema>;

/** Nothing of these facts is restricted: what is, the vault sealed before there was a fact. */
export const sampleSeal = {} as const satisfies { [K in keyof SampleFact]?: Seal };
