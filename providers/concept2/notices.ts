/**
 * What Concept2 sends: a result that was added or changed, whole, or the number of one that was
 * deleted. Nothing proves who sent it, so it only names what is to be read. Its documentation has it
 * within `data`, and receivers have it without: both are read.
 */
import type { Result } from "../../domain/result.ts";
import { err, ok } from "../../domain/result.ts";
import { type Delivery, nothing, type ParseFault } from "../provider.ts";
import { type Fields, fieldsOf, idOf, isFields, jsonOf, wordOf } from "../untrusted.ts";
import { results } from "./values.ts";

const unknown: Delivery = { ...nothing, unknown: 1 };

export function parse(body: string): Result<Delivery, ParseFault> {
  const json = jsonOf(body);
  if (json === undefined) return err("not-json");
  if (!isFields(json)) return err("not-understood");
  const event = json.type === undefined && isFields(json.data) ? json.data : json;
  const type = wordOf(event.type);
  if (type === null) return err("not-understood");
  if (type === "result-added" || type === "result-updated") return changed(event);
  // Whose it was is not said, as it is documented: then the next reading of all of it finds out.
  return ok(type === "result-deleted" ? deleted(event) : unknown);
}

const at = { collection: results, fromMs: 0, toMs: 0 } as const;

function changed({ result }: Fields): Result<Delivery, ParseFault> {
  const { id, user_id } = fieldsOf(result);
  const [account, record] = [idOf(user_id), idOf(id)];
  if (account === null || record === null) return err("not-understood");
  return ok({ ...nothing, notices: [{ ...at, account, gone: null, record }] });
}

function deleted({ result_id, user_id, result }: Fields): Delivery {
  const said = fieldsOf(result);
  const account = idOf(user_id ?? said.user_id);
  const gone = idOf(result_id ?? said.id);
  if (account === null || gone === null) return unknown;
  return { ...nothing, notices: [{ ...at, account, gone }] };
}
