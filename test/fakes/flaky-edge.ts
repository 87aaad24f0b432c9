/**
 * The edge worker, except that its boards and ledgers fail when told to (faults.ts), and that a test
 * may call what the edge is bound to, as an intruder in the edge could.
 */

import type { OpenStatement, RecordOutcome, ScoreRow, Topology } from "../../domain/ports.ts";
import { Board as RealBoard } from "../../durable-objects/board.ts";
import { Ledger as RealLedger } from "../../durable-objects/ledger.ts";
import type { EdgeEnv } from "../../workers/edge/env.ts";
import edge from "../../workers/edge/index.ts";
import type { BindingAnswer, BindingCall, EdgeFaults, LedgerContents, When } from "./faults.ts";
import { shown } from "./ledger-shown.ts";

export { BoardLive } from "../../durable-objects/board-live.ts";
export { BoardRoot } from "../../durable-objects/board-root.ts";
export { Connection } from "../../durable-objects/connection.ts";
export { Gate } from "../../durable-objects/gate.ts";
export { Live } from "../../durable-objects/live.ts";

let faults: EdgeFaults = {};
let failed = 0;

async function flaky<T>(when: When | undefined, call: () => Promise<T>): Promise<T> {
  const result = when === "before" ? undefined : await call();
  if (when === undefined) return result as T;
  failed++;
  throw new Error("failing on purpose");
}

export class Board extends RealBoard {
  override put(row: ScoreRow): Promise<Topology | null> {
    return flaky(faults.board, () => super.put(row));
  }
}

export class Ledger extends RealLedger {
  override record(statements: readonly OpenStatement[]): Promise<RecordOutcome[]> {
    return flaky(faults.ledger, () => super.record(statements));
  }

  async contents(): Promise<LedgerContents> {
    const { facts, changes, retractions, isDue } = shown(this.state, this.tables);
    return {
      facts: facts.map(({ id, revision, body, days }) => ({
        ...{ id, revision, days: JSON.stringify(days) },
        body: body === null ? null : JSON.stringify(body),
      })),
      unconfirmed: changes.length + retractions.length,
      unpublished: isDue ? 1 : 0,
      alarmMs: await this.ctx.storage.getAlarm(),
    };
  }
}

/** What came back, or the error that did. */
async function callBinding(
  env: EdgeEnv,
  { binding, method, args }: BindingCall,
): Promise<BindingAnswer> {
  const stub = env[binding] as unknown as Record<string, (...of: unknown[]) => Promise<unknown>>;
  try {
    return { answer: (await stub[method]?.(...args)) ?? null };
  } catch (error) {
    return { error: String(error) };
  }
}

export default {
  async fetch(request, env, ctx) {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/__faults") {
      if (request.method === "POST") [faults, failed] = [await request.json(), 0];
      return Response.json({ failed });
    }
    if (pathname === "/__ledger") {
      const ledger = env.LEDGER.getByName(searchParams.get("name") ?? "") as unknown as Ledger;
      return Response.json(await ledger.contents());
    }
    if (pathname === "/__call") return Response.json(await callBinding(env, await request.json()));
    return edge.fetch(request, env, ctx);
  },
  scheduled: edge.scheduled,
} satisfies ExportedHandler<EdgeEnv>;
