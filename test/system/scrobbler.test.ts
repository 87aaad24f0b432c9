/**
 * A real client: Debian's scrobbler (QTScrobbler 0.11) empties a player's offline log into this
 * server over AudioScrobbler 1.2, with a member's key as user name and password. It is not built
 * here: `apt-get install scrobbler`.
 */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Answer, enrol, type Person } from "../../local/people.ts";
import type { System } from "../../local/system.ts";
import { clockMsMax, sessionMs } from "../../workers/edge/scrobble-session.ts";
import { aMinuteLater, keyAt } from "./streams.ts";
import { as, type OwnSystem, ownSystem } from "./support.ts";

const clientMs = 60_000;
const client = process.env.SCROBBLER_PATH ?? "/usr/bin/scrobbler";
const md5 = (text: string) => createHash("md5").update(text).digest("hex");
const nowS = Math.floor(Date.now() / 1000);

interface Played {
  readonly artist: string;
  readonly album: string;
  readonly track: string;
  readonly lengthS: number;
  /** L: listened to. S: skipped. */
  readonly rating: "L" | "S";
  readonly startS: number;
  readonly mbid: string;
}
const played = (n: number, over: Partial<Played> = {}): Played => ({
  artist: "Kraftwerk",
  album: "The Man-Machine",
  track: `Track ${n}`,
  lengthS: 200 + n,
  rating: "L",
  startS: nowS - 86_400 + n * 400,
  mbid: "",
  ...over,
});
/** A day's listening, as Rockbox writes it; the client sends no more than fifty at once. */
const day: readonly Played[] = [
  ...Array.from({ length: 60 }, (_, n) => played(n)),
  played(60, { track: "100% & more; = + ?", mbid: "d5e4fb56-e457-4684-aa31-63ce70ee5a8c" }),
  played(61, { track: "Skipped", rating: "S" }),
  // At one second, by a player that jumps: two tracks.
  played(62, { track: "One", startS: nowS - 50_000 }),
  played(63, { track: "Other", startS: nowS - 50_000 }),
];
const heard = day.filter(({ rating }) => rating === "L");

const lineOf = (p: Played, n: number): string =>
  [p.artist, p.album, p.track, n + 1, p.lengthS, p.rating, p.startS, p.mbid].join("\t");
const logOf = (all: readonly Played[]): string =>
  [
    "#AUDIOSCROBBLER/1.1",
    "#TZ/UTC",
    "#CLIENT/Rockbox sansae200 $Revision$",
    ...all.map(lineOf),
    "",
  ].join("\n");

let own: OwnSystem;
let system: System;
let folder: string;
beforeAll(async () => {
  if (!existsSync(client)) throw new Error(`${client} is missing: apt-get install scrobbler`);
  own = await ownSystem();
  system = own.system;
  folder = await mkdtemp(join(tmpdir(), "singlet-scrobbler-"));
});
afterAll(async () => {
  await own?.end();
  if (folder !== undefined) await rm(folder, { recursive: true });
});

const listener = (name: string): Promise<Person> =>
  enrol(system, `subject-${name}`, `Name ${name}`, ["member"], { zone: "Europe/Amsterdam" });

interface Run {
  /** The client deletes its log on OK. */
  readonly isDrained: boolean;
  readonly output: string;
}

/** Writes the player's log and has the client send it. */
async function drain(key: string, all: readonly Played[]): Promise<Run> {
  const configs = join(folder, "qtscrob");
  await mkdir(configs, { recursive: true });
  const config = [
    "[Custom]",
    "enabled=true",
    `username=${key}`,
    `password_hash=${md5(key)}`,
    "conf_name=Custom",
    `handshake_host=${new URL(system.url).host}/scrobble`,
    "[General]",
    "utc_offset=0",
    "[application]",
    "auto_open=false",
  ];
  await writeFile(join(configs, "qtscrob.conf"), config.join("\n"));
  const log = join(folder, ".scrobbler.log");
  await writeFile(log, logOf(all));
  const env = { ...process.env, XDG_CONFIG_HOME: folder, QT_QPA_PLATFORM: "offscreen" };
  const run = spawn(client, ["-f", "-l", folder], { env, timeout: clientMs });
  let output = "";
  const hear = (bytes: Buffer) => {
    output += bytes.toString();
    // After an error it waits for somebody to look at its window.
    if (output.includes("ERROR:")) run.kill("SIGKILL");
  };
  run.stdout.on("data", hear);
  run.stderr.on("data", hear);
  await new Promise((ended) => run.on("close", ended));
  return { isDrained: !existsSync(log), output };
}

interface Listed {
  readonly at: string;
  readonly artist: string;
  readonly track: string;
}
async function listensOf(who: Person): Promise<Listed[]> {
  const { status, body } = await as(system, who).get("/v1/listens?limit=200");
  expect(status).toBe(200);
  return body.items;
}
const named = ({ at, track }: Listed) => [Date.parse(at) / 1000, track];

describe("the real client", () => {
  it("twice over the same log counts each listen once, at its own time", async () => {
    const who = await listener("drains");
    const key = await keyAt(system, who, "audioscrobbler");
    const expected = heard.map(({ startS, track }) => [startS, track]).sort();
    for (let run = 0; run < 2; run++) {
      expect(await drain(key, day)).toMatchObject({ isDrained: true });
      expect((await listensOf(who)).map(named).sort()).toEqual(expected);
    }
  });

  it("with a key that is nobody's keeps its log, and nothing is taken", async () => {
    const who = await listener("mistypes");
    const key = await keyAt(system, who, "audioscrobbler");
    const { isDrained, output } = await drain(`${key.slice(0, -4)}AAAA`, day.slice(0, 3));
    expect([isDrained, output]).toEqual([false, expect.stringContaining("authentication problem")]);
    expect(await listensOf(who)).toEqual([]);
    expect(await drain(key, day.slice(0, 3))).toMatchObject({ isDrained: true });
    expect(await listensOf(who)).toHaveLength(3);
  });
});

