/** The truth in DuckDB, and what it comes to there, number by number. */
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { metricOf, metrics } from "../../../domain/samples/metrics.ts";
import { type DeviceName, devices, type Reading } from "./body.ts";
import type { Life } from "./life.ts";
import { aggregatesOf, grains, steps } from "./sql.ts";

/** Which device is believed before which, from a local day on; the first: since ever. */
export interface Believed {
  readonly since: string;
  readonly order: readonly DeviceName[];
}

export type Grain = (typeof grains)[number];
/** What one metric came to in one hour, day, week or month. */
export interface Came {
  readonly metric: string;
  /** Of an hour when it begins, in milliseconds. */
  readonly label: string;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly count: number;
  readonly weighed: { readonly sum: string; readonly ms: number } | null;
  readonly atMs: number | null;
  readonly stages: Readonly<Record<string, number>> | null;
  readonly days: number;
  readonly sources: readonly { readonly device: string; readonly amount: number }[];
}
/** By "metric label". */
export type Figures = Readonly<Record<Grain, ReadonlyMap<string, Came>>>;

export async function figuresOf(
  { clock }: Pick<Life, "clock">,
  truth: readonly Reading[],
  believed: readonly Believed[],
): Promise<Figures> {
  const instance = await DuckDBInstance.create(":memory:", { threads: "2" });
  const connection = await instance.connect();
  try {
    await fill(connection, clock, truth, believed);
    for (const sql of steps) await connection.run(sql);
    const all: Partial<Record<Grain, ReadonlyMap<string, Came>>> = {};
    for (const grain of grains) all[grain] = await ask(connection, aggregatesOf(grain));
    return all as Figures;
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

async function fill(
  connection: DuckDBConnection,
  clock: Life["clock"],
  truth: readonly Reading[],
  believed: readonly Believed[],
): Promise<void> {
  const table = async (name: string, columns: string, rows: readonly (readonly unknown[])[]) => {
    await connection.run(`CREATE TABLE ${name} (${columns})`);
    const values = rows.map((row) => `(${row.map((v) => literal(v)).join(", ")})`);
    await connection.run(`INSERT INTO ${name} VALUES ${values.join(", ")}`);
  };
  const spans = clock.map((c) => [c.fromMs, c.toMs, c.offsetMin]);
  await table("clock", "from_ms BIGINT, to_ms BIGINT, offset_min BIGINT", spans);
  const facts = metrics.map((name) => {
    const { fold, class: kind, holdMs, dayStartMin } = metricOf(name);
    return [name, fold, kind === "sleep", holdMs, dayStartMin];
  });
  await table(
    "metric",
    "name VARCHAR, fold VARCHAR, is_sleep BOOLEAN, hold_ms BIGINT, day_start_min BIGINT",
    facts,
  );
  const places = believed.flatMap(({ since, order }, i) =>
    devices.map((d) => [d, since, believed[i + 1]?.since ?? "9999-12-31", order.indexOf(d)]),
  );
  await table("place", "device VARCHAR, since DATE, until DATE, place INTEGER", places);
  await append(connection, truth);
}

const literal = (v: unknown): string => (typeof v === "string" ? `'${v}'` : String(v));

async function append(connection: DuckDBConnection, truth: readonly Reading[]): Promise<void> {
  await connection.run(
    `CREATE TABLE truth (id INTEGER, metric VARCHAR, device VARCHAR, from_ms BIGINT, to_ms BIGINT,
       value BIGINT, stage VARCHAR, key VARCHAR)`,
  );
  const appender = await connection.createAppender("truth");
  truth.forEach(({ metric, device, fromMs, toMs, value, stage }, id) => {
    appender.appendInteger(id);
    appender.appendVarchar(metric);
    appender.appendVarchar(device);
    for (const n of [fromMs, toMs, value]) appender.appendBigInt(BigInt(n));
    if (stage === null) appender.appendNull();
    else appender.appendVarchar(stage);
    // Nothing hangs on it: no two of one device have the same times.
    appender.appendVarchar(String(id).padStart(8, "0"));
    appender.endRow();
  });
  appender.closeSync();
}

const stageNames = ["asleep", "light", "deep", "rem", "awake"] as const;

async function ask(connection: DuckDBConnection, sql: string): Promise<ReadonlyMap<string, Came>> {
  const reader = await connection.runAndReadAll(sql);
  return new Map(
    reader.getRowObjectsJS().map((row) => {
      const n = (name: string): number | null => (row[name] === null ? null : Number(row[name]));
      const stages = stageNames.flatMap((s) => (n(s) === null ? [] : [[s, n(s) ?? 0] as const]));
      const weighedMs = n("weighed_ms");
      const came: Came = {
        ...{ metric: String(row.metric), label: String(row.label), days: n("days") ?? 0 },
        ...{ value: n("value") ?? 0, min: n("min") ?? 0, max: n("max") ?? 0 },
        ...{ count: n("count") ?? 0, atMs: n("at_ms") },
        weighed: weighedMs === null ? null : { sum: String(row.weighed_sum), ms: weighedMs },
        stages: stages.length === 0 ? null : Object.fromEntries(stages),
        sources: String(row.sources)
          .split(",")
          .map((source) => {
            const [device = "", amount] = source.split(" ");
            return { device, amount: Number(amount) };
          }),
      };
      return [`${came.metric} ${came.label}`, came];
    }),
  );
}
