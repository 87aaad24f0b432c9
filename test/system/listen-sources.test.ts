/**
 * Listens by every door but the scrobbler's: a ListenBrainz client, Spotify's own files, signed
 * events. One play that all of them tell of is one listen; what is refused says which and why.
 */
import { createHmac, randomUUID } from "node:crypto";
import { gzipSync, zipSync } from "fflate";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { call, enrol, type Person } from "../../local/people.ts";
import type { System } from "../../local/system.ts";
import { keptIn } from "../drills/unsigned-drill.ts";
import { keyAt } from "./streams.ts";
import { as, type OwnSystem, ownSystem } from "./support.ts";

let own: OwnSystem;
let system: System;
beforeAll(async () => {
  own = await ownSystem();
  system = own.system;
});
afterAll(() => own?.end());

const listener = (name: string): Promise<Person> =>
  enrol(system, `subject-${name}`, `Name ${name}`, ["member"], { zone: "Europe/Amsterdam" });

// biome-ignore lint/suspicious/noExplicitAny: the documented shape of a listen.
const listensOf = async (who: Person): Promise<any[]> =>
  (await as(system, who).get("/v1/listens?limit=500")).body.items;
const tracksOf = async (who: Person): Promise<string[]> =>
  (await listensOf(who)).map(({ track }) => track).sort();

const dayMs = 86_400_000;
const beganMs = Math.floor(Date.now() / dayMs - 3) * dayMs + 9 * 3_600_000;
const startS = (n: number) => beganMs / 1000 + n * 300;
const listen = (n: number, meta: object = {}, over: object = {}) => ({
  listened_at: startS(n),
  track_metadata: { artist_name: "Kraftwerk", track_name: `Track ${n}`, ...meta },
  ...over,
});

// -- ListenBrainz ---------------------------------------------------------------------------

const token = (key: string) => ({ authorization: `Token ${key}` });
const submit = (key: string | null, body: object | string) =>
  call(system.url, "POST", "/1/submit-listens", {
    body,
    headers: key === null ? {} : token(key),
  });
const imported = (...payload: object[]) => ({ listen_type: "import", payload });

describe("a ListenBrainz client", () => {
  let who: Person;
  let key: string;
  beforeAll(async () => {
    who = await listener("listenbrainz");
    key = await keyAt(system, who, "listenbrainz");
  });

  it("is told whether its token counts", async () => {
    const validate = (path: string, headers = {}) => call(system.url, "GET", path, { headers });
    const valid = { status: 200, body: { code: 200, valid: true } };
    expect(await validate("/1/validate-token", token(key))).toMatchObject(valid);
    expect(await validate(`/1/validate-token?token=${key}`)).toMatchObject(valid);
    const wrong = await validate("/1/validate-token", token("x"));
    expect(wrong).toMatchObject({ status: 200, body: { valid: false } });
    expect(await validate("/1/validate-token")).toMatchObject({ status: 400, body: { code: 400 } });
  });

  it("submits single listens and imports, once however often; what is playing counts nothing", async () => {
    const single = { listen_type: "single", payload: [listen(0)] };
    const playing = {
      listen_type: "playing_now",
      payload: [{ track_metadata: listen(9).track_metadata }],
    };
    const sameSecond = listen(1, { track_name: "Other" });
    for (let twice = 0; twice < 2; twice++)
      for (const body of [single, imported(listen(0), listen(1), sameSecond), playing])
        expect(await submit(key, body)).toMatchObject({ status: 200, body: { status: "ok" } });
    expect(await tracksOf(who)).toEqual(["Other", "Track 0", "Track 1"]);
    const at = (await listensOf(who)).map((one) => Date.parse(one.at) / 1000).sort();
    expect(at).toEqual([startS(0), startS(1), startS(1)]);
  });

  it("is told which of its listens were not taken, and why; the others are", async () => {
    const before = await tracksOf(who);
    const late = Math.floor(Date.now() / 1000) + 4_000;
    const body = imported(
      listen(2, { artist_name: "" }),
      listen(3),
      listen(4, {}, { listened_at: late }),
    );
    const { status, body: said } = await submit(key, body);
    expect(status).toBe(200);
    expect(said).toEqual({
      status: "ok",
      errors: 2,
      errorDetails: [
        { index: 0, code: "no-artist", message: expect.stringContaining("artist_name") },
        { index: 2, code: "start-in-future", message: expect.stringContaining("listened_at") },
      ],
    });
    expect(await tracksOf(who)).toEqual([...before, "Track 3"].sort());
  });

  it("is refused in ListenBrainz's own form, and nothing is taken", async () => {
    const before = await tracksOf(who);
    const many = Array.from({ length: 1_001 }, (_, n) => listen(n));
    const note = { additional_info: { note: "a".repeat(10_240) } };
    const secret = "a word of theirs";
    for (const [given, body, code, error] of [
      [null, imported(listen(5)), 401, "You need to provide an Authorization header."],
      ["x", imported(listen(5)), 401, "Invalid authorization token."],
      [`${key.slice(0, -4)}AAAA`, imported(listen(5)), 401, "Invalid authorization token."],
      [key, "{", 400, "Cannot parse JSON document."],
      [key, {}, 400, "listen_type"],
      [key, { listen_type: "single", payload: [listen(5), listen(6)] }, 400, "listen_type"],
      [key, imported(...many), 400, "up to 1000"],
      [key, imported(listen(5, note)), 400, "payload[0]: JSON document is too large"],
      [key, imported(listen(5, { artist_name: [secret] })), 400, "payload[0]: "],
      [key, imported(listen(5, {}, { listened_at: 1_033_430_399 })), 400, "too low"],
    ] as const) {
      const { status, body: said } = await submit(given, body);
      expect(said).toEqual({ code, error: expect.stringContaining(error) });
      expect(status).toBe(code);
      expect(JSON.stringify(said)).not.toContain(secret);
    }
    expect(await tracksOf(who)).toEqual(before);
  });

  it("may deliver to the address of its connection as well", async () => {
    const path = `/webhooks/listenbrainz/${key}`;
    const said = await call(system.url, "POST", path, { body: imported(listen(8)) });
    expect([said.status, said.body]).toEqual([200, { status: "ok" }]);
    expect(await tracksOf(who)).toContain("Track 8");
  });

  it("is where its address is, of which a country alone is kept", async () => {
    const address = "198.51.100.23";
    await system.runtime.mf.dispatchFetch(`${system.url}/1/submit-listens`, {
      method: "POST",
      headers: { ...token(key), "cf-connecting-ip": address, "x-forwarded-for": address },
      body: JSON.stringify(imported(listen(20))),
      cf: { country: "NL" },
    });
    const [newest] = await listensOf(who);
    expect(newest).toMatchObject({ track: "Track 20", territory: "NL" });
    expect(await keptIn(own.state, [address])).toEqual([]);
  });

  it("has no door under another provider's key", async () => {
    const other = await keyAt(system, who, "audioscrobbler");
    expect((await submit(other, imported(listen(7)))).status).toBe(401);
  });
});

