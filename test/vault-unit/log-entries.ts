/** What the logs of a test's world hold, without asking the vault. */
import {
  type Action,
  type ClosingDraft,
  type DeedDraft,
  deeds,
  isClosing,
  type Outcome,
  parseEntry,
} from "../../domain/audit.ts";
import type { Vault } from "../../workers/vault/env.ts";
import { pseudonymOf } from "../../workers/vault/pseudonym.ts";
import { logNames, type World } from "./world.ts";

/** A deed with what came of it; `closings`: how many entries say so. */
export interface LoggedDeed extends DeedDraft {
  readonly log: number;
  readonly index: number;
  readonly atMs: number;
  readonly action: Action;
  /** As the deed's own entry says: "intended", or the outcome of a whole one. */
  readonly began: string;
  readonly closings: number;
}

const rowsOf = ({ stores: { log } }: World, name: string) =>
  log.rows(name, "SELECT idx, at, text FROM entry ORDER BY idx").map(({ idx, at, text }) => {
    const draft = parseEntry(String(text));
    if (draft === null) throw new Error(`no entry: ${text}`);
    return { log: Number(name), index: Number(idx), atMs: Number(at), draft };
  });

/** Every deed in every log, in order of time. Throws when an index is missing or given twice. */
export function deedsIn(world: World): LoggedDeed[] {
  const all = logNames.flatMap((name) => {
    const rows = rowsOf(world, name);
    rows.forEach(({ index }, i) => {
      if (index !== i) throw new Error(`log ${name} has ${index} where ${i} is due`);
    });
    const closingsOf = new Map<number, ClosingDraft[]>();
    for (const { draft } of rows)
      if (isClosing(draft))
        closingsOf.set(draft.closes, [...(closingsOf.get(draft.closes) ?? []), draft]);
    return rows.flatMap(({ draft, ...place }): LoggedDeed[] => {
      if (isClosing(draft)) return [];
      const closings = closingsOf.get(place.index) ?? [];
      const { outcome, ground, rows: count }: Outcome = closings[0] ?? draft;
      const said = { outcome, ground, rows: count, began: draft.outcome };
      const action = deeds[draft.deed];
      return [{ ...draft, ...place, ...said, action, closings: closings.length }];
    });
  });
  return all.sort((a, b) => a.atMs - b.atMs || a.log - b.log || a.index - b.index);
}

/** Of one member, while they have a name there. */
export async function deedsOf(
  world: World,
  vault: Vault,
  member: string,
  nowMs: number,
): Promise<LoggedDeed[]> {
  const pseudonym = await pseudonymOf(vault, member, nowMs);
  if (pseudonym === "") throw new Error(`${member} has no name`);
  return deedsIn(world).filter((deed) => deed.member === pseudonym);
}

/** Every entry by itself, in order of time: who, and what it says. */
export function entriesIn(world: World): (Outcome & { readonly actor: string })[] {
  const deedAt = new Map(deedsIn(world).map((deed) => [`${deed.log} ${deed.index}`, deed]));
  return logNames
    .flatMap((name) => rowsOf(world, name))
    .sort((a, b) => a.atMs - b.atMs || a.log - b.log || a.index - b.index)
    .map(({ log, draft }) => {
      const { outcome, ground, rows } = draft;
      const actor = isClosing(draft) ? deedAt.get(`${log} ${draft.closes}`)?.actor : draft.actor;
      return { actor: actor ?? "", outcome, ground, rows };
    });
}
