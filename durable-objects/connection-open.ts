/** How a connection begins, or goes on by a link that says more than the one before. */
import { doubtTogether } from "../domain/doubt.ts";
import type { ConnectionLink, HandedOver } from "../domain/ports.ts";
import { together } from "../domain/spending.ts";
import type { Instant } from "../domain/time.ts";
import type { Provider } from "../providers/provider.ts";
import { doubtOf, isHearsay } from "./connection-doubt.ts";
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
  store.unset(
    "reconnect",
    "ended",
    "endedAt",
    "endedOver",
    "probed",
    "denied",
    "pause",
    "attempts",
    "refuted",
    "granted",
    "handedOver",
    "told",
    "samplesFrom",
  );
  if (isOther(before, opened)) {
    store.had.forget();
    store.unset("samplesHistory");
  }
  store.set("opened", nowMs);
  // Told anew it rests on the same grant: what was said of that since still counts.
  if (before === null) store.set("since", nowMs);
  store.line.release();
  const hearsay = isHearsay(provider);
  for (const { waiting } of handed) for (const each of waiting) store.line.take(each, hearsay);
  if (handed.length > 0)
    store.set("spending", together([store.spending, ...handed.map(({ spent }) => spent)]));
  for (const { doubt } of handed)
    if (doubt !== undefined) store.set("doubt", doubtTogether(doubtOf(store), doubt));
  if (provider === undefined) return;
  if (lacksScope(opened, provider)) store.set("reconnect", "scope-missing");
  if (before === null) habits.begin(opened, provider, nowMs);
  else habits.resume(provider, wasStopped, nowMs);
  const forgottenToMs = before?.forgottenToMs ?? null;
  if (forgottenToMs !== null && link.forgottenToMs === null)
    habits.lifted(opened, provider, forgottenToMs, nowMs);
}

/** What is taken, or given, by this link may be other than by the one before. */
const isOther = (before: ConnectionLink | null, link: ConnectionLink): boolean =>
  before === null ||
  before.account !== link.account ||
  before.forgottenToMs !== link.forgottenToMs ||
  JSON.stringify(before.scopes ?? null) !== JSON.stringify(link.scopes ?? null);

/** A provider that does not say what was granted is taken at its silence. */
const lacksScope = ({ scopes }: ConnectionLink, { link }: Provider): boolean =>
  scopes !== null &&
  scopes !== undefined &&
  (link?.scopes ?? []).some(({ scope, needed }) => needed && !scopes.includes(scope));
