/**
 * A chunk as bytes: the same records are the same bytes. Times are counted in the largest unit that
 * divides them all, values too, each from the one before; devices and apps stand in a table once.
 *
 *   version 1 · metric · day · units of time and value · devices · apps · records, by time
 *
 * A record: what it has (a byte of flags), the digest of its id, its revision, device and app unless
 * as before, its samples, and digests of what it said before. Decoding throws `Unreadable` for bytes
 * that are none; they were sealed, so nobody but a bug can have written them.
 */
import { type LocalDate, localDate, msPerDay } from "../time.ts";
import { signedMax, Unreadable, VarintReader, VarintWriter } from "../varints.ts";
import type { Chunk, ChunkRecord } from "./chunk.ts";
import { isMetric, sleepStages } from "./metrics.ts";
import { keyOf, shortHashChars, spanOf, textOrder } from "./record-key.ts";
import type { SampleValue } from "./sample.ts";

const version = 1;

const has = {
  id: 1,
  gone: 2,
  /** Device and app as the record before. */
  same: 4,
  /** Revision 1. */
  first: 8,
  /** One sample, a moment, of no stage. */
  moment: 16,
  before: 32,
  /** Its revision stands whole: it lies too far from the one before. */
  whole: 64,
} as const;
const flagsMax = 127;

/** What a record is told from: those that came before it. */
interface Place {
  atMs: number;
  value: number;
  revision: number;
  device: number;
  app: number;
}
const start = (): Place => ({ atMs: 0, value: 0, revision: 0, device: -1, app: -1 });

interface Tables {
  readonly dayMs: number;
  readonly timeUnit: number;
  readonly valueUnit: number;
  readonly devices: readonly string[];
  /** The first is null. */
  readonly apps: readonly (string | null)[];
}

export function encodeChunk({ metric, day, records }: Chunk): Uint8Array<ArrayBuffer> {
  const inOrder = [...records.values()].sort(byTimeAndKey);
  const tables = tablesOf(day, inOrder);
  const out = new VarintWriter();
  out.byte(version);
  out.text(metric);
  out.signed(tables.dayMs / msPerDay);
  out.unsigned(tables.timeUnit);
  out.unsigned(tables.valueUnit);
  out.unsigned(tables.devices.length);
  for (const device of tables.devices) out.text(device);
  out.unsigned(tables.apps.length - 1);
  for (const app of tables.apps) if (app !== null) out.text(app);
  out.unsigned(inOrder.length);
  const indexes = indexesOf(tables);
  const place = start();
  for (const record of inOrder) writeRecord(out, record, tables, indexes, place);
  return out.written();
}

/** Throws `Unreadable`. */
export function decodeChunk(bytes: Uint8Array): Chunk {
  const input = new VarintReader(bytes);
  if (input.byte() !== version) throw new Unreadable();
  const metric = input.text();
  if (!isMetric(metric)) throw new Unreadable();
  const dayMs = input.signed() * msPerDay;
  const [timeUnit, valueUnit] = [input.unsigned(), input.unsigned()];
  if (timeUnit === 0 || valueUnit === 0) throw new Unreadable();
  const texts = () => Array.from({ length: input.count() }, () => input.text());
  const devices = texts();
  const apps = [null, ...texts()];
  const tables: Tables = { dayMs, timeUnit, valueUnit, devices, apps };
  const records = new Map<string, ChunkRecord>();
  const place = start();
  for (let left = input.count(); left > 0; left--) {
    const record = readRecord(input, tables, place);
    records.set(record.key, record);
  }
  if (!input.isAtEnd) throw new Unreadable();
  return { metric, day: localDate(dayMs, 0), records };
}

const byTimeAndKey = (a: ChunkRecord, b: ChunkRecord): number =>
  fromOf(a) - fromOf(b) || textOrder(a.key, b.key);
const fromOf = ({ samples }: ChunkRecord): number => samples[0]?.fromMs ?? 0;

function tablesOf(day: LocalDate, records: readonly ChunkRecord[]): Tables {
  const dayMs = Date.parse(day);
  let [timeUnit, valueUnit] = [0, 0];
  for (const { samples } of records)
    for (const { fromMs, toMs, value } of samples) {
      timeUnit = divisor(divisor(timeUnit, fromMs - dayMs), toMs - fromMs);
      valueUnit = divisor(valueUnit, value);
    }
  const devices = [...new Set(records.map(({ device }) => device))].sort();
  const apps = [...new Set(records.flatMap(({ app }) => app ?? []))].sort();
  return {
    dayMs,
    timeUnit: timeUnit || 1,
    valueUnit: valueUnit || 1,
    devices,
    apps: [null, ...apps],
  };
}

