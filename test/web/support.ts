/**
 * The pages in Debian's Chromium, against a system of their own. Whatever a page does that it promised
 * not to is written down from the first request on: another host asked, a policy broken, an error of
 * a script, a reading in an address. `faultless` says whether there was any.
 */
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { expect, onTestFinished, TestRunner } from "vitest";
import { buildPages, pagesFolder } from "../../local/pages.ts";
import { type People, setUpPeople } from "../../local/people.ts";
import type { System, SystemOptions } from "../../local/system.ts";
import { type OwnSystem, ownSystem } from "../system/support.ts";

export const chromiumPath = process.env.CHROMIUM_PATH ?? "/usr/bin/chromium";
/** One look, one press: longer than any answer here takes on a busy machine. */
export const patienceMs = 30_000;
export const phone = { width: 360, height: 780 };
export const desk = { width: 1440, height: 900 };

export interface Stage {
  readonly system: System;
  readonly people: People;
  readonly browser: Browser;
  readonly state: string;
  /** What it serves, as it was built. */
  readonly pages: string;
  end(): Promise<void>;
}

let launched: Promise<Browser> | undefined;

/** The one of this process, in which every visit has a profile of its own; it ends with the process. */
async function openBrowser(): Promise<Browser> {
  const running = await launched;
  if (running?.isConnected()) return running;
  const args = ["--no-sandbox", "--disable-gpu"];
  launched = chromium.launch({ executablePath: chromiumPath, args });
  return launched;
}

/** For whoever ends by itself once nothing is open any more. */
export async function closeBrowser(): Promise<void> {
  await (await launched)?.close();
}

/** A system that serves the pages, its people, and a browser. */
export async function stage(options: Omit<SystemOptions, "state" | "pages"> = {}): Promise<Stage> {
  await buildPages();
  // A copy: the next build takes nothing away from whom this one is shown to.
  const pages = await mkdtemp(join(tmpdir(), "singlet-pages-"));
  await cp(pagesFolder, pages, { recursive: true });
  const own: OwnSystem = await ownSystem({ ...options, pages });
  const [people, browser] = await Promise.all([setUpPeople(own.system), openBrowser()]);
  return {
    ...{ system: own.system, state: own.state, pages, people, browser },
    async end() {
      await Promise.all(browser.contexts().map((context) => context.close()));
      await own.end();
      await rm(pages, { recursive: true, force: true });
    },
  };
}

export interface Visit {
  readonly page: Page;
  readonly context: BrowserContext;
  /** What a page of the profile did that it must not; empty: nothing. */
  readonly faults: string[];
  /** Every request of its pages' own, in order. */
  readonly requests: { readonly method: string; readonly url: string; readonly type: string }[];
}

interface VisitOptions {
  readonly size?: { readonly width: number; readonly height: number };
  readonly dark?: boolean;
  /** Longer than the test that asked for it. */
  readonly stays?: boolean;
}

/** A browser profile of its own, with nothing kept; gone with the test that asked for it. */
export async function visit(stage: Stage, options: VisitOptions = {}): Promise<Visit> {
  const made = await profile(stage, options);
  const isOfTest = TestRunner.getCurrentTest() !== undefined && options.stays !== true;
  if (isOfTest) onTestFinished(() => made.context.close());
  return made;
}

async function profile({ system, browser }: Stage, options: VisitOptions): Promise<Visit> {
  const context = await browser.newContext({
    baseURL: system.url,
    viewport: options.size ?? desk,
    colorScheme: options.dark ? "dark" : "light",
    locale: "en-GB",
    timezoneId: "Europe/Amsterdam",
    reducedMotion: "reduce",
  });
  context.setDefaultTimeout(patienceMs);
  const faults: string[] = [];
  const requests: Visit["requests"] = [];
  context.on("page", (page) => {
    routeSurely(page, system.url);
    page.on("pageerror", (error) => faults.push(`script: ${error.message}`));
    page.on("console", (message) => {
      if (/Content Security Policy|Trusted ?Type/i.test(message.text()))
        faults.push(`policy: ${message.text()}`);
    });
    page.on("request", (request) => {
      const { origin, pathname } = new URL(request.url());
      if (pathname === probe) return;
      const isOurs = page.url() === "about:blank" || new URL(page.url()).origin === system.url;
      requests.push({ method: request.method(), url: request.url(), type: request.resourceType() });
      // Leaving for the issuer or a provider is the member's own step; fetching from there is not.
      const isLeaving = request.isNavigationRequest() && request.frame() === page.mainFrame();
      if (isOurs && !isLeaving && origin !== system.url && !request.url().startsWith("blob:"))
        faults.push(`another host: ${request.url()}`);
    });
  });
  return { page: await context.newPage(), context, faults, requests };
}

