/**
 * How an erasure stands in the log. Its intent is appended while the member still has a name there,
 * which dies with their keys; where it stands is kept beside the journal, where nothing keeps
 * versions, until it is closed. So whoever finishes what a crash left closes it too.
 *
 *   erasing/<shard>/<member>/<log>-<index>   what was asked
 */
import { type DeedName, isDeed } from "../../domain/audit.ts";
import type { MemberId } from "../../domain/identity.ts";
import type { EntryPlace, ErasureScope } from "../../domain/ports.ts";
import { type Among, closeEntry, type Deed, type Opened, openEntry } from "./audit.ts";
import type { Vault } from "./env.ts";
import type { Actor } from "./principal.ts";

/** Of one declaration and of one entry of the journal; more are several. */
const rowsPerEntryMax = 5_000;
const listedMax = 1_000;

/** The log takes no more for now: nothing was erased. */
export class LogFull extends Error {
  override readonly name = "LogFull";
}

const prefixOf = ({ shard }: Vault, member: string): string => `erasing/${shard}/${member}/`;
const nameOf = (vault: Vault, member: string, { log, index }: EntryPlace): string =>
  `${prefixOf(vault, member)}${log}-${index}`;

function placeIn(name: string): EntryPlace {
  const [log = Number.NaN, index = Number.NaN] = (name.split("/").at(-1) ?? "")
    .split("-")
    .map(Number);
  return { log, index };
}

const deedNames = {
  member: "erase-member",
  connection: "erase-connection",
  rows: "erase-workouts",
} as const satisfies Readonly<Record<ErasureScope["kind"], DeedName>>;

/** Of rows it is named by their stream, where that has a name of its own for it. */
function deedNameOf(scope: ErasureScope): DeedName {
  const own = `erase-${scope.kind === "rows" ? scope.of : ""}`;
  return isDeed(own) ? own : deedNames[scope.kind];
}

/** Who asked for it, if it was not the member: where their name comes from, and why. */
export interface AskedBy {
  readonly among: Among;
  readonly actor: Actor;
  readonly role: string;
  readonly purpose: string;
  /** What it is called there; absent: by what is erased. */
  readonly deed?: DeedName;
}

const deedOf = (member: MemberId, scope: ErasureScope, by: AskedBy | null): Deed => ({
  deed: by?.deed ?? deedNameOf(scope),
  actor: by?.actor ?? { id: member, member, roles: ["member"] },
  role: by?.role ?? "member",
  member,
  columns: ["*"],
  purpose: by?.purpose ?? "erasure",
});

/**
 * Before anything is erased. Throws `LogFull`.
 *
 * 1. the intent is appended      it is shown as unknown for good, and nothing was erased
 * 2. its place is kept           the same, until this is erased after all
 */
export async function openErasure(
  vault: Vault,
  member: MemberId,
  scope: ErasureScope,
  nowMs: number,
  by: AskedBy | null = null,
): Promise<Opened> {
  const opened = await openEntry(by?.among ?? vault, deedOf(member, scope, by), nowMs);
  if (opened === null) throw new LogFull();
  await vault.journal.put(nameOf(vault, member, opened.place), JSON.stringify(scope));
  return opened;
}

/** Nothing came of it. */
export async function refuseErasure(
  vault: Vault,
  member: MemberId,
  opened: Opened,
  ground: string,
): Promise<void> {
  await closeEntry(vault, opened, { outcome: "refused", ground, rows: 0 });
  await vault.journal.delete(nameOf(vault, member, opened.place));
}

/**
 * Once all that stands declared is done: every erasure of the member that the log shows as open and
 * that was declared, an interrupted one too. One that crashed before stays as it is.
 *
 * 1. the outcome is appended     closed once more, alike, by whoever finds the place
 * 2. its place is dropped        done
 */
export async function closeErasures(vault: Vault, member: MemberId, rows: number): Promise<void> {
  const prefix = prefixOf(vault, member);
  const { objects } = await vault.journal.list({ prefix, limit: listedMax });
  for (const { key } of objects) {
    const scope = await (await vault.journal.get(key))?.json<ErasureScope>();
    if (scope === undefined || !(await isDeclared(vault, member, scope))) continue;
    const outcome = { outcome: "permitted", ground: "own", rows };
    await closeEntry(vault, { place: placeIn(key) }, outcome);
    await vault.journal.delete(key);
  }
}

/** With the member everything is. */
async function isDeclared(vault: Vault, member: MemberId, scope: ErasureScope): Promise<boolean> {
  const isErased = "EXISTS (SELECT 1 FROM member WHERE id = ?1 AND erased_at IS NOT NULL)";
  const ask = async (condition: string, ...bound: readonly string[]): Promise<boolean> =>
    (await vault.phi
      .prepare(`SELECT 1 WHERE ${isErased} OR ${condition}`)
      .bind(member, ...bound)
      .first()) !== null;
  if (scope.kind === "member") return ask("false");
  if (scope.kind === "connection") {
    const ended = "SELECT 1 FROM ended_connection WHERE member = ?1 AND connection = ?2";
    return ask(`EXISTS (${ended})`, scope.connection);
  }
  const gone = `SELECT row_id FROM retraction
    WHERE member = ?1 AND revision = ${Number.MAX_SAFE_INTEGER}`;
  for (const { rows } of rowPieces(scope.rows))
    if (!(await ask(`NOT EXISTS (SELECT value FROM json_each(?2) EXCEPT ${gone})`, asJson(rows))))
      return false;
  return true;
}

const asJson = (rows: readonly string[]): string => JSON.stringify(rows);

/** A bounded number of rows each, and one for no rows at all. */
export function rowPieces(all: readonly string[]): { kind: "rows"; rows: readonly string[] }[] {
  const rows = [...new Set(all)];
  return Array.from({ length: Math.max(1, Math.ceil(rows.length / rowsPerEntryMax)) }, (_, n) => ({
    kind: "rows",
    rows: rows.slice(n * rowsPerEntryMax, (n + 1) * rowsPerEntryMax),
  }));
}
