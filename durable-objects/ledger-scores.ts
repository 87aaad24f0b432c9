/**
 * What a subject scores: the sums of every period, and the one row of all that boards may show. Told
 * to boards when it is another one than they were told last; that they were is written down with
 * whatever is written next, for losing it costs a repetition.
 */
import { isOpen } from "../domain/boards.ts";
import { type ChallengeRules, scoreChallenge } from "../domain/challenges.ts";
import { spread } from "../domain/identity.ts";
import {
  challengePeriod,
  type MemberSettings,
  type Numbers,
  type ScoreRow,
} from "../domain/ports.ts";
import type { AnyStream } from "../domain/streams.ts";
import { daysOfPeriod, type Instant, localDate, msPerDay, type Period } from "../domain/time.ts";
import type { Tally } from "../kernel/refold.ts";
import { endOf } from "./ledger-keys.ts";
import type { LedgerResolved } from "./ledger-resolved.ts";
import type { LedgerState } from "./ledger-state.ts";

/** No period that is open has begun in a year before that of so many days ago. */
const openDaysMax = 100;
/** Of no row: whatever the next one is, it is told. */
const unknownContent = "?";

type Sums = Record<string, number[]>;

export class LedgerScores {
  readonly #state: LedgerState;
  readonly #resolved: LedgerResolved;
  readonly #stream: AnyStream;
  readonly #member: string;
  /** Of the row that boards are sure to have. */
  #told: string;
  /** Null: what they are told at the moment is to be told once more. */
  #telling: { readonly version: number; readonly content: string } | null = null;

  constructor(state: LedgerState, resolved: LedgerResolved, stream: AnyStream, member: string) {
    this.#state = state;
    this.#resolved = resolved;
    this.#stream = stream;
    this.#member = member;
    this.#told = state.head.scores.content;
  }

  addToTotal(period: Period, tally: Tally): void {
    const { entries } = this.#state;
    const sums: Sums = JSON.parse(entries.get(`S${period}`) ?? "{}");
    for (const [key, numbers] of tally) {
      const held = sums[key] ?? numbers.map(() => 0);
      sums[key] = numbers.map((n, i) => (held[i] ?? 0) + n);
      if (sums[key].every((n) => n === 0)) delete sums[key];
    }
    if (Object.keys(sums).length === 0) entries.delete(`S${period}`);
    else entries.put(`S${period}`, JSON.stringify(sums));
    this.changed();
  }

  /**
   * What is on boards may be another than it was. Until what they were told of that is written down,
   * who wakes does not know whether they have it: of a member who shows something, it is told again.
   */
  changed(): void {
    const { scores, settings } = this.#state.head;
    const version = this.#state.nextSeq();
    const content = mayShow(settings) ? unknownContent : scores.content;
    this.#state.keep({ scores: { ...scores, version, content } });
  }

  /** It goes out once more, even if it is the same: whoever has it may have it wrong. */
  tellAgain(): void {
    this.changed();
    [this.#told, this.#telling] = [unknownContent, null];
    const { scores } = this.#state.head;
    this.#state.keep({ scores: { ...scores, content: unknownContent } });
  }

  /** Every period's sums start from nothing. */
  empty(): void {
    const { entries } = this.#state;
    for (const [key] of [...entries.from("S", endOf("S"))]) entries.delete(key);
    this.tellAgain();
  }

  get isOwed(): boolean {
    const { version, published } = this.#state.head.scores;
    return version > published;
  }

  /** No number before this one is of a change that boards have not; null: they have all. */
  get owedFrom(): number | null {
    return this.isOwed ? this.#state.head.scores.published + 1 : null;
  }

  unpublishedRow(nowMs: Instant): ScoreRow | null {
    const { version } = this.#state.head.scores;
    if (!this.isOwed) return null;
    const row = { member: this.#member, version, ...this.#numbers(nowMs) };
    const content = contentOf(row);
    const isTold = content === this.#told;
    // Who fails to answer may have it all the same.
    [this.#telling, this.#told] = [{ version, content }, unknownContent];
    if (!isTold) return row;
    this.publishedRow(version);
    return null;
  }

  publishedRow(version: number): void {
    const { scores } = this.#state.head;
    if (version <= scores.published) return;
    this.#told = this.#telling?.version === version ? this.#telling.content : unknownContent;
    // While there is a newer row, who wakes may have told that one.
    const content = version < scores.version ? scores.content : this.#told;
    this.#state.keep({ scores: { ...scores, published: version, content } });
  }

  #numbers(nowMs: Instant): Pick<ScoreRow, "periods" | "unshown"> {
    const periods: Record<string, Numbers> = {};
    const unshown: Record<string, Numbers> = {};
    const { settings, isForgotten } = this.#state.head;
    if (settings === null || isForgotten) return { periods, unshown };
    for (const [period, sums] of this.#openSums(nowMs)) {
      const numbers = this.#scored(period, sums);
      if (settings.onBoards) periods[period] = numbers;
      else if (settings.inTeams === true && numbers.all !== undefined)
        unshown[period] = { all: numbers.all };
    }
    for (const rules of settings.challenges ?? []) {
      const numbers = this.#challenge(rules);
      if (Object.keys(numbers).length > 0) periods[challengePeriod(rules.id)] = numbers;
    }
    return { periods, unshown };
  }

  #openSums(nowMs: Instant): [Period, Sums][] {
    const year = localDate(nowMs - openDaysMax * msPerDay, 0).slice(0, 4);
    return [...this.#state.entries.from(`S${year}`, endOf("S"))]
      .map(([key, sums]): [Period, Sums] => [key.slice(1), JSON.parse(sums)])
      .filter(([period]) => isOpen(period, nowMs));
  }

  #scored(period: Period, sums: Sums): Numbers {
    const { from, to } = daysOfPeriod(period);
    const entries = Object.entries(sums).map(([key, numbers]): [string, number[]] => [
      key,
      [...numbers, this.#resolved.lastCounted(key, from, to)],
    ]);
    return Object.fromEntries(entries);
  }

  /** Joining is the choice: it counts there whatever they show elsewhere. */
  #challenge(rules: ChallengeRules): Numbers {
    const { resolve } = this.#stream;
    if (resolve === undefined) return {};
    const found = this.#resolved.resolvedAround(rules.from, rules.to, resolve.reachDays * msPerDay);
    const counted = found.filter((body) => {
      const day = resolve.day(body);
      return rules.from <= day && day <= rules.to;
    });
    return scoreChallenge(this.#stream, rules, counted);
  }

  /** Every period's sums, for whoever compares. */
  *totals(): Generator<readonly [Period, Sums]> {
    for (const [key, sums] of this.#state.entries.from("S", endOf("S")))
      yield [key.slice(1), JSON.parse(sums)];
  }
}

const mayShow = (settings: MemberSettings | null): boolean =>
  settings !== null &&
  (settings.onBoards || settings.inTeams === true || (settings.challenges ?? []).length > 0);

/** Short, and another for another row; empty where the row is. */
function contentOf({ periods, unshown }: ScoreRow): string {
  if (Object.keys(periods).length + Object.keys(unshown).length === 0) return "";
  const text = JSON.stringify([periods, unshown]);
  return [spread(text), spread(`${text.length} ${text}`)].map((n) => n.toString(36)).join(".");
}
