/**
 * The archive worker: a queue's consumer without a public face. What lands, lands by the time it
 * happened; what cannot land is parked; runs settle it. Each minute it is the logs' witness and
 * wakes runs that nobody is at.
 */
import { parkDeadLetters } from "./dead-letters.ts";
import type { ArchiveEnv } from "./env.ts";
import { land } from "./landing.ts";
import { beginNightly, goOnWithRuns, wakeRuns } from "./run.ts";
import { witness } from "./witness.ts";

const nightly = "23 2 * * *";

const random = (): string => crypto.randomUUID();

export default {
  fetch: () => new Response(null, { status: 404 }),

  /** Each duty gets its turn; then it throws if one of them failed. */
  async scheduled({ cron }, env) {
    if (cron === nightly) return beginNightly(env, Date.now);
    const turns = await Promise.allSettled([witness(env, Date.now), wakeRuns(env, Date.now)]);
    for (const turn of turns) if (turn.status === "rejected") throw turn.reason;
  },

  async queue(batch, env) {
    switch (batch.queue) {
      case "changes":
        return land(batch, env, Date.now);
      case "changes-dead":
        return parkDeadLetters(batch, env, Date.now);
      case "runs":
        return goOnWithRuns(batch, env, Date.now, random);
      default:
        throw new Error("this worker was made the consumer of a queue that it does not know");
    }
  },
} satisfies ExportedHandler<ArchiveEnv>;
