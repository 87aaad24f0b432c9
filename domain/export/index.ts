/** What members take away of what ledgers hold, in this order. Samples the vault has by itself. */
import { workoutTakeaway } from "../workouts/export/takeaway.ts";
import { listenTakeaway } from "./listens.ts";
import { saleTakeaway } from "./sales.ts";
import type { Takeaway } from "./takeaway.ts";

export const takeaways = {
  workouts: workoutTakeaway,
  listens: listenTakeaway,
  sales: saleTakeaway,
};
export type TakenStream = keyof typeof takeaways;

// biome-ignore lint/suspicious/noExplicitAny: each stream has things of a type of its own.
export type AnyTakeaway = Takeaway<any>;

export const takenStreams = Object.keys(takeaways) as TakenStream[];

/** How things of that stream are taken away; undefined: they are not. */
export const takeawayOf = (stream: string): AnyTakeaway | undefined =>
  Object.hasOwn(takeaways, stream) ? takeaways[stream as TakenStream] : undefined;