// -- by hand --------------------------------------------------------------------------------

const ask = async (path: string, form?: Record<string, string>): Promise<string[]> => {
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  const body = new URLSearchParams(form).toString();
  const sent = form === undefined ? {} : { method: "POST", headers, body };
  const answer = await fetch(path.startsWith("http") ? path : `${system.url}${path}`, sent);
  expect(answer.status).toBe(200);
  expect(answer.headers.get("content-type")).toMatch(/^text\/plain/);
  return (await answer.text()).trimEnd().split("\n");
};

function handshake(key: string, over: Record<string, string> = {}, at = "/scrobble/") {
  const t = over.t ?? String(Math.floor(Date.now() / 1000));
  const a = md5(`${md5(key)}${t}`);
  const said = { hs: "true", p: "1.2", c: "tst", v: "1.0", u: key, t, a, ...over };
  return ask(`${at}?${new URLSearchParams(said)}`);
}
const form = (session: string, p: Played) => ({
  s: session,
  ...{ "a[0]": p.artist, "t[0]": p.track, "b[0]": p.album, "i[0]": String(p.startS) },
  ...{ "o[0]": "P", "r[0]": "", "l[0]": String(p.lengthS), "n[0]": "", "m[0]": p.mbid },
});

describe("the protocol", () => {
  let who: Person;
  let key: string;
  beforeAll(async () => {
    who = await listener("protocol");
    key = await keyAt(system, who, "audioscrobbler");
  });

  it("opens a session with two addresses, with a slash behind the path and without", async () => {
    for (const at of ["/scrobble/", "/scrobble"]) {
      const said = await handshake(key, {}, at);
      const addresses = ["now-playing", "submissions"].map((n) => `${system.url}/scrobble/${n}`);
      expect(said).toEqual(["OK", expect.stringMatching(/^[\w.-]{60,160}$/), ...addresses]);
      expect(said[1]).not.toContain(key.slice(3));
    }
  });

  it("refuses a wrong digest, another's name and a clock that is far off", async () => {
    const far = String(Math.floor((Date.now() - clockMsMax) / 1000) - 60);
    const last = key.endsWith("A") ? "B" : "A";
    expect(await handshake(key, { a: md5("x") })).toEqual(["BADAUTH"]);
    expect(await handshake(key, { u: "somebody" })).toEqual(["BADAUTH"]);
    expect(await handshake(`${key.slice(0, -1)}${last}`)).toEqual(["BADAUTH"]);
    expect(await handshake(key, { t: far })).toEqual(["BADTIME"]);
    expect(await handshake(key, { t: "soon" })).toEqual(["BADTIME"]);
    expect((await handshake(key, { p: "1.1" }))[0]).toMatch(/^FAILED /);
    expect((await ask("/scrobble"))[0]).toMatch(/^FAILED /);
  });

  it("takes forms under that session alone, and hears what is playing without keeping it", async () => {
    const [, session = "", nowPlaying = "", submissions = ""] = await handshake(key);
    const playing = { s: session, a: "Kraftwerk", t: "Now", b: "", l: "200", n: "", m: "" };
    expect(await ask(nowPlaying, playing)).toEqual(["OK"]);
    expect(await ask(nowPlaying, { ...playing, s: "x" })).toEqual(["BADSESSION"]);
    const [id = "", over = "", mac = ""] = session.split(".");
    const later = (Number.parseInt(over, 36) + 1).toString(36);
    const forged = ["", "x", `${id}.${later}.${mac}`, `${id}.${over}.${"A".repeat(43)}`];
    for (const s of forged)
      expect(await ask(submissions, form(s, played(1)))).toEqual(["BADSESSION"]);
    expect((await ask(submissions, { s: session }))[0]).toMatch(/^FAILED /);
    expect(await listensOf(who)).toEqual([]);
    expect(await ask(submissions, form(session, played(1)))).toEqual(["OK"]);
    expect((await listensOf(who)).map(({ track }) => track)).toEqual(["Track 1"]);
  });

  it("answers OK to what it cannot read, and keeps that aside", async () => {
    const [, session = "", , submissions = ""] = await handshake(key);
    const before = await listensOf(who);
    expect(await ask(submissions, form(session, played(2, { artist: "" })))).toEqual(["OK"]);
    expect(await listensOf(who)).toEqual(before);
  });

  it("ends a session with the key that it was opened with", async () => {
    const [, session = "", , submissions = ""] = await handshake(key);
    await aMinuteLater(system, who);
    const next = await keyAt(system, who, "audioscrobbler");
    expect(await ask(submissions, form(session, played(3)))).toEqual(["BADSESSION"]);
    expect(await handshake(key)).toEqual(["BADAUTH"]);
    expect((await handshake(next))[0]).toBe("OK");
  });

  it("keeps a session no longer than a day", () => {
    expect(sessionMs).toBeLessThanOrEqual(86_400_000);
  });

  it("sends neither key nor page to whoever opens the door in a browser", async () => {
    const page = await fetch(`${system.url}/scrobble/submissions`);
    expect(page.status).toBe(405);
    const answer: Answer = await as(system, who).get("/v1/listens");
    expect(answer.status).toBe(200);
  });
});
