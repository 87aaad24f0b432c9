/** What a device is called, wherever one is named. */
import type { Answer } from "../api/client.ts";
import { words } from "../design/format.ts";

export type Device = Answer<"GET /v1/devices">["devices"][number];

/** The model, or what its source calls it, or the app; of none of them, its kind. */
export function deviceName(device: Device | undefined): string {
  if (device === undefined) return "A device that is no longer known";
  const { model, stated, app, kind } = device;
  return model ?? stated ?? app ?? words(kind);
}
