/**
 * The vault's way to the providers: tokens attached, time passing, and everything that goes wrong
 * between the two. A call counts at the provider in the instant it arrives, whether or not its
 * answer comes back.
 */
import type {
  KeptRequest,
  LeaseAsk,
  NoRequest,
  ProviderReply,
  ProviderRequest,
  RecordRequest,
  ReplyFault,
} from "../../../domain/ports.ts";
import type { Instant } from "../../../domain/time.ts";
import type { Chance } from "../../oracle/chance.ts";
import { type Life, type Sim, violate } from "./object.ts";
import { type Kind, weekProviders } from "./providers.ts";
import type { Answer, Service } from "./service.ts";
import { Grant } from "./tokens.ts";
import type { Account } from "./world.ts";

/** How many of a thousand calls meet it. */
const faultsIn1000 = {
  throttledUntil: 4,
  throttled: 3,
  failed: 10,
  timeout: 4,
  network: 3,
  "cut-short": 3,
  "wrong-type": 2,
  "too-large": 1,
  redirect: 1,
  expired: 3,
} as const;
type Fault = keyof typeof faultsIn1000;

const timeoutMs = 15_000;
const noReply = (fault: ReplyFault | null, status = 0): ProviderReply => ({
  status,
  body: "",
  complete: false,
  fault,
  retryAfterMs: null,
  headers: {},
});

export interface Outage {
  readonly kind: Kind;
  readonly fromMs: Instant;
  readonly toMs: Instant;
}

export class Wire {
  /** False once the week is over: nothing goes wrong any more. */
  faulty = true;
  readonly throttled = new Map<Kind, number>();
  readonly faults = new Map<Fault, number>();
  readonly #sim: Sim;
  readonly #services: ReadonlyMap<Kind, Service>;
  readonly #outage: Outage;
  readonly #grants = new Map<Account, Grant>();
  readonly #kept = new Map<string, { url: string; about: Readonly<Record<string, string>> }>();
  readonly #inFlight = new Map<Life, number>();

  /** What the calls of a connection are taken from now. */
  readonly #paidBy = new Map<Account, LeaseAsk["kind"]>();
  readonly #faultsTimes: number;
  /** A whole answer was given. */
  onAnswered: (account: Account, path: string, answer: Answer) => void = () => {};

  constructor(sim: Sim, services: ReadonlyMap<Kind, Service>, outage: Outage, faultsTimes: number) {
    this.#faultsTimes = faultsTimes;
    this.#sim = sim;
    this.#services = services;
    this.#outage = outage;
  }

  pays(account: Account, kind: LeaseAsk["kind"]): void {
    this.#paidBy.set(account, kind);
  }

  link(account: Account): void {
    this.#grants.set(account, new Grant(this.#sim));
  }

  grant(account: Account): Grant {
    const grant = this.#grants.get(account);
    if (grant === undefined) throw new Error("the account was never linked");
    return grant;
  }

