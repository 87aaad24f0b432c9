/**
 * What is done to a world's stores once all else is proved, by somebody who has them: nothing may
 * open, and nothing false may be said. A world goes through it last, as it may not recover.
 */
import type { MemberId } from "../../../../domain/identity.ts";
import type { OrRefusal, ReadAnswer } from "../../../../domain/ports.ts";
import type { Actor } from "../../../../workers/vault/principal.ts";
import { read } from "../../../../workers/vault/readings.ts";
import { restoreShard } from "../../../../workers/vault/restore.ts";
import type { Chance } from "../../../oracle/chance.ts";
import { coach, columnsRead, wholeRead } from "./acts.ts";
import { forGood } from "./oracle.ts";
import { logNames } from "./stores.ts";
import { proveTree } from "./tree.ts";
import type { Isolate, VaultWorld } from "./vault-world.ts";

const restoredIn100 = 60;
const restoreStepsMax = 200;

type Trial = (world: VaultWorld, chance: Chance) => Promise<void>;

const living = ({ context, oracle }: VaultWorld): MemberId[] =>
  context.members.flatMap(({ id }) => (oracle.gone.has(id) ? [] : [id]));

/** Null: it did not answer at all. */
async function ownRead(
  world: VaultWorld,
  id: MemberId,
  column: string,
  isolate: Isolate,
  by: Actor = { id, member: id, roles: ["member"] },
): Promise<OrRefusal<ReadAnswer> | null> {
  const rows = [...(world.rows.get(id) ?? [])].sort();
  try {
    return await read(await world.vaultOf(id, isolate), by, wholeRead(id, column, rows), world.now);
  } catch {
    return null;
  }
}

const readingsIn = (answer: OrRefusal<ReadAnswer> | null): number =>
  answer === null || "refused" in answer ? 0 : answer.readings.length;

interface Cell {
  readonly rowid: number;
  readonly member: string;
  readonly group_name: string;
  readonly row_id: string;
  readonly body: Uint8Array | null;
}

/** A sealed value lies in another place: of another row, another column or another member. */
const moved: Trial = async (world, chance) => {
  const { raw } = world.stores.phi;
  const cells = raw
    .prepare("SELECT member, group_name, row_id, body FROM sealed WHERE body IS NOT NULL")
    .all() as unknown as Cell[];
  const readable = cells.filter(({ group_name }) => ["heart_rate", "track"].includes(group_name));
  const [to] = chance.shuffled(readable);
  const from = chance.shuffled(cells).find(({ body }) => body !== to?.body);
  if (to === undefined || from === undefined || world.oracle.gone.has(to.member)) return;
  const put = raw.prepare(
    "UPDATE sealed SET body = ? WHERE member = ? AND row_id = ? AND group_name = ?",
  );
  const place = [to.member, to.row_id, to.group_name] as const;
  put.run(from.body, ...place);
  const answer = await ownRead(world, to.member as MemberId, to.group_name, world.fresh());
  const isShown =
    answer !== null &&
    !("refused" in answer) &&
    answer.readings.some(({ row }) => row === to.row_id);
  if (isShown) world.oracle.accuse("what was sealed for another place opened");
  put.run(to.body, ...place);
};

/** Another root key, or epochs that are gone: nothing opens, and nothing is made up for it. */
const keyless: Trial = async (world, chance) => {
  const [id] = chance.shuffled(living(world));
  if (id === undefined) return;
  const column = chance.pick(columnsRead);
  const other = { ROOT_KEY: Buffer.from(world.stores.random(32)).toString("base64") };
  if (readingsIn(await ownRead(world, id, column, world.fresh(other))) > 0)
    world.oracle.accuse("another root key opened what was sealed");
  const kept = world.stores.keyring.snapshot();
  for (const key of kept.keys())
    if (key.startsWith("epoch/")) world.stores.keyring.objects.delete(key);
  if (readingsIn(await ownRead(world, id, column, world.fresh())) > 0)
    world.oracle.accuse("without its epoch what was sealed opened");
  world.stores.keyring.restore(kept);
};

/** One bit of what the log has published is another: it may fall silent, and signs nothing false. */
const flipped: Trial = async (world, chance) => {
  const name = chance.pick(logNames);
  const tiles = [...world.stores.tiles.objects].filter(([key]) => key.startsWith(`${name}/tile/`));
  if (tiles.length === 0) return;
  const [key, tile] = chance.pick(tiles);
  const bytes = tile.bytes.slice();
  const at = chance.whole(0, bytes.length - 1);
  bytes[at] = (bytes[at] ?? 0) ^ (1 << chance.whole(0, 7));
  world.stores.tiles.objects.set(key, { ...tile, bytes });
  world.stores.log.crash();
  const [id] = living(world);
  if (id !== undefined) await ownRead(world, id, "notes", world.fresh());
  await world.stores.log
    .getByName(name)
    .publish()
    .catch(() => null);
  proveTree(world.oracle, world.stores, name, "so far");
  world.stores.tiles.objects.set(key, tile);
};

/**
 * The databases are put back as they were some time ago. What was erased or revoked since opens for
 * nobody, before the shard is made whole and after. What was granted, sealed or taken back by a source
 * since is lost with the databases, and said again by those who know it; that is not judged here.
 */
const restored: Trial = async (world, chance) => {
  const { copy, oracle } = world;
  const { phi, keys } = world.stores;
  if (copy === null || !chance.in100(restoredIn100)) return;
  phi.restore(copy.phi);
  keys.restore(copy.keys);
  await looksAtErased(world, "before");
  const { shards } = world.fresh();
  const vault = shards.all[0];
  if (vault === undefined) throw new Error("no shard");
  let isDone = false;
  for (let step = 0; step < restoreStepsMax && !isDone; step++)
    isDone = (await restoreShard(shards, vault, world.settledMs())).done;
  if (!isDone) oracle.accuse("a restore does not end");
  await looksAtErased(world, "after");
};

async function looksAtErased(world: VaultWorld, when: "before" | "after"): Promise<void> {
  const { oracle } = world;
  const isolate = world.fresh();
  for (const { id } of world.context.members) {
    const rows = [...(world.rows.get(id) ?? [])];
    const gone = oracle.goneNow(id, rows);
    for (const by of [{ id, member: id, roles: ["member"] }, coach]) {
      const request = wholeRead(id, columnsRead[0], rows);
      const isDue = oracle.stands(by, request);
      const answer = await ownRead(world, id, columnsRead[0], isolate, by as never);
      if (answer === null && when === "after")
        oracle.accuse(`${id} cannot be read after a restore`);
      if (answer === null || "refused" in answer) continue;
      if (!isDue(world.now())) oracle.accuse(`${by.id} was shown ${id} ${when} a restore`);
      for (const { row } of answer.readings)
        if (gone.get(row) === forGood) oracle.accuse(`${row} of ${id} opened ${when} a restore`);
    }
  }
}

export const trials: readonly Trial[] = [moved, keyless, flipped, restored];
