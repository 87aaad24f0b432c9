/**
 * A ledger's entries, each a key and a value, in order of their keys. What is billed is the row, not
 * the byte, so most entries lie many to a row, in pages, each of which holds a stretch of the order;
 * what changed last is hot: it is kept in memory and in the one row that every transaction writes
 * anyway (`ledger-state.ts`). When that grows too large, the pages that most of it belongs to are
 * written, and the rest stays. Keys and values are one line of text.
 */

import { bodies } from "./ledger-keys.ts";

/** A page is split when it is longer than this, in characters. */
const pageCharsMax = 64_000;
/** And its parts are about so long. */
const partChars = 40_000;
/** Hot entries are spilled when they are longer than this, until no more than the other is left. */
const hotCharsMax = 48_000;
const hotCharsKept = 24_000;
/** Within one transaction they may grow to this before any are spilled. */
const hotCharsAtOnce = 1_000_000;
/** Pages that are remembered as they were read. */
const pagesKept = 16;

/** Above every key. */
const endOfAll = "\u{10ffff}";

export type Entry = readonly [key: string, value: string];

/** The stretch of keys from `first` up to `next`; the first page begins before every key. */
interface Page {
  readonly first: string;
  readonly next: string | null;
  /** "key\tvalue", in order. */
  readonly lines: readonly string[];
}

interface Spill {
  readonly first: string;
  readonly keys: string[];
  chars: number;
}

export class LedgerPages {
  readonly #sql: SqlStorage;
  /** Null: the page's own entry of that key is gone. */
  readonly #hot = new Map<string, string | null>();
  /** Their keys, in order. */
  readonly #keys: string[] = [];
  #chars = 0;
  #changes = 0;
  readonly #touched = new Set<string>();
  /** Those of which no page was ever asked, for none has them. */
  readonly #fresh = new Set<string>();
  #read: Page[] = [];

  /** `hot`: as `lines` gave it. */
  constructor(sql: SqlStorage, hot: readonly string[]) {
    this.#sql = sql;
    for (const line of hot) {
      const cut = line.indexOf("\t");
      this.#set(cut < 0 ? line : line.slice(0, cut), cut < 0 ? null : line.slice(cut + 1));
    }
  }

  /** Grows with every change. */
  get changes(): number {
    return this.#changes;
  }

