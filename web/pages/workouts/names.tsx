/** What its owner called it and noted down, through the vault, when it is asked for. */

import { useReadings } from "../../readings/of-workout.ts";
import { Opened, useOpened } from "../../readings/opened.tsx";
import type { Workout } from "./values.ts";

interface NamesCardProps {
  readonly workout: Workout;
  readonly member: string;
}

export function NamesCard({ workout, member }: NamesCardProps) {
  const opened = useOpened();
  const of = { member, workout: workout.id };
  const title = useReadings<string>(of, "title", opened.isOpen);
  const notes = useReadings<string>(of, "notes", opened.isOpen);
  return (
    <Opened
      id="names"
      title="Name and notes"
      show="Show name and notes"
      query={title}
      others={[notes]}
      rows={2}
      {...opened}
      none={null}
      isEmpty={({ values }) => values.length === 0 && notes.data?.values.length === 0}
      empty={<p className="soft">It was given no name and no notes.</p>}
    >
      {({ values }) => (
        <>
          {values.map((text) => (
            <p key={text}>
              <strong>{text}</strong>
            </p>
          ))}
          {notes.data?.values.map((text) => (
            <p key={text} className="workout-notes">
              {text}
            </p>
          ))}
        </>
      )}
    </Opened>
  );
}
