/** A member's days by metric, of the classes that they granted: the newest day's figures, and a line of them. */
import { useState } from "react";
import { type ReadableColumn, sampleColumnOf } from "../../../domain/consent.ts";
import { type Metric, metricOf, metrics } from "../../../domain/samples/metrics.ts";
import { addDays, localDate } from "../../../domain/time.ts";
import { useApi } from "../../api/queries.ts";
import { Card } from "../../design/card.tsx";
import { Chart } from "../../design/chart.tsx";
import { Pick, Segments } from "../../design/controls.tsx";
import { Figure, Figures } from "../../design/figures.tsx";
import { dayName } from "../../design/format.ts";
import { said, saidSpoken, spoken, titleOfMetric } from "../../readings/metric-words.ts";
import type { Purpose } from "./grants.ts";
import { asRefused } from "./refused.ts";

const chartHeight = 220;
const spans = [
  { id: "7", name: "Week" },
  { id: "28", name: "4 weeks" },
  { id: "91", name: "3 months" },
] as const;
type Span = (typeof spans)[number]["id"];

/** Metrics of the classes that were granted. */
export const metricsOf = (opened: readonly ReadableColumn[]): readonly Metric[] =>
  metrics.filter((metric) => opened.includes(sampleColumnOf(metricOf(metric).class)));

interface SamplesCardProps {
  readonly member: string;
  readonly purpose: Purpose;
  /** Null: what was granted is not known. */
  readonly opened: readonly ReadableColumn[] | null;
}

export function SamplesCard({ opened, ...props }: SamplesCardProps) {
  if (opened === null)
    return (
      <p className="note">
        What of their days they granted is not known just now, so nothing of them is asked for.
      </p>
    );
  const granted = metricsOf(opened);
  if (granted.length > 0) return <Samples {...props} granted={granted} />;
  return (
    <p className="note">
      Days and nights were not granted for this purpose, so nothing of them is asked for.
    </p>
  );
}

interface SamplesProps extends Omit<SamplesCardProps, "opened"> {
  readonly granted: readonly Metric[];
}

function Samples({ member, purpose, granted }: SamplesProps) {
  const [chosen, choose] = useState<Metric | null>(null);
  const [span, setSpan] = useState<Span>("28");
  const metric = chosen !== null && granted.includes(chosen) ? chosen : (granted[0] ?? "steps");
  const about = { types: granted.join(","), member, purpose };
  const today = useApi("GET /v1/summary", { query: about }, { isLooked: true });
  // Today is where the member lives; the card says so when that could not be found out.
  const end = today.data?.date ?? localDate(Date.now(), 0);
  const shown = Array.from({ length: Number(span) }, (_, i) => addDays(end, i + 1 - Number(span)));
  const start = shown[0] ?? end;
  const days = useApi(
    "GET /v1/aggregates",
    { query: { types: metric, period: "day", start, end, member, purpose } },
    { isLooked: true, enabled: today.data !== undefined || today.error !== null },
  );
  return (
    <Card
      id="samples"
      title="Days"
      query={asRefused(days)}
      others={[today]}
      aside={<Segments label="How long" choices={spans} value={span} onChange={setSpan} />}
      isEmpty={({ items }) =>
        items.length === 0 && today.data !== undefined && isNothing(today.data)
      }
      empty={
        <>
          <MetricPick granted={granted} metric={metric} choose={choose} />
          <p className="soft">Nothing of it was measured in these days.</p>
        </>
      }
      rows={11}
    >
      {({ items }) => (
        <>
          {today.data === undefined || today.error !== null ? null : <Today summary={today.data} />}
          <MetricPick granted={granted} metric={metric} choose={choose} />
          {items.length === 0 ? (
            <p className="soft">Nothing of it was measured in these days.</p>
          ) : (
            <Chart
              kind={metricOf(metric).fold === "sum" ? "bar" : "line"}
              label={`${titleOfMetric(metric)} a day, ${dayName(start)} to ${dayName(end)}`}
              series={[{ key: "value", name: titleOfMetric(metric) }]}
              points={pointsOf(metric, shown, items)}
              height={chartHeight}
              read={(value) => saidSpoken(metric, value)}
            />
          )}
        </>
      )}
    </Card>
  );
}

interface Row {
  readonly label: string;
  readonly value: number;
}

/** A day that was not measured has its place, and no value. */
export function pointsOf(metric: Metric, days: readonly string[], rows: readonly Row[]) {
  const known = new Map(rows.map(({ label, value }) => [label, value]));
  return days.map((label) => {
    const value = known.get(label);
    return { label, values: { value: value === undefined ? null : spoken(metric, value) } };
  });
}

interface MetricPickProps {
  readonly granted: readonly Metric[];
  readonly metric: Metric;
  readonly choose: (metric: Metric) => void;
}

const MetricPick = ({ granted, metric, choose }: MetricPickProps) => (
  <Pick
    label="What"
    choices={granted.map((id) => ({ id, name: titleOfMetric(id) }))}
    value={metric}
    onChange={choose}
  />
);

interface Summary {
  readonly date: string;
  readonly metrics: Readonly<Partial<Record<Metric, { readonly value: number }>>>;
}

const isNothing = ({ metrics: of }: Summary): boolean => Object.keys(of).length === 0;

function Today({ summary }: { readonly summary: Summary }) {
  if (isNothing(summary)) return null;
  return (
    <>
      <h3>{dayName(summary.date)}</h3>
      <Figures>
        {metrics.flatMap((metric) => {
          const found = summary.metrics[metric];
          return found === undefined
            ? []
            : [
                <Figure key={metric} name={titleOfMetric(metric)}>
                  {said(metric, found.value)}
                </Figure>,
              ];
        })}
      </Figures>
    </>
  );
}
