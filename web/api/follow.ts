/** Reading server-sent events by `fetch`, and waiting before coming back. */
import { eventsIn } from "./event-stream.ts";

/** What is heard, as it comes, until the stream ends. */
export async function* blocksOf(body: ReadableStream<Uint8Array<ArrayBuffer>> | null) {
  if (body === null) return;
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  try {
    let text = "";
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      const heard = eventsIn(text + part.value);
      text = heard.rest;
      yield heard;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

/** That long, or until it is called off. */
export function waited(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      done();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener("abort", end);
  });
}
