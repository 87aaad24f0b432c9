/**
 * What a member says of their own samples: which device is believed first, what they aim at, and
 * which insights they took note of. Sealed like a reading, since devices and goals say how somebody
 * lives.
 */
import type { DeedName } from "../../domain/audit.ts";
import type { MemberId } from "../../domain/identity.ts";
import {
  type DeviceOrder,
  type Devices,
  isRefusal,
  type OrRefusal,
  type Refusal,
} from "../../domain/ports.ts";
import {
  type GoalChanges,
  type Goals,
  goalsText,
  readGoals,
  withGoals,
} from "../../domain/samples/goals.ts";
import { closeEntry, type Deed, openEntry, tooMany, writeWhole } from "./audit.ts";
import { ownConnection, utf8 } from "./cell.ts";
import type { Vault } from "./env.ts";
import { acknowledgedColumn, devicesColumn, goalsColumn } from "./groups.ts";
import { devicesText, noDevices, readDevices, shownDevices, withOrder } from "./sample-devices.ts";
import { devicesRow, goalsRow, insightsRow } from "./sample-rows.ts";
import { openColumn } from "./sealed-read.ts";
import { cellName, type SealedTurn, updateSealed } from "./sealed-update.ts";

/** The oldest are forgotten first: what they tell of is long over. */
const acknowledgedMax = 1_000;
const insightCharsMax = 80;

const deedOf = (deed: DeedName, member: MemberId): Deed => ({
  deed,
  actor: { id: member, member, roles: ["member"] },
  role: "member",
  member,
  columns: [],
  purpose: "",
});

export async function ownDevices(
  vault: Vault,
  member: MemberId,
  nowMs: number,
): Promise<OrRefusal<Devices>> {
  const text = await ownText(vault, member, devicesColumn, devicesRow, nowMs);
  if (typeof text === "object" && text !== null) return text;
  return shownDevices(text === null ? noDevices : readDevices(text));
}

/** Handed out once the log has it. */
export async function devicesOf(
  vault: Vault,
  member: MemberId,
  nowMs: number,
): Promise<OrRefusal<Devices>> {
  const devices = await ownDevices(vault, member, nowMs);
  if (isRefusal(devices)) return devices;
  const outcome = { outcome: "permitted", ground: "own", rows: devices.devices.length };
  const place = await writeWhole(vault, deedOf("see-devices", member), outcome, nowMs);
  return place === null ? tooMany : devices;
}

export async function ownGoals(
  vault: Vault,
  member: MemberId,
  nowMs: number,
): Promise<OrRefusal<Goals>> {
  const text = await ownText(vault, member, goalsColumn, goalsRow, nowMs);
  return typeof text === "object" && text !== null ? text : readGoals(text);
}

/** Handed out once the log has it. */
export async function goalsOf(
  vault: Vault,
  member: MemberId,
  nowMs: number,
): Promise<OrRefusal<Goals>> {
  const goals = await ownGoals(vault, member, nowMs);
  if (isRefusal(goals)) return goals;
  const outcome = { outcome: "permitted", ground: "own", rows: Object.keys(goals).length };
  const place = await writeWhole(vault, deedOf("see-goals", member), outcome, nowMs);
  return place === null ? tooMany : goals;
}

/** Of those that the member took note of, the latest last. */
export async function acknowledgedBy(
  vault: Vault,
  member: MemberId,
  nowMs: number,
): Promise<OrRefusal<{ readonly ids: readonly string[] }>> {
  const text = await ownText(vault, member, acknowledgedColumn, insightsRow, nowMs);
  if (typeof text === "object" && text !== null) return text;
  return { ids: text === null ? [] : (JSON.parse(text) as string[]) };
}

async function ownText(
  vault: Vault,
  member: MemberId,
  column: string,
  row: string,
  nowMs: number,
): Promise<Refusal | string | null> {
  const texts = await openColumn(vault, member, column, [row], nowMs);
  if (texts === "busy") return { refused: "busy" };
  if (texts === "forgotten") return { refused: "unauthenticated" };
  return texts.get(row) ?? null;
}

