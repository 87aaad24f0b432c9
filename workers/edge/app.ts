/** The table of contents: what every request passes through, and every route there is. */
import { Hono } from "hono";
import { errorClass, logLine } from "../../kernel/wide-event.ts";
import { Unavailable } from "./ports.ts";
import { problem } from "./problem.ts";
import { type EdgeContext, mount, type Route } from "./route.ts";
import { accessLogRoutes } from "./routes/access-log.ts";
import { aggregateRoutes } from "./routes/aggregates.ts";
import { artistRoutes } from "./routes/artists.ts";
import { auditRoutes } from "./routes/audit.ts";
import { bookRoutes } from "./routes/books.ts";
import { breakGlassRoutes } from "./routes/break-glass.ts";
import { cardRoutes } from "./routes/cards.ts";
import { challengeStandingsRoutes } from "./routes/challenge-standings.ts";
import { challengeRoutes } from "./routes/challenges.ts";
import { connectionRoutes } from "./routes/connections.ts";
import { consentRoutes } from "./routes/consents.ts";
import { deadLetterRoutes } from "./routes/dead-letters.ts";
import { decisionRoutes } from "./routes/decisions.ts";
import { deviceRoutes } from "./routes/devices.ts";
import { docsRoutes } from "./routes/docs.ts";
import { erasureRoutes } from "./routes/erasures.ts";
import { exportRoutes } from "./routes/exports.ts";
import { fileRoutes } from "./routes/files.ts";
import { friendRoutes } from "./routes/friends.ts";
import { goalRoutes } from "./routes/goals.ts";
import { holdRoutes } from "./routes/holds.ts";
import { insightRoutes } from "./routes/insights.ts";
import { keyRoutes } from "./routes/keys.ts";
import { leaderboardRoutes } from "./routes/leaderboards.ts";
import { leaderboardAmongRoutes } from "./routes/leaderboards-among.ts";
import { leaderboardLiveRoutes } from "./routes/leaderboards-live.ts";
import { linkRoutes } from "./routes/links.ts";
import { listenImportRoutes } from "./routes/listen-imports.ts";
import { listenRoutes } from "./routes/listens.ts";
import { logRoutes } from "./routes/logs.ts";
import { meRoutes } from "./routes/me.ts";
import { memberWorkoutRoutes } from "./routes/member-workouts.ts";
import { oauthRoutes } from "./routes/oauth.ts";
import { opsRoutes } from "./routes/ops.ts";
import { opsArchiveRoutes } from "./routes/ops-archive.ts";
import { opsBillRoutes } from "./routes/ops-bill.ts";
import { opsProviderRoutes } from "./routes/ops-providers.ts";
import { opsReaderRoutes } from "./routes/ops-readers.ts";
import { opsRoyaltyRoutes } from "./routes/ops-royalties.ts";
import { privacyZoneRoutes } from "./routes/privacy-zones.ts";
import { providerRoutes } from "./routes/providers.ts";
import { readingRoutes } from "./routes/readings.ts";
import { readsRoutes } from "./routes/reads.ts";
import { receiptRoutes } from "./routes/receipts.ts";
import { rereadRoutes } from "./routes/rereads.ts";
import { rosterRoutes } from "./routes/roster.ts";
import { royaltyRoutes } from "./routes/royalties.ts";
import { sampleRoutes } from "./routes/samples.ts";
import { scrobbleRoutes } from "./routes/scrobble.ts";
import { settlementRoutes } from "./routes/settlements.ts";
import { shareRoutes } from "./routes/shares.ts";
import { signInRoutes } from "./routes/sign-in.ts";
import { snapshotRoutes } from "./routes/snapshots.ts";
import { storeRoutes } from "./routes/stores.ts";
import { submitListensRoutes } from "./routes/submit-listens.ts";
import { syncRoutes } from "./routes/sync.ts";
import { syncStatusRoutes } from "./routes/sync-status.ts";
import { teamStandingsRoutes } from "./routes/team-standings.ts";
import { teamRoutes } from "./routes/teams.ts";
import { webhookRoutes } from "./routes/webhooks.ts";
import { workoutRoutes } from "./routes/workouts.ts";

