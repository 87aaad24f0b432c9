/**
 * One subject on one stream: every source fact once, resolved; what that changes elsewhere waits in
 * the outbox until it is confirmed. A call that returns has been stored; one that fails may have
 * been, and saying it again is always safe. Readings never come here.
 */
import { DurableObject } from "cloudflare:workers";
import type { ConnectionId, FactId } from "../domain/identity.ts";
import {
  addsNothing,
  type Change,
  type Decided,
  type DecideRefusal,
  type DecisionDraft,
  type LedgerPort,
  type LedgerReport,
  type MemberSettings,
  type OpenFact,
  type OpenStatement,
  type RecordOutcome,
  type SeenBy,
} from "../domain/ports.ts";
import type { Result } from "../domain/result.ts";
import { noSettings } from "../domain/settings.ts";
import { type Decision, isDecision, type Settings } from "../domain/stream.ts";
import { type AnyStream, streamNamed } from "../domain/streams.ts";
import type { Instant, LocalDate } from "../domain/time.ts";
import { decide, takeBack } from "../kernel/decide.ts";
import { type Publisher, publishers } from "../kernel/publish.ts";
import type { Told } from "../kernel/receipt.ts";
import { drawAnew, followSettings, record, sendAgain, standing } from "../kernel/record.ts";
import { ownerOnlyProviders } from "../providers/index.ts";
import { LedgerArrivals } from "./ledger-arrivals.ts";
import { newerFacts } from "./ledger-ask.ts";
import { consumersOf, type LedgerEnv } from "./ledger-consumers.ts";
import { LedgerFinder } from "./ledger-find.ts";
import { bodies } from "./ledger-keys.ts";
import { nameOf, register } from "./ledger-registry.ts";
import { LedgerReplies } from "./ledger-replies.ts";
import { ruleTextOf } from "./ledger-rules.ts";
import { LedgerState } from "./ledger-state.ts";
import { LedgerTables } from "./ledger-store.ts";
import { openTables, upgrade } from "./ledger-upgrade.ts";

/**
 * The alarm stands this far behind a write, for the case that the object does not live to publish
 * it, or that the archive does not confirm: as a rule it finds that everybody did.
 */
const safetyNetMs = 20_000;
const retryMs = 3000;
const factsPageMax = 500;
const replyKeptMs = 86_400_000;
const spanListMax = 5000;

export class Ledger extends DurableObject<LedgerEnv> implements LedgerPort {
  readonly #stream: AnyStream;
  readonly #shard: string;
  protected readonly state: LedgerState;
  protected readonly tables: LedgerTables;
  readonly #finder: LedgerFinder;
  readonly #replies: LedgerReplies;
  readonly #arrivals: LedgerArrivals;
  readonly #publishers: readonly Publisher[];

