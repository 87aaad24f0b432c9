/**
 * A deployment's day through the real system, everything that is billed counted at the bindings, and
 * what that comes to for a million of each (docs/bill.md).
 */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Measured } from "../domain/bill.ts";
import { readBaseline, risen, unitsByStream, writeBaseline } from "./bill/check.ts";
import { writeMeasured } from "./bill/measured-file.ts";
import { scrobbler, till } from "./bill/plays.ts";
import {
  type Bill,
  billsOf,
  type Counts,
  measuredOf,
  partByPart,
  priceTable,
  summary,
} from "./bill/report.ts";
import { pollEveryMs, World } from "./bill/world.ts";
import { progress, type Result, rounded } from "./measure.ts";
import { samplesADay } from "./samples-days.ts";

const pageFile = join(import.meta.dirname, "../docs/bill.md");
const seed = 7;
/** Of the facts, so many more with a large stream; so many phones. */
const largeShare = 50;
const phonesShare = 100;
/** And so many listens, and sales. */
const tellingsShare = 4;
const partMin = 6;

const asks = () =>
  parseArgs({
    args: process.argv.slice(3),
    options: {
      facts: { type: "string", default: "100000" },
      polls: { type: "string", default: "100000" },
      write: { type: "boolean", default: false },
      baseline: { type: "boolean", default: false },
      details: { type: "boolean", default: false },
    },
  }).values;

export async function bill(): Promise<Result> {
  const asked = asks();
  if (asked.baseline) return baseline();
  const [facts, polls] = [Number(asked.facts), Number(asked.polls)];
  const startedMs = performance.now();
  const counts = await countAll(facts, polls);
  if (asked.details) sayDetails(counts);
  const bills = billsOf(counts);
  const page = pageOf(bills, counts);
  progress(page);
  progress(`${Math.round((performance.now() - startedMs) / 1000)} s`);
  if (asked.write) {
    await writePage(page);
    await writeMeasured(allOf(bills));
  }
  return resultOf(bills, counts);
}

async function countAll(facts: number, polls: number): Promise<Counts> {
  const world = await World.of(facts, seed, progress);
  const some = (share: number) => Math.max(partMin, Math.round(facts / share));
  try {
    const { told, nights } = await world.factsAndNights();
    const large = await world.largeFacts(some(largeShare));
    const samples = await world.samples(Math.min(some(phonesShare), world.members), samplesADay);
    const listens = await world.told(scrobbler, some(tellingsShare));
    const sales = await world.told(till, some(tellingsShare));
    const clock = await world.byTheClock();
    const asked = await world.polls(polls);
    return { facts: told, nights, large, samples, listens, sales, clock, polls: asked };
  } finally {
    await world.end();
  }
}

function sayDetails(counts: Counts): void {
  const { nights, ...parts } = counts;
  const all = { ...parts, night: nights[0], "second night": nights[1] };
  for (const [name, { counted, of }] of Object.entries(all))
    for (const { part, unit, detail, n } of counted)
      progress(`${name} | ${part} | ${unit} | ${detail} | ${rounded(n / of)}`);
}

function pageOf(bills: readonly Bill[], counts: Counts): string {
  const { facts, large, samples, listens, sales, polls, nights } = counts;
  return [
    summary(bills),
    "",
    `Counted over ${facts.of.toLocaleString("en")} facts, ${large.of.toLocaleString("en")} with a large stream, ` +
      `${samples.of.toLocaleString("en")} samples, ${listens.of.toLocaleString("en")} listens, ${sales.of.toLocaleString("en")} sales, nights over ${nights.map((one) => one.of).join(" and ")} partitions, and ` +
      `${polls.of.toLocaleString("en")} polls at ${(1000 / pollEveryMs).toLocaleString("en")} a second; ` +
      "millions are extrapolated from that.",
    "",
    bills.map(partByPart).join("\n\n"),
  ].join("\n");
}

/** Between two marks of the page; what stands around them is written by hand. */
const between = (name: string, text: string, page: string): string => {
  const [begin, end] = [`<!-- ${name} -->`, `<!-- end of ${name} -->`];
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`docs/bill.md has no place for ${name}`);
  return `${page.slice(0, from)}${begin}\n\n${text}\n\n${page.slice(to)}`;
};

const allOf = (bills: readonly Bill[]): Measured =>
  Object.fromEntries(bills.map((one) => [one.of, measuredOf(one)])) as Measured;

async function writePage(bills: string): Promise<void> {
  const page = await readFile(pageFile, "utf8");
  await writeFile(pageFile, between("prices", priceTable(), between("the bill", bills, page)));
}

function resultOf(bills: readonly Bill[], { facts: told }: Counts): Result {
  const [of] = bills;
  const [facts, bound] = [of?.comes ?? Number.NaN, of?.asked ?? Number.NaN];
  const others = bills.slice(1).map((one) => [one.of, rounded(one.comes)] as const);
  return {
    name: "bill",
    value: rounded(facts),
    unit: "$ a million facts",
    floor: bound,
    ratio: rounded(facts / bound),
    // Units are counted, not timed: the same in every run.
    spread: 1,
    level: "extrapolated",
    details: { ...Object.fromEntries(others), counted: told.of },
  };
}

/** What the check compares with from now on; says what rose over the one before. */
async function baseline(): Promise<Result> {
  const before = await readBaseline().catch(() => null);
  const now = await unitsByStream(progress);
  if (before !== null) for (const line of risen(before, now)) progress(`rose: ${line}`);
  await writeBaseline(now);
  const written = now.facts["object rows written"]?.all ?? Number.NaN;
  const was = before?.facts["object rows written"]?.all ?? written;
  return {
    ...{ name: "bill-baseline", value: written, unit: "object rows written a fact" },
    ...{ floor: was, ratio: rounded(written / was), spread: 1, level: "emulator" },
  };
}
