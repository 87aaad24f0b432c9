/**
 * What COROS sends: records of one member or several, each with some of what it is, and with the
 * address of a file. Nothing of that is believed. A record cannot be asked for without its day, which
 * is not said, so that each member that is named is worth one reading of what came lately.
 */
import type { Result } from "../../domain/result.ts";
import { err, ok } from "../../domain/result.ts";
import { type AccountNotice, type Delivery, nothing, type ParseFault } from "../provider.ts";
import { type Fields, isFields, wordOf } from "../untrusted.ts";
import { corosJson } from "./json.ts";
import { labelOf, sports } from "./values.ts";

export function parse(body: string): Result<Delivery, ParseFault> {
  const json = corosJson(body);
  if (json === undefined) return err("not-json");
  if (!isFields(json) || !Array.isArray(json.sportDataList)) return err("not-understood");
  const named = json.sportDataList.map(accountIn);
  const accounts = new Set(named.filter((account) => account !== null));
  const unknown = named.filter((account) => account === null).length;
  return ok({ ...nothing, notices: [...accounts].map(lately), unknown });
}

function accountIn(entry: unknown): string | null {
  if (!isFields(entry) || labelOf(entry.labelId) === null) return null;
  return openIdOf(entry);
}

/** Whose it is, as the answer that gives the tokens names the account too. */
export const openIdOf = ({ openId }: Fields): string | null => wordOf(openId);

const lately = (account: string): AccountNotice => ({
  account,
  collection: sports,
  fromMs: 0,
  toMs: 0,
  gone: null,
  lately: true,
});
