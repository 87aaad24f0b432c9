/**
 * What a deployment's traffic comes to, reckoned: what the system counts anyway, times the units that
 * each took when it was measured (`bill-measured.ts`), times the platform's prices. It is no invoice: what
 * nobody counts is not in it and is said by name, and what is included each month is not taken off.
 */
import { measured } from "./bill-measured.ts";
import { dollarsOf, storagePrices, type Unit } from "./prices.ts";
import { type Instant, msPerDay } from "./time.ts";

type LineUnit = Unit | "R2 GB-months";
/** Units of one million of whatever it is of. */
type Lines = readonly (readonly [part: string, unit: LineUnit, units: number])[];
/** `rest`: dollars for a million, of all that is too little for a line. */
export interface MeasuredOf {
  readonly lines: readonly (readonly [part: string, unit: Unit, units: number])[];
  readonly rest: number;
}
/** `facts`: of workouts. `large`: those with a large stream. `clock`: of a deployment that gets `clockFactsADay`. */
export type Measured = Readonly<
  Record<"facts" | "large" | "samples" | "listens" | "sales" | "polls" | "clock", MeasuredOf>
>;
export const billMeasured: Measured = measured;

const million = 1_000_000;
const gigabyte = 1_000_000_000;
/** The clock costs the same a day whatever comes; it was divided by so many facts. */
export const clockFactsADay = 100_000;
export const daysAMonth = 30.4;
/** A phone's day when samples were measured: 1,500 of ten metrics, a statement for each metric. */
export const samplesAStatement = 150;
/** One that is asked is nudged and says its report, which is kept: a row and its index. */
export const callsALedgerSwept = 2;
export const rowsALedgerSwept = 2;
/** Each five minutes those not asked for longest, and each night all of them. */
export const ledgersASweepMax = 200;
export const sweepsADay = 288;
/** What one waking of a connection takes, each with one call; docs/connections.md says of what. */
export const wakingTakes = [
  ["connection", "object rows written", 6],
  ["gate", "object rows written", 2],
  ["D1 warehouse (connections)", "D1 rows written", 6],
  ["D1 tokens (vault)", "D1 rows written", 2],
  ["connection", "object requests", 2],
  ["gate", "object requests", 2],
  ["connection", "object GB-s", 0.128],
] as const satisfies Lines;
const deliveryTakes: Lines = [
  ["edge", "worker requests", 1],
  ["meter", "analytics points", 1],
];
const sweepTakes: Lines = [
  ["ledger", "object requests", callsALedgerSwept],
  ["D1 warehouse (sweep)", "D1 rows written", rowsALedgerSwept],
];
const isSweep = ([part, unit]: readonly [string, string, number]): boolean =>
  sweepTakes.some(([of, its]) => of === part && its === unit);
/** The sweeps that were counted with it go by the ledgers that there are. */
const clockAlone: MeasuredOf = {
  ...measured.clock,
  lines: measured.clock.lines.filter((line) => !isSweep(line)),
};

export interface BillCounts {
  /** When the first member came; null: nobody has. */
  readonly fromMs: Instant | null;
  readonly toMs: Instant;
  readonly ledgers: number;
  /** Of these ledgers, as they last reported: statements that took effect. */
  readonly facts: number;
  readonly sampleStatements: number;
  readonly listens: number;
  readonly sales: number;
  /** Made to providers. */
  readonly calls: number;
  /** Which were refused, or brought notices alone. */
  readonly bareDeliveries: number;
  readonly archiveBytes: number;
  /** What could not be asked, by name. */
  readonly silent: readonly string[];
}

export interface BillItem {
  readonly part: string;
  /** Null, both: too little for a line of its own. */
  readonly unit: string | null;
  readonly units: number | null;
  readonly dollars: number;
  readonly because: string;
}
/** The same money by what it is paid for. */
export interface BillCause {
  readonly of: string;
  readonly n: number;
  readonly dollars: number;
  readonly because: string;
}
export interface Reckoned {
  /** The dearest first. */
  readonly items: readonly BillItem[];
  readonly causes: readonly BillCause[];
  readonly dollars: number;
  readonly notCounted: readonly string[];
}

interface Traffic {
  readonly of: string;
  readonly n: number;
  /** One of `n` takes so much of each. */
  readonly takes: Lines;
  /** Dollars. */
  readonly rest: number;
  readonly because: string;
}

const dollarsFor = (unit: LineUnit, n: number): number =>
  unit === "R2 GB-months" ? n * storagePrices.r2 : dollarsOf(unit, n);

/** Dollars for a million. */
export const aMillionOf = ({ lines, rest }: MeasuredOf): number =>
  small(lines.reduce((sum, [, unit, units]) => sum + dollarsFor(unit, units), rest));

const askedADay = (ledgers: number): number =>
  Math.min(ledgers, ledgersASweepMax) * sweepsADay + ledgers;

/** What a day costs in which nothing comes, with so many ledgers. */
export function clockADay(ledgers: number): number {
  const clock = (aMillionOf(clockAlone) * clockFactsADay) / million;
  const asked = sweepTakes.reduce((sum, [, unit, n]) => sum + dollarsFor(unit, n), 0);
  return small(clock + asked * askedADay(ledgers));
}

