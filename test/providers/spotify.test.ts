/** Spotify's files: what of an entry is read, what is passed over, and what names a play. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isSame } from "../../domain/listens/resolved.ts";
import type { ListenFact } from "../../domain/listens/schema.ts";
import type { Item } from "../../providers/provider.ts";
import { elementBytesMax, elementsOf } from "../../providers/spotify/elements.ts";
import { entryOf, skips, spotify } from "../../providers/spotify.ts";
import { keepsToTheSchema, playedOf } from "./listens/drafts.ts";

const uri = "spotify:track:0VjIjW4GlUZAMYd2vXMi3b";
/** As it stands in a file. */
const extended = (over: object = {}) => ({
  ts: "2026-11-14T08:03:38Z",
  username: "somebody",
  platform: "ios",
  ms_played: 218_000,
  conn_country: "DE",
  ip_addr_decrypted: "203.0.113.7",
  ip_addr: "203.0.113.7",
  user_agent_decrypted: "unknown",
  master_metadata_track_name: "The Model",
  master_metadata_album_artist_name: "Kraftwerk",
  master_metadata_album_album_name: "The Man-Machine",
  spotify_track_uri: uri,
  episode_name: null,
  episode_show_name: null,
  spotify_episode_uri: null,
  reason_start: "trackdone",
  reason_end: "trackdone",
  shuffle: false,
  skipped: null,
  offline: true,
  offline_timestamp: 1_794_643_200,
  incognito_mode: false,
  ...over,
});
const account = (over: object = {}) => ({
  endTime: "2026-11-14 08:03",
  artistName: "Kraftwerk",
  trackName: "The Model",
  msPlayed: 218_000,
  ...over,
});
const itemOf = (entry: unknown): Item => {
  const item = entryOf(entry);
  if (item === null || typeof item === "string") throw new Error(`no item: ${item}`);
  return item;
};
const read = (entry: unknown) => {
  const { kind, body } = itemOf(entry);
  return playedOf(spotify, kind, body);
};

describe("an entry", () => {
  it("of the extended history began when it ended less what was played", () => {
    expect(read(extended()).fields).toEqual({
      at: Date.UTC(2026, 10, 14, 8),
      ...{ artist: "Kraftwerk", track: "The Model", release: "The Man-Machine" },
      ...{ artistKey: "kraftwerk", trackKey: "the model", recording: uri },
      ...{ durationMs: null, playedMs: 218_000, territory: "DE", precisionMs: 1000 },
    });
  });

  it("of the account data is known to the minute, and nobody says where", () => {
    const { fields } = read(account());
    expect(fields).toMatchObject({ precisionMs: 60_000, territory: "ZZ", recording: null });
    expect(fields.at).toBe(Date.UTC(2026, 10, 14, 8, 3) - 218_000);
  });

  it("leaves address, user, device and all else behind, before anything is kept", () => {
    const { body } = itemOf(extended());
    const kept = JSON.stringify([body, read(extended())]);
    for (const secret of ["203.0.113.7", "somebody", "ios", "unknown"])
      expect(kept).not.toContain(secret);
  });

  it("of a private session, a podcast, an audiobook or nothing is none, and says why", () => {
    expect(entryOf(extended({ incognito_mode: true }))).toBe("private");
    expect(entryOf(extended({ spotify_episode_uri: "spotify:episode:x" }))).toBe("not-music");
    expect(entryOf(extended({ audiobook_title: "A book" }))).toBe("not-music");
    const podcast = {
      endTime: "2026-11-14 08:03",
      podcastName: "x",
      episodeName: "y",
      msPlayed: 9,
    };
    expect(entryOf(podcast)).toBe("not-music");
    const nameless = { master_metadata_track_name: null, master_metadata_album_artist_name: null };
    expect(entryOf(extended(nameless))).toBe("unnamed");
    expect(entryOf(extended({ ms_played: 0 }))).toBe("unplayed");
    expect(entryOf(account({ msPlayed: 0 }))).toBe("unplayed");
    for (const other of [null, 5, [], {}, { ts: 1 }, { searchTime: "x" }])
      expect(entryOf(other)).toBeNull();
    for (const sentence of Object.values(skips)) expect(sentence).toMatch(/^[A-Z].+\.$/);
  });
});

