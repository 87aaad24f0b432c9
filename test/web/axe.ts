/** axe-core over a page as it stands: every violation that is serious or worse, by rule and place. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";

const source = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

interface Violation {
  readonly id: string;
  readonly impact: string | null;
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
}

interface Axe {
  run(
    context: { readonly exclude: readonly string[] },
    options: { readonly resultTypes: readonly string[] },
  ): Promise<{ readonly violations: Violation[] }>;
}

/** React Aria's words for ears alone, gone within seconds: a name by reference stands there as an image. */
const spoken = "[data-live-announcer]";

export async function seriousViolations(page: Page): Promise<string[]> {
  if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(source);
  const violations = await page.evaluate(async (but) => {
    const { axe } = globalThis as unknown as { axe: Axe };
    // All rules are tried; of what passes, which nobody asks for, it need not tell every place.
    const { violations: found } = await axe.run(
      { exclude: [but] },
      { resultTypes: ["violations"] },
    );
    return found;
  }, spoken);
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) => nodes.map((n) => `${id}: ${n.html} ${n.failureSummary ?? ""}`));
}
