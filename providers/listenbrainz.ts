/**
 * ListenBrainz's clients: scrobblers and players that post `submit-listens` to any root that they
 * are given, with a token of the member's. `single` and `import` hold what was listened to, and
 * `playing_now` what is being listened to, which counts as nothing yet. Nothing is signed.
 * Known lies: a client that was offline sends its buffer again until it hears 200, some whenever they
 * start; a length of a recording may be its player's guess; where a listener is, nobody says.
 */
import type { Result } from "../domain/result.ts";
import { err, ok } from "../domain/result.ts";
import type { Instant } from "../domain/time.ts";
import { draftOf, heardOf, lengthOf, mbidOf, whereOf } from "./listen.ts";
import { faultOf, listenBytesMax, listensMax, wholeOf } from "./listenbrainz/validity.ts";
import {
  type Delivery,
  type Draft,
  type ItemFault,
  nothing,
  type ParseFault,
  type Provider,
  type Sender,
  senders,
} from "./provider.ts";
import { type Fields, fieldsOf, isFields, jsonOf } from "./untrusted.ts";

const kinds = { listen: "listen" } as const;
const listenTypes = ["single", "import", "playing_now"] as const;

function parse(body: string): Result<Delivery, ParseFault> {
  const json = jsonOf(body);
  if (json === undefined) return err("not-json");
  if (!isFields(json) || !Array.isArray(json.payload)) return err("not-understood");
  const type = listenTypes.find((known) => known === json.listen_type);
  const { length } = json.payload;
  if (type === undefined || length === 0 || length > listensMax) return err("not-understood");
  if (type !== "import" && length > 1) return err("not-understood");
  if (type === "playing_now") return ok(nothing);
  const items = json.payload.map((listen: unknown) => ({
    ...{ account: senders, kind: kinds.listen, body: listen },
  }));
  return ok({ ...nothing, items });
}

const spotifyTrack = /^https?:\/\/open\.spotify\.com\/track\/([A-Za-z0-9]{22})$/;

/** MusicBrainz's name of it, or Spotify's. */
function recordingOf({ recording_mbid, spotify_id }: Fields): string | null {
  const [, track] = spotifyTrack.exec(typeof spotify_id === "string" ? spotify_id : "") ?? [];
  return mbidOf(recording_mbid) ?? (track === undefined ? null : `spotify:track:${track}`);
}

function normalise(
  kind: string,
  listen: unknown,
  receivedMs: Instant,
  sender?: Sender,
): Result<Draft, ItemFault> {
  if (kind !== kinds.listen) return err("unknown-kind");
  if (!isFields(listen)) return err("not-an-object");
  const fault = faultOf(listen);
  if (fault !== null) return err(fault);
  const startS = wholeOf(listen.listened_at);
  if (startS === null) return err("no-start");
  const said = fieldsOf(listen.track_metadata);
  const info = fieldsOf(said.additional_info);
  const durationMs = wholeOf(info.duration_ms) ?? (wholeOf(info.duration) ?? 0) * 1000;
  const { duration_played: playedS } = info;
  const play = {
    artist: said.artist_name,
    track: said.track_name,
    release: said.release_name,
    recording: recordingOf(info),
    at: startS * 1000,
    precisionMs: 1000,
    durationMs: lengthOf(durationMs),
    playedMs: typeof playedS === "number" ? heardOf(playedS * 1000) : null,
    territory: whereOf(sender),
  };
  return draftOf(play, receivedMs, (...names) => JSON.stringify([startS, ...names]));
}

export const listenbrainz = {
  name: "listenbrainz",
  stream: "listens",
  edition: 1,
  facts: {
    title: "ListenBrainz",
    delivery: "push",
    bodyBytesMax: listensMax * listenBytesMax,
    received: 200,
    receivedJson: { status: "ok" },
    answerWithinMs: null,
    othersMaySee: false,
    onDeauthorised: "keep",
    identity: "the second in which it began, the artist and the track, whatever their spelling",
    revision:
      "its content: the statement that says more stands, and of two that say as much the one that a hash of both decides",
    deletion: "never said by a client; the member deletes here",
    deauthorisation: "never said: the client stops sending",
    timeZone: "none: a second since 1970",
    doubts: [
      "listened_at is when it began, as the documentation has it; a client that stamps the end makes another listen of it",
      "a token is the member's key here, so a client that checks the form of a ListenBrainz token (a UUID) refuses it",
      "where the listener is, is taken from the country of the address that sent it, at home or abroad, also for what is sent late",
      "one bad listen among good ones is kept aside and said, and the good ones are taken, where ListenBrainz refuses them all",
    ],
    documentation: "https://listenbrainz.readthedocs.io/en/latest/users/api/core.html",
    readOn: "2026-11-22",
  },
  signature: { kind: "member-key" },
  parse,
  normalise,
  memberKey: {
    how: "In the client choose a custom or self-hosted ListenBrainz server, type in this server's address without a path as its root (its API is at /1/), and the key as the user token.",
  },
} satisfies Provider;
