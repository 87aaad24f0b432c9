/** Installing the pages, and one build following another in a browser that has them already. */
import { cp, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { faultless, patienceMs, type Stage, stage, visit } from "./support.ts";

const soon = { timeout: patienceMs };
let on: Stage;
beforeAll(async () => {
  on = await stage();
});
afterAll(() => on.end());

interface Manifest {
  readonly name: string;
  readonly start_url: string;
  readonly display: string;
  readonly icons: readonly {
    readonly src: string;
    readonly sizes: string;
    readonly type: string;
    readonly purpose?: string;
  }[];
}

const ask = (path: string) => fetch(`${on.system.url}${path}`);
/** Width and height stand after the name of a PNG's first chunk. */
const pngSize = (bytes: Buffer) => `${bytes.readUInt32BE(16)}x${bytes.readUInt32BE(20)}`;

describe("the pages", () => {
  it("can be installed: a manifest, with icons that are what it says", async () => {
    const answer = await ask("/manifest.webmanifest");
    expect(answer.headers.get("content-type")).toContain("manifest+json");
    const manifest = (await answer.json()) as Manifest;
    expect(manifest).toMatchObject({ name: "Singlet", start_url: "/", display: "standalone" });
    for (const { src, sizes, type } of manifest.icons) {
      const icon = await ask(src);
      expect(icon.headers.get("content-type"), src).toContain(type);
      const bytes = Buffer.from(await icon.arrayBuffer());
      if (type === "image/png") expect(pngSize(bytes), src).toBe(sizes);
    }
    const sizes = manifest.icons.map((icon) => icon.sizes);
    expect(sizes).toEqual(expect.arrayContaining(["192x192", "512x512"]));
    expect(manifest.icons.some(({ purpose }) => purpose === "maskable")).toBe(true);
  });

  it("are found installable by the browser itself", async () => {
    const visitor = await visit(on);
    const cdp = await visitor.context.newCDPSession(visitor.page);
    await visitor.page.goto("/");
    await visitor.page.evaluate(() => navigator.serviceWorker.ready);
    const { errors } = await cdp.send("Page.getAppManifest");
    expect(errors).toEqual([]);
    const { installabilityErrors } = await cdp.send("Page.getInstallabilityErrors");
    // A profile for one test is one that nothing is installed into, as Chromium says by itself.
    const said = installabilityErrors.map(({ errorId }) => errorId);
    expect(said.filter((id) => id !== "in-incognito")).toEqual([]);
    faultless(visitor);
  });
});

describe("a page that came past the worker", () => {
  it("is taken over by it all the same: parts of the page need no network later", async () => {
    const visitor = await visit(on);
    const { page, context } = visitor;
    await page.goto("/");
    await page.evaluate(() => navigator.serviceWorker.ready);
    const isTaken = () => page.evaluate(() => navigator.serviceWorker.controller !== null);
    await expect.poll(isTaken, soon).toBe(true);
    const cdp = await context.newCDPSession(page);
    const loaded = page.waitForEvent("load");
    await cdp.send("Page.reload", { ignoreCache: true });
    await loaded;
    await expect.poll(isTaken, soon).toBe(true);
    faultless(visitor);
  });
});

const caches = (page: Page): Promise<string[]> => page.evaluate(() => globalThis.caches.keys());

/** The next build: one style differs, and with it the list that the worker was given. */
async function nextBuild(folder: string): Promise<void> {
  const names = await readdir(join(folder, "assets"));
  const style = names.find((name) => /^main-.*\.css$/.test(name)) ?? "";
  const next = style.replace(/^main-/, "main-next");
  await cp(join(folder, "assets", style), join(folder, "assets", next));
  for (const name of ["index.html", "service-worker.js"]) {
    const text = await readFile(join(folder, name), "utf8");
    const changed = text.replaceAll(style, next).replace(/(\\"name\\":\\")\w+/, "$1next");
    await writeFile(join(folder, name), changed);
  }
}

describe("a new build", () => {
  it("takes over from the one that a browser keeps, and the old one's files go", async () => {
    const visitor = await visit(on);
    await visitor.page.goto("/leaderboard");
    await visitor.page.evaluate(() => navigator.serviceWorker.ready);
    await expect.poll(() => caches(visitor.page), soon).toHaveLength(1);
    const [former] = await caches(visitor.page);
    await nextBuild(on.pages);
    await on.system.restart();
    await visitor.page.goto("/leaderboard");
    await visitor.page.evaluate(async () => {
      await (await navigator.serviceWorker.ready).update();
    });
    await expect.poll(() => caches(visitor.page), soon).toEqual(["pages-next"]);
    expect(former).not.toBe("pages-next");
    await visitor.context.setOffline(true);
    await visitor.page.reload();
    await visitor.page.locator("main h1").first().waitFor();
    const styles = await visitor.page.evaluate(() =>
      [...document.styleSheets].map(({ href }) => href ?? ""),
    );
    expect(styles.some((href) => href.includes("/assets/main-next"))).toBe(true);
    faultless(visitor);
  });
});
