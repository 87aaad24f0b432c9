/**
 * What a ledger still has to tell the archive and the vault. A change that waits is told as what is
 * true of its identity on its day when it is sent: whatever made that another one waits behind it.
 * Synchronous, called inside the object's transaction.
 */
import type { FactId, MemberId } from "../domain/identity.ts";
import { bucketOf, type Change, type OpenFact, type OpenStatement } from "../domain/ports.ts";
import { isByMember } from "../domain/shards.ts";
import type { Retraction } from "../domain/stream.ts";
import type { AnyStream } from "../domain/streams.ts";
import type { Instant, LocalDate } from "../domain/time.ts";
import {
  type Consumer,
  type DueLive,
  type DueRetraction,
  type Outbox,
  resendDelayMs,
} from "../kernel/publish.ts";
import { standing } from "../kernel/record.ts";
import type { LedgerCounts } from "./ledger-counts.ts";
import type { LedgerFacts } from "./ledger-facts.ts";
import { endOf, ordered, orderedIn } from "./ledger-keys.ts";
import type { LedgerLive } from "./ledger-live.ts";
import type { LedgerScores } from "./ledger-scores.ts";
import type { LedgerState } from "./ledger-state.ts";

/** Changes on their way to the archive at once; what comes after waits until these are confirmed. */
const inFlightMax = 400;

/** A change on its way to the archive. `cause`: the first change of the statement it came of. */
interface Waiting {
  readonly day: LocalDate;
  readonly id: FactId;
  readonly cause: number | null;
  /** Kept only where what is held does not tell it. */
  readonly statement?: OpenStatement;
  readonly sent?: Sent;
}
interface Sent {
  readonly atMs: Instant;
  readonly times: number;
}
interface Parked {
  readonly cause: number | null;
  readonly isReplayed: boolean;
}

/** Of what the ledger is called, and what its changes say of it. */
export interface Origin {
  readonly name: string;
  readonly stream: AnyStream;
  readonly shard: string;
}

export class LedgerOutbox implements Outbox {
  readonly #state: LedgerState;
  readonly #origin: Origin;
  readonly #counts: LedgerCounts;
  readonly #facts: LedgerFacts;
  readonly #scores: LedgerScores;
  readonly #live: LedgerLive;
  /** While one statement is admitted: the first change that came of it. */
  #cause: { first: number | null } | null = null;
  /** What was sent since the object woke. */
  readonly #sent = new Map<number, Sent>();
  /** What is above was enqueued since then, and so was never sent before. */
  readonly #wokeAtSeq: number;

  constructor(
    state: LedgerState,
    origin: Origin,
    counts: LedgerCounts,
    facts: LedgerFacts,
    scores: LedgerScores,
    live: LedgerLive,
  ) {
    this.#state = state;
    this.#live = live;
    this.#origin = origin;
    this.#counts = counts;
    this.#facts = facts;
    this.#scores = scores;
    this.#wokeAtSeq = state.head.seq;
  }

