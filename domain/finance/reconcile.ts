/**
 * What was sold beside what gateways settled: every sale and every row of a file stands in exactly
 * one line, each line says why, and per currency the differences add up to ours less theirs. Those
 * that share a reference are one line, however many there are of either: a partial capture, a
 * refund, a charge that came twice.
 */
import type { LocalDate } from "../time.ts";
import { Groups } from "./groups.ts";

/** What a gateway's row is of. reserve: kept back by the gateway, or let go. */
export const settledKinds = [
  "charge",
  "refund",
  "dispute",
  "adjustment",
  "fee",
  "reserve",
  "payout",
] as const;
export type SettledKind = (typeof settledKinds)[number];

/** A sale, or what a gateway told of a payment: of one that has a sale the sale alone counts. */
export interface Own {
  readonly id: string;
  readonly kind: "sale" | "payment";
  readonly references: readonly string[];
  readonly currency: string;
  readonly amountMinor: number;
  readonly day: LocalDate;
}
export interface Settled {
  readonly file: string;
  readonly line: number;
  readonly kind: SettledKind;
  readonly references: readonly string[];
  readonly currency: string;
  /** Before the fee; negative: it went back. */
  readonly amountMinor: number;
  /** What the gateway kept of it. */
  readonly feeMinor: number;
  readonly day: LocalDate;
}

/** transfer: money between gateway and bank, or kept back; of no sale. */
export const outcomes = [
  "matched",
  "amount-differs",
  "only-ours",
  "only-theirs",
  "fee",
  "transfer",
] as const;
export type Outcome = (typeof outcomes)[number];

/**
 * equal: one of each. in-parts: several rows or sales come to the same. nothing-due: a sale that
 * came to nothing, and no row. charged-again: every charge alone is what was sold.
 * refunded-there, disputed: but for refunds, or disputes, it would be equal. less-there, more-there:
 * otherwise. no-row, no-sale: the other side has none; no-reference: nothing says of what it is.
 */
export const reasons = [
  "equal",
  "in-parts",
  "nothing-due",
  "charged-again",
  "refunded-there",
  "disputed",
  "less-there",
  "more-there",
  "no-row",
  "no-sale",
  "no-reference",
  "gateway-fee",
  "gateway-transfer",
] as const;
export type Reason = (typeof reasons)[number];

export interface Amounts {
  readonly oursMinor: number;
  readonly theirsMinor: number;
  /** Ours less theirs. */
  readonly differenceMinor: number;
  /** What gateways kept of it; in none of the others. */
  readonly feeMinor: number;
}
export interface ReconciledLine extends Amounts {
  /** Of its first sale, else of its first row: no other line's. */
  readonly id: string;
  /** The earliest among its sales and rows. */
  readonly day: LocalDate;
  readonly outcome: Outcome;
  readonly why: Reason;
  readonly currency: string;
  readonly references: readonly string[];
  readonly sales: readonly string[];
  /** Told by a gateway's notice; they count where there is no sale. */
  readonly payments: readonly string[];
  readonly rows: readonly Pick<Settled, "file" | "line" | "kind" | "amountMinor" | "day">[];
}
export interface CurrencySum extends Amounts {
  readonly currency: string;
  readonly lines: number;
  readonly outcomes: Readonly<Partial<Record<Outcome, Amounts & { readonly lines: number }>>>;
}

const apart: Readonly<Partial<Record<SettledKind, readonly [Outcome, Reason]>>> = {
  fee: ["fee", "gateway-fee"],
  reserve: ["transfer", "gateway-transfer"],
  payout: ["transfer", "gateway-transfer"],
};

interface Together {
  readonly ours: Own[];
  readonly theirs: Settled[];
}

