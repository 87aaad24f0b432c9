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

export async function expectCards(
  page: Page,
  cards: readonly string[],
  state: string,
): Promise<void> {
  for (const card of cards)
    await expect
      .poll(() => page.locator(`[data-card="${card}"]`).first().getAttribute("data-state"), {
        timeout: patienceMs,
        message: `${card} at ${page.url()}`,
      })
      .toBe(state);
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

/** Refused: `error`, with the words and the request's id; "Try again" mends it. */
export async function errorAt(page: Page, path: string, cards: readonly string[]): Promise<void> {
  await page.route(asked, refuse);
  await page.goto(path);
  await expectCards(page, cards, "error");
  for (const card of cards)
    expect(await page.locator(`[data-card="${card}"]`).first().innerText()).toContain(
      "A part of the system cannot be reached.",
    );
  await page.unroute(asked);
  // Cards that share what they asked for are mended by one press.
  const again = page.locator('[data-state="error"]').getByRole("button", { name: "Try again" });
  for (let tried = 0; tried < cards.length && (await again.count()) > 0; tried++) {
    await again.first().click();
    await allSettled(page);
  }
  await allSettled(page);
  for (const card of cards)
    expect(await page.locator(`[data-card="${card}"]`).first().getAttribute("data-state")).not.toBe(
      "error",
    );
}

/** Cut off before anything came: `offline`. */
export async function offlineAt(page: Page, path: string, cards: readonly string[]): Promise<void> {
  await page.route(asked, cutOff);
  await page.goto(path);
  await expectCards(page, cards, "offline");
  await page.unroute(asked);
}

/** Cut off after it came: `stale`, and what was seen stays. */
export async function staleAt(page: Page, path: string, cards: readonly string[]): Promise<void> {
  await page.goto(path);
  await allSettled(page);
  await page.route(asked, cutOff);
  await expect
    .poll(
      async () => {
        // Coming back to a page that has grown old looks everything up again.
        await page.evaluate(() => window.dispatchEvent(new Event("visibilitychange")));
        const states = cards.map((card) =>
          page.locator(`[data-card="${card}"]`).first().getAttribute("data-state"),
        );
        return new Set(await Promise.all(states));
      },
      { timeout: patienceMs, interval: 500 },
    )
    .toEqual(new Set(["stale"]));
  await page.unroute(asked);
}

/** Without what a card can do without: `partial`, and it says so. */
export async function partialAt(
  page: Page,
  path: string,
  card: string,
  without: RegExp,
): Promise<void> {
  const missing = (url: URL) => without.test(url.pathname + url.search);
  await page.route(missing, refuse);
  await page.goto(path);
  await expectCards(page, [card], "partial");
  await page.unroute(missing);
}
