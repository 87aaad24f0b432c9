/** The vault, except that it dies where it is told to (dying.ts). All of it is one place: "vault". */
import type { VaultEnv } from "../../workers/vault/env.ts";
import vault, * as real from "../../workers/vault/index.ts";
import { dying, stepping } from "./dying.ts";

export const AuditLog = stepping(real.AuditLog, "AuditLog", ["append"]);
export const Cards = stepping(real.Cards, "Cards", [], "vault");
export const Connect = stepping(real.Connect, "Connect", [], "vault");
export const Log = stepping(real.Log, "Log", [], "vault");
export const Open = stepping(real.Open, "Open", ["erase"], "vault");
export const Reveal = stepping(real.Reveal, "Reveal", [], "vault");
export const Seal = stepping(real.Seal, "Seal", ["seal", "park", "retract"], "vault");
export const Work = stepping(real.Work, "Work", [], "vault");

export default {
  fetch: vault.fetch,
  scheduled: (controller, env) => vault.scheduled(controller, dying(env, "vault")),
} satisfies ExportedHandler<VaultEnv>;
