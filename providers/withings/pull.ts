/**
 * What is asked of Withings: workouts, days and nights by their days, on the member's own clock, and
 * measurements by the instant. No single one can be
 * asked for, so that nothing can be found to be gone: what a list does not bring is left as it is
 * (`listedDays`), and the request for one is a list that is always empty.
 */
import type { Budget } from "../../domain/budget.ts";
import type { ProviderReply, ProviderRequest } from "../../domain/ports.ts";
import type { Result } from "../../domain/result.ts";
import { err, ok } from "../../domain/result.ts";
import { type Instant, localDate, msPerDay, offsetMinutesMax } from "../../domain/time.ts";
import { faultOf } from "../answers.ts";
import type { PageFault, Pull, PulledPage, PullStep } from "../provider.ts";
import type { MemberSubscription } from "../subscribe.ts";
import { isFields, jsonOf } from "../untrusted.ts";
import { measureTypes } from "./samples.ts";
import { days, measures, nights, workouts } from "./values.ts";
import { statusIn } from "./words.ts";

const path = "/v2/measure";
/** Each has to be named, or it is left out. */
const workoutFields =
  "calories,distance,elevation,steps,intensity,hr_average,hr_min,hr_max,manual_distance,manual_calories,pause_duration,algo_pause_duration,pool_laps,pool_length,strokes";
const dayFields = "steps,distance,calories";
const nightFields =
  "deepsleepduration,lightsleepduration,remsleepduration,wakeupduration,total_sleep_time,rr_average";

/** A request by the days of some clock, of a form that most of its lists take. */
const byDays =
  (path: string, action: string, data_fields: string) =>
  ({ fromMs, toMs }: PullStep): ProviderRequest => ({
    path,
    query: {},
    form: { action, ...daysOf(fromMs, toMs), data_fields },
  });

/** The instant may be of the day before in the west, or of the day after in the east. */
const daysOf = (fromMs: Instant, toMs: Instant) => ({
  startdateymd: localDate(fromMs, -offsetMinutesMax),
  enddateymd: localDate(toMs, offsetMinutesMax),
});

interface Collection {
  request(step: PullStep): ProviderRequest;
  /** Where in the answer's body the list stands. */
  readonly list: string;
}
const listed: Collection = { request: byDays(path, "getworkouts", workoutFields), list: "series" };
const collections: ReadonlyMap<string, Collection> = new Map([
  [days, { request: byDays(path, "getactivity", dayFields), list: "activities" }],
  [nights, { request: byDays("/v2/sleep", "getsummary", nightFields), list: "series" }],
  [
    measures,
    {
      request: ({ fromMs, toMs }) => ({
        path: "/measure",
        query: {},
        form: {
          action: "getmeas",
          meastypes: measureTypes.join(","),
          // Measured, and no goals.
          category: "1",
          startdate: String(Math.floor(fromMs / 1000)),
          enddate: String(Math.ceil(toMs / 1000)),
        },
      }),
      list: "measuregrps",
    },
  ],
]);
const collectionOf = (step: PullStep | null | undefined): Collection =>
  collections.get(step?.collection ?? "") ?? listed;

function list(step: PullStep, cursor: string | null): ProviderRequest {
  const request = collectionOf(step).request(step);
  return cursor === null ? request : { ...request, form: { ...request.form, offset: cursor } };
}

/** 2100-01-01: nothing was changed since. */
const neverSeconds = "4102444800";

const empty: ProviderRequest = {
  path,
  query: {},
  form: { action: "getworkouts", lastupdate: neverSeconds },
};

/** What the status in the body says, also where nobody has looked at it yet. Nothing is ever gone. */
function faultIn(reply: ProviderReply): PageFault | null {
  const isRead = reply.status === 200 && reply.complete && reply.fault === null;
  const status = isRead ? statusIn(jsonOf(reply.body)) : null;
  const fault = faultOf(status === null ? reply : { ...reply, status, body: "" });
  return fault === "gone" ? "broken" : fault;
}

function page(reply: ProviderReply, step?: PullStep | null): Result<PulledPage, PageFault> {
  const fault = faultIn(reply);
  if (fault !== null) return err(fault);
  const json = jsonOf(reply.body);
  if (!isFields(json) || json.status !== 0 || !isFields(json.body)) return err("broken");
  const { [collectionOf(step).list]: found, more, offset } = json.body;
  if (!Array.isArray(found)) return err("broken");
  if (more !== true && more !== 1) return ok({ items: found, next: null });
  if (!Number.isSafeInteger(offset) || Number(offset) <= 0) return err("broken");
  return ok({ items: found, next: String(offset) });
}

export const pull: Pull = {
  list,
  one: () => empty,
  page,
  readings: () => null,
  join: (item) => item,
  collections: [workouts],
  listedDays: 0,
};

/** A small request that any token opens: where its notices go. */
export const identity: ProviderRequest = { path: "/notify", query: {}, form: { action: "list" } };

/**
 * Activity, and what becomes of the person; then what feeds the samples, which may not be granted, and
 * what is refused ends the telling: nights, weight, temperature, pressure, glucose. A failed delivery
 * may end any.
 */
const categories = ["16", "46", "44", "1", "2", "4", "58"] as const;

export const memberSubscription: MemberSubscription = {
  everyMs: 7 * msPerDay,
  requests: (webhookUrl) =>
    categories.map((appli) => ({
      path: "/notify",
      query: {},
      form: { action: "subscribe", callbackurl: webhookUrl, appli },
    })),
  judge(reply) {
    const fault = faultIn(reply);
    if (fault !== null) return err(fault);
    const json = jsonOf(reply.body);
    return isFields(json) && json.status === 0 ? ok("told") : err("broken");
  },
};

/** The app's; a member's own is a choice of ours. No header tells what is left. */
export const budget: Budget = {
  app: [{ name: "minute", calls: 120, windowMs: 60_000 }],
  member: [{ name: "minute", calls: 20, windowMs: 60_000 }],
  reserve: 0.3,
  throttles: "app",
  headers: [],
};
