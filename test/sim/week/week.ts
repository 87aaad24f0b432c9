/**
 * A week of many connections in one process: the real flow of connections and gates, object by
 * object, with everything around them made up. Chance comes from one seed and time from one clock,
 * so a week that went wrong goes wrong again.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { budgetOf } from "../../../domain/budget.ts";
import type {
  ConnectionLink,
  ConnectionStatus,
  ConnectPort,
  GatePort,
  LeaseAsk,
} from "../../../domain/ports.ts";
import { type Instant, msPerDay } from "../../../domain/time.ts";
import { ConnectionCore } from "../../../durable-objects/connection-core.ts";
import { GateCore } from "../../../durable-objects/gate-core.ts";
import type { ObjectStorage } from "../../../durable-objects/host.ts";
import { migrate } from "../../../durable-objects/migrate.ts";
import { objectStorage } from "../../fakes/object-storage.ts";
import { type Chance, chanceOf } from "../../oracle/chance.ts";
import { VirtualClock } from "./clock.ts";
import { Connected, type Freshness, type GateFigures } from "./connected.ts";
import { Flood, type FloodOptions } from "./flood.ts";
import { type Life, type Sim, SimObject, type Troubles, violate } from "./object.ts";
import { accountsOf, Events, history, type Span } from "./people.ts";
import { type Kind, kinds, weekProviders } from "./providers.ts";
import type { Recorded } from "./recorded.ts";
import { Sender } from "./senders.ts";
import { type OnAsked, Service } from "./service.ts";
import { isVain } from "./strava.ts";
import { type Outage, Wire } from "./wire.ts";
import type { Account, WeekRecord } from "./world.ts";

export interface WeekOptions {
  readonly connections: number;
  readonly days: number;
  readonly seed: number;
  /** Everything goes wrong much more often: nothing may be lost, but nobody says how fresh it is. */
  readonly harsh?: boolean;
  /** Which provider is down for six hours in the middle of it; absent: Google Health. */
  readonly down?: Kind;
  /** All connections are at this provider; absent: spread over all of them. */
  readonly only?: Kind;
  /** What providers really allow, as in `PROVIDER_BUDGETS`; absent: what our gates take it for. */
  readonly allowed?: string;
  /** Workouts that a member records a day, in the week and in the ninety days before it. */
  readonly workouts?: number;
  readonly history?: number;
  /** Absent: nobody forges anything. */
  readonly flood?: FloodOptions;
}

const root = join(import.meta.dirname, "../../..");
const sqlOf = (path: string) => readFileSync(join(root, "migrations", path), "utf8");
const connectionTables = [
  "0001_connection.sql",
  "0002_waiting.sql",
  "0003_record.sql",
  "0004_had.sql",
].map((file) => sqlOf(`connection/${file}`));
const gateTables = ["0001_gate.sql", "0002_subscription.sql"].map((file) => sqlOf(`gate/${file}`));

const startMs = Date.UTC(2026, 10, 2);
const hourMs = 3_600_000;
/** After the week nothing goes wrong, and a connection that hears nothing reads again. */
const drainMs = 60 * hourMs;
/** A flood takes of what history is read with, and only then a connection is silent. */
const floodDrainMs = 36 * hourMs;
/** What was never found by a notice is found by a re-reading, a week after the connection was made. */
const rereadByMs = 9.5 * msPerDay;
/** Shorter than the breaker stays open. */
const watchMs = 4 * 60_000;
const troubled: Troubles = { crashIn100: 0.05, failIn100: 0.1, lateAlarmIn100: 1 };
const harsh: Troubles = { crashIn100: 1, failIn100: 2, lateAlarmIn100: 10 };
const untroubled: Troubles = { crashIn100: 0, failIn100: 0, lateAlarmIn100: 0 };
/** Members who take their grant back at the provider, and link again some hours later. */
const endsIn100 = 2;
/** Accounts of which a stranger says that they are gone. */
const slanderedIn100 = 3;
const relinkMs = [1 * hourMs, 20 * hourMs] as const;

