/**
 * One listen as one source states it. Who listened is known by the member alone; where they were is
 * kept as a country, and the address that said so is dropped at the door.
 */
import * as z from "zod";
import type { ConnectionId, FactId, MemberId } from "../identity.ts";
import type { Seal } from "../stream.ts";

/** ListenBrainz takes nothing older (2002-10-01), which is when scrobbling began. */
export const earliestMs = 1_033_430_400_000;
const latestMs = 4_102_444_800_000; // 2100-01-01T00:00:00Z
/** Longer than any recording that is played at a stretch. */
export const playMsMax = 86_400_000;
export const textMax = 500;

const integer = (min: number, max: number) => z.number().int().min(min).max(max);
const text = z.string().min(1).max(textMax);
const branded = <T extends string>() => z.string().min(1).max(128) as unknown as z.ZodType<T>;

export const listenSchema = z.object({
  id: branded<FactId>(),
  /** Decided by content (`contentRevision`): sources number nothing. */
  revision: integer(0, Number.MAX_SAFE_INTEGER),
  edition: integer(1, 1_000_000).optional(),
  /** When it began, by the device that played it. */
  at: integer(earliestMs, latestMs),
  member: branded<MemberId>(),
  connection: branded<ConnectionId>(),
  provider: z.string().max(64),
  /** As the source writes them. */
  artist: text,
  track: text,
  release: text.nullable(),
  /** The same for every spelling (`nameKey`); what totals and duplicates go by. */
  artistKey: text,
  trackKey: text,
  /** The source's or MusicBrainz's own name of the recording. */
  recording: z.string().max(200).nullable(),
  durationMs: integer(1, playMsMax).nullable(),
  /** Null: the source says that it counts, and not how long it was. */
  playedMs: integer(0, playMsMax).nullable(),
  /** ISO 3166-1 alpha-2; ZZ: nobody said. */
  territory: z.string().regex(/^[A-Z]{2}$/),
  /** The source's clock shows nothing finer than this. */
  precisionMs: integer(1, 60_000),
  sourceId: z.string().optional(),
});

export type ListenFact = z.infer<typeof listenSchema>;

export const listenSeal = { sourceId: "dropped" } as const satisfies {
  [K in keyof ListenFact]?: Seal;
};
