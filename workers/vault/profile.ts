/**
 * Display names: sealed like everything of a member, but opened without an entry in the log, since
 * the member chose to be seen by them. Only asked for members on boards, or for the caller.
 */
import type { MemberId } from "../../domain/identity.ts";
import type { SealOutcome } from "../../domain/ports.ts";
import { fromHex, openText, ownConnection } from "./cell.ts";
import type { Vault } from "./env.ts";
import { sealRows } from "./sealed-store.ts";

const row = "profile";
const column = "display_name";
const displayNameCharsMax = 80;
const namesAskedMax = 200;
const namesCachedMax = 2_000;
const namesCachedForMs = 30_000;

const cached = new Map<string, { readonly name: string; readonly untilMs: number }>();

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

/** The names of those who have one; beyond the bound, of the first ones. */
export async function namesOf(
  vault: Vault,
  members: readonly string[],
  nowMs: number,
): Promise<Record<string, string>> {
  const asked = [...new Set(members)].slice(0, namesAskedMax);
  const names = new Map<string, string>();
  for (const member of asked) {
    const entry = cached.get(member);
    if (entry !== undefined && entry.untilMs > nowMs) names.set(member, entry.name);
  }
  const missing = asked.filter((member) => !names.has(member));
  for (const [member, name] of missing.length === 0 ? [] : await load(vault, missing, nowMs)) {
    names.set(member, name);
    const oldest = cached.keys().next();
    if (cached.size >= namesCachedMax && !oldest.done) cached.delete(oldest.value);
    cached.set(member, { name, untilMs: nowMs + namesCachedForMs });
  }
  return Object.fromEntries(names);
}

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
       JOIN sealed AS s ON s.member = m.id AND s.row_id = ? AND s.column_name = ?
       WHERE s.body IS NOT NULL`,
    )
    .bind(JSON.stringify(members), row, column)
    .all<NameRow>();
  const keys = await vault.keyring.dataKeys(
    results.map(({ member, generation }) => ({ member, generation, connection: ownConnection })),
    nowMs,
  );
  const named = await Promise.all(
    results.map(async ({ member, key_id, hex }, i): Promise<[string, string][]> => {
      const key = keys[i];
      if (!key || key.id !== key_id) return [];
      const place = { table: "sealed", member, column, row } as const;
      return [[member, JSON.parse(await openText(vault, key, place, fromHex(hex))) as string]];
    }),
  );
  return named.flat();
}
