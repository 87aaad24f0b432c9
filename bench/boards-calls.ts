/** What a bench and its driver among the board objects say to each other. */

/** What the bench asks of the driver. */
export type DriverCall =
  /** Empty boards grow until they have so many shards. */
  | { readonly grow: number; readonly stream: string }
  /** Members `from` to `to` come in, as when boards grow. */
  | { readonly adopt: readonly [from: number, to: number]; readonly stream: string }
  /** Ranks around members, one after another, each timed. */
  | { readonly places: number; readonly members: number; readonly stream: string }
  /** Each shard looks up the same again and again by itself: milliseconds of all shards together. */
  | { readonly repeats: number; readonly member: string; readonly stream: string }
  /** One page, timed. */
  | { readonly top: number; readonly stream: string }
  | HotCall;
export interface HotCall {
  readonly hotSeconds: number;
  readonly perSecond: number;
  readonly members: number;
  readonly stream: string;
}

export interface HotAnswer {
  readonly puts: number;
  readonly refused: number;
  readonly putMs: readonly number[];
  readonly readMs: readonly number[];
  readonly readsFailed: number;
  /** From the last put's being sent to a read that shows every last score. */
  readonly caughtUpMs: number;
  readonly missing: number;
  readonly shards: number;
  /** Seconds after the beginning, for each generation that a read was the first to see. */
  readonly grownAtS: readonly number[];
  readonly mostUnderWay: number;
}
