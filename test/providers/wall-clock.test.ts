/** A clock on the wall, read where its owner lived: summer time, journeys, hours that are none. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Settings } from "../../domain/stream.ts";
import { offsetIn } from "../../domain/time.ts";
import { wallClockOf } from "../../providers/wall-clock.ts";

const hour = 3_600_000;
const livedIn = (zone: string): Settings["zones"] => [{ zone, fromMs: 0 }];
const iso = (text: string) => Date.parse(text);
const read = (zones: Settings["zones"], shown: string) => wallClockOf(zones)(iso(`${shown}Z`));

describe("a time on the wall", () => {
  it.each([
    ["Europe/Berlin", "2026-01-14T08:00:00", "2026-01-14T07:00:00Z"],
    ["Europe/Berlin", "2026-07-14T08:00:00", "2026-07-14T06:00:00Z"],
    ["Asia/Kathmandu", "2026-07-14T08:00:00", "2026-07-14T02:15:00Z"],
    ["America/Los_Angeles", "2026-07-14T20:00:00", "2026-07-15T03:00:00Z"],
    ["Pacific/Kiritimati", "2026-07-14T08:00:00", "2026-07-13T18:00:00Z"],
  ])("in %s: %s", (zone, shown, at) => {
    expect(read(livedIn(zone), shown)).toBe(iso(at));
  });

  it("that was shown twice is the first", () => {
    expect(read(livedIn("Europe/Berlin"), "2026-10-25T02:30:00")).toBe(iso("2026-10-25T00:30:00Z"));
  });

  it("that was never shown is when the clock jumped over it", () => {
    for (const shown of ["2026-03-29T02:00:00", "2026-03-29T02:30:00", "2026-03-29T02:59:59"])
      expect(read(livedIn("Europe/Berlin"), shown)).toBe(iso("2026-03-29T01:00:00Z"));
    expect(read(livedIn("Europe/Berlin"), "2026-03-29T03:00:00")).toBe(iso("2026-03-29T01:00:00Z"));
  });

  it("is read where the member lived then: who flew west sees hours twice, who flew east none", () => {
    const flight = iso("2026-05-10T12:00:00Z");
    const west = [...livedIn("Europe/Berlin"), { zone: "America/New_York", fromMs: flight }];
    expect(read(west, "2026-05-10T07:00:00")).toBe(iso("2026-05-10T05:00:00Z"));
    // 08:00 to 14:00 was shown in Berlin, and again in New York.
    expect(read(west, "2026-05-10T10:00:00")).toBe(iso("2026-05-10T08:00:00Z"));
    expect(read(west, "2026-05-10T15:00:00")).toBe(iso("2026-05-10T19:00:00Z"));
    const east = [...livedIn("America/New_York"), { zone: "Europe/Berlin", fromMs: flight }];
    expect(read(east, "2026-05-10T10:00:00")).toBe(flight);
    expect(read(east, "2026-05-10T07:59:59")).toBe(flight - 1000);
    expect(read(east, "2026-05-10T15:00:00")).toBe(iso("2026-05-10T13:00:00Z"));
  });

  it("of who stated no zone is UTC's", () => {
    expect(read([], "2026-05-10T07:00:00")).toBe(iso("2026-05-10T07:00:00Z"));
  });

  it("of any instant is that instant, or the first that was shown alike", () => {
    const zones = fc.constantFrom(
      "Europe/Berlin",
      "America/St_Johns",
      "Australia/Lord_Howe",
      "Asia/Kolkata",
    );
    const instants = fc.integer({ min: iso("2020-01-01"), max: iso("2030-01-01") });
    fc.assert(
      fc.property(zones, instants, (zone, atMs) => {
        const shownMs = atMs + offsetIn(zone, atMs) * 60_000;
        const readMs = wallClockOf(livedIn(zone))(shownMs);
        expect(readMs + offsetIn(zone, readMs) * 60_000).toBe(shownMs);
        expect(readMs).toBeLessThanOrEqual(atMs);
        expect(atMs - readMs).toBeLessThanOrEqual(hour);
      }),
    );
  });

  it("later on the wall is no earlier, in one zone", () => {
    const clock = wallClockOf(livedIn("Europe/Berlin"));
    const around = iso("2026-03-29T00:00:00Z");
    const shown = Array.from({ length: 24 * 12 }, (_, i) => around + i * 300_000);
    const instants = shown.map(clock);
    expect(instants).toEqual([...instants].sort((a, b) => a - b));
  });
});
