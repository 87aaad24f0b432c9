/**
 * What samples cost: taking batches of four sizes, beside the same bytes encrypted and kept; a day's
 * summary right after a sync and unchanged, beside a member's own profile; the rows that a batch
 * writes; and reading a batch at all, beside JSON.parse. The first two through the running system,
 * the last two by themselves.
 */
import { ownSystem } from "../test/system/support.ts";
import { startFloor } from "./floors/start.ts";
import { progress, type Result, rounded } from "./measure.ts";
import { samplesADay } from "./samples-days.ts";
import { type Parsed, parseTimes } from "./samples-parse.ts";
import { type Reads, reads } from "./samples-reads.ts";
import { newDay, rowsWritten, type Written } from "./samples-rows.ts";
import { type Size, type Synced, syncs } from "./samples-syncs.ts";
import { tables } from "./samples-tables.ts";

/** Rounds in a turn: about as long for each, but enough of the largest. */
const sizes: readonly Size[] = [
  { samples: 1, rounds: 12 },
  { samples: 100, rounds: 10 },
  { samples: 1_500, rounds: 7 },
  { samples: 10_000, rounds: 2 },
];
/** A day's worth: what the bench is judged by. */
const judged = samplesADay;

export async function samples(): Promise<Result> {
  progress("reading a batch, in this process");
  const parsed = await parseTimes();
  progress("rows written, by the vault and by the ledger alone");
  const written = await rowsWritten();
  const { system, end } = await ownSystem();
  const floor = await startFloor("samples.ts", {
    other: { OTHER: "Sealer" },
    table: "CREATE TABLE sealed (name TEXT PRIMARY KEY, nonce BLOB, body BLOB) WITHOUT ROWID",
    bucket: "BUCKET",
  });
  try {
    const counts = sizes.map((size) => size.samples.toLocaleString("en")).join(", ");
    progress(`syncs of ${counts} samples and the floor, in turn`);
    const synced = await syncs(system, floor.url, sizes);
    progress("summaries after a sync and unchanged, and /v1/me, in turn");
    const read = await reads(system);
    progress(tables(synced, read, written, parsed));
    return resultOf(synced, read, written, parsed);
  } finally {
    await floor.end();
    await end();
  }
}

function resultOf(
  synced: readonly Synced[],
  read: Reads,
  written: readonly Written[],
  parsed: Parsed,
): Result {
  const day = synced.find(({ samples: n }) => n === judged);
  if (day === undefined) throw new Error("nothing was judged");
  const others = synced.flatMap(({ samples: n, perSecond, floorPerSecond }) => [
    [`perSecondOf${n}`, rounded(perSecond)],
    [`perSecondOf${n}Floor`, rounded(floorPerSecond)],
  ]);
  const rows = written.find(({ batch }) => batch === newDay);
  return {
    name: "samples",
    value: rounded(day.perSecond),
    unit: `samples/s at ${judged}`,
    floor: rounded(day.floorPerSecond),
    ratio: rounded(day.perSecond / day.floorPerSecond),
    spread: rounded(day.spread),
    level: "emulator",
    details: {
      ...Object.fromEntries(others),
      summaryAfterSyncMs: rounded(read.afterSync),
      summaryUnchangedMs: rounded(read.unchanged),
      profileMs: rounded(read.profile),
      summaryFirstAfterStartMs: rounded(read.firstAfterStart),
      rowsVault: rows?.vault ?? Number.NaN,
      rowsLedger: rows?.ledger ?? Number.NaN,
      rowsConfirmed: rows?.confirmed ?? Number.NaN,
      parseMsOf10000: parsed.ms,
      parseRatio: parsed.ratio,
    },
  };
}
