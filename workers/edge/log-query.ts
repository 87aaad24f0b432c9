/** How an entry of the log is asked for and named: what its readers' routes have in common. */
import * as z from "zod";
import { type Action, actions } from "../../domain/audit.ts";
import type { AccessQuery, EntryPlace } from "../../domain/ports.ts";
import { parseMoment } from "../../domain/time.ts";
import { pageQuery } from "./route.ts";

const moment = z.string().refine((text) => parseMoment(text).ok, "RFC 3339");
const entriesPerPageMax = 200;
const numberOf = (digits: number) =>
  z
    .string()
    .regex(new RegExp(`^(0|[1-9]\\d{0,${digits - 1}})$`), "a number")
    .transform(Number);

/** Times include both ends. */
export const logQuery = pageQuery(entriesPerPageMax).extend({
  action: z.enum(actions).optional(),
  from: moment.optional(),
  to: moment.optional().describe("Both times included."),
});
type LogQuery = z.output<typeof logQuery>;

export const logNumber = numberOf(3);
export const placeParams = z.object({ log: logNumber, index: numberOf(15) });
export const bundleParams = z.object({ log: logNumber, n: numberOf(13) });

export function accessQueryOf(query: LogQuery, actor: string | null): AccessQuery {
  const { action, from, to, cursor = null, limit } = query;
  const asked: Action | null = action ?? null;
  return { actor, action: asked, fromMs: momentOf(from), toMs: momentOf(to), cursor, limit };
}

function momentOf(text: string | undefined): number | null {
  const parsed = text === undefined ? null : parseMoment(text);
  return parsed?.ok ? parsed.value.atMs : null;
}

/** As `audit-entry` and every list name an entry. */
export const entryName = ({ log, index }: EntryPlace): string => `${log}/${index}`;
