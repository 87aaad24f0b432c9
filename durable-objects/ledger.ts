/**
 * One subject on one stream: every source fact once, resolved; what that changes elsewhere waits in
 * the outbox until it is confirmed. A call that returns has been stored; one that fails may have
 * been, and saying it again is always safe. Readings never come here.
 */
import { DurableObject } from "cloudflare:workers";
import type { ConnectionId, FactId, MemberId } from "../domain/identity.ts";
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
  type Page,
  type RecordOutcome,
  type SeenBy,
} from "../domain/ports.ts";
import type { Result } from "../domain/result.ts";
import { noSettings } from "../domain/settings.ts";
import { type Decision, isDecision, isRetraction, type Settings } from "../domain/stream.ts";
import { type AnyStream, streamNamed } from "../domain/streams.ts";
import { type Instant, type LocalDate, msPerDay } from "../domain/time.ts";
import { decide, takeBack } from "../kernel/decide.ts";
import { type Publisher, publishers } from "../kernel/publish.ts";
import type { Told } from "../kernel/receipt.ts";
import { followSettings, record, sendAgain, standing } from "../kernel/record.ts";
import ledgerTables from "../migrations/ledger/0001_ledger.sql";
import decisionTables from "../migrations/ledger/0002_decisions.sql";
import countTables from "../migrations/ledger/0003_counts.sql";
import othersTables from "../migrations/ledger/0004_others.sql";
import { ownerOnlyProviders } from "../providers/index.ts";
import { newerFacts } from "./ledger-ask.ts";
import { consumersOf, type LedgerEnv } from "./ledger-consumers.ts";
import { LedgerCounts } from "./ledger-counts.ts";
import { LedgerFinder } from "./ledger-find.ts";
import { LedgerOutbox } from "./ledger-outbox.ts";
import { nameOf, register } from "./ledger-registry.ts";
import { LedgerReplies } from "./ledger-replies.ts";
import { LedgerTables } from "./ledger-store.ts";
import { Meta } from "./meta.ts";
import { migrate } from "./migrate.ts";

/** The alarm stands this far behind a write, for the case that publishing at once fails. */
const safetyNetMs = 2000;
const retryMs = 3000;
const factsPageMax = 500;
const replyKeptMs = 86_400_000;
const spanListMax = 5000;

export class Ledger extends DurableObject<LedgerEnv> implements LedgerPort {
  readonly #stream: AnyStream;
  readonly #shard: string;
  readonly #meta: Meta;
  readonly #outbox: LedgerOutbox;
  readonly #counts: LedgerCounts;
  readonly #tables: LedgerTables;
  readonly #finder: LedgerFinder;
  readonly #replies: LedgerReplies;
  readonly #publishers: readonly Publisher[];

