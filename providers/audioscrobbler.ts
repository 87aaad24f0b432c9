/**
 * AudioScrobbler 1.2 is how players and uploaders of offline logs have scrobbled since 2007: they
 * shake hands with a user's name and a digest of a password, and post up to fifty tracks a form, with
 * the second at which each began. Name and password are both the member's key here, so that nothing
 * but its digest is kept. Nothing is signed.
 * Known lies, as seen of Debian's scrobbler 0.11 on 2026-11-22: what is not Latin 1 comes damaged or
 * as question marks; the log is deleted on OK, and sent whole again on anything else.
 */
import type { Result } from "../domain/result.ts";
import { err, ok } from "../domain/result.ts";
import type { Instant } from "../domain/time.ts";
import { draftOf, lengthOf, mbidOf, whereOf } from "./listen.ts";
import {
  type Delivery,
  type Draft,
  type Item,
  type ItemFault,
  nothing,
  type ParseFault,
  type Provider,
  type Sender,
  senders,
} from "./provider.ts";
import { isFields } from "./untrusted.ts";

const kinds = { track: "track" } as const;
/**
 * artist, track, begin, source, rating, length, release, number, recording; of a thousand places: the
 * protocol has fifty, and some clients fill more.
 */
const parameter = /^([atiorlbnm])\[(\d{1,3})\]$/;
/** A track that the listener banned or skipped was not listened to. */
const unheard = new Set(["B", "S"]);

function parse(body: string): Result<Delivery, ParseFault> {
  const tracks = new Map<number, Record<string, string>>();
  for (const [name, value] of new URLSearchParams(body)) {
    const [, letter = "", place = ""] = parameter.exec(name) ?? [];
    if (letter === "") continue;
    const track = tracks.get(Number(place)) ?? {};
    track[letter] = value;
    tracks.set(Number(place), track);
  }
  if (tracks.size === 0) return err("not-understood");
  const items = [...tracks]
    .sort(([a], [b]) => a - b)
    .filter(([, { r = "" }]) => !unheard.has(r))
    .map(([, track]): Item => ({ account: senders, kind: kinds.track, body: track }));
  return ok({ ...nothing, items, unknown: tracks.size - items.length });
}

const digits = (v: unknown): number | null =>
  typeof v === "string" && /^\d{1,12}$/.test(v) ? Number(v) : null;

function normalise(
  kind: string,
  track: unknown,
  receivedMs: Instant,
  sender?: Sender,
): Result<Draft, ItemFault> {
  if (kind !== kinds.track) return err("unknown-kind");
  if (!isFields(track)) return err("not-an-object");
  const startS = digits(track.i);
  if (startS === null) return err("no-start");
  const play = {
    artist: track.a,
    track: track.t,
    release: track.b,
    recording: mbidOf(track.m),
    at: startS * 1000,
    precisionMs: 1000,
    durationMs: lengthOf((digits(track.l) ?? 0) * 1000),
    // It is sent because it was heard long enough; how long, is not said.
    playedMs: null,
    territory: whereOf(sender),
  };
  return draftOf(play, receivedMs, (...names) => JSON.stringify([startS, ...names]));
}

export const audioscrobbler = {
  name: "audioscrobbler",
  stream: "listens",
  edition: 1,
  facts: {
    title: "AudioScrobbler",
    delivery: "push",
    bodyBytesMax: 2 * 1024 * 1024,
    received: 200,
    answerWithinMs: null,
    othersMaySee: false,
    onDeauthorised: "keep",
    identity: "the second in which it began, the artist and the track, whatever their spelling",
    revision:
      "its content: the statement that says more stands, and of two that say as much the one that a hash of both decides",
    deletion: "never said: the protocol has no word for it",
    deauthorisation: "never said: the client stops sending",
    timeZone: "none: a second since 1970; a player without a clock in UTC relies on its uploader",
    doubts: [
      "a client must be able to shake hands at a path and not only at a host: Debian's scrobbler takes one in `handshake_host`, others are not known",
      "a track is submitted when half of it or four minutes were heard, as the protocol asks; how long it really was, is not said",
      "where the listener is, is taken from the country of the address that uploads a log, wherever it was listened to",
      "the handshake's digest is MD5, as the protocol has it; it holds a random key of 256 bits and a time that is near ours",
    ],
    documentation: "https://www.last.fm/api/submissions",
    readOn: "2026-11-22",
  },
  signature: { kind: "member-key" },
  parse,
  normalise,
  memberKey: {
    how: "In the client add a custom AudioScrobbler server: this server's host followed by /scrobble, and the key both as the user name and as the password.",
  },
} satisfies Provider;
