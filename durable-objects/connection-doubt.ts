/**
 * Hints: what waits on the word of a provider that proves nothing. They are read one by one, each at
 * most once; while they are in doubt, at history's pace, so that whoever floods one connection with
 * them takes nothing from the others (domain/doubt.ts).
 */
import {
  cameToNothing,
  type Doubt,
  hintsDueMs,
  isDoubted,
  noDoubt,
  owedDueMs,
  owing,
  paid,
} from "../domain/doubt.ts";
import type { LeaseAsk } from "../domain/ports.ts";
import { reasonOf } from "../domain/sync-state.ts";
import type { Instant } from "../domain/time.ts";
import type { Provider } from "../providers/provider.ts";
import { apartOf, isOfSamples } from "./connection-apart.ts";
import type { Habits } from "./connection-habit.ts";
import type { Halt, Turned } from "./connection-items.ts";
import { isOne, type Pending } from "./connection-pending.ts";
import type { ConnectionStore } from "./connection-store.ts";

export const isHearsay = (provider: Provider | undefined): boolean =>
  provider?.facts.hearsay === true;
/** A re-reading, and history, are of our own making. */
export const isHint = (provider: Provider, { kind }: Pending): boolean =>
  kind === "live" && isHearsay(provider);

export const doubtOf = (store: ConnectionStore): Doubt => store.get("doubt") ?? noDoubt;
export const owe = (store: ConnectionStore, what: "newest" | "lately"): void =>
  store.set("doubt", owing(doubtOf(store), what));

/** No hint is read before that. */
export const hintsFromMs = (store: ConnectionStore, provider: Provider): Instant =>
  isHearsay(provider) ? hintsDueMs(doubtOf(store)) : 0;

/** When anything that waits may be read, or is to be put in line in the place of hints. */
export function lineDueMs(store: ConnectionStore, provider: Provider): Instant | null {
  const lineMs = store.line.dueMs(hintsFromMs(store, provider), apartOf(store, provider));
  const dues = [lineMs, owedDueMs(doubtOf(store))];
  const known = dues.filter((ms) => ms !== null);
  return known.length === 0 ? null : Math.min(...known);
}

const hintsWaiting = ({ line }: ConnectionStore): number =>
  line.counts().live - line.counts(true).live;

/** Puts in line what is owed, at most once an hour, and goes on so while hints in doubt wait. */
export function payOwed(
  store: ConnectionStore,
  habits: Habits,
  provider: Provider,
  nowMs: Instant,
): void {
  const doubt = doubtOf(store);
  const dueMs = owedDueMs(doubt);
  if (dueMs === null || dueMs > nowMs) return;
  store.atOnce(() => {
    if (doubt.owes === "lately") habits.reread(provider, nowMs);
    else habits.readNewest(provider, nowMs);
    const after = paid(doubt, nowMs);
    const goesOn = isDoubted(after, nowMs) && hintsWaiting(store) > 0;
    store.set("doubt", goesOn ? owing(after, "newest") : after);
  });
}

/**
 * What a row's calls are taken from: samples and hints in doubt are history's. What of the workouts is
 * read in the place of hints is not, or whoever floods a connection while history has no budget would
 * keep its member waiting for good.
 */
export function leaseOf(
  store: ConnectionStore,
  provider: Provider,
  row: Pending,
  nowMs: Instant,
): LeaseAsk["kind"] {
  if (row.kind === "backfill" || isOfSamples(provider, row.collection)) return "backfill";
  return isHint(provider, row) && isDoubted(doubtOf(store), nowMs) ? "backfill" : "live";
}

/**
 * Whether reading a hint came to nothing; `isNew`: it brought something that was not here. That the
 * budget is spent, or the grant no good for what we ask for ourselves, says nothing of the hint.
 */
export function isVain(provider: Provider, row: Pending, came: Turned | Halt, isNew: boolean) {
  if (!isHint(provider, row) || isNew) return false;
  if (!("stop" in came)) return true;
  if (came.stop !== "fault" || came.spoilt !== undefined) return false;
  const why = reasonOf(came.call.class, came.fault);
  return why !== "rate-limited" && (why !== "grant-ended" || isOne(row));
}

/** While others wait behind it, what is real among them is not to wait for all of them. */
export function noteVain(store: ConnectionStore, nowMs: Instant): void {
  const doubt = cameToNothing(doubtOf(store), nowMs);
  const isLast = store.line.counts().live <= 1;
  store.set("doubt", isLast || !isDoubted(doubt, nowMs) ? doubt : owing(doubt, "newest"));
}
