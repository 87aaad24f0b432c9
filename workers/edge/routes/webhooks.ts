/**
 * Where providers call: raw bytes within a limit, the signature over those bytes, then parsing.
 * 1. read → 2. verify → 3. parse → 4. whose accounts are, which of them ended, data, notices
 * (`takeDelivery`) → 5. the provider's own "received". Until step 5 nothing is promised: any other
 * answer means "say it again". What a provider asks of a new address, and that alone, is answered by
 * its recipe; nothing follows from it. Where a member's own app calls, its key comes first, and it
 * says whose all of it is; what is signed besides is looked at next.
 */
import * as z from "zod";
import { settingOf } from "../../../domain/by-provider.ts";
import { holdsBareNumber } from "../../../kernel/sanitise.ts";
import { logLine } from "../../../kernel/wide-event.ts";
import { providerNamed } from "../../../providers/index.ts";
import { type Provider, senders } from "../../../providers/provider.ts";
import type { ProviderSecrets } from "../../../providers/recipe.ts";
import { greet, isAddressed, isDemanded, verify } from "../../../providers/signature.ts";
import { mayHoldCards } from "../cleanse.ts";
import { senderOf } from "../client-address.ts";
import { keysetAt } from "../keysets.ts";
import { publicUrlOf } from "../linking.ts";
import { connectionByKey, memberKid } from "../member-keys.ts";
import { meter } from "../meter.ts";
import { type ProblemName, problem } from "../problem.ts";
import { readBody, textOf } from "../read-body.ts";
import { type Call, json, type Route, route } from "../route.ts";
import { type Proof, takeDelivery } from "../take-delivery.ts";

/** Of one delivery of a member's own app, which repeats itself anyway. */
export const memberItemsMax = 10_000;

/** Of any length: an odd name is an unknown one, and an odd key is refused like every wrong one. */
const params = z.object({ provider: z.string(), key: z.string().optional() });
type WebhookCall = Call<z.output<typeof params>, undefined, undefined>;

const doorOf = (name: string): Provider | null => {
  const provider = providerNamed(name);
  return provider === undefined || provider.facts.delivery === "device" ? null : provider;
};

const greetingsByGet: readonly unknown[] = ["word", "challenge", "hello"];
const greetsByGet = (provider: Provider | null): boolean =>
  greetingsByGet.includes(provider?.greeting?.kind);

const greetingAt = (path: string): Route =>
  route({
    method: "get",
    headOnly: ({ provider = "" }) => !greetsByGet(doorOf(provider)),
    path,
    tag: "providers",
    access: "public",
    audit: { none: "nobody's data is shown" },
    summary: "A provider greets a new address, where it does so by GET; HEAD says that it is there",
    params,
    answers: {
      200: {
        description: "The door exists (HEAD); or the greeting was genuine, and this is asked back.",
        schema: z.record(z.string(), z.string()),
      },
      204: { description: "The greeting was genuine." },
    },
    problems: ["unauthenticated", "forbidden", "not-found", "method-not-allowed"],
    handle: greeted,
  });

const doorAt = (path: string): Route =>
  route({
    method: "post",
    path,
    tag: "providers",
    access: "public",
    audit: { none: "the ledger keeps every fact, and which connection it came by" },
    summary:
      "A provider delivers data or a notice, some greet a new address by it first; or a member's own " +
      "app delivers, with its key in the path or as the bearer",
    params,
    rawBody: { description: "The provider's own body, signed as it came." },
    answers: {
      200: {
        description:
          "Received, or a genuine greeting; with a body, where the provider asks for one.",
        schema: z.record(z.string(), z.string()),
      },
      201: { description: "Received, or a genuine greeting." },
      202: { description: "Received." },
      204: { description: "Received, or a genuine greeting." },
    },
    problems: [
      "not-json",
      "unauthenticated",
      "not-found",
      "timeout",
      "too-large",
      "unsupported-encoding",
      "card-number",
      "not-understood",
      "unavailable",
    ],
    handle: receive,
  });

export const webhookRoutes: readonly Route[] = [
  greetingAt("/webhooks/:provider"),
  greetingAt("/webhooks/:provider/:key"),
  doorAt("/webhooks/:provider"),
  doorAt("/webhooks/:provider/:key"),
];

/** Of a wrong greeting: the provider looks at the status alone, so it is told like anybody. */
const wrongGreetings: Readonly<Record<number, ProblemName>> = {
  401: "unauthenticated",
  403: "forbidden",
  404: "not-found",
};

/** What lies between may keep the answer to a GET, and would then greet for us. */
const unkept = { "cache-control": "no-store" };

async function greeted(call: WebhookCall): Promise<Response> {
  const provider = doorOf(call.params.provider);
  if (provider === null) return call.fail("not-found");
  if (call.request.method === "HEAD") return new Response(null, { status: 200, headers: unkept });
  const query = new URL(call.request.url).searchParams;
  const { greeting } = provider;
  const said = greeting && (await greet(greeting, query, secretsOf(call, provider), call.nowMs));
  if (!said) return problem("method-not-allowed", call.requestId, {}, { allow: "HEAD, POST" });
  // It looks whether somebody is there, at the very address that it was told.
  if (!(await isAddressed(call.params.key ?? null, secretsOf(call, provider), call.nowMs)))
    return call.fail("not-found");
  const wrong = wrongGreetings[said.status];
  if (wrong !== undefined) return call.fail(wrong);
  return said.json === undefined
    ? new Response(null, { status: said.status, headers: unkept })
    : json(said.json, said.status);
}

