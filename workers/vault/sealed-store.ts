/**
 * Writing sealed rows. Every write is one guarded statement: it lands only while the member lives
 * under the key it was sealed with, the connection has not ended, nothing in it is retracted, and
 * the group is still the one it was merged with. So writing again, late or twice changes nothing,
 * and who is erased gains nothing.
 */
import type { SealedRow, SealOutcome } from "../../domain/ports.ts";
import type { Retraction } from "../../domain/stream.ts";
import { ownConnection } from "./cell.ts";
import type { Vault } from "./env.ts";
import { wordsGroup } from "./groups.ts";
import { Restored } from "./journal.ts";
import type { Generation } from "./keyring.ts";
import {
  type HeldGroup,
  KeyReplaced,
  keysThere,
  type Merged,
  merge,
  type Said,
  saidBy,
  type Under,
} from "./sealed-merge.ts";
import { tidyObjects } from "./sealed-object.ts";
import { nameOf, ownGroupsOf, placed } from "./sealed-place.ts";
import { type Beside, versionAfter, type Write, writeEach } from "./sealed-write.ts";

export type { Under } from "./sealed-merge.ts";

const groupsPerBatchMax = 100;
const charsPerBatchMax = 1_048_576;
/** Of what is sealed before it is known whether it is new: none of it may have to go to an object. */
const newCharsMax = 32_768;
/** Of as many writers to one group at once, each lands. */
const racesMax = 16;
/** While a member's key is being replaced, no new data key is made: looked up again so often. */
const lookupsMax = 8;

/** The key to seal with; null when the member is unknown or erased, or the connection has ended. */
export async function underKey(
  vault: Vault,
  member: string,
  connection: string,
  nowMs: number,
): Promise<Under | null> {
  return (await lookUp(vault, member, connection, [], nowMs))?.under ?? null;
}

export async function sealRows(
  vault: Vault,
  member: string,
  connection: string,
  rows: readonly SealedRow[],
  nowMs: number,
): Promise<SealOutcome> {
  for (const said of chunked(saidBy(rows)))
    if ((await sealSaid(vault, member, connection, said, nowMs)) === "forgotten")
      return "forgotten";
  return "sealed";
}

/**
 * What is said is mostly new, and of a connection whose key was used a moment ago: then one guarded
 * batch writes it where nothing lies yet, and only what that leaves goes the whole way.
 *
 * 1. what is there is read, the key is found or made  nothing is kept yet
 * 2. large values are written as objects, listed      listed objects that the sweep destroys
 * 3. one batch writes the groups, each guarded        durable; said again, it writes nothing
 * 4. objects that lost their row are destroyed        the sweep destroys them
 * 5. what another writer came before with starts over, a bounded number of times; then it throws,
 *    and saying it again is safe
 */
async function sealSaid(
  vault: Vault,
  member: string,
  connection: string,
  said: readonly Said[],
  nowMs: number,
): Promise<SealOutcome> {
  let left = await sealNew(vault, member, connection, said, nowMs);
  if (left.length === 0) return "sealed";
  for (let race = 0; race < racesMax; race++) {
    const look = await lookUp(vault, member, connection, left, nowMs);
    if (look === null) return "forgotten";
    left = placed(left, look.held);
    const merged = await mergeAll(vault, look, left, nowMs).catch(orNullIfReplaced);
    if (merged === null) continue;
    const changed = merged.filter((one) => one !== null);
    left = changed.length === 0 ? [] : await write(vault, look, changed, nowMs);
    vault.keyring.remember(look.under, nowMs);
    if (left.length === 0) return "sealed";
  }
  throw new Error("others kept writing to the same rows");
}

/** As if nothing lay there; returns what did not land, and what is not tried so. */
async function sealNew(
  vault: Vault,
  member: string,
  connection: string,
  said: readonly Said[],
  nowMs: number,
): Promise<readonly Said[]> {
  const under = vault.keyring.remembered(member, connection, nowMs);
  if (under === null || connection === ownConnection || charsOf(said) > newCharsMax) return said;
  const nothing: Look = { under, held: new Map(), retracted: new Map() };
  const asNew = placed(said, nothing.held);
  const merged = await mergeAll(vault, nothing, asNew, nowMs);
  const fresh = merged.filter((one) => one !== null);
  const untried = asNew.filter((_, i) => merged[i] === null);
  return [...untried, ...(await write(vault, nothing, fresh, nowMs))];
}

const mergeAll = (
  vault: Vault,
  { under, held, retracted }: Look,
  said: readonly Said[],
  nowMs: number,
): Promise<(Merged | null)[]> =>
  Promise.all(
    said.map((one) =>
      merge(
        vault,
        under,
        one,
        held.get(nameOf(one.row, one.group)),
        retracted.get(one.row) ?? Number.NEGATIVE_INFINITY,
        nowMs,
      ),
    ),
  );

