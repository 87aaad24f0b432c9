/** A page of the log as auditors keep it. */
import { describe, expect, it } from "vitest";
import type { ShownEntry } from "../../domain/ports.ts";
import { entryRow, formatEntries } from "../../workers/edge/entries-format.ts";

const entry = (changes: Partial<ShownEntry> = {}): ShownEntry => ({
  place: { log: 2, index: 9 },
  closedBy: 12,
  atMs: 1_794_700_000_000,
  deed: "read-readings",
  action: "view",
  actor: "m_1",
  actorName: "Cora",
  actorRole: "coach",
  member: "ab".repeat(16),
  columns: ["heart_rate", "track"],
  purpose: "coaching",
  outcome: "permitted",
  ground: "own",
  rows: 2,
  ...changes,
});

describe("CSV of entries", () => {
  it("has a header and a line for each, in one order", () => {
    expect(formatEntries("csv", [entry(), entry({ closedBy: null, actorName: null })])).toBe(
      [
        "entry,at,deed,action,actor,name,role,member,columns,purpose,outcome,ground,records,closedBy",
        `2/9,2026-11-14T23:46:40.000Z,read-readings,view,m_1,Cora,coach,${"ab".repeat(16)},heart_rate track,coaching,permitted,own,2,2/12`,
        `2/9,2026-11-14T23:46:40.000Z,read-readings,view,m_1,,coach,${"ab".repeat(16)},heart_rate track,coaching,permitted,own,2,`,
        "",
      ].join("\r\n"),
    );
  });

  it.each([
    ["=HYPERLINK(A1)", "'=HYPERLINK(A1)"],
    [" +1", "' +1"],
    ["@x", "'@x"],
    ['a,"b"', '"a,""b"""'],
    ["-1\r\n2", '"\'-1\r\n2"'],
  ])("runs no name in a spreadsheet: %j", (actorName, cell) => {
    const [, line = ""] = formatEntries("csv", [entry({ actorName })]).split(/\r\n(?=2\/9)/);
    expect(line).toContain(`,m_1,${cell},coach,`);
  });

  it("names every column of an entry", () => {
    const [header] = formatEntries("csv", []).split("\r\n");
    expect(header?.split(",")).toEqual(Object.keys(entryRow(entry())));
  });
});

it("lines of JSON hold what the JSON page holds", () => {
  const entries = [entry(), entry({ actorName: "two\nlines" })];
  const lines = formatEntries("ndjson", entries).split("\n");
  expect(lines.pop()).toBe("");
  expect(lines.map((line) => JSON.parse(line))).toEqual(entries.map(entryRow));
});
