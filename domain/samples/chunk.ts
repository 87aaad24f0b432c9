/**
 * A chunk: every record of one metric by one connection that began on one day of UTC. Statements are
 * merged into it record by record: the greater revision stands, whole, and a repetition changes
 * nothing. Of numbered statements any order and any number of repetitions make the same chunk; what
 * its source does not number is numbered as it first comes, and an old content that comes again,
 * however late, is known as old.
 */
import { isFinal } from "../stream.ts";
import { addDays, type LocalDate } from "../time.ts";
import type { Metric } from "./metrics.ts";
import {
  contentOf,
  type KeyedRecord,
  type RecordSpan,
  type ShortHash,
  spanOf,
  tombOf,
} from "./record-key.ts";
import { chunkRecordsMax, type SampleOutcome } from "./sample.ts";

/** As it stands in a chunk. */
export interface ChunkRecord extends Omit<KeyedRecord, "span" | "day" | "revision" | "content"> {
  readonly revision: number;
  /** Digests of what it said before, the newest last; of what its source did not number. */
  readonly before: readonly string[];
}
export interface Chunk {
  readonly metric: Metric;
  readonly day: LocalDate;
  readonly records: ReadonlyMap<string, ChunkRecord>;
}
/** More old contents of one record are not remembered. */
export const formerContentsMax = 8;

export interface MergedChunks {
  /** Those that changed, by their day. */
  readonly changed: ReadonlyMap<LocalDate, Chunk>;
  /** One a record, in their order. */
  readonly outcomes: readonly SampleOutcome[];
  /** For each record the times that it speaks of, and those that it spoke of before. */
  readonly touched: readonly (readonly RecordSpan[])[];
}

/**
 * Merges into chunks of one metric and connection. `held`: by day, of every day that a record begins
 * on and, where it has an id, of the days before and after: a night that moved over midnight is looked
 * for there, and leaves there.
 */
export function mergeRecords(
  metric: Metric,
  held: ReadonlyMap<LocalDate, Chunk>,
  records: readonly KeyedRecord[],
  hash: ShortHash,
): MergedChunks {
  const days = new DayRecords(held);
  const outcomes: SampleOutcome[] = [];
  const touched: (readonly RecordSpan[])[] = [];
  for (const record of records) {
    const stands = days.find(record);
    const weighed = weigh(stands?.record ?? null, record, hash);
    const outcome = weighed.wins ? days.put(record, stands, weighed) : weighed.outcome;
    outcomes.push(outcome);
    const former = stands === null ? null : spanOf(stands.record.samples);
    touched.push([record.span, former].filter((span) => span !== null));
  }
  const changed = [...days.changed].map((day): [LocalDate, Chunk] => [
    day,
    { metric, day, records: days.of(day) },
  ]);
  return { changed: new Map(changed), outcomes, touched };
}

interface Standing {
  readonly day: LocalDate;
  readonly record: ChunkRecord;
}
interface Weighed {
  readonly wins: boolean;
  readonly outcome: SampleOutcome;
  readonly revision: number;
  readonly before: readonly string[];
  /** What stands stays, and is only known better. */
  readonly stays?: true;
}

/** The records of some days while statements are merged into them. */
class DayRecords {
  readonly changed = new Set<LocalDate>();
  readonly #held: ReadonlyMap<LocalDate, Chunk>;
  readonly #written = new Map<LocalDate, Map<string, ChunkRecord>>();

  constructor(held: ReadonlyMap<LocalDate, Chunk>) {
    this.#held = held;
  }

  of(day: LocalDate): ReadonlyMap<string, ChunkRecord> {
    return this.#written.get(day) ?? this.#held.get(day)?.records ?? none;
  }

  /** What stands of it, on whichever day; what moved away stands where it went. */
  find({ key, id, day }: KeyedRecord): Standing | null {
    let best: Standing | null = null;
    for (const place of this.#placesOf(id, day)) {
      const record = this.of(place).get(key);
      if (record !== undefined && isAbove(record, best?.record ?? null))
        best = { day: place, record };
    }
    return best;
  }

