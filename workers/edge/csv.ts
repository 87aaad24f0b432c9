/** Cells of CSV (RFC 4180) that no spreadsheet runs. */

/** What a spreadsheet would run, blanks before it or none; the last four are wide forms. */
const runs = /^[\t\r\n]|^\s*[=+\-@\uff1d\uff0b\uff0d\uff20]/;

/**
 * A text as a cell. One that would run gets an apostrophe in front, as spreadsheets mark a text.
 * That holds where commas part the cells; a spreadsheet told to part them elsewhere is on its own.
 */
export function csvCell(text: string): string {
  const inert = runs.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert;
}

export const csvType = "text/csv; charset=utf-8; header=present";
