/** The drawing of a chart, by Recharts: a part of its own, loaded when a chart is first shown. */
import {
  Bar,
  CartesianGrid,
  ComposedChart,
  Line,
  ReferenceLine,
  ResponsiveContainer,
  Tooltip,
  XAxis,
  YAxis,
} from "recharts";
import { type ChartProps, colourOf, dashOf } from "./chart.tsx";
import { countTicks } from "./count-ticks.ts";

const tick = { fill: "var(--soft)", fontSize: 12 };
const yWidth = 44;
/** Bars stand on zero. */
const domainOf = { bar: [0, "auto"], line: ["auto", "auto"] } as const;

export default function ChartDrawing(props: ChartProps) {
  const { points, series, kind, height, goal = null, read = String, tick: side = read } = props;
  const ticks = props.isCount ? countTicks(points.map(({ values }) => values)) : undefined;
  const rows = points.map(({ label, values }) => ({ label, ...values }));
  return (
    <ResponsiveContainer width="100%" height={height}>
      <ComposedChart
        data={rows}
        margin={{ top: 8, right: 4, bottom: 0, left: 0 }}
        accessibilityLayer={false}
      >
        <CartesianGrid vertical={false} stroke="var(--line)" />
        <XAxis dataKey="label" tick={tick} tickLine={false} minTickGap={16} stroke="var(--line)" />
        <YAxis
          tick={tick}
          tickLine={false}
          axisLine={false}
          width={yWidth}
          {...(ticks === undefined ? {} : { ticks, interval: 0 })}
          domain={ticks === undefined ? domainOf[kind] : [0, ticks.at(-1) ?? 1]}
          tickFormatter={(value: number) => side(value)}
        />
        <Tooltip
          formatter={(value) => read(Number(value))}
          contentStyle={{
            background: "var(--raised)",
            border: "1px solid var(--line)",
            borderRadius: 8,
            color: "var(--ink)",
          }}
          isAnimationActive={false}
        />
        {goal === null ? null : (
          <ReferenceLine
            y={goal}
            ifOverflow="extendDomain"
            stroke="var(--sash)"
            strokeWidth={2}
            strokeDasharray="6 4"
          />
        )}
        {series.map(({ key, name }, i) =>
          kind === "bar" ? (
            <Bar
              key={key}
              dataKey={key}
              name={name}
              fill={colourOf(i)}
              stackId="one"
              radius={series.length === 1 ? [4, 4, 0, 0] : 0}
              isAnimationActive={false}
            />
          ) : (
            <Line
              key={key}
              dataKey={key}
              name={name}
              stroke={colourOf(i)}
              strokeWidth={2}
              strokeDasharray={dashOf(i)}
              dot={rows.length <= 45}
              connectNulls={false}
              isAnimationActive={false}
            />
          ),
        )}
      </ComposedChart>
    </ResponsiveContainer>
  );
}
