/**
 * One provider's app-wide budget and circuit breaker; the object is named for the provider. What it
 * decides is in domain/gate.ts, what it keeps in gate-core.ts; this is the object around them.
 */
import { DurableObject } from "cloudflare:workers";
import { budgetOf } from "../domain/budget.ts";
import type { ConnectPort, DoorCounts, GatePort, LeaseAsk, LeaseReport } from "../domain/ports.ts";
import gateTable from "../migrations/gate/0001_gate.sql";
import subscriptionTable from "../migrations/gate/0002_subscription.sql";
import { providerNamed } from "../providers/index.ts";
import type { Provider } from "../providers/provider.ts";
import { GateCore } from "./gate-core.ts";
import { GateSubscription, type SubscriptionEnv, setupOf } from "./gate-subscription.ts";
import { migrate } from "./migrate.ts";

export interface GateEnv extends SubscriptionEnv {
  readonly VAULT_CONNECT: ConnectPort;
  /** JSON: provider → window by name → calls. */
  readonly PROVIDER_BUDGETS: string;
}

export class Gate extends DurableObject<GateEnv> implements GatePort {
  readonly #core: GateCore;

  constructor(ctx: DurableObjectState, env: GateEnv) {
    super(ctx, env);
    migrate(ctx.storage, [gateTable, subscriptionTable]);
    const provider = providerNamed(ctx.id.name ?? "");
    if (provider === undefined) throw new Error("a gate is named for its provider");
    this.#core = new GateCore({
      storage: ctx.storage,
      now: () => Date.now(),
      chance: () => Math.random(),
      provider: provider.name,
      budget: budgetOf(provider.name, provider.budget, env.PROVIDER_BUDGETS),
      // Through the object itself: the core, which it asks for leases, is being made with it.
      subscriptions: subscriptionsOf(provider, ctx.storage, env, this),
    });
  }

  lease(ask: LeaseAsk) {
    return this.#core.lease(ask);
  }
  report(report: LeaseReport) {
    return this.#core.report(report);
  }
  count(counts: DoorCounts, kid?: string) {
    return this.#core.count(counts, kid);
  }
  tend() {
    return this.#core.tend();
  }
  status() {
    return this.#core.status();
  }
}

function subscriptionsOf(
  provider: Provider,
  storage: DurableObjectStorage,
  env: GateEnv,
  gate: Pick<GatePort, "lease" | "report">,
): GateSubscription | null {
  const { subscription } = provider;
  if (subscription === undefined) return null;
  return new GateSubscription({
    storage,
    now: () => Date.now(),
    connect: env.VAULT_CONNECT,
    gate,
    provider: provider.name,
    subscription,
    setup: () => setupOf(provider, env, Date.now()),
  });
}
