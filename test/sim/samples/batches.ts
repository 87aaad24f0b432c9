/**
 * Statements in batches as a phone sends them, what each has to be answered, and which are sent twice:
 * with the same key because the answer was lost, under another key, or without any.
 */
import { type Metric, metricOf } from "../../../domain/samples/metrics.ts";
import type { Chance } from "../../oracle/chance.ts";
import type { DeviceName } from "./body.ts";
import type { Planned, Statement } from "./statements.ts";

export interface Expected {
  readonly synced: number;
  readonly duplicates: number;
  readonly corrected: number;
  readonly deleted: number;
}

export interface Batch {
  readonly samples: readonly Statement[];
  /** The Idempotency-Key; null: it goes without. */
  readonly key: string | null;
  /** It was answered before, and is answered just so. */
  readonly isRepeated: boolean;
  readonly expected: Expected;
}

/** Hundredths of all batches. */
const share = { lost: 4, otherKey: 3, keyless: 3, laterAgain: 3 };

export function batchesOf(
  lane: string,
  statements: readonly Statement[],
  size: number,
  chance: Chance,
): Batch[] {
  const known = new Map<number, Standing>();
  const batches: Batch[] = [];
  for (let from = 0; from < statements.length; from += size) {
    const samples = statements.slice(from, from + size);
    const name = `${lane}-${from}`;
    const key = chance.in100(share.keyless * 2) ? null : name;
    const batch = { samples, key, isRepeated: false, expected: answerTo(samples, known) };
    batches.push(batch);
    if (chance.in100(share.lost) || (key === null && chance.in100(50)))
      batches.push({ ...batch, isRepeated: true });
    if (chance.in100(share.otherKey))
      batches.push({ ...batch, key: `${name}-again`, expected: answerTo(samples, known) });
    const earlier = chance.in100(share.laterAgain) ? chance.pick(batches) : null;
    if (earlier !== null) batches.push({ ...earlier, isRepeated: true });
  }
  return batches;
}

/** The number of what stands, and whether that was the end of it. */
interface Standing {
  readonly at: number;
  readonly isGone: boolean;
}

/** By the rules as they are promised: what is greater wins, what is known is a duplicate. */
function answerTo(samples: readonly Statement[], known: Map<number, Standing>): Expected {
  const told = { synced: 0, duplicates: 0, corrected: 0, deleted: 0 };
  for (const { record, says } of samples) {
    const stands = known.get(record.n);
    const isGone = says === record.contents.length;
    if (stands !== undefined && says <= stands.at) told.duplicates++;
    else {
      known.set(record.n, { at: says, isGone });
      if (isGone) told.deleted++;
      else if (stands === undefined) told.synced++;
      else told.corrected++;
    }
  }
  return told;
}

export interface StatedDevice {
  readonly id: string;
  readonly kind: string;
  readonly model: string;
}
export const statedDevice = (device: DeviceName): StatedDevice => ({
  ...{ id: `serial-${device}`, kind: device, model: `The ${device}` },
});

/** Units that a metric is stated in, and how many of them are one of its own. */
const otherUnits: Readonly<Partial<Record<Metric, readonly (readonly [string, number])[]>>> = {
  distance: [["km", 0.001]],
  active_energy: [["kJ", 4.184]],
  weight: [["g", 1000]],
  oxygen_saturation: [["fraction", 0.01]],
  hrv_sdnn: [["s", 0.001]],
};

/** One sample of a body of POST /v1/sync. */
export function statedOf({ record, says }: Statement): Record<string, unknown> {
  const { uuid, isNumbered, contents, n } = record;
  const isGone = says === contents.length;
  const reading = contents[isGone ? contents.length - 1 : says] ?? contents[0];
  if (reading === undefined) throw new Error("it says nothing");
  const { metric, device, fromMs, toMs } = reading;
  return {
    type: metric,
    startDate: new Date(fromMs).toISOString(),
    ...(toMs === fromMs && n % 2 === 0 ? {} : { endDate: new Date(toMs).toISOString() }),
    ...(isGone ? { deleted: true } : measuredOf(record, reading)),
    ...(isGone && uuid !== null && n % 2 === 0 ? {} : { sourceDevice: statedDevice(device) }),
    ...(uuid === null ? {} : { uuid: n % 3 === 0 ? uuid.toUpperCase() : uuid }),
    ...(isNumbered ? { metadata: { version: says + 1 } } : {}),
  };
}

function measuredOf({ n }: Planned, { metric, value, stage }: Planned["contents"][number]) {
  if (metric === "sleep") return { value: stage };
  const { unit, scale } = metricOf(metric);
  const [other, times] = (n % 4 === 0 ? otherUnits[metric]?.[0] : undefined) ?? [unit, 1];
  return { value: (value / scale) * times, unit: other };
}
