/**
 * One subject on one stream: every source fact once, resolved; what that changes elsewhere waits in
 * the outbox until it is confirmed. A call that returns has been stored; one that fails may have
 * been, and saying it again is always safe. Readings never come here.
 */
import { DurableObject } from "cloudflare:workers";
import { boardShardOf } from "../domain/boards.ts";
import type { ConnectionId, FactId, MemberId } from "../domain/identity.ts";
import {
  type BoardPort,
  boardName,
  type Change,
  type Decided,
  type DecideRefusal,
  type DecisionDraft,
  type LedgerPort,
  type MemberSettings,
  type OpenStatement,
  type Page,
  type RecordOutcome,
  type SealPort,
} from "../domain/ports.ts";
import type { Result } from "../domain/result.ts";
import { noSettings } from "../domain/settings.ts";
import { type Decision, isDecision, type Settings } from "../domain/stream.ts";
import { type AnyStream, streamNamed } from "../domain/streams.ts";
import { type Instant, msPerDay } from "../domain/time.ts";
import { decide, takeBack } from "../kernel/decide.ts";
import { type Consumers, type Publisher, publishers } from "../kernel/publish.ts";
import { followSettings, record } from "../kernel/record.ts";
import { errorClass, logLine } from "../kernel/wide-event.ts";
import ledgerTables from "../migrations/ledger/0001_ledger.sql";
import decisionTables from "../migrations/ledger/0002_decisions.sql";
import { ownerOnlyProviders } from "../providers/index.ts";
import { LedgerOutbox } from "./ledger-outbox.ts";
import { LedgerTables } from "./ledger-store.ts";
import { Meta } from "./meta.ts";
import { migrate } from "./migrate.ts";

export interface LedgerEnv {
  readonly BOARD: DurableObjectNamespace;
  readonly VAULT_SEAL: SealPort;
  readonly CHANGES: Queue<Change>;
  readonly WAREHOUSE: D1Database;
}

/** The alarm stands this far behind a write, for the case that publishing at once fails. */
const safetyNetMs = 2000;
const retryMs = 3000;
const factsPageMax = 500;
const replyKeptMs = 7 * 86_400_000;
const spanListMax = 5000;
/** A record may have left its place to one that left it to another, and so on. */
const heirsMax = 32;

export class Ledger extends DurableObject<LedgerEnv> implements LedgerPort {
  readonly #stream: AnyStream;
  readonly #shard: string;
  readonly #meta: Meta;
  readonly #outbox: LedgerOutbox;
  readonly #tables: LedgerTables;
  readonly #publishers: readonly Publisher[];

