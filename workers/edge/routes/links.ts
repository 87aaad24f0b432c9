/**
 * Linking an account with a member's token: begun and ended here where it is granted; where the
 * provider says whose it is, the member gets the word for it; where their own app delivers, its key.
 */
import * as z from "zod";
import { formatMoment } from "../../../domain/time.ts";
import { providerNamed } from "../../../providers/index.ts";
import type { MemberKeyLink, ReferenceLink } from "../../../providers/link.ts";
import type { Provider } from "../../../providers/provider.ts";
import { entered } from "../audit.ts";
import { keepAuthorisation, newSecret, stateCharsMax } from "../authorisation.ts";
import { endLink, publicUrlOf, redirectUriOf } from "../linking.ts";
import { giveKey } from "../member-keys.ts";
import { problem } from "../problem.ts";
import { giveReference } from "../reference-links.ts";
import { type Call, json, type Route, route } from "../route.ts";
import { browserCookie, browserSecret, isReturnTo } from "./oauth.ts";

const codeCharsMax = 2_048;
const returnToCharsMax = 2_048;

const link = z
  .strictObject({
    returnTo: z
      .string()
      .max(returnToCharsMax)
      .optional()
      .describe(
        "To begin: where the browser is sent in the end; our own origin, or one that is allowed here.",
      ),
    code: z
      .string()
      .min(1)
      .max(codeCharsMax)
      .optional()
      .describe("To end: as the provider gave it."),
    state: z.string().min(1).max(stateCharsMax).optional().describe("To end: as it was begun."),
  })
  .superRefine(({ returnTo, code, state }, at) => {
    const said = (path: string) =>
      at.addIssue({ code: "custom", path: [path], message: "code and state, or neither" });
    if (code === undefined && state !== undefined) said("code");
    if (code !== undefined && state === undefined) said("state");
    if (code !== undefined && returnTo !== undefined) said("returnTo");
  });
const begun = z.object({
  authorise: z.string().describe("Where the member grants access: an address at the provider."),
  state: z.string().describe("Comes back with the code; good once, and only for this member."),
  expires: z.string(),
  scopes: z.array(z.object({ scope: z.string(), why: z.string(), needed: z.boolean() })),
});
const linked = z.object({ id: z.string(), provider: z.string() });
const given = z.object({
  reference: z
    .string()
    .describe("The word that the provider says back; good once, for one account, for a day."),
  expires: z.string(),
  how: z.string().describe("What the member's app does with the word."),
  authorise: z
    .string()
    .nullable()
    .describe("The provider's own page for it; null: it has none, or it cannot be had just now."),
});
const keyed = z.object({
  id: z.string(),
  provider: z.string(),
  key: z.string().describe("Shown this once. Whoever has it may add to this connection."),
  url: z
    .string()
    .describe(
      "Where the app delivers: the key is its end. Where the app sends the key as the bearer instead, " +
        "the address goes without that end.",
    ),
  how: z.string().describe("Where in the member's app they go."),
});
const params = z.object({ connection: z.string().max(64).describe("A provider's name.") });

export const linkRoutes: readonly Route[] = [
  route({
    method: "post",
    path: "/v1/connections/:connection",
    tag: "members",
    access: "member",
    audit: { deed: "connect", by: "handler" },
    summary:
      "Begin to link an account, or end it with the code that its provider gave; or have a word that " +
      "its provider says back; or a key for an app of one's own, which ends the key before it at once",
    params,
    body: link,
    answers: {
      201: {
        description:
          "Begun, for ten minutes, with the cookie `__Host-link`; or linked; or, where accounts name " +
          "their member by a word, that word; or, where the member's own app delivers, its key.",
        schema: z.union([begun, keyed, linked, given]),
      },
    },
    problems: [
      "not-json",
      "invalid-request",
      "unauthenticated",
      "not-a-member",
      "not-found",
      "conflict",
      "provider-refused",
      "link-expired",
      "too-many",
      "unavailable",
    ],
    handle: connect,
  }),
];

type LinkCall = Call<z.output<typeof params>, undefined, z.output<typeof link>>;

