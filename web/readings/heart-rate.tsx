/** Heart rate of a workout as it is shown: its least, mean and most, and its line. */
import { useMemo } from "react";
import { Chart } from "../design/chart.tsx";
import { lasting, number } from "../design/format.ts";
import { type Beat, heartRateOf } from "./heart-rate-points.ts";

const chartHeight = 240;

interface HeartRateShownProps {
  readonly beats: readonly Beat[];
  readonly workout: { readonly start: string };
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
