/** The edge as it is deployed, except that everything it is billed for is counted. */
import "./clock.ts";
import "./chance.ts";
import { Board as RealBoard } from "../../../durable-objects/board.ts";
import { BoardLive as RealBoardLive } from "../../../durable-objects/board-live.ts";
import { BoardRoot as RealBoardRoot } from "../../../durable-objects/board-root.ts";
import { Connection as RealConnection } from "../../../durable-objects/connection.ts";
import { Gate as RealGate } from "../../../durable-objects/gate.ts";
import { Ledger as RealLedger } from "../../../durable-objects/ledger.ts";
import { Live as RealLive } from "../../../durable-objects/live.ts";
import type { EdgeEnv } from "../../../workers/edge/env.ts";
import edge from "../../../workers/edge/index.ts";
import { requestCame } from "./clock.ts";
import { tally } from "./counters.ts";
import { billDoor } from "./door.ts";
import { billedEnv } from "./env.ts";
import { billed } from "./objects.ts";

export const Board = billed(RealBoard, "board", "BOARD");
export const BoardLive = billed(RealBoardLive, "board-live", "BOARD_LIVE");
export const BoardRoot = billed(RealBoardRoot, "board-root", "BOARD_ROOT");
export const Connection = billed(RealConnection, "connection", "CONNECTION");
export const Gate = billed(RealGate, "gate", "GATE");
export const Ledger = billed(RealLedger, "ledger", "LEDGER");
export const Live = billed(RealLive, "live", "LIVE");

export default {
  async fetch(request, env, ctx) {
    const answered = await billDoor(request, env);
    if (answered !== null) return answered;
    requestCame();
    tally.add("edge", "worker requests", 1, request.method);
    return edge.fetch(request, billedEnv(env, "edge"), ctx);
  },
  scheduled: (controller, env) => edge.scheduled(controller, billedEnv(env, "sweep")),
} satisfies ExportedHandler<EdgeEnv>;
