/** The edge worker as it is, with the floor of freshness (floors/freshness.ts) beside its own routes. */
import type { EdgeEnv } from "../workers/edge/env.ts";
import edge from "../workers/edge/index.ts";
import { floorPath, looked } from "./floors/freshness.ts";

export * from "../workers/edge/index.ts";

export default {
  fetch(request, env, ctx) {
    if (new URL(request.url).pathname === floorPath) return looked(env.WAREHOUSE);
    return edge.fetch(request, env, ctx);
  },
  scheduled: edge.scheduled,
} satisfies ExportedHandler<EdgeEnv>;
