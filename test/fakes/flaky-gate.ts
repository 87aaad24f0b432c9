/**
 * The edge worker, except that the clock of its gates can be turned ahead: a breaker waits five minutes
 * before it tries again, and nobody else is to wait with it.
 */
import { Gate as RealGate } from "../../durable-objects/gate.ts";
import type { EdgeEnv } from "../../workers/edge/env.ts";
import edge from "../../workers/edge/index.ts";

export { Board } from "../../durable-objects/board.ts";
export { BoardLive } from "../../durable-objects/board-live.ts";
export { BoardRoot } from "../../durable-objects/board-root.ts";
export { Connection } from "../../durable-objects/connection.ts";
export { Ledger } from "../../durable-objects/ledger.ts";

let aheadMs = 0;
const now = Date.now;

/** What a gate does, it does before it returns: the clock is turned for that long. */
function turned<T>(does: () => T): T {
  Date.now = () => now() + aheadMs;
  try {
    return does();
  } finally {
    Date.now = now;
  }
}

export class Gate extends RealGate {
  override lease(ask: Parameters<RealGate["lease"]>[0]) {
    return turned(() => super.lease(ask));
  }
  override report(report: Parameters<RealGate["report"]>[0]) {
    return turned(() => super.report(report));
  }
  override status() {
    return turned(() => super.status());
  }
}

export default {
  async fetch(request, env, ctx) {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname !== "/v1/ahead") return edge.fetch(request, env, ctx);
    aheadMs = Number(searchParams.get("ms"));
    return new Response();
  },
  scheduled: edge.scheduled,
} satisfies ExportedHandler<EdgeEnv>;
