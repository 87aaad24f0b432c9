/** The readings of one workout, each column by itself: opened when it is asked for, as far as it was granted. */
import { Link } from "wouter";
import { moment } from "../../design/format.ts";
import { typeName } from "../workouts/values.ts";
import { nameOf, openedBy, purposesOf, purposeWords } from "./grants.ts";
import { type Looking, OnRecord } from "./member.tsx";
import { ReadingCards } from "./readings.tsx";
import { Reminder } from "./reminder.tsx";
import { useRoster } from "./roster.tsx";
import { useWorkouts } from "./workouts.tsx";

interface WorkoutReadingsProps extends Looking {
  readonly workout: string;
}

export function WorkoutReadings({ member, workout, looks }: WorkoutReadingsProps) {
  const roster = useRoster();
  const purpose = looks.purposeFor(member);
  const workouts = useWorkouts(member, purpose !== null);
  const entry = roster.data?.items.find((one) => one.member === member);
  const found = workouts.data?.items.find(({ id }) => id === workout);
  return (
    <div className="coach">
      <div>
        <Link href={`/coach/${member}`}>{nameOf(entry)}</Link>
        <h1>{found === undefined ? "A workout" : typeName(found.type)}</h1>
        <p className="soft">{found === undefined ? "\u00a0" : moment(found.start)}</p>
      </div>
      {purpose === null ? (
        roster.isPending ? null : (
          <Reminder
            name={nameOf(entry)}
            purposes={entry === undefined ? [] : purposesOf(entry)}
            onLook={(chosen) => looks.begin(member, chosen)}
          />
        )
      ) : (
        <>
          <OnRecord purpose={purposeWords[purpose]} onEnd={() => looks.end(member)} />
          <ReadingCards
            of={{ member, workout, purpose }}
            workouts={workouts}
            start={found?.start ?? null}
            opened={entry === undefined ? null : openedBy(entry, purpose)}
          />
        </>
      )}
    </div>
  );
}
