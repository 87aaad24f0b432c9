/**
 * What is asked of Suunto: workouts by their start, the newest first, and one by its key. A page does
 * not say if there are more, so a full one goes on from the oldest start in it, that one included:
 * two workouts of one instant are not parted. What feeds the samples is listed by a window, all of it at
 * once. Its gateway (Azure's) answers for the app's own key and
 * quota too; that is never the member's to mend.
 */
import type { ProviderReply, ProviderRequest } from "../../domain/ports.ts";
import type { Result } from "../../domain/result.ts";
import { err, ok } from "../../domain/result.ts";
import { formatMoment, type Instant } from "../../domain/time.ts";
import { faultOf, inPath } from "../answers.ts";
import type { PageFault, Pull, PulledPage, PullStep } from "../provider.ts";
import { amountOf, fieldsOf, isFields, jsonOf, textCharsMax, textOf } from "../untrusted.ts";
import { days, keyPattern, sampleCollections, workouts } from "./values.ts";

export const suuntoPaths = "/v3/workouts";
const workoutsAPage = 100;

export const suuntoSamplePaths = ["/247samples/", "/247/"] as const;
const [seriesPath, sumsPath] = suuntoSamplePaths;

function list(step: PullStep, cursor: string | null): ProviderRequest {
  const { collection, fromMs, toMs } = step;
  if (collection === days)
    return {
      path: `${sumsPath}${days}`,
      query: { startdate: clockOf(fromMs), enddate: clockOf(toMs) },
    };
  if (sampleCollections.includes(collection))
    return {
      path: `${seriesPath}${collection}`,
      query: { from: String(fromMs), to: String(toMs) },
    };
  return {
    path: suuntoPaths,
    query: {
      since: String(fromMs),
      until: cursor ?? String(toMs),
      sort: "desc",
      limit: String(workoutsAPage),
      "filter-by-modification-time": "false",
    },
  };
}

const clockOf = (ms: Instant): string => formatMoment(ms).slice(0, 19);

const one = (_collection: string, sourceId: string): ProviderRequest => ({
  path: `${suuntoPaths}/${inPath(sourceId, keyPattern)}`,
  query: {},
});

function page(reply: ProviderReply, step?: PullStep | null): Result<PulledPage, PageFault> {
  const fault = faultIn(reply);
  if (fault !== null) return err(fault);
  const json = jsonOf(reply.body);
  if (step !== undefined && step !== null && sampleCollections.includes(step.collection))
    return Array.isArray(json) ? ok({ items: json.map(itemOf(step)), next: null }) : err("broken");
  if (!isFields(json) || (json.error !== null && json.error !== undefined)) return err("broken");
  const { payload } = json;
  if (isFields(payload)) return ok({ items: [payload], next: null });
  return Array.isArray(payload) ? nextAfter(payload) : err("broken");
}

/** As in a notice, where several stand together. */
const itemOf =
  ({ collection }: PullStep) =>
  (entry: unknown): unknown =>
    collection === days ? entry : { samples: [entry] };

/** A full page of one instant, or one that is not the newest first, could go on for ever, or past some. */
function nextAfter(payload: readonly unknown[]): Result<PulledPage, PageFault> {
  if (payload.length < workoutsAPage) return ok({ items: payload, next: null });
  const starts = payload.map((workout) => amountOf(fieldsOf(workout).startTime));
  const [newest, oldest] = [starts[0] ?? 0, starts.at(-1) ?? 0];
  return oldest > 0 && oldest < newest
    ? ok({ items: payload, next: String(oldest) })
    : err("broken");
}

function faultIn(reply: ProviderReply): PageFault | null {
  const isDenied = reply.status === 401 || reply.status === 403;
  return isDenied && ofTheApp.test(messageIn(reply.body)) ? "again" : faultOf(reply);
}

const ofTheApp = /subscription key|quota|rate limit/i;
const messageIn = (body: string): string =>
  textOf(fieldsOf(jsonOf(body)).message, textCharsMax) ?? "";

export const pull: Pull = {
  list,
  one,
  page,
  readings: () => null,
  join: (item) => item,
  collections: [workouts],
};
