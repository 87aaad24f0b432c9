/**
 * What statements say of one group of one row, brought together with what is sealed there: column by
 * column the greater revision stands, and of two equal ones the later. Nothing is written here.
 */
import type { SealedRow } from "../../domain/ports.ts";
import { digestBytes, fromHex, openBytes, ownConnection, type Place } from "./cell.ts";
import type { Bytes } from "./chunked.ts";
import type { Vault } from "./env.ts";
import { columnBytes, decodeGroup, encodeGroup, groupOf, type Values } from "./groups.ts";
import type { DataKey, Generation } from "./keyring.ts";
import { objectBytes } from "./sealed-object.ts";

/** A member's key as it was when the work began. */
export interface Under {
  readonly member: string;
  readonly generation: string;
  readonly connection: string;
  /** The connection's live data key. */
  readonly key: DataKey;
}
export interface Said {
  readonly row: string;
  readonly group: string;
  readonly columns: ReadonlyMap<
    string,
    { readonly revision: number; readonly value: string | null }
  >;
}
/** A group as it lies in the database. */
export interface HeldGroup {
  readonly row_id: string;
  readonly group_name: string;
  readonly version: number;
  readonly columns: string;
  readonly key_id: string;
  readonly bytes: number;
  readonly object: string | null;
  /** Of its body; only for a group of several columns, the only one that is merged. */
  readonly hex: string | null;
  readonly revision: number;
  /** 1: its connection's data was erased, and it goes in a moment. */
  readonly ended: number;
}
export interface Merged {
  readonly said: Said;
  /** The version that it was merged with, 0: nothing was there. */
  readonly over: number;
  readonly columns: Columns;
  /** Null: every column is empty. */
  readonly plaintext: Bytes | null;
}
/**
 * A data key is not there though its generation is: the keys are an old copy, or were tampered with.
 * Nothing is written over what it sealed.
 */
export class KeyMissing extends Error {
  override readonly name = "KeyMissing";
}
/** The member's key was replaced meanwhile: to be looked up again. */
export class KeyReplaced extends Error {
  override readonly name = "KeyReplaced";
}

/** Throws for keys that are not there: `KeyMissing`, or `KeyReplaced` when that explains it. */
export async function keysThere(
  { keyring }: Vault,
  of: Generation,
  ids: readonly string[],
  nowMs: number,
): Promise<ReadonlyMap<string, DataKey>> {
  const keys = await keyring.dataKeys(of, ids, nowMs);
  if (ids.every((id) => keys.has(id))) return keys;
  const generations = await keyring.memberKeys.generations(of.member);
  throw generations.includes(of.generation) ? new KeyMissing() : new KeyReplaced();
}

/** Column → its revision and its keyed digest, which is empty when the column is. */
export type Columns = Readonly<Record<string, readonly [revision: number, digest: string]>>;

export const columnsIn = (json: string): Columns => JSON.parse(json) as Columns;
export const revisionsOf = (columns: Columns): number[] =>
  Object.values(columns).map(([revision]) => revision);

/** Said of the same column of the same row more than once: as if one after the other. */
export function saidBy(rows: readonly SealedRow[]): Said[] {
  const groups = new Map<string, Said & { readonly columns: Map<string, Column> }>();
  for (const { row, revision, columns } of rows)
    for (const [column, value] of Object.entries(columns)) {
      const group = groupOf(column);
      const name = JSON.stringify([row, group]);
      const said = groups.get(name) ?? { row, group, columns: new Map<string, Column>() };
      groups.set(name, said);
      const before = said.columns.get(column);
      if (before === undefined || before.revision <= revision)
        said.columns.set(column, { revision, value });
    }
  return [...groups.values()];
}
type Column = { readonly revision: number; readonly value: string | null };

const placeOf = ({ member }: Under, row: string, column: string): Place => ({
  table: "sealed",
  member,
  column,
  row,
});

/**
 * Null when nothing changes. A digest is keyed with the data key: what is kept under another one
 * gets a new digest with it. Columns up to the row's retraction are gone, said or held; what an
 * ended connection left is gone too, and not carried over to another one.
 */
