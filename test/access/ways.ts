/**
 * How each route is asked, so that whoever may is really answered: a path, a body and the id, code
 * or key that decides. Which of them a caller means is put in by whoever asks.
 */
import { createHash } from "node:crypto";
import { addDays, localDate } from "../../domain/time.ts";
import type { Person } from "../../local/people.ts";
import { artist, type Cast, pastDay, period, stepsOn } from "./cast.ts";

export interface Way {
  /** What decides, where something does: the owner's. */
  readonly own?: string;
  path(id: string): string;
  body?(id: string): object | string;
  headers?(id: string): Readonly<Record<string, string>>;
  /** Answers that are a success here, and no 2xx or 3xx. */
  readonly also?: readonly number[];
  /** What a refusal says where a foreign protocol is spoken: a status or words. */
  readonly refusedBy?: number | RegExp;
  /** Whoever may, here: who leaves is nobody else in the cast. */
  readonly by?: Person;
  /** Wrong ones are counted, and not heard when they are too many. */
  readonly isCounted?: true;
  /** Server-sent events: they do not end by themselves. */
  readonly isStream?: true;
}

const md5 = (text: string) => createHash("md5").update(text).digest("hex");
const today = localDate(Date.now(), 0);
const heard = { track_metadata: { artist_name: artist, track_name: "Now" } };
const played = {
  ...{ ts: `${pastDay}T12:00:00Z`, username: "somebody", ms_played: 200_000, conn_country: "DE" },
  master_metadata_track_name: "A track",
  master_metadata_album_artist_name: "Another band",
  spotify_track_uri: `spotify:track:${"0".repeat(22)}`,
};
const challenge = {
  ...{ name: "For all", measure: "distance", joining: "everybody", from: today },
  to: addDays(today, 7),
};
const gpx = `<?xml version="1.0"?><gpx version="1.1" creator="a test"
  xmlns="http://www.topografix.com/GPX/1/1"><trk><trkseg>
  <trkpt lat="52.1" lon="4.9"><ele>1</ele><time>${pastDay}T18:00:00Z</time></trkpt>
  <trkpt lat="52.11" lon="4.9"><ele>2</ele><time>${pastDay}T18:05:00Z</time></trkpt>
  </trkseg></trk></gpx>`;
const window = `from=${addDays(today, -400)}T00:00:00Z&to=${addDays(today, -300)}T00:00:00Z`;

