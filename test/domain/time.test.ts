import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  addDays,
  daysOfPeriod,
  formatMoment,
  isLocalDate,
  isZone,
  localDate,
  monthOf,
  msPerDay,
  offsetIn,
  offsetMinutesMax,
  parseMoment,
  parsePeriod,
  periodsOf,
  weekOf,
} from "../../domain/time.ts";

const at = (text: string) => Date.parse(text);
/** Years 1 to 9998, so that no week of them needs a fifth digit. */
const instants = fc.integer({ min: at("0001-01-08T00:00:00Z"), max: at("9998-12-01T00:00:00Z") });
const offsets = fc.integer({ min: -offsetMinutesMax, max: offsetMinutesMax });
const dates = instants.map((ms) => localDate(ms, 0));

describe("a moment", () => {
  test("is read back as it was written, with and without an offset", () => {
    fc.assert(
      fc.property(instants, fc.option(offsets), (atMs, offsetMin) => {
        const value = { atMs, offsetMin };
        expect(parseMoment(formatMoment(atMs, offsetMin))).toEqual({ ok: true, value });
      }),
    );
  });

  test("in UTC is written exactly as the platform writes it", () => {
    fc.assert(
      fc.property(instants, (ms) => {
        expect(formatMoment(ms)).toBe(new Date(ms).toISOString());
      }),
    );
  });

  test.each([
    ["2026-11-14T10:00:00+01:00", "2026-11-14T09:00:00Z", 60],
    ["2026-11-14 10:00:00 +0100", "2026-11-14T09:00:00Z", 60],
    ["2026-11-14T00:30:00-05:30", "2026-11-14T06:00:00Z", -330],
    ["2026-11-14T00:00:00+14:00", "2026-11-13T10:00:00Z", 840],
    ["2026-11-14T09:00:00+00:00", "2026-11-14T09:00:00Z", 0],
    ["2026-11-14T09:00:00.123456789Z", "2026-11-14T09:00:00.123Z", null],
    ["2026-11-14T09:00:00.5Z", "2026-11-14T09:00:00.500Z", null],
    ["2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z", null],
    ["2024-02-29T00:00:00Z", "2024-02-29T00:00:00Z", null],
  ])("%s is the instant %s", (text, instant, offsetMin) => {
    expect(parseMoment(text)).toEqual({ ok: true, value: { atMs: at(instant), offsetMin } });
  });

  test("with the offset -00:00 states no local clock (RFC 3339, section 4.3)", () => {
    const value = { atMs: at("2026-11-14T09:00:00Z"), offsetMin: null };
    expect(parseMoment("2026-11-14T09:00:00-00:00")).toEqual({ ok: true, value });
  });

  test.each([
    "",
    "2026-11-14",
    "2026-11-14T09:00:00",
    "2026-11-14T09:00Z",
    "2026-02-29T09:00:00Z",
    "2026-13-01T09:00:00Z",
    "2026-00-10T09:00:00Z",
    "2026-04-31T09:00:00Z",
    "2026-11-14T24:00:00Z",
    "2026-11-14T09:60:00Z",
    "2026-11-14T09:00:61Z",
    "2026-11-14T09:00:00+14:01",
    "2026-11-14T09:00:00-15:00",
    "2026-11-14T09:00:00+05:60",
    "2026-11-14T09:00:00+5",
    "2026-11-14T09:00:00.Z",
    "2026-11-14T09:00:00.1234567890Z",
    " 2026-11-14T09:00:00Z",
    "2026-11-14T09:00:00Z!",
    "1763110800",
    "-2026-11-14T09:00:00Z",
  ])("is refused when it is written %j", (text) => {
    expect(parseMoment(text)).toEqual({ ok: false, error: "time" });
  });

  test("is never read out of any text without an answer", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const answer = parseMoment(text);
        expect(answer.ok ? Number.isSafeInteger(answer.value.atMs) : answer.error).toBeTruthy();
      }),
    );
  });
});

describe("a local day", () => {
  test("is what the clock on the wall shows", () => {
    expect(localDate(at("2026-11-14T23:30:00Z"), 60)).toBe("2026-11-15");
    expect(localDate(at("2026-11-14T23:30:00Z"), 0)).toBe("2026-11-14");
    expect(localDate(at("2026-11-15T00:30:00Z"), -60)).toBe("2026-11-14");
    expect(localDate(at("1969-12-31T23:59:59Z"), 0)).toBe("1969-12-31");
  });

  test("is the first half of the moment written with the same offset", () => {
    fc.assert(
      fc.property(instants, offsets, (ms, offsetMin) => {
        expect(formatMoment(ms, offsetMin).startsWith(localDate(ms, offsetMin))).toBe(true);
      }),
    );
  });

  test("can be counted forth and back", () => {
    fc.assert(
      fc.property(dates, fc.integer({ min: -300, max: 300 }), (date, n) => {
        expect(addDays(addDays(date, n), -n)).toBe(date);
        expect(at(`${addDays(date, n)}T00:00:00Z`) - at(`${date}T00:00:00Z`)).toBe(n * msPerDay);
      }),
    );
  });

  test("exists or is refused", () => {
    for (const day of ["2024-02-29", "2000-02-29", "2026-12-31"])
      expect(isLocalDate(day)).toBe(true);
    for (const day of ["2026-02-29", "1900-02-29", "2026-04-31", "2026-1-1", "2026-00-01", "x"])
      expect(isLocalDate(day)).toBe(false);
  });
});

