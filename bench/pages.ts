/** The parts of docs pages that are made of what was measured; what stands around them is written by hand. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readBaseline } from "./bill/check.ts";
import { measuredFrom } from "./capacity.ts";
import { capacityTables } from "./capacity-tables.ts";
import { performanceTables } from "./performance.ts";
import { readResults } from "./results.ts";

const docs = join(import.meta.dirname, "../docs");

/** Between two marks of a page. */
export function between(page: string, name: string, text: string): string {
  const [begin, end] = [`<!-- ${name} -->`, `<!-- end of ${name} -->`];
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`the page has no place for ${name}`);
  return `${page.slice(0, from)}${begin}\n\n${text}\n\n${page.slice(to)}`;
}

/** By page and mark. */
export async function pageParts(): Promise<Readonly<Record<string, Record<string, string>>>> {
  const results = await readResults();
  return {
    "performance.md": performanceTables(results),
    "capacity.md": capacityTables(measuredFrom(results, (await readBaseline()).facts)),
  };
}

export const capacityText = async (): Promise<string> =>
  Object.values((await pageParts())["capacity.md"] ?? {}).join("\n\n");

export async function writePages(): Promise<void> {
  for (const [file, parts] of Object.entries(await pageParts())) {
    let page = await readFile(join(docs, file), "utf8");
    for (const [name, text] of Object.entries(parts)) page = between(page, name, text);
    await writeFile(join(docs, file), page);
  }
}