// -- Spotify --------------------------------------------------------------------------------

const bytesOf = (json: unknown) => new TextEncoder().encode(JSON.stringify(json));
const isoOf = (ms: number) => new Date(ms).toISOString().replace(/\.\d+Z$/, "Z");
const playedMs = 200_000;
const extended = (n: number, over: object = {}) => ({
  ts: isoOf(startS(n) * 1000 + playedMs),
  username: "somebody",
  ms_played: playedMs,
  conn_country: "DE",
  ip_addr: "203.0.113.77",
  master_metadata_track_name: `Track ${n}`,
  master_metadata_album_artist_name: "Kraftwerk",
  master_metadata_album_album_name: "Computerwelt",
  spotify_track_uri: `spotify:track:${String(n).padStart(22, "0")}`,
  spotify_episode_uri: null,
  incognito_mode: false,
  ...over,
});
const account = (n: number) => ({
  endTime: isoOf(startS(n) * 1000 + playedMs)
    .slice(0, 16)
    .replace("T", " "),
  artistName: "Kraftwerk",
  trackName: `Track ${n}`,
  msPlayed: playedMs,
});
const upload = async (who: Person, body: Uint8Array) => {
  const headers = { authorization: `Bearer ${who.token}` };
  const at = `${system.url}/v1/imports/spotify`;
  const answer = await fetch(at, { method: "POST", headers, body: body as BodyInit });
  // biome-ignore lint/suspicious/noExplicitAny: the documented answers.
  return { status: answer.status, body: (await answer.json()) as any };
};
const none = { imported: 0, corrected: 0, duplicates: 0, skipped: 0, errors: 0, errorDetails: [] };
const noSkips = { private: 0, "not-music": 0, unnamed: 0, unplayed: 0 };

