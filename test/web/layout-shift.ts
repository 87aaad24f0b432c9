/** How far what was shown has moved while a page loaded: the browser's own sum. */
import type { Page } from "playwright-core";

interface Shift extends PerformanceEntry {
  readonly value: number;
  readonly hadRecentInput: boolean;
}

/** Since the document was opened; what followed a press does not count. */
export const layoutShift = (page: Page): Promise<number> =>
  page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        new PerformanceObserver((list) => {
          const shifts = list.getEntries() as Shift[];
          resolve(shifts.reduce((sum, s) => sum + (s.hadRecentInput ? 0 : s.value), 0));
        }).observe({ type: "layout-shift", buffered: true });
        // Without any there is no call.
        setTimeout(() => resolve(0), 500);
      }),
  );
