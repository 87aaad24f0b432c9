/** What is mutated: files that are there, of the rooms that the page names, each part with its figures. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { partNames, parts } from "./parts.ts";

const root = join(import.meta.dirname, "../..");
const page = readFileSync(join(root, "docs/mutation.md"), "utf8");
const sourcesIn = (folder: string) =>
  readdirSync(join(root, folder))
    .filter((name) => name.endsWith(".ts"))
    .map((name) => `${folder}/${name}`);

describe("what is mutated", () => {
  test.each(partNames)("%s: its files and its tests are there, each once", (name) => {
    const { files, tests } = parts[name];
    for (const path of [...files, ...tests]) expect(existsSync(join(root, path)), path).toBe(true);
    expect(new Set([...files, ...tests]).size).toBe(files.length + tests.length);
  });

  test.each(partNames)("%s: the page has its figures, and names its files", (name) => {
    expect(page).toMatch(new RegExp(`^\\| ${name} \\|`, "m"));
    const section = page.split(`\n## ${name}\n`)[1]?.split("\n## ")[0] ?? "";
    for (const file of parts[name].files) expect(section, file).toContain(`\`${file}\``);
  });

  test("is every file that checks a signature, and every format of the log", () => {
    for (const file of sourcesIn("providers/signature"))
      expect(parts.signature.files).toContain(file);
    for (const file of sourcesIn("kernel/tlog")) expect(parts.log.files).toContain(file);
  });

  test("is in no two parts", () => {
    const all = partNames.flatMap((name) => parts[name].files);
    expect(new Set(all).size).toBe(all.length);
  });
});
