/**
 * Reading sealed cells so that nothing is awaited between learning that they may be read and
 * decrypting them: what may be slow (keys, objects) is fetched first, still sealed, and thrown away
 * when the one batch that counts tells another story.
 */
import type { SamplePlace } from "../../domain/ports.ts";
import { isSeries, sampleBytes } from "../../domain/workouts/series.ts";
import { logLine } from "../../kernel/wide-event.ts";
import { fromHex, openBytes, openBytesPart } from "./cell.ts";
import { type Bytes, headBytes, type SealedPart, sealedRange } from "./chunked.ts";
import type { Vault } from "./env.ts";
import { decodeGroup, groupsFor, rawColumn, type Values, wordsGroup } from "./groups.ts";
import { Restored } from "./journal.ts";
import type { DataKey } from "./keyring.ts";
import { objectBytes, objectRange } from "./sealed-object.ts";
import {
  type PageAsked,
  type Pointer,
  type Portion,
  type Portions,
  portionsOf,
  type SampleRange,
} from "./sealed-page.ts";

const attemptsMax = 3;
/** Rows of one want; what is asked beyond them belongs to a later page. */
const rowsOpenedMax = 2_000;
const everything: PageAsked = { after: null, limit: Number.MAX_SAFE_INTEGER, whole: true };

/** A column of some rows, best first. `first`: of the best row that has it, and no other. */
export interface Want {
  readonly column: string;
  readonly rows: readonly string[];
  readonly take: "first" | "all";
  /** Absent: all of it. */
  readonly page?: PageAsked;
}
export interface Wanted {
  readonly member: string;
  readonly wants: readonly Want[];
}
export interface SealedCell {
  readonly row: string;
  readonly group: string;
  readonly version: number;
  readonly key: DataKey;
  readonly sealed: Bytes | SealedPart;
  /** Of a series that is opened in part. */
  readonly range: SampleRange | null;
}
/** What one want came to. */
export interface Found {
  readonly cells: readonly SealedCell[];
  readonly rest: SamplePlace | null;
  /** Rows whose object or key is gone for good. */
  readonly absent: number;
}
export interface Fetched {
  /** Was the member known and not erased, in the batch? */
  readonly living: boolean;
  /** One for each want, in their order. */
  readonly found: readonly Found[];
  /** What the batch answered to the statements that came alongside. */
  readonly alongside: readonly D1Result[];
}

interface Look {
  readonly generation: string | null;
  readonly pointers: readonly (readonly Pointer[])[];
}
type Database = Pick<D1DatabaseSession, "prepare">;

/**
 * 1. pointers and the key generation are looked up     a hint of what to fetch, nothing more
 * 2. keys and sealed objects are fetched, of a large series what the page needs
 * 3. one primary batch reads them again, with the ciphertext and what came alongside
 * 4. anything that differs from step 1 starts over, a bounded number of times
 *
 * "busy" says that it kept changing. Where nothing changed and a key or an object is gone all the
 * same, it is gone for good: the other rows are not held up by it. A read writes nothing, so a crash
 * anywhere costs nothing.
 */
export async function fetchSealed(
  vault: Vault,
  { member, wants }: Wanted,
  alongside: (db: D1DatabaseSession) => D1PreparedStatement[],
  nowMs: number,
): Promise<Fetched | "busy"> {
  for (let attempt = 1; attempt <= attemptsMax; attempt++) {
    const hint = lookIn(await vault.phi.batch(pointersTo(vault.phi, member, wants)), wants);
    const pages = wants.map((want, i) => portionsOf(hint.pointers[i] ?? [], pageIn(want)));
    const portions = pages.flatMap((page) => page.portions);
    const keys = await keysFor(vault, member, hint.generation, portions, nowMs);
    const objects = await objectsFor(vault, portions);
    const session = vault.phi.withSession("first-primary");
    const again = pointersTo(session, member, wants);
    const bodies = pages.map((page) => bodiesOf(session, member, page));
    const results = await session.batch([...again, ...bodies, ...alongside(session)]);
    const look = lookIn(results, wants);
    if (JSON.stringify(look) !== JSON.stringify(hint)) continue;
    const found = pages.map((page, i) =>
      join(page, keys, objects, hexIn(results[again.length + i]), beyond(wants[i])),
    );
    const absent = found.reduce((n, one) => n + one.absent, 0);
    if (absent > 0 && attempt < attemptsMax) continue;
    if (absent > 0) await lookAtAbsent(vault, member, look, absent);
    const living = look.generation !== null;
    return { living, found, alongside: results.slice(again.length + bodies.length) };
  }
  return "busy";
}

