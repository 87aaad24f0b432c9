/** What a connection keeps about itself, in named values, and what was claimed of its account. */
import type { BackfillState } from "../domain/backfill.ts";
import type { Doubt } from "../domain/doubt.ts";
import type { ConnectionLink, ConnectionReason } from "../domain/ports.ts";
import { emptySpending, type Spending } from "../domain/spending.ts";
import { mayMend, probeEveryMs } from "../domain/sync-state.ts";
import type { Instant } from "../domain/time.ts";
import { Had } from "./connection-had.ts";
import { PendingLine } from "./connection-line.ts";
import type { ObjectStorage } from "./host.ts";
import { Meta } from "./meta.ts";

/** Nothing is asked before that. */
export interface Pause {
  readonly untilMs: Instant;
  readonly why: ConnectionReason;
}
/** When it is to be told next, and faults in a row since it was. */
export interface Told {
  readonly nextMs: Instant;
  readonly faults: number;
  /** A digest of the address that it was told. */
  readonly url?: string;
  /** When it is to be looked at whether that is still our address. */
  readonly lookMs?: Instant;
}
interface Values {
  readonly link: ConnectionLink;
  /** Only the member can mend it. */
  readonly reconnect: ConnectionReason;
  /** Its provider said so with proof, so whether that still holds is not tried. */
  readonly ended: true;
  /** When it said so last, and what stood in the way already when it first did. */
  readonly endedAt: Instant;
  readonly endedOver: ConnectionReason;
  /** When it was linked, or said to give again: an end of before is of another grant. */
  readonly since: Instant;
  /** When it was last tried whether that still holds. */
  readonly probed: Instant;
  /** Answers in a row that the grant is no good, and when the first of them came. */
  readonly denied: { readonly times: number; readonly sinceMs: Instant };
  readonly pause: Pause;
  /** Faults in a row. */
  readonly attempts: number;
  readonly opened: Instant;
  readonly received: Instant;
  readonly checked: Instant;
  /** Up to then nothing newer was to be had. */
  readonly caughtUp: Instant;
  readonly reread: Instant;
  readonly pollAt: Instant;
  readonly readNow: Instant;
  readonly backfill: BackfillState;
  /** The same of the samples; absent: it has not begun. */
  readonly samplesHistory: BackfillState;
  /** No sample is read before that. */
  readonly samplesFrom: Instant;
  /** Of the member's own budget. */
  readonly spending: Spending;
  /** When the provider was last asked about a claim. */
  readonly asked: Instant;
  /** Claims in a row that an account ended, and had not. */
  readonly refuted: number;
  /** Since when it is to be asked, unclaimed, what the account grants. */
  readonly check: Instant;
  /** When its status is to be shown once more, since that failed. */
  readonly showAt: Instant;
  /** The vault has erased what came by this link; the rest of the erasure is under way. */
  readonly ending: { readonly link: ConnectionLink };
  /** Another connection to the same account takes its place: it does nothing more. */
  readonly handedOver: true;
  /** What the provider said last that the account grants. */
  readonly granted: readonly string[];
  /** Of what anybody may have said. */
  readonly doubt: Doubt;
  /** What became of telling the provider to send of the account. */
  readonly told: Told;
}
/** Words, kept as they are; all other values are kept as JSON. */
const words: ReadonlySet<keyof Values> = new Set(["reconnect", "endedOver"]);

const msPerSecond = 1_000;
/** A clock that runs ahead of ours says nothing of what is to come. */
const saidAt = (saidMs: Instant | null, nowMs: Instant): Instant =>
  Math.min(saidMs ?? nowMs, nowMs);
/** Many say no more than the second, which began before what happened in it. */
const wholeSecond = (ms: Instant): Instant => ms - (ms % msPerSecond);

export const claimsMax = 50;
/** What a provider's file calls the claim that what an account grants has changed. */
const permissionsChanged = "permissions-changed";

export class ConnectionStore {
  readonly line: PendingLine;
  readonly had: Had;
  readonly #storage: ObjectStorage;
  readonly #meta: Meta;

  constructor(storage: ObjectStorage) {
    this.#storage = storage;
    this.#meta = new Meta(storage.sql);
    this.line = new PendingLine(storage);
    this.had = new Had(storage);
  }

  get<K extends keyof Values>(key: K): Values[K] | null {
    const text = this.#meta.get(key);
    if (text === null || text === "") return null;
    return (words.has(key) ? text : JSON.parse(text)) as Values[K];
  }

  set<K extends keyof Values>(key: K, value: Values[K]): void {
    this.#meta.set(key, words.has(key) ? String(value) : JSON.stringify(value));
  }