function orNullIfReplaced(error: unknown): null {
  if (error instanceof KeyReplaced) return null;
  throw error;
}

const charsOf = (said: readonly Said[]): number =>
  said
    .flatMap(({ columns }) => [...columns.values()])
    .reduce((n, { value }) => n + (value?.length ?? 0), 0);

function* chunked(said: readonly Said[]): Generator<Said[]> {
  let chunk: Said[] = [];
  let chars = 0;
  for (const one of said) {
    const length = charsOf([one]);
    const isFull = chunk.length >= groupsPerBatchMax || chars + length > charsPerBatchMax;
    if (chunk.length > 0 && isFull) {
      yield chunk;
      chunk = [];
      chars = 0;
    }
    chunk.push(one);
    chars += length;
  }
  if (chunk.length > 0) yield chunk;
}

interface Look {
  readonly under: Under;
  readonly held: ReadonlyMap<string, HeldGroup>;
  /** Row → up to which revision it is retracted. */
  readonly retracted: ReadonlyMap<string, number>;
}

/**
 * Null when nothing may be sealed; throws when the member's key is still being replaced, and
 * `KeyMissing` when what is held was sealed with a key that is not there: before a new one is made.
 */
async function lookUp(
  vault: Vault,
  member: string,
  connection: string,
  said: readonly Said[],
  nowMs: number,
): Promise<Look | null> {
  const rows = JSON.stringify([...new Set(said.map(({ row }) => row))]);
  for (let lookup = 0; lookup < lookupsMax; lookup++) {
    const [living, held, retracted] = await vault.phi.batch([
      generationOf(vault.phi, member, connection),
      heldGroups(vault.phi, member, rows),
      retractions(vault.phi, member, rows),
    ]);
    const [row] = (living?.results ?? []) as { generation: string }[];
    if (row === undefined) {
      await assertKnown(vault, member);
      return null;
    }
    const of: Generation = { member, generation: row.generation };
    const groups = (held?.results ?? []) as HeldGroup[];
    const rowsGone = (retracted?.results ?? []) as { row_id: string; revision: number }[];
    const gone = new Map(rowsGone.map(({ row_id, revision }) => [row_id, revision]));
    const ids = groups.filter((group) => isStanding(group, gone)).map(({ key_id }) => key_id);
    const keys = await keysThere(vault, of, ids, nowMs).catch(orNullIfReplaced);
    const key = keys && (await vault.keyring.dataKey(of, connection, nowMs));
    if (key === null) continue;
    return {
      under: { ...of, connection, key },
      held: new Map(groups.map((group) => [nameOf(group.row_id, group.group_name), group])),
      retracted: gone,
    };
  }
  throw new Error("the member's key is being replaced");
}

/** What was erased or retracted has lost its key rightly. */
const isStanding = (group: HeldGroup, retracted: ReadonlyMap<string, number>): boolean =>
  group.ended === 0 &&
  group.bytes > 0 &&
  group.revision > (retracted.get(group.row_id) ?? Number.NEGATIVE_INFINITY);

/** Whoever the directory knows as living has a row, unless this is an older copy. Throws `Restored`. */
export async function assertKnown({ phi, directory }: Vault, member: string): Promise<void> {
  const row = await phi.prepare("SELECT 1 FROM member WHERE id = ?").bind(member).first();
  if (row === null && (await directory.isLiving(member))) throw new Restored();
}

export const generationOf = (
  phi: D1Database,
  member: string,
  connection: string,
): D1PreparedStatement =>
  phi
    .prepare(
      `SELECT key_id AS generation FROM member WHERE id = ?1 AND erased_at IS NULL AND NOT EXISTS
         (SELECT 1 FROM ended_connection WHERE member = ?1 AND connection = ?2)`,
    )
    .bind(member, connection);

const heldGroups = (phi: D1Database, member: string, rows: string): D1PreparedStatement =>
  phi
    .prepare(
      `SELECT row_id, group_name, version, revision, columns, key_id, bytes, object,
         CASE WHEN group_name = ?3 THEN hex(body) END AS hex,
         EXISTS (SELECT 1 FROM ended_connection AS e WHERE e.member = sealed.member
           AND e.connection = sealed.connection) AS ended
       FROM sealed WHERE member = ?1 AND row_id IN (SELECT value FROM json_each(?2))`,
    )
    .bind(member, rows, wordsGroup);

const retractions = (phi: D1Database, member: string, rows: string): D1PreparedStatement =>
  phi
    .prepare(
      `SELECT row_id, revision FROM retraction
       WHERE member = ? AND row_id IN (SELECT value FROM json_each(?))`,
    )
    .bind(member, rows);

