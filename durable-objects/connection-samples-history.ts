/**
 * History of the samples: shorter than that of the workouts, and begun once that is over. A connection
 * that was there before its provider's samples were read has theirs read too. Where it stands is kept
 * apart; how far history is, and what a later link need not ask for, says the workouts' alone.
 */
import { beginBackfill, nextStep, type PartEnd, partEnded, withStep } from "../domain/backfill.ts";
import type { Stretch } from "../domain/ports.ts";
import type { Instant } from "../domain/time.ts";
import type { Provider } from "../providers/provider.ts";
import { samplesIn } from "./connection-apart.ts";
import type { ConnectionStore } from "./connection-store.ts";

/** How far back samples are read when an account is linked, unless its provider gives less. */
export const samplesHistoryDays = 30;

/** Whether there is, or may be, more of it to be had. */
export function hasSamplesStep(store: ConnectionStore, provider: Provider): boolean {
  const { backfill, pull } = provider;
  if (backfill === undefined || pull === undefined || samplesIn(provider).length === 0)
    return false;
  const state = store.get("samplesHistory");
  return state === null || state.over === null;
}

/** Puts the next step in line by `add`; false: there is none. */
export function planSamplesStep(
  store: ConnectionStore,
  provider: Provider,
  nowMs: Instant,
  add: (collection: string, stretch: Stretch, isNewest: boolean) => void,
): boolean {
  const { backfill } = provider;
  const link = store.get("link");
  if (link === null || backfill === undefined || !hasSamplesStep(store, provider)) return false;
  const { forgottenToMs } = link;
  const days = Math.min(samplesHistoryDays, backfill.days);
  const begun = () => beginBackfill({ nowMs, days, have: null, rereadMs: 0, forgottenToMs });
  const state = store.get("samplesHistory") ?? begun();
  const step = state.step ?? nextStep(state, backfill.stepDays);
  if (step === null) {
    store.set("samplesHistory", { ...state, over: "done" });
    return false;
  }
  const stretch = { fromMs: step.fromMs, toMs: step.toMs };
  const collections = samplesIn(provider);
  store.atOnce(() => {
    store.set("samplesHistory", withStep(state, stretch, collections.length));
    for (const collection of collections) add(collection, stretch, step.toMs === state.toMs);
  });
  return true;
}

export function endSamplesPart(store: ConnectionStore, how: PartEnd): void {
  const state = store.get("samplesHistory");
  if (state !== null) store.set("samplesHistory", partEnded(state, how));
}
