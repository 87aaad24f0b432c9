/**
 * The member's devices: whoever measured something, known by a keyed digest of the name that its
 * source gave it. A name that is one of ours already must be one of theirs. By which connections one
 * was heard of is kept beside it, so that it goes with the last of them that is erased.
 */
import type { ConnectionId } from "../../domain/identity.ts";
import type { Device, DeviceOrder, Devices } from "../../domain/ports.ts";
import { deviceOrdersMax, devicesMax } from "../../domain/ports.ts";
import {
  type DeviceId,
  type DeviceKind,
  deviceIdPrefix,
  deviceKinds,
  type SampleRecord,
} from "../../domain/samples/sample.ts";
import { isLocalDate } from "../../domain/time.ts";
import type { SampleNames } from "./sample-rows.ts";

/** As it is sealed. */
export interface Registry extends Devices {
  readonly by: Readonly<Record<DeviceId, readonly ConnectionId[]>>;
}
export const noDevices: Registry = { devices: [], orders: [], by: {} };
export const devicesText = (registry: Registry): string => JSON.stringify(registry);
/** What its source calls a device was not always kept: that is learned when it is next heard from. */
export function readDevices(text: string): Registry {
  const kept = JSON.parse(text) as Registry;
  const devices = kept.devices.map((device) => ({ ...device, stated: device.stated ?? null }));
  return { ...kept, devices };
}
export const shownDevices = ({ devices, orders }: Registry): Devices => ({ devices, orders });

export interface Known {
  readonly devices: Registry;
  readonly isChanged: boolean;
  /** Devices that were known stand in another order. */
  readonly isReordered: boolean;
  /** One a record; null: it names a device that is not the member's. */
  readonly ids: readonly (DeviceId | null)[];
}

/**
 * Who measured these records, and all devices with those that are new. What is gone and has an id
 * measured nothing. Beyond `devicesMax` a device is not listed, and counts as of unknown kind.
 */
export async function knownDevices(
  before: Registry,
  records: readonly SampleRecord[],
  names: SampleNames,
  connection: ConnectionId,
): Promise<Known> {
  const byId = new Map(before.devices.map((device) => [device.id, device]));
  const ids = await Promise.all(records.map((record) => idOf(record, names)));
  let [isChanged, isReordered] = [false, false];
  records.forEach((record, i) => {
    const id = ids[i] ?? null;
    if (id === null || id === nobody || isOurs(record)) return;
    const known = byId.get(id);
    const stated = statedBy(known, id, record);
    if (stated === known || (known === undefined && byId.size >= devicesMax)) return;
    byId.set(id, stated);
    isChanged = true;
    isReordered ||= known !== undefined && known.kind !== stated.kind;
  });
  const devices = [...byId.values()];
  const isKnown = (id: DeviceId): boolean => id === nobody || byId.has(id);
  const heard = [...new Set(ids)].flatMap((id) =>
    id !== null && byId.has(id) && before.by[id]?.includes(connection) !== true ? [id] : [],
  );
  isChanged ||= heard.length > 0;
  const more = heard.map((id) => [id, [...(before.by[id] ?? []), connection]]);
  const by = { ...before.by, ...Object.fromEntries(more) };
  return {
    devices: isChanged ? { ...before, devices, by } : before,
    ...{ isChanged, isReordered },
    ids: ids.map((id, i) => {
      const record = records[i];
      return id === null || (record !== undefined && isOurs(record) && !isKnown(id)) ? null : id;
    }),
  };
}

/** Of what is gone and known by its id. */
const nobody: DeviceId = "";

const isOurs = ({ device }: SampleRecord): boolean => device.id.startsWith(deviceIdPrefix);

const idOf = async (record: SampleRecord, names: SampleNames): Promise<DeviceId> => {
  if (record.gone === true && record.id !== null) return nobody;
  return isOurs(record) ? record.device.id : names.device(record.device.id);
};

/**
 * Whatever the order: of two kinds the one that comes first in the list, and its first measurement.
 * Of model and app, which decide nothing, what was said first.
 */
function statedBy(
  known: Device | undefined,
  id: DeviceId,
  { device, app, samples }: SampleRecord,
): Device {
  const firstMs = samples.reduce((ms, { fromMs }) => Math.min(ms, fromMs), latestMs);
  const name = [...device.id].slice(0, statedCharsMax).join("");
  if (known === undefined)
    return { id, kind: device.kind, model: device.model, app, stated: name, firstMs };
  const stated: Device = {
    id,
    kind: betterOf(known.kind, device.kind),
    model: known.model ?? device.model,
    app: known.app ?? app,
    stated: known.stated ?? name,
    firstMs: Math.min(known.firstMs, firstMs),
  };
  return JSON.stringify(stated) === JSON.stringify(known) ? known : stated;
}
const statedCharsMax = 200;
/** Later than anything that was measured. */
const latestMs = Number.MAX_SAFE_INTEGER;

const betterOf = (a: DeviceKind, b: DeviceKind): DeviceKind =>
  deviceKinds.indexOf(a) <= deviceKinds.indexOf(b) ? a : b;

/** Null when it is no order: of somebody else's devices, of one twice, from no day. */
export function withOrder(before: Registry, { from, devices }: DeviceOrder): Registry | null {
  const known = new Set(before.devices.map(({ id }) => id));
  if (from !== null && !isLocalDate(from)) return null;
  if (devices.length > devicesMax || new Set(devices).size !== devices.length) return null;
  if (!devices.every((id) => known.has(id))) return null;
  const others = before.orders.filter((order) => order.from !== from);
  const orders = [...others, { from, devices: [...devices] }].sort(byDay);
  return orders.length > deviceOrdersMax ? null : { ...before, orders };
}

const byDay = (a: DeviceOrder, b: DeviceOrder): number =>
  (a.from ?? "") < (b.from ?? "") ? -1 : 1;

/** Without what only these connections told of; null: they told of nothing. */
export function withoutThose(before: Registry, ended: ReadonlySet<string>): Registry | null {
  const all = Object.entries(before.by);
  if (!all.some(([, by]) => by.some((one) => ended.has(one)))) return null;
  const left = all
    .map(([id, by]) => [id, by.filter((one) => !ended.has(one))] as const)
    .filter(([, by]) => by.length > 0);
  const by = Object.fromEntries(left);
  const orders = before.orders.map(({ from, devices }) => ({
    ...{ from, devices: devices.filter((id) => Object.hasOwn(by, id)) },
  }));
  return { devices: before.devices.filter(({ id }) => Object.hasOwn(by, id)), orders, by };
}
