/** A page as somebody without a mouse uses it. */
import type { Locator, Page } from "playwright-core";

/** More than any page has to stop at. */
const stopsMax = 200;

/** Presses Tab until it is there. Throws when it never is. */
export async function tabTo(page: Page, to: Locator): Promise<void> {
  await to.waitFor();
  for (let stop = 0; stop < stopsMax; stop++) {
    if (await to.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`Tab never comes to ${to}`);
}
