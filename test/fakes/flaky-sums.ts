/** The edge worker, except that a test may make a ledger's sums wrong: as a fault of ours would. */
import type { EdgeEnv } from "../../workers/edge/env.ts";
import edge, { Ledger as FlakyLedger } from "./flaky-edge.ts";

export { Board, BoardLive, BoardRoot, Connection, Gate } from "./flaky-edge.ts";

export interface WrongSums {
  readonly name: string;
  readonly period: string;
  /** Added to the first measure of every key. */
  readonly by: number;
}

export class Ledger extends FlakyLedger {
  async makeWrong({ period, by }: WrongSums): Promise<void> {
    const { entries } = this.state;
    const sums = JSON.parse(entries.get(`S${period}`) ?? "{}") as Record<string, number[]>;
    const wrong = Object.entries(sums).map(([key, [first = 0, ...others]]) => [
      key,
      [first + by, ...others],
    ]);
    this.state.write(() => {
      entries.put(`S${period}`, JSON.stringify(Object.fromEntries(wrong)));
      this.tables.scores.changed();
    });
    await this.nudge();
  }
}

export default {
  async fetch(request, env, ctx) {
    if (new URL(request.url).pathname !== "/__wrong-sums") return edge.fetch(request, env, ctx);
    const wrong: WrongSums = await request.json();
    const ledger = env.LEDGER.getByName(wrong.name) as unknown as Ledger;
    await ledger.makeWrong(wrong);
    return Response.json({});
  },
  scheduled: edge.scheduled,
} satisfies ExportedHandler<EdgeEnv>;
