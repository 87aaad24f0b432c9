/** Cursors of lists that are read in order of a key: the key of the last item, as JSON. */
import * as z from "zod";

type Part = string | number;
const parts = z.array(z.union([z.string(), z.int()]));

/** The whole of the list begins after `first`. Null: a cursor that no page gave out. */
export function afterCursor<K extends readonly Part[]>(
  cursor: string | undefined,
  first: K,
): K | null {
  if (cursor === undefined) return first;
  try {
    const parsed = parts.safeParse(JSON.parse(cursor));
    const fits =
      parsed.success &&
      parsed.data.length === first.length &&
      parsed.data.every((part, i) => typeof part === typeof first[i]);
    return fits ? (parsed.data as unknown as K) : null;
  } catch {
    return null;
  }
}

/** `rows` are one more than fit, if there are as many; `next` leads on from the last that fits. */
export function pageOf<T, U>(
  rows: readonly T[],
  limit: number,
  keyOf: (row: T) => readonly Part[],
  shown: (row: T) => U,
): { readonly items: readonly U[]; readonly next: string | null } {
  const last = rows.length > limit ? rows[limit - 1] : undefined;
  const next = last === undefined ? null : JSON.stringify(keyOf(last));
  return { items: rows.slice(0, limit).map(shown), next };
}

export const badCursor = { fields: [{ field: "query.cursor", rule: "custom" }] };
