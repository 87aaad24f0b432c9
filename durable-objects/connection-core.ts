/**
 * One account at one provider, without the platform around it. A notice is kept and answered at
 * once; the reading happens in the alarm, one pull at a time, page by page, so that a failure on
 * page 7 keeps pages 1 to 6. Tokens are not here: the vault attaches them. What is said without
 * proof changes nothing. What waits is lost by nothing that happens here: it goes only when it was
 * read to its end, or when the provider says that it has not got it. Whatever is told to it while it
 * runs is seen to by the run, or sets the alarm itself.
 */
import type {
  ConnectionLink,
  ConnectionPort,
  ConnectionStatus,
  ConnectPort,
  ErasureStep,
  GatePort,
  HandedOver,
  Notice,
} from "../domain/ports.ts";
import { backoffMsMax, backoffOf } from "../domain/sync-state.ts";
import type { Instant } from "../domain/time.ts";
import type { AcceptPorts } from "../kernel/accept.ts";
import { errorClass, logLine, whoOf } from "../kernel/wide-event.ts";
import type { Provider } from "../providers/provider.ts";
import { type Arrived, noteArrived } from "./connection-arrivals.ts";
import { Calls } from "./connection-calls.ts";
import { canAsk, claimsDueMs, settleClaims } from "./connection-claims.ts";
import { lineDueMs } from "./connection-doubt.ts";
import { Habits } from "./connection-habit.ts";
import { emptyTally, type Tally } from "./connection-items.ts";
import { noteAll, sealAddresses } from "./connection-notice.ts";
import { begin } from "./connection-open.ts";
import { probe, readLine } from "./connection-read.ts";
import { type SamplesHost, samplesOfRun } from "./connection-samples.ts";
import { Shown, statusOf } from "./connection-status.ts";
import { ConnectionStore } from "./connection-store.ts";
import { tell, tellDueMs } from "./connection-told.ts";
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
  readonly samples: SamplesHost;
  readonly arrived: Arrived;
  /** Where a provider sends what it has to say; it holds a secret. Null: nobody stated it. */
  readonly webhookUrl: (provider: string) => string | null;
  /** Best effort. */
  readonly show: (link: ConnectionLink, status: ConnectionStatus) => Promise<void>;
  /** What follows once the vault has erased what came by a connection that its provider ended. */
  readonly eraseEnded: (link: ConnectionLink, steps: readonly ErasureStep[]) => Promise<void>;
}

interface Whose {
  readonly link: ConnectionLink;
  readonly provider: Provider;
}

/** A member may wait for the newest so often. */
export const readNowEveryMs = 60_000;

export class ConnectionCore implements ConnectionPort {
  readonly #host: ConnectionHost;
  readonly #store: ConnectionStore;
  readonly #habits: Habits;
  readonly #shown: Shown;
  #running: Promise<void> | null = null;
  /** How often it was opened, ended, emptied or handed over: what a call brings may be of before. */
  #times = 0;

  constructor(host: ConnectionHost) {
    this.#host = host;
    this.#store = new ConnectionStore(host.storage);
    this.#habits = new Habits(this.#store, host.chance);
    this.#shown = new Shown(this.#store, host, () => this.#status());
  }