/**
 * Returns what did not land. What begins a group of its own rests on what the words say of it, and
 * so comes before them; what goes with the words rests on its own group not being there.
 */
async function write(
  vault: Vault,
  { under, held }: Look,
  merged: readonly Merged[],
  nowMs: number,
): Promise<Said[]> {
  const isWords = ({ said }: Merged) => Number(said.group === wordsGroup);
  const inOrder = [...merged].sort((a, b) => isWords(a) - isWords(b));
  const writes = inOrder.map((one): Write => {
    const { row, group } = one.said;
    const { over, columns, plaintext } = one;
    const version = versionAfter(over, nowMs);
    const words = held.get(nameOf(row, wordsGroup))?.version ?? 0;
    const begins: Beside = over === 0 ? { words } : {};
    const beside = group === wordsGroup ? { absent: ownGroupsOf(one.said) } : begins;
    return { under, row, group, over, version, columns, plaintext, beside };
  });
  const landed = await writeEach(vault, writes, nowMs);
  return inOrder.flatMap(({ said }, i) => (landed[i] === true ? [] : [said]));
}

/**
 * 1. the greatest revision of each retraction is kept with the keys that sealed the row, and groups
 *    up to it are deleted, in one batch
 * 2. objects that lost their row are destroyed        the sweep destroys them
 * 3. groups that hold something newer are sealed anew without what is retracted
 *                                                     said again, it goes on; no write brings it back
 */
export async function retractRows(
  vault: Vault,
  member: string,
  rows: readonly Retraction[],
  nowMs: number,
): Promise<void> {
  if (rows.length === 0) return;
  const { phi } = vault;
  const asked = JSON.stringify(rows.map(({ id, revision }) => ({ id, revision })));
  const results = await phi.batch([
    phi
      .prepare(
        `INSERT INTO retraction (member, row_id, revision)
         SELECT ?1, value ->> 'id', value ->> 'revision' FROM json_each(?2)
         WHERE EXISTS (SELECT 1 FROM member WHERE id = ?1 AND erased_at IS NULL)
         ON CONFLICT (member, row_id) DO UPDATE SET revision = excluded.revision
         WHERE excluded.revision > retraction.revision`,
      )
      .bind(member, asked),
    phi
      .prepare(`SELECT object FROM sealed ${retracted} AND object IS NOT NULL`)
      .bind(member, asked),
    phi
      .prepare(
        `INSERT OR IGNORE INTO orphan (object, since)
         SELECT object, ?3 FROM sealed ${retracted} AND object IS NOT NULL`,
      )
      .bind(member, asked, nowMs),
    phi
      .prepare(`${keepKeys} AND row_id IN (SELECT value ->> 'id' FROM json_each(?2))`)
      .bind(member, asked),
    phi.prepare(`DELETE FROM sealed ${retracted}`).bind(member, asked),
    phi.prepare(partlyRetracted).bind(member, asked),
  ]);
  await tidyObjects(
    vault,
    ((results[1]?.results ?? []) as { object: string }[]).map((row) => row.object),
  );
  for (const { row, group, connection } of (results[5]?.results ?? []) as Partly[])
    await sealSaid(vault, member, connection, [{ row, group, columns: new Map() }], nowMs);
}

/** Of the member ?1: what retracted rows were sealed with is remembered before they go. */
const keepKeys = `UPDATE retraction SET keys = (SELECT json_group_array(value) FROM (
    SELECT value FROM json_each(retraction.keys)
    UNION SELECT key.value FROM sealed JOIN json_each(sealed.keys) AS key
      WHERE sealed.member = retraction.member AND sealed.row_id = retraction.row_id))
  WHERE member = ?1`;

const retracted = `WHERE sealed.member = ?1
  AND sealed.row_id IN (SELECT value ->> 'id' FROM json_each(?2))
  AND sealed.revision <= (SELECT retraction.revision FROM retraction
    WHERE retraction.member = sealed.member AND retraction.row_id = sealed.row_id)`;

interface Partly {
  readonly row: string;
  readonly group: string;
  readonly connection: string;
}
const partlyRetracted = `SELECT DISTINCT sealed.row_id AS row, sealed.group_name AS "group",
    sealed.connection
  FROM sealed
  JOIN retraction ON retraction.member = sealed.member AND retraction.row_id = sealed.row_id
  JOIN json_each(sealed.columns) AS held
  WHERE sealed.member = ?1 AND sealed.row_id IN (SELECT value ->> 'id' FROM json_each(?2))
    AND held.value ->> 0 <= retraction.revision AND held.value ->> 1 <> ''`;
