/** How names of artists and tracks are compared, and which of two statements of one listen stands. */
import { spread } from "../identity.ts";

/** Controls too: one of them parts the names in a key. */
const blanks = /[\s\p{Cc}]+/gu;

/** The same for every spelling: compatibility forms, case, blanks and control characters apart. */
export const nameKey = (name: string): string =>
  name.normalize("NFKC").toLowerCase().replaceAll(blanks, " ").trim();

const high = 2 ** 20;
const full = 2 ** 48;

/**
 * Of two statements of one listen the fuller stands, and of two as full the one whose content says
 * so, whichever came first. Below every revision that erases.
 */
export function contentRevision(fields: Readonly<Record<string, unknown>>): number {
  const entries = Object.entries(fields).filter(([, value]) => value != null && value !== "ZZ");
  const content = JSON.stringify(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
  const hash = (spread(content) % 2 ** 28) * high + (spread(`.${content}`) % high);
  return Math.min(entries.length, 31) * full + hash;
}