describe("two entries", () => {
  it("of one minute and track that were played differently long are two", () => {
    expect(read(account({ msPlayed: 31_000 })).sourceId).not.toBe(read(account()).sourceId);
    expect(read(account()).sourceId).toBe(read(structuredClone(account())).sourceId);
  });

  it("of one second are told apart by the track's URI, and by names where there is none", () => {
    const ids = [
      extended(),
      extended({ spotify_track_uri: `${uri.slice(0, -1)}c` }),
      extended({ spotify_track_uri: null }),
      extended({ spotify_track_uri: null, master_metadata_track_name: "Neon Lights" }),
      extended({ ms_played: 217_999 }),
    ].map((entry) => read(entry).sourceId);
    expect(new Set(ids).size).toBe(5);
    const retitled = extended({ master_metadata_track_name: "The Model - 2009 Remaster" });
    expect(read(retitled).sourceId).toBe(ids[0]);
  });

  it("of one play, one in each kind of file, are one listen", () => {
    const factOf = (entry: unknown) => ({ connection: "c", ...read(entry).fields }) as ListenFact;
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 59 }),
        fc.integer({ min: 1, max: 3_600_000 }),
        (s, ms) => {
          const ts = `2026-11-14T08:03:${String(s).padStart(2, "0")}Z`;
          const one = factOf(extended({ ts, ms_played: ms }));
          expect(isSame(one, factOf(account({ msPlayed: ms })))).toBe(true);
        },
      ),
    );
  });
});

describe("a file", () => {
  const bytes = (text: string) => new TextEncoder().encode(text);
  const elementsIn = (text: string) => {
    const elements = elementsOf(bytes(text));
    const values: unknown[] = [];
    let next = elements.next();
    for (; !next.done; next = elements.next()) values.push(next.value.value);
    return { values, end: next.value };
  };

  it("is read an element at a time, to what it would be read to as a whole", () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), fc.nat(3), fc.boolean(), (list, indent, isMarked) => {
        const text = `${isMarked ? "\ufeff" : ""} ${JSON.stringify(list, null, indent)}\n`;
        // Written as JSON: it has no negative zero.
        const values = JSON.parse(JSON.stringify(list));
        expect(elementsIn(text)).toEqual({ values, end: "end" });
      }),
      { numRuns: 300 },
    );
  });

  it("cut anywhere gives what is whole in it, and says that it is cut", () => {
    const list = [extended(), account(), account({ artistName: '"]},\\' })];
    const text = JSON.stringify(list);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: bytes(text).length - 1 }), (at) => {
        const elements = elementsOf(bytes(text).subarray(0, at));
        const values: unknown[] = [];
        let next = elements.next();
        for (; !next.done; next = elements.next()) values.push(next.value.value);
        expect(next.value).toBe("cut-short");
        expect(list.slice(0, values.length)).toEqual(values);
      }),
    );
  });

  it("whose elements are no JSON, or one too long, holds nothing in their place", () => {
    expect(elementsIn("[1,,{x},2]")).toEqual({ values: [1, undefined, undefined, 2], end: "end" });
    const long = `"${"a".repeat(elementBytesMax)}"`;
    expect(elementsIn(`[${long},1]`)).toEqual({ values: [undefined, 1], end: "end" });
  });

  it("that is no list is none", () => {
    for (const text of ["", " ", "{}", "5", "%PDF-1.7"])
      expect(elementsIn(text)).toEqual({ values: [], end: "not-a-list" });
    expect(elementsIn("[]").end).toBe("end");
  });

  it("as a text is its listens, and the rest of it counted", () => {
    const text = JSON.stringify([extended(), extended({ incognito_mode: true }), {}, account()]);
    const parsed = spotify.parse(text);
    expect(parsed).toMatchObject({ ok: true, value: { unknown: 2 } });
    if (parsed.ok)
      expect(parsed.value.items.map(({ kind }) => kind)).toEqual(["extended", "account"]);
  });
});

it("whatever comes is refused or stands within the schema", () => {
  const items = { extended: itemOf(extended()).body, account: itemOf(account()).body };
  keepsToTheSchema(spotify, items);
});
