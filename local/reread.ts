/**
 * `npm run vault -- reread`: sealed records read again by a newer edition of their provider's file,
 * page by page to the end. It only looks unless told to apply; stopped anywhere, it is run again.
 */
import type { parseArgs } from "node:util";
import type { Answer } from "./people.ts";
import { table } from "./table.ts";

export const rereadHelp = `  reread PROVIDER --from T --to T [--member ID] [--apply]
                   read what is sealed of this time again by today's edition of the provider's
                   file, and say what differs; --apply: change it, as new editions`;

export const rereadOptions = {
  from: { type: "string" },
  to: { type: "string" },
  member: { type: "string" },
  apply: { type: "boolean", default: false },
} as const satisfies NonNullable<Parameters<typeof parseArgs>[0]>["options"];

export interface RereadValues {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly member?: string | undefined;
  readonly apply: boolean;
}

interface Item {
  readonly id: string;
  readonly member: string;
  readonly outcome: string;
  readonly fields: Readonly<Record<string, { readonly before: unknown; readonly after: unknown }>>;
  readonly columns: readonly string[];
  readonly reason: string | null;
}
interface Reread {
  readonly items: readonly Item[];
  readonly recorded: number;
  readonly next: string | null;
}

const noEdition =
  "--apply would change nothing: raise the provider's edition first (docs/replay.md)";
const pagesMax = 10_000_000;
/** Rows of the table; the counts below it are of everything. */
const shownMax = 200;

/** Asks page after page; what reads as before is counted and not shown. */
export async function reread(
  ask: (path: string, body: unknown) => Promise<Answer>,
  say: (text: string) => void,
  provider: string,
  { apply, ...values }: RereadValues,
): Promise<void> {
  const outcomes = new Map<string, number>();
  const shown: string[][] = [];
  let [recorded, read] = [0, 0];
  let cursor: string | null = null;
  for (let page = 0; page < pagesMax; page++) {
    const at: { cursor?: string } = cursor === null ? {} : { cursor };
    const { body } = await ask("/v1/ops/rereads", { provider, ...values, dryRun: !apply, ...at });
    const { items, recorded: now, next }: Reread = body;
    recorded += now;
    read += items.length;
    for (const item of items) {
      const name = item.reason === null ? item.outcome : `${item.outcome}: ${item.reason}`;
      outcomes.set(name, (outcomes.get(name) ?? 0) + 1);
      if (item.outcome !== "same" && shown.length < shownMax) shown.push(lineOf(item));
    }
    if (items.length > 0) say(`${read.toLocaleString("en-US")} records read`);
    cursor = next;
    if (cursor === null) break;
  }
  if (shown.length > 0) say(table(["member", "record", "outcome", "what differs"], shown));
  for (const [name, count] of [...outcomes].sort()) say(`${count.toLocaleString("en-US")} ${name}`);
  if (read === 0) say("there is nothing of this provider in this time");
  else if (apply) say(`${recorded.toLocaleString("en-US")} new editions recorded`);
  else if (outcomes.has("changed")) say("nothing was changed: --apply does it");
  else say(outcomes.has("same-edition") ? noEdition : "there is nothing that --apply would change");
}

function lineOf({ member, id, outcome, fields, columns, reason }: Item): string[] {
  const open = Object.entries(fields).map(
    ([name, { before, after }]) => `${name} ${JSON.stringify(before)} → ${JSON.stringify(after)}`,
  );
  const restricted = columns.map((column) => `${column} (restricted)`);
  return [member, id.slice(0, 12), outcome, [...open, ...restricted].join(", ") || (reason ?? "")];
}
