/** What a member's consents open to the coach, by purpose, and until when. Pure. */
import { type ReadableColumn, readableColumns } from "../../../domain/consent.ts";
import type { Answer } from "../../api/client.ts";

export type Entry = Answer<"GET /v1/roster">["items"][number];
export type Purpose = Entry["consents"][number]["purpose"];

export interface Grant {
  readonly column: ReadableColumn;
  readonly purposes: readonly Purpose[];
  /** The last moment of the longest of them; null: until it is taken back. */
  readonly until: string | null;
}

/** Every column that can be granted, in the order of the table; those that were not have no purpose. */
export function grantsOf({ consents }: Pick<Entry, "consents">): readonly Grant[] {
  return readableColumns.map((column) => {
    const opening = consents.filter(
      (one) => one.effect === "permit" && one.columns.includes(column),
    );
    const ends = opening.map(({ until }) => until);
    return {
      column,
      purposes: [...new Set(opening.map(({ purpose }) => purpose))],
      until: ends.includes(null) ? null : (ends.toSorted().at(-1) ?? null),
    };
  });
}

export const isGranted = ({ purposes }: Grant): boolean => purposes.length > 0;

export const purposesOf = (entry: Entry): readonly Purpose[] => [
  ...new Set(grantsOf(entry).flatMap(({ purposes }) => purposes)),
];

/** What this purpose opens. */
export const openedBy = (entry: Entry, purpose: Purpose): readonly ReadableColumn[] =>
  grantsOf(entry)
    .filter(({ purposes }) => purposes.includes(purpose))
    .map(({ column }) => column);

/** Whose names could not be told, in words; null: all could. */
export function unnamed(items: readonly Pick<Entry, "name">[]): string | null {
  const n = items.filter(({ name }) => name === null).length;
  if (n === 0) return null;
  return n === 1 ? "One name could not be opened." : `${n} names could not be opened.`;
}

export const nameOf = (entry: Entry | undefined): string => entry?.name ?? "A member";
