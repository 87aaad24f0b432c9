/** One workout: its values and where each is from, its sources and why they are one, its readings. */
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { Link, useLocation } from "wouter";
import { Problem } from "../../api/problem.ts";
import { keyOf, useApi } from "../../api/queries.ts";
import { dayName } from "../../design/format.ts";
import { typeName } from "../../readings/type-name.ts";
import type { Me } from "../../session/members-only.tsx";
import { useTitles } from "../../session/provider-titles.ts";
import { Boards } from "./boards.tsx";
import { type DecidedAnswer, DecidedNote } from "./decided.tsx";
import { EraseWorkout } from "./erase.tsx";
import { HeartRateCard } from "./heart-rate.tsx";
import { NamesCard } from "./names.tsx";
import { Sources } from "./sources.tsx";
import { SportMark } from "./sport.tsx";
import { TrackCard } from "./track.tsx";
import { span } from "./values.ts";
import { Values } from "./values-card.tsx";

const name = "GET /v1/workouts/{id}";

/** A former id is led on by the API; the address follows, so that what is done names what is there. */
function useWorkout(id: string) {
  const [, go] = useLocation();
  const client = useQueryClient();
  const workout = useApi(name, { params: { id } });
  const found = workout.data?.id;
  useEffect(() => {
    if (found === undefined || found === id) return;
    client.setQueryData(keyOf(name, { params: { id: found } }), workout.data);
    go(`/workouts/${found}`, { replace: true });
  }, [found, id, client, go, workout.data]);
  return workout;
}

const NoSuch = () => (
  <>
    <h1>There is no such workout</h1>
    <p>Its records were erased or deleted at their source, or the address was never yours.</p>
    <p>
      <Link href="/workouts">All workouts</Link>
    </p>
  </>
);

export function WorkoutPage({ id, me }: { readonly id: string; readonly me: Me }) {
  const workout = useWorkout(id);
  const names = useTitles();
  const [split, setSplit] = useState<DecidedAnswer | null>(null);
  const found = workout.data;
  if (found === undefined && workout.error instanceof Problem && workout.error.status === 404)
    return <NoSuch />;
  return (
    <>
      <div className="workout-head">
        <Link href="/workouts">All workouts</Link>
        <div className="row">
          <SportMark family={found?.family ?? "other"} />
          <div>
            <h1>{found === undefined ? "Workout" : typeName(found.type)}</h1>
            <p className="soft">
              {found === undefined ? "\u00a0" : `${dayName(found.day)}, ${span(found)}`}
            </p>
          </div>
        </div>
      </div>
      {split === null ? null : (
        <DecidedNote
          key={split.decision}
          decided={split}
          undone="Taken back: it is one workout again, as it was."
        >
          They are workouts of their own now, and both count:
        </DecidedNote>
      )}
      <div className="workout-columns">
        <div className="stack">
          <Values query={workout} names={names} />
          <Boards query={workout} onBoards={me.onBoards} member={me.id} />
        </div>
        <Sources query={workout} names={names} onSplit={setSplit} />
      </div>
      {found === undefined ? null : (
        <div className="workout-readings">
          <HeartRateCard key={`heart rate ${found.id}`} workout={found} member={me.id} />
          <TrackCard key={`track ${found.id}`} workout={found} member={me.id} />
          <NamesCard key={`names ${found.id}`} workout={found} member={me.id} />
          <EraseWorkout workout={found} />
        </div>
      )}
    </>
  );
}
