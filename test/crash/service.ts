/** How long the system is away: from the start of a runtime to its first answers. */
import { call, type Person } from "../../local/people.ts";

const askEveryMs = 20;
const awayMsMax = 60_000;

export interface Back {
  /** Until GET /healthz is 200, and until a write is. */
  readonly healthMs: number;
  readonly writeMs: number;
}

/** What it is asked to keep: a workout of a member's own. */
export type Write = () => Promise<number>;

/** Asks from `startedMs` on; throws when it stays away. */
export async function backIn(url: string, write: Write, startedMs: number): Promise<Back> {
  const health = async () => (await call(url, "GET", "/healthz")).status;
  const [healthMs, writeMs] = await Promise.all([
    first(health, startedMs),
    first(write, startedMs),
  ]);
  return { healthMs, writeMs };
}

async function first(ask: Write, startedMs: number): Promise<number> {
  for (;;) {
    const status = await ask().catch(() => 0);
    const ms = performance.now() - startedMs;
    if (status === 200) return ms;
    if (ms > awayMsMax) throw new Error(`not back after ${Math.round(ms)} ms: ${status}`);
    await new Promise((resume) => setTimeout(resume, askEveryMs));
  }
}

/** A phone that has nothing to say but that it is there: each time something new to take back. */
export const writeOf = (url: () => string, { token }: Person, id: () => string): Write => {
  return async () => {
    const body = { workouts: [], deleted: [id()] };
    return (await call(url(), "POST", "/v1/sync", { token, body })).status;
  };
};
