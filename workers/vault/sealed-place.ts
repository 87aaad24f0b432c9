/**
 * In which group each said column of a row goes. A column alone in its group that is said to be empty
 * needs no row of its own to say so: while its group holds nothing, that it was emptied, and at which
 * revision, is kept with the row's words. Once its group is there, it stands there and nowhere else.
 */
import { groupOf, wordsGroup } from "./groups.ts";
import { columnsIn, type HeldGroup, type Said } from "./sealed-merge.ts";

const nameOf = (row: string, group: string): string => JSON.stringify([row, group]);
const nothing = Number.NEGATIVE_INFINITY;

/** What is older than an emptying that is kept with the words is left out: it is out of date. */
export function placed(
  said: readonly Said[],
  held: ReadonlyMap<string, HeldGroup>,
): readonly Said[] {
  const groups = new Map<string, { row: string; group: string; columns: Map<string, Column> }>();
  for (const { row, group: from, columns } of said) {
    if (columns.size === 0) groups.set(nameOf(row, from), { row, group: from, columns: new Map() });
    for (const [column, one] of columns) {
      const own = groupOf(column);
      const isApart = own !== wordsGroup && !held.has(nameOf(row, own));
      if (isApart && one.revision < emptiedAt(held.get(nameOf(row, wordsGroup)), column)) continue;
      const group = isApart && one.value === null ? wordsGroup : own;
      const name = nameOf(row, group);
      const to = groups.get(name) ?? { row, group, columns: new Map<string, Column>() };
      groups.set(name, to);
      to.columns.set(column, one);
    }
  }
  return [...groups.values()];
}
type Column = { readonly revision: number; readonly value: string | null };

const emptiedAt = (words: HeldGroup | undefined, column: string): number =>
  words === undefined || words.ended !== 0
    ? nothing
    : (columnsIn(words.columns)[column]?.[0] ?? nothing);
