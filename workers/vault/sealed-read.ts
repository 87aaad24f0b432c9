/**
 * Reading sealed cells so that nothing is awaited between learning that they may be read and
 * decrypting them: what may be slow (keys, objects) is fetched first, still sealed, and thrown away
 * when the one batch that counts tells another story.
 */
import { fromHex, openText } from "./cell.ts";
import type { Vault } from "./env.ts";
import type { DataKey } from "./keyring.ts";

const attemptsMax = 3;
const rowsAskedMax = 5_000;
const rowsOpenedMax = 2_000;
const bytesOpenedMax = 16 * 1_048_576;

export interface Wanted {
  readonly member: string;
  readonly column: string;
  readonly rows: readonly string[];
  readonly take: "first" | "all";
}
export interface SealedCell {
  readonly row: string;
  readonly key: DataKey;
  readonly sealed: Uint8Array<ArrayBuffer>;
}
export interface Fetched {
  /** Was the member known and not erased, in the batch? */
  readonly living: boolean;
  readonly cells: readonly SealedCell[];
  /** What the batch answered to the statements that came alongside. */
  readonly alongside: readonly D1Result[];
}

interface Pointer {
  readonly row_id: string;
  readonly revision: number;
  readonly key_id: string;
  readonly connection: string;
  readonly bytes: number;
  readonly object: string | null;
  readonly hex?: string;
}
interface Look {
  readonly generation: string | null;
  readonly pointers: readonly Pointer[];
}

/**
 * 1. pointers and the key generation are looked up     a hint of what to fetch, nothing more
 * 2. keys and sealed objects are fetched
 * 3. one primary batch reads them again, with the ciphertext and what came alongside
 * 4. anything that differs from step 1 starts over, a bounded number of times
 *
 * "busy" says that it kept changing, or is more than one answer may hold. A read writes nothing, so
 * a crash anywhere costs nothing.
 */
export async function fetchSealed(
  vault: Vault,
  wanted: Wanted,
  alongside: (db: D1DatabaseSession) => D1PreparedStatement[],
  nowMs: number,
): Promise<Fetched | "busy"> {
  if (wanted.rows.length > rowsAskedMax) return "busy";
  for (let attempt = 0; attempt < attemptsMax; attempt++) {
    const hint = lookIn(await vault.phi.batch(lookup(vault.phi, wanted, false)));
    if (isTooMuch(hint)) return "busy";
    const keys = await keysFor(vault, wanted.member, hint, nowMs);
    const objects = await objectsFor(vault, hint);
    const session = vault.phi.withSession("first-primary");
    const asked = lookup(session, wanted, true);
    const results = await session.batch([...asked, ...alongside(session)]);
    const look = lookIn(results);
    const cells = isSame(hint, look) ? join(look, keys, objects) : null;
    if (cells !== null)
      return { living: look.generation !== null, cells, alongside: results.slice(asked.length) };
  }
  return "busy";
}

/** Opens a fetched cell. No I/O. */
export const openCell = (vault: Vault, wanted: Wanted, cell: SealedCell): Promise<string> =>
  openText(
    vault,
    cell.key,
    { table: "sealed", member: wanted.member, column: wanted.column, row: cell.row },
    cell.sealed,
  );

function lookup(
  db: Pick<D1DatabaseSession, "prepare">,
  { member, column, rows, take }: Wanted,
  withBodies: boolean,
): D1PreparedStatement[] {
  return [
    db.prepare("SELECT key_id FROM member WHERE id = ? AND erased_at IS NULL").bind(member),
    db
      .prepare(
        `SELECT s.row_id, s.revision, s.key_id, s.connection, s.bytes, s.object
           ${withBodies ? ", hex(s.body) AS hex" : ""}
         FROM json_each(?3) AS asked CROSS JOIN sealed AS s
         WHERE s.member = ?1 AND s.row_id = asked.value AND s.column_name = ?2 AND s.bytes > 0
         ORDER BY asked.key LIMIT ?4`,
      )
      .bind(
        member,
        column,
        JSON.stringify([...new Set(rows)]),
        take === "first" ? 1 : rowsOpenedMax + 1,
      ),
  ];
}

function lookIn(results: readonly D1Result[]): Look {
  const [member] = (results[0]?.results ?? []) as { key_id: string }[];
  const pointers = (results[1]?.results ?? []) as Pointer[];
  return { generation: member?.key_id ?? null, pointers: member === undefined ? [] : pointers };
}

const isTooMuch = ({ pointers }: Look): boolean =>
  pointers.length > rowsOpenedMax || pointers.reduce((n, p) => n + p.bytes, 0) > bytesOpenedMax;

const isSame = (a: Look, b: Look): boolean => JSON.stringify(shown(a)) === JSON.stringify(shown(b));

const shown = ({ generation, pointers }: Look) => [
  generation,
  pointers.map((p) => [p.row_id, p.revision, p.key_id, p.connection, p.bytes, p.object]),
];

async function keysFor(
  vault: Vault,
  member: string,
  { generation, pointers }: Look,
  nowMs: number,
): Promise<Map<string, DataKey>> {
  if (generation === null || pointers.length === 0) return new Map();
  const connections = [...new Set(pointers.map((p) => p.connection))];
  const names = connections.map((connection) => ({ member, generation, connection }));
  const keys = await vault.keyring.dataKeys(names, nowMs);
  return new Map(keys.flatMap((key) => (key === null ? [] : [[key.id, key]])));
}

async function objectsFor(
  vault: Vault,
  { pointers }: Look,
): Promise<Map<string, Uint8Array<ArrayBuffer>>> {
  const names = pointers.flatMap((p) => p.object ?? []);
  const fetched = await Promise.all(
    names.map(async (name) => {
      const object = await vault.objects.get(name);
      return object === null ? [] : [[name, new Uint8Array(await object.arrayBuffer())] as const];
    }),
  );
  return new Map(fetched.flat());
}

/** Null when a key or an object was gone: they change together with their row. */
function join(
  { pointers }: Look,
  keys: ReadonlyMap<string, DataKey>,
  objects: ReadonlyMap<string, Uint8Array<ArrayBuffer>>,
): SealedCell[] | null {
  const cells = pointers.flatMap(({ row_id: row, key_id, object, hex = "" }) => {
    const key = keys.get(key_id);
    const sealed = object === null ? fromHex(hex) : objects.get(object);
    return key === undefined || sealed === undefined ? [] : [{ row, key, sealed }];
  });
  return cells.length === pointers.length ? cells : null;
}
