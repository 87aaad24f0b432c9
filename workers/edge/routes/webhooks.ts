/**
 * Where providers call: raw bytes within a limit, the signature over those bytes, then parsing.
 * 1. read → 2. verify → 3. parse → 4. data is accepted and notices are kept → 5. the provider's
 * own "received". Until step 5 nothing is promised: any other answer means "say it again".
 */
import { z } from "zod";
import type { ConnectionId } from "../../../domain/identity.ts";
import type { Notice } from "../../../domain/ports.ts";
import { errorClass, logLine } from "../../../kernel/wide-event.ts";
import { providerNamed } from "../../../providers/index.ts";
import type { AccountNotice, Delivery, Item, Provider } from "../../../providers/provider.ts";
import { type ProviderSecrets, verify } from "../../../providers/signature.ts";
import { deliver, type ItemOutcome, lookUp } from "../deliver.ts";
import { keysetAt } from "../keysets.ts";
import type { ConnectionRow } from "../members.ts";
import { meter } from "../meter.ts";
import { type ProblemName, problem } from "../problem.ts";
import { readBody } from "../read-body.ts";
import { type Call, type Route, route } from "../route.ts";

/** Of any length: an odd name is an unknown one, and an odd key is refused like every wrong one. */
const params = z.object({ provider: z.string(), key: z.string().optional() });
type WebhookCall = Call<z.output<typeof params>, undefined, undefined>;

const probeAt = (path: string): Route =>
  route({
    method: "get",
    headOnly: true,
    path,
    tag: "providers",
    access: "public",
    audit: { none: "nobody's data is shown" },
    summary: "Answers HEAD when the door exists; no provider here greets by GET",
    params,
    answers: { 200: { description: "The door exists (HEAD)." } },
    problems: ["not-found", "method-not-allowed"],
    handle: probe,
  });

const doorAt = (path: string): Route =>
  route({
    method: "post",
    path,
    tag: "providers",
    access: "public",
    audit: { none: "the ledger keeps every fact, and which connection it came by" },
    summary: "A provider delivers data or a notice",
    params,
    rawBody: { description: "The provider's own body, signed as it came." },
    answers: {
      200: { description: "Received (Garmin)." },
      201: { description: "The greeting was genuine (Google Health)." },
      204: { description: "Received (Google Health)." },
    },
    problems: [
      "not-json",
      "unauthenticated",
      "not-found",
      "timeout",
      "too-large",
      "unsupported-encoding",
      "not-understood",
      "unavailable",
    ],
    handle: receive,
  });

export const webhookRoutes: readonly Route[] = [
  probeAt("/webhooks/:provider"),
  probeAt("/webhooks/:provider/:key"),
  doorAt("/webhooks/:provider"),
  doorAt("/webhooks/:provider/:key"),
];

const doorOf = (name: string): Provider | null => {
  const provider = providerNamed(name);
  return provider === undefined || provider.facts.delivery === "device" ? null : provider;
};

async function probe(call: WebhookCall): Promise<Response> {
  if (doorOf(call.params.provider) === null) return call.fail("not-found");
  if (call.request.method === "HEAD") return new Response(null, { status: 200 });
  return problem("method-not-allowed", call.requestId, {}, { allow: "HEAD, POST" });
}

async function receive(call: WebhookCall): Promise<Response> {
  const provider = doorOf(call.params.provider);
  if (provider === null) return call.fail("not-found");
  const read = await readBody(call.request, provider.facts.bodyBytesMax);
  if (!read.ok) return refuse(call, provider, read.error);
  const verdict = await check(call, provider, read.value);
  if (typeof verdict === "string") return refuse(call, provider, verdict);
  if (verdict.handshake !== null) return new Response(null, { status: verdict.handshake });
  const parsed = provider.parse(new TextDecoder().decode(read.value));
  if (!parsed.ok) return refuse(call, provider, parsed.error);
  await take(call, provider, parsed.value);
  return new Response(null, { status: provider.facts.received });
}

const count = (call: WebhookCall, { name }: Provider, counts: Parameters<typeof meter.count>[1]) =>
  meter.count({ env: call.env, provider: name, nowMs: call.nowMs, later: call.later }, counts);

