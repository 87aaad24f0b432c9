/** How a connection begins, or goes on by a link that says more than the one before. */
import type { ConnectionLink, HandedOver } from "../domain/ports.ts";
import { together } from "../domain/spending.ts";
import type { Instant } from "../domain/time.ts";
import type { Provider } from "../providers/provider.ts";
import type { Habits } from "./connection-habit.ts";
import type { ConnectionStore } from "./connection-store.ts";

/**
 * To be done at once. What is handed over waits here, and what was spent there is spent here: the
 * member's budget is one. Handed over again it counts again, which only makes it ask later.
 */
export function begin(
  store: ConnectionStore,
  habits: Habits,
  provider: Provider | undefined,
  link: ConnectionLink,
  handed: readonly HandedOver[],
  nowMs: Instant,
): void {
  const before = store.get("link");
  if (before !== null && before.connection !== link.connection)
    throw new Error("the link of another connection");
  const wasStopped = store.get("reconnect") !== null;
  // Whoever tells it anew may know less of the grant than was known when it was made.
  const scopes = link.scopes ?? before?.scopes ?? null;
  const opened = { ...link, scopes, have: link.have ?? before?.have ?? null };
  store.set("link", opened);
  store.unset("reconnect", "probed", "denied", "pause", "attempts", "granted", "handedOver");
  store.set("opened", nowMs);
  store.line.release();
  for (const { waiting } of handed) for (const each of waiting) store.line.take(each);
  if (handed.length > 0)
    store.set("spending", together([store.spending, ...handed.map(({ spent }) => spent)]));
  if (provider === undefined) return;
  if (lacksScope(opened, provider)) store.set("reconnect", "scope-missing");
  if (before === null) habits.begin(opened, provider, nowMs);
  else habits.resume(provider, wasStopped, nowMs);
  const forgottenToMs = before?.forgottenToMs ?? null;
  if (forgottenToMs !== null && link.forgottenToMs === null)
    habits.lifted(opened, provider, forgottenToMs, nowMs);
}

/** A provider that does not say what was granted is taken at its silence. */
const lacksScope = ({ scopes }: ConnectionLink, { link }: Provider): boolean =>
  scopes !== null &&
  scopes !== undefined &&
  (link?.scopes ?? []).some(({ scope, needed }) => needed && !scopes.includes(scope));
