/** What is asked of an object that is watched, besides what ledgers tell it. */
import type { LivePort } from "../domain/ports.ts";
import type { Counts, LookedFor } from "./live-counts.ts";
import type { Count, Stock } from "./live-stock.ts";

/** What was read, and what to show when asking again. */
export interface Looked extends Counts {
  readonly mark: string;
}

export interface LiveObject extends LivePort {
  /** Null: nothing is otherwise than when `mark` was given for the same minutes. */
  counts(asked: LookedFor, mark: string | null): Promise<Looked | null>;
  /** How much there is of an article now; null: as many are counted there as may be. */
  count(sku: string, count: Count): Promise<Stock | null>;
  /** Empties it for good; what ledgers take back afterwards finds nothing. */
  forget(): Promise<void>;
  /** Null: it was never counted. */
  stock(sku: string): Promise<Stock | null>;
}
