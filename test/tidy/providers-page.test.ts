/** docs/providers.md says what the code does: every provider a row in every table, equal to its object. */
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { overlapMs, secretsMax, toleranceMs } from "../../providers/signature.ts";
import { all, doubtsOf, headOf, rowOf, tables } from "./provider-rows.ts";

const root = resolve(import.meta.dirname, "../..");
const page = readFileSync(join(root, "docs/providers.md"), "utf8");
const msPerDay = 86_400_000;
/** Without its line breaks: what it says, wherever a line ends. */
const words = page.replaceAll(/\s*\n\s*/g, " ");

/** The rows of the table with this head. */
function rowsUnder(head: string): string[] {
  const from = page.indexOf(`\n${head}\n`);
  expect(from, head).toBeGreaterThan(0);
  const [block = ""] = page.slice(from + 1).split("\n\n");
  return block.trimEnd().split("\n").slice(2);
}

describe("its tables", () => {
  it.each(tables.map(({ head }, nth) => [head[0] ?? "", nth] as const))("by %s", (_, nth) => {
    const rows = all.map((provider) => rowOf(nth, provider));
    expect(rowsUnder(headOf(nth)).join("\n")).toBe(rows.join("\n"));
  });
});

describe("its doubts", () => {
  const [, listed = ""] = page.split("\n## Doubts\n");
  it.each(all.map((provider) => [provider.name, provider] as const))("of %s", (name, provider) => {
    const parts = listed.split(/^(?=### )/m).map((part) => part.trim());
    const mine = parts.find((part) => part.startsWith(`### \`${name}\`\n`));
    expect(mine ?? "it has no part under Doubts").toBe(doubtsOf(provider));
  });
});

describe("its words", () => {
  it("have the verifier's numbers", () => {
    expect(secretsMax).toBe(4);
    expect(words).toContain("at most four count at a time");
    expect(words).toContain(`at least ${overlapMs / 3_600_000} hours`);
    expect(words).toContain(`within ${toleranceMs / 1000} s`);
  });

  it("say of each that proves nothing what a delivery of it is worth", () => {
    const told = all.filter(({ facts }) => facts.hearsay);
    const rows = rowsUnder("| provider | a delivery names | and is worth |");
    expect(rows.map((row) => row.split("`")[1])).toEqual(told.map(({ name }) => name));
    for (const name of ["withings", "coros"]) {
      const { habit } = told.find((provider) => provider.name === name) ?? {};
      const days = `the last ${(habit?.rereadMs ?? 0) / msPerDay} days`;
      expect(rows.find((row) => row.startsWith(`| \`${name}\``))).toContain(days);
    }
  });

  it("name those of whom no single record can be had", () => {
    const lists = all.filter(({ pull }) => pull?.listedDays === 0).map(({ facts }) => facts.title);
    expect(words).toContain(`**${lists.toSorted().join(" and ")} cannot be asked for one record**`);
  });

  it("say that what was switched off was", () => {
    for (const { facts } of all) if (facts.ended) expect(words).toContain(facts.ended);
  });
});
