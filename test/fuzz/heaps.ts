/**
 * How much of the runtime's memory its isolates hold, by V8's own count: what the workers keep, and
 * what the emulated platform beside them keeps (databases, buckets, queues). What is resident besides
 * is native: databases' pages, code, and what an allocator has not given back.
 */
import type { System } from "../../local/system.ts";

export interface Heaps {
  readonly workersKiB: number;
  readonly platformKiB: number;
}

/** An isolate, by the inspector's name for it. */
interface Target {
  readonly id: string;
  readonly webSocketDebuggerUrl: string;
}
interface Usage {
  /** Bytes. */
  readonly usedSize: number;
  readonly backingStorageSize: number;
}

const isWorkers = ({ id }: Target): boolean => id.startsWith("core:user:");
/** A runtime that has too much to do to say so is asked again another time. */
const answersWithinMs = 5_000;

/** Null when one of them did not answer in time. */
export async function heapsOf({ runtime }: Pick<System, "runtime">): Promise<Heaps | null> {
  const { host } = await runtime.mf.getInspectorURL();
  const signal = AbortSignal.timeout(answersWithinMs);
  const listed = await fetch(`http://${host}/json`, { signal }).catch(() => null);
  if (listed === null) return null;
  const targets = (await listed.json()) as Target[];
  const used = await Promise.all(targets.map(usageOf));
  const sums = { workersKiB: 0, platformKiB: 0 };
  for (const [n, target] of targets.entries()) {
    const usage = used[n] ?? null;
    if (usage === null) return null;
    const kiB = (usage.usedSize + usage.backingStorageSize) / 1024;
    sums[isWorkers(target) ? "workersKiB" : "platformKiB"] += kiB;
  }
  return sums;
}

function usageOf({ webSocketDebuggerUrl }: Target): Promise<Usage | null> {
  const socket = new WebSocket(webSocketDebuggerUrl);
  return new Promise((resolve) => {
    const end = (usage: Usage | null) => {
      clearTimeout(timer);
      socket.close();
      resolve(usage);
    };
    const timer = setTimeout(() => end(null), answersWithinMs);
    socket.onerror = () => end(null);
    socket.onopen = () => socket.send(JSON.stringify({ id: 1, method: "Runtime.getHeapUsage" }));
    socket.onmessage = ({ data }) => {
      const { id, result } = JSON.parse(String(data));
      if (id === 1) end(result ?? null);
    };
  });
}
