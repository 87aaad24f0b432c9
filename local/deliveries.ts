/**
 * Delivering as each provider does: Garmin pushes, Google notifies, a phone syncs, those that sign
 * with a secret each in its own way, and those that sign nothing to an address that is the secret;
 * written from what they document and not from our verifier.
 */
import { createHmac, randomUUID } from "node:crypto";
import { bareIds } from "../test/fakes/provider-coros.ts";
import { appleBody, garminBody } from "../test/fakes/rides.ts";
import { type Answer, call, type Person } from "./people.ts";
import type { LocalSecrets } from "./settings.ts";
import type { System } from "./system.ts";

/** Garmin's push to its secret path. */
export const pushGarmin = (system: System, body: unknown, key?: string): Promise<Answer> =>
  call(system.url, "POST", `/webhooks/garmin/${key ?? system.secrets.garminPathKey}`, { body });

export const pushActivities = (
  system: System,
  ...items: Parameters<typeof garminBody>
): Promise<Answer> => pushGarmin(system, garminBody(...items));

/** Google's signed notice that an account's exercises changed in this time. */
export async function notifyGoogle(
  system: System,
  account: string,
  fromMs: number,
  toMs: number,
  gone?: string,
): Promise<Answer> {
  const operation = gone === undefined ? "UPSERT" : "DELETE";
  const notice = system.provider.notification(account, operation, fromMs, toMs, gone);
  const body = JSON.stringify(notice);
  return call(system.url, "POST", "/webhooks/google-health", {
    body,
    headers: {
      authorization: system.secrets.googleAuthorization,
      "google-health-api-signature": await system.provider.sign(body),
    },
  });
}

/** Moment and id are the delivery's own; who documents none signs none. */
interface Signing {
  readonly secret: string;
  readonly body: string;
  readonly atMs: number;
  readonly id: string;
}
type Headers = Record<string, string>;

const hmac = (hash: "sha1" | "sha256", key: string | Buffer, signed: string) =>
  createHmac(hash, key).update(signed);
const secondsOf = (atMs: number) => String(Math.floor(atMs / 1000));

/** Standard Webhooks 1.0.0, which Svix sends under names of its own. */
function standard(names: "webhook" | "svix", { secret, body, atMs, id }: Signing): Headers {
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  const time = secondsOf(atMs);
  const signature = hmac("sha256", key, `${id}.${time}.${body}`).digest("base64");
  return {
    [`${names}-id`]: id,
    [`${names}-timestamp`]: time,
    [`${names}-signature`]: `v1,${signature}`,
  };
}

export const signers = {
  fitbit: ({ secret, body }) => ({
    "x-fitbit-signature": hmac("sha1", `${secret}&`, body).digest("base64"),
  }),
  polar: ({ secret, body }) => ({
    "polar-webhook-signature": hmac("sha256", secret, body).digest("hex"),
  }),
  whoop: ({ secret, body, atMs }) => ({
    "x-whoop-signature": hmac("sha256", secret, `${atMs}${body}`).digest("base64"),
    "x-whoop-signature-timestamp": String(atMs),
  }),
  oura: ({ secret, body, atMs }) => ({
    "x-oura-signature": hmac("sha256", secret, `${secondsOf(atMs)}${body}`)
      .digest("hex")
      .toUpperCase(),
    "x-oura-timestamp": secondsOf(atMs),
  }),
  suunto: ({ secret, body }) => ({
    "x-hmac-sha256-signature": hmac("sha256", secret, body).digest("hex"),
  }),
  terra: ({ secret, body, atMs }) => {
    const time = secondsOf(atMs);
    const signature = hmac("sha256", secret, `${time}.${body}`).digest("hex");
    return { "terra-signature": `t=${time},v1=${signature}` };
  },
  junction: (of) => standard("svix", of),
  "standard-webhooks": (of) => standard("webhook", of),
} satisfies Partial<Record<keyof LocalSecrets["signing"], (of: Signing) => Headers>>;
/** Those that are played here: they sign with a secret that a deployment shares with them. */
export type SignedProvider = keyof typeof signers;

/** Signed by what the deployment holds, unless another secret is named; now, unless it is said when. */
export function deliverSigned(
  system: Pick<System, "url" | "secrets">,
  provider: SignedProvider,
  body: unknown,
  over: Partial<Omit<Signing, "body">> = {},
): Promise<Answer> {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const secret = over.secret ?? system.secrets.signing[provider];
  const of = { atMs: Date.now(), id: `msg_${randomUUID()}`, ...over, secret, body: text };
  const headers = signers[provider](of);
  return call(system.url, "POST", `/webhooks/${provider}`, { body: text, headers });
}

interface Unsigned {
  /** What stands in the body, or in headers, as it is. */
  readonly shared: string;
  /** Of Strava: what some saw it sign with. */
  readonly secret: string | null;
  readonly atMs: number;
}
interface Sent {
  readonly body: string;
  readonly headers: Headers;
}

const asJson = (body: object, headers: Headers = {}): Sent => ({
  body: JSON.stringify(body),
  headers,
});