export async function merge(
  vault: Vault,
  under: Under,
  said: Said,
  held: HeldGroup | undefined,
  retractedAt: number,
  nowMs: number,
): Promise<Merged | null> {
  const isHeld = held !== undefined && held.ended === 0;
  const before = Object.entries(isHeld ? columnsIn(held.columns) : {});
  const fresh = await freshIn(vault, under, said, new Map(before), retractedAt);
  const isRetracted = before.some(([, [revision, digest]]) => revision <= retractedAt && digest);
  if (fresh.size === 0 && !isRetracted) return null;
  const kept = before.filter(
    ([column, [revision]]) => !fresh.has(column) && revision > retractedAt,
  );
  const columns = new Map(kept);
  const values = new Map<string, string>();
  if (isHeld && kept.some(([, [, digest]]) => digest !== "")) {
    const opened = await openHeld(vault, under, held, nowMs);
    for (const [column, [revision, digest]] of kept) {
      const text = digest === "" ? undefined : opened.get(column);
      if (text !== undefined) values.set(column, text);
      const isSame = text !== undefined && held.key_id === under.key.id;
      columns.set(column, [
        revision,
        isSame ? digest : await digestIn(vault, under, said.row, column, text ?? null),
      ]);
    }
  }
  for (const [column, { revision, value, digest }] of fresh) {
    columns.set(column, [revision, digest]);
    if (value !== null) values.set(column, value);
  }
  if (columns.size === 0) return null;
  const plaintext = values.size === 0 ? null : encodeGroup(said.group, values);
  return { said, over: held?.version ?? 0, columns: Object.fromEntries(columns), plaintext };
}

/** The member's own settings number nothing: whatever is said last stands. */
const lastStands = ({ connection }: Under): boolean => connection === ownConnection;

/**
 * What is said and neither there already, nor older than what is, nor retracted. A clock that is
 * behind does not make older what is said last.
 */
async function freshIn(
  vault: Vault,
  under: Under,
  said: Said,
  before: ReadonlyMap<string, readonly [number, string]>,
  retractedAt: number,
): Promise<Map<string, Column & { readonly digest: string }>> {
  const fresh = new Map<string, Column & { readonly digest: string }>();
  const isLast = lastStands(under);
  for (const [column, { revision, value }] of said.columns) {
    const [held, digest] = before.get(column) ?? [Number.NEGATIVE_INFINITY, ""];
    if (revision <= retractedAt || (revision < held && !isLast)) continue;
    const now = await digestIn(vault, under, said.row, column, value);
    if (digest === now && (isLast ? held > retractedAt : held === revision)) continue;
    const next = isLast ? Math.max(held + 1, revision) : revision;
    fresh.set(column, { revision: next, value, digest: now });
  }
  return fresh;
}

const digestIn = async (
  vault: Vault,
  under: Under,
  row: string,
  column: string,
  value: string | null,
): Promise<string> =>
  value === null
    ? ""
    : digestBytes(vault, under.key, placeOf(under, row, column), columnBytes(column, value));

/** The columns of a group whose plaintext is this, digested under a key: what a re-seal keeps. */
export async function columnsUnder(
  vault: Vault,
  under: Under,
  row: string,
  columns: Columns,
  values: Values,
): Promise<Columns> {
  const digested = Object.entries(columns).map(
    async ([column, [revision, digest]]) =>
      [
        column,
        [
          revision,
          await digestIn(
            vault,
            under,
            row,
            column,
            digest === "" ? null : (values.get(column) ?? null),
          ),
        ],
      ] as const,
  );
  return Object.fromEntries(await Promise.all(digested));
}

/**
 * Empty when its object is gone: then either the row points elsewhere by now, and the write that
 * follows does not land, or what it held is lost and a statement may say it again. Throws
 * `KeyMissing` or `KeyReplaced`: a missing key says nothing of what it sealed.
 */
async function openHeld(
  vault: Vault,
  under: Under,
  held: HeldGroup,
  nowMs: number,
): Promise<Values> {
  const id = held.key_id;
  const key =
    id === under.key.id ? under.key : (await keysThere(vault, under, [id], nowMs)).get(id);
  const sealed =
    held.object === null ? fromHex(held.hex ?? "") : await objectBytes(vault, held.object);
  if (key === undefined || sealed === null) return new Map();
  const place = placeOf(under, held.row_id, held.group_name);
  return decodeGroup(held.group_name, await openBytes(vault, key, place, sealed));
}
