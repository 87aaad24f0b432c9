/** A gate whose state is pure JSON between any two calls, on a clock that tests set. */
import { type Budget, defaultBudget, type RateWindow } from "../../domain/budget.ts";
import type {
  CallClass,
  CallReport,
  LeaseAnswer,
  LeaseAsk,
} from "../../domain/connection-ports.ts";
import { emptyGate, type GateState, lease, report, statusOf } from "../../domain/gate.ts";

export const minute = 60_000;
export const start = 1_700_000_000_000;
export const quarter: RateWindow = { name: "15 minutes", calls: 100, windowMs: 15 * minute };
export const day: RateWindow = { name: "day", calls: 1_000, windowMs: 24 * 60 * minute };
export const budgetWith = (...app: RateWindow[]): Budget => ({
  ...defaultBudget,
  app,
  reserve: 0.2,
});
export const strava = budgetWith(quarter, day);
export const call = (name: CallClass = "ok", more: Partial<CallReport> = {}): CallReport => ({
  class: name,
  ms: 120,
  retryAfterMs: null,
  headers: {},
  ...more,
});
export const calls = (n: number, name: CallClass = "ok") =>
  Array.from({ length: n }, () => call(name));

export class World {
  nowMs = start;
  state: GateState = emptyGate(start);
  chance = 0;
  readonly budget: Budget;

  constructor(budget: Budget = strava) {
    this.budget = budget;
  }
  restart(): void {
    this.state = JSON.parse(JSON.stringify(this.state)) as GateState;
  }
  ask(want: number, kind: LeaseAsk["kind"] = "live"): LeaseAnswer {
    this.chance = (this.chance * 7 + 0.123) % 1;
    const [state, answer] = lease(this.state, { kind, want }, this.budget, this.nowMs, this.chance);
    this.state = state;
    return answer;
  }
  granted(want: number, kind: LeaseAsk["kind"] = "live"): Extract<LeaseAnswer, { lease: string }> {
    const answer = this.ask(want, kind);
    if (!("lease" in answer)) throw new Error(`refused: ${answer.why}, ${answer.waitMs}`);
    return answer;
  }
  refused(want: number, kind: LeaseAsk["kind"] = "live"): Extract<LeaseAnswer, { why: string }> {
    const answer = this.ask(want, kind);
    if (!("why" in answer)) throw new Error(`granted ${answer.granted}`);
    return answer;
  }
  report(id: string, ended: readonly CallReport[], freshnessMs: readonly number[] = []): void {
    const said = { lease: id, calls: ended, freshnessMs };
    this.state = report(this.state, said, this.budget, this.nowMs);
  }
  /** Leases of live calls, made at once and reported, until there is no more room. */
  fill(): number {
    for (let spent = 0; ; ) {
      const answer = this.ask(10);
      if (!("lease" in answer)) return spent;
      this.report(answer.lease, calls(answer.granted));
      spent += answer.granted;
    }
  }
  status() {
    return statusOf(this.state, "strava", this.budget, null, this.nowMs);
  }
}
