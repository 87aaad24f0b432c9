/**
 * Every call to the provider, one after another. Each spends a unit of a lease from the provider's
 * gate and one of the member's own budget, and both are spent before the call begins: a crash loses
 * calls, it never makes one more than allowed. What a lease came to is reported when it ends; where
 * the report fails, all of it counts as spent.
 */
import { callOf } from "../domain/call.ts";
import type {
  CallReport,
  ConnectionLink,
  ConnectionReason,
  ConnectPort,
  GatePort,
  KeptRequest,
  LeaseAsk,
  ProviderReply,
  ProviderRequest,
  RecordedCounts,
  RecordRequest,
} from "../domain/ports.ts";
import { noneRecorded, recordedSince } from "../domain/recorded.ts";
import { arrivalMs, arrived, learn, roomFor, spend, waitForRoom } from "../domain/spending.ts";
import type { Instant } from "../domain/time.ts";
import { errorClass, logLine } from "../kernel/wide-event.ts";
import type { PageFault, Provider } from "../providers/provider.ts";
import type { ConnectionStore } from "./connection-store.ts";

/** Why the reading stops here. */
export type Stop =
  /** It is not the time to ask. */
  | { readonly stop: "wait"; readonly waitMs: number; readonly why: ConnectionReason }
  /** This wake has done enough. */
  | { readonly stop: "cap" }
  /** Only the member can mend it. */
  | { readonly stop: "member"; readonly why: ConnectionReason }
  /** The provider's answer was none. */
  | {
      readonly stop: "fault";
      readonly fault: PageFault;
      readonly call: CallReport;
    };
export interface Answer {
  readonly reply: ProviderReply;
  readonly call: CallReport;
}
export const isStop = (answer: object): answer is Stop => "stop" in answer;

export interface CallsHost {
  readonly now: () => Instant;
  readonly connect: ConnectPort;
  readonly gate: GatePort;
  readonly store: ConnectionStore;
}

/** A first guess at what is needed; who spent it all asks for twice as much. */
const wantFirst = 4;
const wantMax = 32;
/** A try is not begun with fewer calls than it needs; no more are waited for than that. */
export const leastMax = 8;
/** Nobody is told to come back at once. */
const waitMsMin = 250;
/** Until a gate that lets one call through lets more through. */
const waitMsForMany = 60_000;
export const callsAWakeMax = 500;
export const bytesAWakeMax = 32 * 1024 * 1024;
export const msAWakeMax = 60_000;

interface Lease {
  readonly id: string;
  readonly kind: LeaseAsk["kind"];
  readonly untilMs: Instant;
  readonly granted: number;
  readonly calls: CallReport[];
}

export class Calls {
  readonly #host: CallsHost;
  readonly #provider: Provider;
  readonly #link: ConnectionLink;
  readonly #beganMs: Instant;
  #lease: Lease | null = null;
  #want = wantFirst;
  #least = 1;
  #isHint = false;
  #freshnessMs: number[] = [];
  readonly #recorded: RecordedCounts;
  #told = noneRecorded;
  #bytes = 0;
  made = 0;

  /** `recorded`: grows with what comes of the answers. */
  constructor(host: CallsHost, link: ConnectionLink, provider: Provider, recorded: RecordedCounts) {
    this.#recorded = recorded;
    this.#host = host;
    this.#link = link;
    this.#provider = provider;
    this.#beganMs = host.now();
  }

  /** To be asked where one may stop: between pages, and between what belongs to two records. */
  isOver(): boolean {
    const ms = this.#host.now() - this.#beganMs;
    return this.made >= callsAWakeMax || this.#bytes >= bytesAWakeMax || ms >= msAWakeMax;
  }

  /** What was announced has been read, so long after. */
  finished(freshnessMs: number): void {
    this.#freshnessMs.push(freshnessMs);
  }

  /** What is read next gets nowhere with fewer calls. `isHint`: it is asked for on anybody's word. */
  begin(least: number, isHint = false): void {
    this.#least = least;
    this.#isHint = isHint;
  }

  async ask(
    kind: LeaseAsk["kind"],
    request: ProviderRequest | KeptRequest | RecordRequest,
  ): Promise<Answer | Stop> {
    const answer = await this.#askOnce(kind, request);
    if (isStop(answer) || answer.reply.status !== 401 || answer.reply.renewed !== true)
      return answer;
    return this.#askOnce(kind, request);
  }

