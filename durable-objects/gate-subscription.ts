/**
 * Sees to it that a provider still sends its notices: looks at its subscription, mends what is
 * amiss, and remembers what was found. Asked as often as anybody likes, it asks the provider once an
 * hour, and each call is one of the app's budget. It never throws for what the provider or the vault
 * did: what it found is its answer.
 */
import { settingOf } from "../domain/by-provider.ts";
import { callOf } from "../domain/call.ts";
import type {
  AppRequest,
  CallReport,
  ConnectPort,
  GatePort,
  ProviderReply,
  SubscriptionStatus,
} from "../domain/ports.ts";
import type { Instant } from "../domain/time.ts";
import type { Provider } from "../providers/provider.ts";
import type { ProviderSecrets } from "../providers/recipe.ts";
import { newestSecret } from "../providers/signature.ts";
import type { Subscription, SubscriptionSetup } from "../providers/subscribe.ts";
import type { ObjectStorage } from "./host.ts";
import { webhookUrlOf } from "./webhook-url.ts";

export interface SubscriptionHost {
  tend(): Promise<void>;
  status(): SubscriptionStatus;
}

export interface GateSubscriptionHost {
  /** With the table of migrations/gate/0002_subscription.sql. */
  readonly storage: Pick<ObjectStorage, "sql">;
  readonly now: () => Instant;
  readonly connect: Pick<ConnectPort, "asApp">;
  /** Of the same provider: what is asked here counts as anybody's call does. */
  readonly gate: Pick<GatePort, "lease" | "report">;
  readonly provider: string;
  readonly subscription: Subscription;
  /** As it is now; null: the deployment does not say what it needs to know. */
  readonly setup: () => SubscriptionSetup | null;
}

/** What the deployment says: vars of the edge, and its secrets for providers. */
export interface SubscriptionEnv {
  readonly PUBLIC_URL: string;
  readonly PROVIDER_PROJECTS: string;
  readonly PROVIDER_SECRETS: string;
}

/** The provider is asked no more often than that, whatever came of it. */
export const checkEveryMs = 60 * 60_000;
/** Requests that change something, each with one look after it. */
export const mendingRequestsMax = 12;

type State = SubscriptionStatus["state"];
interface Row extends Record<string, SqlStorageValue> {
  readonly tried_at: number;
  readonly state: State;
  readonly checked_at: number | null;
  readonly until: number | null;
}
/** `until` only of an active one: null is for ever. */
type Found =
  | { readonly state: "active"; readonly until: Instant | null }
  | { readonly state: Exclude<State, "active"> };
/** none: the deployment has no credentials. busy: no call may be made now. */
type Answer = ProviderReply | "none" | "failed" | "busy";

export class GateSubscription implements SubscriptionHost {
  readonly #host: GateSubscriptionHost;

  constructor(host: GateSubscriptionHost) {
    this.#host = host;
  }

  /**
   *   1. the time of asking is noted     a crash: nobody asks for an hour, and the old state stands
   *   2. the provider is asked, and told  a crash: as above; telling it again does no harm, because
   *                                       what it says that it has is looked at first
   *   3. what was found is noted          done
   *
   * Where no call may be made just now, the time of asking is taken back: whoever comes next asks.
   */
  async tend(): Promise<void> {
    const { storage, now } = this.#host;
    const setup = this.#host.setup();
    if (setup === null) return;
    const row = this.#row();
    const askedAtMs = now();
    if (row !== undefined && askedAtMs < row.tried_at + checkEveryMs) return;
    storage.sql.exec(
      `INSERT INTO subscription (one, tried_at, state) VALUES (1, ?, 'missing')
       ON CONFLICT (one) DO UPDATE SET tried_at = excluded.tried_at`,
      askedAtMs,
    );
    const found = await this.#find(setup);
    if (found === "busy") {
      storage.sql.exec("UPDATE subscription SET tried_at = ?", row?.tried_at ?? 0);
      return;
    }
    const isAnswer = found.state === "active" || found.state === "missing";
    storage.sql.exec(
      `UPDATE subscription SET state = ?, until = ?, checked_at = coalesce(?, checked_at)`,
      found.state,
      found.state === "active" ? found.until : null,
      isAnswer ? now() : null,
    );
  }

  status(): SubscriptionStatus {
    const row = this.#row();
    const isSetUp = this.#host.setup() !== null;
    if (!isSetUp || row === undefined) {
      const state = isSetUp ? "missing" : "not-configured";
      return { state, checkedMs: null, until: null };
    }
    const isOver = row.state === "active" && row.until !== null && row.until <= this.#host.now();
    return { state: isOver ? "missing" : row.state, checkedMs: row.checked_at, until: row.until };
  }

  /**
   * missing: asked and told, it still has none, or it can only be made by hand. failing: it could not
   * be asked, or not be told.
   */
  async #find(setup: SubscriptionSetup): Promise<Found | "busy"> {
    const { subscription } = this.#host;
    for (let mended = 0; ; mended++) {
      const reply = await this.#ask(subscription.look(setup));
      if (reply === "busy") return reply;
      if (reply === "failed") return { state: "failing" };
      if (reply === "none") return { state: "not-configured" };
      const judged = subscription.judge(setup, reply);
      if (!judged.ok) return { state: judged.error === "refused" ? "missing" : "failing" };
      if ("active" in judged.value) return { state: "active", until: judged.value.until };
      if (mended === mendingRequestsMax) return { state: "missing" };
      const told = await this.#ask(judged.value);
      if (told === "busy") return told;
      if (told === "none" || told === "failed" || callOf(told, 0).class !== "ok")
        return { state: "failing" };
    }
  }

  /** One call, one lease; if it throws nobody knows whether it was made, and the lease stays spent. */
  async #ask(request: AppRequest): Promise<Answer> {
    const { connect, gate, provider, now } = this.#host;
    try {
      const leased = await gate.lease({ kind: "live", want: 1 });
      if ("waitMs" in leased) return "busy";
      const beganMs = now();
      const reply = await connect.asApp(provider, request);
      const calls: CallReport[] = reply === null ? [] : [callOf(reply, now() - beganMs)];
      await gate.report({ lease: leased.lease, calls, freshnessMs: [] });
      return reply ?? "none";
    } catch {
      return "failed";
    }
  }

  #row(): Row | undefined {
    const [row] = this.#host.storage.sql
      .exec<Row>("SELECT tried_at, state, checked_at, until FROM subscription")
      .toArray();
    return row;
  }
}

/** Null when the address is not said, or anything else that the subscription needs. */
export function setupOf(
  provider: Provider,
  env: SubscriptionEnv,
  nowMs: Instant,
): SubscriptionSetup | null {
  const secrets = settingOf<ProviderSecrets>(env.PROVIDER_SECRETS, provider.name) ?? {};
  const newest = (of: Exclude<keyof ProviderSecrets, "signatureDemanded">) =>
    newestSecret(secrets[of], nowMs) ?? "";
  const has = {
    project: settingOf<string>(env.PROVIDER_PROJECTS, provider.name) ?? "",
    authorization: newest("authorization"),
    signing: newest("signing"),
    verification: newest("verification"),
  };
  const webhookUrl = webhookUrlOf(provider, env, nowMs);
  if (webhookUrl === null) return null;
  if ((provider.subscription?.needs ?? []).some((need) => has[need] === "")) return null;
  return {
    webhookUrl,
    secret: provider.signature.kind === "hmac" ? has.signing : has.authorization,
    verification: has.verification,
    project: has.project,
    nowMs,
  };
}
