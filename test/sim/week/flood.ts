/**
 * Somebody who knows Strava's address here, its unguessable part included, and some of the accounts:
 * for hours they send forged notices of them, many a minute. Of activities that there are not, of real
 * ones that did not change, of other athletes', of deletions that never happened, and that the athlete
 * withdrew. Their chance is their own.
 */
import { vainMax, vainMs } from "../../../domain/doubt.ts";
import { type Instant, msPerDay } from "../../../domain/time.ts";
import { type Chance, chanceOf } from "../../oracle/chance.ts";
import type { VirtualClock } from "./clock.ts";
import { Meter } from "./meter.ts";
import type { Sender } from "./senders.ts";
import { stravaNotice, stravaWithdrawal } from "./strava.ts";
import type { Account, WeekRecord } from "./world.ts";

export interface FloodOptions {
  /** How many of Strava's accounts they know. */
  readonly accounts: number;
  /** Forged notices of each of them; 0: none, and it is a week to compare with. */
  readonly aMinute: number;
  readonly hours: number;
}
interface Span {
  readonly fromMs: Instant;
  readonly toMs: Instant;
}

const hourMs = 3_600_000;
const minuteMs = 60_000;
/** So much later everything has been linked. */
const afterMs = 1.6 * msPerDay;
const seedOfTheirs = 0x0f_10_0d;

/** What one of the flooded accounts cost. */
interface Cost {
  /** Readings that came to nothing: in any hour no more than are followed in vain. */
  readonly vain: Meter;
  readonly all: Meter;
  /** Calls while it lasted. */
  during: number;
}

export class Flood {
  readonly span: Span;
  sent = 0;
  readonly costs = new Map<Account, Cost>();
  readonly #options: FloodOptions;
  readonly #clock: VirtualClock;
  readonly #sender: Sender;
  readonly #chance: Chance;
  #all: readonly Account[] = [];

  constructor(options: FloodOptions, clock: VirtualClock, sender: Sender, seed: number) {
    this.#options = options;
    this.#clock = clock;
    this.#sender = sender;
    this.#chance = chanceOf(seed ^ seedOfTheirs);
    const fromMs = clock.now() + afterMs;
    this.span = { fromMs, toMs: fromMs + options.hours * hourMs };
  }

  /** Of all the accounts at Strava the first few are flooded. */
  plan(all: readonly Account[]): void {
    this.#all = all;
    for (const account of all.slice(0, this.#options.accounts)) {
      const vain = new Meter({ name: "hour", calls: vainMax, windowMs: vainMs });
      const any = new Meter({ name: "hour", calls: Number.MAX_SAFE_INTEGER, windowMs: hourMs });
      this.costs.set(account, { vain, all: any, during: 0 });
      this.#clock.at(this.span.fromMs, () => this.#forge(account));
    }
  }

  /** Whether what was said of it then had to come through the flood, which waits for days after it. */
  isThrough(account: Account, atMs: Instant): boolean {
    return this.costs.has(account) && atMs >= this.span.fromMs;
  }

  /** A call of a flooded account that was answered. */
  asked(account: Account, isVain: boolean, nowMs: Instant): void {
    const cost = this.costs.get(account);
    if (cost === undefined || nowMs < this.span.fromMs) return;
    cost.all.count(nowMs);
    if (isVain) cost.vain.count(nowMs);
    if (nowMs < this.span.toMs) cost.during++;
  }

  #forge(account: Account): void {
    const nowMs = this.#clock.now();
    if (nowMs >= this.span.toMs || this.#options.aMinute === 0) return;
    this.sent++;
    this.#sender.forge(account, this.#bodyOf(account, nowMs));
    const everyMs = minuteMs / this.#options.aMinute;
    this.#clock.after(Math.ceil(everyMs * (0.5 + this.#chance.next())), () => this.#forge(account));
  }

  #bodyOf(account: Account, nowMs: Instant): string {
    const chance = this.#chance;
    const { user } = account;
    const what = chance.pick(["unknown", "known", "another's", "deleted", "withdrew"] as const);
    switch (what) {
      case "unknown":
        return stravaNotice(user, String(chance.whole(1, 9_000_000_000)), "create", nowMs);
      case "known":
        return stravaNotice(user, this.#idOf(account), "update", nowMs);
      case "another's":
        return stravaNotice(user, this.#idOf(chance.pick(this.#all)), "create", nowMs);
      case "deleted":
        return stravaNotice(user, this.#idOf(account), "delete", nowMs);
      case "withdrew":
        return stravaWithdrawal(user, nowMs);
    }
  }

  #idOf({ records }: Account): string {
    const known: readonly WeekRecord[] = [...records.values()];
    return known.length === 0 ? "1" : this.#chance.pick(known).id;
  }
}
