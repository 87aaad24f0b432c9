/**
 * Where Withings has a workout from. With a device's id it is one of its own; without one, what a
 * phone's store of health data gave it, or what somebody typed in. Models from 1051 on are no devices:
 * phones that count steps, and the stores, whose names say that the workout is a copy.
 */
import type { Method } from "../../domain/workouts/schema.ts";
import { type Fields, fieldsOf, positiveOf, wordOf } from "../untrusted.ts";

const ownApp = "Withings";

const watches: Readonly<Record<number, string>> = {
  51: "Pulse",
  52: "Activité",
  53: "Activité Pop",
  54: "Go",
  55: "Steel HR",
  58: "Pulse HR",
  59: "Steel HR Sport",
  90: "Move",
  91: "Move ECG",
  92: "Move ECG",
  93: "ScanWatch",
};
const phones: ReadonlySet<unknown> = new Set([1051, 1052, 1053, 1054]);
const stores: Readonly<Record<number, string>> = {
  1055: "Google Fit",
  1056: "Samsung Health",
  1057: "Apple Health",
  1058: "Apple Health",
  1059: "Apple Health",
  1060: "Health Connect",
  1062: "Huawei Health",
};
const named = (names: Readonly<Record<number, string>>, model: unknown): string | null =>
  typeof model === "number" && Object.hasOwn(names, model) ? (names[model] ?? null) : null;

/** Entered by hand, for the account or while it was made. */
const typedIn: ReadonlySet<unknown> = new Set([2, 4]);

export interface Source {
  readonly method: Method;
  readonly deviceModel: string | null;
  readonly app: string;
}

export function sourceOf({ attrib, deviceid, model, data }: Fields): Source {
  const { manual_distance, manual_calories } = fieldsOf(data);
  const isCorrected = positiveOf(manual_distance) !== null || positiveOf(manual_calories) !== null;
  const store = named(stores, model);
  const deviceModel = named(watches, model);
  const hasDevice = wordOf(deviceid) !== null;
  const method: Method = phones.has(model)
    ? "phone"
    : hasDevice && store === null
      ? "device"
      : "unknown";
  return {
    method: typedIn.has(attrib) || isCorrected ? "manual" : method,
    deviceModel: hasDevice ? deviceModel : null,
    app: store ?? ownApp,
  };
}
