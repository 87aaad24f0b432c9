/**
 * Spotify's own files of what an account listened to, which a member asks for and hands over at
 * /v1/imports/spotify: the extended history (`Streaming_History_Audio_*.json`, to the second, of all
 * the years) and the one of the account data (`StreamingHistory*.json`, to the minute, of one year).
 * There is no server behind them, no signature but the member's token and one account only.
 * Known lies, as read and measured on 2026-11-22: `ts` and `endTime` are when a play ended, and pauses
 * are not in what was played; `skipped` was wrong from 2015 to 2022, and `offline_timestamp` is in
 * seconds or milliseconds, so neither is read. An address stands in each entry of the extended
 * history: it is left behind in the file, as are the device and the user's name.
 */
import type { Result } from "../domain/result.ts";
import { err, ok } from "../domain/result.ts";
import { type Instant, parseMoment } from "../domain/time.ts";
import { draftOf, heardOf, nowhere, territoryOf } from "./listen.ts";
import {
  type Delivery,
  type Draft,
  type Item,
  type ItemFault,
  nothing,
  type ParseFault,
  type Provider,
} from "./provider.ts";
import { elementsOf } from "./spotify/elements.ts";
import { type Fields, instantOf, isFields } from "./untrusted.ts";

const kinds = { extended: "extended", account: "account" } as const;

/** Of one upload as it came, of all that it unpacks to, and of one file in it. */
export const bodyBytesMax = 16 * 1024 * 1024;
export const unpackedBytesMax = 256 * 1024 * 1024;
export const fileBytesMax = 24 * 1024 * 1024;

/** The account of whoever's token it is; a file names none. */
export const spotifyAccount = "self";

/** Why an entry is none of ours, though nothing is wrong with it. */
export const skips = {
  private: "It was played in a private session.",
  "not-music": "It is an episode of a podcast, a chapter of an audiobook, or a video.",
  unnamed: "Neither a track nor an artist is named.",
  unplayed: "Nothing of it was played.",
} as const satisfies Record<string, string>;
export type Skip = keyof typeof skips;

/** Why an entry cannot be taken. */
export const faults = {
  "unknown-kind": "What was written down is no entry of a listening history.",
  "not-an-object": "It is no entry of a listening history.",
  "no-track": "No track is named.",
  "no-artist": "No artist is named.",
  "bad-track": "The name of its track is too long.",
  "bad-artist": "The name of its artist is too long.",
  "no-end": "It does not say when it ended.",
  "bad-played": "How long it was played is no number, or more than a day.",
  "start-too-early": "It began before October 2002.",
  "start-in-future": "It begins more than an hour from now.",
} as const satisfies Record<string, string>;
export type SpotifyFault = keyof typeof faults;

const isSaid = (v: unknown): boolean => v !== null && v !== undefined && v !== "";

const notMusic = [
  ...["spotify_episode_uri", "episode_name", "episode_show_name"],
  ...["audiobook_uri", "audiobook_title", "audiobook_chapter_uri"],
  ...["podcastName", "episodeName"],
];

/**
 * One entry of a file, by what stands in it: an item with what is read of it alone, or why it is
 * none; null: no such entry at all.
 */
export function entryOf(entry: unknown): Item | Skip | null {
  if (!isFields(entry)) return null;
  const isExtended = isSaid(entry.ts) && "ms_played" in entry;
  const isAccount = isSaid(entry.endTime) && "msPlayed" in entry;
  if (!isExtended && !isAccount) return null;
  if (entry.incognito_mode === true) return "private";
  if (notMusic.some((name) => isSaid(entry[name]))) return "not-music";
  if ((isExtended ? entry.ms_played : entry.msPlayed) === 0) return "unplayed";
  return isExtended ? extendedOf(entry) : accountOf(entry);
}

function extendedOf(entry: Fields): Item | Skip {
  const { ts, ms_played, conn_country, spotify_track_uri } = entry;
  const track = entry.master_metadata_track_name;
  const artist = entry.master_metadata_album_artist_name;
  const release = entry.master_metadata_album_album_name;
  if (!isSaid(track) && !isSaid(artist)) return "unnamed";
  const body = { ts, ms_played, conn_country, spotify_track_uri, track, artist, release };
  return { account: spotifyAccount, kind: kinds.extended, body };
}

