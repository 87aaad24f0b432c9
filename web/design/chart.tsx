/**
 * A chart, and the same numbers as a table for whoever would rather read them. The drawing is loaded
 * when the first chart is shown; its place is held until then.
 */
import { lazy, Suspense, useState } from "react";
import { Button } from "./controls.tsx";

const Drawing = lazy(() => import("./chart-drawing.tsx"));

export interface ChartProps {
  /** What it shows, as a sentence: "Steps a day, 16 to 22 November". */
  readonly label: string;
  readonly kind: "bar" | "line";
  readonly series: readonly { readonly key: string; readonly name: string }[];
  /** `null`: nothing is known there, which is no zero. */
  readonly points: readonly {
    readonly label: string;
    readonly values: Readonly<Record<string, number | null>>;
  }[];
  readonly height: number;
  readonly goal?: number | null;
  /** Whole things are counted: nothing stands at the side between one and the next. */
  readonly isCount?: boolean;
  /** A value as people read it, with its unit. */
  readonly read?: (value: number) => string;
  /** The same at the side, where there is little room; absent: as `read` has it. */
  readonly tick?: (value: number) => string;
}

export function Chart(props: ChartProps) {
  const [isTable, setTable] = useState(false);
  return (
    <figure className="stack">
      {isTable ? (
        <ChartTable {...props} />
      ) : (
        <div role="img" aria-label={props.label} style={{ height: props.height }}>
          <Suspense fallback={null}>
            <Drawing {...props} />
          </Suspense>
        </div>
      )}
      {props.series.length > 1 && !isTable ? <Names {...props} /> : null}
      <figcaption className="row apart small soft">
        {props.label}
        <Button kind="quiet" onPress={() => setTable(!isTable)}>
          {isTable ? "As a chart" : "As a table"}
        </Button>
      </figcaption>
    </figure>
  );
}

const markWidth = 28;
const colours = 5;
const dashes = ["", "6 3", "2 3"];
/** Of the nth series: told apart without colour, too. */
export const colourOf = (i: number): string => `var(--series-${(i % colours) + 1})`;
export const dashOf = (i: number): string => dashes[i % dashes.length] ?? "";

/** Which line or colour is which. */
const Names = ({ series, kind }: ChartProps) => (
  <ul className="plain row small">
    {series.map(({ key, name }, i) => (
      <li key={key}>
        <svg width={markWidth} height="10" aria-hidden="true">
          <line
            x1="0"
            x2={markWidth - 4}
            y1="5"
            y2="5"
            stroke={colourOf(i)}
            strokeWidth={kind === "line" ? 2 : 10}
            strokeDasharray={kind === "line" ? dashOf(i) : ""}
          />
        </svg>
        {name}
      </li>
    ))}
  </ul>
);

function ChartTable({ label, series, points, read = String }: ChartProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by keyboard.
    <section className="scroll" aria-label={label} tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">When</th>
            {series.map(({ key, name }) => (
              <th key={key} scope="col" className="end">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {points.map(({ label: at, values }) => (
            <tr key={at}>
              <th scope="row">{at}</th>
              {series.map(({ key }) => (
                <td key={key} className="end">
                  {values[key] === null || values[key] === undefined ? "–" : read(values[key])}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
