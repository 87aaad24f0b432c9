/**
 * A stretch of a ranking: scores, times and members' numbers beside each other, best first. Its
 * arrays are little longer than what they hold, and no longer than `blockMax`.
 */
export const blockMax = 256;
/** Arrays grow and shrink by this many entries. */
const step = 32;
const bytesPerEntry = 2 * Float64Array.BYTES_PER_ELEMENT + Uint32Array.BYTES_PER_ELEMENT;

export class Block {
  /** Score and time of the first entry, of the second, … */
  #marks: Float64Array;
  #numbers: Uint32Array;
  #count = 0;

  /** Has room for so many, and for some that come between them. */
  constructor(count: number) {
    [this.#marks, this.#numbers] = arrays(roomFor(count));
  }

  get count(): number {
    return this.#count;
  }

  scoreAt(i: number): number {
    return this.#marks[2 * i] as number;
  }

  atMsAt(i: number): number {
    return this.#marks[2 * i + 1] as number;
  }

  numberAt(i: number): number {
    return this.#numbers[i] as number;
  }

  /** The caller sees to it that there are fewer than `blockMax`. */
  insert(i: number, score: number, atMs: number, number: number): void {
    if (this.#count === this.#numbers.length) this.#resize(this.#count);
    this.#marks.copyWithin(2 * (i + 1), 2 * i, 2 * this.#count);
    this.#numbers.copyWithin(i + 1, i, this.#count);
    this.#marks[2 * i] = score;
    this.#marks[2 * i + 1] = atMs;
    this.#numbers[i] = number;
    this.#count++;
  }

  /** At the end; the caller sees to it that there is room. */
  push(score: number, atMs: number, number: number): void {
    const i = this.#count++;
    this.#marks[2 * i] = score;
    this.#marks[2 * i + 1] = atMs;
    this.#numbers[i] = number;
  }

  remove(i: number): void {
    this.#marks.copyWithin(2 * i, 2 * (i + 1), 2 * this.#count);
    this.#numbers.copyWithin(i, i + 1, this.#count);
    this.#count--;
    if (this.#numbers.length > this.#count + 2 * step) this.#resize(this.#count);
  }

  /** Takes the lower half out, as a block of its own. */
  split(): Block {
    const kept = Math.ceil(this.#count / 2);
    const lower = new Block(this.#count - kept);
    lower.#take(this, kept, this.#count);
    this.#count = kept;
    this.#resize(kept);
    return lower;
  }

  /** Takes in what comes after; the caller sees to it that both fit. */
  append(next: Block): void {
    const count = this.#count + next.#count;
    if (count > this.#numbers.length) this.#resize(count);
    this.#take(next, 0, next.#count);
  }

  #take(other: Block, from: number, to: number): void {
    this.#marks.set(other.#marks.subarray(2 * from, 2 * to), 2 * this.#count);
    this.#numbers.set(other.#numbers.subarray(from, to), this.#count);
    this.#count += to - from;
  }

  #resize(count: number): void {
    const [marks, numbers] = arrays(roomFor(count));
    marks.set(this.#marks.subarray(0, 2 * this.#count));
    numbers.set(this.#numbers.subarray(0, this.#count));
    [this.#marks, this.#numbers] = [marks, numbers];
  }
}

const roomFor = (count: number): number => Math.min(blockMax, count + step);

/** Two views of one buffer: half the overhead of two buffers. */
function arrays(capacity: number): [Float64Array, Uint32Array] {
  const buffer = new ArrayBuffer(capacity * bytesPerEntry);
  const marks = new Float64Array(buffer, 0, 2 * capacity);
  return [marks, new Uint32Array(buffer, marks.byteLength, capacity)];
}
