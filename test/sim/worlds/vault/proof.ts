/**
 * What is proved of a world that has come to rest, from what lies in its stores alone: every look
 * stands in the log, every row reads as it was said last, of the erased nothing is left, nothing was
 * ever written in the open, and the log is the one tree that each of its checkpoints says.
 */
import type { MemberId } from "../../../../domain/identity.ts";
import { read } from "../../../../workers/vault/readings.ts";
import { rotateEpoch } from "../../../../workers/vault/rotation.ts";
import { chanceOf } from "../../../oracle/chance.ts";
import { canaryOf, columnsRead, wholeRead } from "./acts.ts";
import { nameOf } from "./oracle.ts";
import { logNames } from "./stores.ts";
import { cardNumbers } from "./tokens.ts";
import { proveTree } from "./tree.ts";
import { trials } from "./trials.ts";
import type { VaultWorld } from "./vault-world.ts";

const stepsMax = 30;
const rowsPerStep = 1_000;

export async function prove(world: VaultWorld): Promise<void> {
  const { oracle } = world;
  for (const { id } of world.context.members) {
    if (oracle.gone.has(id)) proveGone(world, id);
    else await proveRows(world, id);
  }
  await proveRotation(world);
  for (const name of logNames) {
    await world.stores.log.getByName(name).publish();
    proveTree(world.oracle, world.stores, name, "whole");
  }
  proveEntries(world);
  world.stores.log.crash();
  proveSealed(world);
  for (const trial of trials) await trial(world, chanceOf(world.context.seed));
}

/** Every row reads as what was said last of it, and what was taken back reads as nothing. */
async function proveRows(world: VaultWorld, id: MemberId): Promise<void> {
  const { oracle } = world;
  const own = { id, member: id, roles: ["member"] } as const;
  const [due, rows] = [oracle.finally(id), [...(world.rows.get(id) ?? [])]];
  const vault = await world.vaultOf(id, world.fresh());
  const seen = new Map<string, string>();
  for (const column of columnsRead) {
    const answer = await read(vault, own, wholeRead(id, column, rows), world.now);
    if ("refused" in answer)
      return oracle.accuse(`${id} may not read their own: ${answer.refused}`);
    for (const { row, value } of answer.readings) seen.set(nameOf(row, column), value);
  }
  for (const [name, texts] of due) {
    const [, column = ""] = JSON.parse(name) as string[];
    if (!(columnsRead as readonly string[]).includes(column)) continue;
    const is = seen.get(name);
    if (is === undefined) oracle.accuse(`${name} of ${id} is lost`);
    else if (!texts.has(is)) oracle.accuse(`${name} of ${id} is not what was said last`);
  }
  for (const name of seen.keys())
    if (!due.has(name)) oracle.accuse(`${name} of ${id} is there and was taken back`);
}

const goneTables = ["sealed", "parked", "consent", "share", "card", "card_holder", "break_glass"];

function proveGone({ oracle, stores }: VaultWorld, member: string): void {
  const { phi, keys } = stores;
  const count = (database: typeof phi, table: string) =>
    database.raw.prepare(`SELECT count(*) AS n FROM ${table} WHERE member = ?`).get(member)?.n;
  for (const table of goneTables)
    if (count(phi, table) !== 0) oracle.accuse(`${table} of ${member} outlived their erasure`);
  for (const table of ["member_key", "data_key"])
    if (count(keys, table) !== 0) oracle.accuse(`a ${table} of ${member} outlived their erasure`);
}

/** Whatever was killed half-way ends. */
async function proveRotation(world: VaultWorld): Promise<void> {
  const { shards } = world.fresh();
  for (let step = 0; step < stepsMax; step++)
    if ((await rotateEpoch(shards, world.now(), rowsPerStep)).done) return;
  world.oracle.accuse("a rotation does not end");
}

interface Entry {
  readonly deed?: string;
  readonly actor?: string;
  readonly member?: string;
  readonly columns?: readonly string[];
  readonly closes?: number;
  readonly outcome: string;
  readonly rows: number;
}
const entriesOf = ({ stores: { log } }: VaultWorld, name: string): Entry[] =>
  log.rows(name, "SELECT text FROM entry ORDER BY idx").map(({ text }) => JSON.parse(String(text)));

/** Each look that was answered has an entry of its own, closed as permitted with as many rows. */
function proveEntries(world: VaultWorld): void {
  const { oracle } = world;
  const logs = logNames.map((name) => entriesOf(world, name));
  const taken = new Set<string>();
  const pseudonyms = new Map<string, string>();
  for (const { place, member, deed, actor, columns, rows } of world.answered) {
    const entries = logs[place.log] ?? [];
    const entry = entries[place.index];
    const what = `${deed} of ${member}`;
    if (taken.has(nameOf(`${place.log}`, `${place.index}`)))
      oracle.accuse(`two looks share one entry: ${what}`);
    taken.add(nameOf(`${place.log}`, `${place.index}`));
    const known = pseudonyms.get(member) ?? entry?.member ?? "";
    pseudonyms.set(member, known);
    const isIt =
      entry?.deed === deed &&
      (entry.member ?? "") !== "" &&
      entry.member === known &&
      entry.actor === (actor ?? known) &&
      `${entry.columns}` === `${columns}`;
    if (!isIt) oracle.accuse(`${what} was answered without its entry`);
    const closings = entries.filter(({ closes }) => closes === place.index);
    const [closing] = closings;
    if (closings.length !== 1 || closing?.outcome !== "permitted" || closing.rows !== rows)
      oracle.accuse(`${what} was answered and its entry does not say so`);
  }
}

/** In no byte of any store, nor in a name. */
function proveSealed(world: VaultWorld): void {
  const { stores } = world;
  const buckets = [stores.keyring, stores.sealed, stores.tiles, stores.entries];
  const databases = [stores.directory, stores.phi, stores.keys];
  const bytes = [
    ...databases.map((database) => database.raw.serialize()),
    ...buckets.flatMap(({ objects }) =>
      [...objects].flatMap(([key, { bytes, customMetadata }]) => [
        bytes,
        Buffer.from(JSON.stringify([key, customMetadata])),
      ]),
    ),
    ...logNames.map((name) => stores.log.snapshot(name)),
  ];
  const canaries = [canaryOf(world.context.seed), ...cardNumbers];
  for (const part of bytes) {
    const stored = Buffer.from(part.buffer, part.byteOffset, part.length);
    for (const canary of canaries)
      if (stored.includes(canary))
        world.oracle.accuse("something restricted is stored in the open");
  }
}
