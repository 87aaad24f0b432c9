/** The track through the vault, when it is asked for. */

import { restMissing, useReadings } from "../../readings/of-workout.ts";
import { Opened, useOpened } from "../../readings/opened.tsx";
import { TrackShown } from "../../readings/track.tsx";
import type { TrackPoint } from "../../readings/track-drawing.ts";
import type { Workout } from "./values.ts";

interface TrackCardProps {
  readonly workout: Workout;
  readonly member: string;
}

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
