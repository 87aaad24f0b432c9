/**
 * Some providers send of an account only once they were told to, with that account's own token: when
 * it is linked, and again from time to time. It holds up no reading, whatever comes of it. The address
 * that they are told holds a secret: it stands in no line of the log.
 */
import { backoffOf } from "../domain/sync-state.ts";
import { type Instant, msPerDay } from "../domain/time.ts";
import type { AcceptPorts } from "../kernel/accept.ts";
import { errorClass, logLine } from "../kernel/wide-event.ts";
import type { Provider } from "../providers/provider.ts";
import type { MemberSubscription } from "../providers/subscribe.ts";
import { type Calls, isStop } from "./connection-calls.ts";
import type { ConnectionHost } from "./connection-core.ts";
import { retryAfterMsMax } from "./connection-fault.ts";
import type { ConnectionStore } from "./connection-store.ts";

/** What it refuses is said again so long after. */
export const refusedToldAgainMs = msPerDay;
/** Our address is looked at so often at least: whoever runs this may have stated another. */
export const lookEveryMs = msPerDay;

/** When it is to be told, or looked at, next; null: it needs not be, or our address is not known. */
export function tellDueMs(
  store: ConnectionStore,
  { name, memberSubscription }: Provider,
  { webhookUrl }: Pick<ConnectionHost, "webhookUrl">,
): Instant | null {
  if (memberSubscription === undefined || webhookUrl(name) === null) return null;
  const { nextMs = 0, lookMs = 0 } = store.get("told") ?? {};
  return Math.min(nextMs, lookMs);
}

export interface Telling {
  readonly host: Pick<ConnectionHost, "now" | "chance" | "webhookUrl"> & {
    readonly accept: Pick<AcceptPorts, "digest">;
  };
  readonly store: ConnectionStore;
  readonly provider: Provider;
  readonly calls: Pick<Calls, "ask">;
  /** Opened anew, emptied or handed over since. */
  readonly isLeft: () => boolean;
}

/** It throws for nothing: whatever is to be read is read all the same. */
export async function tell(it: Telling): Promise<void> {
  const { host, provider } = it;
  const { memberSubscription } = provider;
  if (memberSubscription === undefined) return;
  try {
    const url = host.webhookUrl(provider.name);
    if (url !== null) await tellOf(it, memberSubscription, url);
  } catch (error) {
    logLine({ event: "tell", provider: provider.name, error: errorClass(error) });
  }
}

/**
 *   1. when it is tried again is kept    a crash: it is tried again then, and told twice at worst
 *   2. it is told, request by request    a crash: as above
 *   3. that it was told is kept          done, until it is to be said again
 *
 * What was told another address is told at once.
 */
async function tellOf(it: Telling, subscription: MemberSubscription, url: string): Promise<void> {
  const { host, store, provider, isLeft } = it;
  const { now, chance } = host;
  const of = await host.accept.digest(["webhook", 1, provider.name, url]);
  if (isLeft()) return;
  const told = store.get("told");
  const isSame = told?.url === of;
  if (isSame && told.nextMs > now()) {
    if ((told.lookMs ?? 0) <= now()) store.set("told", { ...told, lookMs: now() + lookEveryMs });
    return;
  }
  const keep = (nextMs: Instant, faults: number) =>
    store.set("told", { nextMs, faults, url: of, lookMs: now() + lookEveryMs });
  const faults = (isSame ? told.faults : 0) + 1;
  keep(now() + backoffOf(faults, chance()), faults);
  const came = await tellAll(it, subscription, url, faults);
  if (isLeft() || came === "again") return;
  if (came === "told") keep(now() + subscription.everyMs, 0);
  else if (came === "refused") keep(now() + refusedToldAgainMs, 0);
  else keep(now() + came.waitMs, came.faults);
  const outcome = came === "refused" ? came : "wait";
  if (came !== "told") logLine({ event: "tell", provider: provider.name, outcome });
}

type Came = "told" | "refused" | "again" | { readonly waitMs: number; readonly faults: number };

async function tellAll(
  { host, calls, isLeft }: Telling,
  subscription: MemberSubscription,
  url: string,
  faults: number,
): Promise<Came> {
  for (const request of subscription.requests(url)) {
    if (isLeft()) return "again";
    const answer = await calls.ask("live", request);
    // That the budget is spent is no fault of anybody's.
    if (isStop(answer))
      return answer.stop === "wait" ? { waitMs: answer.waitMs, faults: faults - 1 } : "again";
    const judged = subscription.judge(answer.reply);
    if (judged.ok) continue;
    if (judged.error === "refused" || judged.error === "gone") return "refused";
    const asked = Math.min(retryAfterMsMax, answer.call.retryAfterMs ?? 0);
    return { waitMs: Math.max(asked, backoffOf(faults, host.chance())), faults };
  }
  return "told";
}
