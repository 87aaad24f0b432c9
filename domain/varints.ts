/**
 * Numbers as few bytes as they need: LEB128, seven bits a byte, the lowest first; numbers that may be
 * negative in zigzag. Safe integers only; what is none takes the eight bytes of its float. Reading
 * says so when bytes are none of this.
 */

/** Bytes that are not what they should be. */
export class Unreadable extends Error {
  override readonly name = "Unreadable";

  constructor(why = "bytes of another form") {
    super(why);
  }
}

const septets = 128;
/** So far apart two numbers may lie, so that zigzag stays a safe integer. */
export const signedMax = 2 ** 52 - 1;
const firstBytes = 1024;
const hexDigits = 2;
const floatBytes = new Uint8Array(Float64Array.BYTES_PER_ELEMENT);
const float = new DataView(floatBytes.buffer);

export class VarintWriter {
  #bytes = new Uint8Array(firstBytes);
  #length = 0;

  unsigned(n: number): void {
    if (!Number.isSafeInteger(n) || n < 0) throw new RangeError("no unsigned safe integer");
    let rest = n;
    for (; rest >= septets; rest = Math.floor(rest / septets))
      this.byte(septets + (rest % septets));
    this.byte(rest);
  }

  signed(n: number): void {
    if (Math.abs(n) > signedMax) throw new RangeError("too far from zero");
    this.unsigned(n < 0 ? -2 * n - 1 : 2 * n);
  }

  /** By its UTF-16 code units. */
  text(text: string): void {
    this.unsigned(text.length);
    for (let i = 0; i < text.length; i++) this.unsigned(text.charCodeAt(i));
  }

  /** Pairs of hexadecimal digits; how many is the reader's to know. */
  hex(digits: string): void {
    for (let i = 0; i < digits.length; i += hexDigits)
      this.byte(Number.parseInt(digits.slice(i, i + hexDigits), 16));
  }

  /** Eight bytes, the lowest first. */
  float64(n: number): void {
    float.setFloat64(0, n, true);
    this.bytes(floatBytes);
  }

  bytes(bytes: Uint8Array): void {
    for (const byte of bytes) this.byte(byte);
  }

  /** How many bytes the writing takes, then what it writes: a reader may skip it. */
  sized(write: () => void): void {
    const from = this.#length;
    write();
    const size = this.#length - from;
    this.unsigned(size);
    const head = this.#bytes.slice(from + size, this.#length);
    this.#bytes.copyWithin(from + head.length, from, from + size);
    this.#bytes.set(head, from);
  }

  byte(byte: number): void {
    if (this.#length === this.#bytes.length) {
      const longer = new Uint8Array(2 * this.#length);
      longer.set(this.#bytes);
      this.#bytes = longer;
    }
    this.#bytes[this.#length++] = byte;
  }

  /** What was written is forgotten, and the room it took used again. */
  clear(): void {
    this.#length = 0;
  }

  written(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#length);
  }
}

/** Throws `Unreadable`. */
export class VarintReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  unsigned(): number {
    let n = 0;
    for (let unit = 1; ; unit *= septets) {
      const byte = this.byte();
      n += (byte % septets) * unit;
      if (n > Number.MAX_SAFE_INTEGER) throw new Unreadable();
      if (byte < septets) return n;
    }
  }

  signed(): number {
    const n = this.unsigned();
    return n % 2 === 0 ? n / 2 : -(n + 1) / 2;
  }

  text(): string {
    let text = "";
    for (let left = this.count(); left > 0; left--) text += String.fromCharCode(this.unsigned());
    return text;
  }

  hex(digits: number): string {
    let text = "";
    for (let i = 0; i < digits; i += hexDigits)
      text += this.byte().toString(16).padStart(hexDigits, "0");
    return text;
  }

  /** Of things that take a byte each at least: no more than there are bytes. */
  count(): number {
    const n = this.unsigned();
    if (n > this.#bytes.length - this.#at) throw new Unreadable();
    return n;
  }

  float64(): number {
    for (let i = 0; i < floatBytes.length; i++) floatBytes[i] = this.byte();
    return float.getFloat64(0, true);
  }

  /** Goes past these bytes if they are what comes next. */
  isNext(bytes: Uint8Array): boolean {
    for (let i = 0; i < bytes.length; i++) if (this.#bytes[this.#at + i] !== bytes[i]) return false;
    this.#at += bytes.length;
    return true;
  }

  skipText(): void {
    for (let left = this.count(); left > 0; left--) while (this.byte() >= septets);
  }

  skip(bytes: number): void {
    if (bytes > this.#bytes.length - this.#at) throw new Unreadable();
    this.#at += bytes;
  }

  byte(): number {
    const byte = this.#bytes[this.#at];
    if (byte === undefined) throw new Unreadable();
    this.#at++;
    return byte;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }
}
