/**
 * Compare-and-set over any sealed rows of one member: they are read, changed by whoever knows what
 * they mean, and written together, or not at all when one of them is not what it was. Then it starts
 * over. A row has one column here, its group's; whoever reads it knows what it holds.
 */
import { digestBytes, fromHex, openBytes } from "./cell.ts";
import type { Bytes } from "./chunked.ts";
import type { Vault } from "./env.ts";
import { type Columns, columnsIn, KeyReplaced, keysThere } from "./sealed-merge.ts";
import { objectBytes } from "./sealed-object.ts";
import { isStanding } from "./sealed-read.ts";
import { assertKnown, generationOf } from "./sealed-store.ts";
import { type SeenVersion, versionAfter, type Write, writeTogether } from "./sealed-write.ts";

/** Of as many writers to one member's rows at once, each lands. */
const racesMax = 24;

/** A group as it lies in the database. */
export interface Cell {
  readonly row: string;
  readonly group: string;
  readonly connection: string;
  readonly version: number;
  /** Grows with the version, unless whoever wrote it said that nothing is another. */
  readonly revision: number;
  /** The keyed digest of what it holds. */
  readonly digest: string;
  readonly bytes: number;
  readonly keyId: string;
  readonly object: string | null;
  /** Of its body; null where it was not asked for, or is an object. */
  readonly hex: string | null;
}
export interface Asked {
  /** Rows whose ids begin so are listed; only those in `bodies` with what they hold. */
  readonly prefixes: readonly string[];
  readonly bodies: readonly string[];
  /** These with what they hold: all of it, or these groups. */
  readonly rows: readonly string[];
  readonly groups: readonly string[] | null;
  /** Asked in the same batch. */
  readonly alongside?: readonly D1PreparedStatement[];
}
export interface Seen {
  readonly cells: readonly Cell[];
  /** Of the rows in `bodies`: up to which revision each is retracted. */
  readonly retracted: ReadonlyMap<string, number>;
  readonly alongside: readonly D1Result[];
}
/** What a turn comes to. */
export interface Change<T> {
  readonly writes: readonly Write[];
  /** What was only looked at and must still be so. */
  readonly seen: readonly SeenVersion[];
  readonly value: T;
}
/** What was read does not fit together, or more has to be read: another turn. */
export const again = "again";

export const cellName = (row: string, group: string): string => JSON.stringify([row, group]);

/**
 * 1. `change` reads and says what to write       nothing is kept yet
 * 2. large values are written as objects         listed objects that the sweep destroys
 * 3. one batch writes all of it, or nothing      durable; said again, it finds it done
 * 4. what another writer came before with        a bounded number of times; then it throws, and
 *    starts over                                 saying it again is safe
 *
 * "forgotten": the member is unknown or erased, or the connection has ended.
 */
export async function updateSealed<T>(
  vault: Vault,
  member: string,
  connection: string,
  nowMs: number,
  change: (turn: SealedTurn) => Promise<Change<T> | typeof again | "forgotten">,
): Promise<T | "forgotten"> {
  for (let race = 0; race < racesMax; race++) {
    try {
      const changed = await change(new SealedTurn(vault, member, connection, nowMs));
      if (changed === "forgotten") return "forgotten";
      if (changed === again) continue;
      if (await writeTogether(vault, changed.writes, changed.seen, nowMs)) return changed.value;
    } catch (error) {
      if (!(error instanceof KeyReplaced)) throw error;
    }
  }
  throw new Error("others kept writing to the same rows");
}

/** One reading of a member's rows under one generation of their key, and what is written upon it. */
export class SealedTurn {
  readonly #vault: Vault;
  readonly #member: string;
  readonly #connection: string;
  readonly #nowMs: number;
  #generation: string | null = null;

  constructor(vault: Vault, member: string, connection: string, nowMs: number) {
    this.#vault = vault;
    this.#member = member;
    this.#connection = connection;
    this.#nowMs = nowMs;
  }

