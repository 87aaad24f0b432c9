/** The edge worker: the app, the objects that it hosts, and what it does by itself. */
import { raiseAlerts } from "./alerts.ts";
import { app } from "./app.ts";
import { tellChallenges } from "./challenge-telling.ts";
import type { EdgeEnv } from "./env.ts";
import { portsOf } from "./ports.ts";
import { tellChoices } from "./social.ts";
import { apart, dropExpiredLinks, openClaimed, sweep, tend } from "./sweep.ts";
import { dropPastWeeks } from "./team-sums.ts";

export { Board } from "../../durable-objects/board.ts";
export { BoardLive } from "../../durable-objects/board-live.ts";
export { BoardRoot } from "../../durable-objects/board-root.ts";
export { Connection } from "../../durable-objects/connection.ts";
export { Gate } from "../../durable-objects/gate.ts";
export { Ledger } from "../../durable-objects/ledger.ts";
export { Live } from "../../durable-objects/live.ts";

export default {
  fetch: app.fetch,
  async scheduled(_controller, env) {
    const nowMs = Date.now();
    await Promise.all([
      apart("sweep", () => sweep(env, nowMs)),
      apart("links", () => dropExpiredLinks(env, nowMs)),
      apart("open", () => openClaimed(env, nowMs)),
      apart("choices", () => tellChoices(portsOf(env), nowMs)),
      apart("challenges", () => tellChallenges(portsOf(env))),
      apart("teams", () => dropPastWeeks(env.WAREHOUSE, nowMs)),
      // Alerts say what subscriptions were found to be.
      tend(env).then(() => apart("alerts", () => raiseAlerts(env, nowMs))),
    ]);
  },
} satisfies ExportedHandler<EdgeEnv>;