export const routes: readonly Route[] = [
  ...webhookRoutes,
  ...submitListensRoutes,
  ...scrobbleRoutes,
  ...syncRoutes,
  ...fileRoutes,
  ...listenImportRoutes,
  ...signInRoutes,
  ...meRoutes,
  ...providerRoutes,
  ...connectionRoutes,
  ...linkRoutes,
  ...oauthRoutes,
  ...syncStatusRoutes,
  ...leaderboardRoutes,
  ...leaderboardAmongRoutes,
  ...leaderboardLiveRoutes,
  ...challengeStandingsRoutes,
  ...challengeRoutes,
  // Before a team that is called "standings".
  ...teamStandingsRoutes,
  ...teamRoutes,
  ...friendRoutes,
  ...workoutRoutes,
  ...listenRoutes,
  ...artistRoutes,
  ...storeRoutes,
  ...bookRoutes,
  ...cardRoutes,
  ...settlementRoutes,
  ...snapshotRoutes,
  ...readsRoutes,
  ...decisionRoutes,
  ...aggregateRoutes,
  ...deviceRoutes,
  ...goalRoutes,
  ...sampleRoutes,
  ...insightRoutes,
  ...shareRoutes,
  ...readingRoutes,
  ...memberWorkoutRoutes,
  ...royaltyRoutes,
  ...consentRoutes,
  ...accessLogRoutes,
  ...exportRoutes,
  ...privacyZoneRoutes,
  ...rosterRoutes,
  ...breakGlassRoutes,
  ...opsRoutes,
  ...opsArchiveRoutes,
  ...opsProviderRoutes,
  ...opsBillRoutes,
  ...opsReaderRoutes,
  ...opsRoyaltyRoutes,
  ...deadLetterRoutes,
  ...rereadRoutes,
  ...keyRoutes,
  ...receiptRoutes,
  ...erasureRoutes,
  ...holdRoutes,
  ...auditRoutes,
  ...logRoutes,
  ...docsRoutes(() => routes),
];

export const app = new Hono<EdgeContext>();

const patterns = new Map<string, readonly Route[]>();
for (const each of routes) patterns.set(each.path, [...(patterns.get(each.path) ?? []), each]);
const polled = new Set(routes.filter((each) => each.isPolled).map((each) => each.path));

function allowedAt(at: readonly Route[], params: Readonly<Record<string, string>>): string {
  const methods = at.flatMap(({ method, headOnly }) => [
    ...(method === "get" ? ["HEAD"] : []),
    ...(headOnly?.(params) ? [] : [method.toUpperCase()]),
  ]);
  return [...new Set(methods)].sort().join(", ");
}

app.use(async (c, next) => {
  const startedMs = Date.now();
  c.set("requestId", crypto.randomUUID());
  await next();
  c.res.headers.set("x-request-id", c.get("requestId"));
  c.res.headers.set("x-content-type-options", "nosniff");
  c.res.headers.set("referrer-policy", "no-referrer");
  c.res.headers.set("strict-transport-security", "max-age=31536000");
  if (c.get("isShed") || (c.res.status < 400 && polled.has(c.req.routePath))) return;
  logLine({
    worker: "edge",
    event: "request",
    requestId: c.get("requestId"),
    method: c.req.method,
    route: c.req.routePath,
    status: c.res.status,
    durationMs: Date.now() - startedMs,
  });
});

for (const route of routes) mount(app, route);

for (const [path, at] of patterns)
  app.all(path, (c) => {
    const allow = allowedAt(at, c.req.param());
    return problem("method-not-allowed", c.get("requestId"), {}, { allow });
  });

app.notFound((c) => problem("not-found", c.get("requestId")));

/** What is overloaded is not asked again at once: others are, and it has to come to rest. */
const afterOverload = { "retry-after": "10" };

app.onError((error, c) => {
  const name = error instanceof Unavailable ? "unavailable" : "internal";
  const requestId = c.get("requestId");
  const reason = error instanceof Unavailable ? error.message : null;
  logLine({
    worker: "edge",
    event: "fault",
    requestId,
    outcome: name,
    reason,
    error: errorClass(error),
  });
  const isOverloaded = error instanceof Unavailable && error.isOverloaded;
  return problem(name, requestId, {}, isOverloaded ? afterOverload : {});
});
