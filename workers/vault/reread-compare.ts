/**
 * What a fact's raw slices say today, beside what is held of it: open fields by their values,
 * restricted columns by their keyed digests, so that none of those is opened to be compared. A fact
 * may have several slices, each of a revision of its own: the open fields are those of the revision
 * that the ledger holds, and of a restricted column the newest slice that speaks of it is heard.
 */
import { type Digest, type MemberId, originId } from "../../domain/identity.ts";
import type { OpenFact, SealedRow } from "../../domain/ports.ts";
import type { Result } from "../../domain/result.ts";
import { err, ok } from "../../domain/result.ts";
import { streams } from "../../domain/streams.ts";
import { shape } from "../../kernel/accept.ts";
import { isRetractedDraft, type Provider } from "../../providers/provider.ts";
import { digestBytes, type Place } from "./cell.ts";
import type { Vault } from "./env.ts";
import { columnBytes, isRaw } from "./groups.ts";
import type { HeldColumn, Opened, Slice } from "./reread-slices.ts";
import { type Said, saidBy } from "./sealed-merge.ts";

export type Compared =
  | { readonly outcome: "unreadable" | "no-raw"; readonly reason: string }
  | {
      readonly statement: OpenFact;
      readonly fields: Readonly<Record<string, readonly [before: unknown, after: unknown]>>;
      readonly columns: readonly string[];
      /** Restricted columns that differ, and nothing else. */
      readonly rows: readonly SealedRow[];
    };

interface Comparing {
  readonly vault: Vault;
  readonly member: MemberId;
  readonly digest: Digest;
  readonly nowMs: () => number;
}
interface Read {
  readonly statement: OpenFact;
  readonly row: SealedRow;
}

export async function compare(
  comparing: Comparing,
  provider: Provider | undefined,
  held: OpenFact,
  slices: readonly Slice[] = [],
  { columns }: Opened,
): Promise<Compared> {
  if (provider === undefined) return { outcome: "unreadable", reason: "unknown-provider" };
  if (provider.again === undefined) return { outcome: "no-raw", reason: "not-kept" };
  if (slices.length === 0) return { outcome: "no-raw", reason: "not-there" };
  const reads: Read[] = [];
  for (const slice of slices) {
    const read = await readAgain(comparing, provider, held, slice);
    if (!read.ok) return { outcome: "unreadable", reason: read.error };
    reads.push(read.value);
  }
  const current = reads.find(({ statement }) => statement.revision === held.revision);
  if (current === undefined) return { outcome: "unreadable", reason: "another-revision" };
  const said = saidBy(reads.map(({ row }) => row));
  const rows = await differing(comparing, said, columns.get(held.id) ?? new Map());
  if (rows === null) return { outcome: "unreadable", reason: "key-missing" };
  const { statement } = current;
  const names = rows.flatMap((row) => Object.keys(row.columns)).sort();
  return { statement, fields: fieldsBetween(held, statement), columns: names, rows };
}

/** At the revision that the slice was sealed with, under the identity that the fact has. */
async function readAgain(
  { digest, member, nowMs }: Comparing,
  provider: Provider,
  held: OpenFact,
  { column, revision, text }: Slice,
): Promise<Result<Read, string>> {
  if (text === null) return err("not-openable");
  const slice = jsonOf(text);
  if (slice === undefined) return err("not-json");
  const item = provider.again?.(column, slice, held) ?? null;
  if (item === null) return err("unknown-column");
  const draft = provider.normalise(item.kind, item.body, nowMs());
  if (!draft.ok) return err(draft.error);
  if (isRetractedDraft(draft.value)) return err("retracts");
  const named = await originId(digest, provider.name, draft.value.sourceId);
  if (named !== held.originId || held.member !== member) return err("another-identity");
  const origin = {
    member,
    connection: String(held.connection),
    provider: provider.name,
    account: "",
    edition: provider.edition,
  } as Parameters<typeof shape>[3];
  const drafts = [{ ...draft.value, revision }];
  const stream = streams[provider.stream];
  const [shaped] = await shape(digest, () => nothingToNumber, stream, origin, drafts);
  if (shaped?.kind !== "fact") return err("out-of-range");
  const kept = Object.entries(shaped.row.columns).filter(([name]) => !isRaw(name));
  return ok({
    // By the account's own name, which is not kept, nobody is told apart anew.
    statement: { ...shaped.statement, id: held.id, ...personOf(held) } as OpenFact,
    row: { row: held.id, revision, columns: Object.fromEntries(kept) },
  });
}

const personOf = ({ person }: OpenFact) => (person === undefined ? {} : { person });

/** A slice has the revision that it was sealed with. */
const nothingToNumber = { number: async (): Promise<number[]> => [] };

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Which edition said them is no field of theirs; one that is absent says what null says. */
function fieldsBetween(held: OpenFact, now: OpenFact) {
  const names = [...new Set([...Object.keys(held), ...Object.keys(now)])].sort();
  const differ = names.filter(
    (name) =>
      name !== "edition" &&
      JSON.stringify(held[name] ?? null) !== JSON.stringify(now[name] ?? null),
  );
  return Object.fromEntries(
    differ.map((name) => [name, [held[name] ?? null, now[name] ?? null] as const]),
  );
}

/**
 * Columns whose content is another one, where nothing newer stands. Null when what is held cannot
 * be compared: its key is gone, and nothing is written over what it sealed.
 */
async function differing(
  { vault, member }: Comparing,
  said: readonly Said[],
  held: ReadonlyMap<string, HeldColumn>,
): Promise<SealedRow[] | null> {
  const rows: SealedRow[] = [];
  for (const { row, columns } of said)
    for (const [column, { revision, value }] of columns) {
      const there = held.get(column);
      if (there !== undefined && there.revision > revision) continue;
      if (there !== undefined && there.digest !== "" && there.key === undefined) return null;
      const place = { table: "sealed", member, column, row } as const;
      if (!(await isSame(vault, place, there, value)))
        rows.push({ row, revision, columns: { [column]: value } });
    }
  return rows;
}

async function isSame(
  vault: Vault,
  place: Place,
  there: HeldColumn | undefined,
  value: string | null,
): Promise<boolean> {
  const isEmpty = there === undefined || there.digest === "" || there.key === undefined;
  if (isEmpty || value === null) return isEmpty && value === null;
  return (
    there.digest === (await digestBytes(vault, there.key, place, columnBytes(place.column, value)))
  );
}
