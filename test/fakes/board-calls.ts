/** What a test and the worker around lone boards say to each other. */
import type { ScoreRow } from "../../domain/ports.ts";

export type BoardCall =
  /** Methods of one object, in order. */
  | { readonly object: "shard" | "root" | "live"; readonly name: string; readonly calls: Calls }
  /** The rows go to wherever they belong, in order, as ledgers put them. */
  | { readonly put: readonly ScoreRow[]; readonly stream: string }
  /** A question of the reader's. */
  | { readonly read: "top" | "place" | "among"; readonly stream: string; readonly args: unknown[] };
type Calls = readonly (readonly [method: string, ...args: unknown[]])[];

export interface BoardAnswer {
  readonly answers: readonly unknown[];
  /** By what was called; nothing is counted of what was put. */
  readonly rowsWritten: number;
}