function accountOf({ endTime, msPlayed, artistName, trackName }: Fields): Item | Skip {
  if (!isSaid(artistName) && !isSaid(trackName)) return "unnamed";
  const body = { endTime, msPlayed, artistName, trackName };
  return { account: spotifyAccount, kind: kinds.account, body };
}

/** One file's text. */
function parse(body: string): Result<Delivery, ParseFault> {
  const items: Item[] = [];
  let others = 0;
  const elements = elementsOf(new TextEncoder().encode(body));
  for (let next = elements.next(); ; next = elements.next()) {
    if (next.done) {
      if (next.value !== "end") return err("not-json");
      return items.length + others === 0 ? err("not-understood") : done(items, others);
    }
    const entry = entryOf(next.value.value);
    if (entry !== null && typeof entry === "object") items.push(entry);
    else others++;
  }
}
const done = (items: readonly Item[], unknown: number) => ok({ ...nothing, items, unknown });

const trackUri = /^spotify:track:[A-Za-z0-9]{22}$/;
const minutely = /^(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2})$/;

function normalise(kind: string, entry: unknown, receivedMs: Instant): Result<Draft, ItemFault> {
  if (kind !== kinds.extended && kind !== kinds.account) return err("unknown-kind");
  if (!isFields(entry)) return err("not-an-object");
  return kind === kinds.extended
    ? extendedDraft(entry, receivedMs)
    : accountDraft(entry, receivedMs);
}

const playedOf = (v: unknown): number | null => (typeof v === "number" ? heardOf(v) : null);

function extendedDraft(entry: Fields, receivedMs: Instant): Result<Draft, ItemFault> {
  const endMs = instantOf(entry.ts);
  if (endMs === null) return err("no-end");
  const playedMs = playedOf(entry.ms_played);
  if (playedMs === null) return err("bad-played");
  const { spotify_track_uri: uri, artist, track, release, conn_country } = entry;
  const recording = typeof uri === "string" && trackUri.test(uri) ? uri : null;
  const play = {
    ...{ artist, track, release, recording, playedMs },
    at: endMs - playedMs,
    precisionMs: 1000,
    durationMs: null,
    territory: territoryOf(conn_country),
  };
  return draftOf(play, receivedMs, (...names) =>
    JSON.stringify(["extended", endMs, playedMs, ...(recording === null ? names : [recording])]),
  );
}

function accountDraft(entry: Fields, receivedMs: Instant): Result<Draft, ItemFault> {
  const { endTime, artistName: artist, trackName: track } = entry;
  const [, day, minute] = minutely.exec(typeof endTime === "string" ? endTime : "") ?? [];
  const end = parseMoment(`${day}T${minute}:00Z`);
  if (!end.ok) return err("no-end");
  const endMs = end.value.atMs;
  const playedMs = playedOf(entry.msPlayed);
  if (playedMs === null) return err("bad-played");
  const play = {
    ...{ artist, track, release: null, recording: null, playedMs },
    at: endMs - playedMs,
    precisionMs: 60_000,
    durationMs: null,
    territory: nowhere,
  };
  return draftOf(play, receivedMs, (...names) =>
    JSON.stringify(["account", endMs, playedMs, ...names]),
  );
}

export const spotify = {
  name: "spotify",
  stream: "listens",
  edition: 1,
  facts: {
    title: "Spotify",
    delivery: "device",
    bodyBytesMax,
    received: 200,
    answerWithinMs: null,
    othersMaySee: false,
    onDeauthorised: "keep",
    identity:
      "when it ended, how long it was played, and the track's URI; in the account data, which has none, artist and track",
    revision: "its content: files of one account say the same of one play",
    deletion:
      "never said: what is gone from a later file is not taken back; the member deletes here",
    deauthorisation: "never said: there is no account behind a file",
    timeZone: "none: UTC, by the second or by the minute",
    doubts: [
      "when it began is when it ended less what was played: pauses in between are not known",
      "a minute in the account data is taken as the one in which the play ended; which way it is rounded is not said",
      "two plays of one track that ended in one minute and were equally long are one in the account data, since nothing tells them from one that stands in two files",
      "no country is known of the account data, and what the address says from which a file is handed over is not where it was listened to",
      "what was played in a private session is left out, as are podcasts, audiobooks and videos",
    ],
    documentation: "https://support.spotify.com/us/article/understanding-my-data/",
    readOn: "2026-11-22",
  },
  signature: { kind: "member-token" },
  parse,
  normalise,
} satisfies Provider;