  get #entries() {
    return this.#state.entries;
  }

  unpublishedRow(nowMs: Instant) {
    return this.#scores.unpublishedRow(nowMs);
  }

  publishedRow(version: number): void {
    this.#scores.publishedRow(version);
  }

  /** Which bucket of the archive all of this goes to. */
  get bucket(): number {
    return bucketOf(this.#origin.shard, this.#origin.stream.buckets);
  }

  // -- what waits ----------------------------------------------------------------------------

  ofOneStatement(admit: () => void): boolean {
    const cause = { first: null as number | null };
    this.#cause = cause;
    try {
      admit();
    } finally {
      this.#cause = null;
    }
    return cause.first !== null;
  }

  enqueueChange(day: LocalDate, { id }: OpenStatement): void {
    const seq = this.#state.nextSeq();
    if (this.#cause !== null) this.#cause.first ??= seq;
    this.#put(seq, { day, id, cause: this.#cause?.first ?? null });
  }

  /** As it was told before there were pages. */
  takeOver(seq: number, { statement, ...waiting }: Waiting): void {
    const isHeld = this.#facts.held(waiting.id)?.days.includes(waiting.day) === true;
    this.#put(seq, isHeld || statement === undefined ? waiting : { ...waiting, statement });
  }

  #put(seq: number, waiting: Waiting): void {
    this.#entries.add(`X${ordered(seq)}`, JSON.stringify(waiting));
    const { cause } = waiting;
    if (cause !== null && cause < seq) this.#entries.add(further(cause, seq), "");
  }

  #waits(seq: number): Waiting | null {
    const text = this.#entries.get(`X${ordered(seq)}`);
    return text === null ? null : (JSON.parse(text) as Waiting);
  }

  *#waiting(): Generator<readonly [number, Waiting]> {
    for (const [key, text] of this.#entries.from("X", endOf("X")))
      yield [orderedIn(key, "X"), JSON.parse(text) as Waiting];
  }

  #inFlight(): { seq: number; waiting: Waiting; dueMs: Instant }[] {
    const found: { seq: number; waiting: Waiting; dueMs: Instant }[] = [];
    for (const [seq, waiting] of this.#waiting()) {
      const sent = this.#sent.get(seq) ?? waiting.sent;
      const dueMs = sent === undefined ? 0 : sent.atMs + resendDelayMs(sent.times);
      if (found.push({ seq, waiting, dueMs }) >= inFlightMax) break;
    }
    return found;
  }

  #told(seq: number, { day, id, statement }: Waiting): Change {
    const { name: ledger, stream } = this.#origin;
    const held = statement === undefined ? this.#facts.held(id) : null;
    const now = held && standing(id, held).find((s) => s.day === day)?.statement;
    // Only of what is held is anything enqueued.
    const gone: Retraction = { id, revision: held?.revision ?? 0, retracted: true };
    const said = statement ?? now ?? gone;
    return { ledger, seq, stream: stream.name, day, bucket: this.bucket, statement: said };
  }

  changesDue(nowMs: Instant, limit: number): Change[] {
    return this.#inFlight()
      .filter(({ dueMs }) => dueMs <= nowMs)
      .slice(0, limit)
      .map(({ seq, waiting }) => this.#told(seq, waiting));
  }

  /**
   * That something was sent for the first time is only remembered: nearly all of it is confirmed
   * before it is sent again, and an eviction costs a repetition. What is sent again, or may have
   * been sent before the object woke, says so itself, so that it is ever more rarely.
   */
  sentChanges(seqs: readonly number[], nowMs: Instant): void {
    const again: (readonly [number, Waiting])[] = [];
    for (const seq of seqs) {
      const waiting = this.#waits(seq);
      if (waiting === null) continue;
      const before = this.#sent.get(seq) ?? waiting.sent;
      const sent = { atMs: nowMs, times: (before?.times ?? 0) + 1 };
      this.#sent.set(seq, sent);
      if (before !== undefined || seq <= this.#wokeAtSeq) again.push([seq, { ...waiting, sent }]);
    }
    if (again.length === 0) return;
    this.#state.write(() => {
      for (const [seq, waiting] of again)
        this.#entries.put(`X${ordered(seq)}`, JSON.stringify(waiting));
    });
  }

  /** Where a ledger is not one member's, the fact alone says under whose key it is sealed. */
  enqueueRetraction(retraction: Retraction, fact: OpenFact | null): void {
    const { stream, shard } = this.#origin;
    const member = isByMember(stream) ? shard : fact?.member;
    if (typeof member !== "string") return;
    this.takeOverRetraction(this.#state.nextSeq(), retraction, member as MemberId);
  }

  /** As it was enqueued before there were pages. */
  takeOverRetraction(seq: number, retraction: Retraction, member?: MemberId): void {
    const of = member === undefined || member === this.#origin.shard ? {} : { member };
    this.#entries.add(`V${ordered(seq)}`, JSON.stringify({ ...retraction, ...of }));
  }

  retractions(limit: number): DueRetraction[] {
    const found: DueRetraction[] = [];
    for (const [key, text] of this.#entries.from("V", endOf("V"))) {
      if (found.length >= limit) break;
      const { member = this.#origin.shard as MemberId, ...retraction } = JSON.parse(text) as {
        readonly member?: MemberId;
      } & Retraction;
      found.push({ seq: orderedIn(key, "V"), member, retraction });
    }
    return found;
  }

  liveDue(nowMs: Instant, limit: number): DueLive[] {
    return this.#live.due(nowMs, limit);
  }

  toldLive(due: readonly DueLive[]): void {
    this.#live.told(due);
  }

  // -- what is confirmed ---------------------------------------------------------------------

  /** In any order, and again. */
  confirm(consumer: Consumer, seqs: readonly number[], how: "landed" | "parked" = "landed"): void {
    if (consumer === "vault") {
      for (const seq of seqs) this.#entries.delete(`V${ordered(seq)}`);
      return;
    }
    let waiting = [...new Set(seqs)].flatMap((seq): [number, Waiting][] => {
      const found = this.#waits(seq);
      return found === null ? [] : [[seq, found]];
    });
    if (how === "parked") waiting = this.#countAgain(waiting);
    const statements = [...new Set(waiting.flatMap(([, { cause }]) => cause ?? []))];
    if (how === "parked") this.#park(statements, waiting);
    else statements.push(...this.#landedLate(seqs, statements));
    for (const [seq, { cause }] of waiting) {
      this.#entries.delete(`X${ordered(seq)}`);
      if (cause !== null && cause < seq) this.#entries.delete(further(cause, seq));
      this.#sent.delete(seq);
    }
    if (how === "landed" && statements.length > 0) this.#countLanded(statements);
  }

  /** A statement is applied once nothing that came of it waits or is parked. */
  #countLanded(statements: readonly number[]): void {
    const landed = statements.filter(
      (cause) =>
        this.#entries.get(`X${ordered(cause)}`) === null &&
        !this.#isAny(`F${ordered(cause)}`) &&
        !this.#isParked(cause),
    ).length;
    if (landed > 0) this.#counts.add({ applied: landed, pending: -landed });
  }

  /** A change that came of no statement takes the place of one that was applied before. */
  #countAgain(waiting: readonly [number, Waiting][]): [number, Waiting][] {
    let left = this.#counts.read().applied;
    let taken = 0;
    const counted = waiting.map(([seq, one]): [number, Waiting] => {
      if (one.cause !== null || left === 0) return [seq, one];
      left--;
      taken++;
      return [seq, { ...one, cause: seq }];
    });
    if (taken > 0) this.#counts.add({ applied: -taken, pending: taken });
    return counted;
  }

  /** A statement is parked while anything that came of it is. */
  #park(statements: readonly number[], waiting: readonly [number, Waiting][]): void {
    const parked = statements.filter((cause) => !this.#isParked(cause)).length;
    if (parked > 0) this.#counts.add({ parked, pending: -parked });
    for (const [seq, { cause }] of waiting) this.#setParked(seq, { cause, isReplayed: false });
  }

  #parkedAs(seq: number): Parked | null {
    const text = this.#entries.get(`Q${ordered(seq)}`);
    return text === null ? null : (JSON.parse(text) as Parked);
  }

  #setParked(seq: number, parked: Parked): void {
    const before = this.#parkedAs(seq);
    const waited = before !== null && !before.isReplayed ? 1 : 0;
    const waits = parked.isReplayed ? 0 : 1;
    this.#entries.put(`Q${ordered(seq)}`, JSON.stringify(parked));
    this.#state.keep({ parked: this.#state.head.parked + waits - waited });
    const { cause } = parked;
    if (cause === null) return;
    const key = `W${ordered(cause)}${ordered(seq)}`;
    if (waits === 1) this.#entries.put(key, "");
    else this.#entries.delete(key);
  }

  /** As it was parked before there were pages. */
  takeOverParked(seq: number, parked: Parked): void {
    this.#setParked(seq, parked);
  }

  /**
   * Parked changes that landed after all, or that need not: their statements wait for nothing but
   * what else came of them. Returns those that are not among `known`.
   */
  #landedLate(seqs: readonly number[], known: readonly number[]): number[] {
    if (this.#state.head.parked === 0) return [];
    const late = new Set<number>();
    for (const seq of seqs) {
      const parked = this.#parkedAs(seq);
      if (parked === null || parked.isReplayed) continue;
      this.#setParked(seq, { ...parked, isReplayed: true });
      if (parked.cause !== null) late.add(parked.cause);
    }
    const back = [...late].filter((cause) => !this.#isParked(cause));
    if (back.length > 0) this.#counts.add({ parked: -back.length, pending: back.length });
    return back.filter((cause) => !known.includes(cause));
  }

  #isParked(cause: number): boolean {
    return this.#state.head.parked > 0 && this.#isAny(`W${ordered(cause)}`);
  }

  #isAny(prefix: string): boolean {
    return this.#entries.from(prefix, endOf(prefix)).next().done !== true;
  }

  /** A parked change goes out as what is true today; asked for again, it does not go out twice. */
  replay(seq: number, day: LocalDate, { id }: OpenStatement): void {
    this.confirm("archive", [seq], "parked");
    const parked = this.#parkedAs(seq);
    if (parked?.isReplayed === true) return;
    const cause = parked?.cause ?? null;
    this.#setParked(seq, { cause, isReplayed: true });
    this.#put(this.#state.nextSeq(), { day, id, cause });
    if (cause !== null && !this.#isParked(cause)) this.#counts.add({ parked: -1, pending: 1 });
  }

  // -- what is due ---------------------------------------------------------------------------

  /** When the next thing has to be sent, or null when nothing is unconfirmed. */
  nextDueMs(nowMs: Instant): Instant | null {
    if (this.#scores.isOwed || this.#isAny("V") || this.#live.isOwed) return nowMs;
    const due = this.#inFlight().map(({ dueMs }) => dueMs);
    return due.length === 0 ? null : Math.min(...due);
  }

  /** The least number of anything that is unconfirmed; of a change, that of what it came of. */
  leastOnItsWay(): number | null {
    const [retraction] = this.retractions(1);
    const others = [this.#scores.owedFrom, retraction?.seq ?? null, this.#live.owedFrom];
    let least = Math.min(...others.map((seq) => seq ?? Number.POSITIVE_INFINITY));
    for (const [seq, { cause }] of this.#waiting()) least = Math.min(least, cause ?? seq);
    return least === Number.POSITIVE_INFINITY ? null : least;
  }

  /** Whether anything that came of no statement is on its way to the archive. */
  get hasUncounted(): boolean {
    for (const [, { cause }] of this.#waiting()) if (cause === null) return true;
    return false;
  }
}

const further = (cause: number, seq: number): string => `F${ordered(cause)}${ordered(seq)}`;
