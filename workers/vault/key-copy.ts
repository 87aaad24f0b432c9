/**
 * Copies of the living wrapped keys, kept outside the databases: what makes an old copy of a shard
 * readable again after the epochs that it was wrapped under are gone. Nothing is unwrapped here, and
 * a copy opens nothing that its epoch does not. A member whose key was replaced after the copy of
 * their epoch has one of their own, which is newer, so that what was destroyed stays out of both.
 *
 *   copy/keys/<epoch>/<shard>/after/<member>   the next members of a shard, by a rotation
 *   copy/keys/<epoch>/<shard>/of/<member>      one member, after an erasure of a part
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
const partPrefix = (vault: Vault, epoch: number): string => `${shardPrefix(vault, epoch)}after/`;
const ofMember = (vault: Vault, epoch: number, member: string): string =>
  `${shardPrefix(vault, epoch)}of/${member}`;

/**
 * A bounded step of copying one shard's keys under an epoch. A part is named by the member behind
 * which it begins and is never overwritten, so parts of two workers overlap and leave no hole. What
 * a crash kept from being written, the next step writes. `calls`: statements that it took.
 */
export async function copyEpoch(
  vault: Vault,
  epoch: number,
  nowMs: number,
  rowsMax: number,
): Promise<{ readonly rows: number; readonly calls: number; readonly done: boolean }> {
  let covered = await coveredBy(vault, epoch);
  let calls = 0;
  for (let rows = 0; rows < rowsMax; ) {
    const { after } = covered;
    if (covered.whole) return { rows, calls, done: true };
    const limit = Math.min(membersPerPart, rowsMax - rows);
    const keys = await livingKeys(vault, epoch, after, limit);
    calls += 2;
    const members = new Set(keys.map(({ member }) => member)).size;
    const last = keys.at(-1)?.member ?? after;
    const whole = members < limit;
    const customMetadata = { last, whole: whole ? "1" : "", madeAt: String(nowMs) };
    const written = await vault.journal.put(
      `${partPrefix(vault, epoch)}${after}`,
      JSON.stringify(keys),
      { onlyIf: { etagDoesNotMatch: "*" }, customMetadata },
    );
    covered = written === null ? await coveredBy(vault, epoch) : { after: last, whole };
    rows += members;
  }
  return { rows: Math.max(0, rowsMax), calls, done: covered.whole };
}

/** How far the parts reach without a hole, and whether nobody was left behind the last of them. */
async function coveredBy(
  vault: Vault,
  epoch: number,
): Promise<{ readonly after: string; readonly whole: boolean }> {
  const prefix = partPrefix(vault, epoch);
  let covered = { after: "", whole: false };
  let startAfter = "";
  for (let page = 0; page < pagesMax; page++) {
    const { objects, truncated } = await vault.journal.list({
      prefix,
      limit: listedMax,
      include: ["customMetadata"],
      ...(startAfter === "" ? {} : { startAfter }),
    });
    for (const { key, customMetadata = {} } of objects) {
      if (key.slice(prefix.length) > covered.after) return covered;
      const { last = "", whole } = customMetadata;
      if (last >= covered.after) covered = { after: last, whole: covered.whole || whole === "1" };
    }
    startAfter = objects.at(-1)?.key ?? "";
    if (!truncated) return covered;
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
 * that exists; never for a member who is gone. A generation that is there already, from another
 * copy or the database itself, gets the data keys that it lacks: one only ever gains them, so
 * whichever is the longer list is the later one. Returns for how many members a key was put back.
 */
export async function putBackKeys(
  { keyring: { database } }: Vault,
  copied: readonly CopiedKey[],
  epochs: readonly number[],
): Promise<number> {
  const living = copied.filter(({ epoch }) => epochs.includes(epoch));
  if (living.length === 0) return 0;
  const chosen = JSON.stringify(await newerThanHeld(database, living, epochs));
  const all = JSON.stringify(living);
  const isChosen = "member IN (SELECT one.value ->> 'member' FROM json_each(?1) AS one)";
  const isWelcome = `NOT EXISTS (SELECT 1 FROM gone_member
    WHERE gone_member.member = one.value ->> 'member')`;
  const [, , kept] = await database.batch([
    database
      .prepare(
        `DELETE FROM data_key WHERE ${isChosen} AND (member, generation) NOT IN
           (SELECT one.value ->> 'member', one.value ->> 'key' FROM json_each(?1) AS one)`,
      )
      .bind(chosen),
    database.prepare(`DELETE FROM member_key WHERE ${isChosen}`).bind(chosen),
    database
      .prepare(
        `INSERT INTO member_key (member, key_id, epoch, wrapped, made_at)
         SELECT one.value ->> 'member', one.value ->> 'key', one.value ->> 'epoch',
           unhex(one.value ->> 'wrapped'), one.value ->> 'madeAtMs'
         FROM json_each(?1) AS one WHERE ${isWelcome}`,
      )
      .bind(chosen),
    missingDataKeys(database, all, "k.value ->> 'retired'"),
    missingDataKeys(database, all, "1"),
  ]);
  return kept?.meta.changes ?? 0;
}

/** The newest copy of each member; of one generation the copy under the newest epoch. */
async function newerThanHeld(
  database: D1Database,
  copied: readonly CopiedKey[],
  epochs: readonly number[],
): Promise<CopiedKey[]> {
  const newest = new Map<string, CopiedKey>();
  for (const key of copied)
    if (key.madeAtMs >= (newest.get(key.member)?.madeAtMs ?? 0)) newest.set(key.member, key);
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
  return [...newest.values()];
}

/**
 * A second live key of one connection is ignored when it comes as live and taken when it comes as
 * retired: what it sealed still opens, and is sealed anew by whoever finds it.
 */
const missingDataKeys = (database: D1Database, copied: string, retired: string) =>
  database
    .prepare(
      `INSERT OR IGNORE INTO data_key
         (member, generation, key_id, connection, wrapped, made_at, retired)
       SELECT one.value ->> 'member', one.value ->> 'key', k.value ->> 'id',
         k.value ->> 'connection', unhex(k.value ->> 'wrapped'), k.value ->> 'madeAtMs', ${retired}
       FROM json_each(?1) AS one, json_each(one.value, '$.dataKeys') AS k
       WHERE EXISTS (SELECT 1 FROM member_key WHERE member_key.member = one.value ->> 'member'
         AND member_key.key_id = one.value ->> 'key')`,
    )
    .bind(copied);
