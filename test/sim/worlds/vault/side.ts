/** The vault's half of a simulated world: its port, its acts, and what is proved of it at the end. */
import { eraseScope } from "../../../../workers/vault/erasure.ts";
import { parkItems } from "../../../../workers/vault/parked-store.ts";
import type { VaultSide, WorldContext } from "../side.ts";
import { actsOf, begin } from "./acts.ts";
import { doingDeed } from "./hearing.ts";
import { prove } from "./proof.ts";
import { tokenActs } from "./tokens.ts";
import { VaultWorld } from "./vault-world.ts";

export async function vaultSide(context: WorldContext): Promise<VaultSide> {
  const world = await VaultWorld.make(context);
  await begin(world, context.chance);
  world.trouble();
  return {
    seal: {
      seal: (member, connection, rows) => world.seal(member, connection, rows),
      retract: (member, rows) => world.retract(member, rows),
      park: (items) => parkItems(world.isolate().shards, items, world.now()),
      async isErasing(member) {
        const { phi } = await world.vaultOf(member);
        const sql = "SELECT 1 FROM member WHERE id = ? AND lease IS NOT NULL";
        return (await phi.prepare(sql).bind(member).first()) !== null;
      },
    },
    acts: actsOf(world, tokenActs),
    erase: (member, scope) =>
      doingDeed(
        scope.kind === "member" ? { kind: "erase", member } : { kind: "other" },
        async () => {
          const vault = await world.vaultOf(member);
          await eraseScope(vault, member, scope, world.now());
          if (scope.kind === "member") world.oracle.erased(member);
          if (scope.kind === "connection") world.oracle.ended(member, scope.connection);
        },
      ),
    crash: () => world.crash(),
    settle: () => world.settle(),
    async violations() {
      await prove(world);
      world.stores.close();
      return world.oracle.wrong;
    },
  };
}