  /** Writes nothing where there is nothing. */
  unset(...keys: readonly (keyof Values)[]): void {
    for (const key of keys)
      if (this.#meta.get(key) !== null)
        this.#storage.sql.exec("DELETE FROM meta WHERE key = ?", key);
  }

  /** Whether there is anything to be told: it was opened, and neither ends nor makes room. */
  isOpen(): boolean {
    return (
      this.get("link") !== null && this.get("ending") === null && this.get("handedOver") === null
    );
  }

  /** Nothing is read until the member mends it, or a probe finds that it is mended. */
  stop(why: ConnectionReason, nowMs: Instant): void {
    this.set("reconnect", why);
    this.set("probed", nowMs);
  }

  /**
   * Nothing is asked any more until it is opened, or granted, again. False: so it was before, or it
   * is said of what was before.
   */
  end(why: ConnectionReason, saidMs: Instant | null, nowMs: Instant): boolean {
    const atMs = saidAt(saidMs, nowMs);
    if (atMs < wholeSecond(this.get("since") ?? this.get("opened") ?? 0)) return false;
    const isNew = this.get("ended") === null;
    this.atOnce(() => {
      this.set("endedAt", Math.max(atMs, this.get("endedAt") ?? 0));
      if (!isNew) return;
      const over = this.get("reconnect");
      if (over !== null) this.set("endedOver", over);
      this.stop(why, nowMs);
      this.set("ended", true);
    });
    return isNew;
  }

  /** Only what its provider said; what was found here before, and why, stands again. */
  grant(saidMs: Instant | null, nowMs: Instant): boolean {
    const atMs = saidAt(saidMs, nowMs);
    const isOver = this.get("ended") === true && atMs >= (this.get("endedAt") ?? 0);
    this.atOnce(() => {
      this.set("since", Math.max(atMs, this.get("since") ?? this.get("opened") ?? 0));
      if (!isOver) return;
      const over = this.get("endedOver");
      this.unset("ended", "endedAt", "endedOver", "reconnect");
      if (over !== null) this.set("reconnect", over);
    });
    return isOver;
  }

  get isProbed(): boolean {
    const why = this.get("reconnect");
    return why !== null && mayMend(why) && this.get("ended") === null;
  }

  probeDueMs(): Instant | null {
    return this.isProbed ? (this.get("probed") ?? -probeEveryMs) + probeEveryMs : null;
  }

  get spending(): Spending {
    return this.get("spending") ?? emptySpending;
  }

  atOnce<T>(work: () => T): T {
    return this.#storage.transactionSync(work);
  }

  /** One more fault in a row; how many there are now. */
  attempt(): number {
    const attempts = (this.get("attempts") ?? 0) + 1;
    this.set("attempts", attempts);
    return attempts;
  }

  // -- claims -------------------------------------------------------------------------------

  /** `ask`: the provider can be asked whether it is so. */
  claim(what: string, ask: boolean, nowMs: Instant): void {
    this.#storage.sql.exec(
      `INSERT INTO claim (what, at, ask) SELECT ?, ?, ?
         WHERE ? = 1 OR (SELECT count(*) FROM claim) < ?
       ON CONFLICT (what) DO UPDATE SET at = excluded.at, ask = max(ask, excluded.ask)`,
      what,
      nowMs,
      ask ? 1 : 0,
      ask ? 1 : 0,
      claimsMax,
    );
  }

  claims(): readonly string[] {
    const { sql } = this.#storage;
    return sql
      .exec<{ what: string }>("SELECT what FROM claim ORDER BY at, what")
      .toArray()
      .map((claim) => claim.what);
  }

  /** Those that the provider is still to be asked about. */
  open(): readonly { readonly what: string; readonly at: Instant }[] {
    const claims = this.#storage.sql
      .exec<{ what: string; at: number }>("SELECT what, at FROM claim WHERE ask = 1 ORDER BY what")
      .toArray();
    const at = this.get("check");
    const isClaimed = claims.some(({ what }) => what === permissionsChanged);
    return at === null || isClaimed ? claims : [...claims, { what: permissionsChanged, at }];
  }

  /** Confirmed or refuted, unless it was made again since. */
  settle(claim: { readonly what: string; readonly at: Instant }): void {
    this.#storage.sql.exec("DELETE FROM claim WHERE what = ? AND at = ?", claim.what, claim.at);
    if (claim.what === permissionsChanged) this.unset("check");
  }

  /** But for an erasure that is under way, unless it has come to its end. */
  empty(isErased: boolean): void {
    const ending = isErased ? null : this.get("ending");
    this.atOnce(() => {
      for (const table of ["pending", "seen", "passed", "spoilt", "claim", "meta"])
        this.#storage.sql.exec(`DELETE FROM ${table}`);
      this.had.forget();
      if (ending !== null) this.set("ending", ending);
    });
  }
}
