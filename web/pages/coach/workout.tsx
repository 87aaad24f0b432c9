/** The readings of one workout, each column by itself: opened when it is asked for, as far as it was granted. */
import { Link } from "wouter";
import { purposeWords } from "../../consents/column-words.ts";
import { moment } from "../../design/format.ts";
import { typeName } from "../../readings/type-name.ts";
import { nameOf, openedBy, purposesOf } from "./grants.ts";
import { type Looking, OnRecord } from "./member.tsx";
import { ReadingCards } from "./readings.tsx";
import { Reminder } from "./reminder.tsx";
import { useEntry } from "./roster.tsx";
import { useWorkouts } from "./workouts.tsx";

interface WorkoutReadingsProps extends Looking {
  readonly workout: string;
}

export function WorkoutReadings({ member, workout, looks }: WorkoutReadingsProps) {
  const { entry, isSearching } = useEntry(member);
  const purpose = looks.purposeFor(member);
  // Read here: a change is told only to the component that has read what changed.
  const { data, error, dataUpdatedAt, refetch } = useWorkouts(member, purpose !== null);
  const found = data?.items.find(({ id }) => id === workout);
  return (
    <div className="coach">
      <div>
        <Link href={`/coach/${member}`}>{nameOf(entry)}</Link>
        <h1>{found === undefined ? "A workout" : typeName(found.type)}</h1>
        <p className="soft">{found === undefined ? "\u00a0" : moment(found.start)}</p>
      </div>
      {purpose === null ? (
        isSearching ? null : (
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
            workouts={{ data, error, dataUpdatedAt, refetch }}
            start={found?.start ?? null}
            opened={entry === undefined ? null : openedBy(entry, purpose)}
          />
        </>
      )}
    </div>
  );
}
