/** Looking things up in an element, whatever stands there: nothing here throws. */
import { parseMoment } from "../../domain/time.ts";
import { isFields } from "../untrusted.ts";

export const elementsOf = (node: unknown, name: string): readonly unknown[] => {
  const list = isFields(node) ? node[name] : undefined;
  return Array.isArray(list) ? list : [];
};

/** All at the end of a way of names. */
export const elementsAt = (node: unknown, way: string): readonly unknown[] =>
  way.split(".").reduce((found, name) => found.flatMap((n) => elementsOf(n, name)), [node]);

export const attributeOf = (node: unknown, name: string): string | null => {
  const said = isFields(node) ? node[`@${name}`] : undefined;
  return typeof said === "string" ? said : null;
};

/** What it says itself: text, or what has taken the place of a card number. */
export const saidBy = (node: unknown): unknown => (isFields(node) ? node["#text"] : undefined);

export function textOf(node: unknown): string | null {
  const said = saidBy(node);
  return typeof said === "string" ? said : null;
}

/** Of the first of these ways that leads to a text. */
export function textAt(node: unknown, ...ways: readonly string[]): string | null {
  for (const way of ways)
    for (const found of elementsAt(node, way)) {
      const text = textOf(found);
      if (text !== null) return text;
    }
  return null;
}

/** XML Schema's boolean. */
export const isSet = (node: unknown, name: string): boolean =>
  ["true", "1"].includes(attributeOf(node, name)?.trim() ?? "");

/** A till's clock often names no zone; then it is read as if it were UTC. */
export function timeOf(text: string | null): number | null {
  if (text === null) return null;
  const moment = parseMoment(text);
  const read = moment.ok ? moment : parseMoment(`${text}Z`);
  return read.ok ? read.value.atMs : null;
}

/** XML Schema's date may have a zone behind it, which makes it no other day. */
export const dayIn = (text: string | null): string | null =>
  /^(\d{4}-\d{2}-\d{2})(?:Z|[+-]\d{2}:\d{2})?$/.exec(text ?? "")?.[1] ?? null;

const read = [
  ...["RetailStoreID", "BusinessUnit", "UnitID", "WorkstationID", "SequenceNumber"],
  ...["BusinessDayDate", "BeginDateTime", "EndDateTime", "ReceiptDateTime", "CurrencyCode"],
  ...["OrganizationHierarchy", "RetailTransaction", "LineItem", "Sale", "Return", "Tax"],
  ...["SaleForDelivery", "SaleForPickup", "Discount", "Tender", "ItemID", "POSIdentity"],
  ...["POSItemID", "Quantity", "ExtendedAmount", "ActualSalesUnitPrice", "RegularSalesUnitPrice"],
  ...["Amount", "Total", "TransactionLink", "Authorization", "ReferenceNumber"],
  ...["CreditDebit", "CardNumber", "PrimaryAccountNumber", "AccountNumber"],
];
const readAttributes = [
  ...["CancelFlag", "VoidFlag", "TransactionStatus", "ReasonCode", "TotalType", "Level"],
];
const kept = new Set([...read, ...readAttributes.map((name) => `@${name}`), "#text"]);

/**
 * Only what is read, all the way down: names, addresses and descriptions are not kept. Nor who the
 * customer is: the sale keeps that as a digest.
 */
export function keptOf(node: unknown): unknown {
  if (!isFields(node)) return node;
  const entries = Object.entries(node).filter(([name]) => kept.has(name));
  return Object.fromEntries(
    entries.map(([name, value]) => [name, Array.isArray(value) ? value.map(keptOf) : value]),
  );
}
