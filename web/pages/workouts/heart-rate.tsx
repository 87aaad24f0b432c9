/** Heart rate through the vault, when it is asked for: its least, mean and most, and its line. */
import { useMemo } from "react";
import { Chart } from "../../design/chart.tsx";
import { lasting, number } from "../../design/format.ts";
import { type Beat, heartRateOf } from "./heart-rate-points.ts";
import { Opened, useOpened } from "./opened.tsx";
import { restMissing, useReadings } from "./readings.ts";
import type { Workout } from "./values.ts";

const chartHeight = 240;

interface ReadingsCardProps {
  readonly workout: Workout;
  readonly member: string;
}

export function HeartRateCard({ workout, member }: ReadingsCardProps) {
  const opened = useOpened();
  const beats = useReadings<Beat>({ member, workout: workout.id }, "heart_rate", opened.isOpen);
  return (
    <Opened
      id="heart-rate"
      title="Heart rate"
      show="Show heart rate"
      query={beats}
      rows={9}
      {...opened}
      none={workout.readings.heartRate.length > 0 ? null : noneOf("heart rate")}
      isEmpty={({ values }) => values.length === 0}
      empty={noneOf("heart rate")}
      missing={restMissing}
    >
      {({ values }) => <HeartRateShown beats={values} workout={workout} />}
    </Opened>
  );
}

const noneOf = (what: string) => <p className="soft">No source of this workout has {what}.</p>;

interface HeartRateShownProps {
  readonly beats: readonly Beat[];
  readonly workout: Pick<Workout, "start">;
}

export function HeartRateShown({ beats, workout }: HeartRateShownProps) {
  const startMs = Date.parse(workout.start);
  const rate = useMemo(() => heartRateOf(beats, startMs), [beats, startMs]);
  if (rate === null) return null;
  const points = rate.points.map(({ atMs, bpm: value }) => ({
    label: lasting(Math.max(0, atMs)),
    values: { bpm: value },
  }));
  return (
    <>
      <dl className="workout-values three">
        {(
          [
            ["Lowest", rate.min],
            ["Mean", rate.mean],
            ["Highest", rate.max],
          ] as const
        ).map(([label, value]) => (
          <div key={label}>
            <dt className="small soft">{label}</dt>
            <dd>
              <span className="number">
                {number(value)} <small>bpm</small>
              </span>
            </dd>
          </div>
        ))}
      </dl>
      <Chart
        kind="line"
        label={`Heart rate in bpm by time since the start, from ${number(rate.count)} readings`}
        series={[{ key: "bpm", name: "Heart rate" }]}
        points={points}
        height={chartHeight}
        read={(value) => number(value)}
      />
    </>
  );
}
