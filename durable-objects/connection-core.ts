/**
 * One account at one provider, without the platform around it. A notice is kept and answered at
 * once; the reading happens in the alarm, one pull at a time, page by page, so that a failure on
 * page 7 keeps pages 1 to 6. Tokens are not here: the vault attaches them. What is said without
 * proof changes nothing. What waits is lost by nothing that happens here: it goes only when it was
 * read to its end, or when the provider says that it has not got it.
 */
import type {
  ConnectionLink,
  ConnectionPort,
  ConnectionStatus,
  ConnectPort,
  ErasureStep,
  GatePort,
  Notice,
} from "../domain/ports.ts";
import { backoffMsMax, backoffOf } from "../domain/sync-state.ts";
import type { Instant } from "../domain/time.ts";
import type { AcceptPorts } from "../kernel/accept.ts";
import { errorClass, logLine, whoOf } from "../kernel/wide-event.ts";
import type { Provider } from "../providers/provider.ts";
import { Calls } from "./connection-calls.ts";
import { canAsk, claimsDueMs, settleClaims } from "./connection-claims.ts";
import { Habits } from "./connection-habit.ts";
import { LineFull } from "./connection-pending.ts";
import { emptyTally, type Tally } from "./connection-pull.ts";
import { readLine } from "./connection-read.ts";
import { showing, statusOf } from "./connection-status.ts";
import { ConnectionStore } from "./connection-store.ts";
import type { ObjectStorage } from "./host.ts";

export interface ConnectionHost {
  readonly storage: ObjectStorage;
  readonly now: () => Instant;
  /** 0 to 1, 1 excluded. */
  readonly chance: () => number;
  readonly provider: (name: string) => Provider | undefined;
  readonly connect: ConnectPort;
  readonly gate: (provider: string) => GatePort;
  readonly accept: AcceptPorts;
  /** Best effort. */
  readonly show: (link: ConnectionLink, status: ConnectionStatus) => Promise<void>;
  /** What follows once the vault has erased what came by a connection that its provider ended. */
  readonly eraseEnded: (link: ConnectionLink, steps: readonly ErasureStep[]) => Promise<void>;
}

/** A member may wait for the newest so often. */
export const readNowEveryMs = 60_000;
/** While it runs, and while data comes by itself, its status is shown no more often. */
export const showEveryMs = 5_000;
export const showReceivedEveryMs = 60_000;

export class ConnectionCore implements ConnectionPort {
  readonly #host: ConnectionHost;
  readonly #store: ConnectionStore;
  readonly #habits: Habits;
  #running: Promise<void> | null = null;
  #shown: { readonly key: string; readonly atMs: Instant } | null = null;
  /** When the run under way, or the last one, began. */
  #beganMs: Instant = 0;
  /** How often it was opened or emptied: what a call brings back may be of an earlier time. */
  #times = 0;

  constructor(host: ConnectionHost) {
    this.#host = host;
    this.#store = new ConnectionStore(host.storage);
    this.#habits = new Habits(this.#store, host.chance);
  }

  /** By another connection's link, whose place another took: it reads what waits, and no more. */
  async open(link: ConnectionLink): Promise<void> {
    const store = this.#store;
    const nowMs = this.#host.now();
    const provider = this.#host.provider(link.provider);
    const before = store.get("link");
    const wasStopped = store.get("reconnect") !== null;
    this.#times++;
    store.atOnce(() => {
      store.set("link", link);
      store.unset("reconnect", "pause", "attempts", "granted");
      store.set("opened", nowMs);
      store.line.release();
      if (provider === undefined) return;
      if (lacksScope(link, provider)) store.set("reconnect", "scope-missing");
      if (before === null) this.#habits.begin(link, provider, nowMs);
      else if (before.connection !== link.connection) store.handOver();
      else this.#habits.resume(provider, wasStopped, nowMs);
    });
    await this.#host.storage.setAlarm(nowMs);
  }

  /**
   *   1. addresses are sealed    a sealed address that nothing points at; said again, it is the same
   *   2. the rows are written    durable: only now is the notice answered
   *   3. the alarm is set        the next word sets it
   */
  async notice(notices: readonly Notice[]): Promise<void> {
    const store = this.#store;
    const kept = await this.#keep(notices);
    const link = store.get("link");
    const provider = link === null ? undefined : this.#host.provider(link.provider);
    const nowMs = this.#host.now();
    store.atOnce(() => {
      if (provider !== undefined) this.#habits.plan(provider, nowMs);
      for (const notice of notices) {
        if ((notice.callback ?? null) === null) store.line.note(notice, "live", nowMs);
        else {
          const row = kept.get(notice);
          if (row !== undefined) store.line.noteKept(notice.collection, notice, row, nowMs);
        }
      }
    });
    await this.#wake();
  }

