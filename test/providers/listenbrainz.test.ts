/** ListenBrainz's clients: what one listen becomes, and which two are one. */
import { describe, expect, it } from "vitest";
import { faults, sentenceOf } from "../../providers/listenbrainz/validity.ts";
import { listenbrainz } from "../../providers/listenbrainz.ts";
import { keepsToTheSchema, playedOf } from "./listens/drafts.ts";

const startS = 1_794_643_200;
const mbid = "D5E4FB56-e457-4684-aa31-63ce70ee5a8c";
const listen = (over: object = {}, meta: object = {}, info: object = {}) => ({
  listened_at: startS,
  track_metadata: {
    artist_name: "Kraftwerk",
    track_name: "The Model",
    ...meta,
    additional_info: { submission_client: "a player", ...info },
  },
  ...over,
});
const read = (item: unknown, country: string | null = null) =>
  playedOf(listenbrainz, "listen", item, country);
const bodyOf = (listen_type: string, ...payload: object[]) =>
  JSON.stringify({ listen_type, payload });

describe("a listen", () => {
  it("is when it began, by what it says and where it came from; the rest is left behind", () => {
    const info = { recording_mbid: mbid, duration_ms: 218_000, duration_played: 200 };
    const { fields } = read(listen({}, { release_name: "The Man-Machine" }, info), "DE");
    expect(fields).toEqual({
      at: startS * 1000,
      ...{ artist: "Kraftwerk", track: "The Model", release: "The Man-Machine" },
      ...{ artistKey: "kraftwerk", trackKey: "the model", recording: mbid.toLowerCase() },
      ...{ durationMs: 218_000, playedMs: 200_000, territory: "DE", precisionMs: 1000 },
    });
  });

  it("of which less is said has nothing instead", () => {
    const { fields } = read(listen());
    const none = { release: null, recording: null, durationMs: null, playedMs: null };
    expect(fields).toMatchObject({ ...none, territory: "ZZ" });
  });

  it.each([null, "XX", "T1", "de", ""])("from %j was nowhere that is known", (country) => {
    expect(read(listen(), country).fields.territory).toBe("ZZ");
  });

  it("is named by Spotify where MusicBrainz does not", () => {
    const track = "0VjIjW4GlUZAMYd2vXMi3b";
    const at = (spotify_id: string) =>
      read(listen({}, {}, { spotify_id, recording_mbid: "" })).fields.recording;
    expect(at(`https://open.spotify.com/track/${track}`)).toBe(`spotify:track:${track}`);
    expect(at(`https://elsewhere.example/track/${track}`)).toBeNull();
  });

  it("with its length in seconds has it in milliseconds", () => {
    expect(read(listen({}, {}, { duration: 218 })).fields.durationMs).toBe(218_000);
    expect(read(listen({}, {}, { duration: "218" })).fields.durationMs).toBe(218_000);
  });

  it("has names of characters alone", () => {
    const names = { artist_name: " Kraft\u001fwerk\ud800 ", track_name: "The\r\nModel" };
    const { fields } = read(listen({}, names));
    expect(fields).toMatchObject({ artist: "Kraft werk\ufffd", track: "The Model" });
    expect(fields).toMatchObject({ artistKey: "kraft werk\ufffd" });
  });
});

describe("two listens", () => {
  const idOf = (item: object) => read(item).sourceId;

  it("of other tracks, or by other artists, at one second are two", () => {
    const ids = [
      listen(),
      listen({}, { track_name: "Neon Lights" }),
      listen({}, { artist_name: "X" }),
    ];
    expect(new Set(ids.map(idOf)).size).toBe(3);
    expect(idOf(listen({ listened_at: startS + 1 }))).not.toBe(idOf(listen()));
  });

  it("that differ by spelling alone are one", () => {
    const names = { artist_name: "KRAFTWERK", track_name: "The  Ｍodel" };
    expect(idOf(listen({}, names))).toBe(idOf(listen()));
  });

  it("whose names run into each other are two", () => {
    const one = listen({}, { artist_name: "a b", track_name: "c" });
    const other = listen({}, { artist_name: "a", track_name: "b c" });
    expect(idOf(one)).not.toBe(idOf(other));
  });

  it("that are the same are the same statement, and the one that says more stands", () => {
    const more = listen({}, {}, { duration_ms: 218_000 });
    expect(read(structuredClone(more)).revision).toBe(read(more).revision);
    expect(read(more).revision).toBeGreaterThan(read(listen()).revision ?? 0);
  });
});

describe("a submission", () => {
  const itemsOf = (body: string) => {
    const parsed = listenbrainz.parse(body);
    return parsed.ok ? parsed.value.items.length : parsed.error;
  };

  it("single or import is what was listened to; playing_now is understood and nothing", () => {
    expect(itemsOf(bodyOf("single", listen()))).toBe(1);
    expect(itemsOf(bodyOf("import", listen(), listen()))).toBe(2);
    const playing = { track_metadata: { artist_name: "Kraftwerk", track_name: "The Model" } };
    expect(itemsOf(bodyOf("playing_now", playing))).toBe(0);
  });

  it("of a thousand is taken, of one more it is not", () => {
    const listens = Array.from({ length: 1_001 }, () => listen());
    expect(itemsOf(bodyOf("import", ...listens.slice(1)))).toBe(1_000);
    expect(itemsOf(bodyOf("import", ...listens))).toBe("not-understood");
  });

  it("of the largest listens fits into a body", () => {
    const note = "a".repeat(10_240 - JSON.stringify(listen({}, {}, { note: "" })).length);
    const largest = listen({}, {}, { note });
    expect(() => read(largest)).not.toThrow();
    expect(() => read(listen({}, {}, { note: `${note}a` }))).toThrow("too-large");
    const body = bodyOf("import", ...Array.from({ length: 999 }, () => largest));
    expect(body.length).toBeLessThan(listenbrainz.facts.bodyBytesMax);
  });
});

it("says why in one sentence each, and repeats nothing of a listen", () => {
  for (const sentence of Object.values(faults)) expect(sentence).toMatch(/^[A-Za-z].+\.$/);
  expect(sentenceOf("no such fault")).toContain("no such fault");
});

it("whatever comes is refused or stands within the schema", () => {
  const full = { release_mbid: mbid, artist_mbids: [mbid], tags: ["a"], duration: 218 };
  keepsToTheSchema(listenbrainz, { listen: listen({}, { release_name: "x" }, full) });
});