  /** Keeps what won, and lets go of it on the days on which it stood otherwise. */
  put(record: KeyedRecord, stands: Standing | null, weighed: Weighed): SampleOutcome {
    if (weighed.stays && stands !== null) {
      this.#set(stands.day, { ...stands.record, before: weighed.before });
      return weighed.outcome;
    }
    const { key, id, gone, device, app, samples, day: said } = record;
    const day = gone ? (stands?.day ?? said) : said;
    if (day === null) return "gone";
    const isNew = !this.of(day).has(key);
    if (isNew && this.of(day).size >= chunkRecordsMax) return "too-many-in-a-day";
    const { revision, before } = weighed;
    this.#set(day, { key, id, gone, device, app, samples, revision, before });
    for (const other of this.#placesOf(id, said)) {
      const left = other === day ? undefined : this.of(other).get(key);
      if (left !== undefined && !left.gone) this.#set(other, movedAway(left, revision));
    }
    return weighed.outcome;
  }

  #set(day: LocalDate, record: ChunkRecord): void {
    const records = this.#written.get(day) ?? new Map(this.of(day));
    records.set(record.key, record);
    this.#written.set(day, records);
    this.changed.add(day);
  }

  /** Of one that nobody says the time of: every day that is at hand. */
  #placesOf(id: string | null, day: LocalDate | null): readonly LocalDate[] {
    if (day === null) return [...new Set([...this.#held.keys(), ...this.#written.keys()])].sort();
    return id === null ? [day] : [day, addDays(day, -1), addDays(day, 1)];
  }
}

const none: ReadonlyMap<string, ChunkRecord> = new Map();

/** Of one revision the one that is there stands above what it left behind. */
const isAbove = (record: ChunkRecord, best: ChunkRecord | null): boolean =>
  best === null ||
  record.revision > best.revision ||
  (record.revision === best.revision && best.gone && !record.gone);

const movedAway = ({ key, id }: ChunkRecord, revision: number): ChunkRecord => ({
  ...{ key, id, revision, gone: true, before: [] },
  ...tombOf(id, "", null),
});

/** Does what is said win over what stands, and what is it then? */
function weigh(stands: ChunkRecord | null, said: KeyedRecord, hash: ShortHash): Weighed {
  if (said.revision !== null) return weighNumbered(stands, said, said.revision, hash);
  if (stands === null) return won(said.gone ? "retracted" : "new", 1, []);
  const content = contentOf(stands, hash);
  if (content === said.content) return lost("duplicate");
  const below = stands.gone ? "gone" : "older";
  // Deleted before it came: the first content that comes is the one that was meant.
  if (stands.gone && stands.before.length === 0 && !isFinal(stands.revision))
    return { ...won("gone", stands.revision, [said.content]), stays: true };
  if (stands.before.includes(said.content) || isFinal(stands.revision)) return lost(below);
  const before = [...stands.before, content].slice(-formerContentsMax);
  return won(outcomeOver(stands, said), stands.revision + 1, before);
}

function weighNumbered(
  stands: ChunkRecord | null,
  said: KeyedRecord,
  revision: number,
  hash: ShortHash,
): Weighed {
  if (stands === null) return won(said.gone ? "retracted" : "new", revision, []);
  const below = stands.gone && !said.gone ? "gone" : "older";
  if (revision < stands.revision) return lost(below);
  const content = contentOf(stands, hash);
  const isSame = content === said.content;
  if (revision > stands.revision) {
    const outcome = isSame ? "duplicate" : outcomeOver(stands, said);
    return won(outcome, revision, stands.before);
  }
  if (isSame) return lost("duplicate");
  if (said.gone) return won("retracted", revision, stands.before);
  // One revision, two contents: the source breaks its word, and the same one stands in any order.
  const isGreater = !stands.gone && said.content > content;
  return isGreater ? won("corrected", revision, stands.before) : lost(below);
}

const won = (outcome: SampleOutcome, revision: number, before: readonly string[]): Weighed => ({
  ...{ wins: true, outcome, revision, before },
});
const lost = (outcome: SampleOutcome): Weighed => ({
  ...{ wins: false, outcome, revision: 0, before: [] },
});

const outcomeOver = (stands: ChunkRecord, said: KeyedRecord): SampleOutcome =>
  said.gone ? "retracted" : stands.gone ? "new" : "corrected";
