/**
 * The events of our own door: `{ type, timestamp, data }`. What is wrong with an event as a whole is
 * refused; what is wrong with one entry is that entry's alone. Of a type that is not ours yet, the
 * event is counted and answered as received, so that a sender may be ahead of a deployment.
 */
import type { Result } from "../../domain/result.ts";
import { err, ok } from "../../domain/result.ts";
import type { Instant } from "../../domain/time.ts";
import { type Delivery, type Item, nothing, type ParseFault } from "../provider.ts";
import { type Fields, isFields, jsonOf, momentOf, wordOf } from "../untrusted.ts";
import {
  type EventType,
  entriesMax,
  eventTypes,
  idCharsMax,
  senderPattern,
  version,
} from "./bounds.ts";

/** The kinds of items. */
export const kinds = { workout: "workout", deleted: "deleted", sample: "sample" } as const;

export function parse(body: string): Result<Delivery, ParseFault> {
  const json = jsonOf(body);
  if (json === undefined) return err("not-json");
  if (!isFields(json) || wordOf(json.type) === null) return err("not-understood");
  if ((json.version ?? version) !== version) return err("not-understood");
  const type = eventTypes.find((known) => known === json.type);
  if (type === undefined)
    return isFields(json.data) ? ok({ ...nothing, unknown: 1 }) : err("not-understood");
  const delivery = isFields(json.data) ? deliveryOf(type, json.data, saidOf(json)) : null;
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
function deliveryOf(type: EventType, data: Fields, saidMs: Instant | null): Delivery | null {
  const whose = whoseOf(data);
  if (whose === null) return null;
  const { account } = whose;
  switch (type) {
    case "account.linked": {
      const reference = wordOf(data.reference, idCharsMax);
      return reference === null ? null : { ...nothing, links: [{ account, by: { reference } }] };
    }
    case "account.ended": {
      const why = data.why ?? "grant-ended";
      if (why !== "grant-ended" && why !== "permission-withdrawn") return null;
      return { ...nothing, ends: [{ account, why, saidMs }] };
    }
    case "workouts.upserted": {
      const items = itemsOf(type, whose, kinds.workout, data.workouts);
      return items && { ...nothing, items };
    }
    case "workouts.deleted": {
      const items = itemsOf(type, whose, kinds.deleted, data.ids);
      return items && { ...nothing, items };
    }
    case "samples.upserted": {
      const items = itemsOf(type, whose, kinds.sample, data.samples);
      return items && { ...nothing, later: { items, notices: [] } };
    }
  }
}

function itemsOf(type: EventType, whose: Whose, kind: string, list: unknown): Item[] | null {
  if (!Array.isArray(list) || list.length > (entriesMax[type] ?? 0)) return null;
  const { account, sender } = whose;
  return list.map((entry) => ({ account, kind, body: { sender, [kind]: entry } }));
}
