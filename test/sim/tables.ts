/** The four columns beside each other, a line a period, measure and key. */
import { measures } from "../oracle/counts.ts";

type Totals = ReadonlyMap<string, number>;

export function* table(
  columns: Readonly<Record<string, Totals>>,
  scores: ReadonlyMap<string, number>,
): Generator<string> {
  const members = membersBy(scores);
  const names = [...new Set(Object.values(columns).flatMap((c) => [...c.keys()]))].sort();
  const heads = Object.keys(columns);
  yield ["period   measure     key   ", ...heads.map((h) => h.padStart(16)), "members"].join(" ");
  for (const name of names) {
    const [period = "", key = "", measure = ""] = name.split(" ");
    if (!measures.includes(measure as (typeof measures)[number])) continue;
    const numbers = Object.values(columns).map((c) => c.get(name) ?? 0);
    const mark = new Set(numbers).size === 1 ? "" : "  <- differs";
    yield [
      period.padEnd(8),
      measure.padEnd(11),
      key.padEnd(6),
      ...numbers.map((n) => String(n).padStart(16)),
      String(members.get(name) ?? 0).padStart(7),
    ].join(" ") + mark;
  }
}

/** How many members have a score of that name. */
function membersBy(scores: ReadonlyMap<string, number>): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (const name of scores.keys()) {
    const board = name.slice(name.indexOf(" ") + 1);
    found.set(board, (found.get(board) ?? 0) + 1);
  }
  return found;
}
