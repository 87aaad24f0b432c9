/** Scrobblers' doors as a stranger finds them, and bodies made to break parsers under a good key. */
import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Athlete, athlete, type OwnSystem, ownSystem } from "../system/support.ts";
import { ask, marker, pour } from "./support.ts";

const md5 = (text: string) => createHash("md5").update(text).digest("hex");
let own: OwnSystem;
let who: Athlete;
const keys: Record<string, string> = {};
beforeAll(async () => {
  own = await ownSystem();
  who = await athlete(own.system, "scrobblers");
  for (const name of ["listenbrainz", "audioscrobbler"]) {
    const path = `/v1/connections/${name}`;
    const given = await ask(own.system, "POST", path, { token: who.token, body: "{}" });
    keys[name] = given.body.key;
  }
});
afterAll(() => own?.end());

const post = (path: string, body: string | Uint8Array, headers: Record<string, string> = {}) =>
  ask(own.system, "POST", path, { body, headers });

async function session(): Promise<string> {
  const [key = "", t] = [keys.audioscrobbler, String(Math.floor(Date.now() / 1000))];
  const a = md5(`${md5(key)}${t}`);
  const query = new URLSearchParams({ hs: "true", p: "1.2", u: key, t, a });
  const { text } = await ask(own.system, "GET", `/scrobble/?${query}`);
  return text.split("\n")[1] ?? "";
}

const deep = `${"[".repeat(50_000)}"${marker}"${"]".repeat(50_000)}`;
const noUtf8 = new Uint8Array([0x7b, 0x22, 0xff, 0x7d]);
const listen = (v: string) =>
  `{"listen_type":"import","payload":[{"listened_at":${v},"track_metadata":{"artist_name":${v},` +
  `"track_name":${v},"additional_info":${v}}},${v}]}`;
const values = [
  `"${marker}"`,
  `{"${marker}":"${marker}"}`,
  deep,
  "1e400",
  "null",
  `"\\ud800\\u0000${marker}"`,
  `{"__proto__":{"length":1},"toString":"${marker}"}`,
];

describe("/1/", () => {
  it("without a token that counts is 401, whatever is sent", async () => {
    for (const authorization of ["", marker, `Token ${marker}`, `Token wk_${"A".repeat(43)}`])
      for (const body of ["", "{}", listen(`"${marker}"`)])
        expect((await post("/1/submit-listens", body, { authorization })).status).toBe(401);
    const asked = { headers: { authorization: `Token ${marker}` } };
    const { body } = await ask(own.system, "GET", "/1/validate-token", asked);
    expect(body).toMatchObject({ valid: false });
  });

  it("with one is 400 for what is no listen, in any field, and none of it is said back", async () => {
    const headers = { authorization: `Token ${keys.listenbrainz}` };
    for (const body of [...values, ...values.map(listen), "", "{", "\u0000", noUtf8])
      expect((await post("/1/submit-listens", body, headers)).status).toBe(400);
  });

  it("too large is 413, packed is 415", async () => {
    const headers = { authorization: `Token ${keys.listenbrainz}` };
    const { system } = own;
    const large = await pour(system, "POST", "/1/submit-listens", headers, 10_240_001, "declared");
    expect(large.status).toBe(413);
    const packed = { ...headers, "content-encoding": "gzip" };
    expect((await post("/1/submit-listens", "{}", packed)).status).toBe(415);
  });
});

describe("/scrobble", () => {
  it("without a good handshake opens nothing", async () => {
    for (const query of [
      "",
      `?hs=${marker}`,
      `?hs=true&p=${marker}`,
      `?hs=true&p=1.2&u=${marker}&t=${marker}&a=${marker}`,
      "?hs=true&p=1.2&u=%00&t=-1&a=%ff",
    ]) {
      const { status, text } = await ask(own.system, "GET", `/scrobble/${query}`);
      expect([status, text.split(" ")[0]]).toEqual([
        200,
        expect.stringMatching(/^(FAILED|BADAUTH)/),
      ]);
    }
    for (const path of ["/scrobble/submissions", "/scrobble/now-playing"])
      for (const body of ["", marker, `s=${marker}&a[0]=${marker}`, deep])
        expect((await post(path, body)).text).toBe("BADSESSION\n");
  });

  it("under a session says OK or why not, whatever stands in the form", async () => {
    const s = `s=${await session()}`;
    for (const body of [s, `${s}&a=${marker}`, `${s}&a[0`, `${s}&${deep}`])
      expect((await post("/scrobble/submissions", body)).text).toMatch(/^FAILED .+\n$/);
    const odd = [marker, "%00", "%ff%fe", "%ed%a0%80", "1e400", "-1", "9".repeat(400)];
    for (const v of odd) {
      const form = [..."atirolbnm"].map((name) => `${name}[0]=${v}`).join("&");
      expect((await post("/scrobble/submissions", `${s}&${form}`)).text).toBe("OK\n");
    }
    expect((await post("/scrobble/submissions", noUtf8)).text).toMatch(/^FAILED .+\n$/);
    const listed = await ask(own.system, "GET", "/v1/listens", { token: who.token });
    expect(listed.body.items).toEqual([]);
  });
});

it("an import of what is none is 422, and none of it is said back", async () => {
  const asked = { token: who.token };
  for (const body of [
    ...values,
    "",
    "[",
    `[${marker}]`,
    `[{"ts":"${marker}"}]`,
    noUtf8,
    "PK\u0003\u0004",
  ]) {
    const answer = await ask(own.system, "POST", "/v1/imports/spotify", { ...asked, body });
    expect(answer.status).toBe(422);
  }
  const odd = values.map((v) => `{"ts":${v},"ms_played":${v},"master_metadata_track_name":${v}}`);
  const answer = await ask(own.system, "POST", "/v1/imports/spotify", {
    ...asked,
    body: `[${odd}]`,
  });
  expect([200, 422]).toContain(answer.status);
});
