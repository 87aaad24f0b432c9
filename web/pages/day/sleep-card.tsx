/** The night that ended on this day, and what it was made of. */
import type { SleepStage } from "../../../domain/samples/metrics.ts";
import { Card } from "../../design/card.tsx";
import { hoursAndMinutes } from "../../design/format.ts";
import { Measure, type ShownDay } from "./measure.tsx";
import { isWithout, nothingYet, partsOf } from "./metric-cards.tsx";
import type { Measured } from "./use-day.ts";

const order = ["deep", "light", "rem", "asleep", "awake"] as const satisfies SleepStage[];

export function SleepCard(shown: ShownDay) {
  return (
    <Card
      {...{ id: "sleep", title: "Sleep", rows: 8, ...partsOf(shown) }}
      isEmpty={isWithout(["sleep"])}
      empty={nothingYet("No sleep was measured in the night to this day.")}
    >
      {({ metrics: { sleep } }) => (
        <>
          <Measure {...shown} metric="sleep" measured={sleep} title="Asleep" isMain />
          {sleep?.stages === undefined ? null : <Stages stages={sleep.stages} />}
        </>
      )}
    </Card>
  );
}

const names: Readonly<Record<SleepStage, string>> = {
  deep: "Deep",
  light: "Light",
  rem: "REM",
  asleep: "Asleep",
  awake: "Awake",
};
const secondMs = 1_000;

function Stages({ stages }: { readonly stages: NonNullable<Measured["stages"]> }) {
  const parts = order.flatMap((stage) => {
    const seconds = stages[stage] ?? 0;
    return seconds > 0 ? [{ stage, seconds, lasted: hoursAndMinutes(seconds * secondMs) }] : [];
  });
  if (parts.length === 0) return null;
  const all = parts.map(({ stage, lasted }) => `${names[stage]} ${lasted}`).join(", ");
  return (
    <figure className="stack">
      <div className="stages" role="img" aria-label={`Stages: ${all}`}>
        {parts.map(({ stage, seconds }) => (
          <div key={stage} className={`stage ${stage}`} style={{ flexGrow: seconds }} />
        ))}
      </div>
      <figcaption>
        <ul className="plain stage-names small">
          {parts.map(({ stage, lasted }) => (
            <li key={stage}>
              <span className={`swatch ${stage}`} aria-hidden="true" />
              {names[stage]} <strong>{lasted}</strong>
            </li>
          ))}
        </ul>
      </figcaption>
    </figure>
  );
}
