/** A ledger's entries over an object's storage in plain Node, that can be put out of memory. */
import { readFileSync } from "node:fs";
import { type AnyStream, streams } from "../../domain/streams.ts";
import { LedgerState } from "../../durable-objects/ledger-state.ts";
import { LedgerTables } from "../../durable-objects/ledger-store.ts";
import { objectStorage } from "../fakes/object-storage.ts";

const pageTables = readFileSync("migrations/ledger/0005_pages.sql", "utf8");

export interface Awake {
  readonly state: LedgerState;
  readonly tables: LedgerTables;
}

export function asleep(stream: AnyStream = streams.workouts) {
  const disk = objectStorage();
  disk.storage.sql.exec(pageTables);
  const name = `${stream.name}/mem_1`;
  return {
    disk,
    /** As after an eviction: over the same rows, with nothing in memory. */
    wake(): Awake {
      const state = new LedgerState(disk.storage);
      return { state, tables: new LedgerTables(state, { name, stream, shard: "mem_1" }) };
    },
  };
}
