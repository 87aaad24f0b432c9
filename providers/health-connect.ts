/**
 * Health Connect is Android's store of health data: it has no server, so what is in it comes by a
 * bridge, an app on the member's phone that posts what it reads to an address with the member's own
 * key. Nothing is signed. Three forms are understood: HC Webhook's, what react-native-health-connect
 * reads out (records, or changes with deletions), and androidx records as they are. Known lies, as
 * read in 2026: HC Webhook drops ids and zones and writes the type as a number in a text; a zone that
 * a program wrote down without knowing it is `{}`; `lastModifiedTime` is when it was synchronised;
 * an app's test button posts an invented run, marked `test`.
 */
import { err, ok, type Result } from "../domain/result.ts";
import { neverReturns } from "../domain/stream.ts";
import type { Instant } from "../domain/time.ts";
import { recordKinds, samples, sectionKinds } from "./health-connect/samples.ts";
import { normaliseSession, recordIdOf } from "./health-connect/session.ts";
import {
  type Delivery,
  type Draft,
  type Item,
  type ItemFault,
  nothing,
  type ParseFault,
  type Provider,
  senders,
} from "./provider.ts";
import { type Fields, fieldsOf, isFields, jsonOf } from "./untrusted.ts";

/** More records of all kinds in one body are refused as a whole; HC Webhook sends at most so many. */
export const recordsABodyMax = 25_000;

const kinds = { session: "session", deleted: "deleted" } as const;

const item = (kind: string, body: unknown): Item => ({ account: senders, kind, body });

/** What may stand at the top, and what each becomes. */
interface Sorted {
  readonly items: Item[];
  readonly later: Item[];
  unknown: number;
}

function parse(body: string): Result<Delivery, ParseFault> {
  const json = jsonOf(body);
  if (json === undefined) return err("not-json");
  const top: Fields = Array.isArray(json) ? { records: json } : fieldsOf(json);
  // What the button "Test" sends is invented, and marked.
  if (top.test === true) return ok(nothing);
  const stated = lists.map((name) => top[name] ?? []);
  if (!isBridges(top) || !isLists(stated) || countOf(stated) > recordsABodyMax)
    return err("not-understood");
  const [exercise = [], records = [], upserted = [], deleted = []] = stated;
  const sorted: Sorted = { items: [], later: [], unknown: 0 };
  for (const session of exercise) sorted.items.push(item(kinds.session, session));
  for (const section of sectionKinds)
    if (Array.isArray(top[section])) sorted.later.push(item(section, top[section]));
  const type = typeWordOf(top.recordType);
  for (const record of records) sort(record, type, sorted);
  for (const { record } of upserted.map(fieldsOf)) sort(record, type, sorted);
  for (const { recordId } of deleted.map(fieldsOf))
    sorted.items.push(item(kinds.deleted, recordId));
  const { items, later, unknown } = sorted;
  return ok({ items, notices: [], claims: [], later: { items: later, notices: [] }, unknown });
}

const lists = ["exercise", "records", "upsertionChanges", "deletionChanges"];
const isLists = (all: readonly unknown[]): all is readonly (readonly unknown[])[] =>
  all.every(Array.isArray);
const countOf = (all: readonly (readonly unknown[])[]): number =>
  all.reduce((sum, list) => sum + list.length, 0);

/** One of the lists, or the two words that HC Webhook begins each body with. */
const isBridges = (top: Fields): boolean =>
  lists.some((name) => top[name] !== undefined) ||
  (typeof top.timestamp === "string" && typeof top.app_version === "string");

const typeWordOf = (v: unknown): string | null =>
  typeof v === "string" ? v.replace(/Record$/, "") : null;

/** A record names its type, or all of a list are of one; only a session has an `exerciseType`. */
function sort(record: unknown, typeOfAll: string | null, sorted: Sorted): void {
  const fields = fieldsOf(record);
  const type = typeWordOf(fields.recordType) ?? typeOfAll;
  if (type === "ExerciseSession" || fields.exerciseType !== undefined)
    sorted.items.push(item(kinds.session, record));
  else if (type !== null && recordKinds.includes(type)) sorted.later.push(item(type, record));
  else sorted.unknown++;
}

function normalise(kind: string, said: unknown, receivedMs: Instant): Result<Draft, ItemFault> {
  if (kind === kinds.deleted) {
    const sourceId = recordIdOf(said);
    // What is written anew after a deletion has another id.
    if (sourceId === null) return err("no-id");
    return ok({ sourceId, revision: neverReturns, retracted: true });
  }
  if (kind !== kinds.session) return err("unknown-kind");
  return isFields(said) ? normaliseSession(said, receivedMs) : err("not-an-object");
}

const again = (column: string, slice: unknown) =>
  column === "raw" ? { kind: kinds.session, body: slice } : null;

export const healthConnect = {
  name: "health-connect",
  stream: "workouts",
  edition: 1,
  facts: {
    title: "Health Connect",
    delivery: "push",
    bodyBytesMax: 10 * 1024 * 1024,
    received: 200,
    answerWithinMs: 60_000,
    othersMaySee: true,
    onDeauthorised: "keep",
    identity:
      "the writing app and its own `clientRecordId`; else Health Connect's id; else app, type, start and end",
    revision:
      "`clientRecordVersion` where a writing app numbers its records; else none, but that a session without any id and without a distance stands over nothing",
    deletion: "`deletionChanges` by Health Connect's id, of bridges that read changes",
    deauthorisation: "never said: the bridge stops sending",
    timeZone: "`startZoneOffset`, or the offset of the times; HC Webhook states none",
    doubts: [
      "a number is read as one of androidx; the framework's numbers are others and not told apart",
      "an offset within a time may be the phone's where the record's own zone was lost",
      "distance, energy and heart rate are other records and are not added to a session",
      "`distance_meters` of HC Webhook may be summed over several apps, which its pages do not say",
      "a deletion names Health Connect's id, so it does not find what is kept by its writer's own",
      "a bridge may not be allowed a route, or the distance: that it states none says nothing",
      "an edited session without any id is another one where its start, end or type was edited",
      "each measurement is of the app and the device that it names; HC Webhook may name neither, and then what several apps counted of one stretch counts once, whoever counted it",
      "lastModifiedTime is when a record was synchronised, and orders no statements; a writer's own version does",
      "a deletion names a record's id and not what it is of, so measurements are not withdrawn by it",
      "a list of HC Webhook that was thinned to averages is left out, as are sums of zero",
    ],
    documentation: "https://developer.android.com/health-and-fitness/guides/health-connect",
    readOn: "2026-11-22",
  },
  signature: { kind: "member-key" },
  parse,
  normalise,
  again,
  samples,
  memberKey: {
    how: "In the bridge on your phone (HC Webhook, for one) add a webhook with the address as its URL and switch on exercise and what else is to come. The key stands at the end of the address; without it there, send it as a header `Authorization: Bearer <key>`. In both places it must be the same key.",
  },
} satisfies Provider;
