/**
 * What lies at the addresses that pings name: summaries or details as JSON, or one activity's file.
 * All of it must be of the account that the ping named; an answer that holds another's is not taken
 * at all. An address that holds nothing any more (410, or 404) is gone and not asked again.
 */
import type { ProviderReply } from "../../domain/ports.ts";
import type { Result } from "../../domain/result.ts";
import { err, ok } from "../../domain/result.ts";
import type { Instant } from "../../domain/time.ts";
import type { Callbacks, Draft, Fetched, ItemFault, PageFault } from "../provider.ts";
import { isFields } from "../untrusted.ts";
import { itemsOf } from "./activity-file.ts";
import { activityFiles } from "./pings.ts";

type Normalise = (kind: string, item: unknown, receivedMs: Instant) => Result<Draft, ItemFault>;

export const callbacksWith = (normalise: Normalise): Callbacks => ({
  as: (collection) => (collection === activityFiles ? "bytes" : "json"),
  async read(collection, reply, receivedMs) {
    const fault = faultIn(reply);
    if (fault !== null) return err(fault);
    const items = collection === activityFiles ? fileIn(reply) : entriesIn(collection, reply);
    if (!items.ok) return items;
    return ok(taken(items.value, (item) => normalise(collection, item, receivedMs)));
  },
});

function taken(
  items: readonly unknown[],
  read: (item: unknown) => Result<Draft, ItemFault>,
): Fetched {
  const drafts: Draft[] = [];
  const bad: { reason: ItemFault; body: unknown }[] = [];
  for (const item of items) {
    const draft = read(item);
    if (draft.ok) drafts.push(draft.value);
    else bad.push({ reason: draft.error, body: item });
  }
  return { drafts, bad };
}

/** What an answer's status and form say of it, before anything in it is looked at; null: nothing. */
export function faultIn({ status, fault, complete }: ProviderReply): PageFault | null {
  if (status === 401) return "reconnect";
  if (status === 429 || status >= 500) return "again";
  if (fault === "timeout" || fault === "network" || fault === "cut-short") return "again";
  if (status === 404 || status === 410) return "gone";
  if (status >= 400) return "refused";
  return fault !== null || status < 200 || status >= 300 || (!complete && status !== 204)
    ? "broken"
    : null;
}

/** What lies at a summary's address, whatever it is a summary of. */
export function summariesIn(
  collection: string,
  reply: ProviderReply,
): Result<readonly unknown[], PageFault> {
  const fault = faultIn(reply);
  return fault === null ? entriesIn(collection, reply) : err(fault);
}

function fileIn({ bytes, about }: ProviderReply): Result<readonly unknown[], PageFault> {
  const summaryId = about?.summaryId;
  if (bytes === undefined || summaryId === undefined) return err("broken");
  return ok(itemsOf(summaryId, bytes));
}

/** An array of entries, or an object that holds it under the name of what was asked for. */
function entriesIn(
  collection: string,
  { status, body, about }: ProviderReply,
): Result<readonly unknown[], PageFault> {
  if (status === 204) return ok([]);
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    return err("broken");
  }
  const entries = isFields(json) ? json[collection] : json;
  if (!Array.isArray(entries)) return err("broken");
  const isOthers = (entry: unknown) =>
    isFields(entry) && entry.userId !== undefined && entry.userId !== about?.account;
  return about !== undefined && entries.some(isOthers) ? err("broken") : ok(entries);
}