  async open(link: ConnectionLink, handed: readonly HandedOver[] = []): Promise<void> {
    const store = this.#store;
    const nowMs = this.#host.now();
    if (store.get("ending") === null) {
      this.#times++;
      const provider = this.#host.provider(link.provider);
      store.atOnce(() => begin(store, this.#habits, provider, link, handed, nowMs));
    }
    await this.#host.storage.setAlarm(nowMs);
  }

  /** What is under way ends after its next call at the latest; what it spent until then is counted. */
  async handOver(): Promise<HandedOver> {
    const store = this.#store;
    if (store.get("link") !== null && store.get("ending") === null) {
      this.#times++;
      store.set("handedOver", true);
      await this.#running?.catch(() => undefined);
    }
    if (store.get("handedOver") !== true || store.get("ending") !== null)
      return { waiting: [], spent: {} };
    const doubt = store.get("doubt");
    const left = { waiting: store.line.toHandOver(), spent: store.spending };
    return doubt === null ? left : { ...left, doubt };
  }

  /**
   *   1. addresses are sealed    a sealed address that nothing points at; said again, it is the same
   *   2. the rows are written    durable: only now is the notice answered
   *   3. the alarm is set        the next word sets it
   */
  async notice(notices: readonly Notice[]): Promise<void> {
    const store = this.#store;
    if (!this.#hears()) return;
    const { accept, connect, now, provider: named } = this.#host;
    const link = store.get("link") as ConnectionLink;
    const provider = named(link.provider);
    const expired = store.line.expire(now());
    const sealed = await sealAddresses(store, link, accept, connect, notices);
    if (!this.#hears()) return;
    const nowMs = now();
    const dropped = store.atOnce(() => {
      if (provider !== undefined) this.#habits.plan(provider, nowMs);
      return noteAll(store, this.#habits, provider, notices, sealed, nowMs);
    });
    if (dropped + expired > 0)
      logLine({ event: "notice", provider: link.provider, dropped: dropped + expired });
    await this.#wake();
  }

  /** What is said too late of a connection that is gone, or is going, is not heeded. */
  #hears(): boolean {
    if (this.#store.get("handedOver") === true && this.#store.get("ending") === null)
      throw new Error("another connection takes its place: that one has to be told");
    return this.#store.isOpen();
  }

  async readNow(): Promise<{ readonly nextMs: Instant }> {
    const store = this.#store;
    const nowMs = this.#host.now();
    const link = store.get("link");
    const provider = link === null ? undefined : this.#host.provider(link.provider);
    const before = store.get("readNow");
    const isRead = provider?.pull !== undefined && store.isOpen();
    if (isRead && before !== null && before <= nowMs && nowMs - before < readNowEveryMs)
      return { nextMs: before + readNowEveryMs };
    if (isRead) {
      store.atOnce(() => {
        store.set("readNow", nowMs);
        this.#habits.readNewest(provider, nowMs);
      });
      await this.#wake();
    }
    return { nextMs: Math.max(nowMs, this.#dueMs() ?? nowMs + readNowEveryMs) };
  }

  async unconfirmed(what: string): Promise<void> {
    const link = this.#store.get("link");
    if (link === null || !this.#store.isOpen()) return;
    this.#store.claim(what, canAsk(what, this.#host.provider(link.provider)), this.#host.now());
    await this.#wake();
  }

  /** Of one that makes room, or is gone: not heeded, as what is linked by now rests on a newer grant. */
  async ended(why: "grant-ended" | "permission-withdrawn", saidMs: Instant | null): Promise<void> {
    if (!this.#store.isOpen() || !this.#store.end(why, saidMs, this.#host.now())) return;
    this.#times++;
    await this.#shown.atEnd();
    if (this.#store.get("showAt") !== null) await this.#wake();
  }

  /** What was found here itself, by a grant that the provider refused, only the member mends. */
  async granted(saidMs: Instant | null): Promise<void> {
    const store = this.#store;
    const nowMs = this.#host.now();
    if (!store.isOpen() || !store.grant(saidMs, nowMs)) return;
    this.#times++;
    const provider = this.#whose()?.provider;
    if (provider !== undefined && store.get("reconnect") === null)
      this.#habits.resume(provider, true, nowMs);
    await this.#shown.atEnd();
    await this.#wake();
  }

  /** Where the ledgers do not answer, of what it knows itself. */
  async status(): Promise<ConnectionStatus> {
    const { lastReceivedMs, ...status } = this.#status();
    const link = this.#store.get("link");
    const arrivedMs = link === null ? null : await this.#host.arrived(link).catch(() => null);
    return { ...status, lastReceivedMs: latest(lastReceivedMs, arrivedMs) };
  }

  #status(): ConnectionStatus {
    const { now, provider } = this.#host;
    return statusOf(this.#store, this.#habits, provider, this.#dueMs(), now());
  }

  async forget(): Promise<void> {
    this.#times++;
    this.#store.empty(false);
    if (this.#store.get("ending") === null) await this.#host.storage.deleteAlarm();
    else await this.#wake();
  }

  // -- the alarm ----------------------------------------------------------------------------

  /**
   * However often it is called, there is one run at a time. It throws only when not even an alarm can
   * be set: then the platform calls it again. As soon as the run has ended, and before it is looked at
   * for the last time what is to be done next, every word sets the alarm itself: none is lost.
   */
  alarm(): Promise<void> {
    if (this.#running !== null) return this.#running;
    const run = this.#run().finally(() => {
      this.#running = null;
    });
    this.#running = run.then(() => this.#arm()).catch((error) => this.#lastResort(error));
    return this.#running;
  }

  /** Whom it reads for, or is being erased for. */
  #whose(): Whose | null {
    const link = this.#store.get("ending")?.link ?? this.#store.get("link");
    const provider = link === null ? undefined : this.#host.provider(link.provider);
    return link === null || provider === undefined ? null : { link, provider };
  }

  async #run(): Promise<void> {
    const store = this.#store;
    const whose = this.#whose();
    if (whose === null || (!store.isOpen() && store.get("ending") === null)) return;
    const { link, provider } = whose;
    const { now, connect, gate } = this.#host;
    const beganMs = now();
    const callsHost = { now, connect, gate: gate(link.provider), store };
    const tally = emptyTally();
    const calls = new Calls(callsHost, link, provider, tally);
    let outcome = "ok";
    let error: string | null = null;
    try {
      if (await this.#settled(link, provider, calls)) return;
      outcome = await this.#read(whose, calls, tally, beganMs);
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
      // Whatever was opened, told or forgotten since it began to end was not heeded here.
      this.#times++;
      store.empty(true);
      await this.#host.storage.deleteAlarm();
      return true;
    }
    if (times !== this.#times) return false;
    if (answer.settled === "reconnect") store.stop(answer.why, this.#host.now());
    if (answer.settled === "granted" && store.get("reconnect") === "permission-withdrawn") {
      store.unset("reconnect");
      this.#habits.resume(provider, true, this.#host.now());
    }
    return false;
  }

  async #read(whose: Whose, calls: Calls, tally: Tally, beganMs: Instant): Promise<string> {
    const store = this.#store;
    const { provider, link } = whose;
    const { now, chance, accept, connect } = this.#host;
    if (!store.isOpen()) return "left";
    tally.dropped += store.line.expire(now());
    const probeMs = store.probeDueMs();
    const isStopped = store.get("reconnect") !== null;
    if (isStopped && (probeMs === null || probeMs > now())) return "needs-reconnecting";
    if ((store.get("pause")?.untilMs ?? 0) > now()) return "paused";
    const times = () => this.#times;
    const habits = this.#habits;
    const shown = () => this.#shown.during(beganMs);
    const samples = samplesOfRun(this.#host.samples, link.member);
    const ports = { accept, samples, connect, now, chance };
    const run = { store, habits, calls, tally, provider, ...ports, times, shown };
    if (isStopped) {
      store.set("probed", now());
      if (!(await probe(run))) return "needs-reconnecting";
    }
    const left = this.#times;
    const isLeft = () => left !== this.#times;
    await tell({ host: this.#host, store, provider, calls, isLeft });
    // Of one that only sends notices, its own readings tell.
    const mayCome = provider.facts.delivery !== "notice";
    if (mayCome && (habits.dueMs(provider) ?? now() + 1) <= now())
      await noteArrived(store, this.#host.arrived);
    habits.plan(provider, now());
    return readLine(run);
  }

  /** The storage itself failed: whatever waits is still there when it works again. */
  async #lastResort(error: unknown): Promise<void> {
    logLine({ event: "pull", outcome: "ours", error: errorClass(error) });
    await this.#host.storage.setAlarm(this.#host.now() + backoffMsMax);
  }

  /** A part of ours failed: nothing is known to be wrong with the provider. */
  #stumble(): void {
    const store = this.#store;
    if (this.#whose() === null) return;
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
    // Emptied while it ran, what the run wrote since goes too.
    if (store.get("link") === null && store.get("ending") === null) return this.forget();
    const who = await whoOf(this.#host.accept.digest, link.member).catch(() => null);
    const { provider } = link;
    const pending = store.line.counts().live;
    if (calls > 0 || tally.dropped > 0 || outcome !== "ok")
      logLine({ event: "pull", provider, who, outcome, pending, error, ...tally });
    await this.#shown.atEnd();
  }

  // -- when it acts next --------------------------------------------------------------------

  /** Null: when it is told something. */
  #dueMs(): Instant | null {
    const store = this.#store;
    const provider = this.#whose()?.provider;
    if (provider === undefined) return null;
    const untilMs = store.get("pause")?.untilMs ?? 0;
    if (store.get("ending") !== null) return untilMs;
    if (!store.isOpen()) return null;
    const dues = [claimsDueMs(store), store.get("showAt"), store.probeDueMs()];
    if (store.get("reconnect") === null) {
      dues.push(lineDueMs(store, provider), this.#habits.dueMs(provider));
      dues.push(tellDueMs(store, provider, this.#host));
      if (this.#habits.hasStep(provider)) dues.push(0);
    }
    const known = dues.filter((ms) => ms !== null);
    return known.length === 0 ? null : Math.max(untilMs, Math.min(...known));
  }

  /** Sooner, if something is to be done sooner; a run that is under way sees to it itself. */
  async #wake(): Promise<void> {
    if (this.#running !== null) return;
    const { storage, now } = this.#host;
    const alarm = await storage.getAlarm();
    // Looked at only now: whoever else waited here must not be set back.
    const dueMs = this.#dueMs();
    const atMs = Math.max(now(), dueMs ?? 0);
    if (dueMs !== null && (alarm === null || alarm > atMs)) await storage.setAlarm(atMs);
  }

  async #arm(): Promise<void> {
    const dueMs = this.#dueMs();
    if (dueMs !== null) await this.#host.storage.setAlarm(Math.max(this.#host.now(), dueMs));
  }
}

const latest = (a: Instant | null, b: Instant | null): Instant | null =>
  a === null || b === null ? (a ?? b) : Math.max(a, b);
