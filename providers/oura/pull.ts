/**
 * What is asked of Oura. Workouts, nights and days are listed by their days, and whether the last of
 * these is included is said in both ways, so one more is asked for; heart rate by the instant, over
 * the workout that it was measured in, or over all of a window.
 */
import type { ProviderReply, ProviderRequest } from "../../domain/ports.ts";
import type { Result } from "../../domain/result.ts";
import { err, ok } from "../../domain/result.ts";
import { addDays, formatMoment, type Instant, localDate } from "../../domain/time.ts";
import { elapsedMsMax } from "../../domain/workouts/schema.ts";
import { faultOf, inPath } from "../answers.ts";
import type { PageFault, Pull, PulledPage, PullStep } from "../provider.ts";
import { type Fields, isFields, jsonOf, momentOf } from "../untrusted.ts";
import { heartRate, idPattern, sampleTypes, workout } from "./notices.ts";

const path = "/v2/usercollection/";

function list(step: PullStep, cursor: string | null): ProviderRequest {
  const isBeats = step.collection === heartRate;
  const query = isBeats ? instantsOf(step) : daysOf(step);
  return {
    path: `${path}${typeOf(step.collection)}`,
    query: cursor === null ? query : { ...query, next_token: cursor },
  };
}

/** As it stands in the path. */
const typeOf = (collection: string): string =>
  sampleTypes.includes(collection) ? collection : workout;

const daysOf = ({ fromMs, toMs }: PullStep) => ({
  start_date: localDate(fromMs, 0),
  end_date: addDays(localDate(toMs, 0), 1),
});

const instantsOf = ({ fromMs, toMs }: PullStep) => ({
  start_datetime: formatMoment(fromMs),
  end_datetime: formatMoment(toMs),
});

const one = (collection: string, sourceId: string): ProviderRequest => ({
  path: `${path}${typeOf(collection)}/${inPath(sourceId, idPattern)}`,
  query: {},
});

function page(reply: ProviderReply): Result<PulledPage, PageFault> {
  const fault = faultOf(reply);
  if (fault !== null) return err(fault);
  const json = jsonOf(reply.body);
  if (!isFields(json)) return err("broken");
  if (json.id !== undefined && json.data === undefined) return ok({ items: [json], next: null });
  const { data, next_token = null } = json;
  if (!Array.isArray(data)) return err("broken");
  if (next_token !== null && typeof next_token !== "string") return err("broken");
  return ok({ items: data, next: next_token === "" ? null : next_token });
}

export interface Span {
  readonly at: Instant;
  readonly endMs: Instant;
  readonly offsetMin: number | null;
}

/** When a workout began and ended. Its `day` is not looked at: it is a day of Oura's own making. */
export function spanOf(
  item: Fields,
): Result<Span, "no-zone" | "no-start" | "no-duration" | "end-before-start"> {
  const [start, end] = [momentOf(item.start_datetime), momentOf(item.end_datetime)];
  if (start === "no-zone" || end === "no-zone") return err("no-zone");
  if (start === null) return err("no-start");
  if (end === null || end.atMs === start.atMs) return err("no-duration");
  if (end.atMs < start.atMs) return err("end-before-start");
  return ok({ at: start.atMs, endMs: end.atMs, offsetMin: start.offsetMin });
}

function readings(item: unknown): PullStep | null {
  const span = isFields(item) ? spanOf(item) : null;
  if (!span?.ok || span.value.endMs - span.value.at > elapsedMsMax) return null;
  return { collection: heartRate, fromMs: span.value.at, toMs: span.value.endMs };
}

const join = (item: unknown, samples: readonly unknown[]): unknown =>
  isFields(item) ? { ...item, heartRateSamples: samples } : item;

export const pull: Pull = { list, one, page, readings, join, collections: [workout] };
