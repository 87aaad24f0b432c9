/** A member's samples, as far as the member may take them away again; what they came to is elsewhere. */
import * as z from "zod";
import { isRefusal } from "../../../domain/ports.ts";
import { parseMoment } from "../../../domain/time.ts";
import { askedByMember, receipt } from "../erase.ts";
import { eraseSamples } from "../erase-samples.ts";
import { refusalOf } from "../refusal.ts";
import { type Call, json, type Route, route } from "../route.ts";
import { windowOf } from "../things.ts";

const moment = z.string().refine((text) => parseMoment(text).ok, "RFC 3339");
const span = z.object({ from: moment, to: moment });

export const sampleRoutes: readonly Route[] = [
  route({
    method: "delete",
    path: "/v1/samples",
    tag: "samples",
    access: "member",
    audit: { deed: "erase-workouts", by: "vault" },
    summary: "Erase every sample of the whole days (UTC) in a window of time, for good",
    query: span,
    answers: { 200: { description: "What was done, step by step.", schema: receipt } },
    problems: ["invalid-request", "unauthenticated", "not-a-member", "unavailable"],
    handle: erase,
  }),
];

async function erase(call: Call<undefined, z.output<typeof span>, undefined>): Promise<Response> {
  const window = windowOf(call.query);
  if (window === null)
    return call.fail("invalid-request", { fields: [{ field: "query.to", rule: "window" }] });
  const erased = await eraseSamples(askedByMember(call), window.fromMs, window.toMs);
  return isRefusal(erased) ? call.fail(refusalOf(erased)) : json(erased);
}
