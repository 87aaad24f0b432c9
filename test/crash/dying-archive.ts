/** The archive, except that it dies where it is told to (dying.ts): by queue, or at its minute. */
import type { ArchiveEnv } from "../../workers/archive/env.ts";
import archive from "../../workers/archive/index.ts";
import { goOnWithRuns, wakeRuns } from "../../workers/archive/run.ts";
import { type CrashEnv, dying } from "./dying.ts";

type Env = ArchiveEnv & CrashEnv;

/** What runs have to wait for because it is young, they find old. */
const later = ({ CRASH_AHEAD_MS }: CrashEnv) => {
  const aheadMs = Number(CRASH_AHEAD_MS ?? 0);
  return aheadMs === 0 ? null : () => Date.now() + aheadMs;
};

export default {
  fetch: archive.fetch,
  async scheduled(controller, env) {
    const now = later(env);
    await archive.scheduled(controller, dying(env, "runs"));
    if (now !== null) await wakeRuns(env, now);
  },
  async queue(batch, env) {
    const now = later(env);
    if (batch.queue !== "runs" || now === null)
      return archive.queue(batch, dying(env, batch.queue));
    return goOnWithRuns(batch, env, now, () => crypto.randomUUID());
  },
} satisfies ExportedHandler<Env>;
