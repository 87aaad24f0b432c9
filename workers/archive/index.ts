/**
 * The archive worker: a queue's consumer without a public face. What lands, lands by the time it
 * happened; what cannot land is parked. Each minute it is the logs' witness.
 */
import { parkDeadLetters } from "./dead-letters.ts";
import type { ArchiveEnv } from "./env.ts";
import { land } from "./landing.ts";
import { witness } from "./witness.ts";

export default {
  fetch: () => new Response(null, { status: 404 }),

  async scheduled(_, env) {
    await witness(env, Date.now);
  },

  async queue(batch, env) {
    switch (batch.queue) {
      case "changes":
        return land(batch, env, Date.now);
      case "changes-dead":
        return parkDeadLetters(batch, env, Date.now);
      default:
        throw new Error("this worker was made the consumer of a queue that it does not know");
    }
  },
} satisfies ExportedHandler<ArchiveEnv>;
