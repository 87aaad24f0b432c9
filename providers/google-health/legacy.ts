/**
 * What Google Health says of the Fitbit account that it took the place of. Records that came from
 * that account's own API earlier stay, and the same workouts now come anew, as FITBIT's points: their
 * times and numbers agree, which is enough to count them once. Google does not say whether a point
 * keeps the number it had there (`logId`); where it looks like one it is named as what the point is
 * a copy of. Such a number is the whole service's, so a wrong guess names no record at all.
 */
import { type Instant, msPerDay } from "../../domain/time.ts";
import { type Fields, fieldsOf, textOf } from "../untrusted.ts";

/** The old API is off from then on (2026-11-02), so nothing later has a number there. */
const endMs: Instant = 1_793_577_600_000 + msPerDay;
/** Every number seen there was above 32 bits, and exact in JSON. */
const logIdMin = 2 ** 32;
const ofFitbit = ["FITBIT", "FITBIT_WEB_API"];

export function legacyOf(sourceId: string, at: Instant, { platform }: Fields) {
  const isFitbit = typeof platform === "string" && ofFitbit.includes(platform);
  const logId = /^[1-9]\d{9,15}$/.test(sourceId) ? Number(sourceId) : 0;
  const isLogId = Number.isSafeInteger(logId) && logId > logIdMin;
  return isFitbit && isLogId && at < endMs ? { provider: "fitbit", sourceId } : null;
}

/** The account at Fitbit; null for who never had one. */
export function legacyUserOf(identity: unknown) {
  const account = textOf(fieldsOf(identity).legacyUserId);
  return account === null ? null : { provider: "fitbit", account };
}
