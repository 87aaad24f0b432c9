/**
 * A connection and all that it stands on, in memory: its storage outlives it, every call to a port
 * can fail before or after its effect, or never come back because the object died.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type ConnectionId, factId, type MemberId } from "../../domain/identity.ts";
import type {
  ConnectionLink,
  ConnectionStatus,
  ConnectPort,
  GatePort,
  LeaseAnswer,
  LeaseAsk,
  LeaseReport,
  LedgerPort,
  Notice,
} from "../../domain/ports.ts";
import type { AnyStream } from "../../domain/streams.ts";
import { ConnectionCore } from "../../durable-objects/connection-core.ts";
import type { Provider } from "../../providers/provider.ts";
import { objectStorage } from "../fakes/object-storage.ts";
import { SampleVault } from "../fakes/sample-vault.ts";
import { MemoryWorld } from "../kernel/memory-world.ts";
import { Site, site } from "./site.ts";

const tables = ["0001_connection.sql", "0002_waiting.sql", "0003_record.sql", "0004_had.sql"].map(
  (file) => readFileSync(join(import.meta.dirname, "../../migrations/connection", file), "utf8"),
);

export const startMs = Date.UTC(2026, 9, 1, 12);
export const dayMs = 86_400_000;
export const minuteMs = 60_000;
export const linkOf = (more: Partial<ConnectionLink> = {}): ConnectionLink => ({
  connection: "con_1" as ConnectionId,
  member: "mem_1" as MemberId,
  provider: "site",
  account: "hash-of-an-account",
  forgottenToMs: null,
  ...more,
});
export const windowOf = (fromMs: number, toMs: number, more: Partial<Notice> = {}): Notice => ({
  collection: "rides",
  fromMs,
  toMs,
  gone: null,
  ...more,
});

/** Where the member lives. */
export const zones = [{ zone: "Europe/Berlin", fromMs: 0 }] as const;

export interface PortFault {
  readonly nth: number;
  readonly how: "before" | "after" | "death";
}
/** Nothing is heard of it any more. */
class Died extends Error {}

export class ConnectionWorld {
  nowMs = startMs;
  chance = 0.5;
  readonly memory = new MemoryWorld();
  readonly site = new Site();
  readonly samples = new SampleVault();
  readonly disk = objectStorage();
  readonly calls: string[] = [];
  readonly leases: LeaseAsk[] = [];
  readonly reports: LeaseReport[] = [];
  readonly shown: ConnectionStatus[] = [];
  readonly erased: unknown[] = [];
  /** What the gate says; undefined: as many as are asked for. */
  gateSays: (ask: LeaseAsk) => LeaseAnswer | undefined = () => undefined;
  /** Whether the provider confirms that the account withdrew. */
  hasEnded = false;
  /** The rest of an erasure cannot be done. */
  erasureFails = false;
  /** What happens while the provider is being asked whether the account withdrew. */
  meanwhile: (() => Promise<void>) | null = null;
  /** Why it takes the grant no more, where that is all it says. */
  grantIs: "grant-ended" | "refresh-lost" | undefined = undefined;
  facts: LedgerPort["facts"] | null = null;
  webhookUrl: string | null = null;
  /** When something last came past it, as the ledgers know. */
  arrivedMs: number | null = null;
  /** Nobody who looks learns of it. */
  ledgersFail = false;
  provider: Provider;
  fault: PortFault | null = null;
  core: ConnectionCore;
  /** At once under way, at most. */
  concurrent = 0;
  concurrentMax = 0;
  #isRinging = false;
  #died: (() => void) | null = null;
  #granted = 0;

  constructor(provider: Provider = site()) {
    this.provider = provider;
    for (const table of tables) this.disk.raw.exec(table);
    this.core = this.#born();
  }