  constructor(ctx: DurableObjectState, env: LedgerEnv) {
    super(ctx, env);
    migrate(ctx.storage, [ledgerTables, decisionTables]);
    const { sql } = ctx.storage;
    this.#meta = new Meta(sql);
    const name = nameOf(ctx, this.#meta);
    const cut = name.indexOf("/");
    const stream = streamNamed(name.slice(0, cut));
    if (stream === undefined) throw new Error("a ledger's name starts with its stream");
    this.#stream = stream;
    this.#shard = name.slice(cut + 1);
    this.#outbox = new LedgerOutbox(sql, this.#meta, stream, this.#shard, name);
    this.#tables = new LedgerTables(sql, this.#outbox);
    const member = this.#shard as MemberId;
    this.#publishers = publishers(this.#outbox, this.#consumers(), member, Date.now);
    this.#followRules();
  }

  /** A changed rule counts back to the first fact: what was resolved by the old one goes. */
  #followRules(): void {
    const rules = JSON.stringify([this.#stream.resolve?.version ?? 0, ownerOnlyProviders]);
    if (this.#meta.get("rules") === rules) return;
    this.ctx.storage.transactionSync(() => {
      this.#tables.unresolve();
      this.#refoldAll(this.#settings());
      this.#meta.set("rules", rules);
    });
  }

  async number(contents: readonly { id: FactId; content: string }[]): Promise<number[]> {
    return this.ctx.storage.transactionSync(() =>
      contents.map(({ id, content }) => this.#tables.receipt(id, content)),
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
    if (this.#meta.get("forgotten") !== null) return statements.map(() => "forgotten");
    const outcomes = this.ctx.storage.transactionSync(() =>
      record(this.#tables, this.#stream, this.#settings(), statements),
    );
    await this.#publishSoon();
    return outcomes;
  }

  /** Takes settings of a greater version; a changed zone history moves what it concerns. */
  async configure(settings: MemberSettings): Promise<void> {
    const held = this.#meta.get("settings");
    const before = held === null ? null : (JSON.parse(held) as MemberSettings);
    if (before !== null && before.version >= settings.version) return;
    this.ctx.storage.transactionSync(() => {
      this.#meta.set("settings", JSON.stringify(settings));
      this.#meta.set("onBoards", String(settings.onBoards));
      if (JSON.stringify(before?.zones) !== JSON.stringify(settings.zones))
        this.#refoldAll(this.#settings());
      if (before?.onBoards !== settings.onBoards) this.#outbox.republishAll();
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

  async confirm(consumer: "archive", seqs: readonly number[]): Promise<void> {
    this.ctx.storage.transactionSync(() => this.#outbox.confirm(consumer, seqs));
    const now = Date.now();
    if ((this.#outbox.nextDueMs(now) ?? now + 1) <= now) void this.#publish();
  }

  async list(before: string | null, limit: number): Promise<Page<unknown>> {
    const [at, id] = before === null ? [Number.MAX_SAFE_INTEGER, "~"] : JSON.parse(before);
    const items = this.#tables.resolvedBefore(at, id, limit + 1);
    const { resolve } = this.#stream;
    const last = items[limit - 1];
    const next =
      items.length > limit && resolve ? JSON.stringify([resolve.at(last), resolve.id(last)]) : null;
    return { items: items.slice(0, limit), next };
  }

  async find(id: string): Promise<unknown> {
    return this.#tables.find(id) ?? this.#successorOf(id);
  }

  /** An id that is no more: its anchor is a member of another group, or left its place to one. */
  #successorOf(id: string): unknown {
    const { resolve } = this.#stream;
    let fact = resolve ? this.#tables.factBeginning(resolve.factPrefixOf(id)) : null;
    if (fact !== null && resolve?.idOf(fact) !== id) return null;
    for (let hops = 0; fact !== null && hops < heirsMax; hops++) {
      const [found] = this.#resolvedOf([fact]);
      if (found !== undefined) return found;
      fact = this.#tables.heirOf(fact);
    }
    return null;
  }

  /** What live facts resolve to, each once, in order of time. */
  #resolvedOf(ids: readonly FactId[]): unknown[] {
    const { resolve } = this.#stream;
    if (resolve === undefined) return [];
    const found = new Map<string, unknown>();
    for (const id of ids) {
      const fact = this.#tables.held(id)?.fact;
      if (fact == null || isDecision(fact)) continue;
      for (const body of this.#tables.resolvedIn(resolve.span(fact), resolve.reachDays * msPerDay))
        if (resolve.factsOf(body).includes(id)) found.set(resolve.id(body), body);
    }
    return [...found.values()].sort((a, b) => resolve.at(a) - resolve.at(b));
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
    if (this.#meta.get("forgotten") !== null) return { refused: "not-found" };
    const result = this.ctx.storage.transactionSync(() => run(this.#settings()));
    if (!result.ok) return { refused: result.error };
    await this.#publishSoon();
    return { decision: id, resolved: this.#resolvedOf(result.value) };
  }

  async decisions(limit: number): Promise<Decision[]> {
    return this.#tables.decisions(limit);
  }

  async between(fromMs: Instant, toMs: Instant): Promise<string[]> {
    const reachMs = (this.#stream.resolve?.reachDays ?? 0) * msPerDay;
    return this.#tables
      .factsIn({ fromMs, toMs }, reachMs)
      .slice(0, spanListMax)
      .map((f) => f.id);
  }

  async ofConnections(connections: readonly ConnectionId[]): Promise<string[]> {
    return this.#tables.factsOfConnections(connections, spanListMax);
  }

  async remembered(key: string): Promise<{ body: string; reply: string } | null> {
    return this.#tables.reply(key);
  }

  async remember(key: string, body: string, reply: string): Promise<void> {
    this.#tables.keepReply(key, body, reply, Date.now(), replyKeptMs);
  }

  async forget(): Promise<number> {
    const gone = this.ctx.storage.transactionSync(() => {
      this.#meta.set("forgotten", "true");
      return this.#tables.forget();
    });
    await this.#publishSoon();
    return gone;
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
    await this.#register();
    return fine.every(Boolean);
  }

  #consumers(): Consumers {
    return {
      board: (period, row) => {
        const shard = boardShardOf(row.member);
        return this.#board(boardName(this.#stream.name, period, shard)).put(row);
      },
      retract: (member, retractions) => this.env.VAULT_SEAL.retract(member, retractions),
      archive: async (changes) => {
        await this.env.CHANGES.sendBatch(changes.map((body) => ({ body })));
      },
    };
  }

  #board(name: string): BoardPort {
    return this.env.BOARD.getByName(name) as unknown as BoardPort;
  }

  /** Once: the registry lets a sweep find a ledger that fell silent. */
  async #register(): Promise<void> {
    if (this.#meta.get("registered") !== null) return;
    try {
      await this.env.WAREHOUSE.prepare(
        "INSERT INTO ledger (name, swept_at) VALUES (?, 0) ON CONFLICT DO NOTHING",
      )
        .bind(this.#meta.get("name"))
        .run();
      this.#meta.set("registered", "true");
    } catch (error) {
      logLine({ event: "register", outcome: "failed", error: errorClass(error) });
    }
  }

  #settings(): Settings {
    const held = this.#meta.get("settings");
    const { zones } = held === null ? noSettings : (JSON.parse(held) as MemberSettings);
    return { zones, ownerOnly: ownerOnlyProviders };
  }
}

/** An object woken by its alarm may not be told its name, so it writes it down once. */
function nameOf(ctx: DurableObjectState, meta: Meta): string {
  const known = meta.get("name");
  if (known === null && ctx.id.name !== undefined) meta.set("name", ctx.id.name);
  return known ?? ctx.id.name ?? "";
}
