/** An answer of server-sent events, made of texts as they come, for as long as somebody listens. */
import { errorClass, logLine } from "../../kernel/wide-event.ts";
import type { Clock } from "./status-events.ts";

export const eventStreamType = "text/event-stream";
const sent = {
  "content-type": eventStreamType,
  "cache-control": "no-store",
  // Proxies that gather answers before they pass them on are asked not to.
  "x-accel-buffering": "no",
};

interface Streaming {
  readonly request: Request;
  readonly requestId: string;
  /** What the log calls it when it breaks off. */
  readonly event: string;
  readonly events: (clock: Clock) => AsyncGenerator<string, void>;
}

/** The first look is over before the answer begins: what is down is a 503. */
export async function eventStream(streaming: Streaming): Promise<Response> {
  const { request, requestId, event } = streaming;
  if (request.method === "HEAD") return new Response(null, { headers: sent });
  const clock = wallClock();
  const events = streaming.events(clock);
  const encoder = new TextEncoder();
  let first: Awaited<ReturnType<typeof events.next>> | null = await events.next();
  const body = new ReadableStream<Uint8Array>({
    async pull(to) {
      try {
        const { value, done } = first ?? (await events.next());
        first = null;
        if (clock.isOver()) return;
        if (done === true) to.close();
        else to.enqueue(encoder.encode(value));
      } catch (error) {
        // The client comes back by itself.
        logLine({ event, requestId, error: errorClass(error) });
        to.close();
      }
    },
    cancel: clock.stop,
  });
  return new Response(body, { headers: sent });
}

/** `stop`: whoever sleeps wakes at once, and is told that nobody listens. */
function wallClock(): Clock & { stop(): void; isOver(): boolean } {
  let over = false;
  let wake = () => {};
  return {
    now: () => Date.now(),
    async sleep(ms) {
      if (over) return false;
      await new Promise<void>((done) => {
        const timer = setTimeout(done, ms);
        wake = () => {
          clearTimeout(timer);
          done();
        };
      });
      return !over;
    },
    stop() {
      over = true;
      wake();
    },
    isOver: () => over,
  };
}
