/** What a provider has to be told so that it sends its notices: by the app, or with members' tokens. */
import type { AppRequest, ProviderReply, ProviderRequest } from "../domain/ports.ts";
import type { Result } from "../domain/result.ts";
import type { Instant } from "../domain/time.ts";
import type { PageFault } from "./provider.ts";

/** What the provider has to be told from time to time so that it sends its notices. */
export interface Subscription {
  /** What the deployment has to say for it; without one of these it is not seen to. */
  readonly needs: readonly ("project" | "authorization" | "signing" | "verification")[];
  /** What may be asked for in the name of the app: paths that begin with one of these. */
  readonly appPaths: readonly string[];
  /** What is there now. */
  look(setup: SubscriptionSetup): AppRequest;
  /** active: nothing to do, until then (null: for ever). A request: what mends it. */
  judge(
    setup: SubscriptionSetup,
    reply: ProviderReply,
  ): Result<{ readonly active: true; readonly until: Instant | null } | AppRequest, PageFault>;
}

/** What the provider has to be told with a member's own token, so that it sends of that account. */
export interface MemberSubscription {
  /** Said again so often: some forget it, and our address may be another by now. */
  readonly everyMs: number;
  /** Told in this order; `webhookUrl` holds a secret. */
  requests(webhookUrl: string): readonly ProviderRequest[];
  judge(reply: ProviderReply): Result<"told", PageFault>;
}

export interface SubscriptionSetup {
  readonly webhookUrl: string;
  /** What its notices are to carry as proof. */
  readonly secret: string;
  /** What it proves itself by when it greets the address. */
  readonly verification: string;
  /** The deployment's own name at the provider. */
  readonly project: string;
  readonly nowMs: Instant;
}
