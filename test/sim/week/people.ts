/**
 * Whose week it is: accounts with a history, and the events of their weeks: workouts, corrections,
 * deletions, readings that come late, grants taken back. All of it follows from the seed.
 */

import type { ConnectionId, MemberId } from "../../../domain/identity.ts";
import { type Instant, msPerDay } from "../../../domain/time.ts";
import type { Chance } from "../../oracle/chance.ts";
import type { VirtualClock } from "./clock.ts";
import type { Kind } from "./providers.ts";
import type { Sender, What } from "./senders.ts";
import { athleteOf, hasBeats } from "./strava.ts";
import { type Account, digestNow, recordOf, type WeekRecord } from "./world.ts";

/** Of a hundred connections. */
export const shares: Readonly<Record<Kind, number>> = {
  "google-health": 52,
  "like-garmin": 25,
  strava: 5,
  "like-polar": 5,
  "like-fitbit": 13,
};
const historyDays = 90;
/** Of history every other day one; at Strava, where each is a call or two, every fourth. */
const workoutsADay = 1.5;
const historyADay = (kind: Kind): number => (kind === "strava" ? 0.25 : 0.5);
/** Are told of before they can be had. What Strava has not got then is found by a re-reading alone. */
const servedLateIn100: Partial<Record<Kind, number>> = { "like-polar": 40, strava: 10 };
/** Strava's, of which the streams come minutes later. */
const streamsLateIn100 = 20;
/** Strava's, made private and public again: gone for a while, or only said to be. */
const toggledIn100 = 6;
const connectWithinMs = 1.5 * msPerDay;
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
/** Older than any provider is asked for: may be there or not. */
const beyondDays = 120;

export interface Span {
  readonly startMs: Instant;
  readonly endMs: Instant;
}

/** `only`: all of them at this one provider. */
export function accountsOf(
  connections: number,
  { startMs }: Span,
  chance: Chance,
  only: Kind | null,
): Account[] {
  const mixed = Object.entries(shares).map(([kind, share]) => ({
    kind: kind as Kind,
    n: Math.max(1, Math.round((connections * share) / 100)),
  }));
  const counts = only === null ? mixed : [{ kind: only, n: connections }];
  return counts.flatMap(({ kind, n }) =>
    Array.from({ length: n }, (_, i): Account => {
      const user = kind === "strava" ? athleteOf(i) : `${kind.replaceAll("-", "")}${i}`;
      return {
        kind,
        member: `member-${user}` as MemberId,
        connection: `connection-${user}` as ConnectionId,
        user,
        account: digestNow(["account", 1, kind, user]),
        offsetMin: chance.whole(-8, 13) * 60,
        ping: chance.in100(50),
        heavy: kind !== "like-polar" && kind !== "strava" && chance.in100(10),
        connectMs: startMs + Math.floor(chance.next() * connectWithinMs),
        records: new Map(),
        inOrder: [],
      };
    }),
  );
}

/** What is there when the week begins; of the heavy ones six a day. */
export async function history(
  account: Account,
  { startMs }: Span,
  chance: Chance,
  aDayOf: number | undefined,
): Promise<void> {
  const days = historyDays + (account.connectMs - startMs) / msPerDay;
  const aDay = aDayOf ?? (account.heavy ? 6 : historyADay(account.kind));
  const n = Math.round(historyDays * aDay * (0.7 + 0.6 * chance.next()));
  for (let i = 0; i < n; i++) {
    const agoMs = chance.next() * days * msPerDay;
    const at = wholeSecond(startMs - agoMs);
    await recordOf(account, chance, at, at + 2 * hourMs + chance.whole(0, 999));
  }
  const old = wholeSecond(startMs - (beyondDays + 20 * chance.next()) * msPerDay);
  await recordOf(account, chance, old, old + 2 * hourMs);
}

const wholeSecond = (ms: number): Instant => Math.floor(ms / 1000) * 1000;

export class Events {
  readonly #clock: VirtualClock;
  readonly #chance: Chance;
  readonly #sender: Sender;
  readonly #span: Span;
  readonly #aDay: number;

  constructor(
    clock: VirtualClock,
    chance: Chance,
    sender: Sender,
    span: Span,
    aDay = workoutsADay,
  ) {
    this.#aDay = aDay;
    this.#clock = clock;
    this.#chance = chance;
    this.#sender = sender;
    this.#span = span;
  }

