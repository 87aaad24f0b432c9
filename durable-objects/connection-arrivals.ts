/**
 * When data last came by itself. It goes past the connection, from the edge to the ledgers, and they
 * know; here it is asked for where it matters: before a silence is acted upon, and when somebody
 * looks. So a record that arrives costs its connection nothing.
 */
import { type ConnectionLink, type LedgerPort, ledgerName } from "../domain/ports.ts";
import { streams } from "../domain/streams.ts";
import type { Instant } from "../domain/time.ts";
import type { ConnectionStore } from "./connection-store.ts";

/** Null: nothing ever came by it. */
export type Arrived = (link: ConnectionLink) => Promise<Instant | null>;

/** Of all the streams that a member has a ledger of. */
export const arrivedIn =
  (ledgers: DurableObjectNamespace): Arrived =>
  async ({ member, connection }) => {
    const each = await Promise.all(
      Object.values(streams).map((stream) => {
        const ledger = ledgers.getByName(ledgerName(stream.name, member));
        return (ledger as unknown as LedgerPort).arrivals();
      }),
    );
    const last = Math.max(...each.map((arrivals) => arrivals[connection] ?? 0));
    return last === 0 ? null : last;
  };

/** What was read for it is known already: of two the later stands. */
export async function noteArrived(store: ConnectionStore, arrived: Arrived): Promise<void> {
  const link = store.get("link");
  const atMs = link === null ? null : await arrived(link);
  if (atMs === null || atMs <= (store.get("received") ?? 0)) return;
  if (store.get("link")?.connection === link?.connection) store.set("received", atMs);
}