  constructor(ctx: DurableObjectState, env: LedgerEnv) {
    super(ctx, env);
    migrate(ctx.storage, [ledgerTables, decisionTables, countTables, othersTables]);
    const { sql } = ctx.storage;
    this.#meta = new Meta(sql);
    const name = nameOf(ctx, this.#meta);
    const cut = name.indexOf("/");
    const stream = streamNamed(name.slice(0, cut));
    if (stream === undefined) throw new Error("a ledger's name starts with its stream");
    this.#stream = stream;
    this.#shard = name.slice(cut + 1);
    this.#counts = new LedgerCounts(sql);
    this.#outbox = new LedgerOutbox(sql, this.#meta, stream, this.#shard, name, this.#counts);
    this.#tables = new LedgerTables(sql, this.#outbox, this.#counts);
    this.#replies = new LedgerReplies(sql);
    this.#finder = new LedgerFinder(this.#tables, stream);
    const member = this.#shard as MemberId;
    this.#publishers = publishers(this.#outbox, consumersOf(env, stream), member, Date.now);
    this.#followRules();
  }

  /** A changed rule counts back to the first fact: what was resolved by the old one goes. */
  #followRules(): void {
    const { resolve, rules: counting } = this.#stream;
    const rules = JSON.stringify([resolve?.version ?? 0, ownerOnlyProviders, counting.version]);
    if (this.#meta.get("rules") === rules) return;
    this.#write(() => {
      this.#resolveAnew();
      this.#meta.set("rules", rules);
    });
  }

  #resolveAnew(): void {
    if (this.#stream.resolve?.where === "vault") return;
    this.#tables.unresolve();
    this.#refoldAll(this.#settings());
  }

  /** One transaction; what it numbers is written down once. */
  #write<T>(run: () => T): T {
    return this.ctx.storage.transactionSync(() => this.#meta.numbered(run));
  }

  get #isForgotten(): boolean {
    return this.#meta.get("forgotten") !== null;
  }

  async number(contents: readonly { id: FactId; content: string }[], how: Told = "told") {
    return this.#write(() =>
      contents.map(({ id, content }) => this.#tables.receipt(id, content, how)),
    );
  }

  /**
   *   1. statements, what they resolve to, sums and outbox are written as one transaction
   *   2. the alarm is set                  a crash before: stored but not answered; it is said
   *                                        again, or the sweep comes by, and that publishes
   *   3. the answer is given; publishing starts at once
   *                                        a crash here: the alarm publishes
   */
  async record(statements: readonly OpenStatement[]): Promise<RecordOutcome[]> {
    if (this.#isForgotten) return this.#reject(statements);
    const ended = this.#ended();
    const isLate = (s: OpenStatement) => !isRetraction(s) && ended.has(s.connection);
    const outcomes = this.#write(() => {
      this.#reject(statements.filter(isLate));
      const kept = statements.filter((s) => !isLate(s));
      const said = record(this.#tables, this.#stream, this.#settings(), kept);
      this.#noteArrivals(kept.filter((_, i) => !addsNothing(said[i])));
      return said.values();
    });
    await this.#publishSoon();
    return statements.map((s) => (isLate(s) ? "forgotten" : (outcomes.next().value ?? "older")));
  }

  /** Connections are not told of what comes past them: whoever wants to know asks here. */
  #noteArrivals(statements: readonly OpenStatement[]): void {
    const by = statements.flatMap((s) => (isRetraction(s) ? [] : [String(s.connection)]));
    if (by.length === 0) return;
    const nowMs = Date.now();
    const now = Object.fromEntries(by.map((connection) => [connection, nowMs]));
    this.#meta.set("arrivals", JSON.stringify({ ...this.#arrivals(), ...now }));
  }

  #arrivals(): Readonly<Record<string, Instant>> {
    return JSON.parse(this.#meta.get("arrivals") ?? "{}");
  }

  #endArrivals(ended: readonly ConnectionId[]): void {
    if (ended.length === 0) return;
    const left = Object.entries(this.#arrivals()).filter(
      ([by]) => !ended.includes(by as ConnectionId),
    );
    this.#meta.set("ended", JSON.stringify([...new Set([...this.#ended(), ...ended])]));
    this.#meta.set("arrivals", JSON.stringify(Object.fromEntries(left)));
  }

  async arrivals(): Promise<Readonly<Record<string, Instant>>> {
    return this.#arrivals();
  }

  /** Connections whose data was erased: what still comes by them came too late. */
  #ended(): ReadonlySet<unknown> {
    return new Set(JSON.parse(this.#meta.get("ended") ?? "[]"));
  }

  #reject(statements: readonly OpenStatement[]): RecordOutcome[] {
    const rejected = statements.length;
    if (rejected > 0) this.#counts.add({ received: rejected, rejected });
    return statements.map(() => "forgotten");
  }

  /** Takes settings of a greater version; a changed zone history moves what it concerns. */
  async configure(settings: MemberSettings): Promise<void> {
    if (this.#isForgotten) return;
    const before = this.#held;
    if (before !== null && before.version >= settings.version) return;
    this.#write(() => {
      this.#meta.set("settings", JSON.stringify(settings));
      if (JSON.stringify(before?.zones) !== JSON.stringify(settings.zones))
        this.#refoldAll(this.#settings());
      if (boardChoices(before) !== boardChoices(settings)) this.#outbox.republishAll();
    });
    await this.#publishSoon();
  }

  /** Days and groups that rested on settings are made anew, a page at a time. */
  #refoldAll(settings: Settings): void {
    let [at, id] = [Number.MIN_SAFE_INTEGER, ""];
    for (;;) {
      const page = this.#tables.factsAfter(at, id, factsPageMax);
      followSettings(this.#tables, this.#stream, settings, page);
      const last = page.at(-1);
      if (last === undefined || page.length < factsPageMax) return;
      [at, id] = [last.at, last.id];
    }
  }

  async confirm(
    consumer: "archive",
    seqs: readonly number[],
    how: "landed" | "parked" = "landed",
  ): Promise<void> {
    this.#write(() => this.#outbox.confirm(consumer, seqs, how));
    const now = Date.now();
    if ((this.#outbox.nextDueMs(now) ?? now + 1) <= now) void this.#publish();
  }

  /**
   * What settings moved or what is published again is no statement of its own: while any of it is
   * on its way, one that had come to rest is pending, so that who asks never takes it for landed.
   */
  async report(): Promise<LedgerReport> {
    const counts = this.#counts.read();
    const atMs = Date.now();
    if (counts.pending > 0 || !this.#outbox.hasUncounted) return { ...counts, atMs };
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
    const [stream, tables] = [this.#stream, this.#tables];
    const newer = await newerFacts(vault, stream, this.#shard, tables, settings, days);
    if (this.#isForgotten) return 0;
    const queued = this.#write(() => {
      record(tables, stream, settings, newer);
      const again = sendAgain(tables, tables.publishedUnder(days));
      this.#resolveAnew();
      return again;
    });
    await this.#publishSoon();
    return queued;
  }

  /**
   * The change itself may be outdated by now, and under a new number it would win: what goes out in
   * its place is what is true today of its identity on its day.
   */
  async replay({ ledger, seq, day, statement: { id } }: Change): Promise<boolean> {
    if (ledger !== this.#meta.get("name")) return false;
    const replayed = this.#write(() => {
      const held = this.#tables.held(id);
      const now = held && standing(id, held).find((s) => s.day === day);
      if (now) this.#outbox.replay(seq, day, now.statement);
      return Boolean(now);
    });
    await this.#publishSoon();
    return replayed;
  }

  async daysOf(ids: readonly FactId[]): Promise<LocalDate[]> {
    return this.#tables.daysOf(ids);
  }

  async list(before: string | null, limit: number, seenBy: SeenBy = "owner") {
    return this.#finder.list(before, limit, seenBy);
  }

  async find(id: string): Promise<unknown> {
    return this.#finder.find(id);
  }

  async decide(draft: DecisionDraft): Promise<Decided | DecideRefusal> {
    return this.#decided(draft.id, (settings) =>
      decide(this.#tables, this.#stream, settings, draft, Date.now()),
    );
  }

  async takeBack(
    id: FactId,
    kinds: readonly Decision["decision"][],
  ): Promise<Decided | DecideRefusal> {
    const held = this.#tables.held(id)?.fact;
    if (held == null || !isDecision(held) || !kinds.includes(held.decision))
      return { refused: "not-found" };
    return this.#decided(id, (settings) =>
      takeBack(this.#tables, this.#stream, settings, id, Date.now()),
    );
  }

  async #decided(
    id: FactId,
    run: (settings: Settings) => Result<readonly FactId[], DecideRefusal["refused"]>,
  ): Promise<Decided | DecideRefusal> {
    if (this.#isForgotten) return { refused: "not-found" };
    const result = this.#write(() => run(this.#settings()));
    if (!result.ok) return { refused: result.error };
    await this.#publishSoon();
    return { decision: id, resolved: this.#finder.resolvedOf(result.value) };
  }

  async decisions(limit: number): Promise<Decision[]> {
    return this.#tables.decisions(limit);
  }

  async between(fromMs: Instant, toMs: Instant): Promise<OpenFact[]> {
    const reachMs = (this.#stream.resolve?.reachDays ?? 0) * msPerDay;
    return this.#tables.factsIn({ fromMs, toMs }, reachMs).slice(0, spanListMax) as OpenFact[];
  }

  async facts(
    fromMs: Instant,
    toMs: Instant,
    after: string | null,
    limit: number,
  ): Promise<Page<OpenFact>> {
    const [at, id] = after === null ? [fromMs, ""] : JSON.parse(after);
    const found = this.#tables.factsAfter(at, id, limit + 1).filter((fact) => fact.at <= toMs);
    const last = found[limit - 1];
    const isMore = found.length > limit && last !== undefined;
    return {
      items: found.slice(0, limit),
      next: isMore ? JSON.stringify([last.at, last.id]) : null,
    };
  }

  async ofConnections(connections: readonly ConnectionId[]): Promise<string[]> {
    return this.#tables.factsOfConnections(connections, spanListMax);
  }

  async remembered(key: string): Promise<{ body: string; reply: string } | null> {
    return this.#replies.find(key);
  }

  async remember(key: string, body: string, reply: string): Promise<void> {
    this.#replies.keep(key, body, reply, Date.now(), replyKeptMs);
  }

  /** Asked for again, it names the same days until it is told to let go of them. */
  async forget(): Promise<{ facts: number; days: LocalDate[] }> {
    const gone = this.#write(() => {
      const kept = JSON.parse(this.#meta.get("days") ?? "[]") as LocalDate[];
      const days = [...new Set([...kept, ...this.#tables.daysOf(null)])].sort();
      this.#meta.set("forgotten", "true");
      this.#meta.set("days", JSON.stringify(days));
      // Everything is refused from here: neither what they had nor where they lived is asked again.
      this.#meta.set("ended", "[]");
      this.#meta.set("settings", "null");
      this.#meta.set("arrivals", "{}");
      return { facts: this.#tables.forget(), days };
    });
    await this.#publishSoon();
    return gone;
  }

  async forgetDays(): Promise<void> {
    this.#meta.set("days", "[]");
  }

  async erase(
    ids: readonly FactId[],
    by: string,
    ended: readonly ConnectionId[] = [],
  ): Promise<LocalDate[]> {
    if (this.#isForgotten) return [];
    const revision = Number.MAX_SAFE_INTEGER;
    const gone = ids.map((id) => ({ id, revision, retracted: true }) as const);
    const days = this.#write(() => {
      this.#endArrivals(ended);
      this.#replies.forget();
      record(this.#tables, this.#stream, this.#settings(), gone);
      this.#tables.markErased(ids, by);
      return this.#tables.daysOf(ids.length === 0 ? this.#tables.erasedBy(by) : ids);
    });
    await this.#publishSoon();
    return days;
  }

  async lift(by: string): Promise<FactId[]> {
    return this.#tables.lift(by);
  }

  async nudge(): Promise<boolean> {
    await this.#publish();
    return this.#outbox.nextDueMs(Date.now()) === null;
  }

  /** Never throws: an alarm that keeps failing would be given up by the platform. */
  override async alarm(): Promise<void> {
    const fine = await this.#publish();
    const now = Date.now();
    const due = this.#outbox.nextDueMs(now);
    if (due !== null) await this.ctx.storage.setAlarm(Math.max(due, now + (fine ? 0 : retryMs)));
  }

  /**
   * Arms the safety net, then publishes without making the caller wait. An alarm that waits longer,
   * for the archive's confirmation, is moved forward: nobody else's change may wait for that one.
   * What was only said again leaves nothing to publish, and costs no alarm.
   */
  async #publishSoon(): Promise<void> {
    if (this.#outbox.nextDueMs(Date.now()) === null) return;
    const soon = Date.now() + safetyNetMs;
    const alarm = await this.ctx.storage.getAlarm();
    if (alarm === null || alarm > soon) await this.ctx.storage.setAlarm(soon);
    void this.#publish();
  }

  async #publish(): Promise<boolean> {
    const fine = await Promise.all(this.#publishers.map((p) => p.publish()));
    await register(this.env.WAREHOUSE, this.#meta, this.#outbox.bucket);
    return fine.every(Boolean);
  }

  get #held(): MemberSettings | null {
    return JSON.parse(this.#meta.get("settings") ?? "null");
  }

  #settings(): Settings {
    const { zones } = this.#held ?? noSettings;
    return { zones, ownerOnly: ownerOnlyProviders };
  }
}

const boardChoices = (settings: MemberSettings | null): string =>
  JSON.stringify([settings?.onBoards, settings?.inTeams ?? false, settings?.challenges ?? []]);
