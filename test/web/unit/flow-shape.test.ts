/** The drawn flow: the numbers that were told, inside its frame, more of them never drawn thinner. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { flowOf, flowSize, strokeOf } from "../../../web/pages/operations/flow-shape.ts";

const n = fc.integer({ min: 0, max: 1e12 });
const gate = fc.record({
  door: fc.record({ deliveries: n, notices: n, items: n, refused: n }),
  recorded: fc.record({ recorded: n, duplicates: n, parked: n }),
  calls: fc.record({
    ...{ ok: n, throttled: n, failed: n, timeout: n },
    ...{ network: n, broken: n, denied: n, refused: n },
  }),
});

describe("a flow", () => {
  it("shows what was told, and lies within its frame", () => {
    fc.assert(
      fc.property(gate, (of) => {
        const { boxes, lines } = flowOf(of);
        const shown = Object.fromEntries(boxes.map((box) => [box.name, box.n]));
        expect(shown).toEqual({
          "Items delivered": of.door.items,
          Notices: of.door.notices,
          Calls: Object.values(of.calls).reduce((sum, one) => sum + one, 0),
          Recorded: of.recorded.recorded,
          "Known before": of.recorded.duplicates,
          Parked: of.recorded.parked,
        });
        for (const { x, y, width, height } of boxes) {
          expect(x >= 0 && x + width <= flowSize.width).toBe(true);
          expect(y >= 0 && y + height <= flowSize.height).toBe(true);
        }
        for (const { path } of lines) expect(path).not.toMatch(/NaN|Infinity|undefined/);
      }),
    );
  });

  it("draws more never thinner, and nothing as a hairline", () => {
    fc.assert(
      fc.property(n, n, (a, b) => {
        expect(strokeOf(Math.max(a, b))).toBeGreaterThanOrEqual(strokeOf(Math.min(a, b)));
      }),
    );
    expect(strokeOf(0)).toBe(1);
    expect(strokeOf(1)).toBeGreaterThan(strokeOf(0));
  });
});
