/**
 * When data last came by itself. It goes past the connection, from the edge to the ledgers, and they
 * know; here it is asked for where it matters: before a silence is acted upon, and when somebody
 * looks. So a record that arrives costs its connection nothing.
 */
import { type ConnectionLink, type LedgerPort, ledgerName } from "../domain/ports.ts";
import { isByMember, shardsOf } from "../domain/shards.ts";
import { type AnyStream, streams } from "../domain/streams.ts";
import type { Instant } from "../domain/time.ts";
import { providerNamed } from "../providers/index.ts";
import type { ConnectionStore } from "./connection-store.ts";

/** Null: nothing ever came by it. */
export type Arrived = (link: ConnectionLink) => Promise<Instant | null>;

/** Of every ledger that its provider feeds. */
export const arrivedIn =
  (ledgers: DurableObjectNamespace): Arrived =>
  async ({ member, connection, provider }) => {
    const each = await Promise.all(
      fedBy(provider)
        .flatMap((stream) => shardsOf(stream, member).map((s) => ledgerName(stream.name, s)))
        .map((name) => (ledgers.getByName(name) as unknown as LedgerPort).arrivals()),
    );
    const last = Math.max(0, ...each.map((arrivals) => arrivals[connection] ?? 0));
    return last === 0 ? null : last;
  };

/** Its own stream, and samples where it has some; of one that is not known any more: all. */
function fedBy(name: string): readonly AnyStream[] {
  const provider = providerNamed(name);
  if (provider === undefined) return Object.values<AnyStream>(streams).filter(isByMember);
  return [streams[provider.stream], ...(provider.samples === undefined ? [] : [streams.samples])];
}

/** What was read for it is known already: of two the later stands. */
export async function noteArrived(store: ConnectionStore, arrived: Arrived): Promise<void> {
  const link = store.get("link");
  const atMs = link === null ? null : await arrived(link);
  if (atMs === null || atMs <= (store.get("received") ?? 0)) return;
  if (store.get("link")?.connection === link?.connection) store.set("received", atMs);
}
