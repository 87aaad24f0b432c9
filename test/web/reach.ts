/**
 * What of a page can be reached by Tab alone. In groups that arrows move within (React Aria's toggles,
 * lists, grids), reaching one of them is reaching the group.
 */
import type { Page } from "playwright-core";

/** More than any page has to stop at. */
const stopsMax = 400;

/** Puts a mark on everything that can be pressed or filled in. */
const markAll = (page: Page): Promise<void> =>
  page.evaluate(() => {
    const pressable = "a[href], button, input, textarea, select, summary, [tabindex='0']";
    const seen = [...document.querySelectorAll<HTMLElement>(pressable)].filter(
      (element) =>
        element.checkVisibility() &&
        element.getClientRects().length > 0 &&
        !element.matches(":disabled, [type=hidden], [aria-disabled=true]") &&
        element.closest("[inert], [aria-hidden=true]") === null,
    );
    for (const element of seen) element.dataset.reach = "no";
  });

/** What has the focus now is reached, and its group with it. */
const reachFocused = (page: Page): Promise<"left the page" | "all" | "more"> =>
  page.evaluate(() => {
    const groups = "[role=radiogroup], [role=toolbar], [role=tablist], [role=listbox], [role=grid]";
    const at = document.activeElement as HTMLElement | null;
    if (at === null || at === document.body) return "left the page";
    at.dataset.reach = "yes";
    for (const one of at.closest(groups)?.querySelectorAll<HTMLElement>("[data-reach]") ?? [])
      one.dataset.reach = "yes";
    return document.querySelector("[data-reach=no]") === null ? "all" : "more";
  });

/** What was not reached, as it is called. */
export async function unreachable(page: Page): Promise<string[]> {
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
  await markAll(page);
  // Tab goes on from where the focus was last: past the end once, and from the beginning.
  let ends = 0;
  for (let stop = 0; stop < stopsMax && ends < 3; stop++) {
    await page.keyboard.press("Tab");
    const reached = await reachFocused(page);
    if (reached === "all") return [];
    if (reached === "left the page") ends++;
  }
  return page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>("[data-reach=no]")].map(
      (one) => `${one.tagName} ${one.getAttribute("aria-label") ?? one.innerText}`,
    ),
  );
}
