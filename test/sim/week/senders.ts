/**
 * How providers say what happened: notices, pushes and pings in their own words, said once, twice,
 * late or never, and said again until they are taken. On our side stands the door as the edge keeps
 * it: a body is parsed, its notices are handed to the connection, its records are accepted.
 */
import type { GatePort } from "../../../domain/ports.ts";
import { formatMoment, type Instant, msPerDay } from "../../../domain/time.ts";
import { workouts } from "../../../domain/workouts/stream.ts";
import type { ConnectionCore } from "../../../durable-objects/connection-core.ts";
import { accept } from "../../../kernel/accept.ts";
import type { Draft } from "../../../providers/provider.ts";
import type { Sim, SimObject } from "./object.ts";
import { weekProviders } from "./providers.ts";
import type { Recorded } from "./recorded.ts";
import { type Service, sentOf } from "./service.ts";
import { stravaNotice } from "./strava.ts";
import { type Account, distanceOf, type WeekRecord } from "./world.ts";

export interface Line {
  readonly object: SimObject<ConnectionCore>;
  readonly recorded: Recorded;
  readonly gate: GatePort;
}
export interface Senders {
  /** Null: nobody here knows the account yet. */
  line(account: Account): Line | null;
  readonly service: (account: Account) => Service;
  isDown(account: Account): boolean;
  /** When a provider that is down will be back. */
  readonly backMs: Instant;
}

const lostIn100 = 5;
const twiceIn100 = 8;
const lateIn100 = 3;
const minuteMs = 60_000;
const againMs = [30_000, 2 * minuteMs, 10 * minuteMs, 60 * minuteMs];
const triesMax = 40;

export type What = "changed" | "deleted" | "heart";

export class Sender {
  sent = 0;
  lost = 0;
  /** No notice is lost any more, nor late: the week is over. */
  faulty = true;
  readonly #sim: Sim;
  readonly #senders: Senders;
  #pings = 0;

  constructor(sim: Sim, senders: Senders) {
    this.#sim = sim;
    this.#senders = senders;
  }

  /** Says it, or loses it; what is lost must be found by reading again. */
  say(account: Account, record: WeekRecord, what: What): void {
    const { clock, chance } = this.#sim;
    if (clock.now() < account.connectMs) return;
    if (account.kind === "like-fitbit") {
      // That something is gone shows only once it should have been among the older ones.
      if (what !== "deleted") this.#note(account, record);
      return;
    }
    if (this.#mayLose(account, record) && chance.in100(lostIn100)) {
      this.lost++;
      return;
    }
    const isHeld = this.#senders.isDown(account) && chance.in100(50);
    const lateMs = chance.in100(lateIn100) ? chance.whole(1, 12 * 60) * minuteMs : 0;
    const soonMs = chance.whole(500, 5000) + lateMs;
    const atMs = isHeld ? this.#senders.backMs + soonMs : clock.now() + soonMs;
    clock.at(atMs, () => this.#send(account, record, what));
    if (chance.in100(twiceIn100))
      clock.at(atMs + chance.whole(1, 7200) * 1000, () => this.#send(account, record, what));
  }

  /** What somebody else says in a provider's name; refused, it is not said again. */
  forge(account: Account, body: string): void {
    const { clock, chance } = this.#sim;
    clock.after(chance.whole(50, 400), () => {
      const line = this.#senders.line(account);
      if (line !== null) this.#door(account, line, body).catch(() => {});
    });
  }

  /** History that was asked for: pushed in parts, or told of by pings. */
  sendStretch(account: Account, records: readonly WeekRecord[]): void {
    const bodies = account.ping
      ? [this.#ping(account, records)]
      : records.map((record) => this.#push(account, [record]));
    for (const body of bodies) this.#deliver(account, body, 0);
  }

  #mayLose({ kind }: Account, { startMs }: WeekRecord): boolean {
    const { habit } = weekProviders[kind];
    if (!this.faulty || habit?.silentMs == null) return false;
    // What a re-reading within the next day and a half would still come across.
    return startMs > this.#sim.clock.now() - habit.rereadMs + 1.5 * msPerDay;
  }

  #send(account: Account, record: WeekRecord, what: What): void {
    this.sent++;
    if (what !== "heart") this.#note(account, record);
    this.#deliver(account, this.#bodyOf(account, record, what), 0);
  }

  /**
   * From now on it is waited for, unless it is known already; how long that takes of what is not to
   * be had yet, or is gone before anybody had it, is not ours to say.
   */
  #note(account: Account, record: WeekRecord): void {
    const { clock } = this.#sim;
    if (record.servedMs > clock.now()) return;
    const held = this.#senders.line(account)?.recorded.store.held(record.fact);
    const { version } = record;
    if (record.gone && held == null) {
      record.said.length = 0;
      return;
    }
    const isKnown =
      held != null &&
      (record.gone ? held.fact === null : held.fact?.distanceMm === distanceOf(record));
    if (!isKnown) record.said.push({ version, sentMs: clock.now() });
  }

  #bodyOf(account: Account, record: WeekRecord, what: What): string {
    const { kind, user: owner } = account;
    if (kind === "strava") return this.#stravaSays(account, record, what);
    if (kind === "like-polar") return JSON.stringify({ owner, object: record.id, aspect: what });
    if (kind === "like-garmin")
      return account.ping ? this.#ping(account, [record]) : this.#push(account, [record]);
    const [from, to] = [record.startMs, record.startMs + record.elapsedMs];
    const civil = (ms: Instant) =>
      formatMoment(ms + account.offsetMin * minuteMs).replace(/Z|\+00:00$/, "");
    const interval = this.#sim.chance.in100(50)
      ? { physicalTimeInterval: { startTime: formatMoment(from), endTime: formatMoment(to) } }
      : { civilIso8601TimeInterval: { startTime: civil(from), endTime: civil(to) } };
    const data = {
      version: "1",
      healthUserId: owner,
      operation: what === "deleted" ? "DELETE" : "UPSERT",
      dataType: what === "heart" ? "heart-rate" : "exercise",
      intervals: [interval],
      ...(what === "deleted" ? { recordId: record.id } : {}),
    };
    return JSON.stringify(this.#sim.chance.in100(50) ? { data } : [{ data }]);
  }

  #stravaSays({ user }: Account, { id, version }: WeekRecord, what: What): string {
    const later = version > 1 ? "update" : "create";
    return stravaNotice(user, id, what === "deleted" ? "delete" : later, this.#sim.clock.now());
  }

  #push(account: Account, records: readonly WeekRecord[]): string {
    const there = records.filter(({ gone }) => !gone);
    return JSON.stringify({ owner: account.user, records: there.map((r) => sentOf(account, r)) });
  }

