/**
 * What a connection does by itself: re-reading after silence, polling, and history in steps. It only
 * plans, by putting rows in line; where it stands is kept before anything is asked.
 */
import {
  beginBackfill,
  haveOf,
  nextStep,
  type PartEnd,
  partEnded,
  withStep,
} from "../domain/backfill.ts";
import type { ConnectionLink, Stretch } from "../domain/ports.ts";
import { pollAfter, rereadFrom, silentAt } from "../domain/sync-state.ts";
import { type Instant, msPerDay, offsetMinutesMax } from "../domain/time.ts";
import type { Habit, Provider } from "../providers/provider.ts";
import { apartIn, isOfSamples, samplesIn } from "./connection-apart.ts";
import { endSamplesPart, hasSamplesStep, planSamplesStep } from "./connection-samples-history.ts";
import type { ConnectionStore } from "./connection-store.ts";

/** Windows are local time: the newest one goes as far ahead as any clock shows. */
export const aheadMs = offsetMinutesMax * 60_000;
/** How far back a member who waits is read for. */
const newestMs = msPerDay;
/**
 * A provider that sends by itself is called so often at least: it keeps the grant fresh, and tells
 * what the account took back.
 */
export const checkEveryMs = 14 * msPerDay;

export class Habits {
  readonly #store: ConnectionStore;
  readonly #chance: () => number;

  constructor(store: ConnectionStore, chance: () => number) {
    this.#store = store;
    this.#chance = chance;
  }

  /** The account is new here: its history begins now, and what goes by the clock is set. */
  begin(link: ConnectionLink, provider: Provider, nowMs: Instant): void {
    const store = this.#store;
    const { backfill, pull, habit } = provider;
    const have = link.have ?? null;
    const rereadMs = habit?.rereadMs ?? msPerDay;
    const { forgottenToMs } = link;
    store.set("caughtUp", nowMs);
    store.set("reread", nowMs);
    if (backfill !== undefined && (backfill.asked !== undefined || pull !== undefined)) {
      const { days } = backfill;
      store.set("backfill", beginBackfill({ nowMs, days, have, rereadMs, forgottenToMs }));
    } else if (habit !== undefined) {
      if (have !== null) store.set("caughtUp", Math.min(nowMs, have.toMs));
      this.reread(provider, nowMs);
    }
    this.#drawPoll(provider, nowMs);
  }

  /** The same connection, linked again after it could not be read. */
  resume(provider: Provider, wasStopped: boolean, nowMs: Instant): void {
    const store = this.#store;
    const state = store.get("backfill");
    // What it gives by now may be more.
    if (wasStopped) store.had.forget();
    if (state?.over === "refused") store.set("backfill", { ...state, over: null });
    if (store.get("samplesHistory")?.over === "refused") store.unset("samplesHistory");
    if (wasStopped && provider.habit !== undefined) this.reread(provider, nowMs);
    if (store.get("pollAt") === null) this.#drawPoll(provider, nowMs);
  }

  /** What was not taken up to then may come again, so it is asked for. */
  lifted(link: ConnectionLink, provider: Provider, toMs: Instant, nowMs: Instant): void {
    const { backfill, habit } = provider;
    const store = this.#store;
    store.had.forget();
    if (backfill === undefined) return;
    const had = this.have(link, provider);
    const have = had && { fromMs: Math.max(had.fromMs, toMs), toMs: had.toMs };
    const rereadMs = habit?.rereadMs ?? msPerDay;
    const aim = { nowMs, days: backfill.days, have, rereadMs, forgottenToMs: null };
    store.line.dropBackfill();
    store.set("backfill", beginBackfill(aim));
  }

