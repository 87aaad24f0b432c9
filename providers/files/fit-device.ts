/** What made a FIT file: a device with a model, or a program that plays one. */
import { getFitGarminProductDisplayName, getFitManufacturerName } from "fit-file-parser/profile";
import type { Method } from "../../domain/workouts/schema.ts";
import { productName } from "./session.ts";

/** From file_id; each null when it is not stated. */
export interface FitMaker {
  readonly type: number | null;
  readonly manufacturer: number | null;
  readonly product: number | null;
  readonly serial: number | null;
}

const garmin = 1;
/** These number their products in Garmin's list. */
const garminProducts = [garmin, 13, 15, 89];

/** Makers of programs: what they write was recorded by something that they do not name. */
const programs: ReadonlyMap<number, string> = new Map([
  [255, "development"],
  [260, "Zwift"],
  [144, "Zwift"],
  [265, "Strava"],
  [281, "TrainerRoad"],
  [282, "The Sufferfest"],
  [284, "Virtual Training"],
  [298, "Trailforks"],
  [331, "MyWhoosh"],
  [337, "Runna"],
  [349, "GOTOES"],
  [350, "Cadence"],
]);

/**
 * Makers that write their local time into the activity message, so that no difference means that
 * the clock showed UTC. COROS writes UTC twice, Zwift a zero: theirs says nothing.
 */
const localClocks = [garmin, 13, 15, 32, 265];
export const tellsZone = (manufacturer: number | null): boolean =>
  localClocks.includes(manufacturer ?? -1);

/** "wahoo_fitness" is written "Wahoo Fitness". */
const title = (name: string): string =>
  name
    .split("_")
    .map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`)
    .join(" ");

export function hardwareOf(
  { manufacturer, product }: FitMaker,
  stated: string | null,
): { method: Method; deviceModel: string | null; app: string | null } {
  if (manufacturer === null) return { method: "unknown", deviceModel: null, app: null };
  const program = programs.get(manufacturer);
  if (program !== undefined) {
    // Garmin's number for whoever writes FIT without a number of their own.
    const app = program === "development" ? productName(stated) : program;
    return { method: "unknown", deviceModel: null, app };
  }
  const maker = title(getFitManufacturerName(manufacturer) ?? `manufacturer ${manufacturer}`);
  const listed = garminProducts.includes(manufacturer)
    ? getFitGarminProductDisplayName(product)
    : null;
  const model = listed ?? productName(stated);
  return {
    method: "device",
    deviceModel: productName(model === null ? maker : `${maker} ${model}`),
    app: null,
  };
}
