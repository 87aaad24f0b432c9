/** Comma-separated values (RFC 4180), as gateways write their files: a header, then rows. */
import { err, ok, type Result } from "../result.ts";

export interface CsvRow {
  /** Of the file, from 1: where the row begins. */
  readonly line: number;
  readonly cells: readonly string[];
}
/** `unclosed`: a quote that nothing ends. `too-many`: rows than are taken. */
export type CsvFault = "unclosed" | "too-many";

/** Empty lines are left out; a mark of the byte order, too. */
export function csvRows(text: string, rowsMax: number): Result<readonly CsvRow[], CsvFault> {
  const rows: CsvRow[] = [];
  let [at, line] = [text.startsWith("\ufeff") ? 1 : 0, 1];
  while (at < text.length) {
    const began = line;
    const cells: string[] = [];
    for (;;) {
      const cell = text[at] === '"' ? quoted(text, at) : plain(text, at);
      if (cell === null) return err("unclosed");
      cells.push(cell.value);
      line += cell.breaks;
      at = cell.end;
      if (text[at] !== ",") break;
      at++;
    }
    if (text[at] === "\r") at++;
    if (text[at] === "\n") at++;
    line++;
    if (cells.length === 1 && cells[0] === "") continue;
    if (rows.length === rowsMax) return err("too-many");
    rows.push({ line: began, cells });
  }
  return ok(rows);
}

interface Cell {
  readonly value: string;
  readonly end: number;
  readonly breaks: number;
}

const ends = /[,\r\n]/g;

function plain(text: string, from: number): Cell {
  ends.lastIndex = from;
  const end = ends.exec(text)?.index ?? text.length;
  return { value: text.slice(from, end), end, breaks: 0 };
}

/** Two quotes are one; what stands behind the last one belongs to the cell. */
function quoted(text: string, from: number): Cell | null {
  let value = "";
  for (let at = from + 1; ; ) {
    const quote = text.indexOf('"', at);
    if (quote < 0) return null;
    value += text.slice(at, quote);
    at = quote + 1;
    if (text[at] !== '"') {
      const rest = plain(text, at);
      const breaks = value.split("\n").length - 1;
      return { value: value + rest.value, end: rest.end, breaks };
    }
    value += '"';
    at++;
  }
}