  grants(): readonly Grant[] {
    return [...this.#grants.values()];
  }

  isDown(kind: Kind): boolean {
    const nowMs = this.#sim.clock.now();
    return kind === this.#outage.kind && nowMs >= this.#outage.fromMs && nowMs < this.#outage.toMs;
  }

  keep(account: Account, row: string, url: string, about: Readonly<Record<string, string>>): void {
    this.#kept.set(`${account.user} ${row}`, { url, about });
  }

  drop(account: Account, rows: readonly string[]): void {
    for (const row of rows) this.#kept.delete(`${account.user} ${row}`);
  }

  /** One call at a time, of one life of a connection: a second one is a pull beside a pull. */
  async request(
    account: Account,
    life: Life,
    request: ProviderRequest | KeptRequest | RecordRequest,
  ): Promise<ProviderReply | NoRequest> {
    const inFlight = (this.#inFlight.get(life) ?? 0) + 1;
    this.#inFlight.set(life, inFlight);
    if (inFlight > 1 && life.alive) violate(this.#sim, "two calls of one connection at once");
    try {
      const known = "record" in request ? ownOf(account, request) : request;
      return known === null ? { failed: "no-record" } : await this.#request(account, known);
    } finally {
      const left = (this.#inFlight.get(life) ?? 1) - 1;
      if (left === 0) this.#inFlight.delete(life);
      else this.#inFlight.set(life, left);
    }
  }

  /** As the vault does it: after a 401 the token is renewed, and whoever asked may ask again. */
  async #request(
    account: Account,
    request: ProviderRequest | KeptRequest,
  ): Promise<ProviderReply | NoRequest> {
    const grant = this.grant(account);
    const [isDown, faulty] = [this.isDown(account.kind), this.faulty];
    const ready = await grant.ready(isDown, faulty);
    if (ready !== null) return ready === "again" ? noReply("network") : ready;
    const reply = await this.#send(account, request);
    if (reply.status !== 401) return reply;
    grant.expire();
    const renewed = await grant.ready(isDown, faulty);
    if (renewed !== null) return renewed === "again" ? reply : renewed;
    return { ...reply, renewed: true };
  }

  async #send(account: Account, request: ProviderRequest | KeptRequest): Promise<ProviderReply> {
    const { clock, chance } = this.#sim;
    const grant = this.grant(account);
    const service = this.#services.get(account.kind) as Service;
    const fault = this.#fault(account.kind, chance);
    if (fault !== null) this.faults.set(fault, (this.faults.get(fault) ?? 0) + 1);
    const ms = fault === "timeout" ? timeoutMs : latencyMs(chance);
    // Most of a call's time is the provider's thinking; now and then it is the way there.
    const wayMs = Math.floor(ms * (chance.in100(1) ? 0.9 : 0.2 * chance.next()));
    await clock.sleep(wayMs);
    if (fault === "network") return noReply("network");
    const isOver = service.count(account, clock.now(), this.#paidBy.get(account) ?? "live");
    const answer = isOver ? null : this.#answer(account, service, request);
    const headers = service.headers(clock.now());
    const isRefused = grant.isEnded || fault === "expired";
    await clock.sleep(ms - wayMs);
    if (isOver) violate(this.#sim, `${account.kind}: a call above its budget`);
    if (fault === "timeout") return noReply("timeout");
    if (isRefused) return { ...noReply(null, 401), body: "{}", complete: true, headers };
    if (isOver || fault === "throttled" || fault === "throttledUntil") {
      this.throttled.set(account.kind, (this.throttled.get(account.kind) ?? 0) + 1);
      const retryAfterMs = fault === "throttledUntil" ? chance.whole(5, 90) * 1000 : null;
      return { ...noReply(null, 429), body: "{}", complete: true, headers, retryAfterMs };
    }
    if (fault === "failed") return { ...noReply(null, chance.pick([500, 502, 503])), headers };
    if (fault === "redirect") return { ...noReply("redirect", 302), headers };
    const body = textOf(answer?.body ?? {});
    const status = answer?.status ?? 200;
    if (fault === "cut-short")
      return { ...noReply("cut-short", status), body: body.slice(0, body.length / 2), headers };
    if (fault === "wrong-type" || fault === "too-large")
      return { ...noReply(fault, status), headers };
    if (answer !== null && "path" in request) this.onAnswered(account, request.path, answer);
    const about =
      "kept" in request ? this.#kept.get(`${account.user} ${request.kept}`)?.about : null;
    const reply = { status, body, complete: true, fault: null, retryAfterMs: null, headers };
    return about ? { ...reply, about } : reply;
  }

  #answer(account: Account, service: Service, request: ProviderRequest | KeptRequest) {
    if (!("kept" in request)) return service.answer(account, request, this.#sim.clock.now());
    const kept = this.#kept.get(`${account.user} ${request.kept}`);
    // Dropped already: whoever reads it again had crashed before it knew.
    return kept === undefined ? { status: 410, body: {} } : service.callback(account, kept.url);
  }

  #fault(kind: Kind, chance: Chance): Fault | null {
    if (this.isDown(kind)) return chance.in100(60) ? "failed" : "timeout";
    if (!this.faulty) return null;
    let n = (chance.next() * 1000) / this.#faultsTimes;
    for (const [fault, share] of Object.entries(faultsIn1000)) {
      n -= share;
      if (n < 0) return fault as Fault;
    }
    return null;
  }
}

/** The provider's own id of a record is known to the vault alone. */
function ownOf(account: Account, { record, collection }: RecordRequest): ProviderRequest | null {
  const found = [...account.records.values()].find(({ fact }) => fact === record);
  const { pull } = weekProviders[account.kind];
  return found === undefined || pull === undefined ? null : pull.one(collection, found.id);
}

/** What is text already has no other form. */
const textOf = (body: unknown): string => (typeof body === "string" ? body : JSON.stringify(body));

/** Log-normal: a third of a second as a rule, seconds now and then. */
function latencyMs(chance: Chance): number {
  const normal =
    Math.sqrt(-2 * Math.log(1 - chance.next())) * Math.cos(2 * Math.PI * chance.next());
  return Math.min(12_000, Math.max(40, Math.round(300 * Math.exp(0.7 * normal))));
}