  #ping(account: Account, records: readonly WeekRecord[]): string {
    const url = `https://data.example/${account.user}/${this.#pings++}`;
    this.#senders.service(account).lying.set(url, records);
    return JSON.stringify({ owner: account.user, url, about: {} });
  }

  /** Until it is taken; an account that nobody knows takes nothing. */
  #deliver(account: Account, body: string, tries: number): void {
    const { clock, chance } = this.#sim;
    clock.after(chance.whole(50, 400), () => {
      const line = this.#senders.line(account);
      if (line === null) return;
      this.#door(account, line, body).catch(() => {
        if (tries >= triesMax) throw new Error("a delivery was never taken");
        const waitMs = againMs[Math.min(tries, againMs.length - 1)] as number;
        clock.after(waitMs, () => this.#deliver(account, body, tries + 1));
      });
    });
  }

  /** As the edge does it. Throws when a part of ours failed: then the provider says it again. */
  async #door(account: Account, { object, recorded, gate }: Line, body: string): Promise<void> {
    const { clock, chance } = this.#sim;
    const provider = weekProviders[account.kind];
    const parsed = provider.parse(body);
    if (!parsed.ok) throw new Error("a provider was not understood");
    const { items, notices, claims } = parsed.value;
    await clock.sleep(chance.whole(1, 10));
    const drafts: Draft[] = items.flatMap(({ kind, body }) => {
      const draft = provider.normalise(kind, body, clock.now());
      return draft.ok ? [draft.value] : [];
    });
    if (drafts.length > 0) {
      const ports = recorded.ports((effect) => this.#ours(effect));
      const origin = { ...account, provider: account.kind };
      await accept(ports, workouts, origin, drafts, [], () => "");
      recorded.arrivedMs = clock.now();
    }
    if (notices.length > 0) {
      const told = notices.map(({ account: _, ...notice }) => notice);
      await object.call((core) => core.notice(told));
    }
    for (const { claim } of claims) await object.call((core) => core.unconfirmed(claim));
    const counts = { deliveries: 1, notices: notices.length, items: items.length, refused: 0 };
    await gate.count(counts).catch(() => {});
  }

  /** A call to another part of ours: it takes time, and now and then it fails. */
  async #ours<T>(effect: () => Promise<T>): Promise<T> {
    const { clock, chance, troubles } = this.#sim;
    await clock.sleep(chance.whole(1, 5));
    const fails = chance.in100(troubles.failIn100) ? chance.whole(0, 1) : null;
    if (fails === 0) throw new Error("a part of ours failed");
    const value = await effect();
    if (fails === 1) throw new Error("a part of ours failed after its effect");
    return value;
  }
}
