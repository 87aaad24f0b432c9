/**
 * The log, without the platform around it. Entries are sequenced by one loop: whatever gathered
 * while the last ones became durable is written at once, and each is answered only when it is
 * durable too. So an answered entry is never lost, and no index is given twice or left out.
 */
import { deeds, type EntryDraft, entryText, isClosing } from "../domain/audit.ts";
import type {
  Appended,
  ArchivedDay,
  EntryQuery,
  EntryRow,
  LogPort,
  LogStatus,
} from "../domain/log-ports.ts";
import type { Instant } from "../domain/time.ts";
import { errorClass, logLine } from "../kernel/wide-event.ts";
import { bucketOf, dayDue, keepDay } from "./log-parquet.ts";
import { type LogConfig, LogHalted, Publisher } from "./log-publish.ts";
import { Refusals } from "./log-refusals.ts";
import { LogStore, type WrittenEntry } from "./log-store.ts";

export type LogStorage = Pick<
  DurableObjectStorage,
  "sql" | "transactionSync" | "sync" | "getAlarm" | "setAlarm"
>;
export interface LogHost {
  readonly storage: LogStorage;
  readonly tiles: R2Bucket;
  readonly entries: R2Bucket;
  readonly now: () => Instant;
  readonly random: (bytes: number) => Uint8Array;
  /** Ends this life of the object: what it remembers may not be what is on disk. */
  readonly abort: (why: string) => void;
}

export const draftsPerAppendMax = 1_000;
export const pooledMax = 2_500;
export const publishEveryMs = 60_000;
export const textsMax = 4_096;
const recentMax = 1_000;
/** An entry bundle counts its bytes in 16 bits. */
const textBytesMax = 65_535;
const saltBytes = 16;

interface Pooled {
  readonly drafts: readonly EntryDraft[];
  readonly resolve: (placed: readonly Appended[]) => void;
  readonly reject: (error: unknown) => void;
}
type Answer = { readonly placed: readonly Appended[] } | { readonly error: Error };

export class LogCore implements LogPort {
  readonly #host: LogHost;
  readonly #config: LogConfig;
  readonly #store: LogStore;
  readonly #publisher: Publisher;
  readonly #refusals = new Refusals();
  readonly #pool: Pooled[] = [];
  #pooled = 0;
  #draining = false;
  #broken: Error | null = null;
  /** Known once the alarm was asked for. */
  #alarmed: boolean | null = null;
  #housekeeping: Promise<number> | null = null;
  /** Where the next entry goes, and how many of those before it are durable. */
  #next: number;
  #lastMs: Instant;
  #durable: number;

