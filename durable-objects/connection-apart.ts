/**
 * Collections that feed the samples. They stand in the same line as the workouts and come after them:
 * what workouts wait for is read first, and what samples cost is taken of what history may use, so
 * that the reserve stays the workouts'. What stops them stops no other reading, and what an account
 * does not give of them says nothing of its grant.
 */
import type { ConnectionReason, Notice } from "../domain/ports.ts";
import type { Instant } from "../domain/time.ts";
import type { Provider } from "../providers/provider.ts";
import type { Apart } from "./connection-line.ts";
import type { Pending } from "./connection-pending.ts";
import type { ConnectionStore } from "./connection-store.ts";

/** Those that are asked for by themselves, in windows. */
export const samplesIn = (provider: Provider | undefined): readonly string[] =>
  provider?.samples?.collections ?? [];

/** And those that a provider names an address of. */
export function apartIn(provider: Provider | undefined): readonly string[] {
  const { entries, kinds = [] } = provider?.samples ?? {};
  const listed = samplesIn(provider);
  return entries === undefined ? listed : [...new Set([...listed, ...kinds])];
}

export const isOfSamples = (provider: Provider | undefined, collection: string): boolean =>
  apartIn(provider).includes(collection);

/** As the line is to know of them; before `fromMs` none of them is read. */
export const apartOf = (store: ConnectionStore, provider: Provider | undefined): Apart => ({
  collections: apartIn(provider),
  fromMs: store.get("samplesFrom") ?? 0,
});

/** All of them wait, and this one says why; workouts do not. */
export function holdSamples(
  store: ConnectionStore,
  row: Pending,
  why: ConnectionReason,
  untilMs: Instant,
): void {
  store.atOnce(() => {
    store.line.wait(row.id, why, 0);
    store.set("samplesFrom", untilMs);
  });
}

/** Of the samples, and nothing that can be asked for: said of what only comes by itself. */
export const isUnread = (provider: Provider | undefined, notice: Notice): boolean =>
  (notice.callback ?? null) === null &&
  provider?.samples?.kinds.includes(notice.collection) === true &&
  !samplesIn(provider).includes(notice.collection) &&
  provider.pull?.collections.includes(notice.collection) !== true;

/** They are listed, and never asked for one by one: such a word says that something came lately. */
export const isNamed = (provider: Provider | undefined, notice: Notice): boolean =>
  samplesIn(provider).includes(notice.collection) &&
  (notice.gone !== null || (notice.record ?? null) !== null);
