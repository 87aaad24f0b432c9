/** The edge worker: the app, the objects that it hosts, and the sweep over silent ledgers. */
import { app } from "./app.ts";
import type { EdgeEnv } from "./env.ts";
import { sweep } from "./sweep.ts";

export { Board } from "../../durable-objects/board.ts";
export { Connection } from "../../durable-objects/connection.ts";
export { Ledger } from "../../durable-objects/ledger.ts";

export default {
  fetch: app.fetch,
  async scheduled(_controller, env) {
    await sweep(env, Date.now());
  },
} satisfies ExportedHandler<EdgeEnv>;
