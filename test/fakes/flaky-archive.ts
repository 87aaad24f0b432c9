/** The archive, except that the queue treats it badly when told to (faults.ts). */
import type { ArchiveEnv } from "../../workers/archive/env.ts";
import archive from "../../workers/archive/index.ts";
import type { ArchiveFaults } from "./faults.ts";

let faults: ArchiveFaults = {};
/** Messages that were hit. */
let failed = 0;

const withMessages = (batch: MessageBatch, messages: readonly Message[]): MessageBatch => ({
  queue: batch.queue,
  messages,
  metadata: batch.metadata,
  ackAll: () => batch.ackAll(),
  retryAll: (options) => batch.retryAll(options),
});

async function deliver(batch: MessageBatch, env: ArchiveEnv): Promise<void> {
  const { lose, repeat, reorder, fail } = faults;
  const { messages } = batch;
  if (lose) {
    failed += messages.length;
    return batch.ackAll();
  }
  if (repeat) {
    failed += messages.length;
    await archive.queue(withMessages(batch, [...messages, ...messages]), env);
    return archive.queue(batch, env);
  }
  if (reorder) {
    const late = messages.filter((m, i) => m.attempts === 1 && i % 2 === 0);
    failed += late.length;
    for (const message of late) message.retry({ delaySeconds: 1 });
    const rest = messages.filter((m) => !late.includes(m)).reverse();
    return archive.queue(withMessages(batch, rest), env);
  }
  if (fail !== "before") await archive.queue(batch, env);
  if (fail === undefined) return;
  failed += messages.length;
  throw new Error("failing on purpose");
}

export default {
  async fetch(request) {
    if (new URL(request.url).pathname !== "/__faults") return archive.fetch();
    if (request.method === "POST") [faults, failed] = [await request.json(), 0];
    return Response.json({ failed });
  },
  queue: deliver,
} satisfies ExportedHandler<ArchiveEnv>;