export class Week {
  readonly options: WeekOptions;
  readonly clock = new VirtualClock(startMs);
  readonly span: Span;
  readonly outage: Outage;
  readonly violations = new Map<string, number>();
  readonly connected = new Map<Account, Connected>();
  readonly services: ReadonlyMap<Kind, Service>;
  readonly gates = new Map<Kind, SimObject<GateCore>>();
  readonly gateFigures = new Map<Kind, GateFigures>();
  readonly freshness: Freshness[] = [];
  readonly wire: Wire;
  readonly sender: Sender;
  readonly flood: Flood | null;
  readonly endMs: Instant;
  readonly #chance: Chance;
  readonly #troubles: Troubles;
  readonly #sim: Sim;
  readonly #events: Events;

  constructor(options: WeekOptions) {
    this.options = options;
    this.#chance = chanceOf(options.seed);
    this.#troubles = { ...(options.harsh === true ? harsh : troubled) };
    this.span = { startMs, endMs: startMs + options.days * msPerDay };
    const middleMs = startMs + Math.floor((options.days * msPerDay) / 2);
    const kind = options.down ?? "google-health";
    this.outage = { kind, fromMs: middleMs, toMs: middleMs + 6 * hourMs };
    const { clock, violations } = this;
    this.#sim = { clock, violations, chance: this.#chance, troubles: this.#troubles };
    this.services = new Map(
      kinds.map((kind) => {
        const budget = budgetOf(kind, weekProviders[kind].budget, options.allowed ?? "{}");
        return [kind, new Service(kind, budget, this.#asked)];
      }),
    );
    this.wire = new Wire(this.#sim, this.services, this.outage, options.harsh === true ? 5 : 1);
    this.sender = new Sender(this.#sim, {
      line: (account) => this.#lineOf(account),
      service: ({ kind }) => this.services.get(kind) as Service,
      isDown: ({ kind }) => this.wire.isDown(kind),
      backMs: this.outage.toMs,
    });
    this.#events = new Events(clock, this.#chance, this.sender, this.span, options.workouts);
    const { flood, only, seed } = options;
    this.flood = flood === undefined ? null : new Flood(flood, clock, this.sender, seed);
    this.wire.onAnswered = (account, path, answer) => {
      if (account.kind !== "strava") return;
      const { recorded } = this.connected.get(account) as Connected;
      this.flood?.asked(account, isVain(account, recorded, path, answer), clock.now());
    };
    const drainedMs = this.span.endMs + drainMs + (flood === undefined ? 0 : floodDrainMs);
    this.endMs = only === "strava" ? Math.max(drainedMs, startMs + rereadByMs) : drainedMs;
  }

  /** Runs the week and what follows it; `progress` is told after each day. */
  async run(progress: (day: number) => void): Promise<void> {
    for (const kind of kinds) this.#openGate(kind);
    const events = this.#events;
    const { connections, only } = this.options;
    const accounts = accountsOf(connections, this.span, this.#chance, only ?? null);
    this.flood?.plan(accounts.filter(({ kind }) => kind === "strava"));
    for (const account of accounts) {
      this.connected.set(account, new Connected(account, this.#onRecorded));
      this.services.get(account.kind)?.accounts.set(account.user, account);
      await history(account, this.span, this.#chance, this.options.history);
      events.plan(account);
      this.clock.at(account.connectMs, () => void this.#connect(account));
      this.#planPeople(account);
    }
    for (let day = 1; day <= this.options.days; day++) {
      await this.clock.runUntil(startMs + day * msPerDay);
      progress(day);
    }
    Object.assign(this.#troubles, untroubled);
    this.wire.faulty = false;
    this.sender.faulty = false;
    await this.clock.runUntil(this.endMs);
  }

  // -- objects --------------------------------------------------------------------------------

  #openGate(kind: Kind): void {
    const { storage } = objectStorage();
    migrate(storage as DurableObjectStorage, gateTables);
    const budget = budgetOf(kind, weekProviders[kind].budget, "{}");
    const build = (own: ObjectStorage) =>
      new GateCore({
        storage: own,
        now: this.clock.now,
        chance: () => this.#chance.next(),
        provider: kind,
        budget,
        subscriptions: null,
      });
    this.gates.set(kind, new SimObject(this.#sim, `the gate of ${kind}`, storage, build));
    this.gateFigures.set(kind, {
      asks: 0,
      leases: 0,
      granted: 0,
      sentAway: { live: 0, backfill: 0 },
      openings: 0,
    });
    const { only = kind } = this.options;
    if (only === kind) this.#watch(kind, false);
  }

  /** Looks at a gate as an operator would, now and then. */
  #watch(kind: Kind, wasOpen: boolean): void {
    this.clock.after(watchMs, async () => {
      const gate = this.gates.get(kind) as SimObject<GateCore>;
      const status = await gate.call((core) => core.status()).catch(() => null);
      const isOpen = status === null ? wasOpen : status.breaker !== "closed";
      const figures = this.gateFigures.get(kind) as GateFigures;
      if (isOpen && !wasOpen) figures.openings++;
      for (const { used, limit, window } of status?.budgets ?? [])
        if (used > limit) violate(this.#sim, `the gate of ${kind} promised beyond its ${window}`);
      if (this.clock.now() < this.endMs - watchMs) this.#watch(kind, isOpen);
    });
  }

  #gatePort(
    { kind }: Account,
    wire: <T>(effect: () => Promise<T>) => Promise<T>,
    onLease: (kind: LeaseAsk["kind"]) => void = () => {},
  ): GatePort {
    const gate = this.gates.get(kind) as SimObject<GateCore>;
    const figures = this.gateFigures.get(kind) as GateFigures;
    const lease = async (ask: LeaseAsk) => {
      figures.asks++;
      const answer = await gate.call((core) => core.lease(ask));
      if ("lease" in answer) {
        figures.leases++;
        figures.granted += answer.granted;
        onLease(ask.kind);
      } else if (answer.why === "budget") figures.sentAway[ask.kind]++;
      return answer;
    };
    return {
      lease: (ask) => wire(() => lease(ask)),
      report: (report) => wire(() => gate.call((core) => core.report(report))),
      count: (counts, kid) => wire(() => gate.call((core) => core.count(counts, kid))),
      tend: () => wire(() => gate.call((core) => core.tend())),
      status: () => wire(() => gate.call((core) => core.status())),
    };
  }

  #openObject(connected: Connected): SimObject<ConnectionCore> {
    const { account } = connected;
    const { storage } = objectStorage();
    migrate(storage as DurableObjectStorage, connectionTables);
    const build = (own: ObjectStorage, object: SimObject<ConnectionCore>) => {
      const { life } = object;
      const wire = <T>(effect: () => Promise<T>) => object.out(life, effect);
      return new ConnectionCore({
        storage: own,
        now: this.clock.now,
        chance: () => this.#chance.next(),
        provider: (name) => weekProviders[name as Kind],
        connect: this.#connectPort(account, life, wire),
        gate: () => this.#gatePort(account, wire, (kind) => this.wire.pays(account, kind)),
        accept: connected.recorded.ports((effect) => wire(() => this.#ours(account, effect))),
        samples: connected.recorded.samplePorts((effect) =>
          wire(() => this.#ours(account, effect)),
        ),
        arrived: () => wire(async () => connected.recorded.arrivedMs),
        webhookUrl: () => null,
        show: (_link, status) => wire(async () => this.#show(connected, status)),
        eraseEnded: async () => violate(this.#sim, "a living connection was erased"),
      });
    };
    return new SimObject(this.#sim, `a connection of ${account.kind}`, storage, build);
  }

  /** A part of ours that fails now and then, before its effect or after it. */
  async #ours<T>(account: Account, effect: () => Promise<T>): Promise<T> {
    const fails = this.#chance.in100(this.#troubles.failIn100) ? this.#chance.whole(0, 1) : null;
    if (fails !== null) (this.connected.get(account) as Connected).failures++;
    if (fails === 0) throw new Error("a part of ours failed");
    const value = await effect();
    if (fails === 1) throw new Error("a part of ours failed after its effect");
    return value;
  }

  #connectPort(
    account: Account,
    life: Life,
    wire: <T>(effect: () => Promise<T>) => Promise<T>,
  ): ConnectPort {
    const port: Pick<ConnectPort, "request" | "keep" | "drop" | "eraseIfEnded"> = {
      request: (_member, _connection, _provider, request) =>
        wire(() => this.#ours(account, () => this.wire.request(account, life, request))),
      keep: (_member, _connection, row, { url, about }) =>
        wire(() =>
          this.#ours(account, async () => {
            this.wire.keep(account, row, url, about);
            return "kept" as const;
          }),
        ),
      drop: (_member, rows) =>
        wire(() => this.#ours(account, async () => this.wire.drop(account, rows))),
      // As the vault does it: the provider says who the token belongs to, so nothing has ended.
      eraseIfEnded: () =>
        wire(async () => {
          const identity = weekProviders[account.kind].link?.identity ?? {
            path: "/user",
            query: {},
          };
          const reply = await this.wire.request(account, life, identity);
          if ("renewed" in reply) await this.wire.request(account, life, identity);
          return { ended: false } as const;
        }),
    };
    return port as ConnectPort;
  }

  // -- people ---------------------------------------------------------------------------------

  /** As the edge does it: again until it is done. */
  async #connect(account: Account): Promise<void> {
    const connected = this.connected.get(account) as Connected;
    this.wire.link(account);
    connected.object ??= this.#openObject(connected);
    const link: ConnectionLink = {
      connection: account.connection,
      member: account.member,
      provider: account.kind,
      account: account.account,
      forgottenToMs: null,
      scopes: null,
      have: null,
    };
    for (;;) {
      try {
        return await connected.object.call((core) => core.open(link));
      } catch {
        await this.clock.sleep(1000);
      }
    }
  }

  #planPeople(account: Account): void {
    const chance = this.#chance;
    const atMs = () =>
      account.connectMs +
      Math.floor(chance.next() * (this.span.endMs - account.connectMs - hourMs));
    if (chance.in100(endsIn100)) this.clock.at(atMs(), () => this.wire.grant(account).end());
    if (chance.in100(slanderedIn100))
      this.clock.at(atMs(), () => {
        const object = this.connected.get(account)?.object;
        void object?.call((core) => core.unconfirmed("deregistered")).catch(() => {});
      });
    if (chance.in100(10))
      this.clock.at(atMs(), () => {
        void this.connected
          .get(account)
          ?.object?.call((core) => core.readNow())
          .catch(() => {});
      });
  }

  #show(connected: Connected, status: ConnectionStatus): void {
    connected.status = status;
    connected.shown++;
    const nowMs = this.clock.now();
    if (status.backfill === null || status.backfill.state === "done")
      connected.backfilledMs ??= nowMs;
    if (status.state !== "needs-reconnecting") return;
    if (connected.relinkMs > nowMs) return;
    const toMs = Math.min(nowMs + this.#chance.whole(...relinkMs), this.span.endMs + hourMs);
    connected.relinkMs = toMs;
    // What waited for it is read within an hour.
    connected.unlinked.push({ fromMs: nowMs, toMs: toMs + hourMs });
    this.clock.at(toMs, () => void this.#connect(connected.account));
  }

  readonly #asked: OnAsked = {
    history: (account, fromMs, toMs) => {
      const isIn = ({ gone, startMs }: WeekRecord) => !gone && startMs >= fromMs && startMs < toMs;
      const there = account.inOrder.filter(isIn);
      this.clock.after(this.#chance.whole(5, 1800) * 1000, () => {
        if (there.length > 0) this.sender.sendStretch(account, there);
      });
    },
    gone: (account, record) => this.#events.askedGone(account, record),
  };

  readonly #onRecorded: ConstructorParameters<typeof Recorded>[1] = (account, said) => {
    const { version, sentMs } = said;
    const ms = this.clock.now() - sentMs;
    this.freshness.push({ account, isNew: version === 1, sentMs, ms });
  };

  #lineOf(account: Account) {
    const { object, recorded } = this.connected.get(account) as Connected;
    if (object === null) return null;
    const gate = this.#gatePort(account, (effect) => effect());
    return { object, recorded, gate };
  }
}
