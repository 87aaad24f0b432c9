/**
 * What a record is known by, and what it says: both as short digests, so that a chunk of a day holds
 * thousands of them. A record with an id of its source's is known by that; any other is what its
 * device measured from when to when. Nobody is kept out by these digests: they only ever meet others
 * of the same member, connection and metric.
 */
import type { LocalDate } from "../time.ts";
import { utcDayOf } from "./days.ts";
import type { DeviceId, SampleRecord, SampleValue } from "./sample.ts";

/** 64 bits as 16 hexadecimal digits: a port. */
export type ShortHash = (text: string) => string;
export const shortHashChars = 16;

export interface KeyedRecord {
  /** What it is known by within its metric. */
  readonly key: string;
  /** The digest of its source's id; null: it has none. */
  readonly id: string | null;
  /** From its first moment to its last; null: it is gone, and nobody says when it was. */
  readonly span: RecordSpan | null;
  /** The UTC day on which it begins. */
  readonly day: LocalDate | null;
  /** Null: its source orders nothing. */
  readonly revision: number | null;
  readonly gone: boolean;
  readonly device: DeviceId;
  readonly app: string | null;
  /** In order. Of one that is gone: none, or one without meaning but its times. */
  readonly samples: readonly SampleValue[];
  /** The digest of what it says. */
  readonly content: string;
}

/** What is said of a record once it is gone. */
const goneContent = "gone";

export function keyedRecord(
  { id, revision, gone, app, ...record }: SampleRecord,
  device: DeviceId,
  hash: ShortHash,
): KeyedRecord {
  const isGone = gone === true;
  const inOrder = [...record.samples].sort(byTime);
  const hashedId = id === null ? null : hash(id);
  const span = spanOf(inOrder);
  const said = isGone
    ? { gone: true, ...tombOf(hashedId, device, span) }
    : { gone: false, device, app, samples: inOrder };
  return {
    key: keyOf(hashedId, device, span),
    id: hashedId,
    span,
    day: span === null ? null : utcDayOf(span.fromMs),
    revision,
    ...said,
    content: contentOf(said, hash),
  };
}

export const contentOf = (
  { gone, device, app, samples }: Pick<KeyedRecord, "gone" | "device" | "app" | "samples">,
  hash: ShortHash,
): string =>
  hash(
    gone
      ? goneContent
      : JSON.stringify([
          device,
          app,
          samples.map(({ fromMs, toMs, value, stage }) => [fromMs, toMs, value, stage]),
        ]),
  );

export interface RecordSpan {
  readonly fromMs: number;
  readonly toMs: number;
}

/** From its first moment to its last; null when it has none. */
export function spanOf(samples: readonly SampleValue[]): RecordSpan | null {
  const [first] = samples;
  if (first === undefined) return null;
  let { fromMs, toMs } = first;
  for (const sample of samples) {
    fromMs = Math.min(fromMs, sample.fromMs);
    toMs = Math.max(toMs, sample.toMs);
  }
  return { fromMs, toMs };
}

export const keyOf = (id: string | null, device: DeviceId, span: RecordSpan | null): string =>
  id ?? `${device} ${span?.fromMs ?? ""} ${span?.toMs ?? ""}`;

/** What is left of one that is gone: no more than it takes to know it when it comes again. */
export const tombOf = (id: string | null, device: DeviceId, span: RecordSpan | null) =>
  id !== null || span === null
    ? { device: "", app: null, samples: [] }
    : { device, app: null, samples: [{ ...span, value: 0, stage: null }] };

export const byTime = (a: SampleValue, b: SampleValue): number =>
  a.fromMs - b.fromMs ||
  a.toMs - b.toMs ||
  a.value - b.value ||
  textOrder(a.stage ?? "", b.stage ?? "");

export const textOrder = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