export function reckon(counts: BillCounts): Reckoned {
  const traffic = trafficOf(counts).filter(({ n }) => n > 0);
  const items = itemsOf(traffic);
  return {
    items,
    causes: traffic.map(({ of, n, takes, rest, because }) => ({
      of,
      n,
      dollars: small(takes.reduce((sum, [, unit, u]) => sum + dollarsFor(unit, n * u), n * rest)),
      because,
    })),
    dollars: small(items.reduce((sum, { dollars }) => sum + dollars, 0)),
    notCounted: notCounted(counts),
  };
}

function trafficOf(counts: BillCounts): Traffic[] {
  const days = counts.fromMs === null ? 0 : Math.max(0, counts.toMs - counts.fromMs) / msPerDay;
  const asked = Math.round(askedADay(counts.ledgers / 2) * days);
  const gbMonths = ((counts.archiveBytes / gigabyte) * days) / daysAMonth / 2;
  const plain = { rest: 0 };
  return [
    {
      ...{ of: "facts", n: counts.facts, ...each(measured.facts, 1) },
      because: "Statements that took effect, as ledgers last reported; a correction is one too.",
    },
    {
      ...{ of: "samples", n: counts.sampleStatements * samplesAStatement },
      ...each(measured.samples, 1),
      because: `${shown(counts.sampleStatements)} statements of a metric's day, ${samplesAStatement} samples each as when it was measured.`,
    },
    {
      ...{ of: "listens", n: counts.listens, ...each(measured.listens, 1) },
      because: "Statements of listens that took effect, as if each had come by itself.",
    },
    {
      ...{ of: "sales", n: counts.sales, ...each(measured.sales, 1) },
      because: "Statements of sales that took effect; a refund is one too.",
    },
    {
      ...{ of: "days", n: cents(days), ...each(clockAlone, clockFactsADay) },
      because: "What the clock alone causes since the first member came, whatever came in.",
    },
    {
      ...{ of: "ledgers asked", n: asked, takes: sweepTakes, ...plain },
      because: "Whether anything is left to send, and how they stand; as if they had come evenly.",
    },
    {
      ...{ of: "calls", n: counts.calls, takes: wakingTakes, ...plain },
      because: "Made to providers, as if each had woken its connection; reckoned, not measured.",
    },
    {
      ...{ of: "bare deliveries", n: counts.bareDeliveries, takes: deliveryTakes, ...plain },
      because: "Refused at a door, or of providers that only send notices.",
    },
    {
      ...{ of: "archive", n: counts.archiveBytes, ...plain },
      takes: [["R2 archive (kept)", "R2 GB-months", gbMonths / (counts.archiveBytes || 1)]],
      because: "Bytes of partitions and of what landed, as if they had come evenly.",
    },
  ];
}

const each = ({ lines, rest }: MeasuredOf, times: number) => ({
  takes: lines.map(([part, unit, units]) => [part, unit, (units * times) / million] as const),
  rest: (rest * times) / million,
});

function itemsOf(traffic: readonly Traffic[]): BillItem[] {
  const items = new Map<string, BillItem>();
  const add = (key: string, { because, ...item }: BillItem) => {
    const had = items.get(key);
    const dollars = (had?.dollars ?? 0) + item.dollars;
    const units = item.units === null ? null : (had?.units ?? 0) + item.units;
    const why = had === undefined ? because : `${had.because}; ${because}`;
    items.set(key, { ...item, units, dollars, because: why });
  };
  for (const { of, n, takes, rest } of traffic) {
    for (const [part, unit, takesOf] of takes) {
      const units = n * takesOf;
      const because = `${shown(n)} ${of} × ${shown(takesOf)}`;
      add(`${part}|${unit}`, { part, unit, units, dollars: dollarsFor(unit, units), because });
    }
    const because = `${shown(n)} ${of}`;
    if (rest > 0)
      add("rest", { part: elsewhere, unit: null, units: null, dollars: n * rest, because });
  }
  return [...items.values()]
    .map((item) => ({
      ...item,
      units: item.units && whole(item.units),
      dollars: small(item.dollars),
    }))
    .sort((a, b) => b.dollars - a.dollars);
}

const elsewhere = "all else";

function notCounted({ silent }: BillCounts): string[] {
  const { facts, large, polls } = measured;
  const money = (of: MeasuredOf) => `$${aMillionOf(of).toFixed(2)}`;
  return [
    `Polls of boards and all other reads: nobody counts them. A million polls of one page come to ${money(polls)}.`,
    `Large streams: only the vault knows which facts have one. A million that do come to ${money(large)}, not ${money(facts)}.`,
    "Storage but the archive's: databases, objects, sealed readings.",
    "Members' own acts: signing up, linking, exports, erasures; and all of who was erased.",
    "Log lines. And nothing is taken off of what the platform includes each month.",
    ...silent.map((name) => `${name}: could not be asked just now.`),
  ];
}

const cents = (n: number): number => Math.round(n * 100) / 100;
const small = (n: number): number => Math.round(n * million) / million;
/** Of many, no fractions. */
const whole = (n: number): number => (n >= 100 ? Math.round(n) : small(n));
const shown = (n: number): string =>
  n >= 100 ? Math.round(n).toLocaleString("en") : String(Number(n.toPrecision(3)));