const probe = "/is-routed";
const probesMax = 20;
const turnsMax = 10;

/**
 * What a page asks after `route` may slip past it. On a busy machine the browser tells the page's own
 * process of it some moments later; and after two navigations in a row (seen in 1 of 3 pairs, with a
 * service worker) not at all until it is told anew. So something is asked until it is caught.
 */
function routeSurely(page: Page, url: string): void {
  const route = page.route.bind(page);
  const isCaught = async (): Promise<boolean> => {
    const status = page.evaluate(async (path) => {
      const answer = await fetch(path, { cache: "no-store" });
      return answer.status;
    }, probe);
    return (await status.catch(() => 0)) === 204;
  };
  const isSure = async (): Promise<boolean> => {
    await route(`**${probe}`, (caught) => caught.fulfill({ status: 204 }));
    let isRouted = false;
    for (let n = 0; n < probesMax && !isRouted; n++) isRouted = await isCaught();
    await page.unroute(`**${probe}`);
    return isRouted;
  };
  page.route = async (address, handler, options) => {
    for (let turn = 0; turn < turnsMax; turn++) {
      const routed = await route(address, handler, options);
      if (!page.url().startsWith(url) || (await isSure())) return routed;
      await page.unroute(address, handler);
    }
    throw new Error(`Nothing that ${page.url()} asks is caught.`);
  };
}

/** As people do: the page's button, the issuer's page, and back to where it began. */
export async function signIn({ page }: Visit, name: string, path = "/leaderboard"): Promise<void> {
  await page.goto(path);
  await page.getByRole("banner").getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("button", { name: new RegExp(name, "i") }).click();
  await page.getByRole("button", { name: "Sign in" }).waitFor({ state: "detached" });
  await page.waitForURL((url) => url.pathname === path);
}

const shared = new WeakMap<Stage, Map<string, Promise<Visit>>>();

/**
 * Somebody signed in, at a path: one profile for every test that asks for them alike, since to come
 * in anew costs more than most tests. Nobody stands between page and system any more, and what it
 * asked before is forgotten; its faults and what it keeps of the pages stay.
 */
export async function signedIn(
  on: Stage,
  name: string,
  path = "/leaderboard",
  options: VisitOptions = {},
): Promise<Visit> {
  const visits = shared.get(on) ?? new Map<string, Promise<Visit>>();
  shared.set(on, visits);
  const key = JSON.stringify([name, options]);
  const known = visits.get(key);
  if (known === undefined) {
    const made = profile(on, options).then(async (visitor) => {
      await signIn(visitor, name, path);
      return visitor;
    });
    visits.set(key, made);
    return made;
  }
  const visitor = await known;
  const { page, context, requests } = visitor;
  await page.unrouteAll({ behavior: "ignoreErrors" });
  await context.setOffline(false);
  await page.setViewportSize(options.size ?? desk);
  requests.length = 0;
  await page.goto(path);
  return visitor;
}

/** A card that has something to show, or says that there is nothing. */
export async function settled(page: Page, card: string): Promise<void> {
  await page.locator(`[data-card="${card}"]:not([data-state="loading"])`).first().waitFor();
}

/** No card on the page is loading any more. */
export async function allSettled(page: Page): Promise<void> {
  await page.locator("[data-card]").first().waitFor();
  await noneLoading(page);
}

/** Looked at by the browser itself, ever more rarely: asking it each moment costs it more than a page. */
export const noneLoading = (page: Page): Promise<void> =>
  page
    .locator('[data-card][data-state="loading"]')
    .first()
    .waitFor({ state: "detached", timeout: patienceMs });

export const faultless = ({ faults }: Visit) => expect(faults).toEqual([]);
