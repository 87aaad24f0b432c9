/** What every page keeps to: whom it may ask, what may run in it, and where no reading ever stands. */
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join, relative } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { call, expectStatus } from "../../local/people.ts";
import { addresses, type Looker } from "./addresses.ts";
import { keptBytes } from "./kept.ts";
import { faultless, noneLoading, patienceMs, type Stage, signIn, stage, visit } from "./support.ts";
import { athleteOf, settledAt, tellLater } from "./workouts-story.ts";

/** Readings that nothing else here is like. */
const told = { steps: 148_417, weight: 83.479, beats: 173, title: "Zebra canary loop 17" };
const canaries = ["148417", "148,417", "83.479", "canary-watch-9f3b", told.title];
const centre = { lat: 47.123_456, lon: 8.654_321 };
const places = ["47.12", "8.65"];

const lines: string[] = [];
let on: Stage;
let workout = "";
beforeAll(async () => {
  on = await stage({ onLog: (line) => lines.push(line) });
  const ada = athleteOf(on, "ada");
  const startDate = new Date(Date.now() - 60_000).toISOString();
  const sourceDevice = { id: "canary-watch-9f3b", kind: "watch", model: "Watch7,1" };
  const sample = { startDate, endDate: startDate, sourceDevice };
  const samples = [
    { ...sample, type: "steps", value: told.steps, unit: "count" },
    { ...sample, type: "weight", value: told.weight, unit: "kg" },
  ];
  const { token } = ada;
  expectStatus(await call(on.system.url, "POST", "/v1/sync", { token, body: { samples } }), 200);
  await tellLater(on, ada, 0, { title: told.title, centre, heartRateBase: told.beats });
  workout = (await settledAt(on, ada, 1, 1))[0]?.id ?? "";
});
afterAll(() => on.end());

const require = createRequire(import.meta.url);

