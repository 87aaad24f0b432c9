/** The vault as it is deployed, except that everything it is billed for is counted. */
import "./clock.ts";
import "./chance.ts";
import type { VaultEnv } from "../../../workers/vault/env.ts";
import vault, {
  AuditLog as RealAuditLog,
  Cards as RealCards,
  Connect as RealConnect,
  Log as RealLog,
  Open as RealOpen,
  Reveal as RealReveal,
  Seal as RealSeal,
  Work as RealWork,
} from "../../../workers/vault/index.ts";
import { billDoor } from "./door.ts";
import { billedEnv } from "./env.ts";
import { billed } from "./objects.ts";

// biome-ignore lint/suspicious/noExplicitAny: a class may be extended only by such a constructor.
type Entrypoint = new (...of: any[]) => object;

/** All under one name: what they keep in the isolate, they keep by their bindings. */
const counting = <C extends Entrypoint>(Real: C): C =>
  class extends Real {
    // biome-ignore lint/suspicious/noExplicitAny: as above.
    constructor(...of: any[]) {
      const [ctx, env] = of as [object, object];
      super(ctx, billedEnv(env, "vault"));
    }
  };

export const AuditLog = billed(RealAuditLog, "log", "LOG");
export const Cards = counting(RealCards);
export const Connect = counting(RealConnect);
export const Log = counting(RealLog);
export const Open = counting(RealOpen);
export const Reveal = counting(RealReveal);
export const Seal = counting(RealSeal);
export const Work = counting(RealWork);

export default {
  fetch: async (request, env) => (await billDoor(request, env)) ?? vault.fetch(),
  scheduled: (controller, env) => vault.scheduled(controller, billedEnv(env, "vault")),
} satisfies ExportedHandler<VaultEnv>;
