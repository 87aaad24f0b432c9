/** docs/connections.md says what the code does: budgets, states, reasons, alerts and columns. */
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { explain, thresholds } from "../../domain/alerts.ts";
import { callsToJudgeMin, failuresInRowMax, judgedMs, openMs } from "../../domain/breaker.ts";
import { defaultBudget } from "../../domain/budget.ts";
import { callClasses, connectionReasons, connectionStates } from "../../domain/ports.ts";
import { providers } from "../../providers/index.ts";
import type { Provider } from "../../providers/provider.ts";

const root = resolve(import.meta.dirname, "../..");
const page = readFileSync(join(root, "docs/connections.md"), "utf8");
const linked = (Object.values(providers) as readonly Provider[]).filter(
  (p) => p.link !== undefined,
);
const numberOf = (text = "") => Number(text.replaceAll(",", ""));

/** Rows of the table whose head begins so: each cell's text. */
function table(head: string): string[][] {
  const from = page.indexOf(`\n| ${head}`);
  expect(from, head).toBeGreaterThan(0);
  const [block = ""] = page.slice(from + 1).split("\n\n");
  const rows = block.split("\n").slice(2);
  return rows.map((row) =>
    row
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}
const bare = (cell = "") => cell.replaceAll("`", "");

describe("budgets", () => {
  it("are those of each provider that is called", () => {
    const said = table("provider | window").map(([provider, window, calls, by]) => [
      bare(provider),
      window,
      numberOf(calls),
      by === "all" ? "app" : "member",
    ]);
    const stated = linked.flatMap(({ name, budget = defaultBudget }) =>
      (["app", "member"] as const).flatMap((by) =>
        budget[by].map((window) => [name, window.name, window.calls, by]),
      ),
    );
    expect(said).toEqual(stated);
  });

  it("leave to live data what the page says, and more than an alert begins at", () => {
    const [, said = ""] = /starves it: ([^.]+)\./.exec(page) ?? [];
    const shares = linked.map(({ name, budget = defaultBudget }) => {
      expect(100 * (1 - budget.reserve), name).toBeLessThan(thresholds.quotaPercent);
      return `${Math.round(100 * budget.reserve)} % of \`${name}\``;
    });
    expect(said.replaceAll("\n", " ").split(", ")).toEqual(shares);
    const [calls] = defaultBudget.app;
    expect(page).toContain(`${calls?.calls} calls a ${calls?.name}.`);
  });

  it("the breaker opens when the page says", () => {
    expect(page.replaceAll("\n", " ")).toContain(
      `opens after ${failuresInRowMax} failures in a row, or when half of at least ` +
        `${callsToJudgeMin} calls in ${judgedMs / 60_000} minutes fail: nobody asks for ` +
        `${openMs / 60_000} minutes`,
    );
  });
});

describe("reading", () => {
  it("again after silence, and history, are each provider's own", () => {
    const days = (ms: number) => `${ms / 86_400_000} day${ms === 86_400_000 ? "" : "s"}`;
    const rows = new Map(table("provider | says").map((row) => [bare(row[0]), row]));
    for (const { name, habit, backfill } of linked) {
      const [, , silent, history] = rows.get(name) ?? [];
      expect(silent).toBe(habit?.silentMs ? days(habit.silentMs) : "never");
      expect(history).toContain(`${backfill?.days} days`);
      expect(history).toContain(`steps of ${backfill?.stepDays}`);
    }
    expect(rows.size).toBe(linked.length);
  });
});

describe("the words", () => {
  it("every state and every reason has its line", () => {
    expect(table("state |").map(([state]) => bare(state))).toEqual([...connectionStates]);
    expect(table("`why` |").map(([why]) => bare(why))).toEqual([...connectionReasons]);
  });

  it("every alert has its line and its sentence", () => {
    const rows = table("alert |").map(([name, when]) => [bare(name), when] as const);
    expect(rows.length).toBeGreaterThan(5);
    for (const [name] of rows)
      expect(explain({ name, value: 1 }).text).not.toContain("another version");
    const said = new Map(rows);
    expect(numberOf(/[\d,]+/.exec(said.get("queue-depth") ?? "")?.[0])).toBe(thresholds.queueDepth);
    expect(said.get("members-behind")).toContain(`more than ${thresholds.membersBehind} members`);
    expect(said.get("members-behind")).toContain(`${thresholds.behindMs / 3_600_000} hours`);
    expect(said.get("quota:<provider>:<window>")).toContain(`${thresholds.quotaPercent} %`);
  });

  it("the columns of calls stand in the code's order", () => {
    const [, gate = []] = table("`blob1` |");
    const said = [...(gate[2] ?? "").matchAll(/`double(\d+)` (\w+)/g)].map(([, n, name]) => [
      n,
      name,
    ]);
    const calls = callClasses.map((name, i) => [String(10 + i), name]);
    expect(said.slice(-calls.length)).toEqual(calls);
  });
});

describe("the sums of what it costs", () => {
  const rows = table("each waking |");
  const column = (i: number) => rows.slice(0, -1).map((row) => numberOf(row[i]));
  const sum = (numbers: number[]) => numbers.reduce((all, n) => all + n, 0);

  it("add up", () => {
    const [rowsWritten = 0, requests = 0] = [sum(column(2)), sum(column(3))];
    expect(rows.at(-1)?.slice(2)).toEqual([`**${rowsWritten}**`, `**${requests}**`]);
    const inD1 = sum(
      rows.filter((row) => /D1|warehouse/.test(row[1] ?? "")).map((row) => numberOf(row[2])),
    );
    const costs = table("a day |");
    const named = costs.map(([what = "", day = ""]) => `${what} = ${day}`);
    expect(named).toContain(`rows written in D1: ${inD1} = ${(inD1 * 0.3).toFixed(1)} million`);
    const rest = rowsWritten - inD1;
    expect(named).toContain(
      `rows written in objects: ${rest} = ${(rest * 0.3).toFixed(1)} million`,
    );
    const dollars = costs.slice(0, -1).map((row) => numberOf((row[3] ?? "").replace("$", "")));
    expect(costs.at(-1)?.[3]).toBe(`**$${sum(dollars)}**`);
  });
});
