/**
 * The vault: every restricted reading, sealed, and a log of who looked. Reached over RPC only; the
 * default export answers nobody and destroys, every hour, sealed objects that lost their row.
 */
import { errorClass, logLine } from "../../kernel/wide-event.ts";
import { type VaultEnv, vaultOf } from "./env.ts";
import { sweepOrphans } from "./sealed-object.ts";

export { Connect } from "./connect.ts";
export { Open } from "./open.ts";
export { Seal } from "./seal.ts";
export { Work } from "./work.ts";

export default {
  fetch: () => new Response(null, { status: 404 }),
  async scheduled(_controller, env) {
    const startedAtMs = Date.now();
    const event = { worker: "vault", event: "sweep" } as const;
    try {
      const items = await sweepOrphans(vaultOf(env), startedAtMs);
      logLine({ ...event, outcome: "ok", items, durationMs: Date.now() - startedAtMs });
    } catch (error) {
      logLine({ ...event, outcome: "failed", error: errorClass(error) });
      throw error;
    }
  },
} satisfies ExportedHandler<VaultEnv>;
