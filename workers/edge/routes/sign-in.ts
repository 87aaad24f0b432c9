/**
 * Signing in from a page of ours: where to send the browser, and the exchange of what it came back
 * with for a token. The page keeps its verifier and its state to itself until then. Neither route
 * makes anybody a member: `PUT /v1/me` does.
 */
import * as z from "zod";
import { formatMoment } from "../../../domain/time.ts";
import { publicUrlOf } from "../linking.ts";
import { type Call, json, type Route, route } from "../route.ts";
import { exchange, signInOf } from "../sign-in.ts";

const codeCharsMax = 4_096;
const addressCharsMax = 2_048;
const refreshTokenCharsMax = 16_384;
/** RFC 7636, section 4.1. */
const verifierForm = /^[A-Za-z0-9._~-]{43,128}$/;
const backPath = "/signed-in";

const where = z
  .object({
    issuer: z.string().describe("As `iss`, where the browser comes back with one, has to say."),
    authorizationEndpoint: z.string(),
    clientId: z.string(),
    scope: z.string(),
    parameters: z
      .record(z.string(), z.string())
      .describe("To be added to that address as they stand, beside those of RFC 7636."),
    endSessionEndpoint: z.string().nullable().describe("Null: the issuer has none."),
  })
  .meta({ id: "SignIn" });

const brought = z.discriminatedUnion("grant", [
  z.strictObject({
    grant: z.literal("code"),
    code: z.string().min(1).max(codeCharsMax).describe("As the issuer gave it."),
    verifier: z.string().regex(verifierForm).describe("Of the challenge that was sent with S256."),
    redirectUri: z
      .string()
      .max(addressCharsMax)
      .describe(`Where the browser came back to: this deployment's own ${backPath}.`),
  }),
  z.strictObject({
    grant: z.literal("refresh"),
    refreshToken: z.string().min(1).max(refreshTokenCharsMax),
  }),
]);

const session = z
  .object({
    token: z.string().describe("The bearer token of every other route."),
    expires: z.string().nullable().describe("When it ends; null: in no year that has a name."),
    refreshToken: z
      .string()
      .nullable()
      .describe("For the next token; takes the place of the one before. Null: sign in again then."),
  })
  .meta({ id: "Session" });

const common = { path: "/v1/sign-in", tag: "members", access: "public" } as const;

export const signInRoutes: readonly Route[] = [
  route({
    ...common,
    method: "get",
    audit: { none: "says where to sign in, and nothing of anybody" },
    summary: "Where a page sends somebody to sign in",
    answers: { 200: { description: "The issuer, and what to ask it for.", schema: where } },
    problems: ["not-found"],
    handle: say,
  }),
  route({
    ...common,
    method: "post",
    audit: { none: "hands a caller their own token, which every deed is logged by" },
    summary: "Exchange what the issuer gave for a token; nothing of it is kept here",
    body: brought,
    answers: { 200: { description: "Signed in.", schema: session } },
    problems: ["not-json", "invalid-request", "unauthenticated", "not-found", "unavailable"],
    handle: signIn,
  }),
];

async function say({ env, fail }: Call): Promise<Response> {
  const setting = signInOf(env);
  if (setting === null) return fail("not-found");
  const { authorizationEndpoint, clientId, scope, parameters, endSessionEndpoint } = setting;
  const said: z.output<typeof where> = {
    issuer: env.TOKEN_ISSUER,
    ...{ authorizationEndpoint, clientId, scope, parameters },
    endSessionEndpoint: endSessionEndpoint ?? null,
  };
  return json(said);
}

type SignInCall = Call<undefined, undefined, z.output<typeof brought>>;

async function signIn({ env, request, body, nowMs, fail }: SignInCall): Promise<Response> {
  const setting = signInOf(env);
  if (setting === null) return fail("not-found");
  if (body.grant === "code" && body.redirectUri !== publicUrlOf(env, request) + backPath)
    return fail("invalid-request", {
      fields: [{ field: "body.redirectUri", rule: "not-allowed" }],
    });
  const given = await exchange(env, setting, body, nowMs);
  if ("failed" in given) return fail(given.failed);
  const { token, expiresAtMs, refreshToken } = given;
  const expires = expiresAtMs === null ? null : formatMoment(expiresAtMs);
  return json({ token, expires, refreshToken } satisfies z.output<typeof session>);
}
