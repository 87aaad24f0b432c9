/**
 * What members come to, out of the settled facts, a bucket of the archive at a time: some days a unit
 * are resolved and put aside, each day once; then the days of the bucket become sums, and the sums of
 * those who are on the board become sorted entries, put aside as well.
 */

import { byRank } from "../../domain/boards.ts";
import type { Numbers, Score } from "../../domain/ports.ts";
import type { LocalDate } from "../../domain/time.ts";
import { entryBytesOf, putEntry } from "../../kernel/boards/closed-code.ts";
import { type MemberNumbers, membersOfDay, together } from "../../kernel/boards/closed-days.ts";
import { type IdCode, idCodeFor, idCodeOf } from "../../kernel/boards/closed-ids.ts";
import { merged } from "../../kernel/boards/closed-merge.ts";
import { RowWriter } from "../../kernel/boards/closed-rows.ts";
import { Window } from "../../kernel/settle/window.ts";
import { putAside, rowSources, type Section } from "./closed-aside.ts";
import { Beside, liveScores } from "./closed-final.ts";
import { asideName, type Making, type SortedRun } from "./closed-making.ts";
import type { Target } from "./closed-target.ts";
import type { Step } from "./run.ts";

const daysPerUnitMax = 7;
/** Put aside in one object; a partition is no larger (kernel/settle/parquet.ts), so it is one day more. */
const unitBytesMax = 8 * 1024 * 1024;
/** Of whom is asked at once who is on the board. */
const membersAskedMax = 5000;
/** Entries of all rankings that are sorted at once: some 100 bytes each. */
const entriesHeldMax = 200_000;

/** One unit of work; null: not now, the live boards are being spread further. */
export async function gather(step: Step, target: Target, making: Making): Promise<Making | null> {
  const { stream, from, to } = target;
  for (let at = making; at.bucket < stream.buckets; at = bucketAfter(at)) {
    const settled = await step.ports.index.settledDays(stream.name, at.bucket, from, to);
    const days = settled.filter((day) => at.day === null || day > at.day);
    if (days.length > 0) return gatherDays(step, target, at, days.slice(0, daysPerUnitMax));
    if (at.days.length > 0 || at.live !== null) return sortBucket(step, target, at);
    if (at.bucket === stream.buckets - 1) return bucketAfter(at);
  }
  return making;
}

const bucketAfter = (making: Making): Making => ({
  ...making,
  bucket: making.bucket + 1,
  day: null,
  days: [],
});

async function gatherDays(
  { env, ports, run }: Step,
  { stream, counting }: Target,
  making: Making,
  days: readonly LocalDate[],
): Promise<Making> {
  const window = new Window(ports, stream.name, making.bucket);
  const object = asideName(run.id, making, `${making.bucket}-${days[0]}`);
  const sections: Section[] = [];
  const parts: Uint8Array[] = [];
  let offset = 0;
  let last: LocalDate | null = null;
  for (const day of days) {
    const rows = new RowWriter();
    for await (const row of membersOfDay({ ports, stream, window }, day, counting)) rows.add(row);
    const bytes = rows.taken();
    if (bytes.length > 0) {
      sections.push({ object, offset, length: bytes.length });
      parts.push(bytes);
    }
    offset += bytes.length;
    last = day;
    if (offset > unitBytesMax) break;
  }
  if (parts.length > 0) await putAside(env, object, parts);
  return { ...making, day: last, days: [...making.days, ...sections] };
}

const byMember = (a: MemberNumbers, b: MemberNumbers): number =>
  a.member < b.member ? -1 : a.member > b.member ? 1 : 0;

/**
 * Equal members come in the order of the days, for the sections are. Who is on the board is asked
 * here, and as it is now: whoever leaves meanwhile is left out by whoever shows it.
 */
async function sortBucket(step: Step, target: Target, making: Making): Promise<Making | null> {
  const { env, run } = step;
  const beside = making.live === null ? null : new Beside(making.live);
  const live = beside === null ? null : await liveScores(env, target, making);
  if (beside !== null && live === null) return null;
  const runs: SortedRun[] = [];
  const lists = new Lists(target.counting.measures);
  const putRun = async () => {
    const name = asideName(run.id, making, `${making.bucket}-sorted-${runs.length}`);
    runs.push({ object: name, ...(await lists.put((parts) => putAside(env, name, parts))) });
  };
  let ranked = 0;
  const days = merged(rowSources(env, making.days), byMember);
  for await (const rows of batched(together(days, target.counting))) {
    const shown = await target.shown(rows.map(({ member }) => member));
    for (const { member, numbers } of rows) {
      if (!shown.has(member)) continue;
      if (lists.add(member, numbers)) ranked++;
      beside?.see(member, live?.get(member) ?? 0, numbers.all?.[0] ?? 0);
      live?.delete(member);
    }
    if (lists.entries >= entriesHeldMax) await putRun();
  }
  if (lists.entries > 0) await putRun();
  for (const [member, score] of live ?? []) beside?.see(member, score, 0);
  return {
    ...bucketAfter(making),
    runs: [...making.runs, ...runs],
    members: making.members + ranked,
    live: beside?.counted ?? null,
  };
}

async function* batched(rows: AsyncIterable<MemberNumbers>): AsyncGenerator<MemberNumbers[]> {
  let batch: MemberNumbers[] = [];
  for await (const row of rows) {
    batch.push(row);
    if (batch.length < membersAskedMax) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/** Entries by ranking, as they come, then sorted. */
class Lists {
  readonly #measures: readonly number[];
  #lists = new Map<string, { key: string; measure: number; scores: Score[] }>();
  #ids: IdCode | null = null;
  entries = 0;

  constructor(measures: readonly number[]) {
    this.#measures = measures;
  }

  /** Only what is greater than nothing is ranked; false: nothing of it is. */
  add(member: string, numbers: Numbers): boolean {
    const before = this.entries;
    for (const [key, values] of Object.entries(numbers))
      for (const measure of this.#measures) {
        const score = values[measure] ?? 0;
        if (score <= 0) continue;
        const name = JSON.stringify([key, measure]);
        const list = this.#lists.get(name) ?? { key, measure, scores: [] };
        this.#lists.set(name, list);
        list.scores.push({ member, score, atMs: values.at(-1) ?? 0 });
        this.entries++;
      }
    if (this.entries === before) return false;
    const ids = idCodeOf(member);
    this.#ids = this.#ids === null ? ids : idCodeFor(this.#ids, ids);
    return true;
  }

  /** Sorted, as bytes; none is left. */
  async put(
    write: (parts: readonly Uint8Array[]) => Promise<void>,
  ): Promise<Omit<SortedRun, "object">> {
    const ids = this.#ids;
    if (ids === null) throw new Error("nothing to be put aside");
    const entryBytes = entryBytesOf(ids);
    const sections: [string, number, number, number][] = [];
    const parts: Uint8Array[] = [];
    let offset = 0;
    for (const { key, measure, scores } of this.#lists.values()) {
      scores.sort(byRank);
      const bytes = new Uint8Array(scores.length * entryBytes);
      scores.forEach((score, i) => {
        putEntry(bytes, i * entryBytes, score, ids);
      });
      sections.push([key, measure, offset, scores.length]);
      parts.push(bytes);
      offset += bytes.length;
    }
    await write(parts);
    this.#lists = new Map();
    this.#ids = null;
    this.entries = 0;
    return { ids, sections };
  }
}
