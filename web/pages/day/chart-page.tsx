/** One metric by day, week, month and year. */
import { Link, useLocation, useSearchParams } from "wouter";
import { goalKindOf } from "../../../domain/samples/goals.ts";
import { type Metric, metricOf } from "../../../domain/samples/metrics.ts";
import type { LocalDate } from "../../../domain/time.ts";
import { useApi } from "../../api/queries.ts";
import { Card } from "../../design/card.tsx";
import { Chart } from "../../design/chart.tsx";
import { Segments } from "../../design/controls.tsx";
import { dayName } from "../../design/format.ts";
import {
  said,
  saidSpoken,
  spoken,
  tickSpoken,
  titleOfMetric,
} from "../../readings/metric-words.ts";
import { lackOfSpan } from "../../session/connection-words.ts";
import { useTitles } from "../../session/provider-titles.ts";
import { askedOf, figuresOf, pointsOf, type Row, seriesOf, spansOf } from "./chart-points.ts";
import type { DayPageProps } from "./day-page.tsx";
import { dayPath, daysOfSpan, type Span } from "./days.ts";
import { Turn } from "./turn.tsx";
import { together } from "./use-day.ts";

interface ChartPageProps extends DayPageProps {
  readonly metric: Metric;
}

const names: Readonly<Record<Span, string>> = {
  day: "Day",
  week: "Week",
  month: "Month",
  year: "Year",
};
const chartPx = 260;

const pathOf = (date: LocalDate, metric: Metric, span: Span) => `/day/${date}/${metric}?by=${span}`;

function saidSpan(span: Span, date: LocalDate): string {
  const { from, to } = daysOfSpan(span, date);
  return span === "day" ? dayName(date) : `${dayName(from)} to ${dayName(to)}`;
}

export function ChartPage({ date, metric, today, nowMs }: ChartPageProps) {
  const [search] = useSearchParams();
  const [, go] = useLocation();
  const choices = spansOf(metric);
  const span = choices.find((one) => one === search.get("by")) ?? "week";
  return (
    <div className="day">
      <p>
        <Link href={dayPath(date, today)}>‹ {date === today ? "Today" : dayName(date)}</Link>
      </p>
      <header className="row">
        <div>
          <h1>{titleOfMetric(metric)}</h1>
          <p className="soft">{saidSpan(span, date)}</p>
        </div>
        <Turn span={span} date={date} today={today} to={(there) => pathOf(there, metric, span)} />
      </header>
      <div>
        <Segments
          label="How much of it"
          choices={choices.map((id) => ({ id, name: names[id] }))}
          value={span}
          onChange={(by) => go(pathOf(date, metric, by), { replace: true })}
        />
      </div>
      <ChartCard {...{ date, metric, span, nowMs }} />
    </div>
  );
}

interface ChartCardProps extends Pick<ChartPageProps, "date" | "metric" | "nowMs"> {
  readonly span: Span;
}

function ChartCard({ date, metric, span, nowMs }: ChartCardProps) {
  const rows = useApi("GET /v1/aggregates", askedOf(metric, span, date));
  const goals = useApi("GET /v1/goals");
  // Not `kept`: that is for the day seen last, which a chart must not put out.
  const connections = useApi("GET /v1/connections");
  const { titles } = useTitles();
  const others = [goals, connections];
  const days = daysOfSpan(span, date);
  const goal = span === "day" ? null : (goals.data?.goals[metric]?.goal ?? null);
  return (
    <Card
      {...{ id: "chart", title: `By ${span}`, rows: 11, others }}
      query={together(rows, others)}
      missing={() => lackOfSpan(connections.data?.items ?? [], days, titles, nowMs)}
      isEmpty={({ items }) => items.length === 0}
      empty={<p className="soft">Nothing was measured in this time.</p>}
    >
      {({ items }) => <Drawn {...{ date, metric, span, items, goal }} />}
    </Card>
  );
}

interface DrawnProps extends Omit<ChartCardProps, "nowMs"> {
  readonly items: readonly Row[];
  readonly goal: number | null;
}

function Drawn({ date, metric, span, items, goal }: DrawnProps) {
  const isBar = metricOf(metric).fold === "sum";
  const about = goal === null || goalKindOf(metric) === null ? "" : `; goal ${said(metric, goal)}`;
  return (
    <>
      <dl className="row figures">
        {figuresOf(metric, items).map(({ name, value }) => (
          <div key={name}>
            <dt className="small soft">{name}</dt>
            <dd className="number">{said(metric, value)}</dd>
          </div>
        ))}
      </dl>
      <Chart
        label={`${titleOfMetric(metric)}, ${saidSpan(span, date)}${about}`}
        kind={isBar ? "bar" : "line"}
        series={seriesOf(metric, span)}
        points={pointsOf(metric, span, date, items)}
        height={chartPx}
        goal={goal === null ? null : spoken(metric, goal)}
        read={(value) => saidSpoken(metric, value)}
        tick={tickSpoken}
      />
    </>
  );
}
