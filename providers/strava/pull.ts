/**
 * What is asked of Strava: a list of an athlete's activities by their start, two hundred a page; one
 * by its id; and its streams. What a list holds lacks the energy, the device and the notes, so each
 * of them is asked for whole, and then its streams, where it says that there is anything in them. An
 * activity may be announced before its streams are made: they come empty then, or not at all.
 */
import type { ProviderReply, ProviderRequest } from "../../domain/ports.ts";
import type { Result } from "../../domain/result.ts";
import { err, ok } from "../../domain/result.ts";
import type { Instant } from "../../domain/time.ts";
import { faultOf, inPath } from "../answers.ts";
import type { PageFault, Pull, PulledPage, PullStep } from "../provider.ts";
import {
  type Fields,
  fieldsOf,
  idOf,
  idPattern,
  instantOf,
  isFields,
  jsonOf,
  numberNameOf,
  rawOf,
  wordOf,
} from "../untrusted.ts";
import { areEmpty, streamKeys, streamsIn } from "./streams.ts";
import { activities, hasReadings, isManual, streams } from "./values.ts";

export const stravaPaths = ["/api/v3/activities", "/api/v3/athlete"] as const;
const [path, athletePath] = stravaPaths;
const aPage = 200;
/** A page may come short of a few before the list is over; one that is so short is its last. */
const fullFrom = 150;
const secondMs = 1000;

const secondsOf = (ms: Instant): number => Math.floor(ms / secondMs);

// -- requests -------------------------------------------------------------------------------

const one = (_collection: string, sourceId: string): ProviderRequest => ({
  path: `${path}/${inPath(sourceId, idPattern)}`,
  query: { include_all_efforts: "false" },
});

const streamsOf = (id: string): ProviderRequest => ({
  path: `${path}/${inPath(id, idPattern)}/streams`,
  query: { keys: streamKeys, key_by_type: "true" },
});

/** Where an activity's readings go on after the activity itself. */
const thenStreams = "streams";

/** Both ends are left out there: a second more is asked for on each. */
function list({ collection, fromMs, toMs, of }: PullStep, cursor: string | null): ProviderRequest {
  if (of !== undefined)
    return collection === streams || cursor === thenStreams ? streamsOf(of) : one(collection, of);
  const window = {
    after: String(Math.max(0, secondsOf(fromMs) - 1)),
    before: String(secondsOf(toMs) + 1),
    per_page: String(aPage),
  };
  const [, end, seconds] = /^(after|before):(\d{1,12})$/.exec(cursor ?? "") ?? [];
  const moved = end === undefined || seconds === undefined ? {} : { [end]: seconds };
  return { path: `${athletePath}/activities`, query: { ...window, ...moved } };
}

/** Of a summary the whole activity, then its streams; of a whole one only these. */
function readings(item: unknown): PullStep | null {
  const whole = fieldsOf(item);
  const of = idOf(whole.id);
  const at = instantOf(whole.start_date) ?? 0;
  if (of === null) return null;
  const step = { fromMs: at, toMs: at, of };
  if (whole.resource_state !== detailed) return { collection: activities, ...step };
  return hasReadings(whole) ? { collection: streams, ...step } : null;
}

/** Of the three states that Strava shows a thing in (1: its id alone, 2: a summary). */
const detailed = 3;
const summarised = 2;

// -- answers --------------------------------------------------------------------------------

function page(reply: ProviderReply, step?: PullStep | null): Result<PulledPage, PageFault> {
  const fault = faultIn(reply);
  if (fault !== null) return err(fault);
  const json = jsonOf(reply.body);
  if (step === null || step === undefined) return activityIn(json, null);
  if (step.of === undefined) return listIn(json);
  // Of its own step, or after the activity in the other's: told by what it is.
  const isActivity = step.collection !== streams && isFields(json) && json.id !== undefined;
  return isActivity ? activityIn(json, step.of) : streamsPage(json);
}

/**
 * What is wrong with the app is never the member's to mend. A scope that was not granted is refused as
 * a bad token is, by 401: it ends no grant. Whoever holds the tokens renews them at any 401 before it is
 * judged here, so each such call costs a renewal and a second call. Both scopes are asked for in one,
 * and without them an account is of no use here, so it is not worth knowing of there.
 */
