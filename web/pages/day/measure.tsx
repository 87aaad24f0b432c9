/** One metric of a day: what it came to, beside the goal and the days before, and what made it. */
import type { ReactNode } from "react";
import { Link } from "wouter";
import { type Metric, metricOf } from "../../../domain/samples/metrics.ts";
import type { LocalDate } from "../../../domain/time.ts";
import { figure, said, shortTitleOf, unitOf } from "../../readings/metric-words.ts";
import { GoalLine } from "./goal-line.tsx";
import { MadeOf } from "./made-of.tsx";
import { directionOf, saidTrend, trendOf } from "./trend.ts";
import { type Day, type Measured, valuesBefore } from "./use-day.ts";

export interface ShownDay {
  readonly date: LocalDate;
  readonly isOver: boolean;
  readonly day: Day;
}

interface MeasureProps extends ShownDay {
  readonly metric: Metric;
  /** Undefined: nothing was measured, which is no zero. */
  readonly measured: Measured | undefined;
  /** Instead of the number, as of a pressure that is two. */
  readonly shown?: ReactNode;
  readonly title?: string;
  /** The first thing to see on its card. */
  readonly isMain?: boolean;
}

const marks = { up: "▲ ", down: "▼ ", level: "" } as const;

export function Measure(props: MeasureProps) {
  const { metric, measured, date, isOver, day } = props;
  const title = props.title ?? shortTitleOf(metric);
  const trend = measured && trendOf(measured.value, valuesBefore(day, metric));
  const isCompared = isOver || metricOf(metric).fold !== "sum";
  return (
    <article className={props.isMain ? "measure main" : "measure"}>
      <h3>
        <Link href={`/day/${date}/${metric}`}>{title}</Link>
      </h3>
      {measured === undefined ? (
        <p className="soft">
          <span className="number">–</span> Nothing measured
        </p>
      ) : (
        <>
          <p>
            <span className="number">{props.shown ?? figure(metric, measured.value)}</span>{" "}
            {metric === "sleep" ? null : <span className="soft">{unitOf(metric)}</span>}
          </p>
          <GoalLine metric={metric} measured={measured} />
          <Range metric={metric} measured={measured} />
          <p className="small soft">
            {trend && isCompared ? (
              <span aria-hidden="true">{marks[directionOf(trend)]}</span>
            ) : null}
            {day.before.data === undefined
              ? "The days before are not known just now"
              : saidTrend(metric, trend ?? null, isOver)}
          </p>
          <MadeOf
            title={title}
            sources={measured.sources}
            devices={day.devices.data?.devices ?? null}
          />
        </>
      )}
    </article>
  );
}

function Range({ metric, measured }: { readonly metric: Metric; readonly measured: Measured }) {
  const { min, max, count } = measured;
  if (metricOf(metric).fold !== "average" || count < 2) return null;
  return (
    <p className="small">
      {figure(metric, min)} to {said(metric, max)}
    </p>
  );
}
