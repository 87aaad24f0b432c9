/**
 * One account at one provider, as an object of the platform. What it does is in connection-core.ts;
 * this is what it stands on.
 */
import { DurableObject } from "cloudflare:workers";
import { budgetOf } from "../domain/budget.ts";
import {
  type Change,
  type ConnectionLink,
  type ConnectionPort,
  type ConnectPort,
  type GatePort,
  type HandedOver,
  type LedgerPort,
  ledgerName,
  type Notice,
  type RunMessage,
  type SealPort,
  type WorkPort,
} from "../domain/ports.ts";
import type { Instant } from "../domain/time.ts";
import { hmacDigest } from "../kernel/hmac.ts";
import connectionTables from "../migrations/connection/0001_connection.sql";
import waitingTables from "../migrations/connection/0002_waiting.sql";
import recordColumns from "../migrations/connection/0003_record.sql";
import hadTable from "../migrations/connection/0004_had.sql";
import { providerNamed } from "../providers/index.ts";
import type { Provider } from "../providers/provider.ts";
import { arrivedIn } from "./connection-arrivals.ts";
import { ConnectionCore } from "./connection-core.ts";
import { eraseEnded } from "./connection-end.ts";
import { showStatus } from "./connection-show.ts";
import { migrate } from "./migrate.ts";
import { zonesOf } from "./samples.ts";
import { type WebhookEnv, webhookUrlOf } from "./webhook-url.ts";

export interface ConnectionEnv extends WebhookEnv {
  readonly LEDGER: DurableObjectNamespace;
  readonly GATE: DurableObjectNamespace;
  readonly VAULT_SEAL: SealPort;
  readonly VAULT_CONNECT: ConnectPort;
  readonly VAULT_WORK: Pick<WorkPort, "mergeSamples" | "resolveSamples">;
  readonly CHANGES: Queue<Change>;
  readonly RUNS: Queue<RunMessage>;
  readonly WAREHOUSE: D1Database;
  readonly IDENTITY_KEY: string;
  readonly FORGOTTEN_KEY: string;
  /** JSON: provider → window by name → calls. */
  readonly PROVIDER_BUDGETS: string;
}

/** With what this deployment was granted. */
const withBudget = (provider: Provider | undefined, limits: string): Provider | undefined =>
  provider && { ...provider, budget: budgetOf(provider.name, provider.budget, limits) };

export class Connection extends DurableObject<ConnectionEnv> implements ConnectionPort {
  readonly #core: ConnectionCore;

  constructor(ctx: DurableObjectState, env: ConnectionEnv) {
    super(ctx, env);
    migrate(ctx.storage, [connectionTables, waitingTables, recordColumns, hadTable]);
    this.#core = new ConnectionCore({
      storage: ctx.storage,
      now: () => Date.now(),
      chance: () => Math.random(),
      provider: (name) => withBudget(providerNamed(name), env.PROVIDER_BUDGETS),
      connect: env.VAULT_CONNECT,
      gate: (provider) => env.GATE.getByName(provider) as unknown as GatePort,
      accept: {
        digest: hmacDigest(env.IDENTITY_KEY),
        vault: env.VAULT_SEAL,
        ledger: (stream, shard) =>
          env.LEDGER.getByName(ledgerName(stream.name, shard)) as unknown as LedgerPort,
      },
      samples: {
        work: env.VAULT_WORK,
        zones: async (member) =>
          (await zonesOf({ sql: (run) => run(env.WAREHOUSE) }, [member])).get(member) ?? [],
      },
      arrived: arrivedIn(env.LEDGER),
      webhookUrl: (name) => {
        const provider = providerNamed(name);
        return provider === undefined ? null : webhookUrlOf(provider, env, Date.now());
      },
      show: (link, status) => showStatus(env.WAREHOUSE, link, status, Date.now()),
      eraseEnded: (link, steps) => eraseEnded(env, link, steps, Date.now()),
    });
  }

  open(link: ConnectionLink, handed?: readonly HandedOver[]) {
    return this.#core.open(link, handed);
  }
  handOver() {
    return this.#core.handOver();
  }
  notice(notices: readonly Notice[]) {
    return this.#core.notice(notices);
  }
  readNow() {
    return this.#core.readNow();
  }
  unconfirmed(what: string) {
    return this.#core.unconfirmed(what);
  }
  ended(why: "grant-ended" | "permission-withdrawn", saidMs: Instant | null) {
    return this.#core.ended(why, saidMs);
  }
  granted(saidMs: Instant | null) {
    return this.#core.granted(saidMs);
  }
  status() {
    return this.#core.status();
  }
  forget() {
    return this.#core.forget();
  }
  override alarm() {
    return this.#core.alarm();
  }
}
