/** A provider whose notices anybody could have sent, and one connection to it. */
import type { Notice } from "../../domain/ports.ts";
import type { Provider, Pull } from "../../providers/provider.ts";
import { ConnectionWorld, dayMs, linkOf, startMs, windowOf } from "./connection-world.ts";
import { site } from "./site.ts";

export const habit = { silentMs: dayMs, pollMs: null, rereadMs: 2 * dayMs };
export const pullOf = (more: Partial<Pull> = {}): Pull => ({ ...(site().pull as Pull), ...more });
export const hearsay = (more: Partial<Provider> = {}): Provider => {
  const proven = site({ habit, ...more });
  return { ...proven, facts: { ...proven.facts, hearsay: true } };
};
export const hint = (id: string, more: Partial<Notice> = {}): Notice =>
  windowOf(startMs, startMs, { record: id, ...more });
export const goneHint = (id: string): Notice => windowOf(0, 0, { gone: id });

/** Opened, and read for the first time; what it asked until then is not counted. */
export async function opened(world = new ConnectionWorld(hearsay())): Promise<ConnectionWorld> {
  await world.core.open(linkOf());
  await world.rest();
  forgetAsked(world);
  return world;
}
export function forgetAsked({ site, leases }: ConnectionWorld): void {
  site.asked.length = 0;
  leases.length = 0;
}
