/**
 * Copies of the living wrapped keys, kept outside the databases: what makes an old copy of a shard
 * readable again after the epochs that it was wrapped under are gone. Nothing is unwrapped here, and
 * a copy opens nothing that its epoch does not. A member whose key was replaced after the copy of
 * their epoch has one of their own, which is newer, so that what was destroyed stays out of both.
 *
 *   copy/keys/<epoch>/<shard>/<part>          all members of a shard, by a rotation
 *   copy/keys/<epoch>/<shard>/of/<member>     one member, after an erasure of a part
 */
import type { Vault } from "./env.ts";
import type { Generation } from "./keyring.ts";

const membersPerPart = 1_000;
const digits = 10;
const listedMax = 1_000;
const pagesMax = 1_000;

/** A generation of a member's key with its data keys, as they lie in the database; hex. */
export interface CopiedKey {
  readonly member: string;
  readonly key: string;
  readonly epoch: number;
  readonly wrapped: string;
  readonly madeAtMs: number;
  readonly dataKeys: readonly {
    readonly id: string;
    readonly connection: string;
    readonly wrapped: string;
    readonly madeAtMs: number;
    readonly retired: number;
  }[];
}
interface MemberKeyRow {
  readonly member: string;
  readonly key_id: string;
  readonly epoch: number;
  readonly hex: string;
  readonly made_at: number;
}
interface DataKeyRow {
  readonly member: string;
  readonly generation: string;
  readonly key_id: string;
  readonly connection: string;
  readonly hex: string;
  readonly made_at: number;
  readonly retired: number;
}

const root = "copy/keys/";
const numbered = (n: number): string => String(n).padStart(digits, "0");
const shardPrefix = (vault: Vault, epoch: number): string =>
  `${root}${numbered(epoch)}/${vault.shard}/`;
const ofMember = (vault: Vault, epoch: number, member: string): string =>
  `${shardPrefix(vault, epoch)}of/${member}`;

/**
 * A bounded step of copying one shard's keys under an epoch; goes on behind the last part that is
 * there. A part that a crash kept from being written is written by the next step.
 */
export async function copyEpoch(
  vault: Vault,
  epoch: number,
  nowMs: number,
  rowsMax: number,
): Promise<{ readonly rows: number; readonly done: boolean }> {
  let { part, after } = await lastPart(vault, epoch);
  for (let rows = 0; rows < rowsMax; ) {
    const limit = Math.min(membersPerPart, rowsMax - rows);
    const keys = await livingKeys(vault, epoch, after, limit);
    const last = keys.at(-1)?.member;
    if (last === undefined) return { rows, done: true };
    part++;
    await vault.journal.put(`${shardPrefix(vault, epoch)}${numbered(part)}`, JSON.stringify(keys), {
      customMetadata: { last, madeAt: String(nowMs) },
    });
    after = last;
    rows += new Set(keys.map(({ member }) => member)).size;
  }
  return { rows: Math.max(0, rowsMax), done: false };
}

async function lastPart(
  vault: Vault,
  epoch: number,
): Promise<{ readonly part: number; readonly after: string }> {
  const prefix = shardPrefix(vault, epoch);
  let found = { part: 0, after: "" };
  for (let page = 0; page < pagesMax; page++) {
    const { objects, truncated } = await vault.journal.list({
      prefix,
      limit: listedMax,
      include: ["customMetadata"],
      ...(found.part === 0 ? {} : { startAfter: `${prefix}${numbered(found.part)}` }),
    });
    const parts = objects.filter(({ key }) => /^\d+$/.test(key.slice(prefix.length)));
    const last = parts.at(-1);
    if (last !== undefined)
      found = {
        part: Number(last.key.slice(prefix.length)),
        after: last.customMetadata?.last ?? "",
      };
    if (!truncated || parts.length < objects.length) return found;
  }
  throw new Error("a copy of keys has too many parts");
}

const memberKeyFields = "member, key_id, epoch, hex(wrapped) AS hex, made_at";
const dataKeyFields =
  "member, generation, key_id, connection, hex(wrapped) AS hex, made_at, retired";

/** Of the next members behind `after` that have a key under this epoch; one snapshot. */
async function livingKeys(
  { keyring: { database } }: Vault,
  epoch: number,
  after: string,
  limit: number,
): Promise<CopiedKey[]> {
  const members = `SELECT DISTINCT member FROM member_key
    WHERE epoch = ?1 AND member > ?2 ORDER BY member LIMIT ?3`;
  const [memberKeys, dataKeys] = await database.batch([
    database
      .prepare(
        `SELECT ${memberKeyFields} FROM member_key
         WHERE epoch = ?1 AND member IN (${members}) ORDER BY member, key_id`,
      )
      .bind(epoch, after, limit),
    database
      .prepare(`SELECT ${dataKeyFields} FROM data_key WHERE member IN (${members})`)
      .bind(epoch, after, limit),
  ]);
  return joined(memberKeys?.results as MemberKeyRow[], dataKeys?.results as DataKeyRow[]);
}

function joined(keys: readonly MemberKeyRow[], dataKeys: readonly DataKeyRow[]): CopiedKey[] {
  const byGeneration = new Map<string, DataKeyRow[]>();
  for (const row of dataKeys) {
    const of = JSON.stringify([row.member, row.generation]);
    byGeneration.set(of, [...(byGeneration.get(of) ?? []), row]);
  }
  return keys.map(({ member, key_id: key, epoch, hex: wrapped, made_at: madeAtMs }) => ({
    member,
    key,
    epoch,
    wrapped,
    madeAtMs,
    dataKeys: (byGeneration.get(JSON.stringify([member, key])) ?? []).map((row) => ({
      id: row.key_id,
      connection: row.connection,
      wrapped: row.hex,
      madeAtMs: row.made_at,
      retired: row.retired,
    })),
  }));
}

