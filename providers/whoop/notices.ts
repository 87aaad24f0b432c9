/**
 * One notice a delivery: a workout was made or changed ("updated" is both), or deleted. Sleep and
 * recovery are for the samples to come. The first version's notices name records by a number that
 * nothing can be asked for any more; they are counted, and a re-reading finds what they meant.
 */
import type { Result } from "../../domain/result.ts";
import { err, ok } from "../../domain/result.ts";
import { type AccountNotice, type Delivery, nothing, type ParseFault } from "../provider.ts";
import { isFields, jsonOf, numberNameOf } from "../untrusted.ts";

export const workout = "workout";
export const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export const uuidOf = (v: unknown): string | null =>
  typeof v === "string" && uuidPattern.test(v) ? v.toLowerCase() : null;

const typePattern = /^(workout|sleep|recovery)\.(updated|deleted)$/;

export function parse(body: string): Result<Delivery, ParseFault> {
  const json = jsonOf(body);
  if (json === undefined) return err("not-json");
  if (!isFields(json) || typeof json.type !== "string") return err("not-understood");
  const account = numberNameOf(json.user_id);
  if (account === null) return err("not-understood");
  const [, collection, what] = typePattern.exec(json.type) ?? [];
  const id = uuidOf(json.id);
  if (collection === undefined || id === null) return ok({ ...nothing, unknown: 1 });
  const said = what === "deleted" ? { gone: id } : { gone: null, record: id };
  const notice: AccountNotice = { account, collection, fromMs: 0, toMs: 0, ...said };
  if (collection === workout) return ok({ ...nothing, notices: [notice] });
  return ok({ ...nothing, later: { items: [], notices: [notice] } });
}
