/** The edge worker, and a door by which a test tells an object of what is watched, as ledgers do. */
import { type LivePort, type LiveRow, liveName } from "../../domain/ports.ts";
import type { EdgeEnv } from "../../workers/edge/env.ts";
import edge from "../../workers/edge/index.ts";

export * from "../../workers/edge/index.ts";

interface Told {
  readonly stream: string;
  readonly watch: string;
  readonly rows: readonly LiveRow[];
}

export default {
  ...edge,
  async fetch(request, env, ctx) {
    if (new URL(request.url).pathname !== "/v1/test/live") return edge.fetch(request, env, ctx);
    const { stream, watch, rows } = await request.json<Told>();
    const object = env.LIVE.getByName(liveName(stream, watch)) as unknown as LivePort;
    await object.put(stream, rows);
    return new Response(null, { status: 204 });
  },
} satisfies ExportedHandler<EdgeEnv>;
