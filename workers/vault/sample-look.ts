/**
 * What a turn sees of a member's samples: the chunks of some days of UTC, which versions of which
 * metrics by which connections; what is kept of some local days; the devices. Chunks are opened only
 * when somebody asks for what they hold.
 */
import type { Chunk } from "../../domain/samples/chunk.ts";
import { decodeChunk } from "../../domain/samples/chunk-code.ts";
import {
  type ChunkVersion,
  type DayRow,
  type HoursRow,
  readDay,
  readHours,
} from "../../domain/samples/day-code.ts";
import { type Goals, readGoals } from "../../domain/samples/goals.ts";
import type { Metric } from "../../domain/samples/metrics.ts";
import type { LocalDate } from "../../domain/time.ts";
import type { Bytes } from "./chunked.ts";
import { chunkColumn, dayColumn, devicesColumn, goalsColumn, hoursColumn } from "./groups.ts";
import { noDevices, type Registry, readDevices } from "./sample-devices.ts";
import {
  chunkDayOf,
  chunkRows,
  dayRow,
  devicesRow,
  goalsRow,
  type SampleNames,
} from "./sample-rows.ts";
import { type Asked, type Cell, cellName, type SealedTurn, type Seen } from "./sealed-update.ts";

export interface Looked {
  /** By metric, the days of UTC whose chunks matter. */
  readonly days: ReadonlyMap<Metric, ReadonlySet<LocalDate>>;
  /** Local days that may be read or written. */
  readonly dates: ReadonlySet<LocalDate>;
  /** Chunk rows that are known by name, and are needed with what they hold. */
  readonly own: readonly string[];
}
export interface ChunkRef extends ChunkVersion {
  readonly metric: Metric;
  readonly day: LocalDate;
  readonly connection: string;
  readonly bytes: number;
}
/** A local day as it is kept; versions 0: it is not. */
export interface HeldDay {
  readonly dayVersion: number;
  readonly hoursVersion: number;
  readonly row: DayRow | null;
  readonly hours: HoursRow;
}

/** What to ask a turn for, with whatever else belongs into the batch. */
export const askedFor = (
  { days, dates, own }: Looked,
  groups: readonly string[] | null = null,
): Asked => ({
  prefixes: [...new Set([...days.values()].flatMap((some) => [...some]))].map(
    (day) => `${chunkRows}${day}/`,
  ),
  bodies: own,
  rows: [devicesRow, ...[...dates].map(dayRow)],
  groups,
});

/** Null when nothing may be read or sealed. */
export async function lookAtSamples(
  turn: SealedTurn,
  names: SampleNames,
  looked: Looked,
): Promise<SampleLook | null> {
  const seen = await turn.look(askedFor(looked));
  return seen === null ? null : lookIn(turn, names, looked, seen);
}

/** Opens what is kept of the days that were asked for. */
export async function lookIn(
  turn: SealedTurn,
  names: SampleNames,
  looked: Looked,
  seen: Seen,
): Promise<SampleLook> {
  const look = new SampleLook(turn, looked, seen);
  await Promise.all([look.nameChunks(names), look.openOwn()]);
  return look;
}

export class SampleLook {
  readonly turn: SealedTurn;
  readonly looked: Looked;
  readonly retracted: ReadonlyMap<string, number>;
  readonly #cells: ReadonlyMap<string, Cell>;
  readonly #refs = new Map<string, ChunkRef[]>();
  readonly #opened = new Map<string, Bytes>();
  readonly #chunks = new Map<string, Chunk | null>();

  constructor(turn: SealedTurn, looked: Looked, { cells, retracted }: Seen) {
    this.turn = turn;
    this.looked = looked;
    this.retracted = retracted;
    this.#cells = new Map(cells.map((cell) => [cellName(cell.row, cell.group), cell]));
  }

  /** Which metric a chunk is of, only its name says: so all that matter are made and compared. */
  async nameChunks(names: SampleNames): Promise<void> {
    const listed = [...this.#cells.values()].filter(({ group }) => group === chunkColumn);
    const byRow = new Map(listed.map((cell) => [cell.row, cell]));
    const places = new Set(
      listed.map(({ row, connection }) => JSON.stringify([chunkDayOf(row), connection])),
    );
    const asked = [...places].flatMap((place) => {
      const [day, connection] = JSON.parse(place) as [LocalDate, string];
      return [...this.looked.days]
        .filter(([, days]) => days.has(day))
        .map(([metric]) => ({ metric, day, connection }));
    });
    const rows = await Promise.all(
      asked.map(({ metric, day, connection }) => names.chunk(metric, connection, day)),
    );
    asked.forEach((one, i) => {
      const cell = byRow.get(rows[i] ?? "");
      if (cell === undefined || cell.connection !== one.connection) return;
      const { row, version, digest, bytes } = cell;
      const at = JSON.stringify([one.metric, one.day]);
      const refs = this.#refs.get(at) ?? [];
      refs.push({ ...one, row, version, digest, bytes });
      this.#refs.set(at, refs);
    });
  }

  /** What is the member's own, and small. */
  async openOwn(): Promise<void> {
    const own = [...this.#cells.values()].filter(({ group }) => group !== chunkColumn);
    for (const [name, bytes] of await this.turn.open(own)) this.#opened.set(name, bytes);
  }

  /** Of every connection. */
  chunksOf(metric: Metric, day: LocalDate): readonly ChunkRef[] {
    return this.#refs.get(JSON.stringify([metric, day])) ?? [];
  }

  /** False when one of them is not as it was listed. */
  async openChunks(rows: Iterable<string>): Promise<boolean> {
    const wanted = [...new Set(rows)].filter((row) => !this.#chunks.has(row));
    const cells = wanted.flatMap((row) => this.#cells.get(cellName(row, chunkColumn)) ?? []);
    const whole = await this.turn.withBodies(cells);
    if (whole === null) return false;
    const opened = await this.turn.open(whole);
    for (const row of wanted) {
      const bytes = opened.get(cellName(row, chunkColumn));
      this.#chunks.set(row, bytes === undefined ? null : decodeChunk(bytes));
    }
    return true;
  }

  /** Of one that was opened; null: it is not there. */
  chunk(row: string): Chunk | null {
    const chunk = this.#chunks.get(row);
    if (chunk === undefined) throw new Error("a chunk was not opened");
    return chunk;
  }

  versionOf(row: string, group: string): number {
    return this.#cells.get(cellName(row, group))?.version ?? 0;
  }

  revisionOf(row: string, group: string): number | undefined {
    return this.#cells.get(cellName(row, group))?.revision;
  }

  day(date: LocalDate): HeldDay {
    const row = dayRow(date);
    const [day, hours] = [this.#text(row, dayColumn), this.#text(row, hoursColumn)];
    return {
      dayVersion: this.versionOf(row, dayColumn),
      hoursVersion: this.versionOf(row, hoursColumn),
      row: day === null ? null : readDay(day),
      hours: hours === null ? new Map() : readHours(hours),
    };
  }

  devices(): Registry {
    const text = this.#text(devicesRow, devicesColumn);
    return text === null ? noDevices : readDevices(text);
  }

  /** Where they were asked for. */
  goals(): Goals {
    return readGoals(this.#text(goalsRow, goalsColumn));
  }

  #text(row: string, group: string): string | null {
    const bytes = this.#opened.get(cellName(row, group));
    return bytes === undefined ? null : new TextDecoder().decode(bytes);
  }
}
