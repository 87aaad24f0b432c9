/** Allowing somebody to read something, or forbidding it: who, what, what for, how long. */
import { type FormEvent, useState } from "react";
import type { Asked } from "../../api/client.ts";
import { Problem } from "../../api/problem.ts";
import { useDeed } from "../../api/queries.ts";
import type { Consent } from "../../api/schema.d.ts";
import { ownColumnWords, purposeWords } from "../../consents/column-words.ts";
import { Button, Check, Dialog, Field, Pick, Segments } from "../../design/controls.tsx";
import { Failed } from "../../design/failed.tsx";
import { dayEnds } from "./log-words.ts";

type Body = Asked<"POST /v1/consents">["body"];
type Column = Consent["columns"][number];

interface Draft {
  readonly effect: "permit" | "forbid";
  readonly to: "person" | "coaches";
  readonly member: string;
  readonly columns: readonly Column[];
  readonly purpose: Consent["purpose"];
  /** A local day; "": until it is taken back. */
  readonly until: string;
}
const fresh: Draft = {
  ...{ effect: "permit", to: "person", member: "", columns: [] },
  ...{ purpose: "coaching", until: "" },
};

const effects = [
  { id: "permit", name: "Allow" },
  { id: "forbid", name: "Forbid" },
] as const;
const grantees = [
  { id: "person", name: "A person" },
  { id: "coaches", name: "All coaches" },
] as const;
const purposes = (Object.keys(purposeWords) as Consent["purpose"][]).map((id) => ({
  id,
  name: purposeWords[id],
}));

export const bodyOf = ({ effect, to, member, columns, purpose, until }: Draft): Body => ({
  grantee: to === "coaches" ? { role: "coach" } : { member: member.trim() },
  columns: [...columns],
  ...{ purpose, effect },
  ...(until === "" ? {} : { until: dayEnds(until) }),
});

interface GrantProps {
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly onSaid: (words: string) => void;
}

export const Grant = (props: GrantProps) => (
  <Dialog title="Allow or forbid" isOpen={props.isOpen} onClose={props.onClose}>
    <GrantForm {...props} />
  </Dialog>
);

function GrantForm({ onClose, onSaid }: GrantProps) {
  const [draft, setDraft] = useState(fresh);
  const set = (part: Partial<Draft>) => setDraft({ ...draft, ...part });
  const grant = useDeed("POST /v1/consents", ["GET /v1/consents"]);
  const isPermit = draft.effect === "permit";
  const submit = (event: FormEvent) => {
    event.preventDefault();
    grant.mutate(
      { body: bodyOf(draft) },
      {
        onSuccess: () => {
          onSaid(isPermit ? "Allowed. You can take it back at any time." : "Forbidden.");
          onClose();
        },
      },
    );
  };
  return (
    <form className="stack" onSubmit={submit}>
      <Segments
        label="Allow or forbid"
        choices={effects}
        value={draft.effect}
        onChange={(effect) => set({ effect })}
      />
      <Segments label="Who" choices={grantees} value={draft.to} onChange={(to) => set({ to })} />
      {draft.to === "person" ? (
        <Field
          label="Their id"
          value={draft.member}
          onChange={(member) => {
            // As long as it is said to be wrong, the form is not sent.
            grant.reset();
            set({ member });
          }}
          wrong={wrongId(grant.error)}
          maxLength={64}
          isRequired
          about="They find it on their own page My data and can send it to you."
        />
      ) : (
        <p className="note warn">Everyone who is a coach here, also those who become one later.</p>
      )}
      <Columns chosen={draft.columns} onChange={(columns) => set({ columns })} />
      <Pick
        label="What for"
        choices={purposes}
        value={draft.purpose}
        onChange={(purpose) => set({ purpose })}
      />
      <Field
        label="Last day (none: until you take it back)"
        type="date"
        value={draft.until}
        onChange={(until) => set({ until })}
      />
      <p className="small soft">
        {isPermit
          ? "Every look stands in your log. You can take it back at once, at any time."
          : "A forbid beats everything that you allow, for as long as it holds."}
      </p>
      {wrongId(grant.error) === null ? <Failed error={grant.error} /> : null}
      <div className="row">
        <Button
          kind="main"
          type="submit"
          isPending={grant.isPending}
          isDisabled={draft.columns.length === 0}
        >
          {isPermit ? "Allow" : "Forbid"}
        </Button>
        <Button kind="quiet" onPress={onClose}>
          Not now
        </Button>
      </div>
    </form>
  );
}

/** Null: it is not the id that is wrong. */
function wrongId(error: Error | null): string | null {
  if (!(error instanceof Problem)) return null;
  const field = error.fields.find((one) => one.field.startsWith("body.grantee"));
  if (field === undefined) return null;
  return field.rule === "oneself"
    ? "That is your own id: you see your data anyway."
    : "Nobody has this id.";
}

interface ColumnsProps {
  readonly chosen: readonly Column[];
  readonly onChange: (columns: readonly Column[]) => void;
}

const Columns = ({ chosen, onChange }: ColumnsProps) => (
  <fieldset className="checks">
    <legend>What</legend>
    {(Object.keys(ownColumnWords) as Column[]).map((column) => (
      <Check
        key={column}
        isSelected={chosen.includes(column)}
        onChange={(isChosen) =>
          onChange(isChosen ? [...chosen, column] : chosen.filter((one) => one !== column))
        }
      >
        {ownColumnWords[column]}
      </Check>
    ))}
  </fieldset>
);
