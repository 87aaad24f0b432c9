/**
 * Entries that only say where data lies: `callbackURL`, with the time it was uploaded in, or for a
 * file what it is a file of. The address is one of Garmin's own, or the entry is not understood:
 * anybody who knows the path can write one. What lies there is kept for seven days, files for one.
 */
import type { Instant } from "../../domain/time.ts";
import { secondsToMs } from "../../domain/units.ts";
import { type CallbackRule, callbackOf } from "../callback-url.ts";
import type { AccountNotice } from "../provider.ts";
import { amountOf, type Fields, textOf } from "../untrusted.ts";
import { sourceIdOf } from "./ids.ts";

export const garminPaths = "/wellness-api/rest/";
export const garminCallbacks: CallbackRule = {
  origins: ["https://apis.garmin.com", "https://healthapi.garmin.com"],
  prefix: garminPaths,
};

/** Announced by a ping whatever the app is set to, and never pushed. */
export const activityFiles = "activityFiles";
const wordCharsMax = 16;

/** An entry that only says where data could be fetched. */
export const isPing = (type: string, entry: Fields): boolean =>
  type === activityFiles ||
  (entry.callbackURL !== undefined &&
    entry.startTimeInSeconds === undefined &&
    entry.summary === undefined);

/** Null when its address is not one that may be fetched, or nothing names what lies there. */
export function pingOf(type: string, account: string, entry: Fields): AccountNotice | null {
  const url = callbackOf(entry.callbackURL, garminCallbacks);
  if (url === null) return null;
  if (type !== activityFiles) {
    const callback = { url, about: { account } };
    return { account, collection: type, ...uploadedIn(entry, url), gone: null, callback };
  }
  const summaryId = sourceIdOf(entry.summaryId, entry.activityId);
  if (summaryId === null) return null;
  const fileType = textOf(entry.fileType, wordCharsMax) ?? "";
  const callback = { url, about: { account, summaryId, fileType } };
  const at = instantOf(entry.startTimeInSeconds);
  return { account, collection: type, fromMs: at, toMs: at, gone: null, callback };
}

/** As the entry says, else as its address asks; nothing else hangs on it than what is read first. */
function uploadedIn(entry: Fields, url: string): { fromMs: Instant; toMs: Instant } {
  const asked = new URL(url).searchParams;
  const said = (name: string) => instantOf(entry[name] ?? Number(asked.get(name) ?? 0));
  const fromMs = said("uploadStartTimeInSeconds");
  return { fromMs, toMs: Math.max(fromMs, said("uploadEndTimeInSeconds")) };
}

const latestSeconds = 4_102_444_800;

/** Zero when it is not said, or no time. */
function instantOf(seconds: unknown): Instant {
  const n = amountOf(seconds);
  return n === null || n > latestSeconds ? 0 : secondsToMs(n);
}
