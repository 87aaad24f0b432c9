/** The bill as a page shows it: what was asked, what it comes to, and where that goes. */
import { streams } from "../../domain/streams.ts";
import { prices } from "../prices.ts";
import { samplesADay } from "../samples-days.ts";
import { byPart, type Line, linesOf, totalOf } from "./lines.ts";
import { factsADay } from "./rides.ts";
import type { Part } from "./world.ts";

export interface Counts {
  readonly facts: Part;
  readonly large: Part;
  readonly samples: Part;
  readonly polls: Part & { readonly perSecond: number };
  /** After the rides of a day, over partitions of workouts. */
  readonly night: Part;
  /** After days of samples, over partitions of all streams. */
  readonly samplesNight: Part;
  readonly clock: Part;
}

export interface Bill {
  readonly what: string;
  /** Dollars for a million; null: nothing was asked. */
  readonly asked: number | null;
  readonly comes: number;
  readonly lines: readonly Line[];
}

/** What a day's facts lie on, in a world whose members live around one meridian. */
const localDays = 2;
const members = 10_000;

/** A night settles partitions, however many facts are in them: each fact bears its share of a day's. */
export function billsOf(counts: Counts): Bill[] {
  const { facts, large, samples, polls, night, samplesNight, clock } = counts;
  const nightly = { ...night, each: (localDays * streams.workouts.buckets) / factsADay };
  const nightlySamples = {
    ...samplesNight,
    each: (localDays * streams.samples.buckets) / (members * samplesADay),
  };
  const bill = (what: string, asked: number | null, lines: Line[]): Bill => ({
    what,
    asked,
    comes: totalOf(lines),
    lines,
  });
  return [
    bill("facts without a large stream", 6, linesOf([facts, nightly])),
    bill("facts with one", 11, linesOf([large, nightly])),
    bill("samples", 0.03, linesOf([samples, nightlySamples])),
    bill("polls", 0.35, linesOf([polls])),
    bill("the clock alone, over a day's facts", null, linesOf([clock])),
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

export function partByPart({ what, comes, lines }: Bill): string {
  const shown = lines.filter(({ dollars }) => dollars >= comes * shownShare);
  const rest = totalOf(lines) - totalOf(shown);
  const rows = shown.map(
    ({ part, unit, units, dollars }) =>
      `| ${part} | ${unit} | ${count(units)} | ${money(dollars)} |`,
  );
  return [
    `### A million ${what}`,
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
