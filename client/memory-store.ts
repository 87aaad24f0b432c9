/** A store for programs that can begin anew: it forgets when they end. */
import type { Batch } from "./sync-body.ts";
import type { BatchStore } from "./sync-queue.ts";

export function memoryStore(): BatchStore {
  const batches = new Map<string, Batch>();
  return {
    async put(batch) {
      if (!batches.has(batch.key)) batches.set(batch.key, batch);
    },
    async next() {
      return batches.values().next().value ?? null;
    },
    async remove(key) {
      batches.delete(key);
    },
  };
}
