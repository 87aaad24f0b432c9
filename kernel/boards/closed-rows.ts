/**
 * Members' numbers as bytes while a board is made of them: frames of a few rows, each behind how many
 * bytes it takes, so that they are read a piece at a time.
 */
import { VarintReader, VarintWriter } from "../../domain/varints.ts";
import { putUint32, uint32At } from "./closed-code.ts";
import type { MemberNumbers } from "./closed-days.ts";

const frameHeadBytes = 4;
const rowsPerFrame = 32;

export class RowWriter {
  readonly #frames: Uint8Array[] = [];
  readonly #out = new VarintWriter();
  #rows = 0;
  bytes = 0;

  add({ member, numbers }: MemberNumbers): void {
    const out = this.#out;
    const entries = Object.entries(numbers).sort(([a], [b]) => (a < b ? -1 : 1));
    out.text(member);
    out.unsigned(entries.length);
    for (const [key, values] of entries) {
      out.text(key);
      out.unsigned(values.length);
      for (const n of values) out.signed(n);
    }
    this.#rows++;
    if (this.#rows === rowsPerFrame) this.#endFrame();
  }

  /** All that was written; nothing is left. */
  taken(): Uint8Array {
    this.#endFrame();
    const all = new Uint8Array(this.bytes);
    let at = 0;
    for (const frame of this.#frames) {
      all.set(frame, at);
      at += frame.length;
    }
    this.#frames.length = 0;
    this.bytes = 0;
    return all;
  }

  #endFrame(): void {
    if (this.#rows === 0) return;
    const rows = this.#out.written();
    const frame = new Uint8Array(frameHeadBytes + rows.length);
    putUint32(frame, 0, rows.length);
    frame.set(rows, frameHeadBytes);
    this.#frames.push(frame);
    this.bytes += frame.length;
    this.#out.clear();
    this.#rows = 0;
  }
}

/** The rows of whole frames, and how many bytes those took. */
export function rowsIn(bytes: Uint8Array): { rows: MemberNumbers[]; used: number } {
  const rows: MemberNumbers[] = [];
  let used = 0;
  while (used + frameHeadBytes <= bytes.length) {
    const end = used + frameHeadBytes + uint32At(bytes, used);
    if (end > bytes.length) break;
    const input = new VarintReader(bytes.subarray(used + frameHeadBytes, end));
    while (!input.isAtEnd) rows.push(rowOf(input));
    used = end;
  }
  return { rows, used };
}

function rowOf(input: VarintReader): MemberNumbers {
  const member = input.text();
  const numbers: Record<string, number[]> = {};
  for (let keys = input.count(); keys > 0; keys--) {
    const key = input.text();
    numbers[key] = Array.from({ length: input.count() }, () => input.signed());
  }
  return { member, numbers };
}
