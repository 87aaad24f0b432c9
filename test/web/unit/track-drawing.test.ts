/** A track as a drawing: as long east as north, whole, and never more than can be seen. */
import { describe, expect, it } from "vitest";
import {
  drawingOf,
  drawnMax,
  type TrackDrawing,
  type TrackPoint,
} from "../../../web/readings/track-drawing.ts";

const startMs = Date.UTC(2026, 10, 11, 7);
const point = (seconds: number, lat: number, lon: number): TrackPoint => ({
  t: new Date(startMs + seconds * 1_000).toISOString(),
  lat,
  lon,
});
/** Degrees of a kilometre north, and of one east at 60 degrees, where they are half as long. */
const kmNorth = 1 / 111.195;
const kmEast = 2 / 111.195;
const square = [
  point(0, 60, 5),
  point(60, 60 + kmNorth, 5),
  point(120, 60 + kmNorth, 5 + kmEast),
  point(180, 60, 5 + kmEast),
  point(240, 60, 5),
];
const drawn = (points: readonly TrackPoint[]): TrackDrawing => {
  const drawing = drawingOf(points);
  if (drawing === null) throw new Error("there are points");
  return drawing;
};
const places = ({ path }: TrackDrawing) =>
  [...path.matchAll(/[ML](-?[\d.]+) (-?[\d.]+)/g)].map(([, x, y]) => ({
    x: Number(x),
    y: Number(y),
  }));

describe("a track", () => {
  it("is null of no points", () => {
    expect(drawingOf([])).toBeNull();
  });

  it("keeps its aspect: a square kilometre far in the north is a square", () => {
    const { width, height } = drawn(square);
    expect(Math.abs(width / height - 1)).toBeLessThan(0.01);
  });

  it("has north up and east at the right", () => {
    const [first, north, east] = places(drawn(square));
    expect(north?.y).toBeLessThan(first?.y ?? 0);
    expect(east?.x).toBeGreaterThan(north?.x ?? 0);
  });

  it("is as long as the way along it, and says how far its end is from its start", () => {
    const { lengthM, apartM, start, end } = drawn(square);
    expect(Math.abs(lengthM - 4_000)).toBeLessThan(15);
    expect(apartM).toBe(0);
    expect(end).toEqual(start);
    expect(Math.abs(drawn(square.slice(0, 2)).apartM - 1_000)).toBeLessThan(5);
  });

  it("lies inside its drawing, whatever it is: a straight line, one place, the date line", () => {
    const line = [point(0, 0, 0), point(10, 0, 0.1)];
    const dateLine = [point(0, -17, 179.99), point(60, -17, -179.99)];
    for (const points of [square, line, [point(0, 52, 5)], dateLine]) {
      const drawing = drawn(points);
      for (const { x, y } of [...places(drawing), drawing.start, drawing.end]) {
        expect(x).toBeGreaterThanOrEqual(0);
        expect(x).toBeLessThanOrEqual(drawing.width);
        expect(y).toBeGreaterThanOrEqual(0);
        expect(y).toBeLessThanOrEqual(drawing.height);
      }
      expect(drawing.scale.width).toBeLessThanOrEqual(drawing.width);
    }
    expect(drawn(dateLine).lengthM).toBeLessThan(3_000);
  });

  it("is broken where nothing was measured", () => {
    expect(drawn(square).path.match(/M/g)).toHaveLength(1);
    expect(drawn([...square, point(4_000, 60.01, 5)]).path.match(/M/g)).toHaveLength(2);
  });

  it("is thinned out to what can be seen, and keeps its last point", () => {
    const long = Array.from({ length: 30_001 }, (_, i) => point(i, 50 + i / 100_000, 5));
    const drawing = drawn(long);
    const shown = places(drawing);
    expect(shown.length).toBeLessThanOrEqual(drawnMax + 1);
    expect(shown.at(-1)).toEqual(drawing.end);
    expect(drawing.path.match(/M/g)).toHaveLength(1);
  });
});
