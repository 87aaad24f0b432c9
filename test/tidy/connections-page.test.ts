/** docs/connections.md says what the code does: budgets, states, reasons, alerts and columns. */
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { explain, thresholds } from "../../domain/alerts.ts";
import { callsToJudgeMin, failuresInRowMax, judgedMs, openMs } from "../../domain/breaker.ts";
import { defaultBudget } from "../../domain/budget.ts";
import { doubtedFrom, vainMax, vainMs } from "../../domain/doubt.ts";
import { keysMax } from "../../domain/gate.ts";
import { callClasses, connectionReasons, connectionStates } from "../../domain/ports.ts";
import { healthColours, healthThresholds } from "../../domain/provider-health.ts";
import { providers } from "../../providers/index.ts";
import type { Provider } from "../../providers/provider.ts";

// By address: these rooms are checked against the platform's types, these tests against Node's.
const load = (path: string) =>
  import(/* @vite-ignore */ new URL(`../../${path}`, import.meta.url).href);
const { authorisationMs, referenceMs } = await load("workers/edge/authorisation.ts");
const { missingAfterMs }: { missingAfterMs: readonly number[] } = await load(
  "durable-objects/connection-pull.ts",
);
const { unfinishedAfterMs }: { unfinishedAfterMs: readonly number[] } = await load(
  "durable-objects/connection-items.ts",
);
const { samplesHistoryDays } = await load("durable-objects/connection-samples-history.ts");
const { hintsMax } = await load("durable-objects/connection-pending.ts");
const { hadMax } = await load("durable-objects/connection-had.ts");
const { refusedToldAgainMs } = await load("durable-objects/connection-told.ts");
const { keyEveryMs } = await load("workers/edge/member-keys.ts");
const { memberItemsMax } = await load("workers/edge/routes/webhooks.ts");

const root = resolve(import.meta.dirname, "../..");
const page = readFileSync(join(root, "docs/connections.md"), "utf8");
/** Without its line breaks: what it says, wherever a line ends. */
const words = page.replaceAll(/\s*\n\s*/g, " ");
const all: readonly Provider[] = Object.values(providers);
/** Those that are ever asked for anything of a member's. */
const linked = all.filter((p) => p.link !== undefined);
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

  it("goes as far back with samples as the page says", () => {
    expect(words).toContain(`History is ${samplesHistoryDays} days of them`);
  });
});

describe("linking", () => {
  it("by a word has its bounds", () => {
    expect(referenceMs).toBe(86_400_000);
    expect(words).toContain("good for a day, for one account, and once");
    expect(authorisationMs).toBe(600_000);
    expect(words).toContain("good for ten minutes and once");
  });

  it("by a key of the member's own has its bounds", () => {
    expect(keyEveryMs).toBe(60_000);
    expect(words).toContain("once a minute at most (429 `too-many`");
    expect(words).toContain(`of at most ${memberItemsMax.toLocaleString("en-US")} items`);
    for (const { name } of all.filter((p) => p.memberKey !== undefined))
      expect(bare(table("`POST /v1/connections/<provider>`")[2]?.[0])).toContain(name);
  });
});

describe("a record that is not found yet", () => {
  it("is asked for again when the page says", () => {
    const [first = 0, ...others] = missingAfterMs;
    const minutes = others.map((ms) => ms / 60_000).join(" and ");
    expect(words).toContain(`asked again after ${first / 1000} s, ${minutes} minutes`);
  });
});

describe("what is not read again, or once more", () => {
  it("is what the page says", () => {
    expect(words).toContain(`Of its newest ${hadMax.toLocaleString("en-US")} records`);
    const [first, second, third] = unfinishedAfterMs.map((ms) => ms / 60_000);
    expect(unfinishedAfterMs).toHaveLength(3);
    expect(words).toContain(`after ${first}, then ${second}, then ${third} minutes`);
  });
});

describe("hints", () => {
  it("are followed as far as the page says", () => {
    expect(vainMs).toBe(3_600_000);
    const rows = table("| then").map(([what]) => what);
    expect(rows).toContain(`${doubtedFrom} were, within an hour`);
    expect(rows).toContain(`${vainMax} were, within an hour`);
    expect(rows).toContain(`${hintsMax} named records wait`);
    expect(words).toContain(`some ${vainMax + 2} calls an hour`);
  });
});

describe("subscriptions of members", () => {
  it("are told as often as the page says", () => {
    const said = table("provider | needs | what is said").map(([name, , , after]) => [
      bare(name),
      after,
    ]);
    const told = all.flatMap(({ name, memberSubscription }) =>
      memberSubscription ? [[name, `${memberSubscription.everyMs / 86_400_000} days`]] : [],
    );
    expect(said).toEqual(told);
    expect(refusedToldAgainMs).toBe(86_400_000);
    expect(words).toContain("what is refused after a day");
  });
});

describe("subscriptions", () => {
  it("are those that are seen to, and need what the page says", () => {
    const rows = table("provider | needs | what is seen to").map(
      ([name, needs = ""]) => [bare(name), needs] as const,
    );
    const seen = all.filter((p) => p.subscription !== undefined);
    expect(rows.map(([name]) => name)).toEqual(seen.map(({ name }) => name));
    for (const [i, { subscription }] of seen.entries())
      for (const need of subscription?.needs ?? [])
        expect(rows[i]?.[1]).toContain(need === "project" ? "`PROVIDER_PROJECTS`" : `\`${need}\``);
  });

  it("show the last keys, as many as are kept", () => {
    expect(words).toContain(`of the last ${{ 8: "eight" }[keysMax]};`);
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

  it("every colour has its line, with its thresholds", () => {
    const rows = new Map(table("colour |").map(([name, when = ""]) => [bare(name), when]));
    expect([...rows.keys()].sort()).toEqual([...healthColours].sort());
    const { quotaPercent, freshnessP90Ms, failedPercent, callsMin } = healthThresholds;
    const yellow = rows.get("yellow");
    expect(yellow).toContain(`${quotaPercent} % of a window`);
    expect(yellow).toContain(`p90 is over ${freshnessP90Ms / 60_000} minutes`);
    expect(yellow).toContain(
      `${failedPercent} % of at least ${callsMin} calls of the last ${judgedMs / 60_000} minutes`,
    );
    expect(yellow).toContain(`behind for more than ${thresholds.behindMs / 3_600_000} hours`);
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
