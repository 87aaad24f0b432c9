/** Every page of what was looked for, joined to one file: CSV keeps the first page's header alone. */
import { ask } from "../../api/client.ts";
import type { EntryQuery } from "./entry-query.ts";

export type ExportFormat = "csv" | "ndjson";
const perPage = 200;
/** 20,000 entries; who wants more narrows the days, or takes the log home. */
export const exportPagesMax = 100;

/** Of a `Link` header (RFC 8288), the cursor of what comes next; null: nothing does. */
export function nextCursor(link: string | null): string | null {
  const [, target = ""] = /^<([^>]*)>; rel="next"$/.exec(link ?? "") ?? [];
  const at = target.indexOf("?");
  return at < 0 ? null : new URLSearchParams(target.slice(at)).get("cursor");
}

export const withoutHeader = (csv: string): string => csv.slice(csv.indexOf("\r\n") + 2);

export interface Exported {
  readonly content: Blob;
  /** There was more than one file may hold. */
  readonly isCut: boolean;
}

export async function exportEntries(
  query: EntryQuery,
  format: ExportFormat,
  onPage: (pages: number) => void,
): Promise<Exported> {
  const parts: string[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < exportPagesMax; page++) {
    const paged = { ...query, format, limit: perPage, ...(cursor === null ? {} : { cursor }) };
    const answer = await ask("GET /v1/audit/entries", { query: paged });
    const text = await answer.text();
    parts.push(format === "csv" && page > 0 ? withoutHeader(text) : text);
    onPage(page + 1);
    cursor = nextCursor(answer.headers.get("link"));
    if (cursor === null) break;
  }
  const type = format === "csv" ? "text/csv" : "application/x-ndjson";
  return { content: new Blob(parts, { type }), isCut: cursor !== null };
}
