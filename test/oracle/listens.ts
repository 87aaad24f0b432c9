/** A world of listens told to ledgers, and what they publish settled as files. */

import type { ConnectionId } from "../../domain/identity.ts";
import { listens } from "../../domain/listens/stream.ts";
import { bucketOf, ledgerName } from "../../domain/ports.ts";
import { accept, type Origin } from "../../kernel/accept.ts";
import type { Chance } from "./chance.ts";
import { type FileArchive, fileArchive } from "./file-archive.ts";
import type { Delivery, ListensWorld } from "./listens-world.ts";
import { landAndSettle } from "./settling.ts";
import { StreamLedgers } from "./stream-ledgers.ts";

/** Most that comes in one body. */
const bodyMax = 40;

/** Everything of the world, in the order in which it arrives, in bodies of any size. */
export async function toldOf({ deliveries }: ListensWorld, chance: Chance): Promise<StreamLedgers> {
  const ledgers = new StreamLedgers(listens);
  const waiting = new Map<string, Delivery[]>();
  const hand = async (key: string) => {
    const body = waiting.get(key) ?? [];
    waiting.delete(key);
    const [first] = body;
    if (first === undefined) return;
    const drafts = body.map((d) => d.draft);
    await accept(ledgers.ports, listens, originOf(first), drafts, [], () => "");
  };
  for (const delivery of deliveries) {
    const { connection } = delivery.source;
    const body = [...(waiting.get(connection) ?? []), delivery];
    waiting.set(connection, body);
    if (body.length >= chance.whole(1, bodyMax)) await hand(connection);
  }
  for (const key of [...waiting.keys()]) await hand(key);
  return ledgers;
}

const originOf = ({ listener, source }: Delivery): Origin => ({
  ...{ member: listener.id, connection: source.connection as ConnectionId },
  ...{ provider: source.provider, account: source.connection },
});

/** Who is forgotten is so before the night: nothing of theirs is settled. */
export async function settledOf(
  folder: string,
  world: ListensWorld,
  ledgers: StreamLedgers,
  chance: Chance,
  rounds: number,
): Promise<FileArchive> {
  const archive = fileArchive(folder);
  for (const { id, isForgotten } of world.listeners)
    if (isForgotten) archive.index.forget(ledgerName(listens.name, id));
  await landAndSettle(archive, listens, ledgers.changes(), chance, rounds);
  return archive;
}

export const bucketsOf = (world: ListensWorld): ReadonlySet<number> =>
  new Set(world.listeners.map(({ id }) => bucketOf(id, listens.buckets)));
