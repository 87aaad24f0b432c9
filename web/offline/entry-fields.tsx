/** The fields of an entry by hand: which there are depends on what is added. */
import { type Choice, Field, Pick } from "../design/controls.tsx";
import { type Entered, readings, type WorkoutKind, type Wrong, workoutKinds } from "./hand-made.ts";

const whats: readonly Choice<string>[] = [
  { id: "workout", name: "Workout" },
  ...readings.map(({ id, name, shownUnit }) => ({
    id,
    name: shownUnit === "" ? name : `${name} (${shownUnit})`,
  })),
];

/** "2026-11-22T08:00", as clocks are here. */
function localTime(atMs: number): string {
  const at = new Date(atMs);
  return new Date(atMs - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

export const blank = (nowMs: number): Entered => ({
  ...{ what: "workout", kind: "Running", start: localTime(nowMs), end: localTime(nowMs) },
  ...{ minutes: "", km: "", kcal: "", values: [] },
});

interface EntryFieldsProps {
  readonly entered: Entered;
  readonly wrong: Wrong;
  readonly onChange: (entered: Entered) => void;
}

export function EntryFields(props: EntryFieldsProps) {
  const { entered, onChange } = props;
  return (
    <>
      <Pick
        label="What"
        choices={whats}
        value={entered.what}
        onChange={(what) => onChange({ ...entered, what, values: [] })}
      />
      {entered.what === "workout" ? <WorkoutFields {...props} /> : <ReadingFields {...props} />}
    </>
  );
}

function WorkoutFields({ entered, wrong, onChange }: EntryFieldsProps) {
  const field = (name: "start" | "minutes" | "km" | "kcal") => ({
    value: entered[name],
    wrong: wrong[name] ?? null,
    onChange: (value: string) => onChange({ ...entered, [name]: value }),
  });
  return (
    <>
      <Pick
        label="Activity"
        choices={workoutKinds}
        value={entered.kind}
        onChange={(kind: WorkoutKind) => onChange({ ...entered, kind })}
      />
      <Field label="Began" type="datetime-local" {...field("start")} />
      <Field label="Minutes" type="number" min="1" step="any" {...field("minutes")} />
      <Field label="Distance, km (if any)" type="number" min="0" step="any" {...field("km")} />
      <Field label="Energy, kcal (if any)" type="number" min="0" step="any" {...field("kcal")} />
    </>
  );
}

function ReadingFields({ entered, wrong, onChange }: EntryFieldsProps) {
  const reading = readings.find(({ id }) => id === entered.what);
  if (reading === undefined) return null;
  const time = (name: "start" | "end", label: string) => (
    <Field
      label={label}
      type="datetime-local"
      value={entered[name]}
      wrong={wrong[name] ?? null}
      onChange={(value) => onChange({ ...entered, [name]: value })}
    />
  );
  const change = (at: number, value: string) =>
    onChange({
      ...entered,
      values: reading.parts.map((_, i) => (i === at ? value : (entered.values[i] ?? ""))),
    });
  return (
    <>
      {reading.parts.map(({ metric, label }, i) => (
        <Field
          key={metric}
          label={label}
          type="number"
          step="any"
          value={entered.values[i] ?? ""}
          wrong={wrong[`value-${i}`] ?? null}
          onChange={(value) => change(i, value)}
        />
      ))}
      {time("start", reading.id === "sleep" ? "Fell asleep" : reading.lasts ? "From" : "When")}
      {reading.lasts ? time("end", reading.id === "sleep" ? "Woke up" : "Until") : null}
    </>
  );
}
