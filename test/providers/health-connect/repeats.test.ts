/** A session of HC Webhook that is posted again, by a bridge that may read distances or may not. */
import { expect, it } from "vitest";
import type { ConnectionId, MemberId } from "../../../domain/identity.ts";
import type { ResolvedWorkout } from "../../../domain/workouts/resolved.ts";
import { workouts } from "../../../domain/workouts/stream.ts";
import { accept } from "../../../kernel/accept.ts";
import { healthConnect } from "../../../providers/health-connect.ts";
import { MemoryWorld } from "../../kernel/memory-world.ts";
import { hook, receivedMs } from "./bodies.ts";

async function distanceOf(posted: readonly (number | undefined)[]) {
  const world = new MemoryWorld();
  const origin = {
    member: "m_1" as MemberId,
    connection: "c_1" as ConnectionId,
    provider: healthConnect.name,
    account: "hash",
  };
  for (const distance_meters of posted) {
    const draft = healthConnect.normalise("session", { ...hook, distance_meters }, receivedMs);
    if (!draft.ok) throw new Error(draft.error);
    await accept(world.ports, workouts, origin, [draft.value], [], () => "");
  }
  const [one, ...more] = world.store.resolvedIn({ fromMs: 0, toMs: receivedMs }, 0);
  expect(more).toEqual([]);
  return (one as ResolvedWorkout).distance?.value ?? null;
}

it("keeps the distance that it stated once, in whatever order", async () => {
  for (const posted of [
    [5000, undefined],
    [undefined, 5000],
    [5000, undefined, 5000],
    [undefined, 5000, undefined, 0],
  ])
    expect(await distanceOf(posted)).toBe(5_000_000);
  expect(await distanceOf([undefined, undefined])).toBeNull();
});

it("goes as far as it said last", async () => {
  expect(await distanceOf([5000, undefined, 5100, 5000])).toBe(5_100_000);
});
