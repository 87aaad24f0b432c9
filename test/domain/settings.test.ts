import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { noSettings, offsetAt, zoneAt } from "../../domain/settings.ts";

const at = (text: string) => Date.parse(text);
const moved = at("2026-06-01T00:00:00Z");
const settings = {
  zones: [
    { zone: "Europe/Berlin", fromMs: at("2026-01-01T00:00:00Z") },
    { zone: "America/New_York", fromMs: moved },
  ],
  ownerOnly: [],
};

describe("a member's zone", () => {
  test("is the one in force at that instant, from its very first millisecond", () => {
    expect(zoneAt(settings, moved - 1)).toBe("Europe/Berlin");
    expect(zoneAt(settings, moved)).toBe("America/New_York");
    expect(zoneAt(settings, at("2030-01-01T00:00:00Z"))).toBe("America/New_York");
  });

  test("reaches back to what happened before the first entry", () => {
    expect(zoneAt(settings, 0)).toBe("Europe/Berlin");
  });

  test("is UTC while nothing is known", () => {
    expect(zoneAt(noSettings, moved)).toBe("UTC");
    expect(offsetAt(null, noSettings, moved)).toBe(0);
  });

  test("gives the offset of summer in summer", () => {
    expect(offsetAt(null, settings, at("2026-03-28T12:00:00Z"))).toBe(60);
    expect(offsetAt(null, settings, at("2026-03-30T12:00:00Z"))).toBe(120);
    expect(offsetAt(null, settings, moved)).toBe(-240);
  });

  test("never overrules an offset that the source stated, zero included", () => {
    fc.assert(
      fc.property(fc.integer({ min: -840, max: 840 }), fc.nat(2 ** 40), (stated, ms) => {
        expect(offsetAt(stated, settings, ms)).toBe(stated);
      }),
    );
  });
});
