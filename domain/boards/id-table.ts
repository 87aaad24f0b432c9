/**
 * Members' ids, once each, in one array of bytes: a member's number is where its id begins. An id may
 * be any text. Its UTF-16 units are written as UTF-8 writes code points (CESU-8), because then bytes
 * are in the order in which JavaScript compares texts. Ids are never taken out: whoever drops the
 * table drops them all.
 */
const firstBytes = 1024;
const firstPlaces = 64;
/** The table of places is at most this full, so that what is sought is found within a few steps. */
const fullest = 0.8;
/** By so much the bytes grow: little lies idle, and copying stays rare. */
const growth = 1.25;
/** A unit takes no more bytes than this; the length before it no more than five. */
const unitBytesMax = 3;
const lengthBytesMax = 5;
const septets = 128;

export class IdTable {
  #bytes = new Uint8Array(firstBytes);
  #end = 0;
  /** Open addressing: one more than a member's number, or 0. */
  #places = new Uint32Array(firstPlaces);
  #size = 0;
  /** The id at hand, as it would stand in the bytes: its length and itself. */
  #asked = new Uint8Array(firstBytes);
  #askedFrom = 0;
  #askedEnd = 0;

  get size(): number {
    return this.#size;
  }

  /** The number of that id, which is from now on in the table. */
  numberOf(id: string): number {
    const hash = this.#ask(id);
    const place = this.#placeOf(hash);
    const found = this.#places[place] as number;
    return found > 0 ? found - 1 : this.#add(place);
  }

  idOf(number: number): string {
    let { at, end } = this.#spanOf(number);
    let id = "";
    while (at < end) {
      let count = 0;
      for (; at < end && count < units.length; count++) {
        const unit = unitAt(this.#bytes, at);
        at += bytesOf(unit);
        units[count] = unit;
      }
      id += fromUnits(count);
    }
    return id;
  }

  /** Less than 0: the first of these ids comes first. */
  order(a: number, b: number): number {
    if (a === b) return 0;
    const [one, other] = [this.#spanOf(a), this.#spanOf(b)];
    const bytes = this.#bytes;
    for (; one.at < one.end && other.at < other.end; one.at++, other.at++) {
      const difference = (bytes[one.at] as number) - (bytes[other.at] as number);
      if (difference !== 0) return difference;
    }
    return one.end - one.at - (other.end - other.at);
  }

  /** The same with an id that need not be in the table. */
  orderBeside(number: number, id: string): number {
    const span = this.#spanOf(number);
    for (let i = 0; i < id.length; i++) {
      if (span.at >= span.end) return -1;
      const unit = unitAt(this.#bytes, span.at);
      if (unit !== id.charCodeAt(i)) return unit - id.charCodeAt(i);
      span.at += bytesOf(unit);
    }
    return span.end - span.at;
  }

  /** Where an id's bytes lie: its length stands before them. */
  #spanOf(number: number): { at: number; end: number } {
    let [length, unit, at] = [0, 1, number];
    for (;;) {
      const byte = this.#bytes[at++] as number;
      length += (byte % septets) * unit;
      if (byte < septets) return { at, end: at + length };
      unit *= septets;
    }
  }

  /** Writes an id out as it would stand in the table; its hash. */
  #ask(id: string): number {
    const bytesMax = id.length * unitBytesMax + lengthBytesMax;
    if (bytesMax > this.#asked.length) this.#asked = new Uint8Array(bytesMax);
    const bytes = this.#asked;
    let at = lengthBytesMax;
    for (let i = 0; i < id.length; i++) at = writeUnit(bytes, at, id.charCodeAt(i));
    this.#askedEnd = at;
    this.#askedFrom = writeLength(bytes, at - lengthBytesMax);
    return hashOf(bytes, lengthBytesMax, at);
  }

  /** Where what was asked for stands, or would. */
  #placeOf(hash: number): number {
    const mask = this.#places.length - 1;
    for (let place = hash & mask; ; place = (place + 1) & mask) {
      const found = this.#places[place] as number;
      if (found === 0 || this.#isAsked(found - 1)) return place;
    }
  }

  #isAsked(number: number): boolean {
    const [bytes, asked, end] = [this.#bytes, this.#asked, this.#askedEnd];
    for (let from = this.#askedFrom, at = number; from < end; from++, at++)
      if (bytes[at] !== asked[from]) return false;
    return true;
  }

  #add(place: number): number {
    const [number, length] = [this.#end, this.#askedEnd - this.#askedFrom];
    const end = number + length;
    if (end > this.#bytes.length) {
      const longer = new Uint8Array(Math.max(end, Math.ceil(this.#bytes.length * growth)));
      longer.set(this.#bytes);
      this.#bytes = longer;
    }
    this.#bytes.set(this.#asked.subarray(this.#askedFrom, this.#askedEnd), number);
    this.#end = end;
    this.#places[place] = number + 1;
    this.#size++;
    if (this.#size > this.#places.length * fullest) this.#spread();
    return number;
  }

  /** Every number finds its place anew in twice as many. */
  #spread(): void {
    const places = new Uint32Array(2 * this.#places.length);
    const mask = places.length - 1;
    for (let number = 0; number < this.#end; ) {
      const { at, end } = this.#spanOf(number);
      let place = hashOf(this.#bytes, at, end) & mask;
      while (places[place] !== 0) place = (place + 1) & mask;
      places[place] = number + 1;
      number = end;
    }
    this.#places = places;
  }
}

/** So many units of an id become a text at once. */
const units = new Uint16Array(64);
const fromUnits = (count: number): string =>
  String.fromCharCode.apply(null, units.subarray(0, count) as unknown as number[]);

/** Right-aligned before the id's bytes; where it begins. */
function writeLength(bytes: Uint8Array, length: number): number {
  let [rest, count] = [length, 1];
  for (let more = length; more >= septets; more = Math.floor(more / septets)) count++;
  const from = lengthBytesMax - count;
  for (let at = from; at < lengthBytesMax; at++, rest = Math.floor(rest / septets))
    bytes[at] = (rest % septets) + (at < lengthBytesMax - 1 ? septets : 0);
  return from;
}

function writeUnit(bytes: Uint8Array, at: number, unit: number): number {
  if (unit < 0x80) {
    bytes[at] = unit;
    return at + 1;
  }
  if (unit < 0x800) {
    bytes[at] = 0xc0 | (unit >> 6);
    bytes[at + 1] = 0x80 | (unit & 0x3f);
    return at + 2;
  }
  bytes[at] = 0xe0 | (unit >> 12);
  bytes[at + 1] = 0x80 | ((unit >> 6) & 0x3f);
  bytes[at + 2] = 0x80 | (unit & 0x3f);
  return at + 3;
}

function unitAt(bytes: Uint8Array, at: number): number {
  const first = bytes[at] as number;
  if (first < 0x80) return first;
  const second = (bytes[at + 1] as number) & 0x3f;
  if (first < 0xe0) return ((first & 0x1f) << 6) | second;
  return ((first & 0x0f) << 12) | (second << 6) | ((bytes[at + 2] as number) & 0x3f);
}

const bytesOf = (unit: number): number => (unit < 0x80 ? 1 : unit < 0x800 ? 2 : 3);

/**
 * FNV-1a, its bits mixed once more: all members of a shard agree in the lowest bits of the plain
 * one, by which they were spread over shards.
 */
function hashOf(bytes: Uint8Array, from: number, to: number): number {
  let hash = 0x811c9dc5;
  for (let at = from; at < to; at++) hash = Math.imul(hash ^ (bytes[at] as number), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
