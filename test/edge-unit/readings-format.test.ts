import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Reading } from "../../domain/ports.ts";
import { parseMoment } from "../../domain/time.ts";
import type { HeartRateSample, TrackPoint } from "../../domain/workouts/schema.ts";
import { readFile } from "../../providers/files/read.ts";
import {
  type Format,
  formatReadings,
  formats,
  isFormatOf,
} from "../../workers/edge/readings-format.ts";

const member = `m_${"0".repeat(32)}`;
const atMs = 1_794_700_000_000;
const at = "2026-11-14T23:46:40.000Z";

const reading = (column: string, value: unknown, row = "f1", version = 3): Reading => ({
  row,
  column,
  version,
  value: JSON.stringify(value),
});
function written(format: Format, column: string, readings: readonly Reading[]) {
  return formatReadings(format, { member, column, readings, next: null });
}
const body = (format: Format, column: string, ...readings: readonly Reading[]) =>
  written(format, column, readings).body;

/** RFC 4180, section 2, by the letter. */
function csvRows(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  const token = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/gy;
  for (let end = 0; end < text.length; end = token.lastIndex) {
    const [, quoted, bare, mark] = token.exec(text) ?? expect.fail("not CSV");
    row.push(quoted === undefined ? (bare ?? "") : quoted.replaceAll('""', '"'));
    if (mark === ",") continue;
    rows.push(row);
    row = [];
  }
  expect(row).toEqual([]);
  return rows;
}

const often = (values: readonly number[], min: number, max: number) =>
  fc.oneof(fc.constantFrom(...values), fc.double({ min, max, noNaN: true }));
const numbers = fc.oneof(
  often([1e-7, -1e-7, 5e-324, 1e21, -1.5e300, 0.1, -0], -1, 1),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);
const plain = /^-?\d+(\.\d+)?$/;

describe("readings as JSON", () => {
  test("name the member, the column, each record's version, and where the next page begins", () => {
    const samples = [{ t: atMs, bpm: 120 }];
    const { body, contentType } = formatReadings("json", {
      member,
      column: "heart_rate",
      readings: [reading("heart_rate", samples)],
      next: "cursor",
    });
    expect(contentType).toBe("application/json");
    expect(JSON.parse(body)).toEqual({
      member,
      column: "heart_rate",
      readings: [{ record: "f1", version: 3, value: [{ t: at, bpm: 120 }] }],
      next: "cursor",
    });
  });

  test.each([
    ["title", "Evening run"],
    ["raw", '{"a":1}'],
    ["raw", [{ t: 1 }]],
    ["raw", { deep: [1, null] }],
  ])("give a %s back as it was sealed", (column, value) => {
    const shown = JSON.parse(body("json", column, reading(column, value)));
    expect(shown.readings[0].value).toEqual(value);
    expect(shown.next).toBeNull();
  });
});

