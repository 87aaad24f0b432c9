/**
 * What a page may weigh, measured from the wire: bytes are gzip's of what the browser asked for, as
 * the edge sends them; of each page what it needs beyond the first load.
 */
import { gzipSync } from "node:zlib";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { tellDays, yesterday } from "./day-story.ts";
import {
  faultless,
  noneLoading,
  patienceMs,
  type Stage,
  signIn,
  stage,
  type Visit,
  visit,
} from "./support.ts";

const kib = 1_024;
const bounds = { firstLoadBytes: 200 * kib, pageBytes: 60 * kib, chartBytes: 150 * kib };
const isChart = (path: string) => path.includes("/chart-drawing-");

let on: Stage;
beforeAll(async () => {
  on = await stage();
  await tellDays(on.system, on.people.members.ada);
});
afterAll(() => on.end());

/** Every file that came for a page and its worker, with what it weighs on the way. */
async function weighed({ context }: Visit): Promise<Map<string, number>> {
  const files = new Map<string, number>();
  context.on("response", async (response) => {
    const { origin, pathname } = new URL(response.url());
    if (origin !== on.system.url || pathname.startsWith("/v1/")) return;
    const body = await response.body().catch(() => null);
    if (body !== null) files.set(pathname, gzipSync(body).byteLength);
  });
  return files;
}
const sum = (files: Iterable<number>): number => [...files].reduce((all, n) => all + n, 0);

async function openAt(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await page.locator("main h1").first().waitFor();
  await noneLoading(page);
}

describe("the first load", () => {
  it("of the leaderboard is small, what its worker keeps included, and brings no charts", async () => {
    const visitor = await visit(on);
    const files = await weighed(visitor);
    await openAt(visitor.page, "/leaderboard");
    await visitor.page.evaluate(() => navigator.serviceWorker.ready);
    expect(files.size).toBeGreaterThan(4);
    expect([...files.keys()].filter(isChart)).toEqual([]);
    expect(sum(files.values())).toBeLessThanOrEqual(bounds.firstLoadBytes);
    faultless(visitor);
  });
});

const names = [
  ...["leaderboard", "day", "workouts", "data", "coach", "operations", "audit"],
  ...["artist", "stores"],
];

describe("a page of its own", () => {
  it.each(names)("weighs little beyond the first load, its charts apart: %s", async (name) => {
    const visitor = await visit(on);
    const first = await weighed(visitor);
    await openAt(visitor.page, "/no-such-page");
    const shell = new Set(first.keys());
    await visitor.page.goto(`/${name}`);
    await visitor.page.locator("main h1").first().waitFor();
    await visitor.page.waitForLoadState("networkidle");
    const own = () =>
      [...first].filter(([path]) => path.startsWith("/assets/") && !shell.has(path));
    // A body is told a moment after the page has run it.
    await expect.poll(() => own().length, { timeout: patienceMs }).toBeGreaterThan(0);
    const plain = own()
      .filter(([path]) => !isChart(path))
      .map(([, bytes]) => bytes);
    expect(sum(plain)).toBeLessThanOrEqual(bounds.pageBytes);
  });

  it("loads the charts' part when the first chart is shown, and it is bounded", async () => {
    const ada = await visit(on);
    const files = await weighed(ada);
    await signIn(ada, "Ada");
    await openAt(ada.page, "/day");
    await ada.page.goto(`/day/${yesterday}/steps`);
    await ada.page.getByRole("img").first().waitFor();
    await expect
      .poll(() => [...files.keys()].filter(isChart).length, { timeout: patienceMs })
      .toBe(1);
    const charts = [...files].filter(([path]) => isChart(path)).map(([, bytes]) => bytes);
    expect(sum(charts)).toBeLessThanOrEqual(bounds.chartBytes);
  });
});
