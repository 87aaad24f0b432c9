/**
 * The vault: every restricted reading, sealed, and the log of who looked. Reached over RPC only; the
 * default export answers nobody and keeps house and epochs every hour (`hourly.ts`).
 */
import { shardsOf, type VaultEnv } from "./env.ts";
import { keepEpochs, keepHouse, rotationCron } from "./hourly.ts";

export { AuditLog } from "../../durable-objects/log.ts";
export { Cards } from "./cards.ts";
export { Connect } from "./connect.ts";
export { Log } from "./log.ts";
export { Open } from "./open.ts";
export { Reveal } from "./reveal.ts";
export { Seal } from "./seal.ts";
export { Work } from "./work.ts";

export default {
  fetch: () => new Response(null, { status: 404 }),
  async scheduled({ cron }, env) {
    const keep = cron === rotationCron ? keepEpochs : keepHouse;
    await keep(shardsOf(env), Date.now);
  },
} satisfies ExportedHandler<VaultEnv>;