/** In order of day and id, whatever the order of what is given. */
export function reconcile(
  ours: readonly Own[],
  theirs: readonly Settled[],
): readonly ReconciledLine[] {
  const groups = new Groups<Own | Settled>(({ currency }, reference) =>
    JSON.stringify([currency, reference]),
  );
  const lines: ReconciledLine[] = [];
  for (const row of theirs) {
    const alone = apart[row.kind];
    if (alone !== undefined) lines.push(lineOf({ ours: [], theirs: [row] }, ...alone));
    else groups.add(row);
  }
  for (const own of ours) groups.add(own);
  for (const items of groups.all()) {
    const group: Together = { ours: [], theirs: [] };
    for (const item of items)
      if ("file" in item) group.theirs.push(item);
      else group.ours.push(item);
    lines.push(lineOf(group, ...judged(group)));
  }
  return lines.sort((a, b) => compare(a.day, b.day) || compare(a.id, b.id));
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const sum = (items: readonly { readonly amountMinor: number }[]): number =>
  items.reduce((all, { amountMinor }) => all + amountMinor, 0);

/** A notice of a payment adds nothing to the sale that it paid. */
function counted({ ours }: Together): readonly Own[] {
  const sales = ours.filter(({ kind }) => kind === "sale");
  return sales.length > 0 ? sales : ours;
}

function judged(group: Together): readonly [Outcome, Reason] {
  const own = counted(group);
  const { theirs } = group;
  const due = sum(own);
  if (theirs.length === 0) return due === 0 ? ["matched", "nothing-due"] : ["only-ours", "no-row"];
  if (own.length === 0) {
    const isNamed = theirs.some(({ references }) => references.length > 0);
    return ["only-theirs", isNamed ? "no-sale" : "no-reference"];
  }
  if (sum(theirs) === due)
    return ["matched", own.length + theirs.length === 2 ? "equal" : "in-parts"];
  return ["amount-differs", whyDiffers(due, theirs)];
}

function whyDiffers(due: number, theirs: readonly Settled[]): Reason {
  const without = (kind: SettledKind) => sum(theirs.filter((row) => row.kind !== kind));
  const has = (kind: SettledKind) => theirs.some((row) => row.kind === kind);
  if (has("refund") && without("refund") === due) return "refunded-there";
  if (has("dispute") && without("dispute") === due) return "disputed";
  const charges = theirs.filter(({ kind }) => kind === "charge");
  if (charges.length > 1 && charges.every(({ amountMinor }) => amountMinor === due))
    return "charged-again";
  return sum(theirs) < due ? "less-there" : "more-there";
}

const lineDigits = 8;
const rowId = ({ file, line }: Settled): string =>
  `${file}:${String(line).padStart(lineDigits, "0")}`;

function lineOf(group: Together, outcome: Outcome, why: Reason): ReconciledLine {
  const { ours, theirs } = group;
  const [oursMinor, theirsMinor] = [sum(counted(group)), sum(theirs)];
  const all = [...ours, ...theirs];
  const idsOf = (of: Own["kind"]) =>
    ours
      .filter(({ kind }) => kind === of)
      .map(({ id }) => id)
      .sort();
  const [sales, payments] = [idsOf("sale"), idsOf("payment")];
  const rows = [...theirs].sort((a, b) => compare(rowId(a), rowId(b)));
  return {
    id: [...sales, ...payments, ...rows.map(rowId)][0] ?? "",
    day: all.map(({ day }) => day).sort()[0] ?? "",
    ...{ outcome, why, currency: all[0]?.currency ?? "" },
    references: [...new Set(all.flatMap(({ references }) => references))].sort(),
    ...{ oursMinor, theirsMinor, differenceMinor: oursMinor - theirsMinor },
    feeMinor: theirs.reduce((fees, { feeMinor }) => fees + feeMinor, 0),
    ...{ sales, payments },
    rows: rows.map(({ file, line, kind, amountMinor, day }) => ({
      ...{ file, line, kind, amountMinor, day },
    })),
  };
}

const nothing: Amounts = { oursMinor: 0, theirsMinor: 0, differenceMinor: 0, feeMinor: 0 };
const plus = (a: Amounts, b: Amounts): Amounts => ({
  oursMinor: a.oursMinor + b.oursMinor,
  theirsMinor: a.theirsMinor + b.theirsMinor,
  differenceMinor: a.differenceMinor + b.differenceMinor,
  feeMinor: a.feeMinor + b.feeMinor,
});

/** What lines come to, by currency, and of each by outcome. */
export function sumsOf(lines: readonly ReconciledLine[]): readonly CurrencySum[] {
  const sums = new Map<string, CurrencySum>();
  for (const line of lines) {
    const { currency, outcome } = line;
    const held = sums.get(currency) ?? { currency, lines: 0, outcomes: {}, ...nothing };
    const before = held.outcomes[outcome] ?? { lines: 0, ...nothing };
    const after = { lines: before.lines + 1, ...plus(before, line) };
    sums.set(currency, {
      ...{ currency, lines: held.lines + 1, ...plus(held, line) },
      outcomes: { ...held.outcomes, [outcome]: after },
    });
  }
  return [...sums.values()].sort((a, b) => compare(a.currency, b.currency));
}
