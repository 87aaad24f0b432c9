/**
 * Who really recorded it: a hub such as Apple Health or Strava names the app that wrote a record,
 * and often that is another provider's own. Such a record is a forwarded copy even where it names
 * no original, and is believed less than what comes from that provider itself. The packages and
 * bundles are the ones under which these apps stand in the stores (read 2026-11).
 */
import type { WorkoutFact } from "./schema.ts";

const apps: readonly (readonly [provider: string, apps: RegExp])[] = [
  ["garmin", /^com\.garmin\.|^garmin/i],
  ["google-health", /^com\.fitbit\.|^com\.google\.android\.apps\.fitness|^fitbit/i],
  ["apple-health", /^com\.apple\./i],
  ["strava", /^com\.strava|^strava/i],
  ["polar", /^(com|fi)\.polar\.|^polar/i],
  ["suunto", /^com\.(sports-tracker|stt\.android)|^suunto/i],
  ["wahoo", /^com\.wahoofitness\.|^wahoo/i],
  ["coros", /^com\.(yf\.)?coros|^coros/i],
  ["oura", /^com\.ouraring\.|^oura/i],
  ["whoop", /^com\.whoop\.|^whoop/i],
  ["withings", /^com\.withings\.|^withings/i],
  ["zwift", /^com\.zwift\.|^zwift/i],
  ["concept2", /^com\.concept2\.|^concept2/i],
];

/** The provider whose app wrote it, if that is not the one it came from; else null. */
export function relayedFrom({
  app,
  provider,
}: Pick<WorkoutFact, "app" | "provider">): string | null {
  if (app === null) return null;
  const maker = apps.find(([, pattern]) => pattern.test(app))?.[0] ?? null;
  return maker === provider ? null : maker;
}
