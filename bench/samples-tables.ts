/** What the bench of samples found, for a reader who did not write it. */
import { table } from "../local/table.ts";
import { metricsADay, samplesADay } from "./samples-days.ts";
import type { Parsed } from "./samples-parse.ts";
import type { Reads } from "./samples-reads.ts";
import { newDay, rowsAim, type Written } from "./samples-rows.ts";
import type { Synced } from "./samples-syncs.ts";

const bytesPerKb = 1000;
const count = (n: number): string => n.toLocaleString("en");
/** From ten on a whole number. */
const shown = (n: number): string => (n < 10 ? n.toFixed(1) : count(Math.round(n)));

export const tables = (
  synced: readonly Synced[],
  read: Reads,
  written: readonly Written[],
  parsed: Parsed,
): string =>
  [
    "POST /v1/sync until its 200; floor: as many bytes encrypted and kept, nothing else (medians)",
    table(
      ["samples", "rounds", "body", "sync", "floor", "samples/s", "floor's", "ratio", "p90/p10"],
      synced.map((one) => [
        count(one.samples),
        count(one.rounds),
        `${shown(one.bytes / bytesPerKb)} kB`,
        `${shown(one.ms)} ms`,
        `${shown(one.floorMs)} ms`,
        shown(one.perSecond),
        shown(one.floorPerSecond),
        (one.perSecond / one.floorPerSecond).toFixed(2),
        one.spread.toFixed(1),
      ]),
    ),
    `GET /v1/summary of a day of samples, beside GET /v1/me (medians of ${count(read.rounds)})`,
    table(
      ["asked", "time", "of /v1/me", "p90"],
      [
        [
          "right after a sync",
          ms(read.afterSync),
          times(read.afterSync, read),
          ms(read.afterSync90),
        ],
        ["unchanged (304)", ms(read.unchanged), times(read.unchanged, read), ms(read.unchanged90)],
        ["GET /v1/me", ms(read.profile), "1.0", ""],
        ["first after a restart (slowest)", ms(read.firstAfterStart), "", ""],
      ],
    ),
    `Rows written: by the vault (D1), by the ledger until it is sent, and once that is confirmed; a day is ${count(samplesADay)} samples of ${metricsADay} metrics`,
    table(
      ["batch", "samples", "vault", "ledger", "confirmed", "in all"],
      written.map(({ batch, samples, vault, ledger, confirmed }) =>
        [batch, count(samples), vault, ledger, confirmed, vault + ledger + confirmed].map(String),
      ),
    ),
    rowsSaid(written),
    `Reading ${count(parsed.samples)} samples: ${ms(parsed.ms)} in this process, JSON.parse ${ms(parsed.floorMs)}: ${parsed.ratio.toFixed(1)} times`,
  ].join("\n");

const ms = (n: number): string => `${shown(n)} ms`;
const times = (n: number, { profile }: Reads): string => (n / profile).toFixed(1);

/** Told whether it is or not. */
function rowsSaid(written: readonly Written[]): string {
  const day = written.find(({ batch }) => batch === newDay);
  if (day === undefined) throw new Error("no new day was counted");
  const before = day.vault + day.ledger;
  const inAll = before + day.confirmed;
  const is = (rows: number) => `${rows} (${rows < rowsAim ? "under" : "not under"} ${rowsAim})`;
  return `   ${newDay}: ${is(day.vault)} by the vault, ${is(before)} until sent, ${is(inAll)} in all`;
}