  /** Everything that will happen to an account, put into the queue. */
  plan(account: Account): void {
    const chance = this.#chance;
    const { startMs, endMs } = this.#span;
    for (let atMs: number = startMs; ; ) {
      atMs += (-Math.log(1 - chance.next()) / this.#aDay) * msPerDay;
      if (atMs >= endMs) break;
      const at = wholeSecond(atMs);
      this.#clock.at(at, () => void this.#workout(account, at));
    }
    for (const record of [...account.records.values()]) {
      if (record.startMs < startMs - historyDays * msPerDay) continue;
      const atMs = startMs + Math.floor(chance.next() * (endMs - startMs));
      if (chance.in100(3)) this.#clock.at(atMs, () => this.#correct(account, record));
      else if (chance.in100(1)) this.#clock.at(atMs, () => this.#remove(account, record));
    }
  }

  async #workout(account: Account, startMs: Instant): Promise<void> {
    const chance = this.#chance;
    const record = await recordOf(account, chance, startMs, 0);
    // Not at the provider before it has ended and the device was near.
    record.gone = true;
    const lagMs = chance.in100(90)
      ? chance.whole(0, 3 * 60) * 1000
      : chance.whole(3, chance.in100(80) ? 120 : 18 * 60) * minuteMs;
    const atMs = startMs + record.elapsedMs + lagMs;
    if (atMs >= this.#span.endMs) {
      account.records.delete(record.id);
      account.inOrder = account.inOrder.filter((r) => r !== record);
      return;
    }
    this.#clock.at(atMs, () => this.#appear(account, record));
  }

  #appear(account: Account, record: WeekRecord): void {
    const chance = this.#chance;
    record.gone = false;
    record.updatedMs = this.#clock.now();
    record.heart = account.kind !== "google-health" || chance.in100(70);
    // Now and then it never comes within the patience of who was told of it: it is found by reading.
    const lateIn100 = servedLateIn100[account.kind];
    if (lateIn100 !== undefined && chance.in100(lateIn100))
      record.servedMs = this.#clock.now() + chance.whole(5, chance.in100(95) ? 300 : 1800) * 1000;
    if (account.kind === "strava") this.#ofStrava(account, record);
    this.#sender.say(account, record, "changed");
    if (!record.heart)
      this.#in(chance.whole(10, 120) * minuteMs, () => {
        record.heart = true;
        this.#sender.say(account, record, "heart");
      });
    if (chance.in100(10))
      this.#in(chance.whole(1, 20 * 60) * minuteMs, () => this.#correct(account, record));
    if (chance.in100(4))
      this.#in(chance.whole(5, 20 * 60) * minuteMs, () => this.#remove(account, record));
  }

  /** Its streams come within the time that they are looked for, an hour and a bit. */
  #ofStrava(account: Account, record: WeekRecord): void {
    const chance = this.#chance;
    const firstMs = Math.max(this.#clock.now(), record.servedMs);
    if (hasBeats(record) && chance.in100(streamsLateIn100))
      record.streamsMs = firstMs + chance.whole(1, 55) * minuteMs;
    if (chance.in100(toggledIn100))
      this.#in(chance.whole(1, 20 * 60) * minuteMs, () => this.#toggle(account, record));
  }

  /**
   * Made private and public again: a deletion and then a making of one id, which may overtake each
   * other. Whoever may read private ones too finds it all the while.
   */
  #toggle(account: Account, record: WeekRecord): void {
    const chance = this.#chance;
    if (record.gone) return;
    const forMs = chance.in100(50) ? chance.whole(0, 5000) : chance.whole(1, 120) * minuteMs;
    if (chance.in100(50)) {
      this.#sender.say(account, record, "deleted");
      this.#in(forMs, () => this.#sender.say(account, record, "changed"));
      return;
    }
    record.gone = true;
    record.goneVersion = record.version + 1;
    this.#change(account, record, "deleted");
    this.#in(forMs, () => this.#restore(account, record));
  }

  #correct(account: Account, record: WeekRecord): void {
    if (record.gone || !this.#isHeard(account, record)) return;
    this.#change(account, record, "changed");
  }

  /** Garmin says nothing of it, and may not be asked: such a record stays. */
  #remove(account: Account, record: WeekRecord): void {
    if (record.gone || account.kind === "like-garmin") return;
    record.gone = true;
    record.sure = this.#isHeard(account, record);
    record.goneVersion = record.version + 1;
    this.#change(account, record, "deleted");
    if (account.kind !== "like-fitbit" && this.#chance.in100(20))
      this.#in(this.#chance.whole(1, 600) * minuteMs, () => this.#restore(account, record));
  }

  /** Sometimes a record is back while the answer that it is gone is still on its way. */
  readonly askedGone = (account: Account, record: WeekRecord): void => {
    if (record.version > 1 && this.#chance.in100(20))
      this.#in(this.#chance.whole(1, 50), () => this.#restore(account, record));
  };

  #restore(account: Account, record: WeekRecord): void {
    if (!record.gone) return;
    record.gone = false;
    record.sure = true;
    record.restored++;
    this.#change(account, record, "changed");
  }

  #change(account: Account, record: WeekRecord, what: What): void {
    record.version++;
    record.updatedMs = Math.max(record.updatedMs + 1, this.#clock.now());
    this.#sender.say(account, record, what);
  }

  /** Without notices, a change is found as long as the record is read again. */
  #isHeard({ kind }: Account, { startMs }: WeekRecord): boolean {
    return kind !== "like-fitbit" || startMs > this.#clock.now() - 1.5 * msPerDay;
  }

  /** Nothing happens any more once the week is over. */
  #in(ms: number, act: () => void): void {
    if (this.#clock.now() + ms < this.#span.endMs) this.#clock.after(ms, act);
  }
}
