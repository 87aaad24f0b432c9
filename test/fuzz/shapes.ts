/**
 * What providers deliver, each in its documented shapes, of accounts that are linked here; and how a
 * body of any bytes is proved to come from it. Signing is written from what providers document.
 */
import { createHmac } from "node:crypto";
import { linkByReference, type ReferringProvider, signers } from "../../local/deliveries.ts";
import { call, enrol, expectStatus } from "../../local/people.ts";
import type { System } from "../../local/system.ts";
import { garminActivity, garminBody, garminDetails } from "../fakes/rides.ts";
import { bodyOf, item, signed as signedItem } from "../providers/cases/adyen.ts";
import { cases as garminCases } from "../providers/cases/garmin.ts";
import { cases as healthAutoExport } from "../providers/cases/health-auto-export.ts";
import { cases as healthConnect } from "../providers/cases/health-connect.ts";
import { event, sale } from "../providers/cases/sale-webhooks.ts";
import { order } from "../providers/cases/shopify.ts";
import { payment, refund, event as squareEvent } from "../providers/cases/square.ts";
import { posLog } from "../system/tills.ts";
import { accounts, type Callers, linked } from "./callers.ts";
import { granted, notices, referred } from "./notices.ts";

export interface Shape {
  readonly provider: string;
  /** Text, or what is written down as JSON. */
  readonly said: string | object;
}

const listens = (type: string, more: object) => ({
  type,
  timestamp: "2026-11-21T11:59:58Z",
  data: { account: listener, ...more },
});
const play = {
  ...{ id: "play-81", listenedAt: "2026-11-14T09:00:00+01:00", artist: "Kraftwerk" },
  track: "The Model",
};
const listener = "listener-7";
const seller = "seller-7";
/** Accounts of every provider that has any, linked to one member each. */
export async function linkAccounts(system: System, callers: Callers): Promise<void> {
  const settings = { zone: "Europe/Amsterdam" };
  const who = await enrol(system, "subject-deliveries", "Name deliveries", ["member"], settings);
  for (const [provider, account] of Object.entries(granted))
    await linked(system, who, provider, account);
  for (const [provider, account] of Object.entries(referred))
    await linkByReference(system, who, provider as ReferringProvider, account);
  for (const [provider, account] of [
    ["sale-webhooks", seller],
    ["listen-webhooks", listener],
  ] as const) {
    const { token } = who;
    const path = `/v1/connections/${provider}`;
    const given = await call(system.url, "POST", path, { token, body: {} });
    const { reference } = expectStatus(given, 201).body;
    const said = { type: "account.linked", timestamp: "2026-11-21T11:59:58Z" };
    const body = JSON.stringify({ ...said, data: { account, reference } });
    const { path: door, headers } = await proved(system, callers, provider, body, Date.now());
    expectStatus(await call(system.url, "POST", door, { body, headers: { ...headers } }), 200);
  }
}

const itemsOf = (of: typeof garminCases): readonly { kind: string; item: unknown }[] =>
  [...of.timeZones, ...(of.samples ?? []), of.unknownType].map(({ kind, item: one }) => ({
    kind,
    item: one,
  }));

const garminRide = {
  ...{ account: accounts.garmin.ann, id: "990001", startMs: Date.UTC(2026, 9, 20, 6) },
  ...{ elapsedSeconds: 1800, distanceM: 9000, everySeconds: 300 },
};

function garminShapes(): object[] {
  const userId = accounts.garmin.ann;
  const items = itemsOf(garminCases).flatMap(({ kind, item: one }) =>
    typeof one === "object" ? [{ [kind]: [{ ...one, userId }] }] : [],
  );
  return [
    garminBody(garminActivity(garminRide), garminDetails(garminRide)),
    {
      userPermissionsChange: [{ userId, permissions: ["ACTIVITY_EXPORT"], changeTimeInSeconds: 1 }],
    },
    {
      activities: [
        { userId, callbackURL: "https://apis.garmin.com/wellness-api/rest/activities?x=1" },
      ],
    },
    ...items,
  ];
}