export function waysOf({ people, things, system, leaver }: Cast): Readonly<Record<string, Way>> {
  const of = (name: string): string => {
    const thing = things[name];
    if (thing === undefined) throw new Error(`there is no ${name}`);
    return thing;
  };
  const at = (path: string, more: Omit<Way, "path"> = {}): Way => ({ path: () => path, ...more });
  const owned = (own: string, path: (id: string) => string, more: Omit<Way, "path"> = {}): Way => ({
    ...{ own, path },
    ...more,
  });
  const owner = people.owner.id;
  const merchant = (rest: string, more: Omit<Way, "path"> = {}): Way =>
    owned(owner, (id) => `/v1/merchants/${id}${rest}`, more);
  const days = `from=${pastDay}&to=${pastDay}`;
  const said = (body: object): Pick<Way, "body"> => ({ body: () => body });
  const reader = { member: people.another.id, role: "label", of: artist };
  const playing = said({ listen_type: "playing_now", payload: [heard] });
  const bearer = (key: string) => ({ authorization: `Bearer ${key}` });
  const form = { "content-type": "application/x-www-form-urlencoded" };
  const badSession = { refusedBy: /^BADSESSION\n/, headers: () => form };
  const session = (id: string) => new URLSearchParams({ s: id }).toString();
  const shakes = (path: string): Way =>
    owned(
      of("scrobbling"),
      (key) => {
        const t = String(Math.floor(Date.now() / 1000));
        const said = { hs: "true", p: "1.2", c: "tst", v: "1.0", u: key, t };
        return `${path}?${new URLSearchParams({ ...said, a: md5(`${md5(key)}${t}`) })}`;
      },
      { refusedBy: /^BADAUTH\n/ },
    );
  const word = system.secrets.verification;
  return {
    "GET /webhooks/:provider": owned(word.fitbit ?? "", (id) => `/webhooks/fitbit?verify=${id}`),
    "GET /webhooks/:provider/:key": owned(
      system.secrets.pathKeys.strava ?? "",
      (id) =>
        `/webhooks/strava/${id}?hub.mode=subscribe&hub.challenge=x&hub.verify_token=${word.strava}`,
    ),
    "POST /webhooks/:provider": owned(of("listening"), () => "/webhooks/listenbrainz", {
      headers: bearer,
      ...playing,
    }),
    "POST /webhooks/:provider/:key": owned(
      of("listening"),
      (id) => `/webhooks/listenbrainz/${id}`,
      playing,
    ),
    "POST /1/submit-listens": owned(of("listening"), () => "/1/submit-listens", {
      headers: (id) => ({ authorization: `Token ${id}` }),
      ...playing,
    }),
    "GET /1/validate-token": owned(of("listening"), () => "/1/validate-token", {
      headers: (id) => ({ authorization: `Token ${id}` }),
      refusedBy: /"valid":false|"You need to provide/,
    }),
    "GET /scrobble": shakes("/scrobble"),
    "GET /scrobble/": shakes("/scrobble/"),
    "POST /scrobble/submissions": owned(of("session"), () => "/scrobble/submissions", {
      ...badSession,
      body: (id) => `${session(id)}&a[0]=A&t[0]=T&i[0]=1700000000&o[0]=P&l[0]=200`,
    }),
    "POST /scrobble/now-playing": owned(of("session"), () => "/scrobble/now-playing", {
      ...badSession,
      body: session,
    }),
    "GET /oauth/:provider/callback": owned(
      of("state"),
      (id) => `/oauth/polar/callback?code=any&state=${id}`,
      { refusedBy: 422 },
    ),

    "GET /v1/sign-in": at("/v1/sign-in"),
    "POST /v1/sign-in": owned(of("refresh"), () => "/v1/sign-in", {
      body: (id) => ({ grant: "refresh", refreshToken: id }),
    }),
    "GET /v1/me": at("/v1/me"),
    "PUT /v1/me": at("/v1/me", said({})),
    "DELETE /v1/me": at("/v1/me", { by: leaver }),
    "POST /v1/sync": at("/v1/sync", said({ samples: [stepsOn(pastDay)] })),
    "POST /v1/files": at("/v1/files", { body: () => gpx }),
    "POST /v1/imports/spotify": at("/v1/imports/spotify", { body: () => JSON.stringify([played]) }),

    "GET /v1/providers": at("/v1/providers"),
    "GET /v1/connections": at("/v1/connections"),
    "POST /v1/connections/:connection": at("/v1/connections/polar", said({})),
    "DELETE /v1/connections/:connection": owned(of("garmin"), (id) => `/v1/connections/${id}`),
    "POST /v1/connections/:connection/sync": owned(
      of("garmin"),
      (id) => `/v1/connections/${id}/sync`,
    ),
    "POST /v1/connections/:connection/lift": owned(
      of("garmin"),
      (id) => `/v1/connections/${id}/lift`,
    ),
    "GET /v1/sync-status": at("/v1/sync-status", { isStream: true }),

    "GET /v1/leaderboards": at("/v1/leaderboards"),
    "GET /v1/leaderboards/:board": at("/v1/leaderboards/distance"),
    "GET /v1/leaderboards/:board/live": at("/v1/leaderboards/distance/live", { also: [426] }),
    "GET /v1/leaderboards/:board/me": at("/v1/leaderboards/distance/me"),
    "GET /v1/leaderboards/:board/friends": at("/v1/leaderboards/distance/friends"),
    "GET /v1/leaderboards/:board/teams/:team": owned(
      of("team"),
      (id) => `/v1/leaderboards/distance/teams/${id}`,
    ),
    "GET /v1/challenges": at("/v1/challenges"),
    "POST /v1/challenges": at("/v1/challenges", said(challenge)),
    "GET /v1/challenges/:id": owned(of("challenge"), (id) => `/v1/challenges/${id}`),
    "PATCH /v1/challenges/:id": at(`/v1/challenges/${of("challenge")}`, said({ name: "Ours" })),
    "DELETE /v1/challenges/:id": at(`/v1/challenges/${of("challenge")}`),
    "PUT /v1/challenges/:id/me": owned(
      of("challenge"),
      (id) => `/v1/challenges/${id}/me`,
      said({}),
    ),
    "DELETE /v1/challenges/:id/me": at(`/v1/challenges/${of("challenge")}/me`),
    "GET /v1/challenges/:id/standings": owned(
      of("challenge"),
      (id) => `/v1/challenges/${id}/standings`,
    ),
    "GET /v1/challenges/:id/standings/me": owned(
      of("challenge"),
      (id) => `/v1/challenges/${id}/standings/me`,
    ),
    "GET /v1/teams/standings": at("/v1/teams/standings"),
    "GET /v1/teams": at("/v1/teams"),
    "POST /v1/teams": at("/v1/teams", said({ name: "Another" })),
    "GET /v1/teams/:id": owned(of("team"), (id) => `/v1/teams/${id}`),
    "PUT /v1/teams/:id/code": owned(of("team"), (id) => `/v1/teams/${id}/code`),
    "POST /v1/teams/:id/members": owned(of("teamCode"), () => `/v1/teams/${of("team")}/members`, {
      body: (code) => ({ code }),
    }),
    "DELETE /v1/teams/:id/members/me": at(`/v1/teams/${of("team")}/members/me`),
    "GET /v1/friends": at("/v1/friends"),
    "PUT /v1/friends/:friend": at(`/v1/friends/${of("friend")}`),
    "DELETE /v1/friends/:friend": at(`/v1/friends/${of("friend")}`),

    "GET /v1/workouts": at("/v1/workouts"),
    "DELETE /v1/workouts": at(`/v1/workouts?${window}`),
    "GET /v1/workouts/:id": owned(of("workout"), (id) => `/v1/workouts/${id}`),
    "DELETE /v1/workouts/:id": owned(of("gone"), (id) => `/v1/workouts/${id}`),
    "POST /v1/workouts/join": owned(of("workout"), () => "/v1/workouts/join", {
      body: (id) => ({ workouts: [of("joined"), id] }),
    }),
    "POST /v1/workouts/:id/split": owned(
      of("joined"),
      (id) => `/v1/workouts/${id}/split`,
      said({ records: [of("record")] }),
    ),
    "GET /v1/decisions": at("/v1/decisions"),
    "DELETE /v1/decisions/:id": owned(of("decision"), (id) => `/v1/decisions/${id}`),
    "GET /v1/listens": at("/v1/listens"),
    "DELETE /v1/listens": at(`/v1/listens?${window}`),
    "GET /v1/listens/:id": owned(of("listen"), (id) => `/v1/listens/${id}`),
    "DELETE /v1/listens/:id": owned(of("left"), (id) => `/v1/listens/${id}`),

    "GET /v1/summary": owned(owner, (id) => `/v1/summary?date=${pastDay}&types=steps&member=${id}`),
    "GET /v1/aggregates": owned(
      owner,
      (id) => `/v1/aggregates?types=steps&start=${pastDay}&end=${pastDay}&member=${id}`,
    ),
    "GET /v1/members/:id/readings/:column": owned(
      owner,
      (id) => `/v1/members/${id}/readings/heart_rate?workout=${of("workout")}`,
    ),
    "GET /v1/members/:id/workouts": owned(owner, (id) => `/v1/members/${id}/workouts`),
    "GET /v1/roster": at("/v1/roster"),
    "GET /v1/devices": at("/v1/devices"),
    "PUT /v1/devices": at("/v1/devices", said({ order: [] })),
    "GET /v1/goals": at("/v1/goals"),
    "PUT /v1/goals": at("/v1/goals", said({ goals: {} })),
    "DELETE /v1/samples": at(`/v1/samples?${window}`),
    "GET /v1/insights": at("/v1/insights"),
    "POST /v1/insights/:id/ack": owned(of("insight"), (id) => `/v1/insights/${id}/ack`),
    "GET /v1/consents": at("/v1/consents"),
    "POST /v1/consents": at(
      "/v1/consents",
      said({ grantee: { role: "coach" }, columns: ["title"], effect: "forbid" }),
    ),
    "DELETE /v1/consents/:id": owned(of("consent"), (id) => `/v1/consents/${id}`),
    "GET /v1/privacy-zones": at("/v1/privacy-zones"),
    "PUT /v1/privacy-zones": at("/v1/privacy-zones", said({ endsM: 200, places: [] })),
    "GET /v1/shares": at("/v1/shares"),
    "POST /v1/shares": at(
      "/v1/shares",
      said({ recipient: "anybody", types: ["steps"], start: pastDay, end: pastDay }),
    ),
    "POST /v1/shares/open": owned(of("code"), () => "/v1/shares/open", {
      body: (code) => ({ code }),
      isCounted: true,
    }),
    "DELETE /v1/shares/:id": owned(of("share"), (id) => `/v1/shares/${id}`),
    "GET /shared": at("/shared"),
    "POST /v1/exports": at("/v1/exports", said({ formats: ["gpx"] })),
    "GET /v1/exports": at("/v1/exports"),
    "GET /v1/exports/:id": owned(of("export"), (id) => `/v1/exports/${id}`),
    "GET /v1/exports/:id/files/:name": owned(
      of("export"),
      (id) => `/v1/exports/${id}/files/${of("file")}`,
    ),
    "DELETE /v1/exports/:id": owned(of("export"), (id) => `/v1/exports/${id}`),
    "GET /v1/receipts/:id": owned(of("receipt"), (id) => `/v1/receipts/${id}`),

    "GET /v1/reads": at("/v1/reads"),
    "GET /v1/artists/:artist/live": owned(
      artist,
      (id) => `/v1/artists/${encodeURIComponent(id)}/live`,
    ),
    "GET /v1/artists/:artist/live/stream": owned(
      artist,
      (id) => `/v1/artists/${encodeURIComponent(id)}/live/stream`,
      { isStream: true },
    ),
    "GET /v1/royalties": at("/v1/royalties"),
    "GET /v1/royalties/:period": at(`/v1/royalties/${period}`),
    "GET /v1/royalties/:period/dsr": at(`/v1/royalties/${period}/dsr`),
    "GET /v1/merchants/:merchant/live": merchant("/live"),
    "GET /v1/merchants/:merchant/live/stream": merchant("/live/stream", { isStream: true }),
    "PUT /v1/merchants/:merchant/stores/:store/stock/:sku": merchant(
      "/stores/Store/stock/SKU-2",
      said({ counted: 3, threshold: 1, countedAt: new Date().toISOString() }),
    ),
    "GET /v1/merchants/:merchant/stores/:store/stock/:sku": merchant("/stores/Store/stock/SKU-1"),
    "GET /v1/merchants/:merchant/low-stock": merchant("/low-stock"),
    "GET /v1/merchants/:merchant/days": merchant(`/days?${days}`),
    "GET /v1/merchants/:merchant/days/:day": merchant(`/days/${pastDay}`),
    "GET /v1/merchants/:merchant/articles/:sku": merchant(`/articles/SKU-1?${days}`),
    "GET /v1/merchants/:merchant/reconciliation": merchant(`/reconciliation?${days}`),
    "PUT /v1/merchants/:merchant/settlements/:file": merchant("/settlements/june.csv", {
      body: () => `reference,kind,currency,amount,fee,day\n7,charge,EUR,5.00,0,${pastDay}\n`,
      headers: () => ({ "content-type": "text/csv" }),
    }),
    "GET /v1/merchants/:merchant/settlements": merchant("/settlements"),
    "POST /v1/merchants/:merchant/cards/:card/reveal": merchant(
      `/cards/${of("card")}/reveal`,
      said({ reason: "a chargeback" }),
    ),
    "DELETE /v1/merchants/:merchant/customers/:customer": merchant("/customers/C-1"),
    "POST /v1/merchants/:merchant/snapshots": merchant(
      "/snapshots",
      said({ name: of("snapshot"), from: pastDay, to: pastDay }),
    ),
    "GET /v1/merchants/:merchant/snapshots": merchant("/snapshots"),
    "GET /v1/merchants/:merchant/snapshots/:name": merchant(`/snapshots/${of("snapshot")}`),
    "GET /v1/merchants/:merchant/snapshots/:name/:day": merchant(
      `/snapshots/${of("snapshot")}/${pastDay}`,
    ),

    "GET /v1/access-log": at("/v1/access-log"),
    "GET /v1/access-log/:log/:index/proof": owned(
      of("index"),
      (id) => `/v1/access-log/${of("log")}/${id}/proof`,
    ),
    "GET /v1/audit/entries": at("/v1/audit/entries"),
    "GET /v1/audit/logs/:log/entries/:n": at(`/v1/audit/logs/${of("log")}/entries/0`),
    "GET /v1/logs": at("/v1/logs"),
    "GET /log/:log/checkpoint": at(`/log/${of("log")}/checkpoint`),
    "GET /log/:log/tile/:path{.+}": at(`/log/${of("log")}/tile/${of("tile")}`),
    "GET /log/:log/witnessed/:path{.+}": at(`/log/${of("log")}/witnessed/000`),

    "POST /v1/ops/break-glass": at(
      "/v1/ops/break-glass",
      said({ member: people.another.id, reason: "an emergency, told by telephone" }),
    ),
    "GET /v1/ops/parked": at("/v1/ops/parked"),
    "POST /v1/ops/parked/:id/replay": at(`/v1/ops/parked/${of("parked")}/replay`),
    "POST /v1/ops/runs": at("/v1/ops/runs", said({ kind: "settle" })),
    "GET /v1/ops/runs": at("/v1/ops/runs"),
    "GET /v1/ops/runs/:id": at(`/v1/ops/runs/${of("run")}`),
    "GET /v1/ops/totals": at("/v1/ops/totals"),
    "GET /v1/ops/drift": at("/v1/ops/drift"),
    "GET /v1/ops/partitions": at("/v1/ops/partitions"),
    "GET /v1/ops/balance": at("/v1/ops/balance"),
    "GET /v1/ops/providers": at("/v1/ops/providers"),
    "GET /v1/ops/alerts": at("/v1/ops/alerts"),
    "GET /v1/ops/bill": at("/v1/ops/bill"),
    "GET /v1/ops/readers": at("/v1/ops/readers"),
    "PUT /v1/ops/readers": at("/v1/ops/readers", said(reader)),
    "DELETE /v1/ops/readers": at(`/v1/ops/readers?${new URLSearchParams(reader)}`),
    "PUT /v1/ops/royalties/:period/pool": at(
      `/v1/ops/royalties/${period}/pool`,
      said({ currency: "EUR", amountMinor: 1_000 }),
    ),
    "POST /v1/ops/royalties": at("/v1/ops/royalties", said({ from: period, to: period })),
    "GET /v1/ops/dead-letters": at("/v1/ops/dead-letters"),
    "GET /v1/ops/dead-letters/:id": at(`/v1/ops/dead-letters/${of("letter")}`),
    "POST /v1/ops/dead-letters/:id/replay": at(`/v1/ops/dead-letters/${of("letter")}/replay`),
    "POST /v1/ops/rereads": at(
      "/v1/ops/rereads",
      said({ provider: "garmin", from: `${pastDay}T00:00:00Z`, to: `${pastDay}T12:00:00Z` }),
    ),
    "GET /v1/ops/keys": at("/v1/ops/keys"),
    "POST /v1/ops/keys/rotations": at("/v1/ops/keys/rotations", said({ what: "epoch" })),
    "POST /v1/ops/shards/:number": at("/v1/ops/shards/0", said({ open: true })),
    "POST /v1/ops/shards/:number/restore": at("/v1/ops/shards/0/restore"),
    "POST /v1/ops/erasures": at(
      "/v1/ops/erasures",
      said({
        ...{ member: people.another.id, reason: "asked for by letter" },
        scope: { kind: "workouts", from: `${pastDay}T00:00:00Z`, to: `${pastDay}T01:00:00Z` },
      }),
    ),
    "GET /v1/ops/holds/:member": at(`/v1/ops/holds/${owner}`),
    "POST /v1/ops/holds/:member/:workout/clear": at(`/v1/ops/holds/${owner}/${of("held")}/clear`),
    "DELETE /v1/ops/holds/:member/:decision": at(`/v1/ops/holds/${owner}/${of("clearing")}`),

    "GET /healthz": at("/healthz"),
    "GET /openapi.json": at("/openapi.json"),
    "GET /docs": at("/docs"),
  };
}
