/** What is watched as the API shows it: an artist's listens, a merchant's sales. */
import * as z from "zod";
import { nameKey } from "../../domain/listens/names.ts";
import { formatMoment, type Instant } from "../../domain/time.ts";
import type { Counts, LookedFor } from "../../durable-objects/live-counts.ts";

const msPerMinute = 60_000;
/** As many as are kept. */
const minutesMax = 2_880;
export const liveQuery = z.object({
  minutes: z.coerce.number().int().min(1).max(minutesMax).default(60).describe("The last so many."),
});

/** Of an artist and of a merchant; with them no event is longer than its readers take. */
const tracksMax = 500;
const storesMax = 1_000;

const about =
  "Approximate on purpose: seconds late, of what has arrived so far, and forgotten after two days. " +
  "What is exact is settled at night.";
const frame = {
  at: z.iso.datetime().describe("As of when."),
  minutes: z.int(),
  approximate: z.literal(true).describe(about),
  whole: z.boolean().describe("False: there is more than is told apart here; sums are of all."),
};
const minuteAt = z.iso
  .datetime()
  .describe("The minute in which it happened, by its device's clock.");
const n = z.int();

const of = z.object({ listens: n });
const counted = { sales: n, pieces: n.describe("Less what came back."), amountMinor: n };
const place = { region: z.string().nullable(), store: z.string(), currency: z.string() };

export const artistLive = z
  .object({
    artist: z.string(),
    ...frame,
    listens: n,
    listensDay: n.describe("Of the last 24 hours."),
    tracks: z.array(of.extend({ track: z.string() })).describe("The most played first."),
    territories: z
      .array(of.extend({ territory: z.string() }))
      .describe("ISO 3166-1 alpha-2; ZZ: nobody said. The most played first."),
    timeline: z.array(of.extend({ at: minuteAt })).describe("Oldest first; others had none."),
  })
  .meta({ id: "ArtistLive" });

export const merchantLive = z
  .object({
    merchant: z.string(),
    ...frame,
    sales: n,
    salesDay: n.describe("Of the last 24 hours."),
    stores: z
      .array(z.object({ ...place, ...counted }))
      .describe("By region and store, each currency by itself, in its smallest unit."),
    timeline: z
      .array(z.object({ at: minuteAt, ...place, ...counted }))
      .describe("Minute by minute of each store, oldest first; others had none."),
  })
  .meta({ id: "MerchantLive" });

/** The last so many minutes, the running one included. */
export function lastMinutes(minutes: number, byKey: boolean, nowMs: Instant): LookedFor {
  const toMinute = Math.floor(nowMs / msPerMinute);
  return { fromMinute: toMinute - minutes + 1, toMinute, byKey };
}

const momentOf = (minute: number): string => formatMoment(minute * msPerMinute);
const framed = (counts: Counts, minutes: number, nowMs: Instant, isAll: boolean) => ({
  ...{ at: formatMoment(nowMs), minutes, approximate: true as const },
  whole: counts.isWhole && isAll,
});

export function shownArtist(
  artist: string,
  counts: Counts,
  minutes: number,
  nowMs: Instant,
): z.input<typeof artistLive> {
  const spellings = new Map<string, number>();
  const territories = new Map<string, number>();
  for (const { key, n: sums } of counts.keys) {
    const [track = "", territory = ""] = JSON.parse(key) as string[];
    spellings.set(track, (spellings.get(track) ?? 0) + (sums[0] ?? 0));
    territories.set(territory, (territories.get(territory) ?? 0) + (sums[0] ?? 0));
  }
  const tracks = folded(spellings);
  return {
    ...{ artist, ...framed(counts, minutes, nowMs, tracks.size <= tracksMax) },
    listens: counts.total[0] ?? 0,
    listensDay: counts.day[0] ?? 0,
    tracks: ranked(tracks)
      .slice(0, tracksMax)
      .map(([track, listens]) => ({ track, listens })),
    territories: ranked(territories).map(([territory, listens]) => ({ territory, listens })),
    timeline: counts.minutes
      .map(({ minute, n: sums }) => ({ at: momentOf(minute), listens: sums[0] ?? 0 }))
      .reverse(),
  };
}

/** Spellings that royalties take for one track, as one: under its most played, of as many the least. */
function folded(spellings: ReadonlyMap<string, number>): Map<string, number> {
  const named = new Map<string, string>();
  const tracks = new Map<string, number>();
  for (const [spelling, listens] of ranked(spellings)) {
    const key = nameKey(spelling);
    const track = named.get(key) ?? spelling;
    named.set(key, track);
    tracks.set(track, (tracks.get(track) ?? 0) + listens);
  }
  return tracks;
}

/** Of as many the one whose name comes first, so that rows keep their places. */
const ranked = (sums: ReadonlyMap<string, number>) =>
  [...sums].sort(([a, m], [b, k]) => k - m || (a < b ? -1 : 1));

export function shownMerchant(
  merchant: string,
  counts: Counts,
  minutes: number,
  nowMs: Instant,
): z.input<typeof merchantLive> {
  const stores = counts.keys
    .slice(0, storesMax)
    .map(({ key, n: sums }) => ({ ...placeOf(key), ...soldOf(sums) }));
  return {
    ...{ merchant, ...framed(counts, minutes, nowMs, counts.keys.length <= storesMax) },
    sales: counts.total[2] ?? 0,
    salesDay: counts.day[2] ?? 0,
    stores: stores.sort(byPlace),
    timeline: counts.minutes
      .map(({ minute, key, n: sums }) => ({
        at: momentOf(minute),
        ...placeOf(key),
        ...soldOf(sums),
      }))
      .reverse(),
  };
}

/** As `sales` keys it: a region that nobody named is empty there. */
function placeOf(key: string) {
  const [region = "", store = "", currency = ""] = JSON.parse(key) as string[];
  return { region: region === "" ? null : region, store, currency };
}

const soldOf = ([pieces = 0, amountMinor = 0, sales = 0]: readonly number[]) => ({
  ...{ sales, pieces, amountMinor },
});

type Place = ReturnType<typeof placeOf>;
const placeText = ({ region, store, currency }: Place) => JSON.stringify([region, store, currency]);
const byPlace = (a: Place, b: Place): number => (placeText(a) < placeText(b) ? -1 : 1);
