/**
 * What Wahoo sends: a whole summary with the workout around it, and the token that is to prove it in
 * the same body. So it is worth no more than the number of the workout, and nothing else is kept.
 */
import type { Result } from "../../domain/result.ts";
import { err, ok } from "../../domain/result.ts";
import { type AccountNotice, type Delivery, nothing, type ParseFault } from "../provider.ts";
import { fieldsOf, idOf, isFields, jsonOf } from "../untrusted.ts";
import { workouts } from "./values.ts";

export function parse(body: string): Result<Delivery, ParseFault> {
  const json = jsonOf(body);
  if (json === undefined) return err("not-json");
  if (!isFields(json) || typeof json.event_type !== "string") return err("not-understood");
  const account = idOf(fieldsOf(json.user).id);
  if (account === null) return err("not-understood");
  const workout = fieldsOf(fieldsOf(json.workout_summary).workout);
  const record = json.event_type === "workout_summary" ? idOf(workout.id) : null;
  if (record === null) return ok({ ...nothing, unknown: 1 });
  const at = { fromMs: 0, toMs: 0 };
  const notice: AccountNotice = { account, collection: workouts, ...at, gone: null, record };
  return ok({ ...nothing, notices: [notice] });
}
