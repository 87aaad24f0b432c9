/** AudioScrobbler 1.2: a form to its tracks, a track to a listen. */
import { describe, expect, it } from "vitest";
import { audioscrobbler } from "../../providers/audioscrobbler.ts";
import { keepsToTheSchema, playedOf, receivedMs } from "./listens/drafts.ts";

const startS = 1_794_643_200;
const track = (over: Record<string, string> = {}) => ({
  ...{ a: "Kraftwerk", t: "The Model", b: "The Man-Machine" },
  ...{ i: String(startS), o: "P", r: "", l: "224", n: "4", m: "" },
  ...over,
});
/** As clients write it: the brackets bare, the values encoded. */
const formOf = (...tracks: Record<string, string>[]) =>
  [
    "s=session",
    ...tracks.flatMap((fields, n) =>
      Object.entries(fields).map(([name, value]) => `${name}[${n}]=${encodeURIComponent(value)}`),
    ),
    "portable=1",
  ].join("&");
const parsed = (body: string) => {
  const result = audioscrobbler.parse(body);
  if (!result.ok) throw new Error(result.error);
  return result.value;
};
const read = (item: unknown, country: string | null = null) =>
  playedOf(audioscrobbler, "track", item, country);

describe("a form", () => {
  it("holds its tracks in the order of their places, whatever the order of its parameters", () => {
    const body = "t[10]=c&a[2]=x&t[2]=b&a[10]=x&t[0]=a&a[0]=x&i[0]=1";
    const bodies = parsed(body).items.map((item) => item.body);
    expect(bodies).toEqual([
      { t: "a", a: "x", i: "1" },
      { t: "b", a: "x" },
      { t: "c", a: "x" },
    ]);
  });

  it("is read with brackets and values encoded or not", () => {
    const encoded = "a%5B0%5D=A%26B%3B%3D%2B&t%5B0%5D=100%25+%3F";
    expect(parsed(encoded).items[0]?.body).toEqual({ a: "A&B;=+", t: "100% ?" });
    expect(parsed(formOf(track())).items[0]?.body).toEqual(track());
  });

  it("holds what was banned or skipped as nothing, counted", () => {
    const { items, unknown } = parsed(
      formOf(track({ r: "S" }), track({ r: "L" }), track({ r: "B" }), track()),
    );
    expect([items.length, unknown]).toEqual([2, 2]);
  });

  it("has a thousand places and no more", () => {
    const { items } = parsed("a[999]=x&t[999]=y&a[1000]=x&t[1000]=y");
    expect(items).toHaveLength(1);
  });
});

describe("a track", () => {
  it("is when it began; how long it was heard is not said", () => {
    const m = "d5e4fb56-e457-4684-aa31-63ce70ee5a8c";
    expect(read(track({ m }), "NL").fields).toEqual({
      at: startS * 1000,
      ...{ artist: "Kraftwerk", track: "The Model", release: "The Man-Machine" },
      ...{ artistKey: "kraftwerk", trackKey: "the model", recording: m },
      ...{ durationMs: 224_000, playedMs: null, territory: "NL", precisionMs: 1000 },
    });
  });

  it("without a length, a release or a name of its own has none", () => {
    const none = { durationMs: null, release: null, recording: null };
    expect(read(track({ l: "", b: "", m: "?" })).fields).toMatchObject(none);
  });

  it("of a log sent again is the same listen and the same statement", () => {
    const [once, again] = [read(track()), read(structuredClone(track()))];
    expect([again.sourceId, again.revision]).toEqual([once.sourceId, once.revision]);
    expect(read(track({ t: "Neon Lights" })).sourceId).not.toBe(once.sourceId);
  });

  it("as damaged as a client makes it is still one", () => {
    expect(read(track({ a: "????", t: "YELLOW ALERT" })).fields.artistKey).toBe("????");
  });

  it("from an hour ahead is taken, from later not", () => {
    const ahead = (s: number) => track({ i: String(receivedMs / 1000 + s) });
    expect(read(ahead(3_600)).fields.at).toBe(receivedMs + 3_600_000);
    expect(() => read(ahead(3_601))).toThrow("start-in-future");
  });
});

it("whatever comes is refused or stands within the schema", () => {
  keepsToTheSchema(audioscrobbler, { track: track() });
});