/** After a member's key was replaced: the copy of the epoch still has the one before. */
export async function copyMember(vault: Vault, of: Generation, nowMs: number): Promise<void> {
  const { database } = vault.keyring;
  const [memberKeys, dataKeys] = await database.batch([
    database
      .prepare(`SELECT ${memberKeyFields} FROM member_key WHERE member = ? AND key_id = ?`)
      .bind(of.member, of.generation),
    database
      .prepare(`SELECT ${dataKeyFields} FROM data_key WHERE member = ? AND generation = ?`)
      .bind(of.member, of.generation),
  ]);
  const [key] = joined(memberKeys?.results as MemberKeyRow[], dataKeys?.results as DataKeyRow[]);
  if (key === undefined) return;
  await vault.journal.put(ofMember(vault, key.epoch, of.member), JSON.stringify([key]), {
    customMetadata: { madeAt: String(nowMs) },
  });
}

/** A member's own copies, when the member is erased. Those of rotations die with their epoch. */
export async function dropMemberCopies(vault: Vault, member: string): Promise<void> {
  const epochs = await vault.keyring.epochs.list();
  if (epochs.length > 0)
    await vault.journal.delete(epochs.map(({ n }) => ofMember(vault, n, member)));
}

/** Copies under epochs that are destroyed, of every shard: they open nothing. */
export async function dropCopiesBefore(vault: Vault, epoch: number): Promise<void> {
  for (let page = 0; page < pagesMax; page++) {
    const { objects } = await vault.journal.list({ prefix: root, limit: listedMax });
    const names = objects.map(({ key }) => key).filter((key) => key < `${root}${numbered(epoch)}`);
    if (names.length > 0) await vault.journal.delete(names);
    if (names.length < listedMax) return;
  }
}

/** The next objects with copies under an epoch, after a name, in order: the members' own come last. */
export async function copiesAfter(
  vault: Vault,
  epoch: number,
  after: string,
  limit: number,
): Promise<{ readonly name: string; readonly keys: readonly CopiedKey[] }[]> {
  const prefix = shardPrefix(vault, epoch);
  const { objects } = await vault.journal.list({
    prefix,
    limit,
    ...(after.startsWith(prefix) ? { startAfter: after } : {}),
  });
  const copies = objects.map(async ({ key: name }) => {
    const object = await vault.journal.get(name);
    return object === null ? [] : [{ name, keys: await object.json<CopiedKey[]>() }];
  });
  return (await Promise.all(copies)).flat();
}

/**
 * Puts copied keys back for members that have none, or an older one than the copy, under an epoch
 * that exists; never for a member who is gone. Returns for how many members.
 */
export async function putBackKeys(
  { keyring: { database } }: Vault,
  copied: readonly CopiedKey[],
  epochs: readonly number[],
): Promise<number> {
  const newest = new Map<string, CopiedKey>();
  for (const key of copied)
    if (epochs.includes(key.epoch) && key.madeAtMs >= (newest.get(key.member)?.madeAtMs ?? 0))
      newest.set(key.member, key);
  const { results: held } = await database
    .prepare(
      `SELECT member, max(made_at) AS made_at FROM member_key
       WHERE member IN (SELECT value FROM json_each(?1))
         AND epoch IN (SELECT value FROM json_each(?2)) GROUP BY member`,
    )
    .bind(JSON.stringify([...newest.keys()]), JSON.stringify(epochs))
    .all<{ member: string; made_at: number }>();
  for (const { member, made_at } of held)
    if (made_at >= (newest.get(member)?.madeAtMs ?? 0)) newest.delete(member);
  if (newest.size === 0) return 0;
  const keys = JSON.stringify([...newest.values()]);
  const isNamed = "member IN (SELECT one.value ->> 'member' FROM json_each(?) AS one)";
  const isWelcome = `NOT EXISTS (SELECT 1 FROM gone_member
    WHERE gone_member.member = one.value ->> 'member')`;
  const results = await database.batch([
    database.prepare(`DELETE FROM data_key WHERE ${isNamed}`).bind(keys),
    database.prepare(`DELETE FROM member_key WHERE ${isNamed}`).bind(keys),
    database
      .prepare(
        `INSERT INTO data_key (member, generation, key_id, connection, wrapped, made_at, retired)
         SELECT one.value ->> 'member', one.value ->> 'key', k.value ->> 'id',
           k.value ->> 'connection', unhex(k.value ->> 'wrapped'), k.value ->> 'madeAtMs',
           k.value ->> 'retired'
         FROM json_each(?) AS one, json_each(one.value, '$.dataKeys') AS k WHERE ${isWelcome}`,
      )
      .bind(keys),
    database
      .prepare(
        `INSERT INTO member_key (member, key_id, epoch, wrapped, made_at)
         SELECT one.value ->> 'member', one.value ->> 'key', one.value ->> 'epoch',
           unhex(one.value ->> 'wrapped'), one.value ->> 'madeAtMs'
         FROM json_each(?) AS one WHERE ${isWelcome}`,
      )
      .bind(keys),
  ]);
  return results.at(-1)?.meta.changes ?? 0;
}
