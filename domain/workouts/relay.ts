/**
 * Who really recorded it: a hub such as Apple Health, Strava or Terra names the app or the provider
 * that a record came from, and often that is another provider's own. Such a record is a forwarded
 * copy even where it names no original, and is believed less than what comes from that provider
 * itself. The packages and bundles are the ones under which these apps stand in the stores (read
 * 2026-11).
 */
import type { WorkoutFact } from "./schema.ts";

/** Fitbit became a part of Google Health: what its app wrote is either's own. */
const fitbit = "google-health";
const makers: Readonly<Record<string, string>> = { fitbit };

const apps: readonly (readonly [provider: string, apps: RegExp])[] = [
  ["garmin", /^com\.garmin\.|^garmin/i],
  [fitbit, /^com\.fitbit\.|^com\.google\.android\.apps\.fitness|^fitbit|^google/i],
  ["apple-health", /^com\.apple\.|^apple/i],
  ["strava", /^com\.strava|^strava/i],
  ["polar", /^(com|fi)\.polar\.|^polar/i],
  ["suunto", /^com\.(sports-tracker|stt\.android)|^suunto/i],
  ["wahoo", /^com\.wahoofitness\.|^wahoo/i],
  ["coros", /^com\.(yf\.)?coros|^coros/i],
  ["oura", /^com\.ouraring\.|^oura/i],
  ["whoop", /^com\.whoop\.|^whoop/i],
  ["withings", /^com\.withings\.|^withings/i],
  ["zwift", /^com\.zwift\.|^zwift/i],
  ["peloton", /^com\.(onepeloton|peloton)|^peloton/i],
  ["samsung-health", /^com\.(sec\.android\.app\.shealth|samsung\.)|^samsung/i],
  ["concept2", /^com\.concept2\.|^concept2/i],
];

/** The provider whose app wrote it, if that is not the one it came from; else null. */
export function relayedFrom({
  app,
  provider,
}: Pick<WorkoutFact, "app" | "provider">): string | null {
  if (app === null) return null;
  const maker = apps.find(([, pattern]) => pattern.test(app))?.[0] ?? null;
  return maker === makerOf(provider) ? null : maker;
}

const makerOf = (provider: string): string => makers[provider] ?? provider;

type Made = Pick<WorkoutFact, "app" | "provider">;

/** Does one tell what came from the provider that the other came from itself? */
export function isRelayOf(copy: Made, original: Made): boolean {
  const from = relayedFrom(copy);
  return from !== null && from === makerOf(original.provider) && relayedFrom(original) === null;
}
