import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { fileNotes, refusals, workoutRefusals } from "../../../providers/files/session.ts";

const page = await readFile(new URL("../../../docs/errors.md", import.meta.url), "utf8");
const [, below = ""] = page.split("## What is said of a file");
const [section = ""] = below.split(/\n(?=## )/);

/** The codes in the first column of each of the section's tables. */
const tables = section
  .split(/\n\n(?=\| code \|)/)
  .slice(1)
  .map((text) => {
    const rows = text.split("\n").filter((line) => line.startsWith("| `"));
    return rows.flatMap((row) =>
      [...(row.split("|")[1] ?? "").matchAll(/`([^`]+)`/g)].map((match) => match[1]),
    );
  });

it.each([
  ["refused files", 0, refusals],
  ["workouts that are not taken", 1, workoutRefusals],
  ["notes", 2, fileNotes],
])("docs/errors.md lists the codes of %s, each once and no other", (_, table, codes) => {
  expect(tables).toHaveLength(3);
  expect(tables[table]?.toSorted()).toEqual(Object.keys(codes).sort());
});

it("every code stands beside a sentence", () => {
  for (const [code, sentence] of Object.entries({
    ...refusals,
    ...workoutRefusals,
    ...fileNotes,
  })) {
    expect(code).toMatch(/^[a-z-]+$/);
    expect(sentence).toMatch(/^[A-Z].+\.$/);
  }
});
