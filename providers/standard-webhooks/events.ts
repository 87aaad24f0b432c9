/**
 * The events of our own doors: `{ type, timestamp, data }`. What is wrong with an event as a whole is
 * refused; what is wrong with one entry is that entry's alone. Of a type that is not ours yet, the
 * event is counted and answered as received, so that a sender may be ahead of a deployment. Accounts
 * are told of alike at each door; what else an event may hold, the door says (`Entries`).
 */
import type { Result } from "../../domain/result.ts";
import { err, ok } from "../../domain/result.ts";
import type { Instant } from "../../domain/time.ts";
import { type Delivery, type Item, nothing, type ParseFault } from "../provider.ts";
import { type Fields, isFields, jsonOf, momentOf, wordOf } from "../untrusted.ts";
import { type EventType, entriesMax, idCharsMax, senderPattern, version } from "./bounds.ts";

/** The kinds of items. */
export const kinds = { workout: "workout", deleted: "deleted", sample: "sample" } as const;

/** The entries of one type of event: the field of `data` that lists them, and what each becomes. */
export interface Entries {
  readonly in: string;
  readonly kind: string;
  /** More are refused as a whole. */
  readonly max: number;
  /** Of the samples. */
  readonly later?: true;
}
export type EntriesByType = Readonly<Record<string, Entries>>;

const entries = (type: EventType, at: string, kind: string): Entries => ({
  ...{ in: at, kind, max: entriesMax[type] ?? 0 },
});
const ours: EntriesByType = {
  "workouts.upserted": entries("workouts.upserted", "workouts", kinds.workout),
  "workouts.deleted": entries("workouts.deleted", "ids", kinds.deleted),
  "samples.upserted": { ...entries("samples.upserted", "samples", kinds.sample), later: true },
};

export const parse = (body: string): Result<Delivery, ParseFault> => parseEvent(body, ours);

/** One event of a door whose events, beside those of accounts, hold these entries. */
export function parseEvent(body: string, byType: EntriesByType): Result<Delivery, ParseFault> {
  const json = jsonOf(body);
  if (json === undefined) return err("not-json");
  if (!isFields(json) || !isFields(json.data)) return err("not-understood");
  const type = wordOf(json.type);
  if (type === null || (json.version ?? version) !== version) return err("not-understood");
  const delivery = deliveryOf(type, json.data, saidOf(json), byType);
  return delivery === null ? err("not-understood") : ok(delivery);
}

/** When it happened, by the sender's clock; null where that is not said, or of no zone. */
function saidOf({ timestamp }: Fields): Instant | null {
  const moment = momentOf(timestamp);
  return moment === null || moment === "no-zone" ? null : moment.atMs;
}

interface Whose {
  readonly account: string;
  readonly sender: string | null;
}

/**
 * Senders share a deployment's keys, and are parted by the name that each gives itself: an array,
 * so that no sender and account read like another's.
 */
function whoseOf(data: Fields): Whose | null {
  const said = data.sender ?? null;
  const account = wordOf(data.account, idCharsMax);
  const isName = typeof said === "string" && senderPattern.test(said);
  if (account === null || (said !== null && !isName)) return null;
  const sender = isName ? said : null;
  return { account: JSON.stringify([sender, account]), sender };
}

/** Null: not of the documented form. */
function deliveryOf(
  type: string,
  data: Fields,
  saidMs: Instant | null,
  byType: EntriesByType,
): Delivery | null {
  const listed = Object.hasOwn(byType, type) ? byType[type] : undefined;
  const isOfAccount = type === "account.linked" || type === "account.ended";
  if (listed === undefined && !isOfAccount) return { ...nothing, unknown: 1 };
  const whose = whoseOf(data);
  if (whose === null) return null;
  const { account } = whose;
  if (listed !== undefined) {
    const items = itemsOf(listed, whose, data[listed.in]);
    if (items === null) return null;
    return listed.later ? { ...nothing, later: { items, notices: [] } } : { ...nothing, items };
  }
  if (type === "account.linked") {
    const reference = wordOf(data.reference, idCharsMax);
    return reference === null ? null : { ...nothing, links: [{ account, by: { reference } }] };
  }
  const why = data.why ?? "grant-ended";
  if (why !== "grant-ended" && why !== "permission-withdrawn") return null;
  return { ...nothing, ends: [{ account, why, saidMs }] };
}

function itemsOf({ kind, max }: Entries, { account, sender }: Whose, list: unknown): Item[] | null {
  if (!Array.isArray(list) || list.length > max) return null;
  return list.map((entry) => ({ account, kind, body: { sender, [kind]: entry } }));
}
