/** docs/samples.md says what the code does: a table that differs is printed as it has to be. */
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import {
  aggregateDaysMax,
  deviceOrdersMax,
  devicesMax,
  shareDaysDefault,
  shareDaysMax,
} from "../../domain/ports.ts";
import type { DayAggregates } from "../../domain/samples/aggregate.ts";
import { goalKindOf, goalMetrics, goalRange } from "../../domain/samples/goals.ts";
import {
  type InsightKind,
  insightDays,
  insightKinds,
  insightsOf,
} from "../../domain/samples/insights.ts";
import { type Metric, metricOf, metrics, sleepStages } from "../../domain/samples/metrics.ts";
import {
  batchSamplesMax,
  chunkRecordsMax,
  deviceKinds,
  futureMsMax,
  recordSamplesMax,
  sampleMsMax,
} from "../../domain/samples/sample.ts";
import { recipientCharsMax, sharesLivingMax } from "../../domain/samples/share-bounds.ts";
import { toScaled, unitsOf } from "../../domain/samples/units.ts";
import { addDays, type LocalDate } from "../../domain/time.ts";
import { appleHealth } from "../../providers/apple-health.ts";
import {
  deviceIdCharsMax,
  recordIdCharsMax,
  syncIdentifierCharsMax,
} from "../../providers/sync/faults.ts";
import { metricNamed } from "../../providers/sync/names.ts";
import { stageNamed } from "../../providers/sync/sleep.ts";

const root = resolve(import.meta.dirname, "../..");
const page = readFileSync(join(root, "docs/samples.md"), "utf8");
/** Without its line breaks: what it says, wherever a line ends. */
const words = page.replaceAll(/\s*\n\s*/g, " ");

const code = (text: string) => `\`${text}\``;
const codes = (texts: readonly string[]) => texts.map(code).join(" ");
const many = (n: number) => n.toLocaleString("en-US");
const rowOf = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;

/** The rows of the table with this head, as they stand; none where there is no such table. */
function rowsUnder(head: string): string[] {
  const [, after = ""] = page.split(`\n${head}\n`);
  const [block = ""] = after.split("\n\n");
  return block.trimEnd().split("\n").slice(1);
}
const expectRows = (head: string, rows: readonly (readonly string[])[]) =>
  expect(rowsUnder(head).join("\n")).toBe(rows.map(rowOf).join("\n"));

function lasting(ms: number): string {
  if (ms === 0) return "";
  return ms < 3_600_000 ? `${ms / 60_000} min` : `${ms / 3_600_000} h`;
}

describe("its tables of metrics", () => {
  it("say of each what it is, and what becomes of it", () => {
    expectRows(
      "| metric | | unit | possible | goal | a day is | a moment holds |",
      metrics.map((metric) => {
        const { title, unit, range, goal, fold, holdMs } = metricOf(metric);
        const possible = range.map(many).join(" to ");
        const own = goal === null ? "" : many(goal);
        const day = { sum: "the sum", average: "the average", latest: "the latest" }[fold];
        return [code(metric), title, code(unit), possible, own, day, lasting(holdMs)];
      }),
    );
  });

  it("say what a goal can be", () => {
    const finely = (n: number) => n.toLocaleString("en-US", { maximumFractionDigits: 6 });
    expectRows(
      "| a goal of | in | is | from | to |",
      goalMetrics.map((metric) => {
        const [min, max] = goalRange(metric).map(finely);
        const kind = code(goalKindOf(metric) ?? "");
        return [code(metric), code(metricOf(metric).unit), kind, min ?? "", max ?? ""];
      }),
    );
  });

  it("say which units are taken", () => {
    const byUnit = new Map(metrics.map((metric) => [metricOf(metric).unit, unitsOf(metric)]));
    expectRows(
      "| unit | taken as |",
      [...byUnit].map(([unit, taken]) => [code(unit), codes(taken)]),
    );
  });

  it("say what others call it", () => {
    expectRows(
      "| metric | HealthKit | Health Connect | Open mHealth |",
      metrics.map((metric) => {
        const { healthKit, healthConnect, openMHealth } = metricOf(metric);
        return [metric, healthKit, healthConnect, openMHealth].map((name) =>
          name === null ? "" : code(name),
        );
      }),
    );
    expect(metricNamed("BloodPressureRecord")).toBeNull();
    expect(metricNamed("blood-pressure")).toBeNull();
    expect(metricNamed("Steps")).toBe("steps");
  });
});

