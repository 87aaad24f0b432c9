/**
 * What an event says. Every one names the account and, by `client_user_id`, the member: that word is
 * believed where a connection was made. `daily.data.*` carries its record, new or changed;
 * `historical.data.*` only says that a stretch can be fetched, in the app's own name, which nothing
 * here does: of workouts it is counted as not understood, since they are then missing. What becomes of
 * one source of several says nothing sure of the whole account, so it ends nothing.
 */
import type { Result } from "../../domain/result.ts";
import { err, ok } from "../../domain/result.ts";
import type { Instant } from "../../domain/time.ts";
import { type AccountNotice, type Delivery, nothing, type ParseFault } from "../provider.ts";
import { type Fields, fieldsOf, isFields, jsonOf, momentOf, wordOf } from "../untrusted.ts";
import { sampleKinds } from "./samples.ts";

export const workout = "workout";
/** As Junction calls what an event is of. */
const workouts = "workouts";
const eventPattern = /^(daily|historical)\.data\.([a-z0-9_]{1,64})\.(created|updated)$/;

export function parse(body: string): Result<Delivery, ParseFault> {
  const json = jsonOf(body);
  if (json === undefined) return err("not-json");
  if (!isFields(json)) return err("not-understood");
  const account = wordOf(json.user_id);
  const type = wordOf(json.event_type);
  if (account === null || type === null) return err("not-understood");
  if (type === "provider.connection.created") return ok(connected(account, json));
  if (type === "provider.connection.error")
    return ok({ ...nothing, claims: [{ account, claim: "source-failed" }] });
  const [, when, resource = ""] = eventPattern.exec(type) ?? [];
  if (when === "daily") return ok(recorded(account, resource, json.data));
  if (when === "historical" && resource !== workouts)
    return ok({ ...nothing, later: { items: [], notices: [noticeOf(account, resource, json)] } });
  return ok({ ...nothing, unknown: 1 });
}

function connected(account: string, { client_user_id }: Fields): Delivery {
  const reference = wordOf(client_user_id);
  return reference === null
    ? { ...nothing, unknown: 1 }
    : { ...nothing, links: [{ account, by: { reference } }] };
}

/** One record, or several; none of them is taken that says it is another account's. */
function recorded(account: string, resource: string, data: unknown): Delivery {
  const bodies = Array.isArray(data) ? data : [data];
  const isOthers = (body: unknown) => (fieldsOf(body).user_id ?? account) !== account;
  const own = bodies.filter((body) => isFields(body) && !isOthers(body));
  const unknown = bodies.length - own.length;
  const kind = resource === workouts ? workout : resource;
  const items = own.map((body) => ({ account, kind, body }));
  if (kind === workout) return { ...nothing, items, unknown };
  if (sampleKinds.includes(kind)) return { ...nothing, later: { items, notices: [] }, unknown };
  const notices = own.length === 0 ? [] : [noticeOf(account, resource, {})];
  return { ...nothing, later: { items: [], notices }, unknown };
}

function noticeOf(account: string, collection: string, { data }: Fields): AccountNotice {
  const { start_date, end_date } = fieldsOf(data);
  const fromMs = dayOf(start_date);
  return { account, collection, fromMs, toMs: Math.max(fromMs, dayOf(end_date)), gone: null };
}

/** Zero when it is not said; a day of no zone is taken as UTC's, since nothing is read by it. */
function dayOf(v: unknown): Instant {
  const moment = typeof v === "string" ? momentOf(`${v.slice(0, 10)}T00:00:00Z`) : null;
  return moment === null || moment === "no-zone" ? 0 : moment.atMs;
}