  /** By the digest of its address: the same one again is kept once. */
  async #keep(notices: readonly Notice[]): Promise<Map<Notice, string>> {
    const { accept, connect } = this.#host;
    const { line } = this.#store;
    const rows = new Map<Notice, string>();
    for (const notice of notices) {
      const callback = notice.callback ?? null;
      if (callback === null) continue;
      const link = this.#store.get("link");
      if (link === null) throw new Error("an address came before its connection");
      const { member, connection } = link;
      const row = await accept.digest(["callback", 1, connection, callback.url]);
      if (!line.isKept(row)) {
        if (!line.hasRoom()) throw new LineFull();
        const outcome = await connect.keep(member, connection, row, callback);
        if (outcome === "forgotten") continue;
      }
      rows.set(notice, row);
    }
    return rows;
  }

  async received(items: number): Promise<void> {
    const store = this.#store;
    const link = store.get("link");
    if (items < 1 || link === null) return;
    const nowMs = this.#host.now();
    const provider = this.#host.provider(link.provider);
    const before = store.get("received");
    const live = store.line.counts().live;
    if (provider !== undefined) this.#habits.plan(provider, nowMs);
    store.set("received", nowMs);
    if (store.line.counts().live > live) await this.#wake();
    if (before === null || nowMs - before >= showReceivedEveryMs) void this.#show(true);
  }

  async readNow(): Promise<{ readonly nextMs: Instant }> {
    const store = this.#store;
    const nowMs = this.#host.now();
    const link = store.get("link");
    const provider = link === null ? undefined : this.#host.provider(link.provider);
    const before = store.get("readNow");
    if (before !== null && before <= nowMs && nowMs - before < readNowEveryMs)
      return { nextMs: before + readNowEveryMs };
    if (provider?.pull === undefined) return { nextMs: nowMs + readNowEveryMs };
    store.atOnce(() => {
      store.set("readNow", nowMs);
      this.#habits.readNewest(provider, nowMs);
    });
    await this.#wake();
    return { nextMs: Math.max(nowMs, this.#dueMs() ?? nowMs + readNowEveryMs) };
  }

  async unconfirmed(what: string): Promise<void> {
    const link = this.#store.get("link");
    const provider = link === null ? undefined : this.#host.provider(link.provider);
    this.#store.claim(what, canAsk(what, provider), this.#host.now());
    await this.#wake();
  }

  async status(): Promise<ConnectionStatus> {
    const { now, provider } = this.#host;
    return statusOf(this.#store, this.#habits, provider, this.#dueMs(), now());
  }

  async forget(): Promise<void> {
    this.#times++;
    this.#store.empty();
    await this.#host.storage.deleteAlarm();
  }

  // -- the alarm ----------------------------------------------------------------------------

  /** Never throws; however often it is called, there is one run at a time. */
  alarm(): Promise<void> {
    this.#running ??= this.#run()
      .catch((error) => this.#lastResort(error))
      .finally(() => {
        this.#running = null;
      });
    return this.#running;
  }

  async #run(): Promise<void> {
    const store = this.#store;
    const link = store.get("link");
    const provider = link === null ? undefined : this.#host.provider(link.provider);
    if (link === null || provider === undefined) return;
    const { now, connect, gate } = this.#host;
    this.#beganMs = now();
    const callsHost = { now, connect, gate: gate(link.provider), store };
    const calls = new Calls(callsHost, link, provider);
    const tally = emptyTally();
    let outcome = "ok";
    let error: string | null = null;
    try {
      if (await this.#settled(link, provider, calls)) return;
      outcome = await this.#read(provider, calls, tally);
    } catch (thrown) {
      [outcome, error] = ["ours", errorClass(thrown)];
      this.#stumble();
    }
    await calls.report();
    await this.#endRun(link, tally, outcome, error, calls.made);
  }

  /** True when nothing is to be read: the connection has ended. */
  async #settled(link: ConnectionLink, provider: Provider, calls: Calls): Promise<boolean> {
    const store = this.#store;
    const times = this.#times;
    const isPaused = (store.get("pause")?.untilMs ?? 0) > this.#host.now();
    if (isPaused) return false;
    const claiming = { host: this.#host, store, calls, link, provider };
    const answer = await settleClaims(claiming);
    if (answer.settled === "over") {
      await this.forget();
      return true;
    }
    if (times !== this.#times) return false;
    if (answer.settled === "reconnect") store.set("reconnect", answer.why);
    if (answer.settled === "granted" && store.get("reconnect") === "permission-withdrawn") {
      store.unset("reconnect");
      this.#habits.resume(provider, true, this.#host.now());
    }
    return false;
  }

  async #read(provider: Provider, calls: Calls, tally: Tally): Promise<string> {
    const store = this.#store;
    const { now, chance, accept, connect } = this.#host;
    const pause = store.get("pause");
    if (store.get("reconnect") !== null) return "needs-reconnecting";
    if (pause !== null && pause.untilMs > now()) return "paused";
    this.#habits.plan(provider, now());
    const times = () => this.#times;
    const habits = this.#habits;
    const shown = () => this.#show(false);
    const ports = { accept, connect, now, chance };
    return readLine({ store, habits, calls, tally, provider, ...ports, times, shown });
  }

  /** The storage itself failed: whatever waits is still there when it works again. */
  async #lastResort(error: unknown): Promise<void> {
    logLine({ event: "pull", outcome: "ours", error: errorClass(error) });
    const atMs = this.#host.now() + backoffMsMax;
    await this.#host.storage.setAlarm(atMs).catch(() => undefined);
  }

  /** A part of ours failed: nothing is known to be wrong with the provider. */
  #stumble(): void {
    const store = this.#store;
    if (store.get("link") === null) return;
    const waitMs = backoffOf(store.attempt(), this.#host.chance());
    store.set("pause", { untilMs: this.#host.now() + waitMs, why: "ours" });
  }

  async #endRun(
    link: ConnectionLink,
    tally: Tally,
    outcome: string,
    error: string | null,
    calls: number,
  ): Promise<void> {
    const store = this.#store;
    // Emptied while it ran, what the run wrote since goes too; handed over, all of it was read.
    const isLeft = store.get("link") !== null;
    const isOver = store.get("handedOver") === true && store.line.counts().live === 0;
    if (!isLeft || isOver) return this.forget();
    await this.#arm();
    const who = await whoOf(this.#host.accept.digest, link.member).catch(() => null);
    const { provider } = link;
    const pending = store.line.counts().live;
    if (calls > 0 || outcome !== "ok")
      logLine({ event: "pull", provider, who, outcome, pending, error, ...tally });
    await this.#show(true);
  }

  // -- when it acts next --------------------------------------------------------------------

  /** Null: when it is told something. */
  #dueMs(): Instant | null {
    const store = this.#store;
    const link = store.get("link");
    const provider = link === null ? undefined : this.#host.provider(link.provider);
    if (provider === undefined) return null;
    const untilMs = store.get("pause")?.untilMs ?? 0;
    const dues = [claimsDueMs(store)];
    if (store.get("reconnect") === null) {
      dues.push(store.line.dueMs(), this.#habits.dueMs(provider));
      if (this.#habits.hasStep(provider)) dues.push(0);
    }
    const known = dues.filter((ms) => ms !== null);
    return known.length === 0 ? null : Math.max(untilMs, Math.min(...known));
  }

  /** Sooner, if something is to be done sooner; a run that is under way sees to it itself. */
  async #wake(): Promise<void> {
    if (this.#running !== null) return;
    const dueMs = this.#dueMs();
    if (dueMs === null) return;
    const { storage, now } = this.#host;
    const alarm = await storage.getAlarm();
    const atMs = Math.max(now(), dueMs);
    if (alarm === null || alarm > atMs) await storage.setAlarm(atMs);
  }

  async #arm(): Promise<void> {
    const dueMs = this.#dueMs();
    if (dueMs !== null) await this.#host.storage.setAlarm(Math.max(this.#host.now(), dueMs));
  }

  /** Never throws. Not at the end of a run: only when it changed, and not too often. */
  async #show(isEnd: boolean): Promise<void> {
    try {
      const link = this.#store.get("link");
      if (link === null || this.#store.get("handedOver")) return;
      const nowMs = this.#host.now();
      const sinceMs = Math.max(this.#shown?.atMs ?? 0, this.#beganMs);
      if (!isEnd && nowMs - sinceMs < showEveryMs) return;
      const status = await this.status();
      const key = showing(status, isEnd);
      if (key === this.#shown?.key) return;
      this.#shown = { key, atMs: nowMs };
      await this.#host.show(link, status);
    } catch (error) {
      logLine({ event: "status", error: errorClass(error) });
    }
  }
}

/** A provider that does not say what was granted is taken at its silence. */
const lacksScope = ({ scopes }: ConnectionLink, { link }: Provider): boolean =>
  scopes !== null &&
  scopes !== undefined &&
  (link?.scopes ?? []).some(({ scope, needed }) => needed && !scopes.includes(scope));
