/**
 * Which days have to be resolved anew because a partition's facts change. Said before the change
 * can be seen, so that no crash leaves a day behind; and once more behind it, for whoever resolved in
 * between did so without it, and cleared the mark. If days next to it were committed meanwhile, each
 * would have missed what the other one brought: then it is judged anew.
 */
import type { Partition } from "../../domain/ports.ts";
import type { AnyStream } from "../../domain/streams.ts";
import { addDays, type Instant, type LocalDate, msPerDay } from "../../domain/time.ts";
import { reachMsOf } from "./each-subject.ts";
import { ArchiveFault } from "./manifest.ts";
import type { RowChange } from "./merge.ts";
import type { SettlePorts } from "./ports.ts";
import { affectedDays } from "./resolve-day.ts";
import { Window } from "./window.ts";

/** While others commit next to it, the marks are made anew so often. */
const againMax = 5;
/** Further from its facts' days than this no conclusion is anchored. */
const aroundDays = 2;

export interface Changing {
  readonly partition: Partition;
  readonly changes: readonly RowChange[];
  /** The version before cannot be read: what it held may have borne on anything near. */
  readonly lost: boolean;
  /** The day itself is to be looked at again: its facts are others now, or its conclusions lost. */
  readonly itself: boolean;
}

export class Marks {
  readonly #ports: SettlePorts;
  readonly #stream: AnyStream;
  readonly #changing: Changing;
  readonly #nowMs: Instant;
  readonly days = new Set<LocalDate>();
  #seen = "";

  constructor(ports: SettlePorts, stream: AnyStream, changing: Changing, nowMs: Instant) {
    this.#ports = ports;
    this.#stream = stream;
    this.#changing = changing;
    this.#nowMs = nowMs;
  }

  async make(): Promise<void> {
    await this.#mark(await this.#affected());
  }

  /** Which days it were is not known any more: all that the reach may bear on. */
  async makeAround(): Promise<void> {
    await this.#mark(new Set([this.#changing.partition.day, ...(await this.#withinReach())]));
  }

  /** After the commit. */
  async makeAgain(): Promise<void> {
    await this.#mark(this.days);
    for (let n = 0; n < againMax && (await this.#isOutdated()); n++) await this.make();
  }

  async #mark(found: ReadonlySet<LocalDate>): Promise<void> {
    for (const day of found) this.days.add(day);
    const { stream, bucket } = this.#changing.partition;
    if (found.size > 0)
      await this.#ports.index.markUnresolved(stream, bucket, [...found].sort(), this.#nowMs);
  }

  async #affected(): Promise<Set<LocalDate>> {
    const { partition, changes, lost, itself } = this.#changing;
    const { day, bucket } = partition;
    const found = new Set<LocalDate>(lost || itself ? [day] : []);
    const except = lost ? day : null;
    const window = new Window(this.#ports, partition.stream, bucket, except);
    const ground = { ports: this.#ports, stream: this.#stream, window };
    try {
      for (const d of await affectedDays(ground, day, changes)) found.add(d);
      if (lost) for (const d of await this.#settledAround(aroundDays)) found.add(d);
    } catch (fault) {
      // A day next to it cannot be read, and is to be rebuilt: whatever may be borne on is marked.
      if (!(fault instanceof ArchiveFault)) throw fault;
      for (const d of [day, ...(await this.#withinReach())]) found.add(d);
    }
    this.#seen = seen(window, day);
    return found;
  }

  #withinReach(): Promise<readonly LocalDate[]> {
    return this.#settledAround(Math.ceil(reachMsOf(this.#stream) / msPerDay) + aroundDays);
  }

  #settledAround(days: number): Promise<readonly LocalDate[]> {
    const { stream, day, bucket } = this.#changing.partition;
    const [from, to] = [addDays(day, -days), addDays(day, days)];
    return this.#ports.index.settledDays(stream, bucket, from, to);
  }

  async #isOutdated(): Promise<boolean> {
    const { partition } = this.#changing;
    if (this.#changing.changes.length === 0 || this.#seen === "") return false;
    const { from, to } = JSON.parse(this.#seen) as { from: LocalDate | null; to: LocalDate };
    if (from === null) return false;
    const window = new Window(this.#ports, partition.stream, partition.bucket, partition.day);
    try {
      await window.knowDays(from, to);
    } catch (fault) {
      if (fault instanceof ArchiveFault) return false;
      throw fault;
    }
    return seen(window, partition.day) !== this.#seen;
  }
}

/** The versions of the days next to it that a judgement rested on. */
const seen = (window: Window, but: LocalDate): string =>
  JSON.stringify({
    from: window.from,
    to: window.to,
    days: window.days.filter((d) => d.day !== but).map((d) => [d.day, d.version]),
  });
