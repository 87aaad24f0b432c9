/**
 * What a member can be known by, gathered while they are still there: without it only their internal
 * id can be looked for once they are gone. It is as private as what it names, and to be destroyed
 * once the erasure is verified.
 */
import { everything, type Kept } from "./erase-stores.ts";

export interface Trace {
  readonly member: string;
  readonly needles: readonly string[];
}

/** Shorter ones would be found by chance. */
export const needleCharsMin = 8;

/**
 * Columns that name a member's own thing wherever the row says that it is theirs. The digest of a
 * content is not among them: somebody else's device may have said the very same.
 */
const naming = [
  ...["id", "hash", "account", "connection", "row_id", "key_id", "object", "generation"],
  ...["fact", "decision", "heir"],
] as const;
/** Fields of a fact's body that could lead back to it. */
const bodyFields = ["id", "originId", "copyOf", "connection"] as const;
/** Packed entries whose keys name theirs (durable-objects/ledger-keys.ts); not `r`, as above. */
const namingKeys = /^[ibNDHE]/;

/**
 * 1. rows that name the member give their connections, accounts, persons, keys and rows
 * 2. their ledgers give every fact, decision and conclusion; those that they share, their own facts
 */
export async function traceOf(
  folder: string,
  member: string,
  also: readonly string[],
): Promise<Trace> {
  const needles = new Set<string>([member, ...also]);
  const ledgers = new Set<string>();
  const ledgerRows: Kept[] = [];
  for await (const kept of everything(folder)) {
    const { store, row, name } = kept;
    if (row === null) continue;
    if (store === "ledger.meta" && isOf(String(row.value ?? ""), member)) ledgers.add(name);
    if (store === "ledger.state" && isOf(headOf(row.body).name ?? "", member)) ledgers.add(name);
    if (store.startsWith("ledger.")) ledgerRows.push(kept);
    else if (Object.values(row).includes(member)) addNamed(needles, row);
  }
  for (const { name, row, store } of ledgerRows) {
    if (row === null) continue;
    const isPacked = store === "ledger.state" || store === "ledger.page";
    if (!ledgers.has(name)) {
      if (isPacked) addPacked(needles, linesNaming(String(row.body), member));
      continue;
    }
    addNamed(needles, row);
    if (isPacked) addPacked(needles, String(row.body));
    else addBody(needles, row.body);
  }
  return { member, needles: [...needles].filter((needle) => needle.length >= needleCharsMin) };
}

const isOf = (ledger: string, member: string): boolean => ledger.endsWith(`/${member}`);

function addNamed(needles: Set<string>, row: Readonly<Record<string, unknown>>): void {
  for (const column of naming) {
    const value = row[column];
    if (typeof value === "string" && isTelling(value)) needles.add(value);
  }
}

/** A random id or a digest; not a word such as a board's key, which is everybody's. */
const isTelling = (value: string): boolean =>
  value.length >= 16 && /\d/.test(value) && /[A-Za-z]/.test(value) && !value.includes("\n");

function headOf(body: unknown): { readonly name?: string } {
  try {
    return JSON.parse(String(body).split("\n", 1)[0] ?? "");
  } catch {
    return {};
  }
}

/** Of what lies beside others': the facts that are theirs. */
const linesNaming = (body: string, member: string): string =>
  body
    .split("\n")
    .filter((line) => line.startsWith("t") && line.includes(`"member":"${member}"`))
    .join("\n");

/** Lines of a key and what it stands for, which ends in JSON. */
function addPacked(needles: Set<string>, body: string): void {
  for (const line of body.split("\n")) {
    const [key = "", value = ""] = line.split("\t", 2);
    if (namingKeys.test(key))
      for (const word of key.slice(1).split(" ")) if (isTelling(word)) needles.add(word);
    const from = value.indexOf("{");
    if (from >= 0) addBody(needles, value.slice(from, value.lastIndexOf("}") + 1));
  }
}

function addBody(needles: Set<string>, body: unknown): void {
  if (typeof body !== "string") return;
  try {
    const said = JSON.parse(body) as Record<string, unknown> | null;
    for (const field of bodyFields) {
      const value = said?.[field];
      if (typeof value === "string" && isTelling(value)) needles.add(value);
    }
  } catch {
    // An answer kept as text is no body of a fact.
  }
}
