/**
 * The real ledger alone: its boards, vault and queue take everything at once, and the archive
 * confirms what it was sent. Every statement of SQL is counted by the rows that it read and wrote.
 */
import { firstTopology } from "../../domain/boards.ts";
import { Ledger as RealLedger } from "../../durable-objects/ledger.ts";
import { migrate } from "../../durable-objects/migrate.ts";
import ledgerTables from "../../migrations/ledger/0001_ledger.sql";
import type { LedgerAnswer, LedgerCall, LedgerCost, LedgerShown } from "./ledger-calls.ts";
import { shown } from "./ledger-shown.ts";

interface Env {
  readonly LEDGER: DurableObjectNamespace<Ledger>;
  /** Rows of an object from before the second migration; those named "…/before…" begin with it. */
  readonly BEFORE: string;
}

/** Publishing settles in two rounds: one sends, one finds nothing left. */
const roundsMax = 50;

export class Ledger extends RealLedger {
  readonly #outside: Outside;
  readonly #counted: Counted;

  constructor(ctx: DurableObjectState, env: Env) {
    const outside = new Outside();
    if (ctx.id.name?.includes("/before-")) rewind(ctx.storage, env.BEFORE);
    const counted = new Counted(ctx.storage);
    super(ctx, outside.env as never);
    this.#outside = outside;
    this.#counted = counted;
  }

  async run({ calls, settle }: Omit<LedgerCall, "ledger">): Promise<LedgerAnswer> {
    this.#counted.reset();
    this.#outside.reset();
    const answers: unknown[] = [];
    for (const [method, ...args] of calls) {
      const call = (this as unknown as Record<string, (...list: unknown[]) => unknown>)[method];
      answers.push(await call?.apply(this, args));
      if (settle) await this.settle();
    }
    const { boards, live, retractions, messages } = this.#outside;
    const cost = { ...this.#counted.cost(), boards, live, retractions, messages };
    await this.ctx.storage.deleteAlarm();
    return { answers, cost };
  }

  /** Everything is published, taken and confirmed, and the alarm finds it so. */
  async settle(): Promise<void> {
    for (let round = 0; round < roundsMax; round++) {
      await this.publish();
      const nothingLeft = this.tables.outbox.nextDueMs(Date.now()) === null;
      const { sent } = this.#outside;
      if (sent.length > 0) await this.confirm("archive", sent.splice(0));
      if (nothingLeft) return this.#ring();
    }
    throw new Error("the ledger has always something left to send");
  }

  /** The alarm, if one stands, goes off. */
  async #ring(): Promise<void> {
    if ((await this.ctx.storage.getAlarm()) === null) return;
    await this.ctx.storage.deleteAlarm();
    await this.alarm();
  }

  /** What the vault resolves from now on; null: it does not answer. Returns the days asked so far. */
  async vaultSays(facts: Outside["facts"]): Promise<Outside["asked"]> {
    this.#outside.facts = facts;
    return this.#outside.asked.splice(0);
  }

  /** All that it holds. */
  async shown(): Promise<LedgerShown> {
    return shown(this.state, this.tables);
  }

  /** Makes entries wrong, as a fault of ours would; null: it is gone. */
  async spoil(entries: readonly (readonly [key: string, value: string | null])[]): Promise<void> {
    this.state.write(() => {
      for (const [key, value] of entries)
        if (value === null) this.state.entries.delete(key);
        else this.state.entries.put(key, value);
    });
  }

  /** As if its rules had been others. */
  async misrule(): Promise<void> {
    this.state.write(() => this.state.keep({ rules: "others" }));
  }

  /** Any rows, for tests to look at. */
  async rows(query: string): Promise<unknown[]> {
    return this.ctx.storage.sql.exec(query).toArray();
  }
}

function rewind(storage: DurableObjectStorage, before: string): void {
  const { n } = storage.sql
    .exec<{ n: number }>(
      "SELECT count(*) AS n FROM sqlite_master WHERE name IN ('migration', 'state')",
    )
    .one();
  if (n > 0) return;
  migrate(storage, [ledgerTables]);
  for (const statement of before.split(";\n")) storage.sql.exec(statement);
}

class Counted {
  #ran: { readonly query: string; readonly cursor: SqlStorageCursor<never> }[] = [];
  #alarms = 0;

  constructor(storage: DurableObjectStorage) {
    const { sql } = storage;
    const exec = sql.exec.bind(sql);
    Object.defineProperty(sql, "exec", {
      value: (query: string, ...bindings: unknown[]) => {
        const cursor = exec(query, ...bindings);
        this.#ran.push({ query, cursor: cursor as unknown as SqlStorageCursor<never> });
        return cursor;
      },
    });
    const setAlarm = storage.setAlarm.bind(storage);
    Object.defineProperty(storage, "setAlarm", {
      value: (at: number) => {
        this.#alarms++;
        return setAlarm(at);
      },
    });
  }

  reset(): void {
    [this.#ran, this.#alarms] = [[], 0];
  }

  cost(): Pick<LedgerCost, "read" | "written" | "alarms" | "queries"> {
    const queries: Record<string, [times: number, read: number, written: number]> = {};
    let [read, written] = [0, 0];
    for (const { query, cursor } of this.#ran) {
      const held = queries[query] ?? [0, 0, 0];
      queries[query] = [held[0] + 1, held[1] + cursor.rowsRead, held[2] + cursor.rowsWritten];
      read += cursor.rowsRead;
      written += cursor.rowsWritten;
    }
    return { read, written, alarms: this.#alarms, queries };
  }
}

/** Boards, watchers, vault, queue and warehouse take everything at once, and count how often they are asked. */
class Outside {
  boards = 0;
  live = 0;
  retractions = 0;
  messages = 0;
  /** Numbers of changes that were sent and not confirmed. */
  readonly sent: number[] = [];
  facts: readonly { readonly day: string }[] | null = [];
  readonly asked: (readonly string[])[] = [];

  reset(): void {
    [this.boards, this.live, this.retractions, this.messages] = [0, 0, 0, 0];
  }

  readonly env = {
    BOARD: {
      getByName: () => ({
        put: async () => {
          this.boards++;
          return null;
        },
      }),
    },
    BOARD_ROOT: { getByName: () => ({ topology: async () => firstTopology }) },
    VAULT_SEAL: {
      retract: async () => {
        this.retractions++;
      },
    },
    VAULT_WORK: {
      resolveSamples: async (asks: readonly { readonly days: readonly string[] }[]) =>
        asks.map(({ days }) => {
          this.asked.push(days);
          if (this.facts === null) throw new Error("the vault does not answer");
          return { facts: this.facts.filter(({ day }) => days.includes(day)) };
        }),
    },
    LIVE: {
      getByName: () => ({
        put: async () => {
          this.live++;
        },
      }),
    },
    CHANGES: {
      send: async (changes: readonly { readonly seq: number }[]) => {
        this.messages++;
        this.sent.push(...changes.map(({ seq }) => seq));
      },
    },
    WAREHOUSE: { prepare: () => ({ bind: () => ({ run: async () => {} }) }) },
  };
}

export default {
  async fetch(request, env) {
    const { ledger, ...call } = (await request.json()) as LedgerCall;
    try {
      return Response.json(await env.LEDGER.getByName(ledger).run(call));
    } catch (error) {
      return new Response(String(error), { status: 500 });
    }
  },
} satisfies ExportedHandler<Env>;