  constructor(host: LogHost, config: LogConfig) {
    this.#host = host;
    this.#config = config;
    this.#store = new LogStore(host.storage.sql);
    const { size, lastMs } = this.#store.end();
    this.#next = size;
    this.#durable = size;
    this.#lastMs = lastMs;
    this.#publisher = new Publisher(config, {
      store: this.#store,
      bucket: host.tiles,
      size: () => this.#durable,
      durably: (work) => this.#durably(work),
    });
  }

  // -- appending -----------------------------------------------------------------------------

  async append(
    drafts: readonly EntryDraft[],
  ): Promise<readonly Appended[] | { readonly refused: "too-many" }> {
    if (drafts.length > draftsPerAppendMax)
      throw new Error(`${draftsPerAppendMax} entries at once are the most`);
    await this.#usable();
    if (drafts.length === 0) return [];
    const nowMs = this.#host.now();
    if (this.#pooled + drafts.length > pooledMax) return { refused: "too-many" };
    if (drafts.some((draft) => this.#refusals.stops(draft, nowMs))) return { refused: "too-many" };
    return new Promise((resolve, reject) => {
      this.#pool.push({ drafts, resolve, reject });
      this.#pooled += drafts.length;
      void this.#drain();
    });
  }

  /**
   * 1. All that is in the pool is written in one transaction. A crash here loses it whole; nobody
   *    was answered.
   * 2. It becomes durable, with the alarm that publishes it. A crash here keeps entries that nobody
   *    was told of: an intent that shows as unknown.
   * 3. Everybody is answered. What came in meanwhile is next.
   */
  async #drain(): Promise<void> {
    if (this.#draining) return;
    this.#draining = true;
    while (this.#pool.length > 0) {
      const batch = this.#pool.splice(0);
      this.#pooled = 0;
      try {
        const { storage } = this.#host;
        const answers = storage.transactionSync(() => batch.map((one) => this.#place(one.drafts)));
        const size = this.#next;
        await this.#alarm();
        await storage.sync();
        this.#durable = size;
        batch.forEach((one, i) => {
          const answer = answers[i] as Answer;
          if ("placed" in answer) one.resolve(answer.placed);
          else one.reject(answer.error);
        });
      } catch (error) {
        this.#break(error, batch);
      }
    }
    this.#draining = false;
  }

  /** Whether it was written is not known: whoever comes next meets a new life of the object. */
  #break(error: unknown, batch: readonly Pooled[]): void {
    this.#broken = error instanceof Error ? error : new Error(String(error));
    for (const one of [...batch, ...this.#pool.splice(0)]) one.reject(this.#broken);
    this.#host.abort("the log could not be written");
  }

  /** All of one caller's, or none: nothing is written before all of it is known to be right. */
  #place(drafts: readonly EntryDraft[]): Answer {
    const atMs = Math.max(this.#host.now(), this.#lastMs);
    const texts: string[] = [];
    for (const draft of drafts) {
      const text = entryText(draft, base64url(this.#host.random(saltBytes)), atMs);
      const wrong = this.#wrong(draft, text);
      if (wrong !== null) return { error: new Error(wrong) };
      texts.push(text);
    }
    return { placed: drafts.map((draft, i) => this.#write(draft, texts[i] as string, atMs)) };
  }

  #wrong(draft: EntryDraft, text: string): string | null {
    if (new TextEncoder().encode(text).length > textBytesMax) return "the entry is too long";
    if (!isClosing(draft)) return null;
    const { closes } = draft;
    if (!Number.isInteger(closes) || closes < 0 || closes >= this.#next)
      return `there is no entry ${closes} to close`;
    return this.#store.deedAt(closes)?.closing ? `entry ${closes} is a closing itself` : null;
  }

  #write(draft: EntryDraft, text: string, atMs: Instant): Appended {
    const earlier = isClosing(draft) ? this.#store.closingOf(draft.closes) : null;
    if (earlier !== null) return earlier;
    const placed = { index: this.#next, atMs };
    this.#store.write({ ...placed, text, ...this.#columns(draft) });
    this.#next++;
    this.#lastMs = atMs;
    return placed;
  }

  #columns(draft: EntryDraft): Omit<WrittenEntry, "index" | "atMs" | "text"> {
    if (isClosing(draft)) {
      const deed = this.#store.deedAt(draft.closes);
      if (draft.outcome === "refused" && deed !== null)
        this.#refusals.add(deed.actor, this.#host.now());
      const bucket = deed?.bucket ?? bucketOf("");
      return { bucket, member: null, actor: null, action: null, closes: draft.closes };
    }
    const { member, actor } = draft;
    if (draft.outcome === "refused") this.#refusals.add(actor, this.#host.now());
    return {
      bucket: bucketOf(member),
      member: member === "" ? null : member,
      actor: actor === member ? null : actor,
      action: deeds[draft.deed],
      closes: null,
    };
  }

  // -- reading -------------------------------------------------------------------------------

  async recent(
    query: EntryQuery,
    before: number | null,
    limit: number,
  ): Promise<readonly EntryRow[]> {
    await this.#usable();
    const below = Math.min(before ?? this.#durable, this.#durable);
    return this.#store.recent(query, below, Math.min(limit, recentMax));
  }

  async texts(from: number, to: number): Promise<readonly string[]> {
    await this.#usable();
    return this.#store.texts(from, Math.min(to, this.#durable), textsMax);
  }

  async archived(fromMs: Instant | null, toMs: Instant | null): Promise<readonly ArchivedDay[]> {
    await this.#usable();
    return this.#store.archived(fromMs, toMs);
  }

  async status(): Promise<LogStatus> {
    await this.#usable();
    const { published, witnessed, notes } = this.#publisher;
    const firstRecent = Math.min(this.#store.firstRecent(), this.#durable);
    return { size: this.#durable, published, witnessed, notes, firstRecent };
  }

  // -- publishing ----------------------------------------------------------------------------

  async publish(): Promise<string> {
    await this.#usable();
    return this.#publisher.publish();
  }

  async cosigned(note: string): Promise<"kept" | "refused"> {
    await this.#usable();
    return this.#publisher.cosigned(note);
  }

  /** A log that has not halted tries again. */
  async alarm(): Promise<void> {
    this.#alarmed = false;
    try {
      await this.publish();
    } catch (error) {
      logLine({ worker: "vault", event: "publish", outcome: "failed", error: errorClass(error) });
      if (error instanceof LogHalted) return;
    }
    if (this.#publisher.published < this.#next) await this.#alarm();
  }

  async #alarm(): Promise<void> {
    const { storage } = this.#host;
    this.#alarmed ??= (await storage.getAlarm()) !== null;
    if (this.#alarmed) return;
    this.#alarmed = true;
    await storage.setAlarm(this.#host.now() + publishEveryMs);
  }

  // -- archive -------------------------------------------------------------------------------

  async keepHouse(nowMs: Instant): Promise<number> {
    await this.#usable();
    this.#housekeeping ??= this.#moveDay(Math.min(nowMs, this.#host.now())).finally(() => {
      this.#housekeeping = null;
    });
    return this.#housekeeping;
  }

  async #moveDay(nowMs: Instant): Promise<number> {
    const due = dayDue(this.#store, this.#publisher.published, nowMs);
    if (due === null) return 0;
    await keepDay(this.#host.entries, this.#config.log, this.#store, due);
    await this.#durably(() => this.#store.moved(due));
    return due.last - due.first + 1;
  }

  // ------------------------------------------------------------------------------------------

  async #durably(work: () => void): Promise<void> {
    this.#host.storage.transactionSync(work);
    await this.#host.storage.sync();
  }

  async #usable(): Promise<void> {
    await this.#publisher.ready();
    if (this.#broken !== null) throw this.#broken;
  }
}

const base64url = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
