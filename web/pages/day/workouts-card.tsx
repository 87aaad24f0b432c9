/** The day's workouts, each once; all that is known of one stands on its own page. */
import { Link } from "wouter";
import { Card } from "../../design/card.tsx";
import { hoursAndMinutes, km, wallTime, words } from "../../design/format.ts";
import { type Day, together, type Workout } from "./use-day.ts";

const unlooked = "There are so many workouts since that not all of this day's were looked for.";

export function WorkoutsCard({ day }: { readonly day: Day }) {
  const { workouts, connections, lack } = day;
  return (
    <Card
      {...{ id: "workouts", title: "Workouts", rows: 2 }}
      query={together(workouts, [connections])}
      others={[connections]}
      missing={({ isWhole }) => (isWhole ? lack : unlooked)}
      isEmpty={({ items }) => items.length === 0}
      empty={
        <p className="soft">
          No workout on this day. <Link href="/workouts">Bring one as a file</Link>, or add one by
          hand.
        </p>
      }
    >
      {({ items }) => (
        <ul className="plain stack">
          {items.map((workout) => (
            <One key={workout.id} workout={workout} />
          ))}
        </ul>
      )}
    </Card>
  );
}

function One({ workout }: { readonly workout: Workout }) {
  const { id, type, start, movingMs, distanceMm, sources } = workout;
  const count = sources.length === 1 ? "one source" : `${sources.length} sources, counted once`;
  return (
    <li>
      <Link href={`/workouts/${id}`} className="tile">
        <span className="row apart">
          <strong>{words(type)}</strong>
          <span>{wallTime(start)}</span>
        </span>
        <span className="row apart small soft">
          <span>
            {hoursAndMinutes(movingMs.value)}
            {distanceMm === null ? null : ` · ${km(distanceMm.value)}`}
          </span>
          <span>{count}</span>
        </span>
      </Link>
    </li>
  );
}
