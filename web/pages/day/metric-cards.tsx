/** The cards of what was measured: activity, vitals and body. Of sleep: sleep-card.tsx. */
import type { ReactNode } from "react";
import { Link } from "wouter";
import type { Metric } from "../../../domain/samples/metrics.ts";
import { Card } from "../../design/card.tsx";
import { hoursAndMinutes } from "../../design/format.ts";
import { figure } from "../../readings/metric-words.ts";
import { Measure, type ShownDay } from "./measure.tsx";
import { type DaysWorkouts, type Summary, together } from "./use-day.ts";

const activity = ["steps", "distance", "active_energy"] as const;
const vitals = [
  ...(["heart_rate", "resting_heart_rate", "hrv_sdnn", "hrv_rmssd"] as const),
  ...(["oxygen_saturation", "respiratory_rate", "body_temperature"] as const),
  ...(["blood_pressure_systolic", "blood_glucose"] as const),
];
const body = ["weight", "body_fat"] as const;

export const isWithout =
  (metrics: readonly Metric[]) =>
  ({ metrics: measured }: Summary): boolean =>
    metrics.every((metric) => measured[metric] === undefined);

/** What each of these cards is made of, and when it is not whole. */
export function partsOf({ day }: ShownDay) {
  const { summary, before, devices, connections } = day;
  const others = [before, devices, connections];
  return { query: together(summary, others), others, missing: () => day.lack };
}

export const nothingYet = (what: string): ReactNode => (
  <p className="soft">
    {what} A day fills as your devices send: <Link href="/data/connections">link one</Link>, or add
    something by hand.
  </p>
);

interface ActivityProps extends ShownDay {
  /** The button that opens the goals. */
  readonly goals: ReactNode;
}

export function ActivityCard({ goals, ...shown }: ActivityProps) {
  const { workouts } = shown.day;
  const { query, others, missing } = partsOf(shown);
  return (
    <Card
      {...{ id: "activity", title: "Activity", aside: goals, rows: 12, missing }}
      query={together(query, [workouts])}
      others={[...others, workouts]}
      isEmpty={isWithout(activity)}
      empty={nothingYet("No steps, distance or energy were measured on this day.")}
    >
      {({ metrics }) => (
        <div className="measures">
          {activity.map((metric) => (
            <Measure
              key={metric}
              {...shown}
              metric={metric}
              measured={metrics[metric]}
              isMain={metric === "steps"}
            />
          ))}
          <Exercise {...shown} />
        </div>
      )}
    </Card>
  );
}

/** No workout is said of a day only when all that could be one was looked at. */
function exerciseOf(known: DaysWorkouts | undefined) {
  if (known === undefined || (known.items.length === 0 && !known.isWhole))
    return { number: "–", said: "Not known just now" };
  const { items } = known;
  const movingMs = items.reduce((sum, { movingMs: { value } }) => sum + value, 0);
  const count = items.length === 1 ? "one workout" : `${items.length} workouts`;
  const said = items.length === 0 ? "in no workout" : `in ${count}`;
  return { number: hoursAndMinutes(movingMs), said };
}

/** Moving time of the day's workouts, each counted once. */
function Exercise({ day }: ShownDay) {
  const { number, said } = exerciseOf(day.workouts.data);
  return (
    <article className="measure exercise">
      <h3>Exercise</h3>
      <p>
        <span className="number">{number}</span> <span className="small soft">{said}</span>
      </p>
    </article>
  );
}

export function VitalsCard(shown: ShownDay) {
  return (
    <Card
      {...{ id: "vitals", title: "Vitals", rows: 9, ...partsOf(shown) }}
      isEmpty={isWithout(vitals)}
      empty={nothingYet("No heart rate or other vital sign was measured on this day.")}
    >
      {({ metrics }) => (
        <div className="measures">
          {vitals
            .filter((metric) => metrics[metric] !== undefined)
            .map((metric) =>
              metric === "blood_pressure_systolic" ? (
                <Pressure key={metric} {...shown} metrics={metrics} />
              ) : (
                <Measure key={metric} {...shown} metric={metric} measured={metrics[metric]} />
              ),
            )}
        </div>
      )}
    </Card>
  );
}

/** Two numbers that people say as one. */
function Pressure({ metrics, ...shown }: ShownDay & Pick<Summary, "metrics">) {
  const metric = "blood_pressure_systolic";
  const { blood_pressure_systolic: high, blood_pressure_diastolic: low } = metrics;
  if (high === undefined) return null;
  const both = `${figure(metric, high.value)}/${low === undefined ? "–" : figure(metric, low.value)}`;
  return <Measure {...shown} metric={metric} measured={high} shown={both} title="Blood pressure" />;
}

export function BodyCard(shown: ShownDay) {
  return (
    <Card
      {...{ id: "body", title: "Body", rows: 4, ...partsOf(shown) }}
      isEmpty={isWithout(body)}
      empty={nothingYet("No weight was measured on this day.")}
    >
      {({ metrics }) => (
        <div className="measures">
          {body.map((metric) => (
            <Measure key={metric} {...shown} metric={metric} measured={metrics[metric]} />
          ))}
        </div>
      )}
    </Card>
  );
}
