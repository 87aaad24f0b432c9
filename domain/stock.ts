/**
 * How much of an article a store has: what was counted there, less what was sold since. That it runs
 * short is said once, and again only after there was more of it than that.
 */
import { sales } from "./sales/stream.ts";

/** Pieces of one article that a store counts, at most. */
export const piecesMax = 100_000_000;

export const levelOf = (counted: number, sold: number): number => counted - sold;

export interface Fall {
  readonly isLow: boolean;
  /** It is to be said now. */
  readonly fires: boolean;
}

/** `wasLow`: it was said, and there was never more of it since than its threshold. */
export function fallOf(wasLow: boolean, level: number, threshold: number): Fall {
  const isLow = level <= threshold;
  return { isLow, fires: isLow && !wasLow };
}

export interface StoreName {
  readonly merchant: string;
  readonly store: string;
}

/** Whose articles are watched under this name (`storeWatch`, `liveName`); null: no store's. */
export function storeNamed(name: string): StoreName | null {
  const [stream, kind, merchant = "", ...store] = name.split("/");
  if (stream !== sales.name || kind !== "store" || merchant === "" || store.length === 0)
    return null;
  return { merchant, store: store.join("/") };
}
