/**
 * One thing that is watched from minute to minute, named "STREAM/WATCH": an artist, a merchant's
 * stores, or one store's articles. Ledgers tell it what each thing adds (domain/live-ports.ts); it
 * keeps sums by minute for two days, or, of a store, how much there is of what was counted. It is a
 * little late and bounded on purpose: what is exact is settled at night.
 */
import { DurableObject } from "cloudflare:workers";
import { type LiveRow, liveRowsMax } from "../domain/ports.ts";
import { type StoreName, storeNamed } from "../domain/stock.ts";
import type { Instant } from "../domain/time.ts";
import { errorClass, logLine } from "../kernel/wide-event.ts";
import tables from "../migrations/live/0001_live.sql";
import { LiveCounts, type LookedFor } from "./live-counts.ts";
import type { LiveObject, Looked } from "./live-port.ts";
import { type Count, LiveStock, type Stock } from "./live-stock.ts";
import { LiveThings } from "./live-things.ts";
import { migrate } from "./migrate.ts";

export interface LiveEnv {
  readonly WAREHOUSE: D1Database;
}

/** How often what is too old is looked for: all that is kept is read for it. */
export const dropEveryMs = 6 * 3_600_000;
const dropAtOnceMax = 20_000;
const dropAgainMs = 1_000;
/** What the warehouse did not take is handed over again after so long. */
export const handAgainMs = 10_000;
/** As many as one call of a ledger's can make fall; the rest is left to the alarm. */
const roundsMax = 5;

export class Live extends DurableObject<LiveEnv> implements LiveObject {
  readonly #things: LiveThings;
  readonly #counts: LiveCounts;
  readonly #stock: LiveStock;
  /** Another one each time it wakes, so that no mark of before is mistaken for one of now. */
  readonly #woke = crypto.randomUUID();
  #changes = 0;
  #dropAtMs: Instant = 0;
  #looked: { readonly asked: string; readonly counts: Looked } | null = null;

  constructor(ctx: DurableObjectState, env: LiveEnv) {
    super(ctx, env);
    migrate(ctx.storage, [tables]);
    const { sql } = ctx.storage;
    this.#stock = new LiveStock(sql);
    this.#counts = new LiveCounts(sql);
    this.#things = new LiveThings(sql, (sku) => this.#stock.countedAt(sku));
  }

  get #store(): StoreName | null {
    return storeNamed(this.ctx.id.name ?? "");
  }

  /** A store's articles have no minutes: its merchant's do. */
  async put(_stream: string, rows: readonly LiveRow[]): Promise<void> {
    if (rows.length > liveRowsMax) throw new RangeError("more rows than one call takes");
    const nowMs = Date.now();
    const store = this.#store;
    const changed = this.ctx.storage.transactionSync(() => {
      const changes = this.#things.put(rows, store !== null, nowMs);
      if (store === null) this.#counts.move(changes);
      else this.#stock.move(store, changes, nowMs);
      return changes.length;
    });
    if (changed === 0) return;
    this.#changes++;
    await this.#after(nowMs);
  }

  async counts(asked: LookedFor, mark: string | null): Promise<Looked | null> {
    const now = `${this.#woke}.${this.#changes}.${asked.fromMinute}.${asked.toMinute}`;
    if (mark === now) return null;
    const wanted = `${now}.${asked.byKey}`;
    if (this.#looked?.asked !== wanted) {
      const counts = { ...this.#counts.read(asked, Date.now()), mark: now };
      this.#looked = { asked: wanted, counts };
    }
    return this.#looked.counts;
  }

  async count(sku: string, count: Count): Promise<Stock | null> {
    const store = this.#store;
    if (store === null) throw new Error("no store's articles are watched here");
    const nowMs = Date.now();
    const isKept = this.ctx.storage.transactionSync(() => {
      const sold = this.#things.soldSince(sku, count.countedAtMs);
      return this.#stock.count(store, sku, count, sold, nowMs);
    });
    await this.#after(nowMs);
    return isKept ? this.#stock.get(sku) : null;
  }

  async stock(sku: string): Promise<Stock | null> {
    return this.#stock.get(sku);
  }

  async forget(): Promise<void> {
    this.ctx.storage.transactionSync(() => {
      for (const table of ["thing", "cell", "stock", "fallen"])
        this.ctx.storage.sql.exec(`DELETE FROM ${table}`);
    });
    this.#changes++;
  }

  /** The alarm is set in the same write as what fell, and only then is it handed over. */
  async #after(nowMs: Instant): Promise<void> {
    if (this.#stock.isOwed) {
      await this.ctx.storage.setAlarm(nowMs + handAgainMs);
      await this.#handOver();
    } else if ((await this.ctx.storage.getAlarm()) === null)
      await this.ctx.storage.setAlarm(nowMs + dropEveryMs);
  }

  /** Never throws: an alarm that throws too often is taken away. */
  override async alarm(): Promise<void> {
    const nowMs = Date.now();
    if (nowMs >= this.#dropAtMs) this.#dropAtMs = nowMs + (this.#drop(nowMs) ? 0 : dropEveryMs);
    await this.#handOver();
    if (this.#stock.isOwed) await this.ctx.storage.setAlarm(nowMs + handAgainMs);
    else if (!this.#isEmpty())
      await this.ctx.storage.setAlarm(Math.max(this.#dropAtMs, nowMs + dropAgainMs));
  }

  /** True: there is more. */
  #drop(nowMs: Instant): boolean {
    return this.ctx.storage.transactionSync(() => {
      const isMore = this.#things.drop(nowMs, dropAtOnceMax);
      return this.#counts.drop(nowMs, dropAtOnceMax) || isMore;
    });
  }

  #isEmpty(): boolean {
    const any = "SELECT 1 FROM thing UNION ALL SELECT 1 FROM cell LIMIT 1";
    return this.ctx.storage.sql.exec(any).toArray().length === 0;
  }

  async #handOver(): Promise<void> {
    try {
      for (let round = 0; round < roundsMax && this.#stock.isOwed; round++) {
        const items = await this.#stock.handOver(this.env.WAREHOUSE);
        logLine({ event: "low-stock", outcome: "told", items });
      }
    } catch (error) {
      logLine({ event: "low-stock", outcome: "failed", error: errorClass(error) });
    }
  }
}
