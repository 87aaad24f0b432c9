/**
 * How Polar writes values. Keys are parted by "_" in the API that is used here and by "-" in its older
 * one, and in parts of the newer; a length is an ISO 8601 duration; a start is what the watch showed,
 * with minutes east of UTC beside it. Null: not stated in such a form.
 */
import type { Instant } from "../../domain/time.ts";
import { secondsToMs } from "../../domain/units.ts";
import { type Fields, instantOf, momentOf, offsetOf } from "../untrusted.ts";

export const exercises = "exercises";
/** What feeds the samples, by the last part of its path. */
export const nights = "sleep";
export const recharges = "nightly-recharge";
export const days = "activities";
export const beats = "continuous-heart-rate";
export const sampleCollections: readonly string[] = [nights, recharges, days, beats];

/** The older API numbers an exercise; the newer names it by a short hash. */
export const idPattern = /^[A-Za-z0-9]{1,32}$/;

export function idOf(v: unknown): string | null {
  const id = Number.isSafeInteger(v) && Number(v) > 0 ? String(v) : v;
  return typeof id === "string" && idPattern.test(id) ? id : null;
}

/** A field by its name with "_", whichever way its words are parted. */
export const said = (item: Fields, name: string): unknown =>
  item[name] ?? item[name.replaceAll("_", "-")];

const msPerMinute = 60_000;
const durationPattern =
  /^P(?:(\d{1,3})D)?(?:T(?:(\d{1,5})H)?(?:(\d{1,6})M)?(?:(\d{1,8}(?:\.\d{1,9})?)S)?)?$/;

/** "PT2H44M45.5S" in milliseconds. */
export function durationMsOf(v: unknown): number | null {
  const parts = typeof v === "string" ? durationPattern.exec(v) : null;
  if (parts === null || parts.slice(1).every((part) => part === undefined)) return null;
  const [days, hours, minutes, seconds] = parts.slice(1).map((part) => Number(part ?? 0));
  return secondsToMs(
    (((days ?? 0) * 24 + (hours ?? 0)) * 60 + (minutes ?? 0)) * 60 + (seconds ?? 0),
  );
}

/** With a zone; also one whose parts lack their leading zeros, as Polar's own example has it. */
export const uploadedOf = (v: unknown): Instant | null =>
  instantOf(typeof v === "string" ? v.replaceAll(/(?<=[T:])(\d)(?=[:.Z+-])/g, "0$1") : v);

/** The offset in minutes is to be taken away from the local time. */
export function startOf(
  item: Fields,
): { readonly at: Instant; readonly offsetMin: number | null } | "no-zone" | null {
  const text = said(item, "start_time");
  const moment = momentOf(text);
  if (moment === null) return null;
  const offsetMin = offsetOf(said(item, "start_time_utc_offset"));
  if (moment !== "no-zone") return { at: moment.atMs, offsetMin: offsetMin ?? moment.offsetMin };
  const local = momentOf(`${text}Z`);
  if (local === null || local === "no-zone") return null;
  if (offsetMin === null) return "no-zone";
  return { at: local.atMs - offsetMin * msPerMinute, offsetMin };
}
