/**
 * A member's privacy zones: sealed like a reading, since they say where somebody lives. Whoever
 * reads another's track needs them too, so nothing but the cut track ever tells of them.
 */
import type { MemberId } from "../../domain/identity.ts";
import type { OrRefusal, PrivacyZones } from "../../domain/ports.ts";
import { defaultPrivacyZones, isPrivacyZones } from "../../domain/workouts/privacy-zones.ts";
import { ownConnection } from "./cell.ts";
import type { Vault } from "./env.ts";
import { openColumn } from "./sealed-read.ts";
import { sealRows } from "./sealed-store.ts";

export const privacyRow = "privacy";
export const privacyColumn = "privacy_zones";

/** Null when none were ever set. What is no zones any more hides everything: it throws. */
export function zonesFrom(text: string | null): PrivacyZones {
  if (text === null) return defaultPrivacyZones;
  const zones: unknown = JSON.parse(text);
  if (!isPrivacyZones(zones)) throw new Error("sealed privacy zones are not in their form");
  return zones;
}

export async function privacyZonesOf(
  vault: Vault,
  member: MemberId,
  nowMs: number,
): Promise<OrRefusal<PrivacyZones>> {
  const texts = await openColumn(vault, member, privacyColumn, [privacyRow], nowMs);
  if (texts === "busy") return { refused: "busy" };
  if (texts === "forgotten") return { refused: "unauthenticated" };
  return zonesFrom(texts.get(privacyRow) ?? null);
}

/** The last one to set them wins. */
export async function setPrivacyZones(
  vault: Vault,
  member: MemberId,
  zones: PrivacyZones,
  nowMs: number,
): Promise<OrRefusal<PrivacyZones>> {
  if (!isPrivacyZones(zones)) return { refused: "forbidden" };
  const columns = { [privacyColumn]: JSON.stringify(zones) };
  const row = { row: privacyRow, revision: nowMs, columns };
  const outcome = await sealRows(vault, member, ownConnection, [row], nowMs);
  return outcome === "forgotten" ? { refused: "unauthenticated" } : zones;
}
