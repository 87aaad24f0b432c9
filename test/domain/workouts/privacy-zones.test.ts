import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { PrivacyZones } from "../../../domain/ports.ts";
import {
  cutTrack,
  defaultPrivacyZones,
  endsMMax,
  isPrivacyZones,
  placeRadiusMMax,
  placeRadiusMMin,
  placesMax,
} from "../../../domain/workouts/privacy-zones.ts";
import type { TrackPoint } from "../../../domain/workouts/schema.ts";

const earthRadiusM = 6_371_008.8;
const metresPerDegree = (earthRadiusM * Math.PI) / 180;
const radians = (degrees: number) => (degrees * Math.PI) / 180;

/** Another way to the same distance: the angle between two unit vectors. */
function apartM(a: { lat: number; lon: number }, b: { lat: number; lon: number }): number {
  const unit = ({ lat, lon }: { lat: number; lon: number }) => {
    const [phi, lambda] = [radians(lat), radians(lon)];
    return [Math.cos(phi) * Math.cos(lambda), Math.cos(phi) * Math.sin(lambda), Math.sin(phi)];
  };
  const [u, v] = [unit(a), unit(b)];
  const chord = Math.hypot(...u.map((x, n) => x - (v[n] ?? 0)));
  return 2 * earthRadiusM * Math.asin(Math.min(1, chord / 2));
}
/** An edge is as wide as positions are rounded, and the two ways may round to either side of it. */
const slackM = 0.021;

/** A way north and south along one meridian, a point a second, in metres from where it starts. */
const along = (metres: readonly number[], lat = 47, lon = 8): TrackPoint[] =>
  metres.map((m, n) => ({ t: 1_794_700_000_000 + n * 1000, lat: lat + m / metresPerDegree, lon }));
const northOf = (points: readonly TrackPoint[], lat = 47) =>
  points.map((p) => Math.round((p.lat - lat) * metresPerDegree));
const steps = (from: number, to: number, by: number) =>
  Array.from({ length: Math.floor((to - from) / by) + 1 }, (_, n) => from + n * by);
const ends = (endsM: number): PrivacyZones => ({ endsM, places: [] });
const place = (m: number, radiusM: number, lat = 47, lon = 8) => ({
  lat: lat + m / metresPerDegree,
  lon,
  radiusM,
});