  /** One batch. Null when nothing may be sealed; throws `Restored` when an old copy says so. */
  async look(asked: Asked): Promise<Seen | null> {
    const { phi } = this.#vault;
    const { prefixes, rows, groups } = asked;
    const wanted = JSON.stringify(asked.bodies);
    const [living, listed, named, gone, ...alongside] = await phi.batch([
      generationOf(phi, this.#member, this.#connection),
      cellsUnder(phi, this.#member, prefixes, wanted),
      cellsOf(phi, this.#member, rows, groups),
      phi
        .prepare(
          `SELECT row_id, revision FROM retraction
           WHERE member = ? AND row_id IN (SELECT value FROM json_each(?))`,
        )
        .bind(this.#member, wanted),
      ...(asked.alongside ?? []),
    ]);
    const [row] = (living?.results ?? []) as { generation: string }[];
    if (row === undefined) {
      await assertKnown(this.#vault, this.#member);
      return null;
    }
    this.#generation = row.generation;
    const retracted = (gone?.results ?? []) as { row_id: string; revision: number }[];
    return {
      cells: [listed, named].flatMap((one) => ((one?.results ?? []) as CellRow[]).map(rowToCell)),
      retracted: new Map(retracted.map(({ row_id, revision }) => [row_id, revision])),
      alongside,
    };
  }

  /** What these cells hold, those too whose bodies were not asked for; null: not as it was listed. */
  async withBodies(cells: readonly Cell[]): Promise<readonly Cell[] | null> {
    const bare = cells.filter(
      ({ hex, object, bytes }) => hex === null && object === null && bytes > 0,
    );
    if (bare.length === 0) return cells;
    const rows = bare.map(({ row }) => row);
    const { results } = await cellsOf(this.#vault.phi, this.#member, rows, null).all<CellRow>();
    const now = new Map(results.map((one) => [cellName(one.row_id, one.group_name), one]));
    const whole: Cell[] = [];
    for (const cell of cells) {
      const found = now.get(cellName(cell.row, cell.group));
      if (!bare.includes(cell)) whole.push(cell);
      else if (found?.version !== cell.version) return null;
      else whole.push(rowToCell(found));
    }
    return whole;
  }

  /**
   * By name (`cellName`). What is empty, or whose object is gone, is absent: then either the row
   * points elsewhere by now, and what is written upon it does not land, or what it held is lost.
   * Throws `KeyMissing` for a key that is not there: nothing is written over what it sealed.
   */
  async open(cells: readonly Cell[]): Promise<Map<string, Bytes>> {
    const full = cells.filter(({ bytes }) => bytes > 0);
    const ids = full.map(({ keyId }) => keyId);
    const keys = await keysThere(this.#vault, this.#of(), ids, this.#nowMs);
    const opened = new Map<string, Bytes>();
    await Promise.all(
      full.map(async ({ row, group, keyId, object, hex }) => {
        const key = keys.get(keyId);
        const sealed =
          object === null ? fromHex(hex ?? "") : await objectBytes(this.#vault, object);
        if (key === undefined || sealed === null) return;
        const place = { table: "sealed", member: this.#member, column: group, row } as const;
        opened.set(cellName(row, group), await openBytes(this.#vault, key, place, sealed));
      }),
    );
    return opened;
  }

  /** Throws `KeyReplaced` while the member's key is being replaced. */
  async write(
    row: string,
    group: string,
    connection: string,
    over: number,
    plaintext: Bytes,
    revision?: number,
  ): Promise<Write> {
    const of = this.#of();
    const key = await this.#vault.keyring.dataKey(of, connection, this.#nowMs);
    if (key === null) throw new KeyReplaced();
    const under = { ...of, connection, key };
    const place = { table: "sealed", member: this.#member, column: group, row } as const;
    const digest = await digestBytes(this.#vault, key, place, plaintext);
    const version = versionAfter(over, this.#nowMs);
    const columns: Columns = { [group]: [revision ?? version, digest] };
    return { under, row, group, over, version, columns, plaintext };
  }

  #of() {
    if (this.#generation === null) throw new Error("nothing was looked at yet");
    return { member: this.#member, generation: this.#generation };
  }
}

export const digestIn = ({ group, columns }: Pick<Write, "group" | "columns">): string =>
  columns[group]?.[1] ?? "";

interface CellRow {
  readonly row_id: string;
  readonly group_name: string;
  readonly connection: string;
  readonly version: number;
  readonly columns: string;
  readonly bytes: number;
  readonly key_id: string;
  readonly object: string | null;
  readonly hex: string | null;
}

const rowToCell = (row: CellRow): Cell => ({
  row: row.row_id,
  group: row.group_name,
  connection: row.connection,
  version: row.version,
  revision: columnsIn(row.columns)[row.group_name]?.[0] ?? row.version,
  digest: digestIn({ group: row.group_name, columns: columnsIn(row.columns) }),
  bytes: row.bytes,
  keyId: row.key_id,
  object: row.object,
  hex: row.hex,
});

const fields =
  "s.row_id, s.group_name, s.connection, s.version, s.columns, s.bytes, s.key_id, s.object";

/** Each prefix ends with a slash, which a 0 comes right after. */
const cellsUnder = (
  phi: D1Database,
  member: string,
  prefixes: readonly string[],
  bodies: string,
): D1PreparedStatement =>
  phi
    .prepare(
      `SELECT ${fields}, CASE WHEN s.row_id IN (SELECT value FROM json_each(?3))
         AND s.body IS NOT NULL THEN hex(s.body) END AS hex
       FROM json_each(?2) AS asked CROSS JOIN sealed AS s
       WHERE s.member = ?1 AND s.row_id >= asked.value
         AND s.row_id < substr(asked.value, 1, length(asked.value) - 1) || '0' AND ${isStanding}`,
    )
    .bind(member, JSON.stringify(prefixes), bodies);

const cellsOf = (
  phi: D1Database,
  member: string,
  rows: readonly string[],
  groups: readonly string[] | null,
): D1PreparedStatement =>
  phi
    .prepare(
      `SELECT ${fields}, CASE WHEN s.body IS NOT NULL THEN hex(s.body) END AS hex
       FROM json_each(?2) AS asked CROSS JOIN sealed AS s
       WHERE s.member = ?1 AND s.row_id = asked.value AND ${isStanding}
         AND (?3 IS NULL OR s.group_name IN (SELECT value FROM json_each(?3)))`,
    )
    .bind(member, JSON.stringify(rows), groups === null ? null : JSON.stringify(groups));
