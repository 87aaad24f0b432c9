/** The bill as a page shows it: what was asked, what it comes to, and where that goes. */
import type { Measured, MeasuredOf } from "../../domain/bill.ts";
import { prices } from "../../domain/prices.ts";
import { streams } from "../../domain/streams.ts";
import { samplesADay } from "../samples-days.ts";
import { byPart, type Line, linesOf, type Share, totalOf } from "./lines.ts";
import { type NightCosts, nightCosts } from "./nights.ts";
import { factsADay } from "./rides.ts";
import type { Night, Part, Told } from "./world.ts";

export interface Counts {
  readonly facts: Told;
  readonly large: Told;
  readonly samples: Told;
  readonly listens: Told;
  readonly sales: Told;
  readonly polls: Part;
  /** After the rides of a day. */
  readonly nights: readonly [Night, Night];
  readonly clock: Part;
}

export interface Bill {
  readonly of: keyof Measured;
  readonly what: string;
  /** Dollars for a million; null: nothing was asked. */
  readonly asked: number | null;
  readonly comes: number;
  readonly lines: readonly Line[];
}

/** As the page says it, after "a million". */
export const whats: Readonly<Record<keyof Measured, string>> = {
  facts: "facts without a large stream",
  large: "facts with one",
  samples: "samples",
  listens: "listens",
  sales: "sales",
  polls: "polls",
  clock: "facts, for the clock alone",
};

/** What a day's facts lie on, in a world whose members live around one meridian. */
const localDays = 2;
const members = 10_000;

/** Of a night, what one fact or sample bears: its day's partitions, and the batches it came in. */
function nightly(of: NightCosts, partitionsEach: number, told: Told): Share[] {
  return [
    { counted: of.partition, of: 1, each: partitionsEach },
    { counted: of.batch, of: 1, each: told.batches / told.of },
  ];
}

export function billsOf(counts: Counts): Bill[] {
  const { facts, large, samples, listens, sales, polls, nights, clock } = counts;
  const costs = nightCosts(nights);
  const ofFact = (localDays * streams.workouts.buckets) / factsADay;
  const ofListen = (localDays * streams.listens.buckets) / factsADay;
  const ofSale = (localDays * streams.sales.buckets) / factsADay;
  const ofSample = (localDays * streams.samples.buckets) / (members * samplesADay);
  const bill = (of: keyof Measured, asked: number | null, lines: Line[]): Bill => ({
    of,
    what: whats[of],
    asked,
    comes: totalOf(lines),
    lines,
  });
  return [
    bill("facts", 6, linesOf([facts, ...nightly(costs, ofFact, facts)])),
    bill("large", 11, linesOf([large, ...nightly(costs, ofFact, large)])),
    bill("samples", 0.03, linesOf([samples, ...nightly(costs, ofSample, samples)])),
    bill("listens", null, linesOf([listens, ...nightly(costs, ofListen, listens)])),
    bill("sales", null, linesOf([sales, ...nightly(costs, ofSale, sales)])),
    bill("polls", 0.35, linesOf([polls])),
    bill("clock", null, linesOf([clock])),
  ];
}

export const money = (dollars: number): string =>
  `$${dollars.toFixed(dollars >= 1 ? 2 : dollars >= 0.01 ? 3 : 5)}`;
const count = (n: number): string =>
  n >= 100 ? Math.round(n).toLocaleString("en") : Number(n.toPrecision(2)).toString();

const largestOf = (lines: readonly Line[]): string =>
  byPart(lines)
    .slice(0, 3)
    .map(({ part, dollars }) => `${part} ${money(dollars)}`)
    .join(", ");

export function summary(bills: readonly Bill[]): string {
  const rows = bills.map(({ what, asked, comes, lines }) => {
    const bound = asked === null ? "" : money(asked);
    const over =
      asked === null ? "" : comes <= asked ? "reached" : `${(comes / asked).toFixed(1)} ×`;
    return `| ${what} | ${bound} | ${money(comes)} | ${over} | ${largestOf(lines)} |`;
  });
  return [
    "| a million of | asked | comes to | | largest three |",
    "|---|---|---|---|---|",
    ...rows,
  ].join("\n");
}

/** Lines below this share of their bill are summed up. */
const shownShare = 0.005;

function shownOf({ comes, lines }: Bill): { lines: readonly Line[]; rest: number } {
  const shown = lines.filter(({ dollars }) => dollars >= comes * shownShare);
  return { lines: shown, rest: totalOf(lines) - totalOf(shown) };
}

/** What the page shows of it, to the digits that it shows, is what the product reckons with. */
export function measuredOf(bill: Bill): MeasuredOf {
  const { lines, rest } = shownOf(bill);
  const digits = (n: number) => (n >= 100 ? Math.round(n) : Number(n.toPrecision(2)));
  return {
    lines: lines.map(({ part, unit, units }) => [part, unit, digits(units)] as const),
    rest: Number(money(rest).slice(1)),
  };
}

export function partByPart(bill: Bill): string {
  const { lines, rest } = shownOf(bill);
  const rows = lines.map(
    ({ part, unit, units, dollars }) =>
      `| ${part} | ${unit} | ${count(units)} | ${money(dollars)} |`,
  );
  return [
    `### A million ${bill.what}`,
    "",
    "| part | unit | units | dollars |",
    "|---|---|---|---|",
    ...rows,
    `| all else | | | ${money(rest)} |`,
  ].join("\n");
}

export function priceTable(): string {
  const rows = Object.entries(prices).map(([unit, { dollars, per, included, page, readOn }]) => {
    const name = new URL(page).pathname.replace(/^\/|\/$/g, "");
    const so = per === 1_000_000 ? "a million" : per.toLocaleString("en");
    return `| ${unit} | $${dollars} ${so} | ${included.toLocaleString("en")} | [${name}](${page}) | ${readOn} |`;
  });
  return [
    "| unit | price | included each month | page | read on |",
    "|---|---|---|---|---|",
    ...rows,
  ].join("\n");
}
