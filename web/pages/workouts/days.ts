/** A list of workouts, newest first, by the days on which they count. */
interface Dated {
  readonly day: string;
}

export interface Day<W> {
  readonly day: string;
  readonly workouts: readonly W[];
}

/** In the order of the list; a day stands once, whatever lies between its workouts. */
export function daysOf<W extends Dated>(workouts: readonly W[]): Day<W>[] {
  const days = new Map<string, W[]>();
  for (const workout of workouts) {
    const of = days.get(workout.day);
    if (of === undefined) days.set(workout.day, [workout]);
    else of.push(workout);
  }
  return [...days].map(([day, those]) => ({ day, workouts: those }));
}
