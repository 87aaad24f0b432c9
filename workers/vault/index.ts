/**
 * The vault: every restricted reading, sealed, and a log of who looked. Reached over RPC only; the
 * default export answers nobody and keeps house every hour (`hourly.ts`).
 */
import { shardsOf, type VaultEnv } from "./env.ts";
import { keepHouse } from "./hourly.ts";

export { Connect } from "./connect.ts";
export { Open } from "./open.ts";
export { Seal } from "./seal.ts";
export { Work } from "./work.ts";

export default {
  fetch: () => new Response(null, { status: 404 }),
  async scheduled(_controller, env) {
    await keepHouse(shardsOf(env), Date.now);
  },
} satisfies ExportedHandler<VaultEnv>;