function faultIn(reply: ProviderReply): PageFault | null {
  const isDenied = reply.status === 401 || reply.status === 403;
  const blamed = isDenied ? blamedIn(reply.body) : [];
  if (blamed.some(({ resource }) => resource === "Application")) return "again";
  return blamed.some(lacksScope) ? "refused" : faultOf(reply);
}

function blamedIn(body: string): readonly Fields[] {
  const { errors } = fieldsOf(jsonOf(body));
  return Array.isArray(errors) ? errors.map(fieldsOf) : [];
}

/** The field is the scope: "activity:read_permission". */
const lacksScope = ({ field, code }: Fields): boolean =>
  code === "missing" && /_permission$/.test(wordOf(field) ?? "");

/** `of`: asked for to complete what a list held of it. */
function activityIn(json: unknown, of: string | null): Result<PulledPage, PageFault> {
  const id = idOf(fieldsOf(json).id);
  if (!isFields(json) || id === null || (of !== null && id !== of)) return err("broken");
  const next = of !== null && hasReadings(json) ? thenStreams : null;
  return ok({ items: [json], next });
}

function streamsPage(json: unknown): Result<PulledPage, PageFault> {
  const found = streamsIn(json);
  return found === null ? err("broken") : ok({ items: [{ [streams]: found }], next: null });
}

/**
 * Which end comes first is not documented, and the page number is of no use while activities come and
 * go: a full page goes on from its last start, that second included. One in which all have the same
 * start would go on for ever, or past some.
 */
function listIn(json: unknown): Result<PulledPage, PageFault> {
  if (!Array.isArray(json)) return err("broken");
  if (json.length < fullFrom) return ok({ items: json, next: null });
  const starts = json.flatMap((item) => instantOf(fieldsOf(item).start_date) ?? []);
  const [first, last] = [starts[0], starts.at(-1)];
  if (first === undefined || last === undefined || secondsOf(first) === secondsOf(last))
    return err("broken");
  const isNewestFirst = first > last;
  const next = isNewestFirst
    ? `before:${secondsOf(last) + 1}`
    : `after:${Math.max(0, secondsOf(last) - 1)}`;
  return ok({ items: json, next });
}

// -- an activity and what belongs to it -------------------------------------------------------

const streamsAmong = (found: readonly unknown[]): Fields | null => {
  const said = found.map((one) => fieldsOf(one)[streams]).find(isFields);
  return said ?? null;
};

/** The whole activity for the summary, if it is the same, and its streams. */
function join(item: unknown, found: readonly unknown[]): unknown {
  if (!isFields(item)) return item;
  const id = idOf(item.id);
  const whole = found.find((one) => id !== null && idOf(fieldsOf(one).id) === id);
  const said = streamsAmong(found);
  return { ...item, ...fieldsOf(whole), ...(said === null ? {} : { [streams]: said }) };
}

/** Stated alike in a list and alone, and changed by whatever we read changes; of no other order. */
const marking =
  "name type sport_type start_date utc_offset elapsed_time moving_time distance total_elevation_gain average_heartrate max_heartrate has_heartrate trainer manual private visibility flagged from_accepted_tag external_id".split(
    " ",
  );

function mark(item: unknown): string {
  const fields = fieldsOf(item);
  const upload = numberNameOf(fields.upload_id_str ?? fields.upload_id);
  const looks = marking.map((name) => fields[name] ?? null);
  return rawOf([idOf(fields.id), upload, ...looks]) ?? "";
}

function isUnfinished(item: unknown, found: readonly unknown[]): boolean {
  const whole = fieldsOf(join(item, found));
  // The activity itself did not come: its energy and its device may still be had.
  if (whole.resource_state === summarised) return true;
  if (isManual(whole) || !hasReadings(whole)) return false;
  return areEmpty(streamsAmong(found) ?? {});
}

/** No athlete's id. Anybody's public activity is shown to everybody, and each says whose it is. */
const nobody = "";

export const pull: Pull = {
  list,
  one,
  page,
  readings,
  join,
  mark,
  isUnfinished,
  accountIn: (item) => idOf(fieldsOf(fieldsOf(item).athlete).id) ?? nobody,
  collections: [activities],
};
