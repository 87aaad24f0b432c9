/** The track through the vault, when it is asked for: drawn here, so that no map's server is told. */
import { useMemo } from "react";
import { number } from "../../design/format.ts";
import { Opened, useOpened } from "./opened.tsx";
import { restMissing, useReadings } from "./readings.ts";
import { drawingOf, type TrackDrawing, type TrackPoint } from "./track-drawing.ts";
import type { Workout } from "./values.ts";

interface TrackCardProps {
  readonly workout: Workout;
  readonly member: string;
}

/** Nearer than that, it ended where it began. */
const roundTripM = 100;
const mPerKm = 1_000;
/** Below the drawing, in its units. */
const scaleRoom = 36;

export function TrackCard({ workout, member }: TrackCardProps) {
  const opened = useOpened();
  const points = useReadings<TrackPoint>({ member, workout: workout.id }, "track", opened.isOpen);
  return (
    <Opened
      id="track"
      title="Track"
      show="Show track"
      query={points}
      rows={9}
      {...opened}
      none={workout.readings.track.length > 0 ? null : noTrack}
      isEmpty={({ values }) => values.length === 0}
      empty={noTrack}
      missing={restMissing}
    >
      {({ values }) => <TrackShown points={values} />}
    </Opened>
  );
}

const noTrack = <p className="soft">No source of this workout has a track.</p>;

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
