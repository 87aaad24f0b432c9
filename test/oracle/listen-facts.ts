/** Listens of one member as one source each states them, and a ledger that is told of them. */
import type { ConnectionId, FactId, MemberId } from "../../domain/identity.ts";
import { contentRevision, nameKey } from "../../domain/listens/names.ts";
import type { ListenFact } from "../../domain/listens/schema.ts";
import { listens } from "../../domain/listens/stream.ts";
import type { OpenStatement } from "../../domain/ports.ts";
import { noSettings } from "../../domain/settings.ts";
import { record } from "../../kernel/record.ts";
import { MemoryStore } from "../kernel/memory-store.ts";

export interface Said extends Omit<Partial<ListenFact>, "id" | "connection"> {
  readonly id: string;
  readonly at: number;
  readonly connection?: string;
}

/** What is not said: one and the same track, told by a source whose clock shows seconds. */
export function listen({ id, connection = "one", ...said }: Said): ListenFact {
  const { artist = "Ada", track = "Engine" } = said;
  const content = {
    ...{ artist, track, artistKey: nameKey(artist), trackKey: nameKey(track), release: null },
    ...{ recording: null, durationMs: null, playedMs: null, territory: "ZZ", precisionMs: 1000 },
    ...said,
  };
  return {
    ...{
      revision: contentRevision(content),
      member: "mem_1" as MemberId,
      provider: "listenbrainz",
    },
    ...{ id: id as FactId, connection: connection as ConnectionId },
    ...content,
  };
}

/** A source told these, batch after batch. */
export function told(batches: readonly (readonly OpenStatement[])[]): MemoryStore {
  const store = new MemoryStore();
  for (const batch of batches) record(store, listens, noSettings, batch);
  return store;
}
