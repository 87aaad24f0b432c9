/**
 * How the vault writes into the log of who looked. An intent is durable before anything is read or
 * changed, and is closed by what came of it; one that nothing closed is shown as unknown, never left
 * out. Who stands in an entry, and under what name, is said here and nowhere else.
 */
import {
  type DeedDraft,
  type DeedName,
  type EntryDraft,
  intended,
  type Outcome,
} from "../../domain/audit.ts";
import type { MemberId } from "../../domain/identity.ts";
import type { EntryPlace, Refusal } from "../../domain/ports.ts";
import { type Shards, shardAt, type Vault } from "./env.ts";
import type { Logs } from "./logs.ts";
import type { Actor } from "./principal.ts";
import { pseudonymOf } from "./pseudonym.ts";

const textCharsMax = 64;
const columnsMax = 100;

export interface Deed {
  readonly deed: DeedName;
  readonly actor: Actor;
  /** Under which the actor acts. */
  readonly role: string;
  /** Whose data; null: nobody's. */
  readonly member: MemberId | null;
  readonly columns: readonly string[];
  readonly purpose: string;
}
export interface Opened {
  readonly place: EntryPlace;
}
/** What a caller is told when nothing was opened. */
export const tooMany: Refusal = { refused: "too-many" };

/** Where names come from: one shard is enough for what its member does to their own. */
export type Among = Shards | Vault;

const noOutcome: Outcome = { outcome: intended, ground: "", rows: 0 };

/**
 * The intent; what it names may be done only once this has returned. Null: the log takes no more for
 * now, and the deed is refused as "too-many".
 */
export async function openEntry(among: Among, deed: Deed, nowMs: number): Promise<Opened | null> {
  const place = await writeWhole(among, deed, noOutcome, nowMs);
  return place === null ? null : { place };
}

/** What came of it. Throws when the log does not take it: the intent stays, shown as unknown. */
export async function closeEntry(
  { logs }: { readonly logs: Logs },
  { place: { log, index } }: Opened,
  { outcome, ground, rows }: Outcome,
): Promise<void> {
  const place = await append(logs, log, { closes: index, outcome, ground: bounded(ground), rows });
  if (place === null) throw new Error("the log did not take an outcome");
}

/** A whole entry, of something that needs no intent; null as above. */
export async function writeWhole(
  among: Among,
  deed: Deed,
  outcome: Outcome,
  nowMs: number,
): Promise<EntryPlace | null> {
  const draft = await draftOf(among, deed, outcome, nowMs);
  return append(among.logs, among.logs.logOf(draft.member), draft);
}

async function append(logs: Logs, log: number, draft: EntryDraft): Promise<EntryPlace | null> {
  const appended = await logs.port(log).append([draft]);
  if ("refused" in appended) return null;
  const [entry] = appended;
  if (entry === undefined) throw new Error("the entry was not kept");
  return { log, index: entry.index };
}

async function draftOf(
  among: Among,
  { deed, actor, role, member, columns, purpose }: Deed,
  { outcome, ground, rows }: Outcome,
  nowMs: number,
): Promise<DeedDraft> {
  const pseudonym = member === null ? "" : await pseudonymAmong(among, member, nowMs);
  const isOwn = actor.member !== null && actor.member === member;
  return {
    deed,
    actor: isOwn ? pseudonym : await actorName(among, actor, role, nowMs),
    role: bounded(role),
    member: pseudonym,
    columns: columns.slice(0, columnsMax).map(bounded),
    purpose: bounded(purpose),
    outcome,
    ground: bounded(ground),
    rows,
  };
}

const bounded = (text: string): string => text.slice(0, textCharsMax);

/**
 * Guests have no keys, and some roles answer for what they did after they are gone: they keep their
 * internal id. Nobody acts without a name: whoever was erased meanwhile does nothing more.
 */
async function actorName(
  among: Among,
  { id, member }: Actor,
  role: string,
  nowMs: number,
): Promise<string> {
  if (member === null || among.logs.keepsActors.includes(role)) return id;
  const pseudonym = await pseudonymAmong(among, member, nowMs);
  if (pseudonym === "") throw new Error("who acts is no member of these shards any more");
  return pseudonym;
}

/** Empty for somebody who never enrolled, or is erased. */
export async function pseudonymAmong(
  among: Among,
  member: MemberId,
  nowMs: number,
): Promise<string> {
  if (!("all" in among)) return pseudonymOf(among, member, nowMs);
  const shard = await among.directory.shardOf(member);
  return shard === null ? "" : pseudonymOf(shardAt(among, shard), member, nowMs);
}
