/** The edge worker, except that it dies where it is told to (dying.ts) and shows what ledgers hold. */
import { Board as RealBoard } from "../../durable-objects/board.ts";
import { Ledger as RealLedger } from "../../durable-objects/ledger.ts";
import type { EdgeEnv } from "../../workers/edge/env.ts";
import edge from "../../workers/edge/index.ts";
import { shown } from "../fakes/ledger-shown.ts";
import { dying, stepping } from "./dying.ts";
import type { Held } from "./held.ts";

export { BoardLive } from "../../durable-objects/board-live.ts";
export { BoardRoot } from "../../durable-objects/board-root.ts";
export { Connection } from "../../durable-objects/connection.ts";
export { Gate } from "../../durable-objects/gate.ts";
export { Live } from "../../durable-objects/live.ts";

export const Board = stepping(RealBoard, "Board", ["put"]);

/** Publishing is nobody else's to call, so it is wrapped by its name. */
const publish = "publish" as keyof RealLedger & string;
const steps = ["record", "number", "remember", "confirm", "forget", publish] as const;

export class Ledger extends stepping(RealLedger, "Ledger", steps) {
  async held(): Promise<Held> {
    const { facts, changes, retractions, isDue } = shown(this.state, this.tables);
    const waiting = changes.length + retractions.length + (isDue ? 1 : 0);
    return { facts: facts as Held["facts"], waiting };
  }
}

export default {
  async fetch(request, env, ctx) {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname !== "/__held") return edge.fetch(request, dying(env, "edge"), ctx);
    const ledger = env.LEDGER.getByName(searchParams.get("ledger") ?? "") as unknown as Ledger;
    return Response.json(await ledger.held());
  },
  scheduled: (controller, env) => edge.scheduled(controller, dying(env, "edge")),
} satisfies ExportedHandler<EdgeEnv>;
