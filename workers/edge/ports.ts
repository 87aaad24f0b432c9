/**
 * Everything the edge calls, with one meaning for every failure: a port that rejects is
 * `Unavailable`, which becomes 503 and "say it again". Nothing else is caught.
 */
import type { Digest } from "../../domain/identity.ts";
import {
  type AuditPort,
  type Boards,
  type CardPort,
  type ConnectionPort,
  type ConnectPort,
  type GatePort,
  type LedgerPort,
  ledgerName,
  liveName,
  type OpenPort,
  type RevealPort,
  type RunMessage,
  type SealPort,
  type WorkPort,
} from "../../domain/ports.ts";
import type { AnyStream } from "../../domain/streams.ts";
import { boardsOf } from "../../durable-objects/board-shards.ts";
import { closedObjects } from "../../durable-objects/closed-boards.ts";
import type { LiveObject } from "../../durable-objects/live-port.ts";
import type { ClosedObjects } from "../../kernel/boards/closed.ts";
import { hmacDigest } from "../../kernel/hmac.ts";
import { errorClass } from "../../kernel/wide-event.ts";
import type { EdgeEnv } from "./env.ts";

export class Unavailable extends Error {
  /** It was asked more than it can do: an object says so by a flag, a database by its words. */
  readonly isOverloaded: boolean;

  constructor(port: string, cause: unknown) {
    super(`${port}: ${errorClass(cause)}`);
    this.name = "Unavailable";
    const said = cause instanceof Error && /\boverloaded\b/i.test(cause.message);
    this.isOverloaded = said || (cause as { overloaded?: unknown } | null)?.overloaded === true;
  }
}

/** The same object, its rejected promises turned into `Unavailable`. */
function guard<T extends object>(port: string, target: T): T {
  return new Proxy(target, {
    get(of, method) {
      // biome-ignore lint/suspicious/noExplicitAny: a stub answers to any method name.
      const call = (of as any)[method];
      if (typeof call !== "function") return call;
      return async (...args: unknown[]) => {
        try {
          // biome-ignore lint/suspicious/noExplicitAny: as above.
          return await (of as any)[method](...args);
        } catch (error) {
          throw new Unavailable(port, error);
        }
      };
    },
  });
}

export interface Ports {
  readonly digest: Digest;
  readonly forgotten: Digest;
  readonly vault: SealPort;
  readonly open: OpenPort;
  readonly connect: ConnectPort;
  readonly work: WorkPort;
  readonly log: AuditPort;
  readonly cards: CardPort;
  readonly revealing: RevealPort;
  ledger(stream: AnyStream, shard: string): LedgerPort;
  connection(id: string): ConnectionPort;
  gate(provider: string): GatePort;
  /** What is watched, by its stream and its name there. */
  live(stream: string, watch: string): LiveObject;
  boards(stream: AnyStream): Boards;
  readonly closed: ClosedObjects;
  readonly runs: { send(message: RunMessage): Promise<void> };
  /** Runs warehouse statements; a failing database is unavailable, not a bug. */
  sql<T>(run: (db: D1Database) => Promise<T>): Promise<T>;
}

const object = <T extends object>(name: string, ns: DurableObjectNamespace, id: string): T =>
  guard(name, ns.getByName(id) as unknown as T);

export function portsOf(env: EdgeEnv): Ports {
  return {
    digest: hmacDigest(env.IDENTITY_KEY),
    forgotten: hmacDigest(env.FORGOTTEN_KEY),
    vault: guard("vault.seal", env.VAULT_SEAL),
    open: guard("vault.open", env.VAULT_OPEN),
    connect: guard("vault.connect", env.VAULT_CONNECT),
    work: guard("vault.work", env.VAULT_WORK),
    log: guard("vault.log", env.VAULT_LOG),
    cards: guard("vault.cards", env.VAULT_CARDS),
    revealing: guard("vault.reveal", env.VAULT_REVEAL),
    ledger: (stream, shard) => object("ledger", env.LEDGER, ledgerName(stream.name, shard)),
    connection: (id) => object("connection", env.CONNECTION, id),
    gate: (provider) => object("gate", env.GATE, provider),
    live: (stream, watch) => object("live", env.LIVE, liveName(stream, watch)),
    boards: ({ name }) => {
      const boards = boardsOf(env, name);
      return {
        topology: guard("board.root", boards).topology,
        shard: (topology, number) => guard("board", boards.shard(topology, number)),
      };
    },
    closed: guard("boards.closed", closedObjects(env.BOARDS)),
    runs: {
      send: async (message) => {
        try {
          await env.RUNS.send(message);
        } catch (error) {
          throw new Unavailable("queue.runs", error);
        }
      },
    },
    sql: async (run) => {
      try {
        return await run(env.WAREHOUSE);
      } catch (error) {
        throw new Unavailable("warehouse", error);
      }
    },
  };
}
