/**
 * What a step of an export is written from: the readings of a pinned page, opened up to a bound of
 * samples and bytes, each told whose it is; and where the next step goes on.
 */
import type { AnyTakeaway } from "../../domain/export/index.ts";
import type { ExportPart, ExportPiece } from "../../domain/export/part.ts";
import type { SamplePlace } from "../../domain/ports.ts";
import type { HeartRateSample, TrackPoint } from "../../domain/workouts/schema.ts";
import { decodeSeries, isSeries } from "../../domain/workouts/series.ts";
import type { Vault } from "./env.ts";
import type { Pinned } from "./export-rows.ts";
import { columnIn, decodeGroup, rawColumn } from "./groups.ts";
import { type PageAsked, pageOf, type Shown } from "./sealed-page.ts";
import { type Found, fetchSealed, openCellBytes, type Want } from "./sealed-read.ts";

/** Of a column, in one step: uneven heart rate takes 600 bytes a sample as FHIR, several times. */
const samplesPerStepMax = 20_000;
const rawValuesPerStepMax = 500;
const rawBytesPerStepMax = 1_048_576;

export interface Gathered {
  readonly part: ExportPart<unknown>;
  /** The page as the next step finds it. */
  readonly pinned: Pinned;
  /** Restricted values opened. */
  readonly rows: number;
}

/** Which of a thing's records has the series is asked once: without opening any. */
export async function pin(
  vault: Vault,
  member: string,
  takeaway: AnyTakeaway,
  { items, next }: Pick<Pinned, "items" | "next">,
  columns: readonly string[],
): Promise<Pinned> {
  const { stream, best, facts } = takeaway;
  const there = best === undefined ? new Set() : await seriesOf(vault, member, takeaway, items);
  const shown = (column: "heart_rate" | "track") =>
    items.flatMap((item) => {
      const all = [...(best?.[column](item) ?? []), ...facts(item)];
      return all.find((record) => there.has(JSON.stringify([column, record]))) ?? [];
    });
  return {
    ...{ stream, items, next },
    left: items.length === 0 ? [] : columns.map((column) => ({ column, after: null })),
    best: { heart_rate: shown("heart_rate"), track: shown("track") },
  };
}

async function seriesOf(
  { phi }: Vault,
  member: string,
  takeaway: AnyTakeaway,
  items: readonly unknown[],
): Promise<ReadonlySet<string>> {
  const { results } = await phi
    .prepare(
      `SELECT s.row_id, s.group_name FROM json_each(?2) AS asked CROSS JOIN sealed AS s
       WHERE s.member = ?1 AND s.row_id = asked.value
         AND s.group_name IN ('heart_rate', 'track') AND s.bytes > 0`,
    )
    .bind(member, JSON.stringify(recordsIn(takeaway, items)))
    .all<{ row_id: string; group_name: string }>();
  return new Set(results.map((row) => JSON.stringify([row.group_name, row.row_id])));
}

const recordsIn = ({ facts }: AnyTakeaway, items: readonly unknown[]): string[] =>
  items.flatMap((item) => facts(item));

const pageFor = (column: string, after: SamplePlace | null): PageAsked =>
  column === rawColumn
    ? { after, limit: rawValuesPerStepMax, whole: false, bytes: rawBytesPerStepMax }
    : { after, limit: samplesPerStepMax, whole: false };

export async function gather(
  vault: Vault,
  member: string,
  takeaway: AnyTakeaway,
  pinned: Pinned,
  isNew: boolean,
  nowMs: number,
): Promise<Gathered | "busy" | "forgotten"> {
  const rows = recordsIn(takeaway, pinned.items);
  const wants = pinned.left.map(
    ({ column, after }): Want => ({ column, rows, take: "all", page: pageFor(column, after) }),
  );
  const fetched = await fetchSealed(vault, { member, wants }, () => [], nowMs);
  if (fetched === "busy") return "busy";
  if (!fetched.living) return "forgotten";
  const { id, facts } = takeaway;
  const thingOf = new Map<string, string>(
    pinned.items.flatMap((item) => facts(item).map((fact): [string, string] => [fact, id(item)])),
  );
  const pieces: ExportPiece[] = [];
  const left: { column: string; after: SamplePlace | null }[] = [];
  for (const [i, { column, after }] of pinned.left.entries()) {
    const page = pageFor(column, after);
    const opened = await shownOf(vault, member, column, fetched.found[i]);
    const { shown, next } = pageOf(opened, page, fetched.found[i]?.rest ?? null);
    for (const one of shown) pieces.push(pieceOf(one, thingOf.get(one.row), after));
    if (next !== null) left.push({ column, after: next });
  }
  const part: ExportPart<unknown> = {
    ...{ member, pieces },
    things: new Map(pinned.items.map((item) => [id(item), item])),
    begun: isNew ? pinned.items : [],
    best: {
      heart_rate: new Set(pinned.best.heart_rate),
      track: new Set(pinned.best.track),
    },
  };
  const items = pinned.items.map(takeaway.rest);
  return { part, pinned: { ...pinned, items, left }, rows: pieces.length };
}

async function shownOf(
  vault: Vault,
  member: string,
  column: string,
  found: Found | undefined,
): Promise<Shown[]> {
  const shown: Shown[] = [];
  for (const cell of found?.cells ?? []) {
    const { row, group, version, range } = cell;
    const bytes = await openCellBytes(vault, member, cell);
    if (isSeries(group)) {
      const samples = decodeSeries(group, bytes);
      shown.push({ row, column: group, version, range, samples });
      continue;
    }
    const found = columnIn(decodeGroup(group, bytes), column);
    if (found !== null) shown.push({ row, column: found[0], version, range, samples: [found[1]] });
  }
  return shown;
}

function pieceOf(
  { row: record, column, samples }: Shown,
  thing = "",
  after: SamplePlace | null,
): ExportPiece {
  const from = after?.row === record ? after.sample : 0;
  const of = { thing, record };
  if (column === "heart_rate")
    return { ...of, column, from, samples: samples as readonly HeartRateSample[] };
  if (column === "track") return { ...of, column, from, samples: samples as readonly TrackPoint[] };
  return { ...of, column, json: String(samples[0]) };
}
