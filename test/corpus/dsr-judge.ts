/**
 * Judges a DDEX flat file by a profile's cells, whoever names them: each record against its list,
 * records against their order, blocks and references, and the footer's counts. Knows nothing of how
 * our own writer makes one.
 */

export interface Cell {
  readonly name: string;
  readonly min: number;
  /** Elements parted by pipes. */
  readonly max: number;
  readonly type: "text" | "integer" | "decimal" | "boolean" | "dateTime" | "duration" | "date";
  readonly pattern?: RegExp;
}
export interface Profile {
  /** Of the record types in their order, each as `<HEAD>`. */
  readonly order: RegExp;
  readonly records: ReadonlyMap<string, readonly Cell[]>;
}
export interface Judgement {
  readonly lines: number;
  /** Record types that the profile does not have. */
  readonly foreign: readonly string[];
  readonly faults: readonly string[];
}

const forms: Readonly<Record<Cell["type"], RegExp>> = {
  text: /^[^\t\r\n]+$/,
  integer: /^[+-]?\d+$/,
  decimal: /^[+-]?\d+(\.\d+)?$/,
  boolean: /^(true|false|1|0)$/,
  dateTime: /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(Z|[+-]\d{2}:\d{2})$/,
  duration: /^PT(\d+H)?(\d+M)?(\d+(\.\d+)?S)?$/,
  date: /^\d{4}(-\d{2}(-\d{2})?)?$/,
};

/** Cells of a line, each its elements, with what was escaped (part 1, 6.6.4) as it was. */
export function cellsOf(line: string): string[][] {
  const cells: string[][] = [[""]];
  const add = (text: string) => {
    const elements = cells.at(-1) as string[];
    elements.push((elements.pop() ?? "") + text);
  };
  for (let i = 0; i < line.length; i++) {
    const rest = line.slice(i, i + 3);
    if (rest === "\\\\\\" || rest === "\\\\|") {
      add(rest.slice(-1));
      i += 2;
    } else if (rest.startsWith("\\\t")) {
      add("\t");
      i += 1;
    } else if (rest[0] === "\t") cells.push([""]);
    else if (rest[0] === "|") cells.at(-1)?.push("");
    else add(rest[0] ?? "");
  }
  return cells;
}

interface Read {
  readonly type: string;
  readonly named: Readonly<Record<string, string>>;
}

function readRecord(line: string, profile: Profile, faults: string[]): Read | string {
  const cells = cellsOf(line);
  const type = cells[0]?.[0] ?? "";
  const list = profile.records.get(type);
  if (list === undefined) return type;
  if (cells.length > list.length) faults.push(`${type}: ${cells.length} cells of ${list.length}`);
  const named: Record<string, string> = {};
  for (const [i, { name, min, max, type: form, pattern }] of list.entries()) {
    const elements = (cells[i] ?? [""]).filter((text) => text !== "");
    named[name] = elements.join("|");
    if (elements.length < min) faults.push(`${type}.${name}: absent`);
    if (elements.length > max) faults.push(`${type}.${name}: ${elements.length} of ${max}`);
    for (const text of elements)
      if (!forms[form].test(text) || pattern?.test(text) === false)
        faults.push(`${type}.${name}: ${text}`);
  }
  return { type, named };
}

export function judgeDsr(text: string, profile: Profile): Judgement {
  const faults: string[] = [];
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === "") lines.pop();
  const foreign = new Set<string>();
  const records: Read[] = [];
  for (const line of lines) {
    if (line === "" || line.startsWith("#")) continue;
    const read = readRecord(line, profile, faults);
    if (typeof read === "string") foreign.add(read);
    else records.push(read);
  }
  const order = records.map(({ type }) => `<${type}>`).join("");
  if (foreign.size === 0) {
    if (!profile.order.test(order)) faults.push("records out of order");
    faults.push(...referenceFaults(records));
  }
  faults.push(...footFaults(text, lines, records.at(-1)));
  return { lines: lines.length, foreign: [...foreign], faults };
}

/** Blocks in one piece; usages that speak of what is there; references that are used once. */
function referenceFaults(records: readonly Read[]): string[] {
  const faults: string[] = [];
  const twice = (what: string, all: readonly string[]) => {
    if (new Set(all).size < all.length) faults.push(`${what} twice`);
  };
  const of = (pattern: RegExp) => records.filter(({ type }) => pattern.test(type));
  const summaries = of(/^SY/).map(({ named }) => named.SummaryRecordId ?? "");
  const runs = records
    .map(({ named }) => named.BlockId)
    .filter((block, i, all) => block !== undefined && block !== all[i - 1]);
  twice("a block", runs as string[]);
  twice("a summary", summaries);
  twice(
    "a transaction",
    of(/^SU/).map(({ named }) => named.SalesTransactionId ?? ""),
  );
  for (const { type, named } of of(/^SU/)) {
    const { SummaryRecordId = "", TransactedResource = "", TransactedRelease = "" } = named;
    if (!summaries.includes(SummaryRecordId)) faults.push(`${type}: no summary`);
    if ((TransactedResource === "") === (TransactedRelease === ""))
      faults.push(`${type}: a resource or a release`);
    const known = of(/^AS/)
      .filter((other) => other.named.BlockId === named.BlockId)
      .map((other) => other.named.ResourceReference);
    if (TransactedResource !== "" && !known.includes(TransactedResource))
      faults.push(`${type}: no resource`);
  }
  return faults;
}

/** What it counts is told by the lines themselves, of records that are not of the profile too. */
function footFaults(text: string, lines: readonly string[], last: Read | undefined): string[] {
  if (last?.type !== "FOOT") return ["no footer at the end"];
  const types = lines.filter((line) => !line.startsWith("#")).map((line) => line.split("\t"));
  const blocks = types.filter(([type = ""]) => /^(RE|AS|MW|RU|SU|LI)\d/.test(type));
  const counts: Readonly<Record<string, number>> = {
    NumberOfLinesInFile: lines.length,
    NumberOfLinesInReport: lines.length,
    NumberOfSummaryRecords: types.filter(([type = ""]) => /^SY\d/.test(type)).length,
    NumberOfBlocksInFile: new Set(blocks.map(([, block]) => block)).size,
    NumberOfBlocksInReport: new Set(blocks.map(([, block]) => block)).size,
  };
  const said = Object.entries(counts).filter(([name]) => last.named[name] !== "");
  const wrong = said.filter(([name, n]) => last.named[name] !== String(n));
  const end = text.endsWith("\n") ? [] : ["no line end"];
  return [...wrong.map(([name, n]) => `FOOT.${name}: ${last.named[name]}, not ${n}`), ...end];
}
