/**
 * What is meant to stay of an erased member: their internal id, which is random and says that it is
 * dead; entries of the log; for a time what keeps a restore from bringing them back. Each is named by
 * its table and by what the rest of the row must look like; nothing else is let pass.
 */
import type { Kept, Row } from "./erase-stores.ts";

type Rule = readonly [why: string, holds: (row: Row, member: string) => boolean];

const isEmpty = (value: unknown): boolean =>
  value === null || value === "" || value === "[]" || value === 0n;
const names = (member: string, value: unknown): boolean =>
  typeof value === "string" && (value === member || value.endsWith(`/${member}`));

const rules: Readonly<Record<string, Rule>> = {
  "warehouse.member": [
    "a bare id and when it was erased",
    ({ id, erased_at, made_at, zones, on_boards, shown_until = null, settings_version }, member) =>
      id === member &&
      erased_at !== null &&
      [made_at, zones, on_boards, shown_until, settings_version].every(isEmpty),
  ],
  "warehouse.forgotten_ledger": [
    "that the ledger of this id is dead",
    ({ ledger }, member) => names(member, ledger),
  ],
  "warehouse.ledger": [
    "that there was a ledger of this id, so that a sweep still sees that it is empty",
    ({ name, report }, member) => names(member, name) && isEmptied(report),
  ],
  "ledger.meta": [
    "the empty ledger's own name",
    ({ key, value }, member) => key === "name" && names(member, value),
  ],
  "ledger.state": [
    "the empty ledger's own name",
    ({ body }, member) => isEmptyLedger(String(body), member),
  ],
  "board.score": [
    "that this id has left the board",
    ({ member: id, body }, member) =>
      id === member && body instanceof Uint8Array && body.length === 0,
  ],
  "live.thing": [
    "that a thing of theirs adds nothing any more, until nobody is shown its day",
    ({ ledger, entries }, member) =>
      entries === "[]" && (names(member, ledger) || !String(ledger).includes("/m_")),
  ],
  "live.cell": [
    "a minute in which nothing of theirs is counted any more, until its day is shown to nobody",
    ({ n0, n1, n2 }) => [n0, n1, n2].every((n) => n === 0n),
  ],
  "platform._cf_ALARM": [
    "that the object of what was watched of theirs wakes once more, to drop what is left of it",
    (row, member) => Object.values(row).some((value) => String(value).includes(`/${member}`)),
  ],
  "phi.member": [
    "the tombstone",
    ({ id, key_id, erased_at, lease }, member) =>
      id === member && key_id === null && erased_at !== null && lease === null,
  ],
  "keys.gone_member": [
    "that no key is made for this id again",
    ({ member: id }, member) => id === member,
  ],
  "directory.placement": [
    "in which shard the tombstone is",
    ({ member: id, erased_at }, member) => id === member && erased_at !== null,
  ],
  "directory.principal": [
    "a keyed digest, by which older tokens are refused",
    ({ member: id, not_before }, member) => id === member && not_before !== 0n,
  ],
};

/** Its head (durable-objects/ledger-state.ts), and no entry. */
function isEmptyLedger(body: string, member: string): boolean {
  const [first = "", ...entries] = body.split("\n");
  const { name, isForgotten, settings, ended, arrivals, days } = JSON.parse(first);
  const holdsNothing = [ended, days].every((list) => list.length === 0) && settings === null;
  const hasArrivals = Object.keys(arrivals ?? {}).length > 0;
  return names(member, name) && isForgotten && holdsNothing && !hasArrivals && entries.length === 0;
}

/** What a ledger that others share keeps of what it let go of: hashes, and by whose account. */
const erasedKeys = /^[iEr]/;
function isErasedAmong(row: Row, needles: readonly string[]): boolean {
  const names = (text: string) => needles.some((needle) => text.includes(needle));
  const [first = "", ...rest] = String(row.body).split("\n");
  const isHead = first.startsWith("{");
  const { ended: _ended, ...head } = isHead ? JSON.parse(first) : {};
  const lines = isHead ? rest : [first, ...rest];
  const isErased = (line: string) => erasedKeys.test(line) && !line.includes("{");
  return (
    !names(JSON.stringify(head)) &&
    lines.every((line) => !names(line) || isErased(line)) &&
    (typeof row.first !== "string" || !names(row.first) || erasedKeys.test(row.first))
  );
}

/** In a partition that others are in as well: the hash of what was let go of, and nothing it said. */
function isTombstoned(text: string, member: string, needles: readonly string[]): boolean {
  const [, ...rows] = text.split(/\n(?=subject=)/);
  const named = rows.filter((row) => needles.some((needle) => row.includes(needle)));
  const isBare = (row: string) =>
    /\nkind=retraction\n/.test(row) && /\nbody=$/.test(row) && !row.includes(member);
  return named.length > 0 && named.every(isBare);
}

/** A report that was made after the erasure counts nothing. */
function isEmptied(report: unknown): boolean {
  if (report === null) return true;
  try {
    const said = JSON.parse(String(report)) as Record<string, unknown>;
    return said.held === 0 && said.pending === 0 && said.received === 0;
  } catch {
    return false;
  }
}

/** Of these the keyed hash that stands beside the id is what stays. */
const bearsHash: ReadonlySet<string> = new Set([
  ...["directory.principal", "live.thing", "live.cell", "platform._cf_ALARM"],
]);

/** Why this one may name them; null: it may not. */
export function allowedAs(
  { store, name, row, text }: Kept,
  member: string,
  needles: readonly string[],
): string | null {
  if (store.startsWith("log.") || /^bucket .*log/i.test(store))
    return "entries of the log, by pseudonym or, for what they did to others, by id";
  const journal = "which erasures no restore may undo, for 35 days";
  if (/^bucket .*keyring/i.test(store) && /^journal\/\d+\/\d+$/.test(name)) return journal;
  if (store === "objects._mf_objects" && /^journal\//.test(String(row?.key ?? ""))) return journal;
  if (/^bucket .*archive/i.test(store) && name.startsWith("facts/"))
    return isTombstoned(text, member, needles)
      ? "in a partition that others share, hashes of what is retracted"
      : null;
  if ((store === "ledger.state" || store === "ledger.page") && row !== null)
    if (isErasedAmong(row, needles))
      return "in a ledger that others share, hashes of what it let go of";
  const rule = rules[store];
  if (rule === undefined || row === null) return null;
  const [why, holds] = rule;
  if (!holds(row, member)) return null;
  const others = needles.filter((needle) => needle !== member);
  const isOnlyId = bearsHash.has(store) || !others.some((n) => says(row, n, member));
  return isOnlyId ? why : null;
}

/** Whether a row says something of them beside the id. */
const says = (row: Row, needle: string, member: string): boolean =>
  Object.values(row).some(
    (value) => typeof value === "string" && value.replaceAll(member, "").includes(needle),
  );
