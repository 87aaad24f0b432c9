/**
 * The edge worker, except that calls of the boards' objects and requests are counted; `/__counts`
 * says how many there were since it was last asked.
 */
import type { EdgeEnv } from "../workers/edge/env.ts";
import edge from "../workers/edge/index.ts";
import type { Counts } from "./polls-counts.ts";

export * from "../workers/edge/index.ts";

let calls = 0;
let requests = 0;
/** One for as long as the worker lives, as the platform's own is. */
let counting: EdgeEnv | null = null;

const countingEnv = (env: EdgeEnv): EdgeEnv => ({
  ...env,
  BOARD: counted(env.BOARD),
  BOARD_ROOT: counted(env.BOARD_ROOT),
});

const counted = (objects: DurableObjectNamespace): DurableObjectNamespace =>
  new Proxy(objects, {
    get(of, name) {
      if (name !== "getByName") return Reflect.get(of, name, of);
      return (id: string) =>
        new Proxy(of.getByName(id), {
          get(stub, method) {
            return (...args: unknown[]) => {
              calls++;
              // biome-ignore lint/suspicious/noExplicitAny: a stub answers to any method name.
              return (stub as any)[method](...args);
            };
          },
        });
    },
  });

export default {
  async fetch(request, env, ctx) {
    if (new URL(request.url).pathname === "/__counts") {
      const counts: Counts = { calls, requests };
      [calls, requests] = [0, 0];
      return Response.json(counts);
    }
    requests++;
    counting ??= countingEnv(env);
    return edge.fetch(request, counting, ctx);
  },
  scheduled: edge.scheduled,
} satisfies ExportedHandler<EdgeEnv>;
