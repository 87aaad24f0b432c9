/**
 * The fake provider's Garmin: who an account is and what it permits, what lies at the callback
 * addresses that pings name, and requests for history, which it remembers for the driver to deliver.
 * An address opens once the account's own token comes with it, and only for that account.
 */
import { randomUUID } from "node:crypto";
import { type Answer, answer, denied } from "./provider-answer.ts";

export const garminPaths = "/wellness-api/rest/";
/** What a ping's address begins with, whoever really answers there. */
const callbackOrigin = "https://apis.garmin.com";

export const garminPermissions = [
  "ACTIVITY_EXPORT",
  "HEALTH_EXPORT",
  "HISTORICAL_DATA_EXPORT",
] as const;
const backfillSecondsMax = 30 * 86_400;
const backfillTypes = new Set(["activities", "activityDetails"]);

/** History that was asked for and is to be delivered. */
export interface AskedBackfill {
  readonly account: string;
  readonly type: string;
  readonly fromMs: number;
  readonly toMs: number;
}
export type PingKind = "activities" | "activityDetails" | "manuallyUpdatedActivities";
export interface GarminFile {
  readonly activityId: string;
  readonly startMs: number;
  readonly bytes: Uint8Array;
  readonly fileType?: "FIT" | "TCX" | "GPX";
}

interface Kept {
  readonly account: string;
  readonly path: string;
  readonly answer: Answer;
}

export class GarminSide {
  /** History before that is refused; may be moved. */
  minimumMs = 0;
  readonly asked: AskedBackfill[] = [];
  readonly #permissions = new Map<string, readonly string[]>();
  readonly #kept = new Map<string, Kept>();

  setPermissions(account: string, permissions: readonly string[]): void {
    this.#permissions.set(account, permissions);
  }

  permissionsOf(account: string): readonly string[] {
    return this.#permissions.get(account) ?? garminPermissions;
  }

  /** Puts entries behind an address; the ping that names it. */
  ping(account: string, kind: PingKind, entries: readonly object[], atMs: number): object {
    const to = Math.floor(atMs / 1000);
    const window = `uploadStartTimeInSeconds=${to - 3600}&uploadEndTimeInSeconds=${to}`;
    const path = `${garminPaths}${kind}`;
    const callbackURL = this.#keep(account, path, window, answer(200, entries));
    return { userId: account, callbackURL };
  }

  /** Puts a file behind an address; the entry of `activityFiles` that names it. */
  file(account: string, { activityId, startMs, bytes, fileType = "FIT" }: GarminFile): object {
    const headers = { "content-type": "application/octet-stream" };
    const path = `${garminPaths}activityFile`;
    const kept = { ...answer(200, ""), bytes, headers };
    const callbackURL = this.#keep(account, path, `id=${activityId}`, kept);
    return {
      userId: account,
      summaryId: `${activityId}-file`,
      activityId: Number(activityId),
      fileType,
      callbackURL,
      startTimeInSeconds: Math.floor(startMs / 1000),
      manual: false,
    };
  }

  #keep(account: string, path: string, query: string, kept: Answer): string {
    const token = randomUUID();
    this.#kept.set(token, { account, path, answer: kept });
    return `${callbackOrigin}${path}?${query}&token=${token}`;
  }

  /** What lies at these addresses is there no longer. */
  forget(account: string): void {
    for (const [token, kept] of this.#kept)
      if (kept.account === account) this.#kept.set(token, { ...kept, answer: denied(410, "gone") });
  }

  serve(account: string, url: URL): Answer {
    const path = url.pathname.slice(garminPaths.length);
    if (path === "user/id") return answer(200, { userId: account });
    if (path === "user/permissions") return answer(200, this.permissionsOf(account));
    if (path.startsWith("backfill/"))
      return this.#backfill(account, path.slice("backfill/".length), url.searchParams);
    const kept = this.#kept.get(url.searchParams.get("token") ?? "");
    if (kept === undefined || kept.path !== url.pathname) return denied(404, "not found");
    return kept.account === account ? kept.answer : denied(403, "not this user's");
  }

  #backfill(account: string, type: string, query: URLSearchParams): Answer {
    const from = Number(query.get("summaryStartTimeInSeconds"));
    const to = Number(query.get("summaryEndTimeInSeconds"));
    if (!backfillTypes.has(type)) return denied(400, "Endpoint not enabled for summary type");
    if (!Number.isInteger(from) || !Number.isInteger(to) || from <= 0 || to <= from)
      return denied(400, "start and end are needed");
    if (to - from > backfillSecondsMax) return denied(400, "range too large");
    if (!this.permissionsOf(account).includes("HISTORICAL_DATA_EXPORT"))
      return denied(412, "user has not granted historical data export");
    if (from * 1000 < this.minimumMs)
      return denied(400, `start is before min start time of ${this.minimumMs / 1000}`);
    const asked = { account, type, fromMs: from * 1000, toMs: to * 1000 };
    const isSame = (one: AskedBackfill) => JSON.stringify(one) === JSON.stringify(asked);
    if (this.asked.some(isSame)) return denied(409, "duplicate backfill");
    this.asked.push(asked);
    return { ...answer(202, ""), bytes: new Uint8Array() };
  }
}
