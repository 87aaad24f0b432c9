/**
 * Members' accounts at the providers, linked as each of them is: by a grant, or by a word that the
 * provider says back; and the doors of all providers, as `.singlet/local.json` lists them.
 */
import { createHash } from "node:crypto";
import {
  keyed,
  linkByReference,
  type ReferringProvider,
  referring,
  type SignedProvider,
  type UnsignedProvider,
  unsigned,
} from "./deliveries.ts";
import { accountOf, call, expectStatus, link, memberNames, type People } from "./people.ts";
import type { System } from "./system.ts";

type LinkedProvider = SignedProvider | UnsignedProvider;
const granted = ["fitbit", "polar", "whoop", "oura", "suunto", ...unsigned] as const;
const linked: readonly LinkedProvider[] = [...granted, ...referring];
/** Those that call an account by a number. */
const numbering: readonly LinkedProvider[] = [
  "polar",
  "whoop",
  "strava",
  "withings",
  "wahoo",
  "concept2",
];

const isReferring = (provider: string): provider is ReferringProvider =>
  referring.some((one) => one === provider);

const isLinked = (provider: string): provider is LinkedProvider =>
  linked.some((one) => one === provider);

/** In the form of the provider's own: some are numbers. */
export function accountAt(provider: LinkedProvider, name: string): string {
  const digest = createHash("sha256").update(accountOf(provider, name)).digest();
  const isNumber = numbering.includes(provider);
  return isNumber ? String(digest.readUInt32BE()) : accountOf(provider, name);
}

/** Of one that was added and is not played here, nobody has an account before they link it. */
const accountsAt = (provider: string): Record<string, string> =>
  isLinked(provider)
    ? Object.fromEntries(memberNames.map((name) => [name, accountAt(provider, name)]))
    : {};

/** Every member at each of them; done again, it changes nothing. */
export async function linkAccounts(system: System, people: People): Promise<void> {
  for (const name of memberNames) {
    const person = people.members[name];
    const { token } = person;
    const answer = await call(system.url, "GET", "/v1/connections", { token });
    const { items } = expectStatus(answer, 200).body;
    const has = new Set(items.map((one: { provider: string }) => one.provider));
    const missing = linked.filter((provider) => !has.has(provider));
    await Promise.all(
      missing.map(async (provider) => {
        const account = accountAt(provider, name);
        if (isReferring(provider))
          expectStatus(await linkByReference(system, person, provider, account), 200);
        else expectStatus(await link(system, person, provider, account), 201);
      }),
    );
  }
}

/** By provider: where it delivers, what it is proven by, and what members are called there. */
export function doorsOf(system: System, people: People): Record<string, object> {
  const { url, secrets, provider } = system;
  const { accounts } = people;
  const doors: Record<string, object> = {
    garmin: {
      webhookUrl: `${url}/webhooks/garmin/${secrets.garminPathKey}`,
      secret: secrets.garminPathKey,
      account: accounts.garmin,
    },
    "google-health": {
      webhookUrl: `${url}/webhooks/google-health`,
      secret: secrets.googleAuthorization,
      account: accounts["google-health"],
      apiUrl: provider.url,
      signingKey: provider.signingKey,
      keyId: provider.keyId,
    },
    "apple-health": {
      webhookUrl: `${url}/v1/sync`,
      secret: "",
      account: Object.fromEntries(memberNames.map((name) => [name, name])),
    },
  };
  const words: Readonly<Record<string, string>> = secrets.verification;
  const played: readonly string[] = granted;
  const shared: Readonly<Record<string, string>> = secrets.shared;
  for (const [name, key] of Object.entries(secrets.pathKeys))
    doors[name] ??= {
      webhookUrl: `${url}/webhooks/${name}/${key}`,
      secret: shared[name] ?? key,
      ...(words[name] === undefined ? {} : { verification: words[name] }),
      account: accountsAt(name),
      ...(played.includes(name) ? { apiUrl: provider.url } : {}),
    };
  // A member's key is shown once, to the member: POST /v1/connections/<name>.
  for (const name of keyed)
    doors[name] = { webhookUrl: `${url}/webhooks/${name}`, secret: "", account: {} };
  for (const [name, secret] of Object.entries(secrets.signing))
    doors[name] = {
      webhookUrl: `${url}/webhooks/${name}`,
      secret,
      ...(words[name] === undefined ? {} : { verification: words[name] }),
      account: accountsAt(name),
      ...(played.includes(name) ? { apiUrl: provider.url } : {}),
    };
  return doors;
}
