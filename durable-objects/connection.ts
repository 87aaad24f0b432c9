/**
 * One account at one provider. A notice is kept and answered at once; the reading happens in the
 * alarm, one pull at a time, page by page, so that a failure on page 7 keeps pages 1 to 6. Tokens
 * are not here: the vault attaches them. What is said without proof is kept and changes nothing.
 */
import { DurableObject } from "cloudflare:workers";
import type { ConnectionId, MemberId } from "../domain/identity.ts";
import {
  type Change,
  type ConnectionLink,
  type ConnectionPort,
  type ConnectionStatus,
  type ConnectPort,
  type LedgerPort,
  ledgerName,
  type Notice,
  type ProviderReply,
  type ProviderRequest,
  type RunMessage,
  type SealPort,
} from "../domain/ports.ts";
import { streams } from "../domain/streams.ts";
import { type AcceptPorts, accept, type BadItem } from "../kernel/accept.ts";
import { hmacDigest } from "../kernel/hmac.ts";
import { parkedBody } from "../kernel/parked.ts";
import { errorClass, logLine } from "../kernel/wide-event.ts";
import connectionTables from "../migrations/connection/0001_connection.sql";
import { providerNamed } from "../providers/index.ts";
import type { Draft, PageFault, Provider, Pull, PulledPage } from "../providers/provider.ts";
import { type Ended, eraseEnded } from "./connection-end.ts";
import { Meta } from "./meta.ts";
import { migrate } from "./migrate.ts";

export interface ConnectionEnv {
  readonly LEDGER: DurableObjectNamespace;
  readonly VAULT_SEAL: SealPort;
  readonly VAULT_CONNECT: ConnectPort;
  readonly CHANGES: Queue<Change>;
  readonly RUNS: Queue<RunMessage>;
  readonly WAREHOUSE: D1Database;
  readonly IDENTITY_KEY: string;
  readonly FORGOTTEN_KEY: string;
}

interface Pending {
  readonly [column: string]: SqlStorageValue;
  readonly id: number;
  readonly collection: string;
  readonly from_ms: number;
  readonly to_ms: number;
  readonly gone: string | null;
  readonly cursor: string | null;
  readonly noted: number;
}

const pagesPerWakeMax = 40;
const readingPagesMax = 20;
const claimsMax = 50;
const backoffMs = 5000;
const backoffMsMax = 900_000;
const noticeSpanMsMax = 35 * 86_400_000;
/** A provider is asked about claims no more often: anybody may make them. */
const askedEveryMs = 600_000;
/** What a provider's file calls the claim that an account ended its connection. */
const endedClaim = "deregistered";

class PullFault extends Error {
  readonly fault: PageFault | "forgotten";
  readonly retryAfterMs: number | null;
  constructor(fault: PageFault | "forgotten", retryAfterMs: number | null) {
    super(fault);
    this.name = "PullFault";
    this.fault = fault;
    this.retryAfterMs = retryAfterMs;
  }
}

export class Connection extends DurableObject<ConnectionEnv> implements ConnectionPort {
  readonly #meta: Meta;

  constructor(ctx: DurableObjectState, env: ConnectionEnv) {
    super(ctx, env);
    migrate(ctx.storage, [connectionTables]);
    this.#meta = new Meta(ctx.storage.sql);
  }

  async open(link: ConnectionLink): Promise<void> {
    this.#meta.set("link", JSON.stringify(link));
    this.#meta.set("failing", "");
    if (this.#pending() !== null) await this.ctx.storage.setAlarm(Date.now());
  }

  async notice(notices: readonly Notice[]): Promise<void> {
    this.ctx.storage.transactionSync(() => {
      for (const notice of notices) this.#note(notice);
    });
    const alarm = await this.ctx.storage.getAlarm();
    const failing = this.#meta.get("failing");
    if (alarm === null || failing === "" || failing === null)
      await this.ctx.storage.setAlarm(Date.now());
  }

  /** Joins a notice with the pending one that it overlaps; marks that one as noted again. */
  #note({ collection, fromMs, toMs, gone }: Notice): void {
    const { sql } = this.ctx.storage;
    const [same] = sql
      .exec<Pending>(
        `SELECT * FROM pending WHERE collection = ? AND gone IS ? AND from_ms <= ? AND to_ms >= ?
         AND max(to_ms, ?) - min(from_ms, ?) <= ? LIMIT 1`,
        collection,
        gone,
        toMs,
        fromMs,
        toMs,
        fromMs,
        noticeSpanMsMax,
      )
      .toArray();
    if (same === undefined) {
      sql.exec(
        "INSERT INTO pending (collection, from_ms, to_ms, gone, noted) VALUES (?, ?, ?, ?, 1)",
        collection,
        fromMs,
        toMs,
        gone,
      );
      return;
    }
    sql.exec(
      `UPDATE pending SET from_ms = min(from_ms, ?), to_ms = max(to_ms, ?), cursor = NULL,
         noted = noted + 1 WHERE id = ?`,
      fromMs,
      toMs,
      same.id,
    );
  }

