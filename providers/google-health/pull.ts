/**
 * What is asked after a notice, and what the answers come to. Exercises are found by civil start
 * only, 25 a page whatever is asked; heart rate by physical time. Reasons are Google's own
 * (developers.google.com/health/reference/rest/v4/errors, and google.rpc.ErrorInfo).
 */
import type { ProviderReply, ProviderRequest } from "../../domain/ports.ts";
import type { Result } from "../../domain/result.ts";
import { err, ok } from "../../domain/result.ts";
import { addDays, formatMoment, type Instant, localDate } from "../../domain/time.ts";
import { elapsedMsMax } from "../../domain/workouts/schema.ts";
import type { PageFault, Pull, PulledPage, PullStep } from "../provider.ts";
import { fieldsOf, isFields, jsonOf } from "../untrusted.ts";
import { dataTypes, sampleCollections, sleep } from "./types.ts";
import { exercise, heartRate, idPattern, spanOf } from "./values.ts";

const exercisesAPage = "25";
const pointsAPage = "1000";

const pointsPath = (collection: string) => `/v4/users/me/dataTypes/${collection}/dataPoints`;

function list(step: PullStep, cursor: string | null): ProviderRequest {
  const query = queryOf(step);
  return {
    path: pointsPath(sampleCollections.includes(step.collection) ? step.collection : exercise),
    query: cursor === null ? query : { ...query, pageToken: cursor },
  };
}

const between = (field: string, from: string, to: string) =>
  `${field} >= "${from}" AND ${field} < "${to}"`;

const instantsBetween = (field: string, { fromMs, toMs }: PullStep) =>
  between(field, formatMoment(fromMs), formatMoment(toMs));

/** Each shape is found by another time of its own. */
function queryOf(step: PullStep) {
  const name = step.collection.replaceAll("-", "_");
  // Nights are found by when they ended; a page of them is as small as one of exercises.
  if (step.collection === sleep)
    return { filter: instantsBetween("sleep.interval.end_time", step), pageSize: exercisesAPage };
  switch (dataTypes.get(step.collection)?.shape) {
    case "interval":
      return {
        filter: instantsBetween(`${name}.interval.start_time`, step),
        pageSize: pointsAPage,
      };
    case "sample":
      return {
        filter: instantsBetween(`${name}.sample_time.physical_time`, step),
        pageSize: pointsAPage,
      };
    case "daily":
      return { filter: daysBetween(`${name}.date`, step), pageSize: pointsAPage };
    case undefined:
      return exercisesOf(step);
  }
}

/** A day of some clock: a day more on both sides. */
const daysBetween = (field: string, { fromMs, toMs }: PullStep) =>
  between(field, addDays(localDate(fromMs, 0), -1), addDays(localDate(toMs, 0), 2));

/** Exercises are found by civil start only; the caller's window allows for any zone. */
function exercisesOf({ fromMs, toMs }: PullStep) {
  const field = "exercise.interval.civil_start_time";
  const filter = between(field, civilOf(fromMs), civilOf(toMs + 999));
  return { filter, pageSize: exercisesAPage };
}

const civilOf = (ms: Instant): string => formatMoment(ms).slice(0, 19);

/** An id that Google cannot have made becomes one that names no record and no other path. */
const inPath = (id: string): string =>
  idPattern.test(id) ? id : `~${id.slice(0, 64).replaceAll(/[^A-Za-z0-9_-]/g, "~")}`;

const one = (collection: string, sourceId: string): ProviderRequest => ({
  path: `${pointsPath(sampleCollections.includes(collection) ? collection : exercise)}/${inPath(sourceId)}`,
  query: {},
});

function page(reply: ProviderReply): Result<PulledPage, PageFault> {
  const fault = faultIn(reply);
  if (fault !== null) return err(fault);
  const json = jsonOf(reply.body);
  if (!isFields(json)) return err("broken");
  if (typeof json.name === "string") return ok({ items: [json], next: null });
  const { dataPoints = [], nextPageToken = "", ...rest } = json;
  // An empty list is left out of the reply, but then there is nothing else in it either.
  if (json.dataPoints === undefined && Object.keys(rest).length > 0) return err("broken");
  if (!Array.isArray(dataPoints) || typeof nextPageToken !== "string") return err("broken");
  return ok({ items: dataPoints, next: nextPageToken === "" ? null : nextPageToken });
}

/** What an answer's status and form say of it, before anything in it is looked at; null: nothing. */
export function faultIn(reply: ProviderReply): PageFault | null {
  const { status, fault, complete } = reply;
  if (status === 401) return "reconnect";
  if (status === 429 || status >= 500) return "again";
  if (fault === "timeout" || fault === "network" || fault === "cut-short") return "again";
  // A refusal in words that are not Google's is some machine's on the way: it ends no grant, and
  // nothing is taken for deleted on it.
  const isForeign = reply.body !== "" && !isFields(jsonOf(reply.body));
  if (fault !== null || !complete || isForeign) return "broken";
  if (status === 403) return forbidden(reasonsIn(reply.body));
  if (status === 404 || status === 410) return isNotFound(reply.body) ? "gone" : "broken";
  // A page token that was kept too long names no page any more; another filter would be refused anew.
  if (status === 400) return says(/PAGE_TOKEN/, reasonsIn(reply.body)) ? "broken" : "refused";
  return status === 200 ? null : status > 400 && status < 500 ? "refused" : "broken";
}

const ofTheRate = /rate_?limit|quota|dailyLimit|RESOURCE_EXHAUSTED/i;
/** Of our project, for every member alike (google.api.ErrorReason). */
const ofTheProject =
  /SERVICE_DISABLED|accessNotConfigured|BILLING|CONSUMER_|USER_PROJECT_DENIED|POLICY_VIOLATED/i;

/** For a while; else this is not to be had. That a grant has ended is only said by a 401. */
const forbidden = (reasons: readonly string[]): PageFault =>
  says(ofTheRate, reasons) || says(ofTheProject, reasons) ? "again" : "refused";

/** Of the record itself: a path that Google does not know is answered by the same status. */
function isNotFound(body: string): boolean {
  const { status, message } = fieldsOf(fieldsOf(jsonOf(body)).error);
  const ofThePath = typeof message === "string" && /method not found|requested url/i.test(message);
  return status === "NOT_FOUND" && !ofThePath;
}

const says = (pattern: RegExp, reasons: readonly string[]): boolean =>
  reasons.some((reason) => pattern.test(reason));

/** `status`, and every `reason` of both forms that Google's errors have. */
function reasonsIn(body: string): string[] {
  const { status, details, errors } = fieldsOf(fieldsOf(jsonOf(body)).error);
  const listed = [details, errors].flatMap((list) => (Array.isArray(list) ? list : []));
  const said = [status, ...listed.map((entry) => fieldsOf(entry).reason)];
  return said.filter((reason): reason is string => typeof reason === "string");
}

function readings(item: unknown): PullStep | null {
  const span = spanOf(item);
  if (span === null || span.endMs - span.at > elapsedMsMax) return null;
  return { collection: heartRate, fromMs: span.at, toMs: span.endMs };
}

const join = (item: unknown, samples: readonly unknown[]): unknown =>
  isFields(item) ? { ...item, heartRateSamples: samples } : item;

export const pull: Pull = { list, one, page, readings, join, collections: [exercise] };