  #drawPoll({ habit }: Provider, nowMs: Instant): void {
    const between = habit?.pollMs ?? null;
    if (between !== null) this.#store.set("pollAt", nowMs + pollAfter(between, this.#chance()));
  }

  /** When it acts by itself next; null: it does not, or something live waits already. */
  dueMs(provider: Provider): Instant | null {
    const dues = [this.#readDueMs(provider), this.#checkDueMs(provider)];
    const known = dues.filter((ms) => ms !== null);
    return known.length === 0 ? null : Math.min(...known);
  }

  #checkDueMs({ habit, pull, link }: Provider): Instant | null {
    const store = this.#store;
    const isPush = pull === undefined && link?.permissions !== undefined;
    if (habit === undefined || !isPush || store.get("check") !== null) return null;
    const calls = [store.get("opened"), store.get("checked"), store.get("asked")];
    return Math.max(...calls.map((ms) => ms ?? 0)) + checkEveryMs;
  }

  #readDueMs(provider: Provider): Instant | null {
    const { habit, pull, facts } = provider;
    const store = this.#store;
    if (habit === undefined) return null;
    const words = (["received", "checked", "reread", "opened"] as const).map((w) => store.get(w));
    const isBusy = store.line.isBusy(facts.hearsay === true, apartIn(provider));
    const silentMs = isBusy ? null : silentAt(habit.silentMs, words);
    const staleMs = isBusy || pull === undefined ? null : this.#staleAt(habit);
    const due = [silentMs, staleMs, store.get("pollAt")].filter((ms) => ms !== null);
    return due.length === 0 ? null : Math.min(...due);
  }

  /** Of one that is never silent: a notice that was never sent has to be found out all the same. */
  #staleAt({ silentMs, rereadMs }: Habit): Instant | null {
    const rereadAtMs = this.#store.get("reread") ?? this.#store.get("opened");
    if (silentMs === null || rereadAtMs === null) return null;
    return rereadAtMs + Math.max(silentMs, rereadMs);
  }

  /** Puts in line what is due; also told before a word that ends a silence is noted. */
  plan(provider: Provider, nowMs: Instant): void {
    if ((this.#checkDueMs(provider) ?? nowMs + 1) <= nowMs) this.#store.set("check", nowMs);
    if ((this.#readDueMs(provider) ?? nowMs + 1) > nowMs) return;
    this.reread(provider, nowMs);
    this.#drawPoll(provider, nowMs);
  }

  reread(provider: Provider, nowMs: Instant): void {
    const store = this.#store;
    const rereadMs = provider.habit?.rereadMs ?? msPerDay;
    const received = provider.pull === undefined ? store.get("received") : null;
    const caughtUp = Math.max(this.#readUpTo(provider) ?? 0, received ?? 0);
    const mostMs = this.#mostMs(provider);
    const fromMs = rereadFrom(caughtUp === 0 ? null : caughtUp, rereadMs, nowMs, mostMs);
    store.atOnce(() => {
      store.set("reread", nowMs);
      if (caughtUp > 0) this.#leaveOut(caughtUp, fromMs);
      if (provider.pull !== undefined) this.#noteAll(provider, fromMs, nowMs);
      else this.#askAgain(provider, { fromMs, toMs: nowMs }, nowMs);
    });
  }

  /**
   * Up to when all of it is known. That no notice is left to be read says nothing of those that were
   * never sent: only a reading of the whole stretch does.
   */
  #readUpTo({ pull }: Provider): Instant | null {
    const caughtUp = this.#store.get("caughtUp");
    const rereadAtMs = pull === undefined ? null : this.#store.get("reread");
    return caughtUp === null || rereadAtMs === null ? caughtUp : Math.min(caughtUp, rereadAtMs);
  }

  /** What is newest, for a member who waits. */
  readNewest(provider: Provider, nowMs: Instant): void {
    this.#noteAll(provider, this.#newestFrom(provider, nowMs), nowMs);
  }

  /** The same of the workouts alone, which tell whether the grant is still good. */
  readNewestWorkouts(provider: Provider, nowMs: Instant): void {
    this.#noteWorkouts(provider, this.#newestFrom(provider, nowMs), nowMs);
  }

  #newestFrom(provider: Provider, nowMs: Instant): Instant {
    const caughtUp = this.#store.get("caughtUp") ?? nowMs;
    return Math.max(Math.min(caughtUp, nowMs - newestMs), nowMs - this.#mostMs(provider));
  }

  /** A list that is asked for what is older than history goes may be refused as a whole. */
  #mostMs({ backfill, pull, habit }: Provider): number {
    const days = pull === undefined ? undefined : (backfill?.days ?? pull.listedDays);
    return Math.max(habit?.rereadMs ?? 0, (days ?? Number.POSITIVE_INFINITY) * msPerDay);
  }

  /** The silence was longer than anything is to be had for: what lies between is not said to be read. */
  #leaveOut(caughtUpMs: Instant, fromMs: Instant): void {
    const state = this.#store.get("backfill");
    if (state === null || fromMs <= caughtUpMs) return;
    this.#store.set("backfill", { ...state, gapToMs: Math.max(fromMs, state.gapToMs ?? 0) });
  }

  #noteAll(provider: Provider, fromMs: Instant, nowMs: Instant): void {
    this.#noteWorkouts(provider, fromMs, nowMs);
    this.#noteEach(provider, samplesIn(provider), fromMs, nowMs);
  }

  #noteWorkouts(provider: Provider, fromMs: Instant, nowMs: Instant): void {
    this.#noteEach(provider, provider.pull?.collections ?? [], fromMs, nowMs);
  }

  #noteEach(
    { facts }: Provider,
    collections: readonly string[],
    fromMs: Instant,
    nowMs: Instant,
  ): void {
    for (const collection of collections) {
      const window = { collection, fromMs, toMs: nowMs + aheadMs, gone: null };
      this.#store.line.note(window, "reread", nowMs, facts.hearsay === true);
    }
  }

  /**
   * What an address that there is no room for would have brought, asked for once more, and what came
   * late with it. In whole steps, the same for all: however many addresses, they are a few asks.
   * False: there is no way to ask.
   */
  askFor({ backfill, habit }: Provider, { fromMs, toMs }: Stretch, nowMs: Instant): boolean {
    if (backfill?.asked === undefined) return false;
    const stepMs = backfill.stepDays * msPerDay;
    const oldestMs = Math.ceil(nowMs / stepMs) * stepMs - backfill.days * msPerDay;
    // Of one that says no time: what is newest.
    const [begunMs, endMs] = toMs > 0 ? [fromMs, toMs] : [nowMs, nowMs];
    const beginMs = Math.max(oldestMs, begunMs - (habit?.rereadMs ?? 0));
    const firstMs = Math.floor(beginMs / stepMs) * stepMs;
    const lastMs = Math.min(endMs, nowMs - 1);
    for (let at = firstMs; at <= lastMs; at += stepMs)
      this.#store.line.addAsk({ fromMs: at, toMs: Math.min(at + stepMs, nowMs) }, nowMs);
    return firstMs <= lastMs;
  }

  #askAgain({ backfill }: Provider, { fromMs, toMs }: Stretch, nowMs: Instant): void {
    const { line } = this.#store;
    if (backfill?.asked === undefined || line.hasAsk()) return;
    const stepMs = backfill.stepDays * msPerDay;
    const oldestMs = Math.max(fromMs, toMs - backfill.days * msPerDay);
    for (let end = toMs; end > oldestMs; end -= stepMs)
      line.add("reread", "", { fromMs: Math.max(oldestMs, end - stepMs), toMs: end }, true, nowMs);
  }

  // -- history ------------------------------------------------------------------------------

  /** Whether there is more of it to be had, and none of it in line. */
  hasStep(provider: Provider): boolean {
    const store = this.#store;
    if (provider.backfill === undefined || store.line.counts().backfill > 0) return false;
    return store.get("backfill")?.over === null || hasSamplesStep(store, provider);
  }

  /** Puts the next step in line, of the samples once the workouts are over; false: there is none. */
  planStep(provider: Provider, nowMs: Instant): boolean {
    const store = this.#store;
    if (!this.hasStep(provider)) return false;
    return (
      this.#planWorkouts(provider, nowMs) ||
      planSamplesStep(store, provider, nowMs, (collection, step, isNewest) =>
        this.#addWindow(collection, step, isNewest, nowMs),
      )
    );
  }

  #planWorkouts(provider: Provider, nowMs: Instant): boolean {
    const store = this.#store;
    const state = store.get("backfill");
    if (state === null || state.over !== null) return false;
    const step = state.step ?? nextStep(state, provider.backfill?.stepDays ?? 1);
    if (step === null) {
      store.set("backfill", { ...state, over: "done" });
      return false;
    }
    const asked = provider.backfill?.asked?.requests(step).length;
    const collections = provider.pull?.collections ?? [];
    const parts = asked ?? collections.length;
    const stretch = { fromMs: step.fromMs, toMs: step.toMs };
    store.atOnce(() => {
      store.set("backfill", withStep(state, stretch, Math.max(1, parts)));
      if (parts === 0) this.#endPart("none");
      else if (asked !== undefined) store.line.add("backfill", "", stretch, true, nowMs);
      else
        for (const c of collections) this.#addWindow(c, stretch, step.toMs === state.toMs, nowMs);
    });
    return true;
  }

  #addWindow(collection: string, step: Stretch, isNewest: boolean, nowMs: Instant): void {
    const toMs = isNewest ? step.toMs + aheadMs : step.toMs;
    this.#store.line.add("backfill", collection, { fromMs: step.fromMs, toMs }, false, nowMs);
  }

  /** What became of a part, which was to read this collection. */
  endPart(provider: Provider, collection: string, how: PartEnd): void {
    if (isOfSamples(provider, collection)) endSamplesPart(this.#store, how);
    else this.#endPart(how);
  }

  #endPart(how: PartEnd): void {
    const state = this.#store.get("backfill");
    if (state !== null) this.#store.set("backfill", partEnded(state, how));
  }

  /** Read without a gap, up to the newest. What is only asked for comes later, so it is not said. */
  have(link: ConnectionLink, provider: Provider | undefined): Stretch | null {
    const before = link.have ?? null;
    const state = this.#store.get("backfill");
    const caughtUp = provider === undefined ? null : this.#readUpTo(provider);
    if (provider?.pull === undefined || caughtUp === null) return before;
    if (state !== null) return haveOf(state, before, caughtUp);
    if (this.#store.get("checked") === null) return before;
    const fromMs = before?.fromMs ?? caughtUp - (provider.habit?.rereadMs ?? 0);
    return fromMs < caughtUp ? { fromMs, toMs: caughtUp } : before;
  }
}