async function receive(call: WebhookCall): Promise<Response> {
  const provider = doorOf(call.params.provider);
  if (provider === null) return call.fail("not-found");
  if (provider.signature.kind === "member-key") return receiveByKey(call, provider);
  const read = await readBody(call.request, provider.facts.bodyBytesMax);
  if (!read.ok) return refuse(call, provider, read.error);
  const verdict = await check(call, provider, read.value);
  if (verdict.is === "greeting") return new Response(null, { status: verdict.status });
  if (verdict.is !== "genuine")
    return refuse(call, provider, verdict.is === "refused" ? "unauthenticated" : "unavailable");
  return take(call, provider, read.value, verdict);
}

/** Nothing is read before it is known whose it is. */
async function receiveByKey(call: WebhookCall, provider: Provider): Promise<Response> {
  const authorization = call.request.headers.get("authorization");
  const { key = null } = call.params;
  const connection = await connectionByKey(call.ports, provider, key, authorization);
  if (connection === null) return refuse(call, provider, "unauthenticated");
  const read = await readBody(call.request, provider.facts.bodyBytesMax);
  if (!read.ok) return refuse(call, provider, read.error);
  const known = new Map([[senders, connection]]);
  const { signature } = provider;
  if (signature.kind !== "member-key" || signature.besides === undefined)
    return take(call, provider, read.value, { kid: memberKid, known });
  const verdict = await check(call, provider, read.value);
  return verdict.is === "genuine"
    ? take(call, provider, read.value, { kid: verdict.kid, known })
    : refuse(call, provider, "unauthenticated");
}

async function take(
  call: WebhookCall,
  provider: Provider,
  body: Uint8Array,
  proof: Proof,
): Promise<Response> {
  const text = textOf(body);
  if (text === null) return refuse(call, provider, "not-json");
  // Parsed as a number it would lose the digits that give it away.
  if (mayHoldCards(provider) && holdsBareNumber(text)) return refuse(call, provider, "card-number");
  const parsed = provider.parse(text, { header: (name) => call.request.headers.get(name) });
  if (!parsed.ok) return refuse(call, provider, parsed.error);
  const { notices, later } = parsed.value;
  const items = parsed.value.items.length + (later?.items.length ?? 0);
  if (proof.known !== undefined && items > memberItemsMax)
    return refuse(call, provider, "too-large");
  const sender = senderOf(call.request);
  const recorded = await takeDelivery(call, provider, parsed.value, { ...proof, sender });
  if (recorded === "unavailable") return call.fail("unavailable");
  if (typeof recorded === "string") return refuse(call, provider, recorded);
  const { kid, observed } = proof;
  const seen = observed === undefined ? {} : { observed: { [observed]: 1 } };
  const came = Object.values(recorded).some((n) => n > 0) ? { recorded } : {};
  const counts = { deliveries: 1, notices: notices.length, items, ...seen, ...came };
  count(call, provider, counts, kid);
  return received(provider);
}

function received({ facts }: Provider): Response {
  const { received: status, receivedJson, receivedText = null } = facts;
  if (receivedJson !== undefined) return json(receivedJson, status);
  const headers = receivedText === null ? {} : { "content-type": "text/plain" };
  return new Response(receivedText, { status, headers });
}

const count = (
  call: WebhookCall,
  { name }: Provider,
  counts: Parameters<typeof meter.count>[1],
  kid?: string,
) =>
  meter.count({ env: call.env, provider: name, nowMs: call.nowMs, later: call.later }, counts, kid);

function refuse(call: WebhookCall, provider: Provider, why: ProblemName): Response {
  count(call, provider, { refused: 1 });
  return call.fail(why);
}

/** Whose setting cannot be read, as this isolate said already. */
const saidUnreadable = new Set<string>();

function secretsOf({ env, requestId }: WebhookCall, { name }: Provider): ProviderSecrets {
  const secrets = settingOf<ProviderSecrets>(env.PROVIDER_SECRETS, name) ?? {};
  if (isDemanded(secrets) === null && !saidUnreadable.has(name)) {
    saidUnreadable.add(name);
    const outcome = "unreadable";
    logLine({ event: "setting", requestId, provider: name, outcome, reason: "signatureDemanded" });
  }
  return secrets;
}

function check(call: WebhookCall, provider: Provider, body: Uint8Array<ArrayBuffer>) {
  const { request, env, nowMs, params: at } = call;
  const keysetUrl = settingOf<string>(env.PROVIDER_KEYSETS, provider.name);
  return verify(
    provider.signature,
    provider.greeting,
    { headers: request.headers, pathKey: at.key ?? null, address: addressOf(call, provider), body },
    secretsOf(call, provider),
    keysetUrl === undefined ? async () => "unavailable" : keysetAt(keysetUrl, nowMs),
    nowMs,
  );
}

/** As it was told to whoever calls, wherever this runs: with the key in the path, where it has one. */
function addressOf({ env, request, params: { key } }: WebhookCall, { name }: Provider): string {
  const door = `${publicUrlOf(env, request)}/webhooks/${name}`;
  return key === undefined ? door : `${door}/${key}`;
}
