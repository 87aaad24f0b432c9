/** Boards as they are asked for and shown: names, units, entries, cursors. */
import * as z from "zod";
import type { Ranked, Score } from "../../domain/board-ports.ts";
import { streams } from "../../domain/streams.ts";
import { formatMoment } from "../../domain/time.ts";
import { families } from "../../domain/workouts/activity.ts";
import { afterCursor } from "./key-cursor.ts";

/** Whose measures there are boards of. */
export const boardStream = streams.workouts;
/** Every measure for everything, and for each of these alone. */
export const boardKeys = families;
const units: Readonly<Record<string, string>> = {
  distance: "mm",
  moving_time: "ms",
  count: "workouts",
};
export const unitOf = (measure: string): string => units[measure] ?? "";

export const boardEntry = z
  .object({
    rank: z.number().int().describe("Among all who are ranked."),
    member: z.string(),
    name: z.string().nullable(),
    score: z.number().int(),
    at: z.string().describe("Event time of the last workout counted; ties go to the earlier."),
    moved: z
      .number()
      .int()
      .nullable()
      .describe(
        "Places gained since the period before, as it stands now; less than nothing: lost. Null: " +
          "not ranked then, or there is none, or it is closed.",
      ),
  })
  .meta({ id: "BoardEntry" });

export const boardPage = z
  .object({
    board: z.string(),
    period: z.string(),
    unit: z.string(),
    items: z.array(boardEntry),
    next: z.string().nullable(),
    total: z.number().int().describe("How many are ranked here; 0 around one who is not."),
  })
  .meta({ id: "BoardPage" });
export type BoardPageShown = z.output<typeof boardPage>;

export const boardParams = z.object({ board: z.string().max(64) });
export const boardPeriod = z
  .string()
  .max(16)
  .default("week")
  .describe("week, month, all, 2026-W47 or 2026-11");

export const shownEntry = (
  { rank, member, score, atMs }: Ranked,
  name: string | null,
  moved: number | null,
): z.output<typeof boardEntry> => ({ rank, member, name, score, at: formatMoment(atMs), moved });

/** Null: from the best on. Undefined: no page gave this cursor out. */
export function afterOf(cursor: string | undefined): Score | null | undefined {
  if (cursor === undefined) return null;
  const first: [number, number, string] = [0, 0, ""];
  const key = afterCursor(cursor, first);
  return key === null ? undefined : { score: key[0], atMs: key[1], member: key[2] };
}

export const cursorOf = ({ score, atMs, member }: Score): string =>
  JSON.stringify([score, atMs, member]);
