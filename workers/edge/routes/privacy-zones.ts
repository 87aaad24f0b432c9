/** What everybody but the member sees of a track is cut by these. Sealed in the vault. */
import * as z from "zod";
import { isRefusal } from "../../../domain/ports.ts";
import {
  endsMMax,
  placeRadiusMMax,
  placeRadiusMMin,
  placesMax,
} from "../../../domain/workouts/privacy-zones.ts";
import { refusalOf } from "../refusal.ts";
import { type Call, json, type Route, route } from "../route.ts";

const place = z
  .object({
    lat: z.number().min(-90).max(90),
    lon: z.number().min(-180).max(180),
    radiusM: z.number().min(placeRadiusMMin).max(placeRadiusMMax),
  })
  .strict();

const zones = z
  .object({
    endsM: z
      .number()
      .min(0)
      .max(endsMMax)
      .describe("Metres around a track's start and end that others do not see; 0: none."),
    places: z.array(place).max(placesMax).describe("Others see no point of a track in these."),
  })
  .strict()
  .meta({ id: "PrivacyZones" });

const path = "/v1/privacy-zones";

export const privacyZoneRoutes: readonly Route[] = [
  route({
    method: "get",
    path,
    tag: "restricted",
    access: "member",
    audit: { deed: "see-settings", by: "nobody", why: "members see their own privacy zones" },
    summary: "What others do not see of my tracks",
    answers: { 200: { description: "The zones; the default if none were set.", schema: zones } },
    problems: ["unauthenticated", "not-a-member", "unavailable"],
    handle: show,
  }),
  route({
    method: "put",
    path,
    tag: "restricted",
    access: "member",
    audit: { deed: "set-privacy-zones", by: "vault" },
    summary: "Set what others do not see of my tracks, those of the past too",
    body: zones,
    answers: { 200: { description: "The zones as set.", schema: zones } },
    problems: ["not-json", "invalid-request", "unauthenticated", "not-a-member", "unavailable"],
    handle: put,
  }),
];

async function show(call: Call<undefined, undefined, undefined>): Promise<Response> {
  const answer = await call.ports.open.privacyZones(call.token);
  return isRefusal(answer) ? call.fail(refusalOf(answer)) : json(answer);
}

async function put(call: Call<undefined, undefined, z.output<typeof zones>>): Promise<Response> {
  const answer = await call.ports.open.setPrivacyZones(call.token, call.body);
  return isRefusal(answer) ? call.fail(refusalOf(answer)) : json(answer);
}
