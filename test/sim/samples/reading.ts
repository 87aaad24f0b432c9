/** What the running system shows of the member's samples, as named numbers; and what it has in the open. */
import { setTimeout } from "node:timers/promises";
import { ledgerName } from "../../../domain/ports.ts";
import { type Metric, metrics } from "../../../domain/samples/metrics.ts";
import { samples } from "../../../domain/samples/stream.ts";
import { addDays, localDate } from "../../../domain/time.ts";
import { call, expectStatus, type Person } from "../../../local/people.ts";
import type { System } from "../../../local/system.ts";
import type { LedgerStub } from "../members.ts";
import { askFor, warehouseOf, watch } from "../runs.ts";
import { idsOf } from "./door.ts";
import type { Figures, Grain } from "./duck.ts";
import { dayMs, type Life } from "./life.ts";
import type { Named } from "./numbers.ts";

/** Days of one look; weeks and months at both ends are rounded up to whole ones. */
const pageDays = { hour: 31, day: 400, week: 330, month: 330 } as const;

/** An aggregate as GET /v1/aggregates and /v1/summary show it. */
interface Shown {
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly count: number;
  readonly sources: readonly { readonly device: string; readonly share: number }[];
  readonly at?: string;
  readonly stages?: Readonly<Record<string, number>>;
}
interface ShownRow extends Shown {
  readonly type: Metric;
  readonly label: string;
  readonly days: number;
}

export class Reader {
  readonly #system: System;
  readonly #member: Person;
  readonly #devices: ReadonlyMap<string, string>;

  private constructor(system: System, member: Person, devices: ReadonlyMap<string, string>) {
    this.#system = system;
    this.#member = member;
    this.#devices = devices;
  }

  static async of(system: System, member: Person): Promise<Reader> {
    const ids = [...(await idsOf(system, member))];
    return new Reader(system, member, new Map(ids.map(([name, id]) => [id, name])));
  }

  /** All of a life, and the days around it. */
  async aggregates(grain: Grain, { startMs, endMs }: Life): Promise<Named> {
    const found = new Map<string, number | string>();
    const last = localDate(endMs + dayMs, 0);
    const days = pageDays[grain];
    for (let from = localDate(startMs - dayMs, 0); from <= last; from = addDays(from, days)) {
      const end = addDays(from, days - 1);
      const query = `types=${metrics.join(",")}&period=${grain}&start=${from}&end=${end}`;
      const { items } = await this.#get(`/v1/aggregates?${query}`);
      for (const row of items as readonly ShownRow[]) {
        const label = grain === "hour" ? String(Date.parse(row.label)) : row.label;
        for (const [what, n] of this.#numbers(row)) found.set(`${row.type} ${label} ${what}`, n);
        found.set(`${row.type} ${label} days`, row.days);
      }
    }
    return found;
  }

  /** Of some days; as if each said that it is one. */
  async summaries(dates: readonly string[]): Promise<Named> {
    const found = new Map<string, number | string>();
    for (const date of dates) {
      const { metrics: all } = await this.#get(`/v1/summary?date=${date}`);
      for (const [metric, of] of Object.entries(all as Readonly<Record<string, Shown>>)) {
        for (const [what, n] of this.#numbers(of)) found.set(`${metric} ${date} ${what}`, n);
        found.set(`${metric} ${date} days`, 1);
      }
    }
    return found;
  }

  async #get(path: string) {
    const { token } = this.#member;
    return expectStatus(await call(this.#system.url, "GET", path, { token }), 200).body;
  }

  #numbers({ value, min, max, count, at, stages, sources }: Shown): [string, number][] {
    return [
      ...Object.entries({ value, min, max, count }),
      ...(at === undefined ? [] : ([["at", Date.parse(at)]] as [string, number][])),
      ...Object.entries(stages ?? {}),
      ...sources.map(({ device, share }): [string, number] => {
        return [`of ${this.#devices.get(device) ?? device}`, share];
      }),
    ];
  }
}

const openMetrics = ["steps", "distance", "active_energy"];

/** What the open totals have to be: of weeks and months as in DuckDB, and of all time. */
export function openTotalsOf(figures: Figures): Named {
  const totals = new Map<string, number>();
  for (const grain of ["week", "month"] as const)
    for (const { metric, label, value } of figures[grain].values())
      if (openMetrics.includes(metric)) totals.set(`${metric} ${label}`, value);
  for (const { metric, value } of figures.month.values())
    if (openMetrics.includes(metric))
      totals.set(`${metric} all`, (totals.get(`${metric} all`) ?? 0) + value);
  return totals;
}

const nudgesMax = 600;
const nudgePauseMs = 500;

/** The archive settles all that came, and says the totals. */
export async function settledTotals(
  system: System,
  { id }: Person,
  told: (what: string) => void,
): Promise<Named> {
  const ledgers = await system.runtime.mf.getDurableObjectNamespace("LEDGER", "singlet-edge");
  const name = ledgerName(samples.name, id);
  const ledger = ledgers.getByName(name) as unknown as LedgerStub;
  for (let i = 0; (await ledger.nudge()).least !== null; i++) {
    if (i === nudgesMax) throw new Error("the ledger never fell silent");
    await setTimeout(nudgePauseMs);
  }
  await askFor(system, "sim-samples");
  const { outcome } = await watch(system, "sim-samples", (p) =>
    told(`settling: ${p.stage} ${p.done} of ${p.total}`),
  );
  if (outcome !== "done") throw new Error(`settling ended as ${outcome}`);
  const warehouse = await warehouseOf(system);
  const { results } = await warehouse
    .prepare("SELECT measure, period, n FROM total WHERE stream = ? AND rules = ? AND n <> 0")
    .bind(samples.name, samples.rules.version)
    .all<{ measure: string; period: string; n: number }>();
  return new Map(results.map(({ measure, period, n }) => [`${measure} ${period}`, n]));
}
