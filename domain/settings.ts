/** Reading effective-dated settings: which zone a member lived in at an instant. */
import type { Settings } from "./stream.ts";
import type { Instant } from "./time.ts";
import { offsetIn } from "./time.ts";

export const noSettings: Settings = { zones: [], ownerOnly: [] };

/** The zone in force at `atMs`; before the first entry, the first one; without any, UTC. */
export function zoneAt(settings: Settings, atMs: Instant): string {
  let zone = settings.zones[0]?.zone ?? "UTC";
  for (const entry of settings.zones) if (entry.fromMs <= atMs) zone = entry.zone;
  return zone;
}

/** The stated offset, or else the one of the member's zone at that time. */
export const offsetAt = (stated: number | null, settings: Settings, atMs: Instant): number =>
  stated ?? offsetIn(zoneAt(settings, atMs), atMs);
