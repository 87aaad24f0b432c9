/**
 * One log of who looked (docs/audit.md), named by its number. What it does is in log-core.ts; this
 * is the object around it.
 */
import { DurableObject } from "cloudflare:workers";
import type { EntryDraft } from "../domain/audit.ts";
import type { EntryQuery, LogPort } from "../domain/log-ports.ts";
import type { Instant } from "../domain/time.ts";
import logTables from "../migrations/log/0001_log.sql";
import { LogCore } from "./log-core.ts";
import { Meta } from "./meta.ts";
import { migrate } from "./migrate.ts";

export interface LogEnv {
  /** Secret. The 32 bytes of an Ed25519 key in base64. */
  readonly LOG_KEY: string;
  /** Origins are `<LOG_ORIGIN>/<number>`. */
  readonly LOG_ORIGIN: string;
  /** Verifier keys, separated by blanks. */
  readonly WITNESS_KEYS: string;
  readonly LOG_TILES: R2Bucket;
  readonly LOG_ENTRIES: R2Bucket;
}

export class AuditLog extends DurableObject<LogEnv> implements LogPort {
  readonly #core: LogCore;

  constructor(ctx: DurableObjectState, env: LogEnv) {
    super(ctx, env);
    migrate(ctx.storage, [logTables]);
    const log = ownNumber(ctx);
    this.#core = new LogCore(
      {
        storage: ctx.storage,
        tiles: env.LOG_TILES,
        entries: env.LOG_ENTRIES,
        now: () => Date.now(),
        random: (bytes) => crypto.getRandomValues(new Uint8Array(bytes)),
        abort: (why) => ctx.abort(why),
      },
      {
        log,
        origin: `${env.LOG_ORIGIN}/${log}`,
        key: Uint8Array.from(atob(env.LOG_KEY), (c) => c.charCodeAt(0)),
        witnesses: env.WITNESS_KEYS.split(/\s+/).filter((key) => key !== ""),
      },
    );
  }

  append(drafts: readonly EntryDraft[]) {
    return this.#core.append(drafts);
  }
  recent(query: EntryQuery, before: number | null, limit: number) {
    return this.#core.recent(query, before, limit);
  }
  texts(from: number, to: number) {
    return this.#core.texts(from, to);
  }
  archived(fromMs: Instant | null, toMs: Instant | null) {
    return this.#core.archived(fromMs, toMs);
  }
  status() {
    return this.#core.status();
  }
  publish() {
    return this.#core.publish();
  }
  cosigned(note: string) {
    return this.#core.cosigned(note);
  }
  keepHouse(nowMs: Instant) {
    return this.#core.keepHouse(nowMs);
  }
  override alarm() {
    return this.#core.alarm();
  }
}

/** An alarm may wake an object without its name: it is kept from the first call on. */
function ownNumber(ctx: DurableObjectState): string {
  const meta = new Meta(ctx.storage.sql);
  const log = meta.get("log") ?? ctx.id.name;
  if (log === undefined || !/^\d{1,3}$/.test(log)) throw new Error("a log is named by its number");
  if (meta.get("log") === null) meta.set("log", log);
  return log;
}