const letters = {
  strava: (said, { secret, atMs }) => {
    const sent = asJson(said);
    if (secret === null) return sent;
    const time = secondsOf(atMs);
    const signature = hmac("sha256", secret, `${time}.${sent.body}`).digest("hex");
    return { ...sent, headers: { "x-strava-signature": `t=${time},v1=${signature}` } };
  },
  withings: (said) => ({
    body: new URLSearchParams(said as Record<string, string>).toString(),
    headers: { "content-type": "application/x-www-form-urlencoded" },
  }),
  wahoo: (said, { shared }) => asJson({ ...said, webhook_token: shared }),
  // Ids are bare integers there, of more digits than a number holds here.
  coros: (said, { shared }) => {
    const [client = "", ...secret] = shared.split(":");
    const body = bareIds(JSON.stringify(said));
    return { body, headers: { Client: client, Secret: secret.join(":") } };
  },
  concept2: (said) => asJson(said),
} satisfies Record<string, (said: object, of: Unsigned) => Sent>;
/** Those that sign nothing; some of them carry what they share with a deployment. */
export type UnsignedProvider = keyof typeof letters;
export const unsigned = Object.keys(letters) as UnsignedProvider[];

/** At the address that the deployment holds, with what it shares, unless others are named. */
export function deliverUnsigned(
  system: Pick<System, "url" | "secrets">,
  provider: UnsignedProvider,
  said: object,
  over: Partial<Unsigned> & { readonly pathKey?: string } = {},
): Promise<Answer> {
  const held: Readonly<Record<string, string>> = system.secrets.shared;
  const of = { shared: held[provider] ?? "", secret: null, atMs: Date.now(), ...over };
  const { body, headers } = letters[provider](said, of);
  const key = over.pathKey ?? system.secrets.pathKeys[provider];
  return call(system.url, "POST", `/webhooks/${provider}/${key}`, { body, headers });
}

/** What a member's own app delivers to: for the key that the member was given, an address. */
export const keyed = ["health-auto-export", "health-connect"] as const;
export type KeyedProvider = (typeof keyed)[number];

/** With the key at the end of the address, as the member pasted it, or as the bearer. */
export function deliverByKey(
  system: Pick<System, "url">,
  provider: KeyedProvider,
  key: string,
  body: object,
  by: "path" | "bearer" = "path",
): Promise<Answer> {
  const door = `/webhooks/${provider}`;
  return by === "path"
    ? call(system.url, "POST", `${door}/${key}`, { body })
    : call(system.url, "POST", door, { body, token: key });
}

/** Those whose accounts name their member by a word of ours. */
export const referring = ["terra", "junction", "standard-webhooks"] as const;
export type ReferringProvider = (typeof referring)[number];

/** The delivery in which each of them says that word back. */
export function saysBack(provider: ReferringProvider, account: string, reference: string): object {
  switch (provider) {
    case "terra": {
      const user = { user_id: account, provider: "GARMIN", reference_id: reference };
      return { type: "auth", status: "success", message: "", user, version: "2022-03-16" };
    }
    case "junction": {
      const data = { provider: { name: "Garmin", slug: "garmin" } };
      const of = { user_id: account, client_user_id: reference, team_id: "local" };
      return { event_type: "provider.connection.created", ...of, data };
    }
    case "standard-webhooks": {
      const timestamp = new Date().toISOString();
      return { type: "account.linked", timestamp, data: { account, reference } };
    }
  }
}

/** Has a word for it, and has the provider say it; whichever of the two was refused is the answer. */
export async function linkByReference(
  system: Pick<System, "url" | "secrets">,
  person: Person,
  provider: ReferringProvider,
  account: string,
): Promise<Answer> {
  const given = await call(system.url, "POST", `/v1/connections/${provider}`, {
    token: person.token,
    body: {},
  });
  const { reference } = given.body;
  if (given.status !== 201 || typeof reference !== "string") return given;
  return deliverSigned(system, provider, saysBack(provider, account, reference));
}

/** A phone's batch under its idempotency key. */
export const syncPhone = (
  system: System,
  person: Person,
  key: string,
  workouts: Parameters<typeof appleBody>[0],
  deleted: readonly string[] = [],
): Promise<Answer> =>
  call(system.url, "POST", "/v1/sync", {
    token: person.token,
    headers: { "idempotency-key": key },
    body: appleBody(workouts, deleted),
  });

/** Two minutes in all: a machine that is busy with others is not one that is wrong. */
const triesMax = 2_400;
const betweenMs = 50;
/** Of what was waited so far: to ask more often learns little, and keeps who answers busy. */
const waitedShare = 0.1;
const betweenMsMax = 500;

/** Asks again until the answer satisfies; undefined when it never does. */
export async function until<T>(
  ask: () => Promise<T>,
  satisfied: (answer: T) => boolean,
  { tries = triesMax, everyMs = betweenMs } = {},
): Promise<T | undefined> {
  const last = await eventually(ask, satisfied, { tries, everyMs });
  return satisfied(last) ? last : undefined;
}

/**
 * As above; when it never satisfies, the last answer, which says what is wrong. It is patient for
 * `tries` times `everyMs` between the asking, and asks less often the longer it waits.
 */
export async function eventually<T>(
  ask: () => Promise<T>,
  satisfied: (answer: T) => boolean,
  { tries = triesMax, everyMs = betweenMs } = {},
): Promise<T> {
  let answer = await ask();
  let waitedMs = 0;
  for (let left = tries - 1; left > 0 && !satisfied(answer); ) {
    const pauseMs = Math.max(everyMs, Math.min(waitedMs * waitedShare, betweenMsMax));
    await new Promise((done) => setTimeout(done, pauseMs));
    waitedMs += pauseMs;
    left -= everyMs > 0 ? pauseMs / everyMs : 1;
    answer = await ask();
  }
  return answer;
}
