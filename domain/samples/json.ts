/**
 * JSON (RFC 8259) read strictly and once, for what a reader that is built in keeps to itself: which
 * names an object has twice, where one of them would silently win. NaN, Infinity and -Infinity, which
 * phones write and JSON has no words for, are read as NaN, so that one of them spoils one value and
 * not the text. All else that JSON.parse refuses is refused; the time it takes goes with the length.
 */
import { err, ok, type Result } from "../result.ts";

/** Objects and arrays inside each other. */
export const jsonDepthMax = 64;
/** Objects that have a name twice; one is told of each. */
export const jsonDuplicatesMax = 20_000;

/** From the outermost value to the one that is meant. */
export type JsonPath = readonly (string | number)[];

export interface JsonRead {
  readonly value: unknown;
  /** Of each object that has one the first name that comes again, in order. The last one's value stands. */
  readonly duplicates: readonly JsonPath[];
}
export type JsonFault = "not-json" | "too-deep" | "too-many-duplicates";

export function readJson(text: string): Result<JsonRead, JsonFault> {
  const reader = new Reader(text);
  const value = reader.whole();
  if (reader.fault !== null) return err(reader.fault);
  return ok({ value, duplicates: reader.duplicates });
}

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const colon = 0x3a;
const minus = 0x2d;
const plus = 0x2b;
const dot = 0x2e;
const zero = 0x30;
const nine = 0x39;
const brackets = { open: 0x5b, close: 0x5d };
const braces = { open: 0x7b, close: 0x7d };

const isBlank = (code: number) => code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
const isDigit = (code: number) => code >= zero && code <= nine;
const isExponent = (code: number) => code === 0x65 || code === 0x45;

const words: readonly (readonly [word: string, value: unknown])[] = [
  ["true", true],
  ["false", false],
  ["null", null],
  ["NaN", Number.NaN],
  ["Infinity", Number.NaN],
  ["-Infinity", Number.NaN],
];

/** Once it has a fault, whatever it gives means nothing. */
class Reader {
  fault: JsonFault | null = null;
  readonly duplicates: JsonPath[] = [];
  readonly #text: string;
  readonly #path: (string | number)[] = [];
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  whole(): unknown {
    const value = this.#value();
    this.#next();
    if (this.#at < this.#text.length) this.#fail("not-json");
    return value;
  }

  #fail(fault: JsonFault): undefined {
    this.fault ??= fault;
    return undefined;
  }

  /** The code of the next character that is no blank, NaN at the end. */
  #next(): number {
    while (isBlank(this.#text.charCodeAt(this.#at))) this.#at++;
    return this.#text.charCodeAt(this.#at);
  }

  #take(code: number): boolean {
    if (this.#next() !== code) return false;
    this.#at++;
    return true;
  }

  #value(): unknown {
    const code = this.#next();
    if (code === quote) return this.#string();
    if (code === braces.open) return this.#object();
    if (code === brackets.open) return this.#array();
    const isNumber =
      isDigit(code) || (code === minus && isDigit(this.#text.charCodeAt(this.#at + 1)));
    return isNumber ? this.#number() : this.#word();
  }

  #word(): unknown {
    const found = words.find(([word]) => this.#text.startsWith(word, this.#at));
    if (found === undefined) return this.#fail("not-json");
    this.#at += found[0].length;
    return found[1];
  }

  #digits(): void {
    const from = this.#at;
    while (isDigit(this.#text.charCodeAt(this.#at))) this.#at++;
    if (this.#at === from) this.#fail("not-json");
  }

  /** However many digits: walked over one by one, for a pattern would need room for each. */
  #number(): unknown {
    const from = this.#at;
    if (this.#text.charCodeAt(this.#at) === minus) this.#at++;
    if (this.#text.charCodeAt(this.#at) === zero) this.#at++;
    else this.#digits();
    if (this.#text.charCodeAt(this.#at) === dot) {
      this.#at++;
      this.#digits();
    }
    if (isExponent(this.#text.charCodeAt(this.#at))) {
      this.#at++;
      const sign = this.#text.charCodeAt(this.#at);
      if (sign === minus || sign === plus) this.#at++;
      this.#digits();
    }
    return this.fault === null ? Number(this.#text.slice(from, this.#at)) : undefined;
  }

  #string(): string {
    const from = this.#at++;
    let isPlain = true;
    for (;;) {
      const code = this.#text.charCodeAt(this.#at++);
      if (code === quote) break;
      if (code === backslash) {
        isPlain = false;
        this.#at++;
      } else if (!(code >= 0x20)) {
        this.#fail("not-json");
        return "";
      }
    }
    if (isPlain) return this.#text.slice(from + 1, this.#at - 1);
    return this.#unescaped(this.#text.slice(from, this.#at));
  }

  #unescaped(quoted: string): string {
    try {
      return JSON.parse(quoted) as string;
    } catch {
      this.#fail("not-json");
      return "";
    }
  }

  /** Steps in; false when that is too deep. */
  #enter(): boolean {
    this.#at++;
    if (this.#path.length >= jsonDepthMax) this.#fail("too-deep");
    this.#path.push(0);
    return this.fault === null;
  }

  #array(): unknown {
    const items: unknown[] = [];
    if (!this.#enter()) return undefined;
    if (!this.#take(brackets.close)) {
      do {
        this.#path[this.#path.length - 1] = items.length;
        items.push(this.#value());
      } while (this.fault === null && this.#take(comma));
      if (!this.#take(brackets.close)) this.#fail("not-json");
    }
    this.#path.pop();
    return items;
  }

  #object(): unknown {
    const fields: Record<string, unknown> = {};
    let isTwice = false;
    if (!this.#enter()) return undefined;
    if (!this.#take(braces.close)) {
      do {
        if (this.#next() !== quote) return this.#fail("not-json");
        const name = this.#string();
        if (!this.#take(colon)) return this.#fail("not-json");
        this.#path[this.#path.length - 1] = name;
        if (!isTwice && Object.hasOwn(fields, name)) {
          isTwice = true;
          this.#isTwice();
        }
        put(fields, name, this.#value());
      } while (this.fault === null && this.#take(comma));
      if (!this.#take(braces.close)) this.#fail("not-json");
    }
    this.#path.pop();
    return fields;
  }

  #isTwice(): void {
    if (this.duplicates.length === jsonDuplicatesMax) this.#fail("too-many-duplicates");
    else this.duplicates.push([...this.#path]);
  }
}

/** `__proto__` is a name like any other, and sets nothing but a field. */
function put(fields: Record<string, unknown>, name: string, value: unknown): void {
  if (name !== "__proto__") fields[name] = value;
  else
    Object.defineProperty(fields, name, {
      value,
      writable: true,
      enumerable: true,
      configurable: true,
    });
}
