/** What a member's scrobbler sends by the protocol it speaks: taken, counted, and answered there. */
import { type Delivery, type Provider, senders } from "../../providers/provider.ts";
import { senderOf } from "./client-address.ts";
import { memberKid } from "./member-keys.ts";
import type { ConnectionRow } from "./members.ts";
import { meter } from "./meter.ts";
import type { Call } from "./route.ts";
import { takeDelivery } from "./take-delivery.ts";

/** True: durable. False: nothing of it may be said to be. Throws `Unavailable`, like every port. */
export async function takeListens(
  call: Call,
  provider: Provider,
  delivery: Delivery,
  connection: ConnectionRow,
): Promise<boolean> {
  const known = new Map([[senders, connection]]);
  const proof = { kid: memberKid, known, sender: senderOf(call.request) };
  const recorded = await takeDelivery(call, provider, delivery, proof);
  if (typeof recorded === "string") return false;
  const came = Object.values(recorded).some((n) => n > 0) ? { recorded } : {};
  countAt(call, provider, { deliveries: 1, items: delivery.items.length, ...came }, memberKid);
  return true;
}

export const countAt = (
  { env, nowMs, later }: Call,
  { name }: Provider,
  counts: Parameters<typeof meter.count>[1],
  kid?: string,
): void => meter.count({ env, provider: name, nowMs, later }, counts, kid);