  constructor(ctx: DurableObjectState, env: LedgerEnv) {
    super(ctx, env);
    const old = openTables(ctx.storage);
    this.state = new LedgerState(ctx.storage);
    if (old !== null) this.state.note(old);
    const name = nameOf(ctx, this.state);
    const cut = name.indexOf("/");
    const stream = streamNamed(name.slice(0, cut));
    if (stream === undefined) throw new Error("a ledger's name starts with its stream");
    const shard = name.slice(cut + 1);
    [this.#stream, this.#shard] = [stream, shard];
    this.tables = new LedgerTables(this.state, { name, stream, shard });
    this.#replies = new LedgerReplies(this.state);
    this.#arrivals = new LedgerArrivals(this.state);
    this.#finder = new LedgerFinder(this.tables, stream);
    const consumers = consumersOf(env, stream);
    this.#publishers = publishers(this.tables.outbox, consumers, Date.now);
    if (old !== null)
      this.state.write(() => upgrade(ctx.storage.sql, this.state, this.tables, this.#replies));
    this.#followRules();
  }

  /** A changed rule counts back to the first fact: what was resolved by the old one goes. */
  #followRules(): void {
    const rules = ruleTextOf(this.#stream);
    if (this.state.head.rules === rules) return;
    // One that holds nothing yet writes it down with the first thing that it does.
    if (this.state.head.seq === 0) this.state.note({ rules });
    else
      this.state.write(() => {
        this.#resolveAnew();
        this.state.keep({ rules });
      });
  }

  #resolveAnew(): void {
    if (this.#stream.resolve?.where === "vault") return;
    this.tables.unresolve();
    this.#refoldAll(this.#settings());
  }

  get #isForgotten(): boolean {
    return this.state.head.isForgotten;
  }

  async number(contents: readonly { id: FactId; content: string }[], how: Told = "told") {
    return this.state.write(() =>
      contents.map(({ id, content }) => this.tables.facts.receipt(id, content, how)),
    );
  }

  /**
   *   1. statements, what they resolve to, sums and outbox are written as one transaction, one row
   *   2. the alarm is set, unless one      a crash before: stored but not answered; it is said
   *      stands that is early enough       again, or the sweep comes by, and that publishes
   *   3. the answer is given; publishing starts at once, and is only remembered
   *                                        a crash here: the alarm publishes, some of it once more
   *   4. the archive confirms, which is    a crash before: the alarm sends again
   *      only remembered as well           a crash here: so it does, and the archive knows it
   *   5. the alarm, or a call that comes before it, writes down 3 and 4
   */
  async record(statements: readonly OpenStatement[]): Promise<RecordOutcome[]> {
    if (this.#isForgotten) return this.#reject(statements);
    const isLate = (s: OpenStatement) => this.#arrivals.isLate(s);
    const outcomes = this.state.write(() => {
      this.#reject(statements.filter(isLate));
      const kept = statements.filter((s) => !isLate(s));
      const said = record(this.tables, this.#stream, this.#settings(), kept);
      const came = kept.filter((_, i) => !addsNothing(said[i]));
      this.#arrivals.note(came, Date.now());
      if (said.includes("retracted")) this.state.entries.purge(bodies);
      return said.values();
    });
    await this.#publishSoon();
    return statements.map((s) => (isLate(s) ? "forgotten" : (outcomes.next().value ?? "older")));
  }

  async arrivals(): Promise<Readonly<Record<string, Instant>>> {
    return this.state.head.arrivals;
  }

  #reject(statements: readonly OpenStatement[]): RecordOutcome[] {
    const rejected = statements.length;
    if (rejected > 0) this.tables.counts.add({ received: rejected, rejected });
    return statements.map(() => "forgotten");
  }

  /** Takes settings of a greater version; a changed zone history moves what it concerns. */
  async configure(settings: MemberSettings): Promise<void> {
    if (this.#isForgotten) return;
    const before = this.state.head.settings;
    if (before !== null && before.version >= settings.version) return;
    this.state.write(() => {
      this.state.keep({ settings });
      if (JSON.stringify(before?.zones) !== JSON.stringify(settings.zones))
        this.#refoldAll(this.#settings());
      if (this.#stream.ranked && boardChoices(before) !== boardChoices(settings))
        this.tables.scores.changed();
    });
    await this.#publishSoon();
  }

  /** Days and groups that rested on settings are made anew, a page at a time. */
  #refoldAll(settings: Settings): void {
    let [at, id] = [Number.MIN_SAFE_INTEGER, ""];
    for (;;) {
      const page = this.tables.facts.factsAfter(at, id, factsPageMax);
      followSettings(this.tables, this.#stream, settings, page);
      const last = page.at(-1);
      if (last === undefined || page.length < factsPageMax) return;
      [at, id] = [last.at, last.id];
    }
  }

  /** What landed is only remembered until anything else is written: else it is sent once more. */
  async confirm(
    consumer: "archive",
    seqs: readonly number[],
    how: "landed" | "parked" = "landed",
  ): Promise<void> {
    if (how === "parked") this.state.write(() => this.tables.outbox.confirm(consumer, seqs, how));
    else this.tables.outbox.confirm(consumer, seqs);
    const now = Date.now();
    if ((this.tables.outbox.nextDueMs(now) ?? now + 1) <= now) void this.publish();
  }

  /**
   * What settings moved or what is published again is no statement of its own: while any of it is
   * on its way, one that had come to rest is pending, so that who asks never takes it for landed.
   */
  async report(): Promise<LedgerReport> {
    const counts = this.tables.counts.read();
    const atMs = Date.now();
    if (counts.pending > 0 || !this.tables.outbox.hasUncounted) return { ...counts, atMs };
    const from = counts.applied > 0 ? "applied" : "parked";
    return { ...counts, [from]: counts[from] - 1, pending: 1, atMs };
  }

  /**
   * Numbers only grow, so what goes out again wins over whatever of it lies in the archive. What the
   * vault resolves is asked of it first: where it does not answer, nothing goes out.
   */
  async publishAgain(days: readonly LocalDate[] | null): Promise<number> {
    if (this.#isForgotten) return 0;
    const settings = this.#settings();
    const vault = this.env.VAULT_WORK;
    const [stream, tables] = [this.#stream, this.tables];
    const newer = await newerFacts(vault, stream, this.#shard, tables, settings, days);
    if (this.#isForgotten) return 0;
    const queued = this.state.write(() => {
      record(tables, stream, settings, newer);
      const ids = tables.facts.publishedUnder(days);
      if (days === null || !drawAnew(tables, stream, settings, ids)) this.#resolveAnew();
      return sendAgain(tables, ids);
    });
    await this.#publishSoon();
    return queued;
  }

  /**
   * The change itself may be outdated by now, and under a new number it would win: what goes out in
   * its place is what is true today of its identity on its day.
   */
  async replay({ ledger, seq, day, statement: { id } }: Change): Promise<boolean> {
    if (ledger !== this.state.head.name) return false;
    const replayed = this.state.write(() => {
      const held = this.tables.held(id);
      const now = held && standing(id, held).find((s) => s.day === day);
      if (now) this.tables.outbox.replay(seq, day, now.statement);
      return Boolean(now);
    });
    await this.#publishSoon();
    return replayed;
  }

  async daysOf(ids: readonly FactId[]): Promise<LocalDate[]> {
    return this.tables.facts.daysOf(ids);
  }

  async list(before: string | null, limit: number, seenBy: SeenBy = "owner") {
    return this.#finder.list(before, limit, seenBy);
  }

  async find(id: string): Promise<unknown> {
    return this.#finder.find(id);
  }

  async decide(draft: DecisionDraft): Promise<Decided | DecideRefusal> {
    return this.#decided(draft.id, (settings) =>
      decide(this.tables, this.#stream, settings, draft, Date.now()),
    );
  }

  async takeBack(
    id: FactId,
    kinds: readonly Decision["decision"][],
  ): Promise<Decided | DecideRefusal> {
    const held = this.tables.held(id)?.fact;
    if (held == null || !isDecision(held) || !kinds.includes(held.decision))
      return { refused: "not-found" };
    return this.#decided(id, (settings) =>
      takeBack(this.tables, this.#stream, settings, id, Date.now()),
    );
  }

  async #decided(
    id: FactId,
    run: (settings: Settings) => Result<readonly FactId[], DecideRefusal["refused"]>,
  ): Promise<Decided | DecideRefusal> {
    if (this.#isForgotten) return { refused: "not-found" };
    const result = this.state.write(() => run(this.#settings()));
    if (!result.ok) return { refused: result.error };
    await this.#publishSoon();
    return { decision: id, resolved: this.#finder.resolvedOf(result.value) };
  }

  async decisions(limit: number): Promise<Decision[]> {
    return this.tables.facts.decisions(limit);
  }

  async between(fromMs: Instant, toMs: Instant): Promise<OpenFact[]> {
    return this.#finder.between(fromMs, toMs, spanListMax);
  }

  async facts(...asked: Parameters<LedgerPort["facts"]>) {
    return this.#finder.facts(...asked);
  }

  async ofConnections(connections: readonly ConnectionId[]): Promise<string[]> {
    return this.tables.facts.factsOfConnections(connections, spanListMax);
  }

  async remembered(key: string): Promise<{ body: string; reply: string } | null> {
    return this.#replies.find(key);
  }

  async remember(key: string, body: string, reply: string): Promise<void> {
    this.state.write(() => this.#replies.keep(key, { body, reply }, Date.now(), replyKeptMs));
  }

  /** Asked for again, it names the same days until it is told to let go of them. */
  async forget(): Promise<{ facts: number; days: LocalDate[] }> {
    const gone = this.state.write(() => {
      const days = [
        ...new Set([...this.state.head.days, ...this.tables.facts.daysOf(null)]),
      ].sort();
      // Everything is refused from here: neither what they had nor where they lived is asked again.
      this.state.keep({ isForgotten: true, days, ended: [], settings: null, arrivals: {} });
      return { facts: this.tables.forget(Date.now()), days };
    });
    await this.#publishSoon();
    return gone;
  }

  async forgetDays(): Promise<void> {
    this.state.write(() => this.state.keep({ days: [] }));
  }

  async erase(
    ids: readonly FactId[],
    by: string,
    ended: readonly ConnectionId[] = [],
  ): Promise<LocalDate[]> {
    if (this.#isForgotten) return [];
    const revision = Number.MAX_SAFE_INTEGER;
    const gone = ids.map((id) => ({ id, revision, retracted: true }) as const);
    const days = this.state.write(() => {
      this.#arrivals.end(ended);
      this.#replies.forget();
      record(this.tables, this.#stream, this.#settings(), gone);
      this.tables.facts.markErased(ids, by);
      this.state.entries.purgeAll();
      return this.tables.facts.daysOf(ids.length === 0 ? this.tables.facts.erasedBy(by) : ids);
    });
    await this.#publishSoon();
    return days;
  }

  async lift(by: string): Promise<FactId[]> {
    return this.state.write(() => this.tables.facts.lift(by));
  }

  async nudge() {
    await this.publish();
    this.state.save();
    const left = { last: this.state.head.seq, least: this.tables.outbox.leastOnItsWay() };
    if (left.least !== null) await this.#arm(safetyNetMs);
    return left;
  }

  /**
   * Never throws: an alarm that keeps failing would be given up by the platform. It writes what was
   * only remembered and nothing since has written down: as a rule there is none.
   */
  override async alarm(): Promise<void> {
    const fine = await this.publish();
    this.state.save();
    const now = Date.now();
    const due = this.tables.outbox.nextDueMs(now);
    if (due !== null) await this.ctx.storage.setAlarm(Math.max(due, now + (fine ? 0 : retryMs)));
  }

  /**
   * Arms the safety net, then publishes without making the caller wait; what fails is tried again
   * sooner. What was only said again leaves nothing to publish, and costs no alarm.
   */
  async #publishSoon(): Promise<void> {
    if (this.tables.outbox.nextDueMs(Date.now()) === null) return;
    await this.#arm(safetyNetMs);
    void this.publish().then((fine) => (fine ? undefined : this.#arm(retryMs)));
  }

  /**
   * One alarm stands at a time. One that waits longer, for the archive's confirmation, is moved
   * forward: nobody else's change may wait for that one.
   */
  async #arm(inMs: number): Promise<void> {
    const atMs = Date.now() + inMs;
    const alarm = await this.ctx.storage.getAlarm();
    if (alarm === null || alarm > atMs) await this.ctx.storage.setAlarm(atMs);
  }

  protected async publish(): Promise<boolean> {
    const fine = await Promise.all(this.#publishers.map((p) => p.publish()));
    await register(this.env.WAREHOUSE, this.state, this.tables.outbox.bucket);
    return fine.every(Boolean);
  }

  #settings(): Settings {
    const { zones } = this.state.head.settings ?? noSettings;
    return { zones, ownerOnly: ownerOnlyProviders };
  }
}

const boardChoices = (settings: MemberSettings | null): string =>
  JSON.stringify([settings?.onBoards, settings?.inTeams ?? false, settings?.challenges ?? []]);
