/** docs/performance.md's tables: a row a bench, what else each found, and what was asked of them. */
import { benches } from "./catalogue.ts";
import { rounded } from "./measure.ts";
import type { Kept, Results } from "./results.ts";
import { reachedBy, targets } from "./targets.ts";

const figure = (n: number): string =>
  Math.abs(n) >= 1000 ? Math.round(n).toLocaleString("en") : String(rounded(n));
const rowOf = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
const tableOf = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [rowOf(head), rowOf(head.map(() => "---")), ...rows.map(rowOf)].join("\n");

const inOrder = (results: Results): readonly Kept[] =>
  Object.values(results).sort((a, b) => (a.name < b.name ? -1 : 1));

function resultsTable(results: Results): string {
  const measured = inOrder(results).map((r) => [
    `\`${r.name}\``,
    benches[r.name]?.what ?? "",
    figure(r.value),
    r.unit,
    figure(r.floor),
    figure(r.ratio),
    figure(r.spread),
    r.level,
    r.date,
  ]);
  const head = ["name", "what", "value", "unit", "floor", "ratio", "spread", "level", "date"];
  return tableOf(head, measured);
}

const detailsTable = (results: Results): string =>
  tableOf(
    ["name", "what else it found"],
    inOrder(results).map(({ name, details = {} }) => [
      `\`${name}\``,
      Object.entries(details)
        .map(([key, n]) => `${key}\u00a0${figure(n)}`)
        .join(" · "),
    ]),
  );

function targetsTable(results: Results): string {
  const rows = targets.map((target) => {
    const found = reachedBy(results, target);
    const verdict = found === null ? "not measured" : found.isReached ? "yes" : "**no**";
    const value = found === null ? "" : `${target.before ?? ""}${figure(found.value)}`;
    return [target.asked, `\`${target.bench}\` ${target.figure}`, value, verdict];
  });
  return tableOf(["asked", "figure", "came to", "reached"], rows);
}

/** By the mark in the page. */
export const performanceTables = (results: Results): Record<string, string> => ({
  results: resultsTable(results),
  details: detailsTable(results),
  targets: targetsTable(results),
});
