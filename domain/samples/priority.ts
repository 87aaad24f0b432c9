/**
 * Which device is believed before which: on each day by the order that the member had then set,
 * after it by kind, the finer instrument first, and where that says nothing by id.
 */
import type { DeviceOrder } from "../samples-ports.ts";
import type { LocalDate } from "../time.ts";
import { textOrder } from "./record-key.ts";
import { type DeviceId, type DeviceKind, deviceKinds } from "./sample.ts";

/**
 * The lower the better; no two that are listed are equal. All that nobody ever listed come after
 * them as equals: `resolveMetric` puts equals in order of their ids.
 */
export function rankOf(
  devices: readonly { readonly id: DeviceId; readonly kind: DeviceKind }[],
  orders: readonly DeviceOrder[],
  date: LocalDate,
): (device: DeviceId) => number {
  const kindOf = (kind: DeviceKind) => deviceKinds.indexOf(kind);
  const byKind = [...devices].sort(
    (a, b) => kindOf(a.kind) - kindOf(b.kind) || textOrder(a.id, b.id),
  );
  const listed = new Set([...orderOn(orders, date), ...byKind.map((d) => d.id)]);
  const ranks = new Map([...listed].map((id, rank) => [id, rank]));
  return (device) => ranks.get(device) ?? ranks.size;
}

/** Whatever order they are listed in; of two from the same day the later in the list. */
function orderOn(orders: readonly DeviceOrder[], date: LocalDate): readonly DeviceId[] {
  const since = (order: DeviceOrder) => order.from ?? "";
  const inForce = orders.filter((order) => since(order) <= date);
  if (inForce.length === 0) return [];
  return inForce.reduce((a, b) => (since(b) >= since(a) ? b : a)).devices;
}