function divisor(a: number, b: number): number {
  let [x, y] = [a, Math.abs(b)];
  while (y !== 0) [x, y] = [y, x % y];
  return x;
}

interface Indexes {
  readonly device: ReadonlyMap<string, number>;
  readonly app: ReadonlyMap<string | null, number>;
}
const indexesOf = ({ devices, apps }: Tables): Indexes => ({
  device: new Map(devices.map((device, i) => [device, i])),
  app: new Map(apps.map((app, i) => [app, i])),
});

function writeRecord(
  out: VarintWriter,
  record: ChunkRecord,
  tables: Tables,
  indexes: Indexes,
  place: Place,
): void {
  const { id, gone, revision, before, samples } = record;
  const device = indexes.device.get(record.device) ?? 0;
  const app = indexes.app.get(record.app) ?? 0;
  const isSame = device === place.device && app === place.app;
  const isWhole = Math.abs(revision - place.revision) > signedMax;
  const isMoment = samples.length === 1 && samples.every(isPlainMoment);
  out.byte(
    (id === null ? 0 : has.id) +
      (gone ? has.gone : 0) +
      (isSame ? has.same : 0) +
      (revision === 1 ? has.first : 0) +
      (isMoment ? has.moment : 0) +
      (before.length === 0 ? 0 : has.before) +
      (isWhole ? has.whole : 0),
  );
  if (id !== null) out.hex(id);
  if (isWhole) out.unsigned(revision);
  else if (revision !== 1) out.signed(revision - place.revision);
  if (!isSame) {
    out.unsigned(device);
    out.unsigned(app);
  }
  if (!isMoment) out.unsigned(samples.length);
  for (const sample of samples) writeSample(out, sample, isMoment, tables, place);
  if (before.length > 0) {
    out.unsigned(before.length);
    for (const content of before) out.hex(content);
  }
  Object.assign(place, { device, app, revision });
}

const isPlainMoment = ({ fromMs, toMs, stage }: SampleValue): boolean =>
  fromMs === toMs && stage === null;

function writeSample(
  out: VarintWriter,
  { fromMs, toMs, value, stage }: SampleValue,
  isMoment: boolean,
  { dayMs, timeUnit, valueUnit }: Tables,
  place: Place,
): void {
  const at = (fromMs - dayMs) / timeUnit;
  const scaled = value / valueUnit;
  out.signed(at - place.atMs);
  out.signed(scaled - place.value);
  if (!isMoment) {
    out.unsigned((toMs - fromMs) / timeUnit);
    out.byte(stage === null ? 0 : sleepStages.indexOf(stage) + 1);
  }
  Object.assign(place, { atMs: at, value: scaled });
}

function readRecord(input: VarintReader, tables: Tables, place: Place): ChunkRecord {
  const flags = input.byte();
  if (flags > flagsMax) throw new Unreadable();
  const is = (flag: number): boolean => (flags & flag) !== 0;
  const id = is(has.id) ? input.hex(shortHashChars) : null;
  const revision = is(has.whole)
    ? input.unsigned()
    : is(has.first)
      ? 1
      : place.revision + input.signed();
  if (!is(has.same)) Object.assign(place, { device: input.unsigned(), app: input.unsigned() });
  const device = tables.devices[place.device];
  const app = tables.apps[place.app];
  if (device === undefined || app === undefined) throw new Unreadable();
  const isMoment = is(has.moment);
  const samples: SampleValue[] = [];
  for (let left = isMoment ? 1 : input.count(); left > 0; left--)
    samples.push(readSample(input, isMoment, tables, place));
  const before: string[] = [];
  if (is(has.before))
    for (let left = input.count(); left > 0; left--) before.push(input.hex(shortHashChars));
  place.revision = revision;
  const key = keyOf(id, device, spanOf(samples));
  return { key, id, gone: is(has.gone), device, app, samples, revision, before };
}

function readSample(
  input: VarintReader,
  isMoment: boolean,
  { dayMs, timeUnit, valueUnit }: Tables,
  place: Place,
): SampleValue {
  place.atMs += input.signed();
  place.value += input.signed();
  const fromMs = dayMs + place.atMs * timeUnit;
  const value = place.value * valueUnit;
  if (isMoment) return { fromMs, toMs: fromMs, value, stage: null };
  const toMs = fromMs + input.unsigned() * timeUnit;
  const named = input.byte();
  const stage = named === 0 ? null : sleepStages[named - 1];
  if (stage === undefined) throw new Unreadable();
  return { fromMs, toMs, value, stage };
}
