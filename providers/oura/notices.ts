/** One notice a delivery: a record of some type was made, changed or deleted. */
import type { Result } from "../../domain/result.ts";
import { err, ok } from "../../domain/result.ts";
import { type AccountNotice, type Delivery, nothing, type ParseFault } from "../provider.ts";
import { isFields, jsonOf, nameCharsMax, textOf } from "../untrusted.ts";

export const workout = "workout";
export const heartRate = "heartrate";
export const sleep = "sleep";
export const dailyActivity = "daily_activity";
export const dailyOxygen = "daily_spo2";
/** What feeds the samples. */
export const sampleTypes: readonly string[] = [heartRate, sleep, dailyActivity, dailyOxygen];
export const idPattern = /^[A-Za-z0-9_-]{1,64}$/;

export const idOf = (v: unknown): string | null =>
  typeof v === "string" && idPattern.test(v) ? v : null;

/** Of the samples, and of no use here: known; only some of them can be read. */
const others = new Set(
  "tag enhanced_tag session sleep daily_sleep daily_readiness daily_activity daily_spo2 sleep_time rest_mode_period ring_configuration daily_stress daily_resilience daily_cardiovascular_age vo2_max heartrate".split(
    " ",
  ),
);
const events: readonly unknown[] = ["create", "update", "delete"];

export function parse(body: string): Result<Delivery, ParseFault> {
  const json = jsonOf(body);
  if (json === undefined) return err("not-json");
  if (!isFields(json) || typeof json.data_type !== "string") return err("not-understood");
  const account = textOf(json.user_id, nameCharsMax + 1);
  if (account === null || account.length > nameCharsMax) return err("not-understood");
  const { event_type, data_type: collection } = json;
  const id = idOf(json.object_id);
  const isKnown = collection === workout || others.has(collection);
  if (id === null || !isKnown || !events.includes(event_type))
    return ok({ ...nothing, unknown: 1 });
  const said = event_type === "delete" ? { gone: id } : { gone: null, record: id };
  const notice: AccountNotice = { account, collection, fromMs: 0, toMs: 0, ...said };
  if (collection === workout) return ok({ ...nothing, notices: [notice] });
  return ok({ ...nothing, later: { items: [], notices: [notice] } });
}