/** What React Aria writes into a page, word for word as it is installed. */
async function wordsOf(file: string, mark: string): Promise<string> {
  const path = join(require.resolve("react-aria/package.json"), "../dist/private", file);
  const source = await readFile(path, "utf8");
  const [, text = ""] = source.slice(source.indexOf(mark)).match(/textContent = `([^`]*)`/) ?? [];
  return text.replace(/\$\{[^}]*PRESSABLE_ATTRIBUTE\}/, "data-react-aria-pressable").trim();
}
const hashOf = (text: string) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

describe("what the pages are sent with", () => {
  it("is the same policy for every file, and lets in nothing written into a page", async () => {
    const styles = [
      hashOf(await wordsOf("interactions/usePress.mjs", "style.id =")),
      hashOf(await wordsOf("overlays/usePreventScroll.mjs", "must be applied")),
    ];
    const policy = [
      ...["default-src 'none'", "script-src 'self'", `style-src 'self' ${styles.join(" ")}`],
      ...["img-src 'self'", "connect-src 'self'", "manifest-src 'self'", "worker-src 'self'"],
      ...["base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"],
      ...["require-trusted-types-for 'script'", "trusted-types singlet"],
    ].join("; ");
    const entries = await readdir(on.pages, { recursive: true, withFileTypes: true });
    const files = entries
      .filter((entry) => entry.isFile() && entry.name !== "_headers")
      .map((entry) => `/${relative(on.pages, join(entry.parentPath, entry.name))}`);
    expect(files.length).toBeGreaterThan(15);
    for (const path of [...files, "/", "/day", "/no-such-page"]) {
      const { headers } = await fetch(`${on.system.url}${path}`);
      expect(headers.get("content-security-policy"), path).toBe(policy);
      expect(headers.get("x-content-type-options"), path).toBe("nosniff");
      expect(headers.get("referrer-policy"), path).toBe("no-referrer");
      expect(headers.get("cross-origin-opener-policy"), path).toBe("same-origin");
      expect(headers.get("strict-transport-security"), path).toContain("max-age=");
      expect(headers.get("permissions-policy"), path).toContain("geolocation=()");
      expect(headers.get("set-cookie"), path).toBeNull();
    }
    expect(policy).not.toMatch(/unsafe/);
  });

  it("has no word of it in the document but the places of its script and style", async () => {
    const document = await readFile(join(on.pages, "index.html"), "utf8");
    expect(document).not.toMatch(/<style|<script(?![^>]* src=)|\son\w+=|\sstyle=/i);
    expect(document.match(/https?:\/\//)).toBeNull();
  });

  it.each([
    ["/docs", 200],
    ["/shared", 200],
    ["/oauth/garmin/callback", 422],
  ])("holds likewise where the edge writes the page itself: %s", async (path) => {
    const answer = await fetch(`${on.system.url}${path}`);
    const policy = answer.headers.get("content-security-policy") ?? "";
    const text = await answer.text();
    expect(policy).toMatch(/^default-src 'none'; /);
    expect(policy).not.toMatch(/unsafe|https?:/);
    expect(policy).toContain("frame-ancestors 'none'");
    const style = /<style>([\s\S]*?)<\/style>/.exec(text)?.[1] ?? "";
    expect(policy).toContain(`style-src ${hashOf(style)};`);
    const visitor = await visit(on);
    await visitor.page.goto(path);
    const width = await visitor.page.evaluate(() => getComputedStyle(document.body).maxWidth);
    expect(width, "its own style holds").not.toBe("none");
    faultless(visitor);
  });

  it("lets no text become markup, and nobody frame a page", async () => {
    const { page } = await visit(on);
    await page.goto("/leaderboard");
    await page.locator("main h1").first().waitFor();
    const becomes = await page.evaluate(() => {
      try {
        document.createElement("p").innerHTML = "<b>text</b>";
        return "markup";
      } catch (error) {
        return (error as Error).name;
      }
    });
    expect(becomes).toBe("TypeError");
    await page.addScriptTag({ content: "globalThis.hasRun = true" }).catch(() => null);
    expect(await page.evaluate(() => "hasRun" in globalThis)).toBe(false);
    const outside = await (await visit(on)).context.newPage();
    await outside.setContent(`<iframe src="${on.system.url}/leaderboard"></iframe>`);
    await expect
      .poll(() => outside.frames().map((frame) => frame.url()), { timeout: patienceMs })
      .toContain("chrome-error://chromewebdata/");
  });
});

describe("going through every page", () => {
  const found: string[] = [];
  const has = (where: string, text: string, words: readonly string[]) => {
    for (const word of words) if (text.includes(word)) found.push(`${word} in ${where}`);
  };

  it.each(Object.keys(addresses) as Looker[])("asks nobody else, as %s", async (who) => {
    const visitor = await visit(on);
    if (who !== "visitor") await signIn(visitor, who);
    const paths: string[] = [...addresses[who]];
    if (who === "Ada") paths.push(`/workouts/${workout}`);
    for (const path of paths) {
      await visitor.page.goto(path);
      await visitor.page.locator("main h1").first().waitFor();
      await noneLoading(visitor.page);
      for (const name of [/^Show .*heart rate/i, /^Show .*track/i]) {
        const show = visitor.page.getByRole("button", { name }).first();
        if ((await show.count()) > 0) await show.click();
      }
      await noneLoading(visitor.page);
      has(`the address of ${path}`, decodeURIComponent(visitor.page.url()), canaries);
    }
    const looks = visitor.requests.filter(({ url }) => /\/readings\/(heart_rate|track)/.test(url));
    expect(looks.length >= 2).toBe(who === "Ada");
    for (const { url } of visitor.requests)
      has(`a request's address`, decodeURIComponent(url), [...canaries, ...places]);
    const { databases, rest } = await keptBytes(visitor.page);
    has("a database", databases, [...canaries, ...places, who]);
    has("a storage or a cache", rest, canaries);
    faultless(visitor);
  });

  it("left no reading in an address, a storage, a cache or a line of the log", () => {
    expect(lines.length).toBeGreaterThan(100);
    for (const line of lines) has("the log", line, [...canaries, ...places]);
    expect(found).toEqual([]);
  });
});
