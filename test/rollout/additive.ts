/**
 * May the release before go on over a schema that this migration made? Only where it adds: tables,
 * indices, columns that say for themselves what they hold. Anything else has to be done in two
 * releases: one that needs it no more, and one that takes it away.
 */

const withoutComments = (sql: string): string => sql.replaceAll(/--[^\n]*/g, " ");

/** Statements; one with a body of its own (a trigger) is one. */
export function statementsIn(sql: string): string[] {
  const found: string[] = [];
  let body = "";
  for (const piece of withoutComments(sql).split(";")) {
    body += body === "" ? piece : `;${piece}`;
    const isOpen = /\bCREATE\s+(TEMP\s+)?TRIGGER\b/i.test(body) && !/\bEND\s*$/i.test(body);
    if (isOpen) continue;
    if (body.trim() !== "") found.push(body.trim().replaceAll(/\s+/g, " "));
    body = "";
  }
  return found;
}

const nameIn = (pattern: RegExp, text: string): string | null =>
  pattern.exec(text)?.[1]?.toLowerCase() ?? null;

/** Why the release before could not go on; one line a statement. */
export function faultsIn(sql: string): string[] {
  const made = new Set<string>();
  return statementsIn(sql).flatMap((statement) => {
    const fault = faultOf(statement, made);
    return fault === null ? [] : [`${fault}: ${statement.slice(0, 80)}`];
  });
}

/** `made`: tables that this migration made, and columns, as `table.column`. */
function faultOf(statement: string, made: Set<string>): string | null {
  const table = nameIn(/^CREATE TABLE (?:IF NOT EXISTS )?"?(\w+)/i, statement);
  if (table !== null) {
    made.add(table);
    return null;
  }
  if (/^CREATE INDEX /i.test(statement)) return null;
  const [, unique, columns = ""] =
    /^CREATE UNIQUE INDEX .*? ON "?(\w+)"? ?\(([^)]*)\)/i.exec(statement) ?? [];
  if (unique !== undefined) {
    // Over a column of this very migration the release before leaves nothing, which never repeats.
    const parts = columns.split(",").map((each) => `${unique}.${each.trim()}`.toLowerCase());
    const isNew = made.has(unique.toLowerCase()) || parts.some((part) => made.has(part));
    return isNew ? null : "refuses what the release before may write";
  }
  const trigger = nameIn(/^CREATE TRIGGER .*? ON "?(\w+)/i, statement);
  if (trigger !== null) return made.has(trigger) ? null : "acts on what the release before writes";
  const [, altered, column] = /^ALTER TABLE (\w+) ADD (?:COLUMN )?(\w+)/i.exec(statement) ?? [];
  if (altered !== undefined) {
    const fault = faultOfColumn(statement);
    if (!/\bDEFAULT\b/i.test(statement)) made.add(`${altered}.${column}`.toLowerCase());
    return fault;
  }
  const filled = nameIn(/^(?:INSERT(?: OR \w+)? INTO|UPDATE) "?(\w+)/i, statement);
  if (filled !== null) return null;
  return "is no addition";
}

function faultOfColumn(statement: string): string | null {
  if (/\b(UNIQUE|PRIMARY KEY|CHECK|REFERENCES)\b/i.test(statement))
    return "refuses what the release before may write";
  const isNeeded = /\bNOT NULL\b/i.test(statement) && !/\bDEFAULT\b/i.test(statement);
  return isNeeded ? "wants of the release before what it cannot know" : null;
}