/** Every shape there is. `system` notifies in Google's form. */
export function shapesOf(system: System): readonly Shape[] {
  const atMs = garminRide.startMs;
  const notified = (operation: "UPSERT" | "DELETE") =>
    system.provider.notification(accounts.google.ann, operation, atMs, atMs + 3_600_000, "1");
  const of = (provider: string, ...said: (string | object)[]): Shape[] =>
    said.map((one) => ({ provider, said: one }));
  const parsed = (text: string) => JSON.parse(text) as object;
  return [
    ...of("garmin", ...garminShapes()),
    ...of("google-health", notified("UPSERT"), notified("DELETE"), [notified("UPSERT")]),
    ...Object.entries(notices).flatMap(([provider, said]) => of(provider, ...said)),
    ...itemsOf(healthAutoExport).flatMap(({ kind, item: one }) =>
      of("health-auto-export", { data: { [kind === "workout" ? "workouts" : "metrics"]: [one] } }),
    ),
    ...itemsOf(healthConnect).flatMap(({ item: one }) => of("health-connect", { records: [one] })),
    ...of("listenbrainz", {
      listen_type: "import",
      payload: [
        {
          listened_at: atMs / 1000,
          track_metadata: { artist_name: "Kraftwerk", track_name: "Antenna" },
        },
      ],
    }),
    ...of(
      "listen-webhooks",
      listens("listens.submitted", { listens: [play] }),
      listens("listens.deleted", { ids: ["play-81"] }),
    ),
    ...of("shopify", order(), order({ updated_at: "2026-11-15T08:00:00+01:00" })),
    ...of(
      "square",
      parsed(squareEvent("payment.updated", { payment: payment() })),
      parsed(squareEvent("refund.updated", { refund: refund() })),
    ),
    ...of("adyen", parsed(bodyOf(signedItem(item(), system.secrets.signing.adyen)))),
    ...of(
      "poslog",
      posLog([
        {
          store: "Dam",
          sequence: 7,
          day: "2026-11-14",
          pieces: 2,
          cents: 250,
          card: "4111111111111111",
        },
      ]),
    ),
    ...of(
      "sale-webhooks",
      parsed(event("sales.recorded", { account: seller, sales: [sale()] })),
      parsed(event("sales.deleted", { account: seller, ids: [{ id: "S-81", revision: 2 }] })),
    ),
  ];
}

export interface Letter {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

/** A body as it stands in what its provider sends; Withings writes a form. */
export function written({ provider, said }: Shape, secrets: System["secrets"]): string {
  if (typeof said === "string") return said;
  if (provider === "withings" && !Array.isArray(said))
    return new URLSearchParams(said as Record<string, string>).toString();
  if (provider === "wahoo" && !Array.isArray(said))
    return JSON.stringify({ ...said, webhook_token: secrets.shared.wahoo });
  return JSON.stringify(said);
}

const mac = (secret: string, ...parts: (string | Uint8Array)[]) =>
  parts.reduce((of, part) => of.update(part), createHmac("sha256", secret)).digest("base64");

/** Addressed and signed as its provider does, whatever the bytes are. `atMs`: when it is sent. */
export async function proved(
  system: System,
  { keys }: Callers,
  provider: string,
  body: string | Uint8Array,
  atMs: number,
): Promise<Letter> {
  const { secrets } = system;
  const pathKey = (secrets.pathKeys as Record<string, string>)[provider] ?? keys[provider];
  const path = `/webhooks/${provider}${pathKey === undefined ? "" : `/${pathKey}`}`;
  // What is signed as a text is one: of bytes that are none, what a decoder makes of them.
  const sent = signsText(provider) && typeof body !== "string" ? String(Buffer.from(body)) : body;
  return { path, body: sent, headers: await headersOf(system, provider, path, sent, atMs) };
}

const signsText = (provider: string): boolean => provider in signers || /-webhooks$/.test(provider);

async function headersOf(
  system: System,
  provider: string,
  path: string,
  body: string | Uint8Array,
  atMs: number,
): Promise<Record<string, string>> {
  const { secrets, url } = system;
  const signing = secrets.signing as Record<string, string>;
  if (provider === "google-health")
    return {
      authorization: secrets.googleAuthorization,
      "google-health-api-signature": await system.provider.sign(body),
    };
  if (provider === "withings") return { "content-type": "application/x-www-form-urlencoded" };
  if (provider === "coros") {
    const [client = "", ...secret] = secrets.shared.coros.split(":");
    return { Client: client, Secret: secret.join(":") };
  }
  if (provider === "shopify") return { "x-shopify-hmac-sha256": mac(signing.shopify ?? "", body) };
  if (provider === "square")
    return { "x-square-hmacsha256-signature": mac(signing.square ?? "", `${url}${path}`, body) };
  const secret = signing[provider];
  const name = provider in signers ? (provider as keyof typeof signers) : "standard-webhooks";
  if (secret === undefined || provider === "adyen") return {};
  return signers[name]({ secret, body: String(body), atMs, id: `msg_${atMs}` });
}