  /** Hot entries, to be kept in a row of their own; a line without a tab is of one that is gone. */
  lines(): string[] {
    return this.#keys.map((key) => {
      const value = this.#hot.get(key);
      return value == null ? key : `${key}\t${value}`;
    });
  }

  get(key: string): string | null {
    const hot = this.#hot.get(key);
    return hot === undefined ? this.#paged(key) : hot;
  }

  put(key: string, value: string): void {
    if (/[\t\n]/.test(key)) throw new Error("a key is one line without tabs");
    if (this.#hot.get(key) !== value) this.#change(key, value);
  }

  /** The same of a key that never was before. */
  add(key: string, value: string): void {
    this.#fresh.add(key);
    this.put(key, value);
  }

  delete(key: string): void {
    if (!this.#fresh.delete(key) && this.#paged(key) !== null) this.#change(key, null);
    else if (this.#hot.has(key)) this.#change(key, undefined);
  }

  #change(key: string, value: string | null | undefined): void {
    this.#changes++;
    this.#touched.add(key);
    this.#set(key, value);
    if (this.#chars > hotCharsAtOnce) this.#spill();
  }

  #set(key: string, value: string | null | undefined): void {
    const before = this.#hot.get(key);
    if (before !== undefined) this.#chars -= key.length + (before?.length ?? 0) + 2;
    if (value !== undefined) this.#chars += key.length + (value?.length ?? 0) + 2;
    if (value === undefined) this.#hot.delete(key);
    else this.#hot.set(key, value);
    const at = lowerBound(this.#keys, key);
    if (value === undefined && before !== undefined) this.#keys.splice(at, 1);
    if (value !== undefined && before === undefined) this.#keys.splice(at, 0, key);
  }

  /** Nothing is left of anything. */
  clear(): void {
    this.#changes++;
    this.#sql.exec("DELETE FROM page");
    this.#hot.clear();
    this.#touched.clear();
    this.#fresh.clear();
    [this.#keys.length, this.#chars, this.#read] = [0, 0, []];
  }

  // -- reading in order ------------------------------------------------------------------------

  /** Entries from a key on, below another, in order. Nothing may change before it has ended. */
  *from(from: string, below: string): Generator<Entry> {
    for (let at = from; at < below; ) {
      const page = this.#pageOf(at);
      const end = page.next === null || page.next > below ? below : page.next;
      const [lines, keys] = [stretch(page.lines, at, end), stretch(this.#keys, at, end)];
      let [line, key] = [lines.from, keys.from];
      while (line < lines.to || key < keys.to) {
        const paged = line < lines.to ? keyOf(page.lines[line] as string) : null;
        const hot = key < keys.to ? (this.#keys[key] as string) : null;
        const isHot = hot !== null && (paged === null || hot <= paged);
        if (paged !== null && (hot === null || paged <= hot)) line++;
        if (isHot) key++;
        const found = isHot ? this.#hot.get(hot) : textOf(page.lines[line - 1] as string);
        if (found != null) yield [(isHot ? hot : paged) as string, found];
      }
      at = end;
    }
  }

  /** The same from the last one down. */
  *back(from: string, below: string): Generator<Entry> {
    for (let end = below; from < end; ) {
      const page = this.#pageBelow(end);
      const at = page.first > from ? page.first : from;
      const [lines, keys] = [stretch(page.lines, at, end), stretch(this.#keys, at, end)];
      let [line, key] = [lines.to - 1, keys.to - 1];
      while (line >= lines.from || key >= keys.from) {
        const paged = line >= lines.from ? keyOf(page.lines[line] as string) : null;
        const hot = key >= keys.from ? (this.#keys[key] as string) : null;
        const isHot = hot !== null && (paged === null || hot >= paged);
        if (paged !== null && (hot === null || paged >= hot)) line--;
        if (isHot) key--;
        const found = isHot ? this.#hot.get(hot) : textOf(page.lines[line + 1] as string);
        if (found != null) yield [(isHot ? hot : paged) as string, found];
      }
      end = at;
    }
  }

  // -- pages -----------------------------------------------------------------------------------

  #paged(key: string): string | null {
    const { lines } = this.#pageOf(key);
    const line = lines[lowerBound(lines, `${key}\t`)];
    return line?.startsWith(`${key}\t`) ? line.slice(key.length + 1) : null;
  }

  #pageOf(key: string): Page {
    const known = this.#read.find((p) => p.first <= key && (p.next === null || key < p.next));
    return known ?? this.#readPage("<=", key);
  }

  #pageBelow(key: string): Page {
    const known = this.#read.find((p) => p.first < key && (p.next === null || key <= p.next));
    return known ?? this.#readPage("<", key);
  }

  #readPage(than: "<=" | "<", key: string): Page {
    const [row] = this.#sql
      .exec<{ first: string; next: string | null; body: string }>(
        `SELECT first, body, (SELECT min(first) FROM page WHERE first > p.first) AS next
         FROM page AS p WHERE first ${than} ? ORDER BY first DESC LIMIT 1`,
        key,
      )
      .toArray();
    const lines = row === undefined || row.body === "" ? [] : row.body.split("\n");
    const page = { first: row?.first ?? "", next: row?.next ?? null, lines };
    this.#read = [page, ...this.#read.slice(0, pagesKept - 1)];
    return page;
  }

  /** So that the hot ones fit into their row. */
  trim(): void {
    if (this.#chars > hotCharsMax) this.#spill();
    this.#touched.clear();
  }

  /**
   * What was changed since the last trim is no longer in any page as it was before. `kinds`: only
   * that of which the keys begin so, a letter each.
   */
  purge(kinds: string): void {
    for (const key of [...this.#touched]) if (kinds.includes(key.charAt(0))) this.#purge(key);
  }

  /** The same of all that ever was changed: also of what left its place to another one long ago. */
  purgeAll(): void {
    for (const key of [...this.#keys]) if (!this.#fresh.has(key)) this.#purge(key);
  }

  #purge(key: string): void {
    if (!this.#hot.has(key) || this.#paged(key) === null) return;
    this.#changes++;
    const { first, next } = this.#pageOf(key);
    const { from, to } = stretch(this.#keys, first, next ?? endOfAll);
    this.#spillInto({ first, keys: this.#keys.slice(from, to), chars: 0 });
  }

  /**
   * Bodies first: they are most of it, and lie together. When the rest is too much by itself, what
   * fills a page best goes, and more of it, so that it is not looked for each time.
   */
  #spill(): void {
    // One kind after the other: what one spills may split the page that the other belongs to.
    for (const kind of bodies) this.#spillUntil(hotCharsKept, this.#spills(kind, `${kind}~`));
    if (this.#chars > hotCharsKept) this.#spillUntil(hotCharsKept / 2, this.#spills("", endOfAll));
  }

  #spillUntil(charsKept: number, spills: readonly Spill[]): void {
    const fullest = [...spills].sort((a, b) => b.chars - a.chars);
    for (const spill of fullest) if (this.#chars > charsKept) this.#spillInto(spill);
  }

  /** The hot entries of a stretch by the page that each belongs to. */
  #spills(from: string, below: string): Spill[] {
    const found: Spill[] = [];
    const within = stretch(this.#keys, from, below);
    let next: string | null = "";
    for (const key of this.#keys.slice(within.from, within.to)) {
      if (next !== null && key >= next) {
        const page: { first: string; next: string | null } = this.#boundsOf(key);
        found.push({ first: page.first, keys: [], chars: 0 });
        next = page.next;
      }
      const last = found.at(-1) as Spill;
      last.keys.push(key);
      last.chars += key.length + (this.#hot.get(key)?.length ?? 0) + 2;
    }
    return found;
  }

  #boundsOf(key: string): { first: string; next: string | null } {
    const [row] = this.#sql
      .exec<{ first: string; next: string | null }>(
        `SELECT first, (SELECT min(first) FROM page WHERE first > p.first) AS next
         FROM page AS p WHERE first <= ? ORDER BY first DESC LIMIT 1`,
        key,
      )
      .toArray();
    return row ?? { first: "", next: null };
  }

  #spillInto({ first, keys }: Spill): void {
    const page = this.#pageOf(keys[0] as string);
    const gone = new Set(keys);
    const kept = page.lines.filter((line) => !gone.has(keyOf(line)));
    const more = keys.flatMap((key) => {
      const value = this.#hot.get(key);
      return value == null ? [] : [`${key}\t${value}`];
    });
    const isAtEnd = kept.length === 0 || (kept.at(-1) as string) < (more[0] ?? "");
    this.#writePage(first, isAtEnd ? kept.concat(more) : kept.concat(more).sort(byCode), isAtEnd);
    for (const key of keys) {
      this.#set(key, undefined);
      this.#fresh.delete(key);
    }
  }

  /** In as many pages as it takes: filled to the brim where things come in order, else with room. */
  #writePage(first: string, lines: readonly string[], isAtEnd: boolean): void {
    const chars = lines.reduce((sum, line) => sum + line.length + 1, 0);
    if (lines.length === 0 && first !== "") {
      this.#sql.exec("DELETE FROM page WHERE first = ?", first);
      this.#read = [];
      return;
    }
    this.#read = this.#read.filter((page) => page.first !== first);
    const parts = Math.ceil(chars / partChars);
    const most = chars <= pageCharsMax || isAtEnd ? pageCharsMax : (1.1 * chars) / parts;
    let [begun, length] = [0, 0];
    const write = (to: number) => {
      const name = begun === 0 ? first : keyOf(lines[begun] as string);
      this.#sql.exec(
        "INSERT INTO page (first, body) VALUES (?, ?) ON CONFLICT (first) DO UPDATE SET body = excluded.body",
        name,
        lines.slice(begun, to).join("\n"),
      );
      [begun, length] = [to, 0];
    };
    lines.forEach((line, i) => {
      if (length > 0 && length + line.length + 1 > most) write(i);
      length += line.length + 1;
    });
    write(lines.length);
  }
}

const keyOf = (line: string): string => line.slice(0, line.indexOf("\t"));
const textOf = (line: string): string => line.slice(line.indexOf("\t") + 1);
const byCode = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Where the first one stands that is not below; a tab is below whatever a key holds. */
function lowerBound(sorted: readonly string[], than: string): number {
  let [from, to] = [0, sorted.length];
  while (from < to) {
    const middle = (from + to) >>> 1;
    if ((sorted[middle] as string) < than) from = middle + 1;
    else to = middle;
  }
  return from;
}

const stretch = (sorted: readonly string[], from: string, below: string) => ({
  from: lowerBound(sorted, from),
  to: lowerBound(sorted, below),
});