describe("a track that others see", () => {
  test("begins and ends further away than the zone reaches", () => {
    const seen = cutTrack(along(steps(0, 1000, 50)), ends(220));
    expect(northOf(seen)).toEqual(steps(250, 750, 50));
  });

  test("keeps its points unchanged, with their own times and altitudes", () => {
    const track = along(steps(0, 1000, 50)).map((p, n) => ({ ...p, alt: 400 + n }));
    expect(cutTrack(track, ends(220))).toEqual(track.slice(5, 16));
  });

  test("hides what lies exactly on the edge", () => {
    const [a, b] = along([0, 1000]) as [TrackPoint, TrackPoint];
    for (const edge of [
      { ...b, lat: 1, lon: 0 },
      { ...b, lat: 0, lon: -1 },
    ]) {
      const toEdge = apartM({ lat: 0, lon: 0 }, edge);
      expect(toEdge).toBeCloseTo(metresPerDegree, 6);
      const zones = (radiusM: number) => ({ endsM: 0, places: [{ lat: 0, lon: 0, radiusM }] });
      expect(cutTrack([edge], zones(toEdge))).toEqual([]);
      expect(cutTrack([edge], zones(toEdge - 0.1))).toEqual([edge]);
    }
    expect(cutTrack([a, a, b], { endsM: 0, places: [{ ...a, radiusM: 50 }] })).toEqual([b]);
    expect(northOf(cutTrack(along(steps(0, 600, 100)), ends(200)))).toEqual([300]);
  });

  test("there and back is cut where it began and where it came back to", () => {
    const seen = cutTrack(
      along([...steps(0, 900, 100), ...steps(0, 1000, 100).reverse()]),
      ends(200),
    );
    expect(northOf(seen)).toEqual([...steps(300, 900, 100), ...steps(300, 1000, 100).reverse()]);
  });

  test("is cut again by nothing that happens on its way, unless a place is named there", () => {
    const laps = along([0, 300, 0, 300, 0, 300, 600]);
    expect(northOf(cutTrack(laps, ends(200)))).toEqual([300, 0, 300, 0, 300]);
    const home = { endsM: 200, places: [place(0, 100)] };
    expect(northOf(cutTrack(laps, home))).toEqual([300, 300, 300]);
  });

  test("begins only where both the start and every place are behind", () => {
    const track = along([0, 150, 250, 150, 250, 350, 450, 900]);
    const zones = { endsM: 200, places: [place(250, 60)] };
    expect(northOf(cutTrack(track, zones))).toEqual([350, 450]);
  });

  test("is empty when it never left, was a single point or none", () => {
    expect(cutTrack(along(steps(0, 190, 10)), ends(200))).toEqual([]);
    expect(cutTrack(along([0]), ends(200))).toEqual([]);
    expect(cutTrack([], ends(200))).toEqual([]);
    expect(cutTrack(along(steps(0, 900, 100)), { endsM: 0, places: [place(450, 5000)] })).toEqual(
      [],
    );
    expect(cutTrack(along([0, 300, 250, 600]), ends(400))).toEqual([]);
  });

  test("is whole where the member wants no zone", () => {
    const track = along([0, 0, 100, 0]);
    expect(cutTrack(track, ends(0))).toEqual(track);
  });

  test("is cut by time when its points were written in another order", () => {
    const [first, ...others] = along(steps(0, 1000, 100));
    const written = [...others, first as TrackPoint];
    expect(northOf(cutTrack(written, ends(250)))).toEqual(steps(300, 700, 100));
  });

  test("is cut across the antimeridian and over a pole", () => {
    const across = steps(-500, 500, 100).map((m, n) => ({
      t: n,
      lat: 0,
      lon: m < 0 ? 180 + m / metresPerDegree : -180 + m / metresPerDegree,
    }));
    expect(cutTrack(across, ends(250)).map((p) => p.t)).toEqual([3, 4, 5, 6, 7]);
    const onIt = { endsM: 0, places: [{ lat: 0, lon: 180, radiusM: 250 }] };
    expect(cutTrack(across, onIt).map((p) => p.t)).toEqual([0, 1, 2, 8, 9, 10]);
    const overPole = steps(-500, 500, 100).map((m, n) => ({
      t: n,
      lat: 90 - Math.abs(m) / metresPerDegree,
      lon: m < 0 ? 17 : -163,
    }));
    expect(cutTrack(overPole, ends(250)).map((p) => p.t)).toEqual([3, 4, 5, 6, 7]);
    const pole = { endsM: 0, places: [{ lat: 90, lon: -99, radiusM: 250 }] };
    expect(cutTrack(overPole, pole).map((p) => p.t)).toEqual([0, 1, 2, 8, 9, 10]);
  });

  test("hides rather than shows when a place or a zone is not a number", () => {
    const track = along(steps(0, 1000, 100));
    expect(cutTrack(track, ends(Number.NaN))).toEqual([]);
    expect(cutTrack(track, { endsM: 0, places: [place(0, Number.NaN)] })).toEqual([]);
    const blank = { ...(track[0] as TrackPoint), lat: Number.NaN };
    expect(cutTrack(track.with(0, blank), ends(100))).toEqual([]);
    const far = { endsM: 0, places: [place(-9000, 50)] };
    expect(cutTrack(track.with(0, blank), far)).toEqual(track.slice(1));
  });
});

// Small worlds around a place, the antimeridian or a pole, so that zones and tracks do meet.
const centres = fc.constantFrom(
  [47, 8],
  [0, 180],
  [-17, -180],
  [90, 0],
  [-90, 45],
  [89.99, 179.99],
);
const offsetM = fc.integer({ min: -1500, max: 1500 });

function at([lat = 0, lon = 0]: readonly number[], north: number, east: number) {
  const turned = lat + north / metresPerDegree;
  const beyond = Math.abs(turned) > 90;
  const phi = beyond ? Math.sign(turned) * 180 - turned : turned;
  const lambda = lon + (beyond ? 180 : 0) + east / (metresPerDegree * Math.cos(radians(phi)) + 1);
  return { lat: phi, lon: ((((lambda + 180) % 360) + 360) % 360) - 180 };
}

const worlds = centres.chain((centre) =>
  fc.record({
    track: fc
      .array(fc.tuple(offsetM, offsetM), { maxLength: 40 })
      .map((all) =>
        all.map(([north, east], n): TrackPoint => ({ t: n * 1000, ...at(centre, north, east) })),
      ),
    zones: fc.record({
      endsM: fc.integer({ min: 0, max: 1200 }),
      places: fc.array(
        fc
          .tuple(offsetM, offsetM, fc.integer({ min: placeRadiusMMin, max: 800 }))
          .map(([north, east, radiusM]) => ({ ...at(centre, north, east), radiusM })),
        { maxLength: 4 },
      ),
    }),
    more: fc.record({
      endsM: fc.integer({ min: 0, max: 600 }),
      radiusM: fc.integer({ min: 0, max: 600 }),
      places: fc.array(
        fc.tuple(offsetM, offsetM).map(([north, east]) => ({
          ...at(centre, north, east),
          radiusM: 200,
        })),
        { maxLength: 2 },
      ),
    }),
  }),
);
const runs = { numRuns: 3000 };

