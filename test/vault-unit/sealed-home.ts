/** A member with a key, things to seal for them, and how to look at what became of those. */
import type { MemberId } from "../../domain/identity.ts";
import type { SealedRow } from "../../domain/ports.ts";
import type { Retraction } from "../../domain/stream.ts";
import type { Vault } from "../../workers/vault/env.ts";
import { openColumn } from "../../workers/vault/sealed-read.ts";
import { connectionNamed, makeWorld } from "./world.ts";

export const garmin = connectionNamed("garmin");
export const nowMs = 1_000;
export const hourMs = 3_600_000;
export const at = (revision: number, columns: SealedRow["columns"], row = "f_1"): SealedRow => ({
  row,
  revision,
  columns,
});
export const retraction = (revision: number, id = "f_1") =>
  ({ id, revision, retracted: true }) as unknown as Retraction;
export const heart = (count: number, bpm = 60): string =>
  JSON.stringify(Array.from({ length: count }, (_, n) => ({ t: n * 1_000, bpm })));
/** Sealed, more than a row holds. */
export const long = heart(10_000);

export async function home() {
  const world = makeWorld();
  const { member, vault } = await world.enrol("ada", nowMs);
  return { world, member, vault };
}
export const texts = async (vault: Vault, member: string, column: string, rows = ["f_1"]) => {
  const opened = await openColumn(vault, member, column, rows, nowMs);
  return opened instanceof Map ? Object.fromEntries(opened) : opened;
};
export interface Held {
  readonly row_id: string;
  readonly group_name: string;
  readonly version: number;
}
export const held = async ({ phi }: Vault): Promise<Held[]> =>
  (
    await phi
      .prepare("SELECT row_id, group_name, version, revision, bytes, key_id FROM sealed")
      .all<Held>()
  ).results;
export const orphans = async ({ phi }: Vault) =>
  (await phi.prepare("SELECT count(*) AS n FROM orphan").first<number>("n")) ?? -1;
export const generationOf = async ({ phi }: Vault, member: MemberId) =>
  (await phi
    .prepare("SELECT key_id FROM member WHERE id = ?")
    .bind(member)
    .first<string>("key_id")) ?? "";