describe("its words", () => {
  it("have the kinds of devices in their order", () => {
    expect(words).toContain(`${deviceKinds.map(code).join(", ")}.`);
  });

  it("say how steps are rounded", () => {
    expect(toScaled("steps", 10.5, "count")).toEqual({ ok: true, value: 11 });
    expect(words).toContain("10.5 steps are 11");
  });

  it("have every stage of sleep, and the words for it", () => {
    const rows = rowsUnder("| stage | sent as | |").map((row) =>
      [...(row.split("|")[2] ?? "").matchAll(/`([^`]+)`/g)].map(([, word = ""]) => word),
    );
    const named = rows.map((list) => new Set(list.map(stageNamed)));
    expect(named).toEqual([...sleepStages, "none"].map((stage) => new Set([stage])));
    for (const [i, stage] of sleepStages.entries()) expect(rows[i]).toContain(stage);
  });
});

it("its bounds are the code's", () => {
  const hours = (ms: number) => `${ms / 3_600_000} h`;
  expectRows("| bound | |", [
    ["samples in a batch", many(batchSamplesMax)],
    ["its body", `${appleHealth.facts.bodyBytesMax / 1024 / 1024} MiB`],
    ["how long a sample lasts", hours(sampleMsMax)],
    ["how far ahead of now it ends", hours(futureMsMax)],
    ["samples in a record of a provider, as the stages of a night", many(recordSamplesMax)],
    ["records of a metric by one connection in a day of UTC", many(chunkRecordsMax)],
    ["characters of a `uuid`", many(recordIdCharsMax)],
    ["characters of a sync identifier", many(syncIdentifierCharsMax)],
    ["characters of a device's id", many(deviceIdCharsMax)],
    ["devices of a member", many(devicesMax)],
    ["orders of devices", many(deviceOrdersMax)],
    ["days in a look, and in a link", many(aggregateDaysMax)],
    ["links that hold at once", many(sharesLivingMax)],
    ["days that a link is good for", `${shareDaysDefault}; ${shareDaysMax} at most`],
    ["characters of a link's recipient", many(recipientCharsMax)],
  ]);
});

const today = "2026-11-14" as LocalDate;
/** Day after day up to today, in the metric's unit. */
const daysOf = (metric: Metric, values: readonly number[]): DayAggregates[] =>
  values.map((shown, i) => {
    const value = Math.round(shown * metricOf(metric).scale);
    const aggregate = { value, min: value, max: value, count: 1, weighed: null, atMs: null };
    return {
      date: addDays(today, i + 1 - values.length),
      metrics: { [metric]: { ...aggregate, stages: null, sources: [] } },
    };
  });

/** What each kind is found in, however few days there are of it. */
const plain: Readonly<Record<InsightKind, (n: number, metric: Metric) => number[]>> = {
  trend: (n) => Array.from({ length: n }, (_, i) => 60 + i),
  streak: (n) => Array.from({ length: n }, () => 20_000),
  "sleep-debt": (n) => Array.from({ length: n }, () => 4 * 3600),
  unusual: (n, metric) => {
    const [least, most] = metricOf(metric).range;
    return [...Array.from({ length: n }, () => (least + most) / 2), most];
  },
};
function fewestDays(kind: InsightKind, metric: Metric): number | null {
  for (let n = 1; n <= 28; n++) {
    const told = insightsOf(daysOf(metric, plain[kind](n, metric)), today, {});
    if (told.some((insight) => insight.kind === kind && insight.metric === metric)) return n;
  }
  return null;
}

it("each insight is told from as many days on as its row says", () => {
  const rows = insightKinds.flatMap((kind) => {
    const byDays = new Map<number, Metric[]>();
    for (const metric of metrics) {
      const days = fewestDays(kind, metric);
      if (days !== null) byDays.set(days, [...(byDays.get(days) ?? []), metric]);
    }
    return [...byDays].map(([days, of]) => rowOf([code(kind), codes(of), `${days}`]));
  });
  const said = rowsUnder("| insight | of | days | and |").map((row) =>
    rowOf(row.slice(2).split(" | ").slice(0, 3)),
  );
  expect(said.join("\n")).toBe(rows.join("\n"));
  expect(words).toContain(`the last ${insightDays} days`);
});
