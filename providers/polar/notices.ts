/**
 * One notice a delivery: what there is, of whom, and where it lies. The exercise is asked for by its
 * id, so the address beside it is not looked at, let alone fetched.
 */
import type { Result } from "../../domain/result.ts";
import { err, ok } from "../../domain/result.ts";
import { type Instant, isLocalDate, msPerDay } from "../../domain/time.ts";
import { type AccountNotice, type Delivery, nothing, type ParseFault } from "../provider.ts";
import { type Fields, instantOf, isFields, jsonOf, numberNameOf } from "../untrusted.ts";
import { beats, days, exercises, idOf, nights, recharges } from "./values.ts";

/** Of the samples, and of no use here: by what of it is read. Of a night there are two accounts. */
const others: ReadonlyMap<unknown, readonly string[]> = new Map([
  ["SLEEP", [nights, recharges]],
  ["ACTIVITY_SUMMARY", [days]],
  ["CONTINUOUS_HEART_RATE", [beats]],
  ["PHYSICAL_INFORMATION", ["PHYSICAL_INFORMATION"]],
  ["SLEEP_WISE_ALERTNESS", ["SLEEP_WISE_ALERTNESS"]],
  ["SLEEP_WISE_CIRCADIAN_BEDTIME", ["SLEEP_WISE_CIRCADIAN_BEDTIME"]],
]);

export function parse(body: string): Result<Delivery, ParseFault> {
  const json = jsonOf(body);
  if (json === undefined) return err("not-json");
  if (!isFields(json) || typeof json.event !== "string") return err("not-understood");
  // A greeting that came with a signature: there is nothing in it.
  if (json.event === "PING") return ok(nothing);
  const account = numberNameOf(json.user_id);
  if (account === null) return err("not-understood");
  if (json.event === "EXERCISE") return ok(exerciseIn(account, json));
  const collections = others.get(json.event);
  const window = collections === undefined ? null : windowOf(json);
  if (collections === undefined || window === null) return ok({ ...nothing, unknown: 1 });
  const notices = collections.map((collection) => ({ account, collection, ...window, gone: null }));
  return ok({ ...nothing, later: { items: [], notices } });
}

function exerciseIn(account: string, { entity_id }: Fields): Delivery {
  const record = idOf(entity_id);
  if (record === null) return { ...nothing, unknown: 1 };
  const at = { fromMs: 0, toMs: 0 };
  const notice: AccountNotice = { account, collection: exercises, ...at, gone: null, record };
  return { ...nothing, notices: [notice] };
}

/** Days of a zone that is not named: a day wider on both sides. */
function windowOf(json: Fields): { fromMs: Instant; toMs: Instant } | null {
  const from = dayOf(json.date ?? json.from ?? json.timestamp);
  const to = dayOf(json.date ?? json.to ?? json.timestamp);
  if (from === null || to === null || to < from) return null;
  return { fromMs: Math.max(0, from - msPerDay), toMs: to + 2 * msPerDay };
}

function dayOf(v: unknown): Instant | null {
  const day = typeof v === "string" ? v.slice(0, 10) : "";
  return isLocalDate(day) ? instantOf(`${day}T00:00:00Z`) : null;
}