/** "invalid": not all are the member's, or there are as many orders as there may be. */
export function setDeviceOrder(
  vault: Vault,
  member: MemberId,
  order: DeviceOrder,
  nowMs: number,
): Promise<OrRefusal<Devices>> {
  return changed(vault, deedOf("set-device-order", member), member, nowMs, {
    row: devicesRow,
    group: devicesColumn,
    change(text) {
      const next = withOrder(text === null ? noDevices : readDevices(text), order);
      return next === null ? null : { text: devicesText(next), value: shownDevices(next) };
    },
  });
}

/** "invalid": one is no goal that its metric can have; then all are as they were. */
export function setGoals(
  vault: Vault,
  member: MemberId,
  changes: GoalChanges,
  nowMs: number,
): Promise<OrRefusal<Goals>> {
  return changed(vault, deedOf("set-goals", member), member, nowMs, {
    row: goalsRow,
    group: goalsColumn,
    change(text) {
      const next = withGoals(readGoals(text), changes);
      return next === null ? null : { text: goalsText(next), value: next };
    },
  });
}

export function acknowledge(
  vault: Vault,
  member: MemberId,
  insight: string,
  nowMs: number,
): Promise<OrRefusal<{ readonly acknowledged: string }>> {
  return changed(vault, deedOf("acknowledge-insight", member), member, nowMs, {
    row: insightsRow,
    group: acknowledgedColumn,
    change(text) {
      if (insight === "" || insight.length > insightCharsMax) return null;
      const before = text === null ? [] : (JSON.parse(text) as string[]);
      const after = before.includes(insight) ? before : [...before, insight];
      const kept = JSON.stringify(after.slice(-acknowledgedMax));
      return { text: kept, value: { acknowledged: insight } };
    },
  });
}

interface Setting<T> {
  readonly row: string;
  readonly group: string;
  /** Null: refused, and nothing changes. */
  change(text: string | null): { readonly text: string; readonly value: T } | null;
}

/**
 * 1. the intent is in the log        shown as unknown, all is as it was
 * 2. it is changed, if it is another it holds, shown as unknown; said again, it goes on
 * 3. the outcome is in the log       done
 */
async function changed<T extends object>(
  vault: Vault,
  deed: Deed,
  member: MemberId,
  nowMs: number,
  setting: Setting<T>,
): Promise<OrRefusal<T>> {
  const opened = await openEntry(vault, deed, nowMs);
  if (opened === null) return tooMany;
  const done = await updateSealed(vault, member, ownConnection, nowMs, (turn) =>
    changeOnce(turn, setting),
  );
  const refusal = done === "forgotten" ? "unauthenticated" : done.value === null ? "invalid" : null;
  const ground = { unauthenticated: "no-member", invalid: "invalid-request" } as const;
  await closeEntry(
    vault,
    opened,
    refusal === null
      ? { outcome: "permitted", ground: "own", rows: 1 }
      : { outcome: "refused", ground: ground[refusal], rows: 0 },
  );
  if (done === "forgotten") return { refused: "unauthenticated" };
  return done.value ?? { refused: "invalid" };
}

async function changeOnce<T>(turn: SealedTurn, { row, group, change }: Setting<T>) {
  const seen = await turn.look({ prefixes: [], bodies: [], rows: [row], groups: [group] });
  if (seen === null) return "forgotten";
  const [cell] = seen.cells;
  const bytes = (await turn.open(seen.cells)).get(cellName(row, group));
  const text = bytes === undefined ? null : new TextDecoder().decode(bytes);
  const next = change(text);
  const isSame = next === null || next.text === text;
  const writes = isSame
    ? []
    : [await turn.write(row, group, ownConnection, cell?.version ?? 0, utf8(next.text))];
  return { writes, seen: [], value: { value: next?.value ?? null } };
}
