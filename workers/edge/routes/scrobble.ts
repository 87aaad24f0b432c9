/**
 * AudioScrobbler 1.2 for players and uploaders that speak nothing else. Its answers are lines of
 * text under 200, as the protocol has it: OK, BADAUTH, BADTIME, BADSESSION or FAILED with a reason. A
 * track that cannot be read is kept aside and the form still answered OK: a client that is told
 * FAILED sends the same for ever.
 */
import * as z from "zod";
import { audioscrobbler } from "../../../providers/audioscrobbler.ts";
import { publicUrlOf } from "../linking.ts";
import { readBody, textOf } from "../read-body.ts";
import { type Call, type Route, route } from "../route.ts";
import { sessionOf, shakeHands } from "../scrobble-session.ts";
import { countAt, takeListens } from "../take-listens.ts";

const lines = z.string();
const answers = {
  200: { description: "In the protocol's words.", type: "text/plain", schema: lines },
};

/** What a client asks at the host and path that it was told; some put a slash behind it. */
const handshakeAt = (path: string): Route =>
  route({
    method: "get",
    path,
    tag: "providers",
    access: "public",
    audit: { none: "nobody's data is shown" },
    summary: "An AudioScrobbler client shakes hands, with its member's key as name and password",
    answers,
    problems: ["unavailable"],
    handle: greet,
  });

const formAt = (path: string, summary: string, handle: (call: Call) => Promise<Response>): Route =>
  route({
    method: "post",
    path,
    tag: "providers",
    access: "public",
    audit: { none: "the ledger keeps every fact, and which connection it came by" },
    summary,
    rawBody: {
      description: "A form with the session and the tracks.",
      types: ["application/x-www-form-urlencoded"],
    },
    answers,
    problems: ["unavailable"],
    handle,
  });

export const scrobbleRoutes: readonly Route[] = [
  handshakeAt("/scrobble"),
  handshakeAt("/scrobble/"),
  formAt("/scrobble/submissions", "An AudioScrobbler client submits tracks", submit),
  formAt("/scrobble/now-playing", "What is being played is heard and not kept", hearNowPlaying),
];

const said = (...words: readonly string[]): Response =>
  new Response(`${words.join("\n")}\n`, {
    headers: { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" },
  });

async function greet(call: Call): Promise<Response> {
  const { searchParams: query } = new URL(call.request.url);
  const of = (name: string) => query.get(name) ?? "";
  if (of("hs") !== "true") return said("FAILED A handshake has hs=true.");
  if (!/^1\.2(\.|$)/.test(of("p"))) return said("FAILED Of this protocol, 1.2 is spoken here.");
  const asked = { user: of("u"), timestamp: of("t"), proof: of("a") };
  const shaken = await shakeHands(call.ports, asked, call.nowMs);
  if (typeof shaken === "string") {
    countAt(call, audioscrobbler, { refused: 1 });
    return said(shaken);
  }
  const at = `${publicUrlOf(call.env, call.request)}/scrobble`;
  return said("OK", shaken.session, `${at}/now-playing`, `${at}/submissions`);
}

/** The form's text and whose session is in it; or what is said instead. */
async function sessionForm(call: Call) {
  const read = await readBody(call.request, audioscrobbler.facts.bodyBytesMax);
  if (!read.ok) return { refused: `FAILED The form was not taken (${read.error}).` };
  const text = textOf(read.value);
  if (text === null) return { refused: "FAILED The form is no UTF-8." };
  const session = new URLSearchParams(text).get("s") ?? "";
  const connection = await sessionOf(call.ports, session, call.nowMs);
  return connection === null ? { refused: "BADSESSION" } : { text, connection };
}

async function hearNowPlaying(call: Call): Promise<Response> {
  const form = await sessionForm(call);
  return said("refused" in form ? form.refused : "OK");
}

async function submit(call: Call): Promise<Response> {
  const refuse = (words: string): Response => {
    countAt(call, audioscrobbler, { refused: 1 });
    return said(words);
  };
  const form = await sessionForm(call);
  if ("refused" in form) return refuse(form.refused);
  const parsed = audioscrobbler.parse(form.text);
  if (!parsed.ok) return refuse("FAILED No track stands in the form.");
  const isTaken = await takeListens(call, audioscrobbler, parsed.value, form.connection);
  return said(isTaken ? "OK" : "FAILED Try again later.");
}
