/**
 * What sources of listens have in common: names that can be compared, when a play may have been, and
 * the draft of one. A name is taken whole or not at all: cut, it would be another track's.
 */
import { contentRevision, nameKey } from "../domain/listens/names.ts";
import { earliestMs, playMsMax, textMax } from "../domain/listens/schema.ts";
import type { Result } from "../domain/result.ts";
import { err, ok } from "../domain/result.ts";
import type { Instant } from "../domain/time.ts";
import type { Draft, ItemFault, Sender } from "./provider.ts";
import { halves } from "./untrusted.ts";

/** A device's clock may be ahead of ours by so much, as ListenBrainz has it. */
export const aheadMsMax = 3_600_000;
/** Nobody said which country it was. */
export const nowhere = "ZZ";
export const recordingCharsMax = 200;

/** A play in a source's words: names unread, the rest read by the source. */
export interface Play {
  readonly artist: unknown;
  readonly track: unknown;
  readonly release: unknown;
  readonly recording: string | null;
  /** When it began. */
  readonly at: Instant;
  readonly precisionMs: number;
  readonly durationMs: number | null;
  readonly playedMs: number | null;
  readonly territory: string;
}

const controls = /\p{Cc}+/gu;

/** As written, without what is no character; null: there is none. */
function nameOf(v: unknown): string | null {
  if (typeof v !== "string") return null;
  const name = v.replaceAll(halves, "\ufffd").replaceAll(controls, " ").trim();
  return name === "" ? null : name;
}

interface Named {
  readonly name: string;
  readonly key: string;
}

/** Compatibility forms may make the key longer than the name. */
function namedOf(v: unknown, what: "artist" | "track"): Result<Named, ItemFault> {
  const name = nameOf(v);
  const key = name === null ? "" : nameKey(name);
  if (name === null || key === "") return err(`no-${what}`);
  return name.length > textMax || key.length > textMax ? err(`bad-${what}`) : ok({ name, key });
}

/** `sourceIdOf`: what the source knows it by, told by the names as they are compared. */
export function draftOf(
  play: Play,
  receivedMs: Instant,
  sourceIdOf: (artistKey: string, trackKey: string) => string,
): Result<Draft, ItemFault> {
  const track = namedOf(play.track, "track");
  if (!track.ok) return track;
  const artist = namedOf(play.artist, "artist");
  if (!artist.ok) return artist;
  if (play.at < earliestMs) return err("start-too-early");
  if (play.at > receivedMs + aheadMsMax) return err("start-in-future");
  const release = nameOf(play.release);
  const { at, recording, durationMs, playedMs, territory, precisionMs } = play;
  const fields = {
    at,
    artist: artist.value.name,
    track: track.value.name,
    release: release !== null && release.length > textMax ? null : release,
    artistKey: artist.value.key,
    trackKey: track.value.key,
    ...{ recording, durationMs, playedMs, territory, precisionMs },
  };
  return ok({
    sourceId: sourceIdOf(artist.value.key, track.value.key),
    revision: contentRevision(fields),
    fields,
    copyOf: null,
    // The stream keeps nothing of it.
    raw: { column: "raw", text: "null" },
  });
}

/** ISO 3166-1 alpha-2; XX is Cloudflare's word for none. */
export function territoryOf(v: unknown): string {
  const isCode = typeof v === "string" && /^[A-Z]{2}$/.test(v);
  return isCode && v !== "XX" ? v : nowhere;
}
export const whereOf = (sender: Sender | undefined): string => territoryOf(sender?.country);

/** How long a recording is; null: zero or more than any is. */
export function lengthOf(ms: number): number | null {
  const whole = Math.round(ms);
  return whole >= 1 && whole <= playMsMax ? whole : null;
}
/** How long it was heard; null: that cannot be. */
export function heardOf(ms: number): number | null {
  const whole = Math.round(ms);
  return whole >= 0 && whole <= playMsMax ? whole : null;
}

const mbidPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** A name of MusicBrainz's. */
export const mbidOf = (v: unknown): string | null =>
  typeof v === "string" && mbidPattern.test(v) ? v.toLowerCase() : null;
