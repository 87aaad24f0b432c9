/** The values that stand for a workout, each with the source that it was taken from and why. */
import type { Loaded } from "../../design/card.tsx";
import { Card } from "../../design/card.tsx";
import { lasting } from "../../design/format.ts";
import type { useTitles } from "../../session/provider-titles.ts";
import { distance, kcal, metres, pace, type Workout } from "./values.ts";

type Names = ReturnType<typeof useTitles>;
type Chosen = NonNullable<Workout["distanceMm"]>;

interface ValuesProps {
  readonly query: Loaded<Workout>;
  readonly names: Names;
}

export const Values = ({ query, names }: ValuesProps) => (
  <Card id="values" title="What counts of it" query={query} others={[names.query]} rows={8}>
    {(workout) => (
      <>
        <dl className="workout-values">
          {tilesOf(workout).map(({ label, text, chosen }) => (
            <div key={label}>
              <dt className="small soft">{label}</dt>
              <dd>
                <span className="number">{text}</span>
                <span className="small soft">{fromWords(workout, chosen, names.nameOf)}</span>
              </dd>
            </div>
          ))}
        </dl>
        <p className="small soft">{besides(workout)}</p>
      </>
    )}
  </Card>
);

interface Tile {
  readonly label: string;
  readonly text: string;
  readonly chosen: Chosen;
}

function tilesOf(workout: Workout): Tile[] {
  const { family, distanceMm, movingMs, elevationGainMm, energyMcal } = workout;
  const tile = (label: string, chosen: Chosen | null, read: (value: number) => string): Tile[] =>
    chosen === null ? [] : [{ label, text: read(chosen.value), chosen }];
  return [
    ...tile("Distance", distanceMm, (mm) => distance(mm, family)),
    ...tile("Moving time", movingMs, lasting),
    ...tile("Climbed", elevationGainMm, metres),
    ...tile("Energy", energyMcal, kcal),
  ];
}

/** The reason begins with the provider's short name where one was chosen: it is said by its title. */
function fromWords(workout: Workout, { from, because }: Chosen, nameOf: Names["nameOf"]): string {
  const providers = new Set(
    workout.sources.filter(({ record }) => from.includes(record)).map(({ provider }) => provider),
  );
  const [provider = ""] = providers;
  const reason = because.startsWith(`${provider}: `) ? because.slice(provider.length + 2) : because;
  const who = [...providers].map(nameOf).join(", ");
  return who === "" ? reason : `From ${who}: ${reason}`;
}

function besides({ elapsedMs, distanceMm, movingMs, family }: Workout): string {
  const speed = distanceMm === null ? null : pace(distanceMm.value, movingMs.value, family);
  const said = speed === null ? "" : ` ${speed} on average while moving.`;
  return `${lasting(elapsedMs)} from start to end.${said}`;
}
