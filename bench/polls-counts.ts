/** What the counting edge (polls-edge.ts) says of itself. */
export interface Counts {
  /** Calls of boards' shards and roots. */
  readonly calls: number;
  readonly requests: number;
}
