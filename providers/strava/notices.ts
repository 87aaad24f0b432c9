/**
 * One notice a delivery: an activity was made, changed or deleted, or an athlete withdrew. Anybody who
 * knows the address can say so: the first is worth one reading, the second a question, and whatever
 * else stands in it (a title, a type) is not kept. Switched to "only me" and back, an activity may be
 * deleted and made again under its one id. An id beyond 2^53 is no longer the one that was sent: it
 * is counted, and a re-reading finds what was meant.
 */
import type { Result } from "../../domain/result.ts";
import { err, ok } from "../../domain/result.ts";
import { type AccountNotice, type Delivery, nothing, type ParseFault } from "../provider.ts";
import { fieldsOf, idOf, isFields, jsonOf, wordOf } from "../untrusted.ts";
import { activities } from "./values.ts";

const unknown: Delivery = { ...nothing, unknown: 1 };

export function parse(body: string): Result<Delivery, ParseFault> {
  const json = jsonOf(body);
  if (json === undefined) return err("not-json");
  if (!isFields(json)) return err("not-understood");
  const kind = wordOf(json.object_type);
  const aspect = wordOf(json.aspect_type);
  if (kind === null || aspect === null) return err("not-understood");
  const account = idOf(json.owner_id);
  if (account === null) return isNumber(json.owner_id) ? ok(unknown) : err("not-understood");
  if (kind === "athlete") return ok(ofAthlete(account, aspect, fieldsOf(json.updates)));
  if (kind !== "activity") return ok(unknown);
  return ok(ofActivity(account, aspect, idOf(json.object_id)));
}

const isNumber = (v: unknown): boolean => typeof v === "number" && v > 0;

/** As text by its documentation. */
const denied: readonly unknown[] = ["false", false];

/** By its documentation an update, by a public client's a deletion: either is asked about. */
function ofAthlete(account: string, aspect: string, { authorized }: { authorized?: unknown }) {
  const isOver = aspect === "delete" || (aspect === "update" && denied.includes(authorized));
  return isOver ? { ...nothing, claims: [{ account, claim: "deregistered" }] } : nothing;
}

function ofActivity(account: string, aspect: string, id: string | null): Delivery {
  if (id === null || !["create", "update", "delete"].includes(aspect)) return unknown;
  const said = aspect === "delete" ? { gone: id } : { gone: null, record: id };
  const notice: AccountNotice = { account, collection: activities, fromMs: 0, toMs: 0, ...said };
  return { ...nothing, notices: [notice] };
}
