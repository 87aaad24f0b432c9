/**
 * A provider's gate, without the platform around it. What domain/gate.ts decides is written before
 * it is answered, one row a lease and one a report, so a restart loses nothing; a refusal is only
 * remembered, and goes to disk with whatever comes next. Between reading the state and writing it
 * nothing is awaited, so no two calls see the same room.
 */
import type { Budget } from "../domain/budget.ts";
import { count, emptyGate, type GateState, lease, report, statusOf } from "../domain/gate.ts";
import type {
  DoorCounts,
  GatePort,
  GateStatus,
  LeaseAnswer,
  LeaseAsk,
  LeaseReport,
} from "../domain/ports.ts";
import type { Instant } from "../domain/time.ts";
import type { SubscriptionHost } from "./gate-subscription.ts";
import type { ObjectStorage } from "./host.ts";

export interface GateHost {
  readonly storage: ObjectStorage;
  readonly now: () => Instant;
  /** 0 to 1, 1 excluded. */
  readonly chance: () => number;
  readonly provider: string;
  /** With the deployment's own limits in it. */
  readonly budget: Budget;
  /** Null: this provider sends its notices without being told. */
  readonly subscriptions: SubscriptionHost | null;
}

export class GateCore implements GatePort {
  readonly #host: GateHost;
  #state: GateState;

  constructor(host: GateHost) {
    this.#host = host;
    const [row] = host.storage.sql.exec<{ body: string }>("SELECT body FROM gate").toArray();
    const empty = emptyGate(host.now());
    this.#state = row === undefined ? empty : { ...empty, ...(JSON.parse(row.body) as GateState) };
  }

  async lease(ask: LeaseAsk): Promise<LeaseAnswer> {
    const { budget, now, chance } = this.#host;
    const [state, answer] = lease(this.#state, ask, budget, now(), chance());
    if ("lease" in answer) this.#keep(state);
    else this.#state = state;
    return answer;
  }

  async report(said: LeaseReport): Promise<void> {
    const { budget, now } = this.#host;
    this.#keep(report(this.#state, said, budget, now()));
  }

  async count(counts: DoorCounts, kid?: string): Promise<void> {
    const by = kid === undefined ? undefined : { kid, atMs: this.#host.now() };
    this.#keep(count(this.#state, counts, by));
  }

  async tend(): Promise<void> {
    await this.#host.subscriptions?.tend();
  }

  async status(): Promise<GateStatus> {
    const { provider, budget, subscriptions, now } = this.#host;
    return statusOf(this.#state, provider, budget, subscriptions?.status() ?? null, now());
  }

  #keep(state: GateState): void {
    if (state === this.#state) return;
    this.#host.storage.sql.exec(
      `INSERT INTO gate (id, body) VALUES (1, ?)
       ON CONFLICT (id) DO UPDATE SET body = excluded.body`,
      JSON.stringify(state),
    );
    this.#state = state;
  }
}
