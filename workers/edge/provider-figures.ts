/**
 * One look at everything that providers are operated by: each gate, the connections as they last
 * said they were, and what waits for the archive. For the operators' page, the alerts and the meter.
 */
import type { AlertSnapshot } from "../../domain/alerts.ts";
import { thresholds } from "../../domain/alerts.ts";
import type { ConnectionState, GatePort, GateStatus } from "../../domain/ports.ts";
import { connectionStates } from "../../domain/ports.ts";
import type { Instant } from "../../domain/time.ts";
import { errorClass, logLine } from "../../kernel/wide-event.ts";
import { providers } from "../../providers/index.ts";
import type { Provider } from "../../providers/provider.ts";
import type { EdgeEnv } from "./env.ts";

/** Those that members link accounts at: only they are ever called, or call. */
export const gated: readonly Provider[] = Object.values<Provider>(providers).filter(
  ({ link, reference }) => link !== undefined || reference !== undefined,
);

/**
 * Those that an operator sees: where a member's own app delivers too, which is never called, so that of
 * its gate the door alone says something.
 */
export const operated: readonly Provider[] = Object.values<Provider>(providers).filter(
  (provider) => gated.includes(provider) || provider.memberKey !== undefined,
);

export interface ConnectionFigures {
  readonly byState: Readonly<Record<ConnectionState, number>>;
  /** One that has to be linked again waits for its member, not for us, and is not behind. */
  readonly behindOver2h: number;
  readonly oldestBehindMs: Instant | null;
}
export interface ProviderFigures {
  readonly provider: Provider;
  /** Null: it did not answer. */
  readonly gate: GateStatus | null;
  readonly connections: ConnectionFigures;
}

export const gateOf = (env: Pick<EdgeEnv, "GATE">, provider: string): GatePort =>
  env.GATE.getByName(provider) as unknown as GatePort;

export async function readFigures(
  env: Pick<EdgeEnv, "GATE" | "WAREHOUSE">,
  nowMs: Instant,
): Promise<ProviderFigures[]> {
  const [connections, gates] = await Promise.all([
    readConnections(env.WAREHOUSE, nowMs),
    Promise.all(operated.map((provider) => statusOf(env, provider))),
  ]);
  return operated.map((provider, i) => ({
    provider,
    gate: gates[i] ?? null,
    connections: figuresOf(connections.filter((row) => row.provider === provider.name)),
  }));
}

async function statusOf(
  env: Pick<EdgeEnv, "GATE">,
  { name: provider, memberKey }: Provider,
): Promise<GateStatus | null> {
  try {
    const status = await gateOf(env, provider).status();
    // No calls are made there, so there is nothing to spend.
    return memberKey === undefined ? status : { ...status, budgets: [] };
  } catch (error) {
    const outcome = "unavailable";
    logLine({ worker: "edge", event: "gate", provider, outcome, error: errorClass(error) });
    return null;
  }
}

interface StateRow {
  readonly provider: string;
  readonly state: string;
  readonly n: number;
  readonly behind: number;
  readonly oldest: number | null;
}

/** Answered from an index alone: a row read for each connection. */
async function readConnections(db: D1Database, nowMs: Instant): Promise<StateRow[]> {
  const { results } = await db
    .prepare(
      `SELECT provider, state, count(*) AS n, min(behind_since) AS oldest,
         count(CASE WHEN behind_since < ? THEN 1 END) AS behind
       FROM connection_status GROUP BY provider, state`,
    )
    .bind(nowMs - thresholds.behindMs)
    .all<StateRow>();
  return results;
}

function figuresOf(rows: readonly StateRow[]): ConnectionFigures {
  const n = (state: ConnectionState) => rows.find((row) => row.state === state)?.n ?? 0;
  const ours = rows.filter(({ state }) => state !== needsMember);
  const oldest = ours.flatMap((row) => (row.oldest === null ? [] : [row.oldest]));
  return {
    byState: Object.fromEntries(connectionStates.map((state) => [state, n(state)])) as Record<
      ConnectionState,
      number
    >,
    behindOver2h: ours.reduce((sum, row) => sum + row.behind, 0),
    oldestBehindMs: oldest.length === 0 ? null : Math.min(...oldest),
  };
}

const needsMember = "needs-reconnecting" satisfies ConnectionState;

/** Members, not connections: one with two of them behind is told of once. */
async function readMembersBehind(db: D1Database, nowMs: Instant): Promise<number> {
  const row = await db
    .prepare(
      `SELECT count(DISTINCT member) AS n FROM connection_status
       WHERE provider IN (SELECT value FROM json_each(?))
         AND state IN (SELECT value FROM json_each(?)) AND behind_since < ?`,
    )
    .bind(
      JSON.stringify(gated.map(({ name }) => name)),
      JSON.stringify(connectionStates.filter((state) => state !== needsMember)),
      nowMs - thresholds.behindMs,
    )
    .first<{ n: number }>();
  return row?.n ?? 0;
}

/** Null where the platform does not say: not every runtime counts what waits. */
export async function queueDepth(queue: EdgeEnv["CHANGES"]): Promise<number | null> {
  try {
    return (await queue.metrics()).backlogCount;
  } catch {
    return null;
  }
}

export async function readSnapshot(
  env: Pick<EdgeEnv, "GATE" | "WAREHOUSE" | "CHANGES">,
  figures: readonly ProviderFigures[],
  nowMs: Instant,
): Promise<AlertSnapshot> {
  const [membersBehind, depth] = await Promise.all([
    readMembersBehind(env.WAREHOUSE, nowMs),
    queueDepth(env.CHANGES),
  ]);
  const gates = Object.fromEntries(figures.map(({ provider, gate }) => [provider.name, gate]));
  return { gates, membersBehind, queueDepth: depth };
}
