/** A listen as the API shows it to its listener: once, whichever of their sources told of it. */
import * as z from "zod";
import { idPrefix, type ResolvedListen } from "../../domain/listens/resolved.ts";
import { formatMoment } from "../../domain/time.ts";

export const listenShape = z
  .object({
    id: z.string(),
    aliases: z.array(z.string()).describe("Ids that its other records would go by; they redirect."),
    at: z.string().describe("When it began, by the device that played it."),
    artist: z.string(),
    track: z.string(),
    release: z.string().nullable(),
    recording: z.string().nullable().describe("The source's or MusicBrainz's own name of it."),
    durationMs: z.number().int().nullable().describe("Of the track."),
    playedMs: z
      .number()
      .int()
      .nullable()
      .describe("null: its source says that it counts, and not how long it was."),
    territory: z.string().describe("ISO 3166-1 alpha-2; ZZ: nobody said."),
    provider: z.string().describe("Whose clock it goes by."),
    records: z.array(z.string()).describe("Of each source that told of it."),
  })
  .meta({ id: "Listen" });

export const shownListen = (l: ResolvedListen): z.output<typeof listenShape> => ({
  id: l.id,
  aliases: l.facts.map((fact) => `${idPrefix}${fact}`).filter((id) => id !== l.id),
  at: formatMoment(l.at),
  ...{ artist: l.artist, track: l.track, release: l.release, recording: l.recording },
  ...{ durationMs: l.durationMs, playedMs: l.playedMs, territory: l.territory },
  provider: l.provider,
  records: [...l.facts],
});
