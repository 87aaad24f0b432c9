/**
 * What was said of the account without proof. Anybody may say it, so nothing follows from it but
 * that the provider itself is asked, at most every ten minutes, and less and less often where it says
 * that it is not so; confirmed or refuted, it goes.
 */
import type { ConnectionLink, ConnectionReason, ErasureStep } from "../domain/ports.ts";
import { type Instant, msPerDay } from "../domain/time.ts";
import { errorClass, logLine } from "../kernel/wide-event.ts";
import type { Provider } from "../providers/provider.ts";
import { type Calls, isStop, type Stop } from "./connection-calls.ts";
import type { ConnectionHost } from "./connection-core.ts";
import type { ConnectionStore } from "./connection-store.ts";

/** A provider is asked about claims no more often: anybody may make them. */
export const askedEveryMs = 600_000;
/** Each time in a row that it was not so, the next waits so much longer; a day at most. */
const refutedTimes = 4;
export const askedEveryMsMax = msPerDay;
/** What a provider's file calls the claims that an account ended its connection, or changed it. */
const ended = "deregistered";
const changed = "permissions-changed";
/** The vault asks with the token who the account is; to renew it costs nothing of the budget. */
const callsToConfirm = 1;

/** Whether the provider can be asked if it is so. */
export const canAsk = (what: string, provider: Provider | undefined): boolean =>
  provider?.link !== undefined &&
  (what === ended || (what === changed && provider.link.permissions !== undefined));

const pauseMs = (store: ConnectionStore): number =>
  Math.min(askedEveryMsMax, askedEveryMs * refutedTimes ** (store.get("refuted") ?? 0));

/** When the provider is to be asked next; null: nobody claims anything that is to be asked here. */
export function claimsDueMs(store: ConnectionStore): Instant | null {
  if (store.get("ending") !== null) return 0;
  // What is claimed of the grant that took its place is claimed of that one's own connection.
  if (store.get("handedOver") === true) return null;
  // The provider has said all that it has to say of it.
  if (store.get("ended") === true) return null;
  if (store.open().length === 0) return null;
  const asked = store.get("asked");
  return asked === null ? 0 : asked + pauseMs(store);
}

export interface Claiming {
  readonly host: ConnectionHost;
  readonly store: ConnectionStore;
  readonly calls: Calls;
  readonly link: ConnectionLink;
  readonly provider: Provider;
}
/** over: the connection has ended and is empty. reconnect: it is not what it was. */
export type Settled =
  | { readonly settled: "nothing" }
  | { readonly settled: "over" }
  | { readonly settled: "reconnect"; readonly why: ConnectionReason }
  | { readonly settled: "granted" };

/**
 *   1. it is kept that the provider is asked now    not asked again for a while, whatever comes
 *   2. the provider is asked
 *   3. what it said is kept, and with it the claim  asked again, it says the same
 *      goes: at once
 */
export async function settleClaims(it: Claiming): Promise<Settled> {
  const { store, host } = it;
  const ending = store.get("ending");
  if (ending !== null) return end(host, ending.link, null);
  if ((claimsDueMs(store) ?? Number.POSITIVE_INFINITY) > host.now()) return { settled: "nothing" };
  let settled: Settled = { settled: "nothing" };
  const opened = store.get("opened");
  for (const claim of store.open()) {
    store.set("asked", host.now());
    const answer = await (claim.what === ended ? askEnded(it) : askGranted(it)).catch((error) => {
      // Not known: it stays, and is asked about again after that while.
      if (store.get("ending") !== null) throw error;
      logLine({ event: "claim", provider: it.link.provider, error: errorClass(error) });
      return { stop: "cap" } as const;
    });
    if ("stop" in answer) {
      if (answer.stop === "wait") store.set("asked", host.now() + answer.waitMs - pauseMs(store));
      return settled;
    }
    if (answer.settled === "over") return answer;
    // It was opened, ended or emptied meanwhile: what was asked of it then says nothing of it now.
    if (store.get("opened") !== opened || store.get("ended") === true)
      return { settled: "nothing" };
    store.atOnce(() => {
      if (claim.what === ended && answer.settled === "nothing")
        store.set("refuted", (store.get("refuted") ?? 0) + 1);
      if (answer.settled === "reconnect") store.stop(answer.why, host.now());
      store.settle(claim);
    });
    if (answer.settled !== "nothing") settled = answer;
  }
  return settled;
}

/** Where the agreement demands it, all that came by it is erased; else its member may link again. */
async function askEnded(it: Claiming): Promise<Settled | Stop> {
  const { host, link, calls, provider } = it;
  if (provider.facts.onDeauthorised === "erase") {
    const { member, connection } = link;
    const answer = await calls.around("live", callsToConfirm, () =>
      host.connect.eraseIfEnded(member, connection, link.provider),
    );
    if (isStop(answer)) return answer;
    if (!answer.value.ended) {
      const { why } = answer.value;
      return why === undefined ? { settled: "nothing" } : { settled: "reconnect", why };
    }
    it.store.set("ending", { link });
    return end(host, link, answer.value.steps);
  }
  const identity = provider.link?.identity;
  if (identity === undefined) return { settled: "nothing" };
  const answer = await calls.ask("live", identity);
  if (!isStop(answer)) {
    if (answer.reply.status === 401) return { settled: "reconnect", why: "grant-ended" };
    return answer.call.class === "ok"
      ? { settled: "nothing" }
      : { stop: "fault", fault: "again", call: answer.call };
  }
  return answer.stop === "member" ? { settled: "reconnect", why: answer.why } : answer;
}

/**
 * The vault erased already; asked again, it only says so. The rest may take several tries, and is of
 * the link that ended, whatever was linked since. If the vault does not say so any more, nothing is
 * erased by our own word alone.
 */
async function end(
  host: ConnectionHost,
  link: ConnectionLink,
  erased: readonly ErasureStep[] | null,
): Promise<Settled> {
  const { member, connection, provider } = link;
  const again = async () => {
    const answer = await host.connect.eraseIfEnded(member, connection, provider);
    if (!answer.ended) throw new Error("what had ended has not ended any more");
    return answer.steps;
  };
  await host.eraseEnded(link, erased ?? (await again()));
  return { settled: "over" };
}

async function askGranted(it: Claiming): Promise<Settled | Stop> {
  const permissions = it.provider.link?.permissions;
  if (permissions === undefined) return { settled: "nothing" };
  const answer = await it.calls.ask("live", permissions.request);
  if (isStop(answer))
    return answer.stop === "member" ? { settled: "reconnect", why: answer.why } : answer;
  const granted = answer.call.class === "ok" ? permissions.granted(answer.reply) : null;
  if (granted === null) return { stop: "fault", fault: "again", call: answer.call };
  it.store.set("granted", granted);
  const isLacking = permissions.needed.some((one) => !granted.includes(one));
  if (isLacking) return { settled: "reconnect", why: "permission-withdrawn" };
  return { settled: "granted" };
}