async function connect(call: LinkCall): Promise<Response> {
  const provider = providerNamed(call.params.connection);
  if (provider?.reference !== undefined) return refer(call, provider, provider.reference);
  if (provider?.memberKey !== undefined) return giveOut(call, provider, provider.memberKey);
  if (provider?.link === undefined) return call.fail("not-found");
  const { code, state } = call.body;
  if (code === undefined || state === undefined) return begin(call, provider);
  const { env, ports, requestId, nowMs, member, token } = call;
  const redirectUri = redirectUriOf(env, call.request, provider);
  const done = await endLink(
    { ports, requestId, nowMs, member, provider, code, state, redirectUri },
    { member },
    () => ports.log.begin(token, { deed: "connect", member, columns: [], purpose: "" }),
  );
  if ("failed" in done)
    return done.waitMs === undefined
      ? call.fail(done.failed)
      : problem(done.failed, requestId, {}, retryAfter(done.waitMs));
  return json({ id: done.id, provider: provider.name }, 201);
}

const retryAfter = (waitMs: number) => ({ "retry-after": String(Math.ceil(waitMs / 1_000)) });

const notAllowed = (call: LinkCall, fields: readonly string[]): Response =>
  call.fail("invalid-request", {
    fields: fields.map((field) => ({ field: `body.${field}`, rule: "not-allowed" })),
  });

/** Our own pages may always be come back to; all others have to be named. */
const isSentElsewhere = ({ env, request, body: { returnTo } }: LinkCall): boolean =>
  returnTo !== undefined &&
  !isReturnTo(`${env.RETURN_TO} ${new URL(publicUrlOf(env, request)).origin}`, returnTo);

/** There is no code to be exchanged: the provider itself says whose the account is. */
async function refer(
  call: LinkCall,
  provider: Provider,
  reference: ReferenceLink,
): Promise<Response> {
  const { ports, requestId, member, nowMs, body } = call;
  if (body.code !== undefined) return notAllowed(call, ["code", "state"]);
  if (isSentElsewhere(call)) return notAllowed(call, ["returnTo"]);
  const by = { ...provider, reference };
  const given = await giveReference(ports, member, by, body.returnTo ?? null, nowMs);
  if ("waitMs" in given) return problem("too-many", requestId, {}, retryAfter(given.waitMs));
  return json(given, 201);
}

/** The member's app is linked with it: there is no account but theirs. */
async function giveOut(
  call: LinkCall,
  provider: Provider,
  { how }: MemberKeyLink,
): Promise<Response> {
  const { ports, requestId, member, token, nowMs, fail } = call;
  const said = Object.keys(call.body);
  if (said.length > 0) return notAllowed(call, said);
  const asked = { deed: "connect" as const, member, columns: [], purpose: "" };
  const entering = { log: ports.log, token, requestId, asked, ground: "own", fail };
  return entered(entering, async () => {
    const given = await giveKey(ports, member, provider, nowMs);
    if (typeof given === "string") return fail(given);
    if ("waitMs" in given) return problem("too-many", requestId, {}, retryAfter(given.waitMs));
    const { id, key } = given;
    const url = `${publicUrlOf(call.env, call.request)}/webhooks/${provider.name}/${key}`;
    return json({ id, provider: provider.name, key, url, how }, 201);
  });
}

/** Nothing is linked yet: the member is told where to grant, and the browser that it is the one. */
async function begin(call: LinkCall, provider: Provider): Promise<Response> {
  const { ports, env, member, nowMs } = call;
  const { returnTo = null } = call.body;
  if (isSentElsewhere(call)) return notAllowed(call, ["returnTo"]);
  const [state, browser] = [newSecret(), browserSecret(call.request)];
  const redirectUri = redirectUriOf(env, call.request, provider);
  const authorise = await ports.connect.begin(provider.name, state, redirectUri);
  if (authorise === null) return call.fail("not-found");
  const of = { member, provider: provider.name, returnTo, state, browser };
  const expires = formatMoment(await keepAuthorisation(ports, of, nowMs));
  const scopes = provider.link?.scopes.map(({ scope, why, needed }) => ({ scope, why, needed }));
  const cookie = { "set-cookie": browserCookie(browser) };
  return json({ authorise, state, expires, scopes: scopes ?? [] }, 201, cookie);
}
