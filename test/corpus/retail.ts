/**
 * `npm run corpus -- --retail DIR`: days of real sales (UCI Online Retail, a CSV file a day), each sale
 * delivered three times by both doors of its source, in any order, and settled. Then every number
 * three times: DuckDB over the source, the settled totals, DuckDB over the archive's own files.
 */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sales } from "../../domain/sales/stream.ts";
import { table } from "../../local/table.ts";
import { differences } from "../oracle/counts.ts";
import { type Duck, duckOver } from "../oracle/duck.ts";
import { type DayFile, readDay } from "./retail-csv.ts";
import { type RetailBody, retailBodies } from "./retail-deliveries.ts";
import { decimalOf, sources } from "./retail-doors.ts";
import { archiveNumbers, measureOf, type Numbers, periodOf, sourceNumbers } from "./retail-duck.ts";
import { inProcess } from "./retail-in-process.ts";
import { type Book, bookOf, currency } from "./retail-sales.ts";

export interface RetailOptions {
  readonly dir: string;
  readonly seed: number;
  /** Over the whole running system, not in this process. */
  readonly isRuntime: boolean;
}

const say = (text: string) => void process.stdout.write(`${text}\n`);

/** The exit code: 0 when every number is the same, 2 when nothing could be judged. */
export async function runRetail(options: RetailOptions): Promise<number> {
  const { dir, seed } = options;
  const files = daysIn(dir);
  if (files === null || files.size === 0) {
    process.stderr.write(`There is no day of sales in ${dir}.\n`);
    return 2;
  }
  const book = bookOf(files);
  for (const line of told(book, files)) say(line);
  const bodies = retailBodies(book.sales, seed);
  for (const line of deliveredAs(bodies, seed)) say(line);
  const folder = mkdtempSync(join(tmpdir(), "singlet-retail-"));
  try {
    const { outcomes, settled } = await recorded(options, bodies, folder);
    say(`answered: ${[...outcomes].map(([what, n]) => `${what} ${n}`).join(", ")}`);
    if (!existsSync(join(folder, "manifest", sales.name))) {
      say("nothing of it was settled");
      return 1;
    }
    const duck = await duckOver(folder, sales);
    const source = await sourceNumbers(duck, dir, files);
    const archived = await archiveNumbers(duck, sales.measures);
    const rows = await rowsIn(duck);
    duck.end();
    const wrong = compared(source.numbers, settled, archived);
    wrong.push(...countedAlike(book, source, rows));
    for (const line of wrong) say(line);
    const { unreadable, ...found } = book.found;
    const money = sumOf(source.numbers, "all", "revenue");
    const result = {
      ...{ days: files.size, ...found, unreadable: unreadable.length, sales: book.sales.length },
      ...{ bodies: bodies.length, compared: source.numbers.size, moneyMinor: money, seed },
      wrong: wrong.length,
    };
    say(`RESULT ${JSON.stringify(result)}`);
    return wrong.length === 0 ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function recorded({ seed, isRuntime }: RetailOptions, bodies: RetailBody[], folder: string) {
  if (!isRuntime) return inProcess(bodies, folder, seed, say);
  // With it comes the whole system.
  const { inRuntime } = await import("./retail-runtime.ts");
  return inRuntime(bodies, folder, say);
}

/** Null: one of the files has another form. */
function daysIn(dir: string): Map<string, DayFile> | null {
  const names = readdirSync(dir).filter((name) => name.toLowerCase().endsWith(".csv"));
  const files = new Map<string, DayFile>();
  for (const name of names.sort()) {
    const day = readDay(readFileSync(join(dir, name)));
    if (day === null) return null;
    files.set(name, day);
  }
  return files;
}

const pounds = (minor: number) => `${decimalOf(minor)} ${currency}`;

function* told({ sales: all, found }: Book, files: ReadonlyMap<string, DayFile>) {
  const money = all.flatMap((s) => s.lines).reduce((sum, l) => sum + l.amountMinor, 0);
  yield `${files.size} days: ${found.lines} lines, ${all.length} invoices, ${pounds(money)}`;
  yield `  ${found.cancellations} lines of cancellations, ${found.anonymous} without a customer, ${found.free} that come to nothing`;
  yield `  ${found.repeated} lines repeat another of their invoice to the letter, and hold ${pounds(found.repeatedMinor)}: each counts`;
  yield `  ${found.timesDiffer} invoices state two times; ${found.rounded} prices are finer than a penny, and their lines are rounded`;
  const latin = [...files.values()].filter((file) => file.encoding !== "utf-8").length;
  if (latin > 0) yield `  ${latin} files are no UTF-8 and read as ISO 8859-1`;
  if (found.unreadable.length > 0)
    yield `  ${found.unreadable.length} lines state no invoice, time, quantity or price and are left out: ${found.unreadable.slice(0, 5).join("; ")}`;
}

function* deliveredAs(bodies: readonly RetailBody[], seed: number) {
  for (const source of sources) {
    const mine = bodies.filter((body) => body.source === source);
    const singles = mine.filter((body) => body.sales === 1).length;
    const said = mine.reduce((sum, body) => sum + body.sales, 0);
    yield `${source.provider.name}: ${said} sales said in ${mine.length} bodies, ${singles} of them of one sale`;
  }
  yield `all of them shuffled by seed ${seed}`;
}

const isDay = (period: string) => /^\d{4}-\d{2}-\d{2}$/.test(period);
const kindOf = (period: string) =>
  isDay(period) ? "day" : period === "all" ? "all" : period.includes("W") ? "week" : "month";

const sumOf = (numbers: Numbers, kind: string, measure: string) =>
  [...numbers]
    .filter(([name]) => kindOf(periodOf(name)) === kind && measureOf(name) === measure)
    .reduce((sum, [, n]) => sum + n, 0);

/** Says the table; returns a line for everything that is not the same. */
function compared(source: Numbers, settled: Numbers, archive: Numbers): string[] {
  const known = new Set([...source.keys()].map(measureOf));
  const isKnown = (name: string) => known.has(measureOf(name));
  const rows: string[][] = [];
  for (const { name: measure } of sales.measures)
    for (const kind of ["day", "week", "month", "all"]) {
      const isMoney = !["sales", "article_units"].includes(measure);
      const cells = [source, settled, archive].map((numbers) => {
        const sum = sumOf(numbers, kind, measure);
        return isMoney ? decimalOf(sum) : String(sum);
      });
      // What the source has no word for, only the two of ours are compared by.
      if (!known.has(measure)) cells[0] = "";
      const of = [...archive.keys()].filter(
        (name) => measureOf(name) === measure && kindOf(periodOf(name)) === kind,
      );
      if (of.length > 0) rows.push([measure, kind, String(of.length), ...cells]);
    }
  say(table(["measure", "by", "numbers", "source", "settled", "archive"], rows));
  const ofSource = (numbers: Numbers) => new Map([...numbers].filter(([name]) => isKnown(name)));
  const pairs = [
    ["settled totals", source, ofSource(settled)],
    ["the archive's files", source, ofSource(archive)],
    ["settled totals beside the archive's files", archive, settled],
  ] as const;
  return pairs.flatMap(([name, expected, found]) => {
    const { count, shown } = differences(expected, found);
    return count === 0 ? [] : [`${name}: ${count} numbers differ`, ...shown.map((s) => `  ${s}`)];
  });
}

interface Rows {
  readonly facts: number;
  readonly lines: number;
}
async function rowsIn(duck: Duck): Promise<Rows> {
  const [row] = await duck.ask(
    "SELECT (SELECT count(*) FROM facts WHERE kind = 'fact')::INTEGER AS facts, (SELECT count(*) FROM resolved)::INTEGER AS lines",
  );
  return { facts: Number(row?.facts), lines: Number(row?.lines) };
}

/** Each sale is one fact of the archive, each line one of its rows. */
function countedAlike(
  { sales: all, found }: Book,
  source: { readonly lines: number; readonly sales: number },
  { facts, lines }: Rows,
): string[] {
  const own = found.lines - found.unreadable.length;
  say(`sales: ${source.sales} by DuckDB, ${all.length} read, ${facts} in the archive`);
  say(`lines: ${source.lines} by DuckDB, ${own} read, ${lines} in the archive`);
  const isSame = new Set([source.sales, all.length, facts]).size === 1;
  const isLineSame = new Set([source.lines, own, lines]).size === 1;
  return [
    ...(isSame ? [] : ["the numbers of sales differ"]),
    ...(isLineSame ? [] : ["the numbers of lines differ"]),
  ];
}
