/** One sale, or one that never was, as docs/sales.md has it. Read strictly: nothing is guessed at. */
import type { Result } from "../../domain/result.ts";
import { err, ok } from "../../domain/result.ts";
import { lineKinds, linesMax, quantityMax, type SaleLine } from "../../domain/sales/schema.ts";
import { type Instant, isLocalDate } from "../../domain/time.ts";
import type { CardFields, Draft, ItemFault } from "../provider.ts";
import {
  cardsIn,
  currencyOf,
  dayOf,
  lineOf,
  minorOf,
  referencesOf,
  saleFields,
  saleText,
  sumOf,
  wholeMinorOf,
} from "../sale.ts";
import { Entry, sourceIdOf } from "../standard-webhooks/reading.ts";
import { type Fields, fieldsOf, isFields, rawOf, wordOf } from "../untrusted.ts";

export const kinds = { sale: "sale", deleted: "deleted" } as const;

const listOf = (v: unknown): readonly unknown[] => (Array.isArray(v) ? v : []);
const customerIn = ({ customer }: Fields): string | null => wordOf(customer);

export const cards: CardFields = {
  paths: ["sale.cards.*.number"],
  person: (item) => customerIn(fieldsOf(fieldsOf(item).sale)),
};

/** All that is read, but whose it is, which the sale keeps as a digest; nothing else is kept. */
const readFields = [
  ...["id", "revision", "updatedAt", "at", "businessDay", "store", "region", "currency", "lines"],
  ...["total", "totalMinor", "references", "cards"],
];

export function normalise(
  kind: string,
  item: unknown,
  receivedMs: Instant,
): Result<Draft, ItemFault> {
  if (kind !== kinds.sale && kind !== kinds.deleted) return err("unknown-kind");
  const { sender, [kind]: said } = fieldsOf(item);
  if (!isFields(said)) return err("not-an-object");
  const entry = new Entry(said);
  const id = entry.id();
  const revision = entry.revision(receivedMs);
  if (id === null || revision === null) return err(entry.fault ?? "no-id");
  const sourceId = sourceIdOf(sender, id);
  if (kind === kinds.deleted) return ok({ sourceId, revision, retracted: true });
  const fields = fieldsIn(entry, receivedMs);
  if (!fields.ok) return fields;
  const kept = readFields.filter((name) => Object.hasOwn(said, name));
  const sale = Object.fromEntries(kept.map((name) => [name, said[name]]));
  const text = rawOf({ sender: sender ?? null, sale });
  if (text === null) return err("too-deep");
  const raw = { column: "raw", text };
  const person = customerIn(said);
  return ok({ sourceId, revision, fields: fields.value, copyOf: null, person, raw });
}

function fieldsIn(entry: Entry, receivedMs: Instant): Result<Fields, ItemFault> {
  const said = entry.fields;
  const at = entry.moment("at", "no-time");
  const currency = currencyOf(said.currency) ?? entry.bad("no-currency");
  if (at === null || currency === null) return err(entry.fault ?? "no-time");
  const businessDay = said.businessDay ?? dayOf(at);
  if (typeof businessDay !== "string" || !isLocalDate(businessDay)) return err("bad-business-day");
  const lines = linesIn(said.lines, currency);
  if (!lines.ok) return lines;
  const isStated = (said.total ?? said.totalMinor ?? null) !== null;
  const total = moneyIn(said.total, said.totalMinor, currency);
  if (isStated && total !== sumOf(lines.value)) return err("bad-total");
  if ((said.customer ?? null) !== null && customerIn(said) === null) return err("bad-customer");
  const region = said.region ?? null;
  if (region !== null && saleText(region) === null) return err("bad-region");
  const sale = {
    at: at.atMs,
    store: saleText(said.store),
    region: saleText(region),
    businessDay,
    currency,
    lines: lines.value,
    references: referencesOf(listOf(said.references)),
    cards: cardsIn(listOf(said.cards).map((card) => fieldsOf(card).number)),
  };
  return saleFields(sale, receivedMs);
}

/** In one of two ways, and not in both. */
function moneyIn(decimal: unknown, minor: unknown, currency: string): number | null {
  if ((decimal ?? null) !== null && (minor ?? null) !== null) return null;
  return typeof decimal === "string" ? minorOf(decimal, currency) : wholeMinorOf(minor);
}

function linesIn(said: unknown, currency: string): Result<readonly SaleLine[], ItemFault> {
  if (!Array.isArray(said)) return err("no-lines");
  if (said.length > linesMax) return err("too-many-lines");
  const lines: SaleLine[] = [];
  for (const one of said) {
    const line = fieldsOf(one);
    const kind = lineKinds.find((known) => known === (line.kind ?? "item"));
    const sku = (line.sku ?? null) === null ? null : saleText(line.sku);
    const quantity = line.quantity ?? 0;
    const amountMinor = moneyIn(line.amount, line.amountMinor, currency);
    if (kind === undefined) return err("bad-kind");
    if (sku === null && (line.sku ?? null) !== null) return err("bad-sku");
    if (!Number.isSafeInteger(quantity) || Math.abs(Number(quantity)) > quantityMax)
      return err("bad-quantity");
    if (amountMinor === null) return err("bad-amount");
    lines.push(lineOf(kind, amountMinor, { sku, quantity: Number(quantity) + 0 }));
  }
  return ok(lines);
}
