/**
 * The real ledger alone: its boards, vault and queue take everything at once, and the archive
 * confirms what it was sent. Every statement of SQL is counted by the rows that it read and wrote.
 */
import { firstTopology } from "../../domain/boards.ts";
import { Ledger as RealLedger } from "../../durable-objects/ledger.ts";
import { migrate } from "../../durable-objects/migrate.ts";
import ledgerTables from "../../migrations/ledger/0001_ledger.sql";
import type { LedgerAnswer, LedgerCall, LedgerCost } from "./ledger-calls.ts";

interface Env {
  readonly LEDGER: DurableObjectNamespace<Ledger>;
  /** Rows of an object from before the second migration; those named "…/before…" begin with it. */
  readonly BEFORE: string;
}

/** Publishing settles in two rounds: one sends, one finds nothing left. */
const roundsMax = 50;

export class Ledger extends RealLedger {
  readonly #sent: number[];
  readonly #counted: Counted;
  readonly #vault: Vault;

  constructor(ctx: DurableObjectState, env: Env) {
    const sent: number[] = [];
    if (ctx.id.name?.includes("/before-")) rewind(ctx.storage, env.BEFORE);
    const counted = new Counted(ctx.storage.sql);
    const vault: Vault = { facts: [], asked: [] };
    super(ctx, outsideWorld(sent, vault) as never);
    this.#vault = vault;
    this.#sent = sent;
    this.#counted = counted;
  }

  async run({ calls, settle }: Omit<LedgerCall, "ledger">): Promise<LedgerAnswer> {
    this.#counted.reset();
    const answers: unknown[] = [];
    for (const [method, ...args] of calls) {
      const call = (this as unknown as Record<string, (...list: unknown[]) => unknown>)[method];
      answers.push(await call?.apply(this, args));
      if (settle) await this.settle();
    }
    const cost = this.#counted.cost();
    await this.ctx.storage.deleteAlarm();
    return { answers, cost };
  }

  /** Everything is published, taken and confirmed. */
  async settle(): Promise<void> {
    for (let round = 0; round < roundsMax; round++) {
      const nothingLeft = await this.nudge();
      if (this.#sent.length > 0) await this.confirm("archive", this.#sent.splice(0));
      if (nothingLeft) return;
    }
    throw new Error("the ledger has always something left to send");
  }

  /** What the vault resolves from now on; null: it does not answer. Returns the days asked so far. */
  async vaultSays(facts: Vault["facts"]): Promise<Vault["asked"]> {
    this.#vault.facts = facts;
    return this.#vault.asked.splice(0);
  }

  /** Any rows, for tests to look at. */
  async rows(query: string): Promise<unknown[]> {
    return this.ctx.storage.sql.exec(query).toArray();
  }
}

function rewind(storage: DurableObjectStorage, before: string): void {
  const { n } = storage.sql
    .exec<{ n: number }>("SELECT count(*) AS n FROM sqlite_master WHERE name = 'migration'")
    .one();
  if (n > 0) return;
  migrate(storage, [ledgerTables]);
  storage.sql.exec(before);
}

class Counted {
  #ran: { readonly query: string; readonly cursor: SqlStorageCursor<never> }[] = [];

  constructor(sql: SqlStorage) {
    const exec = sql.exec.bind(sql);
    Object.defineProperty(sql, "exec", {
      value: (query: string, ...bindings: unknown[]) => {
        const cursor = exec(query, ...bindings);
        this.#ran.push({ query, cursor: cursor as unknown as SqlStorageCursor<never> });
        return cursor;
      },
    });
  }

  reset(): void {
    this.#ran = [];
  }

  cost(): LedgerCost {
    const queries: Record<string, [times: number, read: number, written: number]> = {};
    let [read, written] = [0, 0];
    for (const { query, cursor } of this.#ran) {
      const held = queries[query] ?? [0, 0, 0];
      queries[query] = [held[0] + 1, held[1] + cursor.rowsRead, held[2] + cursor.rowsWritten];
      read += cursor.rowsRead;
      written += cursor.rowsWritten;
    }
    return { read, written, queries };
  }
}

interface Vault {
  facts: readonly { readonly day: string }[] | null;
  readonly asked: (readonly string[])[];
}

const outsideWorld = (sent: number[], vault: Vault) => ({
  BOARD: { getByName: () => ({ put: async () => null }) },
  BOARD_ROOT: { getByName: () => ({ topology: async () => firstTopology }) },
  VAULT_SEAL: { retract: async () => {} },
  VAULT_WORK: {
    resolveSamples: async (asks: readonly { readonly days: readonly string[] }[]) =>
      asks.map(({ days }) => {
        vault.asked.push(days);
        if (vault.facts === null) throw new Error("the vault does not answer");
        return { facts: vault.facts.filter(({ day }) => days.includes(day)) };
      }),
  },
  CHANGES: {
    sendBatch: async (messages: readonly { body: { seq: number } }[]) => {
      sent.push(...messages.map(({ body }) => body.seq));
    },
  },
  WAREHOUSE: { prepare: () => ({ bind: () => ({ run: async () => {} }) }) },
});

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