/** The member's row names a generation that exists, unless its keys are an old copy. */
async function lookAtAbsent(
  { keyring }: Vault,
  member: string,
  { generation }: Look,
  absent: number,
): Promise<void> {
  if (generation !== null && !(await keyring.memberKeys.generations(member)).includes(generation))
    throw new Restored();
  logLine({ worker: "vault", event: "absent", items: absent });
}

const pageIn = (want: Want): PageAsked => want.page ?? everything;

/** The rows of this page and after, each once; the first of several is the place that was asked. */
function rowsIn({ rows, take, page }: Want): { asked: string[]; beyond: string | null } {
  const each = [...new Set(rows)];
  const after = page?.after?.row;
  const at = after === undefined ? 0 : each.indexOf(after);
  if (at < 0) return { asked: [], beyond: null };
  const end = take === "first" && after !== undefined ? at + 1 : at + rowsOpenedMax;
  const isOver = take === "first" || each[end] === undefined;
  return { asked: each.slice(at, end), beyond: isOver ? null : (each[end] ?? null) };
}

const beyond = (want: Want | undefined): SamplePlace | null => {
  const row = want === undefined ? null : rowsIn(want).beyond;
  return row === null ? null : { row, sample: 0 };
};

/**
 * Of a row `s`: what was declared erased or retracted opens no more, though its rows go a moment
 * later.
 */
export const isStanding = `NOT EXISTS (SELECT 1 FROM retraction AS r
    WHERE r.member = s.member AND r.row_id = s.row_id AND r.revision >= s.revision)
  AND NOT EXISTS (SELECT 1 FROM ended_connection AS e
    WHERE e.member = s.member AND e.connection = s.connection)`;

/** A raw slice that lies with the words. */
const rawIn = (row: string): string => `SELECT 1 FROM json_each(${row}.columns) AS c
  WHERE (c.key = '${rawColumn}' OR c.key GLOB '${rawColumn}_*') AND c.value ->> 1 <> ''`;

function pointersTo(db: Database, member: string, wants: readonly Want[]): D1PreparedStatement[] {
  return [
    db.prepare("SELECT key_id FROM member WHERE id = ? AND erased_at IS NULL").bind(member),
    ...wants.map((want) =>
      db
        .prepare(
          `SELECT s.row_id, s.group_name, s.version, s.key_id, s.bytes, s.object
           FROM json_each(?2) AS asked CROSS JOIN sealed AS s
           WHERE s.member = ?1 AND s.row_id = asked.value
             AND s.bytes > 0 AND (s.group_name >= ?3 AND s.group_name < ?4
               OR ?5 IS NULL AND s.group_name = '${wordsGroup}' AND EXISTS (${rawIn("s")}))
             AND (?5 IS NULL OR s.columns ->> ('$."' || ?5 || '"[1]') <> '')
             AND ${isStanding}
           ORDER BY asked.key, s.group_name`,
        )
        .bind(
          member,
          JSON.stringify(rowsIn(want).asked),
          ...groupsFor(want.column),
          want.column === rawColumn ? null : want.column,
        ),
    ),
  ];
}

function lookIn(results: readonly D1Result[], wants: readonly Want[]): Look {
  const [member] = (results[0]?.results ?? []) as { key_id: string }[];
  if (member === undefined) return { generation: null, pointers: wants.map(() => []) };
  const pointers = wants.map(({ take }, i) => {
    const all = (results[i + 1]?.results ?? []) as Pointer[];
    return take === "all" ? all : all.filter((pointer) => pointer.row_id === all[0]?.row_id);
  });
  return { generation: member.key_id, pointers };
}

/** Bodies of what lies in the database and is opened, by the version that was pointed at. */
const bodiesOf = (db: Database, member: string, { portions }: Portions): D1PreparedStatement =>
  db
    .prepare(
      `SELECT s.row_id, s.group_name, hex(s.body) AS hex
       FROM json_each(?2) AS asked CROSS JOIN sealed AS s
       WHERE s.member = ?1 AND s.row_id = asked.value ->> 0 AND s.group_name = asked.value ->> 1
         AND s.body IS NOT NULL`,
    )
    .bind(
      member,
      JSON.stringify(
        portions
          .filter(({ pointer }) => pointer.object === null)
          .map(({ pointer }) => [pointer.row_id, pointer.group_name]),
      ),
    );

