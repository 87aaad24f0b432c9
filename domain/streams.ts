/** The list of streams. The kernel finds them by name and asks nothing else. */
import { listens } from "./listens/stream.ts";
import { sales } from "./sales/stream.ts";
import { samples } from "./samples/stream.ts";
import type { Stream } from "./stream.ts";
import { workouts } from "./workouts/stream.ts";

// biome-ignore lint/suspicious/noExplicitAny: each stream has fact and result types of its own.
export type AnyStream = Stream<any, any>;

export const streams = { workouts, samples, listens, sales } as const satisfies Record<
  string,
  AnyStream
>;
export type StreamName = keyof typeof streams;

/** The stream of that name; undefined when a message from a newer version names one we lack. */
export const streamNamed = (name: string): AnyStream | undefined =>
  Object.hasOwn(streams, name) ? streams[name as StreamName] : undefined;