  async #askOnce(
    kind: LeaseAsk["kind"],
    request: ProviderRequest | KeptRequest | RecordRequest,
  ): Promise<Answer | Stop> {
    const { connect, now } = this.#host;
    const stop = await this.#allowed(kind, this.#leastOf(kind));
    if (stop !== null) return stop;
    this.#least = 1;
    const lease = this.#lease as Lease;
    const { member, connection, provider } = this.#link;
    this.#spend(1);
    const beganMs = now();
    let reply: Awaited<ReturnType<ConnectPort["request"]>>;
    try {
      reply = await connect.request(member, connection, provider, request);
    } catch (error) {
      // Nobody knows whether it was made: the whole lease stays spent.
      this.#lease = null;
      throw error;
    }
    const ms = now() - beganMs;
    this.#arrived(beganMs, ms);
    if ("failed" in reply) {
      lease.calls.push({ class: "denied", ms, retryAfterMs: null, headers: {} });
      if (reply.failed === "no-record") {
        const call = { class: "refused", ms, retryAfterMs: null, headers: {} } as const;
        return { stop: "fault", fault: "refused", call };
      }
      return { stop: "member", why: reply.failed === "forgotten" ? "grant-ended" : reply.failed };
    }
    const call = callOf(reply, ms);
    lease.calls.push(this.#isHint ? { ...call, hint: true } : call);
    this.#bytes += reply.body.length + (reply.bytes?.byteLength ?? 0);
    this.#learn(call);
    return { reply, call };
  }

  /** Calls that somebody else makes for us, `n` at most; all of them count as made. */
  async around<T>(
    kind: LeaseAsk["kind"],
    n: number,
    work: () => Promise<T>,
  ): Promise<{ readonly value: T } | Stop> {
    await this.report();
    const stop = await this.#allowed(kind, n, n, true);
    if (stop !== null) return stop;
    this.#lease = null;
    this.#spend(n);
    return { value: await work() };
  }

  /** Ends the lease. It is not worth a retry: what is not reported is taken for spent. */
  async report(): Promise<void> {
    const lease = this.#lease;
    this.#lease = null;
    if (lease === null) return;
    const freshnessMs = this.#freshnessMs;
    this.#freshnessMs = [];
    const recorded = recordedSince(this.#told, this.#recorded);
    this.#told = { ...this.#recorded };
    const { id, calls } = lease;
    const said = { lease: id, calls, freshnessMs, ...(recorded && { recorded }) };
    try {
      await this.#host.gate.report(said);
    } catch (error) {
      logLine({ event: "lease", provider: this.#provider.name, error: errorClass(error) });
    }
  }

  /**
   * Null: the next `n` calls may begin, or `must` of them where the gate grants no more. `only`: no
   * more are asked for, since nobody will report what is left.
   */
  async #allowed(kind: LeaseAsk["kind"], n: number, must = 1, only = false): Promise<Stop | null> {
    const own = this.#ownWait(kind, n);
    if (own !== null) return own;
    const held = this.#lease;
    const isGood =
      held?.kind === kind &&
      held.calls.length + n <= held.granted &&
      this.#host.now() <= held.untilMs;
    if (isGood) return null;
    if (held !== null && held.calls.length >= held.granted)
      this.#want = Math.min(wantMax, this.#want * 2);
    await this.report();
    const want = only ? n : Math.max(n, Math.min(this.#want, this.#ownRoom(kind)));
    const answer = await this.#host.gate.lease({ kind, want, least: n });
    if ("waitMs" in answer) {
      const why = answer.why === "breaker" ? "provider-down" : "rate-limited";
      return { stop: "wait", waitMs: Math.max(waitMsMin, answer.waitMs), why };
    }
    const { lease: id, granted, untilMs } = answer;
    this.#lease = { id, kind, granted, untilMs, calls: [] };
    if (granted >= must && this.#host.now() <= untilMs) return this.#ownWait(kind, n);
    await this.report();
    return { stop: "wait", waitMs: must > 1 ? waitMsForMany : waitMsMin, why: "rate-limited" };
  }

  // -- the member's own budget ----------------------------------------------------------------

  get #windows() {
    return this.#provider.budget?.member ?? [];
  }

  #keep(kind: LeaseAsk["kind"]): number {
    return kind === "backfill" ? (this.#provider.budget?.reserve ?? 0) : 0;
  }

  /** No more than half of what the member's own windows give at all. */
  #leastOf(kind: LeaseAsk["kind"]): number {
    const left = 1 - this.#keep(kind);
    const halves = this.#windows.map(({ calls }) => Math.floor((calls * left) / 2));
    return Math.max(1, Math.min(this.#least, ...halves));
  }

  #ownRoom(kind: LeaseAsk["kind"]): number {
    const { store, now } = this.#host;
    return roomFor(store.spending, this.#windows, now(), this.#keep(kind));
  }

  #ownWait(kind: LeaseAsk["kind"], n: number): Stop | null {
    if (this.#windows.length === 0 || this.#ownRoom(kind) >= n) return null;
    const { store, now } = this.#host;
    const waitMs = waitForRoom(store.spending, this.#windows, n, now(), this.#keep(kind));
    return { stop: "wait", waitMs: Math.max(waitMsMin, waitMs), why: "rate-limited" };
  }

  #spend(n: number): void {
    this.made += n;
    if (this.#windows.length === 0) return;
    const { store, now } = this.#host;
    store.set("spending", spend(store.spending, this.#windows, n, now()));
  }

  /** Of a slow call nobody knows when the provider counted it: at worst just now. */
  #arrived(beganMs: Instant, ms: number): void {
    if (this.#windows.length === 0 || ms <= arrivalMs) return;
    const { store, now } = this.#host;
    store.set("spending", arrived(store.spending, this.#windows, 1, beganMs, now()));
  }

  #learn({ headers }: CallReport): void {
    const { store, now } = this.#host;
    const learned = this.#provider.budget?.learn?.(headers, now()).member ?? [];
    if (learned.length > 0)
      store.set("spending", learn(store.spending, this.#windows, learned, now()));
  }
}