const nameOf = ({ row_id, group_name }: Pick<Pointer, "row_id" | "group_name">): string =>
  JSON.stringify([row_id, group_name]);

const hexIn = (result: D1Result | undefined): Map<string, string> => {
  const rows = (result?.results ?? []) as { row_id: string; group_name: string; hex: string }[];
  return new Map(rows.map((row) => [nameOf(row), row.hex]));
};

const keysFor = async (
  vault: Vault,
  member: string,
  generation: string | null,
  portions: readonly Portion[],
  nowMs: number,
): Promise<ReadonlyMap<string, DataKey>> =>
  generation === null || portions.length === 0
    ? new Map()
    : vault.keyring.dataKeys(
        { member, generation },
        portions.map(({ pointer }) => pointer.key_id),
        nowMs,
      );

/** By name of the object: a row has one, and no two rows have the same. */
async function objectsFor(
  vault: Vault,
  portions: readonly Portion[],
): Promise<ReadonlyMap<string, Bytes | SealedPart>> {
  const objects = new Map<string, Bytes | SealedPart>();
  await Promise.all(
    portions.map(async (portion) => {
      const name = portion.pointer.object;
      if (name === null) return;
      const sealed = await (portion.range === null
        ? objectBytes(vault, name)
        : partOf(vault, name, portion.pointer, portion.range));
      if (sealed !== null) objects.set(name, sealed);
    }),
  );
  return objects;
}

async function partOf(
  vault: Vault,
  name: string,
  { group_name: group, bytes: sealedBytes }: Pointer,
  range: SampleRange,
): Promise<SealedPart | null> {
  if (!isSeries(group)) throw new Error("only a series is opened in part");
  const [from, to] = [range.from * sampleBytes(group), range.to * sampleBytes(group)];
  const { offset, length } = sealedRange(sealedBytes, from, to);
  const [head, body] = await Promise.all([
    objectRange(vault, name, 0, headBytes),
    objectRange(vault, name, offset, length),
  ]);
  return head === null || body === null ? null : { sealedBytes, from, to, head, body };
}

function join(
  { portions, rest }: Portions,
  keys: ReadonlyMap<string, DataKey>,
  objects: ReadonlyMap<string, Bytes | SealedPart>,
  bodies: ReadonlyMap<string, string>,
  beyond: SamplePlace | null,
): Found {
  const cells = portions.flatMap(({ pointer, range }): SealedCell[] => {
    const { row_id: row, group_name: group, version, key_id, object } = pointer;
    const key = keys.get(key_id);
    const hex = bodies.get(nameOf(pointer));
    const inRow = hex === undefined ? undefined : fromHex(hex);
    const sealed = object === null ? inRow : objects.get(object);
    if (key === undefined || sealed === undefined) return [];
    return [{ row, group, version, key, sealed, range }];
  });
  return { cells, rest: rest ?? beyond, absent: portions.length - cells.length };
}

/** Opens a fetched cell, of a series the samples of its range. No I/O; throws `Unopenable`. */
export function openCellBytes(
  vault: Pick<Vault, "environment">,
  member: string,
  { row, group, key, sealed }: SealedCell,
): Promise<Bytes> {
  const place = { table: "sealed", member, column: group, row } as const;
  return "head" in sealed
    ? openBytesPart(vault, key, place, sealed)
    : openBytes(vault, key, place, sealed);
}

/** Its columns, each as JSON text. */
export const openCell = async (
  vault: Pick<Vault, "environment">,
  member: string,
  cell: SealedCell,
): Promise<Values> => decodeGroup(cell.group, await openCellBytes(vault, member, cell));

/**
 * One column of rows that the vault itself works with: a token, a name, a member's own settings. By
 * row, as JSON text; rows without it are absent. Never for what a consent decides about.
 */
export async function openColumn(
  vault: Vault,
  member: string,
  column: string,
  rows: readonly string[],
  nowMs: number,
): Promise<ReadonlyMap<string, string> | "busy" | "forgotten"> {
  const want: Want = { column, rows, take: "all" };
  const fetched = await fetchSealed(vault, { member, wants: [want] }, () => [], nowMs);
  if (fetched === "busy") return "busy";
  if (!fetched.living) return "forgotten";
  const texts = new Map<string, string>();
  for (const cell of fetched.found[0]?.cells ?? []) {
    const text = (await openCell(vault, member, cell)).get(column);
    if (text !== undefined) texts.set(cell.row, text);
  }
  return texts;
}
