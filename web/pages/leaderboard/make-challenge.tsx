/** An operator makes a challenge: what counts, from which day to which, and who may join. */
import { type FormEvent, useState } from "react";
import { Link } from "wouter";
import { localDate } from "../../../domain/time.ts";
import type { Answer } from "../../api/client.ts";
import { useDeed } from "../../api/queries.ts";
import { Button, Check, Dialog, Field, Pick, Segments } from "../../design/controls.tsx";
import { Failed } from "../../design/failed.tsx";
import { familyName, measureName } from "./amounts.ts";
import { draftOf, type Family, type Filled, type Joining, typedUnit } from "./challenge-draft.ts";
import { measures } from "./choice.ts";
import { ToldCode } from "./told-code.tsx";

type Made = Answer<"POST /v1/challenges">;

const families: readonly Family[] = [
  ...(["run", "walk", "ride", "e_ride", "swim"] as const),
  ...(["row", "ski", "gym", "other"] as const),
];
const nameCharsMax = 60;

const nothing = (today: string): Filled => ({
  ...{ name: "", measure: "distance", families: [], from: today, to: today },
  ...{ dayMax: "", least: "", verifiedOnly: false, joining: "everybody", team: "" },
});

interface MakeChallengeProps {
  /** The operator's own, whose members may be asked. */
  readonly teams: readonly { readonly id: string; readonly name: string }[];
}

export function MakeChallenge({ teams }: MakeChallengeProps) {
  const [isOpen, setOpen] = useState(false);
  const make = useDeed("POST /v1/challenges", ["GET /v1/challenges"]);
  const close = () => {
    setOpen(false);
    make.reset();
  };
  return (
    <>
      <Button onPress={() => setOpen(true)}>Make a challenge</Button>
      <Dialog title="Make a challenge" isOpen={isOpen} onClose={close}>
        {make.data === undefined ? (
          <Form
            teams={teams}
            isPending={make.isPending}
            error={make.error}
            onMake={(filled) => make.mutate({ body: draftOf(filled) })}
            onClose={close}
          />
        ) : (
          <IsMade made={make.data} onClose={close} />
        )}
      </Dialog>
    </>
  );
}

function IsMade({ made, onClose }: { readonly made: Made; readonly onClose: () => void }) {
  const path = `/leaderboard/challenges/${made.id}`;
  return (
    <>
      <p role="status">
        <Link href={path}>{made.name}</Link> is there.
      </p>
      {made.code === null ? null : <ToldCode path={path} code={made.code} />}
      <div>
        <Button onPress={onClose}>Close</Button>
      </div>
    </>
  );
}

interface FormProps extends MakeChallengeProps {
  readonly isPending: boolean;
  readonly error: Error | null;
  readonly onMake: (filled: Filled) => void;
  readonly onClose: () => void;
}

function Form({ teams, isPending, error, onMake, onClose }: FormProps) {
  const [filled, setFilled] = useState(() => nothing(localDate(Date.now(), 0)));
  const set = (change: Partial<Filled>) => setFilled({ ...filled, ...change });
  const unit = typedUnit[filled.measure];
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onMake(filled);
  };
  return (
    <form className="stack" onSubmit={submit}>
      <Field
        label="Name"
        value={filled.name}
        onChange={(name) => set({ name })}
        maxLength={nameCharsMax}
        isRequired
      />
      <Segments
        label="What is measured"
        choices={measures.map((id) => ({ id, name: measureName(id) }))}
        value={filled.measure}
        onChange={(measure) => set({ measure })}
      />
      <Families chosen={filled.families} onChange={(chosen) => set({ families: chosen })} />
      <div className="two">
        <Field
          label="First day"
          type="date"
          value={filled.from}
          onChange={(from) => set({ from })}
          isRequired
        />
        <Field
          label="Last day"
          type="date"
          value={filled.to}
          onChange={(to) => set({ to })}
          min={filled.from}
          isRequired
        />
        <Field
          label={`Most of a day (${unit})`}
          value={filled.dayMax}
          onChange={(dayMax) => set({ dayMax })}
          about="Left empty: no limit."
        />
        <Field
          label={`Least of a workout (${unit})`}
          value={filled.least}
          onChange={(least) => set({ least })}
          about="Left empty: everything counts."
        />
      </div>
      <Check isSelected={filled.verifiedOnly} onChange={(verifiedOnly) => set({ verifiedOnly })}>
        Only what a device or a phone recorded counts
      </Check>
      <WhoMayJoin teams={teams} filled={filled} set={set} />
      <Failed error={error} />
      <div className="row">
        <Button kind="main" type="submit" isPending={isPending}>
          Make it
        </Button>
        <Button kind="quiet" onPress={onClose}>
          Not now
        </Button>
      </div>
    </form>
  );
}

interface FamiliesProps {
  readonly chosen: readonly Family[];
  readonly onChange: (chosen: readonly Family[]) => void;
}

const Families = ({ chosen, onChange }: FamiliesProps) => (
  <fieldset className="families">
    <legend>Activities (none chosen: all of them)</legend>
    {families.map((family) => (
      <Check
        key={family}
        isSelected={chosen.includes(family)}
        onChange={(isOn) =>
          onChange(isOn ? [...chosen, family] : chosen.filter((each) => each !== family))
        }
      >
        {familyName(family)}
      </Check>
    ))}
  </fieldset>
);

interface WhoMayJoinProps extends MakeChallengeProps {
  readonly filled: Filled;
  readonly set: (change: Partial<Filled>) => void;
}

function WhoMayJoin({ teams, filled: { joining, team }, set }: WhoMayJoinProps) {
  const [first] = teams;
  const doors: readonly { readonly id: Joining; readonly name: string }[] = [
    { id: "everybody", name: "Everybody" },
    { id: "code", name: "By invitation" },
    ...(first === undefined ? [] : [{ id: "team" as const, name: "A team of mine" }]),
  ];
  return (
    <>
      <Pick
        label="Who may join"
        choices={doors}
        value={joining}
        onChange={(to) => set({ joining: to, team: to === "team" ? (first?.id ?? "") : "" })}
      />
      {joining === "team" ? (
        <Pick label="Team" choices={teams} value={team} onChange={(to) => set({ team: to })} />
      ) : null}
    </>
  );
}