function refuse(call: WebhookCall, provider: Provider, why: ProblemName): Response {
  count(call, provider, { refused: 1 });
  return call.fail(why);
}

async function check(
  call: WebhookCall,
  provider: Provider,
  body: Uint8Array<ArrayBuffer>,
): Promise<ProblemName | { handshake: number | null }> {
  const secrets = (JSON.parse(call.env.PROVIDER_SECRETS) as Record<string, ProviderSecrets>)[
    provider.name
  ];
  const keysetUrl = (JSON.parse(call.env.PROVIDER_KEYSETS) as Record<string, string>)[
    provider.name
  ];
  const verdict = await verify(
    provider.signature,
    { headers: call.request.headers, pathKey: call.params.key ?? null, body },
    secrets ?? {},
    keysetUrl === undefined ? async () => "unavailable" : keysetAt(keysetUrl, call.nowMs),
  );
  if (verdict === "refused") return "unauthenticated";
  if (verdict === "unavailable") return "unavailable";
  const greets = verdict === "handshake" && "handshake" in provider.signature;
  return { handshake: greets ? provider.signature.handshake.status : null };
}

/** Step 4: everything of known accounts is kept; the rest is only counted. */
async function take(call: WebhookCall, provider: Provider, delivery: Delivery): Promise<void> {
  const { items, notices, claims, unknown } = delivery;
  const accounts = [...items, ...notices, ...claims].map((entry) => entry.account);
  const connections = await lookUp(call.ports, provider, accounts);
  const outcomes = await deliver(call.ports, provider, items, connections, call.nowMs);
  await Promise.all(
    [...noticesBy(notices, connections)].map(([connection, mine]) =>
      call.ports.connection(connection.id).notice(mine),
    ),
  );
  call.later(tellReceived(call, items, outcomes, connections));
  const said = new Map(claims.map((c) => [JSON.stringify([c.account, c.claim]), c]));
  await Promise.all(
    [...said.values()].map(({ account, claim }) => {
      const connection = connections.get(account);
      return connection && call.ports.connection(connection.id).unconfirmed(claim);
    }),
  );
  logLine({
    event: "delivery",
    requestId: call.requestId,
    provider: provider.name,
    items: accounts.length + unknown,
    dropped: accounts.filter((a) => !connections.has(a)).length + unknown,
    parked: outcomes.filter((o) => typeof o === "object" || o === "unreadable").length,
    recorded: outcomes.filter((o) => o === "new" || o === "corrected").length,
    duplicates: outcomes.filter((o) => o === "duplicate" || o === "older").length,
    forgotten: outcomes.filter((o) => o === "forgotten").length,
  });
  count(call, provider, { deliveries: 1, notices: notices.length, items: items.length });
}

/**
 * Connections learn that data came by itself. It is durable already, and only what is shown hangs on
 * this: the answer neither waits for it nor changes by it.
 */
async function tellReceived(
  { ports, requestId }: WebhookCall,
  items: readonly Item[],
  outcomes: readonly ItemOutcome[],
  connections: ReadonlyMap<string, ConnectionRow>,
): Promise<void> {
  const received = new Map<ConnectionId, number>();
  items.forEach(({ account }, i) => {
    const connection = connections.get(account);
    if (connection === undefined || outcomes[i] === "dropped") return;
    received.set(connection.id, (received.get(connection.id) ?? 0) + 1);
  });
  for (const [connection, n] of received)
    try {
      await ports.connection(connection).received(n);
    } catch (error) {
      logLine({ event: "received", requestId, outcome: "untold", error: errorClass(error) });
    }
}

function noticesBy(
  notices: readonly AccountNotice[],
  connections: ReadonlyMap<string, ConnectionRow>,
): Map<ConnectionRow, Notice[]> {
  const by = new Map<ConnectionRow, Notice[]>();
  for (const { account, ...notice } of notices) {
    const connection = connections.get(account);
    if (connection !== undefined) by.set(connection, [...(by.get(connection) ?? []), notice]);
  }
  return by;
}
