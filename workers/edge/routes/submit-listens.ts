/**
 * ListenBrainz's own API, as far as its clients need it to submit: whatever speaks to a server of
 * theirs speaks to this one, with the member's key as its user token and this server as its root.
 * Answers and errors are in its form. A 200 is durable, as at every door.
 */
import * as z from "zod";
import { listensMax, sentenceOf } from "../../../providers/listenbrainz/validity.ts";
import { listenbrainz } from "../../../providers/listenbrainz.ts";
import type { Delivery } from "../../../providers/provider.ts";
import { connectionByKey } from "../member-keys.ts";
import { readBody, textOf } from "../read-body.ts";
import { type Call, json, type Route, route } from "../route.ts";
import { countAt, takeListens } from "../take-listens.ts";

/** Listens that were not taken are named so far. */
export const namedMax = 100;

const refusal = z
  .object({ code: z.number().int(), error: z.string() })
  .meta({ id: "ListenBrainzError" });
const taken = z.object({
  status: z.literal("ok"),
  errors: z.number().int().optional().describe("Listens that were not taken; absent: none."),
  errorDetails: z
    .array(
      z.object({
        index: z.number().int().describe("Place in the payload."),
        code: z.string(),
        message: z.string(),
      }),
    )
    .optional()
    .describe(`Of these the first ${namedMax}; each is kept aside and can be replayed.`),
});
const validity = z.object({
  code: z.number().int(),
  message: z.string(),
  valid: z.boolean(),
  user_name: z.string().optional().describe("The connection's id; nobody is named."),
});
const refused = { description: "In ListenBrainz's own form.", schema: refusal };

export const submitListensRoutes: readonly Route[] = [
  route({
    method: "post",
    path: "/1/submit-listens",
    tag: "providers",
    access: "public",
    audit: { none: "the ledger keeps every fact, and which connection it came by" },
    summary: "A ListenBrainz client submits listens, with its member's key as the token",
    rawBody: { description: "As ListenBrainz documents it: listen_type and payload." },
    answers: {
      200: { description: "Received; playing_now is heard and not kept.", schema: taken },
      400: refused,
      401: refused,
      408: refused,
      413: refused,
      415: refused,
      503: refused,
    },
    problems: ["unavailable"],
    handle: submit,
  }),
  route({
    method: "get",
    path: "/1/validate-token",
    tag: "providers",
    access: "public",
    audit: { none: "nobody's data is shown" },
    summary: "A ListenBrainz client asks whether its token counts",
    answers: { 200: { description: "Whether it does.", schema: validity }, 400: refused },
    problems: ["unavailable"],
    handle: validate,
  }),
];

const said = (code: number, error: string): Response => json({ code, error }, code);

/** "Token", as its clients send it, or any other word before the key. */
const tokenOf = (header: string | null): string | null =>
  /^\S{1,20} +(\S{1,200})$/.exec((header ?? "").trim())?.[1] ?? null;

const bodyFaults = {
  "too-large": [413, "The payload is too large."],
  timeout: [408, "The payload did not arrive in time."],
  "unsupported-encoding": [415, "Send the payload without a content encoding."],
  unavailable: [503, "Cannot take listens now, please try again later."],
} as const;

const notUnderstood =
  "JSON document must have a listen_type of single, playing_now or import and a payload: one listen, " +
  `or of an import up to ${listensMax}.`;

async function submit(call: Call): Promise<Response> {
  const refuse = (code: number, error: string): Response => {
    countAt(call, listenbrainz, { refused: 1 });
    return said(code, error);
  };
  const header = call.request.headers.get("authorization");
  if (header === null) return refuse(401, "You need to provide an Authorization header.");
  const connection = await connectionByKey(call.ports, listenbrainz, tokenOf(header), null);
  if (connection === null) return refuse(401, "Invalid authorization token.");
  const read = await readBody(call.request, listenbrainz.facts.bodyBytesMax);
  if (!read.ok) {
    const [code, error] = bodyFaults[read.error];
    return refuse(code, error);
  }
  const text = textOf(read.value);
  const parsed = text === null ? null : listenbrainz.parse(text);
  if (parsed === null || (!parsed.ok && parsed.error === "not-json"))
    return refuse(400, "Cannot parse JSON document.");
  if (!parsed.ok) return refuse(400, notUnderstood);
  const bad = faultsIn(parsed.value, call.nowMs);
  const [first] = bad;
  if (first !== undefined && bad.length === parsed.value.items.length)
    return refuse(400, `payload[${first.index}]: ${first.message}`);
  if (!(await takeListens(call, listenbrainz, parsed.value, connection)))
    return said(503, "Cannot take listens now, please try again later.");
  const errors = { errors: bad.length, errorDetails: bad.slice(0, namedMax) };
  return json({ status: "ok", ...(bad.length === 0 ? {} : errors) });
}

/** Judged beforehand: where nothing is good, nothing is kept. */
const faultsIn = ({ items }: Delivery, nowMs: number) =>
  items.flatMap(({ kind, body }, index) => {
    const draft = listenbrainz.normalise(kind, body, nowMs);
    return draft.ok ? [] : [{ index, code: draft.error, message: sentenceOf(draft.error) }];
  });

async function validate({ ports, request }: Call): Promise<Response> {
  const inQuery = new URL(request.url).searchParams.get("token");
  const token = tokenOf(request.headers.get("authorization")) ?? inQuery;
  if (token === null) return said(400, "You need to provide an Authorization token.");
  const connection = await connectionByKey(ports, listenbrainz, token, null);
  return connection === null
    ? json({ code: 200, message: "Token invalid.", valid: false })
    : json({ code: 200, message: "Token valid.", valid: true, user_name: connection.id });
}
