/** One workout in the list: what, how far, how long, out of how many sources, and whether it counts. */
import type { ReactNode } from "react";
import { Link } from "wouter";
import { Badge, Check } from "../../design/controls.tsx";
import { lasting } from "../../design/format.ts";
import { typeName } from "../../readings/type-name.ts";
import { SportMark } from "./sport.tsx";
import { distance, sourcesWords, span, type Workout } from "./values.ts";

interface ListRowProps {
  readonly workout: Workout;
  readonly nameOf: (provider: string) => string;
  /** Null: rows lead to their workouts, and none is being chosen. */
  readonly isChosen: boolean | null;
  readonly onChoose: (isChosen: boolean) => void;
}

export function ListRow({ workout, nameOf, isChosen, onChoose }: ListRowProps) {
  const what = <What workout={workout} nameOf={nameOf} />;
  return (
    <li className="workout-row" data-workout={workout.id}>
      {isChosen === null ? (
        <Link className="workout-link" href={`/workouts/${workout.id}`}>
          {what}
        </Link>
      ) : (
        <Check isSelected={isChosen} onChange={onChoose}>
          <span className="workout-link">{what}</span>
        </Check>
      )}
    </li>
  );
}

function What({ workout, nameOf }: Pick<ListRowProps, "workout" | "nameOf">): ReactNode {
  const providers = [...new Set(workout.sources.map(({ provider }) => nameOf(provider)))];
  return (
    <>
      <SportMark family={workout.family} />
      <span className="workout-what">
        <strong>{typeName(workout.type)}</strong>
        <span className="small soft">{span(workout)}</span>
      </span>
      <span className="workout-numbers">
        {workout.distanceMm === null ? null : (
          <strong>{distance(workout.distanceMm.value, workout.family)}</strong>
        )}
        <span className="small soft">{lasting(workout.movingMs.value)} moving</span>
      </span>
      <span className="workout-more small">
        <Badge mood={workout.sources.length > 1 ? "good" : "plain"}>
          {sourcesWords(workout.sources.length)}
        </Badge>
        {workout.held.length === 0 ? null : <Badge mood="warn">Held from boards</Badge>}
        <span className="soft">{providers.join(", ")}</span>
        {workout.held.map(({ rule, because }) => (
          <span key={rule} className="workout-reason">
            {because}
          </span>
        ))}
      </span>
    </>
  );
}
