/**
 * Puts the cards of a page into each state that they have (web/design/card-state.ts) by what happens on
 * the wire between the browser and the running system: answers that are late, refused, cut off.
 */
import type { Page, Route } from "playwright-core";
import { expect } from "vitest";
import { allSettled, patienceMs } from "./support.ts";

/** Who is looking is always answered: a page that knows nobody shows no cards. */
const always = /\/v1\/(me|sign-in)(\?|$)/;
const asked = (url: URL) => url.pathname.startsWith("/v1/") && !always.test(url.pathname);

const refused = JSON.stringify({
  type: "urn:singlet:problem:unavailable",
  title: "A part of the system cannot be reached.",
  status: 503,
  requestId: "00000000-0000-4000-8000-000000000000",
});
export const refuse = (route: Route): Promise<void> =>
  route.fulfill({ status: 503, contentType: "application/problem+json", body: refused });
export const cutOff = (route: Route): Promise<void> => route.abort("internetdisconnected");

/** Each card's state, by its name; of two of one name the first. */
const statesOf = (page: Page, cards: readonly string[]): Promise<Record<string, string>> =>
  page.locator("[data-card]").evaluateAll((all, wanted) => {
    const of = (name: string) =>
      all.find((card) => card.getAttribute("data-card") === name)?.getAttribute("data-state");
    return Object.fromEntries(wanted.map((name) => [name, of(name) ?? "not there"]));
  }, cards);

const allAre = (cards: readonly string[], state: string) =>
  Object.fromEntries(cards.map((card) => [card, state]));

/** All are looked at together and not too often: each look costs the browser. */
const lookMs = 200;

export async function expectCards(
  page: Page,
  cards: readonly string[],
  state: string,
): Promise<void> {
  await expect
    .poll(() => statesOf(page, cards), {
      ...{ timeout: patienceMs, interval: lookMs, message: `cards at ${page.url()}` },
    })
    .toEqual(allAre(cards, state));
}

/** Late: `loading` until the answers are let through. */
export async function loadingAt(page: Page, path: string, cards: readonly string[]): Promise<void> {
  const held: Route[] = [];
  let isHolding = true;
  await page.route(asked, (route) => {
    if (isHolding) held.push(route);
    else void route.continue();
  });
  await page.goto(path);
  await expectCards(page, cards, "loading");
  isHolding = false;
  for (const route of held) await route.continue();
  await allSettled(page);
  await page.unroute(asked);
}

/** Longer than any page takes for fresh what it has. */
const behindMs = 10_000;
const behind = new WeakSet<Page>();
interface LateClock {
  catchUp?: () => void;
}

/**
 * From its next load on, each document of the page lives a little in the past until it is told to
 * catch up: what it had is old at once then. (A clock put forward would leave dates to come behind.)
 */
async function liveBehind(page: Page): Promise<void> {
  if (behind.has(page)) return;
  behind.add(page);
  await page.addInitScript((lateMs) => {
    const now = Date.now.bind(Date);
    Date.now = () => now() - lateMs;
    (globalThis as LateClock).catchUp = () => {
      Date.now = now;
    };
  }, behindMs);
}

interface Told {
  /** What they come to once they are tried again; null: anything but an error. */
  readonly mended?: string | null;
  /** Those that look again by themselves, and so grow old; all of them, unless told otherwise. */
  readonly old?: readonly string[];
}

/**
 * One load through all that the wire can do to it. Held back: `loading`. Cut off before anything came:
 * `offline`. Refused: `error`, with the words. "Try again" mends it. Cut off after it came: `stale`,
 * and what was seen stays.
 */
export async function everyStateAt(
  page: Page,
  path: string,
  cards: readonly string[],
  { mended = "ready", old = cards }: Told = {},
): Promise<void> {
  const held: Route[] = [];
  let answered: (route: Route) => unknown = (route) => held.push(route);
  const meets = (route: Route) => void answered(route);
  await liveBehind(page);
  await page.route(asked, meets);
  await page.goto(path);
  await expectCards(page, cards, "loading");

  answered = cutOff;
  for (const route of held) await cutOff(route);
  await expectCards(page, cards, "offline");

  answered = refuse;
  await tryAgain(page, "offline", cards.length);
  await expectCards(page, cards, "error");
  for (const card of cards)
    expect(await page.locator(`[data-card="${card}"]`).first().innerText()).toContain(
      "A part of the system cannot be reached.",
    );

  answered = (route) => route.continue();
  await tryAgain(page, "error", cards.length);
  // What a card can do without is asked for by its own press.
  await tryAgain(page, "partial", cards.length);
  if (mended !== null) await expectCards(page, cards, mended);
  expect(Object.values(await statesOf(page, cards))).not.toContain("error");
  if (old.length > 0) await growOld(page, old);
  await page.unroute(asked);
}

/** Cards that share what they asked for are mended by one press. */
async function tryAgain(page: Page, state: string, most: number): Promise<void> {
  const again = page
    .locator(`[data-card][data-state="${state}"]`)
    .getByRole("button", { name: "Try again" });
  for (let tried = 0; tried < most && (await again.count()) > 0; tried++) {
    await again.first().click();
    await allSettled(page);
  }
}

/** Cut off after it came: `stale`, and what was seen stays. */
export async function staleAt(page: Page, path: string, cards: readonly string[]): Promise<void> {
  await liveBehind(page);
  await page.goto(path);
  await allSettled(page);
  await growOld(page, cards);
}

async function growOld(page: Page, cards: readonly string[]): Promise<void> {
  await page.route(asked, cutOff);
  await page.evaluate(() => (globalThis as LateClock).catchUp?.());
  await expect
    .poll(
      async () => {
        // Coming back to a page that has grown old looks everything up again.
        await page.evaluate(() => window.dispatchEvent(new Event("visibilitychange")));
        return statesOf(page, cards);
      },
      { timeout: patienceMs, interval: lookMs },
    )
    .toEqual(allAre(cards, "stale"));
  await page.unroute(asked);
}

/** Without what cards can do without: `partial`, and they say so. */
export async function partialAt(
  page: Page,
  path: string,
  without: RegExp,
  ...cards: readonly string[]
): Promise<void> {
  const missing = (url: URL) => without.test(url.pathname + url.search);
  await page.route(missing, refuse);
  await page.goto(path);
  await expectCards(page, cards, "partial");
  await page.unroute(missing);
}
