/** What tests of erasure and restore share: members with something sealed, and what of it opens. */
import type { ConnectionId, MemberId } from "../../domain/identity.ts";
import type { ErasureScope } from "../../domain/ports.ts";
import { fromHex, openBytes, openText } from "../../workers/vault/cell.ts";
import type { Vault } from "../../workers/vault/env.ts";
import { eraseScope } from "../../workers/vault/erasure.ts";
import { decodeGroup } from "../../workers/vault/groups.ts";
import { objectBytes } from "../../workers/vault/sealed-object.ts";
import { sealRows } from "../../workers/vault/sealed-store.ts";
import { connectionNamed, type World } from "./world.ts";

export const garmin = connectionNamed("garmin");
export const google = connectionNamed("google");

/** The clock of a test: later at every look. */
export function clock(startMs = 1_700_000_000_000) {
  let nowMs = startMs;
  return Object.assign(() => ++nowMs, {
    pass: (ms: number) => {
      nowMs += ms;
    },
  });
}
export type Clock = ReturnType<typeof clock>;

/** Longer than any lease. */
export const leaseMs = 600_000;

/** More than a row holds: an object. */
export const longText = (seed: string): string => JSON.stringify(seed.repeat(40_000));

export interface Sealed {
  readonly connection: ConnectionId;
  readonly row: string;
  readonly columns: Readonly<Record<string, string>>;
}
export const note = (connection: ConnectionId, row: string, text = `of ${row}`): Sealed => ({
  connection,
  row,
  columns: { notes: JSON.stringify(text) },
});
export const long = (connection: ConnectionId, row: string): Sealed => ({
  connection,
  row,
  columns: { notes: JSON.stringify(`of ${row}`), raw_details: longText(row) },
});

export async function sealAll(
  vault: Vault,
  member: MemberId,
  sealed: readonly Sealed[],
  now: Clock,
): Promise<void> {
  for (const { connection, row, columns } of sealed) {
    const outcome = await sealRows(
      vault,
      member,
      connection,
      [{ row, revision: 1, columns }],
      now(),
    );
    if (outcome !== "sealed") throw new Error(`sealing ${row}: ${outcome}`);
  }
}

export interface Cell {
  readonly member: string;
  readonly row_id: string;
  readonly group_name: string;
  readonly key_id: string;
  readonly hex: string | null;
  readonly object: string | null;
}
export async function cellsOf(vault: Vault): Promise<Cell[]> {
  const { results } = await vault.phi
    .prepare("SELECT member, row_id, group_name, key_id, hex(body) AS hex, object FROM sealed")
    .all<Cell>();
  return results;
}

/** Everything of a member by the keys the vault would take; throws for what does not open. */
export async function opened(
  vault: Vault,
  member: MemberId,
  nowMs: number,
  otherwise: "throw" | "leave out" = "throw",
): Promise<Record<string, string>> {
  const generation = await vault.phi
    .prepare("SELECT key_id FROM member WHERE id = ? AND erased_at IS NULL")
    .bind(member)
    .first<string>("key_id");
  if (generation === null) return {};
  const cells = (await cellsOf(vault)).filter((cell) => cell.member === member);
  const ids = cells.map((cell) => cell.key_id);
  const keys = await vault.keyring.dataKeys({ member, generation }, ids, nowMs);
  const values: [string, string][] = [];
  for (const cell of cells) {
    const key = keys.get(cell.key_id);
    const sealed =
      cell.object === null ? fromHex(cell.hex ?? "") : await objectBytes(vault, cell.object);
    if (key === undefined || sealed === null) {
      if (otherwise === "leave out") continue;
      throw new Error(`${cell.row_id} opens no more`);
    }
    const place = { table: "sealed", member, column: cell.group_name, row: cell.row_id } as const;
    const group = decodeGroup(cell.group_name, await openBytes(vault, key, place, sealed));
    for (const [column, text] of group) values.push([`${cell.row_id} ${column}`, text]);
  }
  return Object.fromEntries(values.sort());
}

/** The same, said of what was sealed. */
export const said = (sealed: readonly Sealed[]): Record<string, string> =>
  Object.fromEntries(
    sealed
      .flatMap(({ row, columns }) =>
        Object.entries(columns).map(([column, text]): [string, string] => [
          `${row} ${column}`,
          text,
        ]),
      )
      .sort(),
  );

/** What is parked and opens, by its reason. */
export async function openedParked(vault: Vault, member: MemberId, nowMs: number) {
  const { results } = await vault.phi
    .prepare(
      `SELECT p.id, p.reason, p.key_id, hex(p.body) AS hex, m.key_id AS generation FROM parked AS p
       JOIN member AS m ON m.id = p.member WHERE p.member = ? ORDER BY p.reason`,
    )
    .bind(member)
    .all<{ id: string; reason: string; key_id: string; hex: string; generation: string }>();
  const bodies: Record<string, string> = {};
  for (const { id, reason, key_id, hex, generation } of results) {
    const key = (await vault.keyring.dataKeys({ member, generation }, [key_id], nowMs)).get(key_id);
    if (key === undefined) throw new Error(`${reason} opens no more`);
    const place = { table: "parked", member, column: "body", row: id } as const;
    bodies[reason] = await openText(vault, key, place, fromHex(hex));
  }
  return bodies;
}

export const rowsScope = (...rows: string[]): ErasureScope => ({ kind: "rows", rows });
export const connectionScope = (connection: ConnectionId): ErasureScope => ({
  kind: "connection",
  connection,
});

/** Asks until it is done, as somebody does who was told to ask again. */
export async function eraseUntilDone(
  vault: Vault,
  member: MemberId,
  scope: ErasureScope,
  now: Clock,
): Promise<void> {
  for (let tries = 0; tries < 20; tries++) {
    const steps = await eraseScope(vault, member, scope, now());
    if (!steps.some(({ step }) => step === "survivors-left")) return;
    now.pass(leaseMs);
  }
  throw new Error("the erasure does not end");
}

/** No generation but the one that is named, no retired key, no lease, nothing closing. */
export async function isAtRest(vault: Vault, member: MemberId): Promise<boolean> {
  const row = await vault.phi
    .prepare("SELECT key_id, lease, erased_at FROM member WHERE id = ?")
    .bind(member)
    .first<{ key_id: string | null; lease: string | null; erased_at: number | null }>();
  const { results: keys } = await vault.keyring.database
    .prepare("SELECT key_id, closing FROM member_key WHERE member = ?")
    .bind(member)
    .all<{ key_id: string; closing: number }>();
  const { results: data } = await vault.keyring.database
    .prepare("SELECT generation, retired FROM data_key WHERE member = ?")
    .bind(member)
    .all<{ generation: string; retired: number }>();
  if (row?.lease !== null) return false;
  if (row.erased_at !== null) return keys.length + data.length === 0;
  return (
    keys.length === 1 &&
    keys[0]?.key_id === row.key_id &&
    keys[0]?.closing === 0 &&
    data.every(({ generation, retired }) => generation === row.key_id && retired === 0)
  );
}

export const journalSize = (world: World, vault: Vault): number =>
  [...world.stores.keyring.objects.keys()].filter((key) =>
    key.startsWith(`journal/${vault.shard}/`),
  ).length;

/** The collector sees nothing of what a database holds. */
export function closeWorld({ stores: { directory, phi, keys } }: World): void {
  for (const database of [directory, ...phi, ...keys]) database.raw.close();
}
