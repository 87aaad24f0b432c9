/** Heart rate through the vault, when it is asked for. */
import { HeartRateShown } from "../../readings/heart-rate.tsx";
import type { Beat } from "../../readings/heart-rate-points.ts";
import { restMissing, useReadings } from "../../readings/of-workout.ts";
import { Opened, useOpened } from "../../readings/opened.tsx";
import type { Workout } from "./values.ts";

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
