/** The week's own instruments are held to account too: a count that misses a call proves nothing. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Meter } from "../sim/week/meter.ts";

const window = { name: "minute", calls: 5, windowMs: 60_000 };

describe("a provider's count of calls", () => {
  it("sees one call too many in any stretch, as counting all stretches does", () => {
    const gaps = fc.array(fc.integer({ min: 0, max: 30_000 }), { maxLength: 60 });
    fc.assert(
      fc.property(gaps, (waits) => {
        const meter = new Meter(window);
        const times: number[] = [];
        let nowMs = 0;
        let over = 0;
        for (const wait of waits) {
          nowMs += wait;
          times.push(nowMs);
          const within = times.filter((t) => t > nowMs - window.windowMs).length;
          if (within > window.calls) over++;
          expect(meter.count(nowMs)).toBe(within > window.calls);
        }
        expect(meter.over).toBe(over);
      }),
    );
  });

  it("lets a stretch begin where another ends", () => {
    const meter = new Meter(window);
    for (let i = 0; i < 5; i++) meter.count(0);
    for (let i = 0; i < 5; i++) meter.count(60_000);
    expect([meter.over, meter.overAligned, meter.peak]).toEqual([0, 0, 5]);
    expect(meter.count(119_999)).toBe(true);
    expect([meter.over, meter.overAligned]).toEqual([1, 1]);
  });

  it("finds an excess across the border of two aligned windows", () => {
    const meter = new Meter(window);
    for (let i = 0; i < 5; i++) meter.count(59_000);
    expect(meter.count(61_000)).toBe(true);
    expect([meter.over, meter.overAligned]).toEqual([1, 0]);
  });
});
