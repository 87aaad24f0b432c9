/**
 * What the providers of the week hold: accounts and their records, as they are now. Records are
 * made before the week begins (history) and during it; each is changed, deleted and restored by
 * events of the clock. What is said of them, and what is lost, is the senders' part.
 */
import { createHmac } from "node:crypto";
import {
  type ConnectionId,
  type Digest,
  type FactId,
  factId,
  type MemberId,
} from "../../../domain/identity.ts";
import type { Instant } from "../../../domain/time.ts";
import type { Chance } from "../../oracle/chance.ts";
import type { Kind } from "./providers.ts";
import { activityOf } from "./strava.ts";

/** A statement about a record that was sent, and has not been recorded yet. */
export interface Said {
  readonly version: number;
  readonly sentMs: Instant;
}
export interface WeekRecord {
  readonly id: string;
  readonly fact: FactId;
  readonly startMs: Instant;
  readonly elapsedMs: number;
  /** Grows with every change; the distance tells which one it is. */
  version: number;
  updatedMs: Instant;
  gone: boolean;
  /** Said, and not to be had before that. */
  servedMs: Instant;
  /** Strava's: its streams are empty before that. */
  streamsMs: Instant;
  /** The version with which it was deleted last; 0: never. */
  goneVersion: number;
  /** False: that it is gone was not said, and need not be found by reading. */
  sure: boolean;
  /** Its heart rate has come to the provider. */
  heart: boolean;
  /** Restored after a deletion, so many times. */
  restored: number;
  readonly said: Said[];
}
export interface Account {
  readonly kind: Kind;
  readonly member: MemberId;
  readonly connection: ConnectionId;
  /** The provider's own word for it, and the keyed hash. */
  readonly user: string;
  readonly account: string;
  readonly offsetMin: number;
  /** Garmin's: told where its data lies rather than sent it. */
  readonly ping: boolean;
  /** Of a member who trains a lot: history that a member's budget does not hold at once. */
  readonly heavy: boolean;
  readonly connectMs: Instant;
  readonly records: Map<string, WeekRecord>;
  /** In order of their start, the newest first. */
  inOrder: WeekRecord[];
}

/** The digest of kernel/hmac.ts, at once: a thread's answer would come at another virtual time. */
export const digestNow = (identity: readonly (string | number)[]): string =>
  createHmac("sha256", "a key of thirty-two bytes, no less")
    .update(JSON.stringify(identity))
    .digest("base64url");
export const digest: Digest = async (identity) => digestNow(identity);

export const distanceOf = ({ version }: WeekRecord): number => 1_000_000 + version;

/** Records have ids of their own over all accounts, so that none is taken for another's. */
export async function recordOf(
  account: Account,
  chance: Chance,
  startMs: Instant,
  updatedMs: Instant,
): Promise<WeekRecord> {
  const n = account.records.size;
  const id = account.kind === "strava" ? activityOf(account.user, n) : `${account.user}_${n}`;
  const record: WeekRecord = {
    id,
    fact: await factId(digest, "workouts", account.kind, account.account, id),
    startMs,
    elapsedMs: chance.whole(20, 90) * 60_000,
    version: 1,
    updatedMs,
    gone: false,
    servedMs: 0,
    streamsMs: 0,
    goneVersion: 0,
    sure: true,
    heart: true,
    restored: 0,
    said: [],
  };
  account.records.set(id, record);
  const at = account.inOrder.findIndex((r) => r.startMs <= startMs);
  if (at < 0) account.inOrder.push(record);
  else account.inOrder.splice(at, 0, record);
  return record;
}