  #born(): ConnectionCore {
    return new ConnectionCore({
      storage: this.disk.storage,
      now: () => this.nowMs,
      chance: () => this.chance,
      provider: (name) => (name === "site" ? this.provider : undefined),
      connect: this.#connect,
      gate: () => this.#gate,
      accept: {
        ...this.memory.ports,
        vault: {
          ...this.memory.ports.vault,
          park: (...args) => this.#port("park", () => this.memory.ports.vault.park(...args)),
          seal: (...args) => this.#port("seal", () => this.memory.ports.vault.seal(...args)),
        },
        ledger: (stream, shard) => this.#ledgerOf(stream, shard),
      },
      samples: {
        work: {
          mergeSamples: (...args) => this.#port("merge", () => this.samples.mergeSamples(...args)),
        },
        zones: () => this.#port("zones", () => zones),
      },
      // Whoever looks from outside outlives the object; what an alarm asks dies with it.
      arrived: () =>
        this.#isRinging ? this.#port("arrived", () => this.arrivedMs) : this.#lookedUp(),
      webhookUrl: () => this.webhookUrl,
      show: (_link, status) => this.#port("show", () => void this.shown.push(status)),
      eraseEnded: (link, steps) =>
        this.#port("eraseEnded", () => {
          if (this.erasureFails) throw new Error("the warehouse is down");
          this.erased.push([link, steps]);
        }),
    });
  }

  async #lookedUp(): Promise<number | null> {
    if (this.ledgersFail) throw new Error("the ledgers do not answer");
    return this.arrivedMs;
  }

  #ledgerOf(stream: AnyStream, shard: string): LedgerPort {
    if (stream.name !== "samples") return this.#ledger(this.memory.ports.ledger(stream, shard));
    const record: LedgerPort["record"] = (said) =>
      this.#port("recordSamples", () => this.samples.record(said));
    return { record } as LedgerPort;
  }

  #ledger(real: LedgerPort): LedgerPort {
    const { number } = real;
    const record: LedgerPort["record"] = (said) => this.#port("record", () => real.record(said));
    // Of one moment it knows what there is; of more, only what a test says.
    const at = (ms: number) =>
      this.memory.store.factsIn({ fromMs: ms, toMs: ms }, 0).filter((fact) => fact.at === ms);
    const facts: LedgerPort["facts"] = async (...[fromMs, toMs, ...rest]) =>
      this.facts?.(fromMs, toMs, ...rest) ?? {
        items: fromMs === toMs ? at(fromMs) : [],
        next: null,
      };
    const daysOf: LedgerPort["daysOf"] = (ids) =>
      this.#port("daysOf", () => ids.flatMap((id) => this.memory.store.held(id)?.days ?? []));
    return { number, record, facts, daysOf } as LedgerPort;
  }

  readonly #connect = {
    request: (_member, _connection, _provider, request) =>
      this.#port("request", async () => {
        this.concurrent++;
        this.concurrentMax = Math.max(this.concurrentMax, this.concurrent);
        this.nowMs += 20;
        await Promise.resolve();
        this.concurrent--;
        return this.#answer(request);
      }),
    keep: (_member, _connection, row, { url }) =>
      this.#port("keep", () => {
        this.site.kept.set(row, url);
        return "kept" as const;
      }),
    drop: (_member, rows) =>
      this.#port("drop", () => {
        for (const row of rows) this.site.kept.delete(row);
      }),
    eraseIfEnded: () =>
      this.#port("eraseIfEnded", async () => {
        await this.meanwhile?.();
        return this.hasEnded
          ? { ended: true as const, steps: [{ step: "keys", atMs: this.nowMs, count: 1 }] }
          : { ended: false as const, ...(this.grantIs && { why: this.grantIs }) };
      }),
  } as Pick<ConnectPort, "request" | "keep" | "drop" | "eraseIfEnded"> as ConnectPort;

  /** As the vault does, a record is asked for by its own id, which is sealed. */
  #answer(request: Parameters<ConnectPort["request"]>[3]) {
    if (!("record" in request)) return this.site.answer(request);
    const sealed = this.memory.rows.get(request.record)?.columns.source_id ?? null;
    const one = sealed && this.provider.pull?.one(request.collection, JSON.parse(sealed));
    return one ? this.site.answer(one) : ({ failed: "no-record" } as const);
  }

  readonly #gate = {
    lease: (ask) =>
      this.#port("lease", () => {
        this.leases.push(ask);
        const lease = `lease-${this.#granted++}`;
        const granted: LeaseAnswer = { lease, granted: ask.want, untilMs: this.nowMs + 120_000 };
        return this.gateSays(ask) ?? granted;
      }),
    report: (report) => this.#port("report", () => void this.reports.push(report)),
  } as Pick<GatePort, "lease" | "report"> as GatePort;

  async #port<T>(name: string, effect: () => T | Promise<T>): Promise<T> {
    this.calls.push(name);
    const how = this.fault?.nth === this.calls.length ? this.fault.how : null;
    if (how === "before") throw new Error(`${name} failed`);
    const answer = await effect();
    if (how === "after") throw new Error(`${name} answered, and the answer was lost`);
    if (how === null) return answer;
    this.#died?.();
    return new Promise<never>(() => undefined);
  }

  /** Dies with the object, if it does. */
  async living<T>(work: Promise<T>): Promise<T> {
    const death = new Promise<never>((_, reject) => {
      this.#died = () => reject(new Died("the object died"));
    });
    return Promise.race([work, death]);
  }

  restart(): void {
    this.core = this.#born();
  }

  /** Said until it is heard, as providers do. */
  async tell(notices: readonly Notice[]): Promise<void> {
    for (let tries = 0; tries < 3; tries++)
      try {
        await this.living(this.core.notice(notices));
        return;
      } catch (error) {
        if (error instanceof Died) this.restart();
      }
    throw new Error("the notice was not heard");
  }

  /** Lets the alarm go off once, whenever that is; the platform tries again what died. */
  async ring(): Promise<void> {
    const atMs = this.disk.alarmMs();
    if (atMs === null) throw new Error("no alarm is set");
    this.nowMs = Math.max(this.nowMs, atMs);
    this.disk.takeAlarm();
    this.#isRinging = true;
    try {
      await this.living(this.core.alarm());
    } catch (error) {
      if (!(error instanceof Died)) throw error;
      this.restart();
      if (this.disk.alarmMs() === null) await this.disk.storage.setAlarm(this.nowMs + 2000);
    } finally {
      this.#isRinging = false;
    }
  }

  /** Every alarm until then. */
  async until(ms: number, alarmsMax = 500): Promise<void> {
    for (let i = 0; i < alarmsMax; i++) {
      const atMs = this.disk.alarmMs();
      if (atMs === null || atMs > ms) {
        this.nowMs = Math.max(this.nowMs, ms);
        return;
      }
      await this.ring();
    }
    throw new Error("it never comes to rest");
  }

  /** As long as an hour takes: enough for everything that is not wrong. */
  rest(): Promise<void> {
    return this.until(this.nowMs + 60 * minuteMs);
  }

  get requests(): number {
    return this.calls.filter((name) => name === "request").length;
  }

  /** How often each ride was handed to the ledger, by the order of first appearance. */
  handed(): number[] {
    const times = new Map<string, number>();
    for (const text of this.memory.toLedger)
      for (const { id } of JSON.parse(text)) times.set(id, (times.get(id) ?? 0) + 1);
    return [...times.values()];
  }

  /** What the ledger holds of a ride; null: nothing, or that it is gone. */
  async held(ride: string) {
    const { digest } = this.memory.ports;
    const id = await factId(digest, "workouts", "site", linkOf().account, ride);
    return this.memory.store.held(id)?.fact ?? null;
  }

  rows(): Record<string, unknown>[] {
    return this.disk.raw.prepare("SELECT * FROM pending ORDER BY turn").all() as never;
  }
}