  async unconfirmed(what: string): Promise<void> {
    this.ctx.storage.sql.exec(
      `INSERT INTO claim (what, at) SELECT ?, ? WHERE (SELECT count(*) FROM claim) < ?
       ON CONFLICT (what) DO UPDATE SET at = excluded.at`,
      what,
      Date.now(),
      claimsMax,
    );
    const link = this.#link();
    const demands = link === null ? "keep" : providerNamed(link.provider)?.facts.onDeauthorised;
    if (what !== endedClaim || demands !== "erase") return;
    this.#meta.set("toAsk", "true");
    const askedMs = Number(this.#meta.get("asked") ?? 0);
    const atMs = Math.max(Date.now(), askedMs + askedEveryMs);
    const alarm = await this.ctx.storage.getAlarm();
    if (alarm === null || alarm > atMs) await this.ctx.storage.setAlarm(atMs);
  }

  async status(): Promise<ConnectionStatus> {
    const { sql } = this.ctx.storage;
    const { n } = sql.exec<{ n: number }>("SELECT count(*) AS n FROM pending").one();
    const claims = sql.exec<{ what: string }>("SELECT what FROM claim ORDER BY at").toArray();
    const lastRead = this.#meta.get("lastRead");
    return {
      pending: n,
      lastReadMs: lastRead === null ? null : Number(lastRead),
      failing: this.#meta.get("failing") || null,
      unconfirmed: claims.map((c) => c.what),
    };
  }

  async forget(): Promise<void> {
    await this.ctx.storage.deleteAlarm();
    for (const table of ["pending", "claim", "meta"])
      this.ctx.storage.sql.exec(`DELETE FROM ${table}`);
  }

  /**
   * Never throws. For each pending window: a page is fetched, accepted whole, and only then its
   * cursor is kept. A crash after accepting repeats one page, which changes nothing.
   */
  override async alarm(): Promise<void> {
    const link = this.#link();
    const provider = link === null ? undefined : providerNamed(link.provider);
    if (link === null || provider === undefined) return;
    try {
      if (await this.#isEnded(link)) return;
      if (provider.pull === undefined) return void this.#meta.set("failing", "");
      for (let pages = 0; pages < pagesPerWakeMax; pages++) {
        const pending = this.#pending();
        if (pending === null) break;
        await this.#readPage(link, provider, provider.pull, pending);
      }
      this.#meta.set("lastRead", String(Date.now()));
      this.#meta.set("failing", "");
      this.#meta.set("attempts", "0");
      if (this.#pending() !== null) await this.ctx.storage.setAlarm(Date.now());
    } catch (error) {
      await this.#later(error);
    }
  }

  /**
   * Whether the account withdrew, by the provider's own word; then all of it is erased and this is
   * empty. A crash after the vault erased asks again, and goes on from there.
   */
  async #isEnded(link: Ended): Promise<boolean> {
    const { member, connection, provider } = link;
    const dueMs = Number(this.#meta.get("asked") ?? 0) + askedEveryMs;
    if (this.#meta.get("toAsk") !== "true") return false;
    if (dueMs > Date.now()) {
      await this.ctx.storage.setAlarm(dueMs);
      return false;
    }
    const answer = await this.env.VAULT_CONNECT.eraseIfEnded(member, connection, provider);
    if (answer.ended) {
      await eraseEnded(this.env, link, answer.steps, Date.now());
      await this.forget();
      return true;
    }
    this.#meta.set("asked", String(Date.now()));
    this.#meta.set("toAsk", "");
    return false;
  }

  async #later(error: unknown): Promise<void> {
    const fault = error instanceof PullFault ? error.fault : "again";
    logLine({ event: "pull", outcome: fault, error: errorClass(error) });
    this.#meta.set("failing", fault === "reconnect" ? "needs-reconnecting" : "behind");
    if (fault === "reconnect" || fault === "forgotten") return;
    if (fault === "broken") this.#lastInLine();
    const attempts = Number(this.#meta.get("attempts") ?? 0) + 1;
    this.#meta.set("attempts", String(attempts));
    const asked = error instanceof PullFault ? (error.retryAfterMs ?? 0) : 0;
    const wait = Math.max(asked, Math.min(backoffMsMax, backoffMs * 2 ** (attempts - 1)));
    await this.ctx.storage.setAlarm(Date.now() + wait);
  }

  /** What cannot be read just now keeps no other notice waiting. */
  #lastInLine(): void {
    this.ctx.storage.sql.exec(
      `UPDATE pending SET id = (SELECT max(id) + 1 FROM pending)
       WHERE id = (SELECT min(id) FROM pending)`,
    );
  }

  async #readPage(
    link: ConnectionLink,
    provider: Provider,
    pull: Pull,
    pending: Pending,
  ): Promise<void> {
    const { id, collection, noted } = pending;
    const step = { collection, fromMs: pending.from_ms, toMs: pending.to_ms };
    const request =
      pending.gone === null ? pull.list(step, pending.cursor) : pull.one(collection, pending.gone);
    const page = await this.#fetch(link, pull, request, pending.gone !== null);
    const written = (item: unknown) => parkedBody(collection, link.account, item);
    const drafts: Draft[] = [];
    const bad: BadItem[] = [];
    const read: unknown[] = [];
    if (page === "gone")
      drafts.push({ sourceId: pending.gone ?? "", revision: Date.now(), retracted: true });
    else
      for (const item of page.items) {
        const joined = pull.join(item, await this.#readings(link, pull, item));
        const draft = provider.normalise(collection, joined, Date.now());
        if (draft.ok) {
          drafts.push(draft.value);
          read.push(joined);
        } else bad.push({ reason: draft.error, body: written(joined) });
      }
    const stream = streams[provider.stream];
    if (drafts.length + bad.length > 0)
      await accept(this.#ports(), stream, { ...link }, drafts, bad, (i) => written(read[i]));
    const next = page === "gone" ? null : page.next;
    if (next === null)
      this.ctx.storage.sql.exec("DELETE FROM pending WHERE id = ? AND noted = ?", id, noted);
    else
      this.ctx.storage.sql.exec(
        "UPDATE pending SET cursor = ? WHERE id = ? AND noted = ?",
        next,
        id,
        noted,
      );
  }

  async #readings(link: ConnectionLink, pull: Pull, item: unknown): Promise<unknown[]> {
    const step = pull.readings(item);
    if (step === null) return [];
    const readings: unknown[] = [];
    let cursor: string | null = null;
    for (let i = 0; i < readingPagesMax; i++) {
      const page: PulledPage | "gone" = await this.#fetch(
        link,
        pull,
        pull.list(step, cursor),
        false,
      );
      if (page === "gone") return readings;
      readings.push(...page.items);
      cursor = page.next;
      if (cursor === null) return readings;
    }
    throw new PullFault("broken", null);
  }

  async #fetch(
    link: ConnectionLink,
    pull: Pull,
    request: ProviderRequest,
    mayBeGone: boolean,
  ): Promise<PulledPage | "gone"> {
    const { member, connection, provider } = link;
    const reply: ProviderReply | { readonly failed: "reconnect" | "forgotten" } =
      await this.env.VAULT_CONNECT.request(member, connection, provider, request);
    if ("failed" in reply) throw new PullFault(reply.failed, null);
    const page = pull.page(reply);
    if (page.ok) return page.value;
    if (page.error === "gone" && mayBeGone) return "gone";
    throw new PullFault(page.error, reply.retryAfterMs);
  }

  #ports(): AcceptPorts {
    return {
      digest: hmacDigest(this.env.IDENTITY_KEY),
      vault: this.env.VAULT_SEAL,
      ledger: (stream, shard) =>
        this.env.LEDGER.getByName(ledgerName(stream.name, shard)) as unknown as LedgerPort,
    };
  }

  #pending(): Pending | null {
    return (
      this.ctx.storage.sql
        .exec<Pending>("SELECT * FROM pending ORDER BY id LIMIT 1")
        .toArray()[0] ?? null
    );
  }

  #link(): (ConnectionLink & { connection: ConnectionId; member: MemberId }) | null {
    const link = this.#meta.get("link");
    return link === null ? null : JSON.parse(link);
  }
}
