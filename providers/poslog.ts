/**
 * POSLog is the XML in which tills write down their transactions (NRF/ARTS; versions 2.x and 6.0 differ
 * in few names). A store's system posts a file, one transaction or a day of them, under its merchant's
 * own key. Nothing is signed. A transaction is known by store, workstation, sequence number and business
 * day, which is the till's and not the clock's: a sale at two in the morning belongs to the evening
 * before. It is said once and never changes; what undoes it is another, which names it. Known lies:
 * clocks without a zone, totals of returns without their sign, prices with and without their tax.
 */
import type { Result } from "../domain/result.ts";
import { err, ok } from "../domain/result.ts";
import { type Instant, isLocalDate } from "../domain/time.ts";
import { linesOf } from "./poslog/lines.ts";
import { elementsIn } from "./poslog/tree.ts";
import {
  attributeOf,
  dayIn,
  elementsAt,
  elementsOf,
  isSet,
  keptOf,
  saidBy,
  textAt,
  textOf,
  timeOf,
} from "./poslog/values.ts";
import {
  type CardFields,
  type Delivery,
  type Draft,
  type ItemFault,
  type ParseFault,
  type Provider,
  senders,
} from "./provider.ts";
import { cardsIn, currencyOf, referencesOf, saleFields, saleText } from "./sale.ts";
import { isFields, rawOf, wordOf } from "./untrusted.ts";

const kind = "transaction";
/** Of one file. */
export const transactionsMax = 5_000;

/** No sale, or not yet one: a till's own doings, practice, and what was put aside. */
const isSale = (transaction: unknown): boolean =>
  elementsOf(transaction, "RetailTransaction").length > 0 &&
  !isSet(transaction, "TrainingModeFlag") &&
  !elementsOf(transaction, "RetailTransaction").some((retail) =>
    /^suspended/i.test(attributeOf(retail, "TransactionStatus") ?? ""),
  );

function parse(body: string): Result<Delivery, ParseFault> {
  const found = elementsIn(body, { root: "POSLog", each: "Transaction", max: transactionsMax });
  if (found === null) return err("not-understood");
  const items = found.filter(isSale).map((node) => ({ account: senders, kind, body: node }));
  return ok({ items, notices: [], claims: [], unknown: 0 });
}

/** Where a till writes a card's number, if it does. */
const cardWays = ["", "CreditDebit.", "Authorization."].flatMap((within) =>
  ["CardNumber", "PrimaryAccountNumber", "AccountNumber"].map(
    (name) => `RetailTransaction.LineItem.Tender.${within}${name}`,
  ),
);

const customerOf = (transaction: unknown): string | null =>
  wordOf(
    textAt(
      transaction,
      "RetailTransaction.Customer.CustomerID",
      "RetailTransaction.LoyaltyAccount.CustomerID",
      "RetailTransaction.LoyaltyAccount.LoyaltyID",
    ),
  );

const cards: CardFields = {
  paths: cardWays.map((way) => `${way.replaceAll(".", ".*.")}.*.#text`),
  person: customerOf,
};

const storeIn = (transaction: unknown) =>
  saleText(textAt(transaction, "RetailStoreID", "BusinessUnit.UnitID"));

function normalise(said: string, item: unknown, receivedMs: Instant): Result<Draft, ItemFault> {
  if (said !== kind) return err("unknown-kind");
  if (!isFields(item)) return err("not-an-object");
  const [store, workstation, sequence] = [
    storeIn(item),
    saleText(textAt(item, "WorkstationID")),
    saleText(textAt(item, "SequenceNumber")),
  ];
  const businessDay = dayIn(textAt(item, "BusinessDayDate"));
  if (businessDay === null || !isLocalDate(businessDay)) return err("bad-business-day");
  if (store === null || workstation === null || sequence === null) return err("no-id");
  const at = timeOf(
    textAt(item, "EndDateTime", "BeginDateTime", "RetailTransaction.ReceiptDateTime"),
  );
  if (at === null) return err("no-time");
  const currency = currencyOf(textAt(item, "CurrencyCode", "RetailTransaction.CurrencyCode"));
  if (currency === null) return err("no-currency");
  const lines = linesOf(item, currency);
  if (!lines.ok) return lines;
  const identity = [store, workstation, sequence, businessDay];
  const tender = "RetailTransaction.LineItem.Tender";
  const numbers = elementsAt(item, `${tender}.Authorization.ReferenceNumber`).map(textOf);
  const regions = elementsOf(item, "OrganizationHierarchy");
  const region = regions.find((one) => /^region$/i.test(attributeOf(one, "Level") ?? ""));
  const sale = {
    ...{ at, store, region: saleText(textOf(region)), businessDay, currency },
    lines: lines.value,
    // A receipt's number is not among them: each till counts its own, and two would be one sale.
    references: referencesOf([...numbers, identity.join("/")]),
    cards: cardsIn(cardWays.flatMap((way) => elementsAt(item, way)).map(saidBy)),
  };
  const fields = saleFields(sale, receivedMs);
  const text = rawOf(keptOf(item));
  if (!fields.ok) return fields;
  if (text === null) return err("too-deep");
  const draft = { sourceId: JSON.stringify(identity), revision: null, copyOf: null };
  const raw = { column: "raw", text };
  return ok({ ...draft, fields: fields.value, person: customerOf(item), raw });
}

export const poslog = {
  name: "poslog",
  stream: "sales",
  edition: 1,
  facts: {
    title: "POSLog tills",
    delivery: "push",
    bodyBytesMax: 10 * 1024 * 1024,
    received: 200,
    answerWithinMs: null,
    othersMaySee: false,
    onDeauthorised: "keep",
    identity:
      "RetailStoreID (or BusinessUnit/UnitID), WorkstationID, SequenceNumber, BusinessDayDate",
    revision: "none is stated: another content of the same transaction is its next statement",
    deletion:
      "never said: a transaction that is cancelled or voided stands with its lines and their opposites",
    deauthorisation: "never said: the store's system stops sending",
    timeZone: "BusinessDayDate, which is the till's own; a clock without a zone is read as UTC",
    doubts: [
      "whether an extended amount holds its tax or its discount differs between tills: the lines are brought to the stated grand total, by one line more of what was taken off or added as a whole",
      "prices that come to the grand total without the stated tax are taken to hold it",
      "a line that is flagged as void is left out, as if it had never been rung up",
      "a transaction with a link whose reason names a void is read as the opposite of what it repeats; a till that also sends the voided one again, marked so, would take it back twice",
      "of goods that are weighed, one piece is counted",
      "a file that breaks off, is not well-formed or holds too much is refused whole, and has to be sent again",
      "what was put aside (suspended) or done in training mode is understood, and is nothing",
    ],
    documentation: "https://www.omg.org/retail/",
    readOn: "2026-11-22",
  },
  signature: { kind: "member-key" },
  parse,
  cards,
  normalise,
  again: (column, slice) => (column === "raw" ? { kind, body: slice } : null),
  memberKey: {
    how: "Let the store's system post each POSLog file to the address as it is closed. The key stands at the end of the address; without it there, send it as a header `Authorization: Bearer <key>`.",
  },
} satisfies Provider;
