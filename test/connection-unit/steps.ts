/** Connections to a site that counts steps, and what they come to. */
import type { ProviderRequest } from "../../domain/ports.ts";
import type { Provider } from "../../providers/provider.ts";
import { ConnectionWorld, dayMs, linkOf, minuteMs, startMs, windowOf } from "./connection-world.ts";
import { counting, site, stepsNo } from "./site.ts";

export const stepsFrom = startMs - 2 * dayMs;
/** A notice of theirs. */
export const stepsNotice = (more: object = {}) =>
  windowOf(stepsFrom, startMs, { collection: "steps", ...more });

export const counter = (more: Partial<Provider> = {}): Provider =>
  site({ samples: counting("steps"), ...more });

/** Steps of so many minutes, the newest of them just now. */
export function withSteps(n: number, provider = counter()): ConnectionWorld {
  const world = new ConnectionWorld(provider);
  const all = Array.from({ length: n }, (_, i) => stepsNo(i + 1, startMs - (n - i) * minuteMs));
  world.site.steps.set("steps", all);
  return world;
}

/** And nothing left to do for the moment. */
export async function linked(world: ConnectionWorld): Promise<ConnectionWorld> {
  await world.core.open(linkOf());
  await world.rest();
  world.site.asked.length = 0;
  return world;
}

/** Which collection a request asks for. */
export const listOf = (request: unknown): string =>
  (request as ProviderRequest).path?.replace("/list/", "") ?? "";