describe("a period", () => {
  test.each([
    ["2026-01-01", "2026-W01"],
    ["2025-12-29", "2026-W01"],
    ["2025-12-28", "2025-W52"],
    ["2020-12-31", "2020-W53"],
    ["2021-01-01", "2020-W53"],
    ["2021-01-03", "2020-W53"],
    ["2021-01-04", "2021-W01"],
    ["2027-01-03", "2026-W53"],
    ["2026-11-14", "2026-W46"],
    ["1969-12-29", "1970-W01"],
  ])("of the ISO week holds %s in %s", (date, week) => {
    expect(weekOf(date)).toBe(week);
  });

  test("of a month ends where the next begins, leap years included", () => {
    expect(daysOfPeriod("2024-02")).toEqual({ from: "2024-02-01", to: "2024-02-29" });
    expect(daysOfPeriod("2026-02")).toEqual({ from: "2026-02-01", to: "2026-02-28" });
    expect(daysOfPeriod("2026-12")).toEqual({ from: "2026-12-01", to: "2026-12-31" });
    expect(monthOf("2026-12-31")).toBe("2026-12");
  });

  test("holds exactly the days that count for it", () => {
    fc.assert(
      fc.property(dates, (date) => {
        for (const period of periodsOf(date)) {
          const { from, to } = daysOfPeriod(period);
          expect(from <= date && date <= to).toBe(true);
          if (period === "all") continue;
          for (const edge of [from, to]) expect(periodsOf(edge)).toContain(period);
          for (const outside of [addDays(from, -1), addDays(to, 1)])
            expect(periodsOf(outside)).not.toContain(period);
        }
      }),
    );
  });

  test("of a week has seven days and begins on a Monday", () => {
    fc.assert(
      fc.property(dates, (date) => {
        const { from, to } = daysOfPeriod(weekOf(date));
        expect(addDays(from, 6)).toBe(to);
        expect(new Date(`${from}T00:00:00Z`).getUTCDay()).toBe(1);
      }),
    );
  });

  test("that a day counts for is always accepted by its own name", () => {
    fc.assert(
      fc.property(dates, (date) => {
        for (const value of periodsOf(date))
          expect(parsePeriod(value, 0)).toEqual({ ok: true, value });
      }),
    );
  });

  test("may be asked for as this week or this month", () => {
    const nowMs = at("2021-01-02T12:00:00Z");
    expect(parsePeriod("week", nowMs)).toEqual({ ok: true, value: "2020-W53" });
    expect(parsePeriod("month", nowMs)).toEqual({ ok: true, value: "2021-01" });
  });

  test.each([
    "",
    "2026",
    "2026-00",
    "2026-13",
    "2026-1",
    "2026-W00",
    "2025-W53",
    "2026-W54",
    "2026-w46",
    "2026-11-14",
    "ALL",
    "week ",
    "today",
  ])("that does not exist is refused: %j", (text) => {
    expect(parsePeriod(text, 0)).toEqual({ ok: false, error: "period" });
  });
});

describe("a zone", () => {
  test.each([
    ["Europe/Berlin", "2026-03-29T00:59:59.999Z", 60],
    ["Europe/Berlin", "2026-03-29T01:00:00Z", 120],
    ["Europe/Berlin", "2026-10-25T00:59:59Z", 120],
    ["Europe/Berlin", "2026-10-25T01:00:00Z", 60],
    ["America/New_York", "2026-03-08T06:59:59Z", -300],
    ["America/New_York", "2026-03-08T07:00:00Z", -240],
    ["Australia/Lord_Howe", "2026-07-01T00:00:00Z", 630],
    ["Australia/Lord_Howe", "2026-01-01T00:00:00Z", 660],
    ["Asia/Kathmandu", "2026-01-01T00:00:00Z", 345],
    ["Pacific/Kiritimati", "2026-01-01T00:00:00Z", 840],
    ["UTC", "2026-06-01T00:00:00Z", 0],
  ])("%s at %s is %i minutes from UTC", (zone, instant, minutes) => {
    expect(offsetIn(zone, at(instant))).toBe(minutes);
  });

  test("shows every instant within fourteen hours of UTC", () => {
    const zones = fc.constantFrom("Europe/Berlin", "Pacific/Kiritimati", "Pacific/Pago_Pago");
    const modern = fc.integer({ min: at("1970-01-01T00:00:00Z"), max: at("2099-01-01T00:00:00Z") });
    fc.assert(
      fc.property(zones, modern, (zone, ms) => {
        expect(Math.abs(offsetIn(zone, ms))).toBeLessThanOrEqual(offsetMinutesMax);
      }),
    );
  });

  test("is known to the tz database or is none", () => {
    expect(isZone("Europe/Berlin")).toBe(true);
    for (const zone of ["Europe/Atlantis", "", "Mars", "../etc/passwd"])
      expect(isZone(zone)).toBe(false);
  });
});
