/**
 * What Suunto sends: one thing of one account. A workout comes with its summary and its gear; the
 * older form of a notice only names its key, which is then read. What of the day's measurements a body
 * shape is known of is read as samples; the rest is named with its window.
 */
import type { Result } from "../../domain/result.ts";
import { err, ok } from "../../domain/result.ts";
import type { Instant } from "../../domain/time.ts";
import { type Delivery, nothing, type ParseFault } from "../provider.ts";
import {
  type Fields,
  fieldsOf,
  isFields,
  jsonOf,
  momentOf,
  nameCharsMax,
  wordOf,
} from "../untrusted.ts";
import { activity, keyOf, sleep, workouts } from "./values.ts";

const prefix = "SUUNTO_247_";
const suffix = "_CREATED";

export function parse(body: string): Result<Delivery, ParseFault> {
  const json = jsonOf(body);
  if (json === undefined) return legacy(body);
  if (!isFields(json)) return err("not-understood");
  const account = wordOf(json.username, nameCharsMax);
  const type = wordOf(json.type);
  if (account === null || type === null) return err("not-understood");
  if (type === "WORKOUT_CREATED") {
    const { workout, gear } = json;
    return ok({ ...nothing, items: [{ account, kind: workouts, body: { workout, gear } }] });
  }
  if (type.startsWith(prefix) && type.endsWith(suffix)) return ok(measured(account, type, json));
  return ok({ ...nothing, unknown: 1 });
}

function measured(account: string, type: string, { samples }: Fields): Delivery {
  const kind = type.slice(prefix.length, -suffix.length).toLowerCase();
  const later = { items: [], notices: [] };
  if (kind === sleep || kind === activity)
    return { ...nothing, later: { ...later, items: [{ account, kind, body: { samples } }] } };
  const times = (Array.isArray(samples) ? samples : []).flatMap((sample): Instant[] => {
    const moment = momentOf(fieldsOf(sample).timestamp);
    return moment === null || moment === "no-zone" ? [] : [moment.atMs];
  });
  const fromMs = times.reduce((least, t) => Math.min(least, t), times[0] ?? 0);
  const toMs = times.reduce((most, t) => Math.max(most, t), 0);
  const notice = { account, collection: kind, fromMs, toMs, gone: null };
  return { ...nothing, later: { ...later, notices: [notice] } };
}

/** `username=…&workoutid=…`, once each and nothing else. */
function legacy(body: string): Result<Delivery, ParseFault> {
  const form = /^[\w.~%+&=@-]{1,600}$/.test(body) ? [...new URLSearchParams(body)] : [];
  if (form.length === 0 || !body.includes("=")) return err("not-json");
  const said = new Map(form);
  const [account, record] = [wordOf(said.get("username")), keyOf(said.get("workoutid"))];
  if (form.length !== 2 || account === null || record === null) return err("not-understood");
  const notice = { account, collection: workouts, fromMs: 0, toMs: 0, gone: null, record };
  return ok({ ...nothing, notices: [notice] });
}
