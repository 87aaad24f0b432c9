/**
 * Our own door for whatever else sells: signed events in the form of Standard Webhooks 1.0.0, with sales
 * in them (docs/sales.md is the whole contract). What is signed, and by which of two kinds of key, is as
 * at `standard-webhooks`; so are the events of accounts. A sale is said whole each time: a refund or a
 * cancellation is a later revision of it, and money is decimal text or whole smallest units, never a
 * fraction. A card's number goes into `cards.*.number` and nowhere else: anywhere else it refuses the
 * whole delivery.
 */
import type { Result } from "../domain/result.ts";
import { ok } from "../domain/result.ts";
import type { Delivery, ParseFault, Provider } from "./provider.ts";
import { cards, kinds, normalise } from "./sale-webhooks/sale.ts";
import { bodyBytesMax } from "./standard-webhooks/bounds.ts";
import { parseEvent } from "./standard-webhooks/events.ts";
import { standardWebhooks } from "./standard-webhooks.ts";
import { fieldsOf, wordOf } from "./untrusted.ts";

const customer = "customer";
/** The events that hold entries, beside those of accounts. */
export const saleEvents = {
  "sales.recorded": { in: "sales", kind: kinds.sale, max: 500 },
  "sales.deleted": { in: "ids", kind: kinds.deleted, max: 500 },
  "customers.forgotten": { in: "customers", kind: customer, max: 500 },
} as const;

function parse(body: string): Result<Delivery, ParseFault> {
  const parsed = parseEvent(body, saleEvents);
  if (!parsed.ok) return parsed;
  const { items: all, unknown, ...delivery } = parsed.value;
  const items = all.filter(({ kind }) => kind !== customer);
  const named = all.filter(({ kind }) => kind === customer);
  const forgettings = named.flatMap(({ account, body: said }) => {
    const person = wordOf(fieldsOf(said)[customer]);
    return person === null ? [] : [{ account, person }];
  });
  const nameless = named.length - forgettings.length;
  return ok({ ...delivery, items, forgettings, unknown: unknown + nameless });
}

export const saleWebhooks = {
  name: "sale-webhooks",
  stream: "sales",
  edition: 1,
  facts: {
    title: "Sale Webhooks",
    delivery: "push",
    bodyBytesMax,
    received: 200,
    answerWithinMs: 15_000,
    othersMaySee: false,
    onDeauthorised: "keep",
    identity: "the sale's id, within its sender and account",
    revision: "revision, or updatedAt in milliseconds; a refund is a later one of the whole sale",
    deletion: "sales.deleted with a revision; a newer one brings the sale back",
    deauthorisation: "account.ended, signed",
    timeZone:
      "businessDay, the till's own; without it the day that it was at the offset of `at`, in UTC where that is Z",
    doubts: [
      "all senders sign with the deployment's live secrets, as at standard-webhooks: who holds one can speak for any account that was linked through this door",
      "what is deleted by a sender is gone from all totals; money that was paid back is a later revision and no deletion",
    ],
    documentation:
      "https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md",
    readOn: "2026-11-22",
  },
  signature: standardWebhooks.signature,
  parse,
  cards,
  normalise,
  again: (column, slice) => (column === "raw" ? { kind: kinds.sale, body: slice } : null),
  reference: {
    how: "Hand the word to the other system; it says it back in a signed account.linked event.",
  },
} satisfies Provider;
