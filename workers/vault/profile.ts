/**
 * Display names: sealed like everything of a member, but opened without an entry in the log, since
 * the member chose to be seen by them. Only asked for members on boards, or for the caller.
 */
import type { MemberId } from "../../domain/identity.ts";
import type { SealOutcome } from "../../domain/ports.ts";
import { errorClass, logLine } from "../../kernel/wide-event.ts";
import { BoundedCache } from "./bounded-cache.ts";
import { fromHex, openBytes, ownConnection } from "./cell.ts";
import { type Shards, type Vault, wholeShardOrNone } from "./env.ts";
import { decodeGroup, groupOf } from "./groups.ts";
import { sealRows } from "./sealed-store.ts";

const row = "profile";
const column = "display_name";
const group = groupOf(column);
const displayNameCharsMax = 80;
const namesAskedMax = 200;
const namesCachedMax = 2_000;
const namesCachedForMs = 30_000;

const cached = new BoundedCache<string>(namesCachedMax, namesCachedForMs);

export const isDisplayName = (text: string): boolean =>
  text.trim().length > 0 && text.length <= displayNameCharsMax;

export async function rename(
  vault: Vault,
  member: MemberId,
  displayName: string,
  nowMs: number,
): Promise<SealOutcome> {
  const columns = { [column]: JSON.stringify(displayName) };
  const outcome = await sealRows(
    vault,
    member,
    ownConnection,
    [{ row, revision: nowMs, columns }],
    nowMs,
  );
  cached.delete(member);
  return outcome;
}

/** Once the member is erased, what this isolate remembers goes too. */
export const forgetName = (member: string): void => cached.delete(member);

/** The names of those who have one and whose shard is whole; beyond the bound, of the first ones. */
export async function namesOf(
  shards: Shards,
  members: readonly string[],
  nowMs: number,
): Promise<Record<string, string>> {
  const asked = [...new Set(members)].slice(0, namesAskedMax);
  const names = new Map<string, string>();
  for (const member of asked) {
    const name = cached.get(member, nowMs);
    if (name !== undefined) names.set(member, name);
  }
  const missing = asked.filter((member) => !names.has(member));
  const byShard = missing.length === 0 ? [] : [...(await shards.directory.shardsOf(missing))];
  const loaded = await Promise.all(
    byShard.map(async ([shard, kept]) => {
      const vault = await wholeShardOrNone(shards, shard, nowMs);
      return vault === null ? [] : load(vault, kept, nowMs);
    }),
  );
  for (const [member, name] of loaded.flat()) {
    names.set(member, name);
    cached.set(member, name, nowMs);
  }
  return Object.fromEntries(names);
}

/** The name of one who is on this shard; null: they have none. */
export const nameOf = async (vault: Vault, member: MemberId, nowMs: number) =>
  (await load(vault, [member], nowMs))[0]?.[1] ?? null;

interface NameRow {
  readonly member: string;
  readonly generation: string;
  readonly key_id: string;
  readonly hex: string;
}

async function load(
  vault: Vault,
  members: readonly string[],
  nowMs: number,
): Promise<[string, string][]> {
  const { results } = await vault.phi
    .prepare(
      `SELECT m.id AS member, m.key_id AS generation, s.key_id, hex(s.body) AS hex
       FROM json_each(?) AS asked
       JOIN member AS m ON m.id = asked.value AND m.erased_at IS NULL
       JOIN sealed AS s ON s.member = m.id AND s.row_id = ? AND s.group_name = ?
       WHERE s.body IS NOT NULL`,
    )
    .bind(JSON.stringify(members), row, group)
    .all<NameRow>();
  return (await Promise.all(results.map((held) => nameIn(vault, held, nowMs)))).flat();
}

/** A name that does not open is missing; the others are shown all the same. */
async function nameIn(vault: Vault, held: NameRow, nowMs: number): Promise<[string, string][]> {
  const { member, key_id, hex } = held;
  try {
    const key = (await vault.keyring.dataKeys(held, [key_id], nowMs)).get(key_id);
    if (key === undefined) return [];
    const place = { table: "sealed", member, column: group, row } as const;
    const bytes = await openBytes(vault, key, place, fromHex(hex));
    const text = decodeGroup(group, bytes).get(column);
    return text === undefined ? [] : [[member, JSON.parse(text) as string]];
  } catch (error) {
    logLine({ worker: "vault", event: "names", items: 1, error: errorClass(error) });
    return [];
  }
}
