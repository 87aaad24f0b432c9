/**
 * What is watched as it happens, as server-sent events. Each event is all there is to say, so hearing
 * one twice does no harm, and nothing is promised about what lies between two. Whoever listens is
 * asked again and again whether they still may.
 */
import type { Clock } from "./status-events.ts";

const retryMs = 3_000;
export const lookMsMin = 1_000;
/** While nothing happens; with the ledgers' own delay still within seconds of it. */
export const lookMsMax = 3_000;
const lookGrowth = 1.25;
export const heartbeatMs = 15_000;
/** So long after it was taken away, nobody reads on. */
export const askAgainMs = 60_000;
/** Then it ends by itself; whoever comes back stands in the log anew. */
export const streamMsMax = 900_000;

export interface LookedAt {
  readonly mark: string;
  readonly shown: unknown;
}

export interface Watching {
  /** Null: nothing is otherwise than when `mark` was given. */
  look(mark: string | null): Promise<LookedAt | null>;
  mayStill(): Promise<boolean>;
}

/** Texts to be sent as they come. Throws when what is watched cannot be reached. */
export async function* liveEvents(
  { look, mayStill }: Watching,
  clock: Clock,
): AsyncGenerator<string, void> {
  const beganMs = clock.now();
  let mark: string | null = null;
  let waitMs = lookMsMin;
  let [spokeMs, askedMs] = [beganMs, beganMs];
  let text = `retry: ${retryMs}\n\n`;
  while (clock.now() < beganMs + streamMsMax) {
    if (clock.now() >= askedMs + askAgainMs) {
      if (!(await mayStill())) return;
      askedMs = clock.now();
    }
    const seen = await look(mark);
    if (seen !== null) {
      text += `event: live\ndata: ${JSON.stringify(seen.shown)}\n\n`;
      mark = seen.mark;
      waitMs = lookMsMin;
    }
    if (text === "" && clock.now() >= spokeMs + heartbeatMs) text = ": still here\n\n";
    if (text !== "") {
      yield text;
      text = "";
      spokeMs = clock.now();
    }
    if (!(await clock.sleep(waitMs))) return;
    waitMs = Math.min(Math.round(waitMs * lookGrowth), lookMsMax);
  }
}
