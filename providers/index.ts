/**
 * The list of providers: adding one is a file and a line here. A name is a part of URLs, of
 * identities and of stored rows, so it never changes. Which stream each feeds stands in the
 * provider itself.
 */
import { adyen } from "./adyen.ts";
import { appleHealth } from "./apple-health.ts";
import { audioscrobbler } from "./audioscrobbler.ts";
import { concept2 } from "./concept2.ts";
import { coros } from "./coros.ts";
import { files } from "./files.ts";
import { fitbit } from "./fitbit.ts";
import { garmin } from "./garmin.ts";
import { googleHealth } from "./google-health.ts";
import { healthAutoExport } from "./health-auto-export.ts";
import { healthConnect } from "./health-connect.ts";
import { junction } from "./junction.ts";
import { listenWebhooks } from "./listen-webhooks.ts";
import { listenbrainz } from "./listenbrainz.ts";
import { oura } from "./oura.ts";
import { polar } from "./polar.ts";
import { poslog } from "./poslog.ts";
import type { Provider } from "./provider.ts";
import { saleWebhooks } from "./sale-webhooks.ts";
import { shopify } from "./shopify.ts";
import { spotify } from "./spotify.ts";
import { square } from "./square.ts";
import { standardWebhooks } from "./standard-webhooks.ts";
import { strava } from "./strava.ts";
import { suunto } from "./suunto.ts";
import { terra } from "./terra.ts";
import { wahoo } from "./wahoo.ts";
import { whoop } from "./whoop.ts";
import { withings } from "./withings.ts";

export const providers = {
  garmin,
  "google-health": googleHealth,
  "apple-health": appleHealth,
  files,
  fitbit,
  polar,
  whoop,
  oura,
  suunto,
  terra,
  junction,
  "standard-webhooks": standardWebhooks,
  strava,
  withings,
  wahoo,
  "health-auto-export": healthAutoExport,
  "health-connect": healthConnect,
  coros,
  concept2,
  listenbrainz,
  audioscrobbler,
  spotify,
  "listen-webhooks": listenWebhooks,
  shopify,
  square,
  adyen,
  poslog,
  "sale-webhooks": saleWebhooks,
} as const satisfies Record<string, Provider>;

export type ProviderName = keyof typeof providers;

/** The provider of that name; undefined when there is none. */
export const providerNamed = (name: string): Provider | undefined =>
  Object.hasOwn(providers, name) ? providers[name as ProviderName] : undefined;

/** What of whom only its owner may see (`Settings.ownerOnly`); what only they know never scores. */
export const ownerOnlyProviders: readonly string[] = Object.values<Provider>(providers).flatMap(
  ({ name, facts }) => ownerOnlyOf(name, facts),
);

export function ownerOnlyOf(
  name: string,
  { othersMaySee, ownerOnlyFrom = [] }: Pick<Provider["facts"], "othersMaySee" | "ownerOnlyFrom">,
): readonly string[] {
  if (othersMaySee === false) return [name];
  const passedOn = ownerOnlyFrom.map((maker) => `${name}<${maker}`);
  if (othersMaySee === true) return passedOn;
  return [...passedOn, ...othersMaySee.allBut.map((field) => `${name}/${field}`)];
}