describe("readings as CSV", () => {
  test("have a header, a line a sample and line ends as RFC 4180 wants them", () => {
    expect(body("csv", "heart_rate", reading("heart_rate", [{ t: atMs, bpm: 61 }]))).toBe(
      `record,time,bpm\r\nf1,${at},61\r\n`,
    );
    const points = [
      { t: atMs, lat: -47.1234567, lon: 1e-7, alt: -3.25 },
      { t: atMs + 1, lat: 0, lon: -180 },
    ];
    expect(body("csv", "track", reading("track", points))).toBe(
      `record,time,lat,lon,alt\r\nf1,${at},-47.1234567,0.0000001,-3.25\r\n` +
        "f1,2026-11-14T23:46:40.001Z,0,-180,\r\n",
    );
    expect(body("csv", "title", reading("title", 'A "long", slow\nrun'))).toBe(
      'record,value\r\nf1,"A ""long"", slow\nrun"\r\n',
    );
    expect(body("csv", "track")).toBe("record,time,lat,lon,alt\r\n");
    expect(written("csv", "track", []).contentType).toBe("text/csv; charset=utf-8; header=present");
  });

  test.each(["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "\ufeff=1", "\uff1d1"])(
    "never give %j to a spreadsheet to run",
    (text) => {
      const rows = csvRows(body("csv", "notes", reading("notes", text, text)));
      expect(rows[1]).toEqual([`'${text}`, `'${text}`]);
    },
  );

  test("give every text back, with an apostrophe or as it is", () => {
    const texts = fc.array(
      fc.oneof(
        fc.string({ unit: "binary" }),
        fc.string({ unit: fc.constantFrom("=", "-", '"', ",", "\r", "\n", "a", " ", "'") }),
      ),
    );
    fc.assert(
      fc.property(texts, (all) => {
        const rows = csvRows(body("csv", "notes", ...all.map((text) => reading("notes", text))));
        expect(rows).toHaveLength(all.length + 1);
        for (const [n, text] of all.entries()) {
          const cell = rows[n + 1]?.[1] ?? "";
          expect(cell === text || cell === `'${text}`).toBe(true);
          expect(cell).not.toMatch(/^[=+\-@\t\r]/);
        }
      }),
    );
  });

  test("write every number out in decimals, losing no digit", () => {
    fc.assert(
      fc.property(numbers, numbers, numbers, (lat, lon, alt) => {
        const text = body("csv", "track", reading("track", [{ t: atMs, lat, lon, alt }]));
        const cells = csvRows(text)[1]?.slice(2) ?? [];
        for (const cell of cells) expect(cell).toMatch(plain);
        expect(cells.map(Number)).toEqual([lat, lon, alt].map((n) => (n === 0 ? 0 : n)));
      }),
    );
  });

  test("give every sample back", () => {
    const beats = fc.record({
      t: fc.integer({ min: 0, max: 4_102_444_800_000 }),
      bpm: fc.integer({ min: 1, max: 400 }),
    });
    fc.assert(
      fc.property(fc.array(beats), (samples) => {
        const rows = csvRows(body("csv", "heart_rate", reading("heart_rate", samples))).slice(1);
        const back = rows.map(([, time = "", bpm]): HeartRateSample => {
          const moment = parseMoment(time);
          return { t: moment.ok ? moment.value.atMs : -1, bpm: Number(bpm) };
        });
        expect(back).toEqual(samples);
      }),
    );
  });
});

describe("readings as GPX", () => {
  const gpx = (...readings: readonly Reading[]) => body("gpx", "track", ...readings);
  const readBack = (text: string) => readFile(new TextEncoder().encode(text));

  test("are a track a record, and none for a record without points", () => {
    const points = [
      { t: atMs, lat: 1e-7, lon: -0.5, alt: 12.3456 },
      { t: atMs + 1000, lat: 90, lon: 180 },
    ];
    expect(gpx(reading("track", []), reading("track", points, 'a<&>"b\u0001'))).toBe(
      '<?xml version="1.0" encoding="UTF-8"?>\n' +
        '<gpx version="1.1" creator="Singlet" xmlns="http://www.topografix.com/GPX/1/1">\n' +
        "<trk><src>a&lt;&amp;&gt;&quot;b</src><trkseg>\n" +
        `<trkpt lat="0.0000001" lon="-0.5"><ele>12.346</ele><time>${at}</time></trkpt>\n` +
        '<trkpt lat="90" lon="-180"><time>2026-11-14T23:46:41.000Z</time></trkpt>\n' +
        "</trkseg></trk>\n</gpx>\n",
    );
    expect(gpx()).not.toContain("<trk>");
    expect(written("gpx", "track", []).contentType).toBe("application/gpx+xml");
  });

  test("come back through this project's own reader as the same points", () => {
    const steps = fc.array(
      fc.record(
        {
          lat: often([-90, 90, 1e-7, -1e-7], -90, 90),
          lon: often([-180, 180, 179.99999999, 1e-7], -180, 180),
          alt: often([-11_000, 100_000, 1e-7], -11_000, 100_000),
        },
        { requiredKeys: ["lat", "lon"] },
      ),
      { minLength: 2, maxLength: 30 },
    );
    const names = fc.string({ unit: "binary", maxLength: 20 });
    fc.assert(
      fc.property(fc.array(fc.tuple(names, steps), { minLength: 1, maxLength: 3 }), (records) => {
        const readings = records.map(([row, all]) => {
          const points = all.map((step, n) => ({ t: atMs + n * 1500, ...step }));
          return reading("track", points, row);
        });
        const read = readBack(gpx(...readings));
        expect(read).toMatchObject({ format: "gpx", refused: null, notes: [] });
        expect(read.sessions).toHaveLength(records.length);
        for (const [n, session] of read.sessions.entries()) {
          expect(session).toMatchObject({ app: "Singlet", title: null, startMs: atMs });
          const given = JSON.parse(readings[n]?.value ?? "") as TrackPoint[];
          expectSame(session.track, given);
        }
      }),
      { numRuns: 300 },
    );
  });

  /** To the digits that GPX gets; a point at exactly (0, 0) is read as one without a fix. */
  function expectSame(back: readonly TrackPoint[], given: readonly TrackPoint[]): void {
    const rounded = given.map(({ t, lat, lon, alt }): TrackPoint => {
      const east = Math.round(lon * 1e7) === 180e7 ? -180 : lon;
      const place = { t, lat: Number(lat.toFixed(7)), lon: Number(east.toFixed(7)) };
      return alt === undefined ? place : { ...place, alt };
    });
    const fixed = rounded.filter(({ lat, lon }) => lat !== 0 || lon !== 0);
    expect(back.map((p) => p.t)).toEqual(fixed.map((p) => p.t));
    for (const [n, { lat, lon, alt }] of fixed.entries()) {
      expect(back[n]?.lat).toBeCloseTo(lat, 6);
      expect(back[n]?.lon).toBeCloseTo(lon, 6);
      expect(back[n]?.alt === undefined).toBe(alt === undefined);
      expect(back[n]?.alt ?? 0).toBeCloseTo(alt ?? 0, 2);
    }
  }
});

describe("a format", () => {
  const fits = (column: string) => formats.filter((format) => isFormatOf(format, column));

  test("is offered only where it can hold the column", () => {
    expect(fits("track")).toEqual(["json", "csv", "gpx"]);
    expect(fits("heart_rate")).toEqual(["json", "csv"]);
    expect(fits("title")).toEqual(["json", "csv"]);
    expect(fits("raw")).toEqual(["json"]);
  });

  test("that cannot hold the column is our own bug, and so is a series that is no list", () => {
    expect(() => body("gpx", "heart_rate")).toThrow(RangeError);
    expect(() => body("csv", "raw")).toThrow(RangeError);
    for (const format of formats)
      expect(() => body(format, "track", reading("track", "secret"))).toThrow(TypeError);
  });
});
