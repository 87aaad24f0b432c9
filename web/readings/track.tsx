/** The track of a workout as it is shown: drawn here, so that no map's server is told. */
import { useMemo } from "react";
import { number } from "../design/format.ts";
import { drawingOf, type TrackDrawing, type TrackPoint } from "./track-drawing.ts";

/** Nearer than that, it ended where it began. */
const roundTripM = 100;
const mPerKm = 1_000;
/** Below the drawing, in its units. */
const scaleRoom = 36;

const length = (m: number): string =>
  m < mPerKm ? `${number(m)} m` : `${number(m / mPerKm, m % mPerKm === 0 ? 0 : 1)} km`;

function inWords({ lengthM, apartM }: TrackDrawing): string {
  const end = apartM <= roundTripM ? "back where it began" : `${length(apartM)} from its start`;
  return `A track of ${length(lengthM)} that ends ${end}`;
}

export function TrackShown({ points }: { readonly points: readonly TrackPoint[] }) {
  const drawing = useMemo(() => drawingOf(points), [points]);
  if (drawing === null) return null;
  const { width, height, path, start, end, scale } = drawing;
  return (
    <figure className="stack">
      <svg
        className="track"
        viewBox={`0 0 ${width} ${height + scaleRoom}`}
        role="img"
        aria-label={inWords(drawing)}
      >
        <path className="track-line" d={path} />
        <rect className="track-end" x={end.x - 20} y={end.y - 20} width="40" height="40" rx="4" />
        <circle className="track-start" cx={start.x} cy={start.y} r="11" />
        <path className="track-scale" d={`M40 ${height}v16h${scale.width}v-16`} />
        <text className="track-text" x={scale.width + 52} y={height + 16}>
          {length(scale.metres)}
        </text>
      </svg>
      <figcaption className="row small soft">
        <span className="track-key">
          <svg viewBox="0 0 30 30" aria-hidden="true">
            <circle className="track-start" cx="15" cy="15" r="12" />
          </svg>
          Start
        </span>
        <span className="track-key">
          <svg viewBox="0 0 30 30" aria-hidden="true">
            <rect className="track-end" x="2" y="2" width="26" height="26" rx="4" />
          </svg>
          End
        </span>
        <span>{inWords(drawing)}. North is up.</span>
      </figcaption>
    </figure>
  );
}
