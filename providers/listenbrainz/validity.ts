/**
 * What ListenBrainz takes as a listen, with its own words for what it does not (its
 * webserver/views/api_tools.py, as read on 2026-11-22). Each slug of ours has one sentence, which
 * names the field and repeats nothing of what stands in it.
 */
import { type Fields, fieldsOf, isFields, rawOf } from "../untrusted.ts";

/** Of one listen as JSON. */
export const listenBytesMax = 10_240;
/** Of one request. */
export const listensMax = 1_000;
export const tagsMax = 50;
export const tagCharsMax = 64;
/** A recording's length: more is no recording. */
export const durationSMax = 2_073_600;

export const faults = {
  "unknown-kind": "This is no listen.",
  "not-an-object": "A listen must be a JSON object.",
  "too-deep": "The listen is nested too deeply.",
  "too-large": `JSON document is too large. Listens may not be larger than ${listenBytesMax} bytes.`,
  "no-start": "JSON document must contain the key listened_at at the top level, as a whole number.",
  "start-too-early": "Value for key listened_at is too low.",
  "start-in-future": "Value for key listened_at is too high.",
  "odd-keys": "JSON document may only contain listened_at and track_metadata as top level keys.",
  "no-track": "JSON document does not contain required track_metadata.track_name.",
  "no-artist": "JSON document does not contain required track_metadata.artist_name.",
  "bad-track": "track_metadata.track_name is too long.",
  "bad-artist": "track_metadata.artist_name is too long.",
  "bad-info": "track_metadata.additional_info must be a JSON object.",
  "bad-tags": `track_metadata.additional_info.tags may hold at most ${tagsMax} texts of ${tagCharsMax} characters.`,
  "bad-mbid": "An MBID in track_metadata.additional_info has an invalid format.",
  "bad-duration":
    "A duration in track_metadata.additional_info must be a positive whole number, and stated once.",
  "null-byte": "A text of the listen contains a null byte.",
} as const satisfies Record<string, string>;
export type ListenFault = keyof typeof faults;

const isFault = (code: string): code is ListenFault => Object.hasOwn(faults, code);
export const sentenceOf = (code: string): string =>
  isFault(code) ? faults[code] : `This listen was not taken (${code}).`;

const keys = new Set(["listened_at", "track_metadata"]);
const mbidKeys = ["release_mbid", "recording_mbid", "release_group_mbid", "track_mbid"];
const mbidListKeys = ["artist_mbids", "work_mbids"];
const mbidPattern = /^[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}$/i;

/** Null: nothing is wrong with it; names and times are judged where they are read. */
export function faultOf(listen: Fields): ListenFault | null {
  const text = rawOf(listen);
  if (text === null) return "too-deep";
  if (new TextEncoder().encode(text).length > listenBytesMax) return "too-large";
  if (Object.keys(listen).some((key) => !keys.has(key))) return "odd-keys";
  if (text.includes("\\u0000")) return "null-byte";
  const info = fieldsOf(listen.track_metadata).additional_info ?? {};
  if (!isFields(info)) return "bad-info";
  return faultOfInfo(info);
}

function faultOfInfo(info: Fields): ListenFault | null {
  const tags = info.tags ?? [];
  const isTag = (v: unknown) => typeof v === "string" && v.length <= tagCharsMax;
  if (!Array.isArray(tags) || tags.length > tagsMax || !tags.every(isTag)) return "bad-tags";
  // An empty one is none, as clients send it.
  const isMbid = (v: unknown) => typeof v === "string" && mbidPattern.test(v);
  if (!mbidKeys.every((key) => !info[key] || isMbid(info[key]))) return "bad-mbid";
  for (const key of mbidListKeys) {
    const list = info[key] ?? [];
    if (!Array.isArray(list) || !list.every(isMbid)) return "bad-mbid";
  }
  const { duration = null, duration_ms: durationMs = null } = info;
  if (duration !== null && durationMs !== null) return "bad-duration";
  const isLength = (v: unknown, max: number) => {
    const n = wholeOf(v);
    return v === null || (n !== null && n > 0 && n <= max);
  };
  const isGood = isLength(duration, durationSMax) && isLength(durationMs, durationSMax * 1000);
  return isGood ? null : "bad-duration";
}

/** A whole number, be it in digits: ListenBrainz takes both. */
export function wholeOf(v: unknown): number | null {
  const n = typeof v === "string" && /^-?\d{1,15}$/.test(v.trim()) ? Number(v) : v;
  return typeof n === "number" && Number.isFinite(n) ? Math.trunc(n) : null;
}
