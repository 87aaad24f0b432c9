/**
 * A worker's bindings, each counting what goes through it. A binding of a kind that nobody counts is
 * refused: the bill would leave it out.
 */
import { billedBucket } from "./buckets.ts";
import { anybody, type Busy, tally } from "./counters.ts";
import { BilledDatabase } from "./databases.ts";
import { BilledQueue } from "./queues.ts";

/** What a binding is called on the bill, besides its own name. */
const parts: readonly (readonly [RegExp, string])[] = [
  [/^PHI_\d+$/, "D1 readings"],
  [/^KEYS_\d+$/, "D1 keys"],
  [/^DIRECTORY$/, "D1 directory"],
  [/^WAREHOUSE$/, "D1 warehouse"],
  [/^ARCHIVE$/, "R2 archive"],
  [/^SEALED$/, "R2 sealed"],
  [/^KEYRING$/, "R2 keyring"],
  [/^LOG_(TILES|ENTRIES)$/, "R2 log"],
  [/^BOARDS$/, "R2 boards"],
  [/^SNAPSHOTS$/, "R2 snapshots"],
];
const partOf = (binding: string): string =>
  parts.find(([pattern]) => pattern.test(binding))?.[1] ??
  binding.toLowerCase().replaceAll("_", "-");

type AnyMethods = Record<string, (...of: unknown[]) => unknown>;

/** Each call is counted if it has a unit, and is under way until it has answered. */
function called(real: object, busy: Busy, count: (method: string) => void): unknown {
  return new Proxy(real, {
    get(of, name) {
      const method = (of as AnyMethods)[name as string];
      if (typeof method !== "function" || typeof name !== "string" || name === "then")
        return method;
      return (...args: unknown[]) => {
        count(name);
        // Called on the stub itself: it answers to any name.
        return busy.during(() => (of as AnyMethods)[name]?.(...args) as Promise<unknown>);
      };
    },
  });
}

const stubMakers: readonly string[] = ["get", "getByName", "getExisting"];

function billedNamespace(real: object, part: string, by: string, busy: Busy): unknown {
  return new Proxy(real, {
    get(of, name) {
      const method = (of as AnyMethods)[name as string];
      if (typeof method !== "function") return method;
      return (...args: unknown[]) => {
        const made = method.apply(of, args);
        return stubMakers.includes(name as string)
          ? called(made as object, busy, (call) =>
              tally.add(part, "object requests", 1, `${call} by ${by}`),
            )
          : made;
      };
    },
  });
}

function billedMeter(real: object, part: string): unknown {
  return {
    writeDataPoint(point: unknown) {
      tally.add(part, "analytics points", 1);
      (real as AnyMethods).writeDataPoint?.(point);
    },
  };
}

/** By the class of the platform's own binding. A service answers to any name, so it is not asked. */
function billedBinding(name: string, real: object, by: string, busy: Busy): unknown {
  const kind: string = Object.getPrototypeOf(real)?.constructor?.name ?? "";
  const part = partOf(name);
  switch (kind) {
    case "D1Database":
      return new BilledDatabase(real as D1Database, `${part} (${by})`, busy);
    case "R2Bucket":
      return billedBucket(real, `${part} (${by})`, busy);
    case "DurableObjectNamespace":
    case "LoopbackDurableObjectNamespace":
      return billedNamespace(real, part, by, busy);
    case "WorkerQueue":
    case "Queue":
      return new BilledQueue(name.toLowerCase(), by);
    case "Fetcher":
      return called(real, busy, () => {});
    default:
      if (typeof (real as AnyMethods).writeDataPoint === "function") return billedMeter(real, part);
      throw new Error(`the bill knows no binding of the kind ${kind} (${name})`);
  }
}

const made = new Map<string, WeakMap<object, unknown>>();

/** The same one each time for the same `by`, as a worker's own bindings are. */
export function billedEnv<E extends object>(env: E, by: string, busy: Busy = anybody): E {
  return new Proxy(env, {
    get(of, name) {
      const real: unknown = Reflect.get(of, name);
      if (typeof real !== "object" || real === null || typeof name !== "string") return real;
      if (busy !== anybody) return billedBinding(name, real, by, busy);
      const known = made.get(by) ?? new WeakMap<object, unknown>();
      made.set(by, known);
      if (!known.has(real)) known.set(real, billedBinding(name, real, by, busy));
      return known.get(real);
    },
  });
}
