/**
 * One notice a delivery: a workout was made or changed ("updated" is both), or deleted. Sleep and
 * recovery feed the samples; a recovery goes by its sleep's id, by which it cannot be asked for, so a
 * notice of one has the latest read again. The first version's notices name records by a number that
 * nothing can be asked for any more; they are counted, and a re-reading finds what they meant.
 */
import type { Result } from "../../domain/result.ts";
import { err, ok } from "../../domain/result.ts";
import { type AccountNotice, type Delivery, nothing, type ParseFault } from "../provider.ts";
import { isFields, jsonOf, numberNameOf } from "../untrusted.ts";

export const workout = "workout";
export const sleep = "sleep";
export const recovery = "recovery";
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
  const which = collection === recovery ? ({ gone: null, lately: true } as const) : said;
  const notice: AccountNotice = { account, collection, fromMs: 0, toMs: 0, ...which };
  if (collection === workout) return ok({ ...nothing, notices: [notice] });
  return ok({ ...nothing, later: { items: [], notices: [notice] } });
}
