/** docs/capacity.md's tables. */
import { assumed, type Load, loadOf, type Measured } from "./capacity.ts";
import { changedDollarsFor, type Dollars, dollarsFor, sumOf } from "./capacity-dollars.ts";
import { limitsInOrder } from "./capacity-limits.ts";

const sizes = [10_000, 100_000, 1_000_000, 10_000_000, 100_000_000] as const;
const big = [
  [1e15, "P"],
  [1e12, "T"],
  [1e9, "G"],
  [1e6, "M"],
  [1e4, "k"],
] as const;

/** Two or three digits, whatever the size: more would claim to be known. */
export function short(n: number): string {
  const [by, letter] = big.find(([least]) => n >= least) ?? [1, ""];
  const scaled = letter === "k" ? n / 1_000 : n / by;
  const text = scaled >= 100 ? String(Math.round(scaled)) : String(Number(scaled.toPrecision(2)));
  const whole = letter === "" && scaled >= 1_000 ? Math.round(scaled).toLocaleString("en") : text;
  return letter === "" ? whole : `${whole} ${letter}`;
}
const bytes = (n: number): string => `${short(n)}B`.replace(/(\d)B$/, "$1 B");
const hours = (n: number): string => (n < 0.1 ? "under 0.1" : short(n));
const money = (n: number): string => `$${Math.round(n).toLocaleString("en")}`;

const rowOf = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
const tableOf = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [rowOf(head), rowOf(head.map(() => "---")), ...rows.map(rowOf)].join("\n");

const sizesHead = ["members", ...sizes.map((n) => n.toLocaleString("en"))];

const shown: readonly [string, (load: Load) => string][] = [
  ["data centres", (l) => short(l.dataCentres)],
  ["requests a second", (l) => short(l.requests)],
  ["of these with a token", (l) => short(l.signed)],
  ["of these polls", (l) => short(l.polls)],
  ["pages made for polls, a second", (l) => short(l.pageReads)],
  ["facts a second", (l) => short(l.facts)],
  ["ledgers", (l) => short(l.ledgers)],
  ["shards of the boards, as they double", (l) => short(l.boardShards)],
  ["calls of each shard, a second", (l) => short(l.shardCalls)],
  ["calls of the boards' root, a second, at most", (l) => short(l.rootCalls)],
  ["calls of the logs, a second", (l) => short(l.logCalls)],
  ["messages of the queue, a second", (l) => short(l.messages)],
  ["consumers at once", (l) => short(Math.ceil(l.consumers))],
  ["landing objects a day", (l) => short(l.landingObjectsADay)],
  ["queries of the warehouse, a second", (l) => short(l.warehouseQueries)],
  ["rows written in the warehouse a day", (l) => short(l.warehouseRowsADay)],
  ["the warehouse's size", (l) => bytes(l.warehouseBytes)],
  ["the vault's D1 after a year", (l) => bytes(l.vaultBytes)],
  ["its shards of 8 GB (a pair of databases each)", (l) => short(l.vaultShards)],
  ["R2 after a year", (l) => bytes(l.bucketBytes)],
  ["objects in it", (l) => short(l.objectsInR2)],
  ["rows of a day's partition", (l) => short(l.rowsAPartition)],
  ["the night's sweep, hours", (l) => hours(l.sweepHours)],
  ["the night's settling in one worker, hours", (l) => hours(l.settleHours)],
];

const costs: readonly [string, keyof Dollars][] = [
  ["facts", "facts"],
  ["samples", "samples"],
  ["polls", "polls"],
  ["shards asked for pages and places", "reads"],
  ["the night's sweep", "sweep"],
  ["the clock alone", "clock"],
  ["storage in D1, after a year", "d1"],
  ["storage in R2, after a year", "r2"],
];

function costTable(measured: Measured): string {
  const loads = sizes.map((members) => loadOf(members, measured));
  const now = loads.map((load) => dollarsFor(load, measured));
  const changed = loads.map((load) => changedDollarsFor(load, measured));
  const aMember = (of: readonly Dollars[]) =>
    of.map((d, i) => `$${(sumOf(d) / (sizes[i] ?? 1)).toFixed(4)}`);
  return tableOf(sizesHead, [
    ...costs.map(([name, key]) => [name, ...now.map((d) => money(d[key]))]),
    ["**all, as it is built**", ...now.map((d) => `**${money(sumOf(d))}**`)],
    ["a member", ...aMember(now)],
    ...costs
      .filter(([, key]) => changed.some((d, i) => d[key] !== now[i]?.[key]))
      .map(([name, key]) => [`${name}, changed`, ...changed.map((d) => money(d[key]))]),
    ["**all, with these changed**", ...changed.map((d) => `**${money(sumOf(d))}**`)],
    ["a member", ...aMember(changed)],
  ]);
}

const limitsTable = (measured: Measured): string =>
  tableOf(
    ["met at", "what", "limit", "what to change then"],
    limitsInOrder(measured).map(({ limit, at }) => [
      Number.isFinite(at) ? short(at) : "never",
      `${limit.name} (${limit.page})`,
      limit.unit.startsWith("bytes")
        ? `${bytes(limit.most)}${limit.unit.slice("bytes".length)}`
        : `${short(limit.most)} ${limit.unit}`,
      limit.change,
    ]),
  );

/** Of each size: what it meets first that the size below did not. */
function firstTable(measured: Measured): string {
  const inOrder = limitsInOrder(measured);
  const rows = sizes.map((members, i) => {
    const met = inOrder.filter(({ at }) => at <= members && at > (sizes[i - 1] ?? 0));
    const next = inOrder.find(({ at }) => at > members && Number.isFinite(at));
    return [
      members.toLocaleString("en"),
      met.length === 0 ? "nothing" : met.map(({ limit }) => limit.name).join("; "),
      next === undefined ? "" : `${next.limit.name}, at ${short(next.at)}`,
    ];
  });
  return tableOf(["members", "met on the way here", "next"], rows);
}

const assumptionsTable = (): string =>
  tableOf(
    ["assumed", ""],
    Object.values(assumed).map(({ n, says }) => [n.toLocaleString("en"), says]),
  );

/** By the mark in the page. */
export const capacityTables = (measured: Measured): Record<string, string> => ({
  assumptions: assumptionsTable(),
  load: tableOf(
    sizesHead,
    shown.map(([name, of]) => [name, ...sizes.map((n) => of(loadOf(n, measured)))]),
  ),
  dollars: costTable(measured),
  first: firstTable(measured),
  limits: limitsTable(measured),
});