describe("Spotify's files", () => {
  it("one alone is taken, again it adds nothing", async () => {
    const who = await listener("one-file");
    const file = bytesOf([0, 1, 2].map((n) => extended(n)));
    const account = { ...none, skippedBy: noSkips };
    expect(await upload(who, file)).toEqual({ status: 200, body: { ...account, imported: 3 } });
    expect(await upload(who, file)).toEqual({ status: 200, body: { ...account, duplicates: 3 } });
    const [newest] = await listensOf(who);
    expect(newest).toMatchObject({ artist: "Kraftwerk", track: "Track 2", territory: "DE" });
    expect(Date.parse(newest.at)).toBe(startS(2) * 1000);
  });

  it("the ZIP as it comes is taken: both forms, and what else is in it passed over", async () => {
    const who = await listener("zip");
    const zip = zipSync({
      "MyData/ReadMe.pdf": new TextEncoder().encode("%PDF-1.7 …"),
      "MyData/Playlist1.json": bytesOf({ playlists: [{ name: "Mine" }] }),
      "MyData/SearchQueries.json": bytesOf([{ searchQuery: "x", searchTime: "y" }]),
      "MyData/Streaming_History_Audio_2026_0.json": bytesOf([
        ...[0, 1, 2].map((n) => extended(n)),
        extended(3, { incognito_mode: true }),
        extended(4, { spotify_episode_uri: "spotify:episode:x" }),
        extended(5, { ms_played: 0 }),
        extended(6, { ts: "soon" }),
      ]),
      "MyData/StreamingHistory_music_0.json": bytesOf([0, 1, 2, 7].map(account)),
    });
    const { status, body } = await upload(who, zip);
    expect(status).toBe(200);
    expect(body).toMatchObject({ imported: 7, duplicates: 0, skipped: 3, errors: 1 });
    expect(body.skippedBy).toEqual({ ...noSkips, private: 1, "not-music": 1, unplayed: 1 });
    expect(body.errorDetails).toEqual([
      { index: 3, entry: 6, code: "no-end", message: "It does not say when it ended." },
    ]);
    expect(await tracksOf(who)).toEqual([0, 1, 2, 7].map((n) => `Track ${n}`));
  });

  it("of more entries than go at once is taken whole, packed or not", async () => {
    const who = await listener("many");
    const entries = Array.from({ length: 1_201 }, (_, n) => extended(-n));
    const { body } = await upload(who, gzipSync(bytesOf(entries)));
    expect(body).toMatchObject({ imported: 1_201, errors: 0 });
    expect((await upload(who, bytesOf(entries))).body).toMatchObject({ duplicates: 1_201 });
  });

  it("cut short is taken as far as it goes, and said so", async () => {
    const who = await listener("cut");
    const whole = bytesOf([extended(0), extended(1)]);
    const { body } = await upload(who, whole.subarray(0, whole.length - 5));
    expect(body).toMatchObject({ imported: 1, errors: 1 });
    expect(body.errorDetails).toMatchObject([{ index: 0, entry: null, code: "cut-short" }]);
  });

  it("anything else is not understood, and says which file", async () => {
    const who = await listener("else");
    const said = { index: 0, code: "not-a-history" };
    for (const body of [bytesOf({}), bytesOf([]), bytesOf([{ a: 1 }]), bytesOf("text")])
      expect(await upload(who, body)).toMatchObject({
        status: 422,
        body: { errorDetails: [said] },
      });
    expect((await upload(who, new Uint8Array())).status).toBe(422);
    expect(await listensOf(who)).toEqual([]);
  });

  it("leave no address and no user anywhere", async () => {
    const who = await listener("address");
    await upload(who, bytesOf([extended(0), extended(1, { ts: "soon" })]));
    expect(await keptIn(own.state, ["Computerwelt"])).not.toEqual([]);
    expect(await keptIn(own.state, ["203.0.113.77", "somebody"])).toEqual([]);
  });
});

// -- signed events --------------------------------------------------------------------------

function say(body: object, secret = system.secrets.signing["listen-webhooks"]) {
  const text = JSON.stringify(body);
  const [id, time] = [`msg_${randomUUID()}`, String(Math.floor(Date.now() / 1000))];
  const key = Buffer.from(secret.replace("whsec_", ""), "base64");
  const mac = createHmac("sha256", key).update(`${id}.${time}.${text}`).digest("base64");
  const headers = {
    "webhook-id": id,
    "webhook-timestamp": time,
    "webhook-signature": `v1,${mac}`,
  };
  return call(system.url, "POST", "/webhooks/listen-webhooks", { body: text, headers });
}
const said = (id: string, n: number) => ({
  id,
  listenedAt: isoOf(startS(n) * 1000),
  artist: "Kraftwerk",
  track: `Track ${n}`,
});

describe("signed events", () => {
  it("submit and delete; what was deleted does not come back", async () => {
    const who = await listener("events");
    const begun = await as(system, who).post("/v1/connections/listen-webhooks", {});
    expect(begun.status).toBe(201);
    const { reference } = begun.body;
    const data = { account: "u-7", sender: "player" };
    const linked = { type: "account.linked", data: { ...data, reference } };
    expect((await say(linked)).status).toBe(200);
    const listens = [said("a", 0), said("b", 1)];
    const submitted = { type: "listens.submitted", data: { ...data, listens } };
    for (let twice = 0; twice < 2; twice++) expect((await say(submitted)).status).toBe(200);
    expect(await tracksOf(who)).toEqual(["Track 0", "Track 1"]);
    const deleted = { type: "listens.deleted", data: { ...data, ids: ["a", "unknown"] } };
    for (const body of [deleted, submitted, deleted]) expect((await say(body)).status).toBe(200);
    expect(await tracksOf(who)).toEqual(["Track 1"]);
    const other = `whsec_${Buffer.from("another secret of the same length").toString("base64")}`;
    expect((await say(submitted, other)).status).toBe(401);
  });
});

it("one play that three sources tell of is one listen", async () => {
  const who = await listener("one-play");
  await submit(await keyAt(system, who, "listenbrainz"), imported(listen(0)));
  await upload(who, bytesOf([extended(0)]));
  await upload(who, bytesOf([account(0)]));
  const all = await listensOf(who);
  expect(all.map(({ track }) => track)).toEqual(["Track 0"]);
});
