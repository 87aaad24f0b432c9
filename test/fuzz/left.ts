/** What an ask leaves behind that others cannot go on with, put right before they do. */
import { setTimeout as pause } from "node:timers/promises";
import { call, expectStatus } from "../../local/people.ts";
import type { Ask, World } from "./asks.ts";

const restoreStepsMax = 200;
const renewalsMax = 50;
const betweenMs = 200;

/** Who left comes back; a restore that was begun, on a shard that nobody is let into, ends. */
export async function putRight(world: World, ask: Ask, status: number): Promise<void> {
  if (status !== 200) return;
  if (/^(DELETE \/v1\/me|POST \/v1\/ops\/erasures)$/.test(ask.route)) await renewed(world);
  if (ask.route === "POST /v1/ops/shards/{number}/restore") await restoreToEnd(world, ask.path);
}

/** As often as it takes: somebody else may have begun a restore just now. */
async function renewed({ callers }: World): Promise<void> {
  for (let tries = 1; ; tries++)
    try {
      return await callers.renew("leaver");
    } catch (error) {
      if (tries === renewalsMax) throw error;
      await pause(betweenMs);
    }
}

/** One ask takes the shard out of service until it was asked to the end (docs/owasp.md). */
async function restoreToEnd({ system, callers }: World, path: string): Promise<void> {
  const { token } = callers.by.operator;
  for (let step = 0; step < restoreStepsMax; step++) {
    const answer = await call(system.url, "POST", path, { token });
    // Another one of the same time may have ended it.
    if (answer.status !== 503 && expectStatus(answer, 200).body.done === true) return;
  }
  throw new Error(`a restore does not end: ${path}`);
}