describe("whatever the track and the zones, what others see", () => {
  test("is a subsequence of the track's own points, the same each time", () => {
    fc.assert(
      fc.property(worlds, ({ track, zones }) => {
        const seen = new Set(cutTrack(track, zones));
        expect(track.filter((point) => seen.has(point))).toEqual([...seen]);
        expect(cutTrack(structuredClone(track), structuredClone(zones))).toEqual([...seen]);
      }),
      runs,
    );
  });

  test("has no point at a place", () => {
    fc.assert(
      fc.property(worlds, ({ track, zones }) => {
        for (const point of cutTrack(track, zones))
          for (const zone of zones.places)
            expect(apartM(point, zone)).toBeGreaterThan(zone.radiusM);
      }),
      runs,
    );
  });

  test("begins and ends outside the zones, and nothing before or after was outside", () => {
    fc.assert(
      fc.property(worlds, ({ track, zones }) => {
        const seen = cutTrack(track, zones);
        for (const way of [track, track.toReversed()]) {
          const origin = way[0] as TrackPoint;
          const isClear = (point: TrackPoint, slack: number) =>
            (zones.endsM === 0 || apartM(point, origin) > zones.endsM + slack) &&
            zones.places.every((zone) => apartM(point, zone) > zone.radiusM + slack);
          const begin = way.find((point) => seen.includes(point));
          if (begin !== undefined) expect(isClear(begin, 0)).toBe(true);
          const before = begin === undefined ? -1 : way.indexOf(begin);
          for (const point of way.slice(0, Math.max(0, before)))
            expect(isClear(point, slackM)).toBe(false);
        }
      }),
      runs,
    );
  });

  test("never grows with the zones", () => {
    fc.assert(
      fc.property(worlds, ({ track, zones, more }) => {
        const larger = {
          endsM: zones.endsM + more.endsM,
          places: [
            ...zones.places.map((zone) => ({ ...zone, radiusM: zone.radiusM + more.radiusM })),
            ...more.places,
          ],
        };
        const seen = new Set(cutTrack(track, zones));
        for (const point of cutTrack(track, larger)) expect(seen).toContain(point);
      }),
      runs,
    );
  });

  test("is the same whichever way the track was travelled", () => {
    fc.assert(
      fc.property(worlds, ({ track, zones }) => {
        const back = track.toReversed().map((point, n) => ({ ...point, t: n * 1000 }));
        const places = (points: readonly TrackPoint[]) => points.map(({ lat, lon }) => [lat, lon]);
        expect(places(cutTrack(back, zones)).reverse()).toEqual(places(cutTrack(track, zones)));
      }),
      runs,
    );
  });
});

describe("zones that a member sets", () => {
  const home = { lat: 47, lon: 8, radiusM: 200 };

  test("are taken within their bounds, the default among them", () => {
    expect(isPrivacyZones(defaultPrivacyZones)).toBe(true);
    expect(isPrivacyZones({ endsM: 0, places: [] })).toBe(true);
    const places = [
      { lat: -90, lon: -180, radiusM: placeRadiusMMin },
      { lat: 90, lon: 180, radiusM: placeRadiusMMax },
    ];
    expect(isPrivacyZones({ endsM: endsMMax, places })).toBe(true);
    expect(isPrivacyZones({ endsM: 200, places: Array(placesMax).fill(home) })).toBe(true);
  });

  test.each([
    ["nothing", undefined],
    ["null", null],
    ["a list", []],
    ["a text", "zones"],
    ["no places", { endsM: 200 }],
    ["no ends", { places: [] }],
    ["an extra key", { endsM: 200, places: [], name: "home" }],
    ["inherited keys", Object.create({ endsM: 200, places: [] })],
    ["a number as text", { endsM: "200", places: [] }],
    ["NaN", { endsM: Number.NaN, places: [] }],
    ["an endless zone", { endsM: Number.POSITIVE_INFINITY, places: [] }],
    ["a negative zone", { endsM: -1, places: [] }],
    ["a zone too large", { endsM: endsMMax + 1, places: [] }],
    ["places that are no list", { endsM: 200, places: { length: 0 } }],
    ["too many places", { endsM: 200, places: Array(placesMax + 1).fill(home) }],
    ["a hole among the places", { endsM: 200, places: Array(1) }],
    ["a place that is null", { endsM: 200, places: [null] }],
    ["a place with a name", { endsM: 200, places: [{ ...home, name: "home" }] }],
    ["a place without a radius", { endsM: 200, places: [{ lat: 47, lon: 8 }] }],
    ["a radius too small", { endsM: 200, places: [{ ...home, radiusM: placeRadiusMMin - 1 }] }],
    ["a radius too large", { endsM: 200, places: [{ ...home, radiusM: placeRadiusMMax + 1 }] }],
    ["a place beyond the pole", { endsM: 200, places: [{ ...home, lat: 90.1 }] }],
    ["a place nowhere", { endsM: 200, places: [home, { ...home, lon: Number.NaN }] }],
  ])("are refused with %s", (_name, value) => {
    expect(isPrivacyZones(value)).toBe(false);
  });
});
