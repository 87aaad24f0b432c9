/**
 * In which group each said column of a row goes. A column that is alone in its group costs a row of
 * its own, so two kinds of them go with the row's words instead, while their own group is not there:
 * that one is empty, and at which revision it was emptied; and a small raw slice, one a row, which
 * then stays there. Once a column's own group is there, it stands there and nowhere else.
 */
import { groupOf, isRaw, wordsGroup } from "./groups.ts";
import { type Columns, columnsIn, type HeldGroup, type Said } from "./sealed-merge.ts";

/** What is read with every short text of the row: few enough characters to do no harm there. */
const rawWithWordsCharsMax = 4_096;

type Held = ReadonlyMap<string, HeldGroup>;
type Column = { readonly revision: number; readonly value: string | null };
interface Group {
  readonly row: string;
  readonly group: string;
  readonly columns: Map<string, Column>;
}

export const nameOf = (row: string, group: string): string => JSON.stringify([row, group]);

/** What is older than an emptying that is kept with the words is left out: it is out of date. */
export function placed(said: readonly Said[], held: Held): readonly Said[] {
  const groups = new Map<string, Group>();
  const at = (row: string, group: string): Group => {
    const name = nameOf(row, group);
    const there = groups.get(name) ?? { row, group, columns: new Map<string, Column>() };
    groups.set(name, there);
    return there;
  };
  for (const { row, group, columns } of said) {
    if (columns.size === 0) at(row, group);
    const words = wordsIn(held, row);
    for (const [column, one] of columns) {
      const own = groupOf(column);
      const isApart = own !== wordsGroup && !held.has(nameOf(row, own));
      const before = words[column];
      if (isApart && before !== undefined && before[1] === "" && one.revision < before[0]) continue;
      const withWords =
        isApart && goesWithWords(column, one.value, words, groups.get(nameOf(row, wordsGroup)));
      at(row, withWords ? wordsGroup : own).columns.set(column, one);
    }
  }
  return [...groups.values()];
}

function goesWithWords(
  column: string,
  value: string | null,
  words: Columns,
  said: Group | undefined,
): boolean {
  if (value === null || (words[column]?.[1] ?? "") !== "") return true;
  if (!isRaw(column) || value.length > rawWithWordsCharsMax) return false;
  const isOther = (name: string) => name !== column && isRaw(name);
  const there = Object.entries(words).some(([name, [, digest]]) => isOther(name) && digest !== "");
  const saidToo = [...(said?.columns ?? [])].some(
    ([name, { value }]) => isOther(name) && value !== null,
  );
  return !there && !saidToo;
}

function wordsIn(held: Held, row: string): Columns {
  const words = held.get(nameOf(row, wordsGroup));
  return words === undefined || words.ended !== 0 ? {} : columnsIn(words.columns);
}

/** Groups that must not be there when this is written with the words. */
export const ownGroupsOf = ({ columns }: Said): string[] =>
  [...columns.keys()].map(groupOf).filter((group) => group !== wordsGroup);
