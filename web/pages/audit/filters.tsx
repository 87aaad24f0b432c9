/** What entries to look for. Asked only when it is pressed: each question stands in the log. */
import { type FormEvent, useState } from "react";
import { Button, Field, Pick } from "../../design/controls.tsx";
import {
  actionChoices,
  type EntryQuery,
  nothingTyped,
  queryOf,
  type Typed,
  type Wrong,
  wrongIn,
} from "./entry-query.ts";

export function Filters({ onAsk }: { readonly onAsk: (query: EntryQuery) => void }) {
  const [typed, setTyped] = useState<Typed>(nothingTyped);
  const [wrong, setWrong] = useState<Wrong>({});
  const set = (more: Partial<Typed>) => {
    setTyped({ ...typed, ...more });
    // What is wrong keeps a form from being sent until it is typed anew.
    setWrong({});
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const found = wrongIn(typed);
    setWrong(found);
    if (Object.keys(found).length === 0) onAsk(queryOf(typed));
  };
  const clear = () => {
    setTyped(nothingTyped);
    setWrong({});
    onAsk({});
  };
  return (
    <form className="card" onSubmit={submit} aria-label="What to look for">
      <div className="fields">
        <Field
          label="Member"
          value={typed.member}
          onChange={(member) => set({ member })}
          wrong={wrong.member ?? null}
          about="An internal id: m_ and 32 letters and digits."
          maxLength={40}
        />
        <Field
          label="Actor"
          value={typed.actor}
          onChange={(actor) => set({ actor })}
          wrong={wrong.actor ?? null}
          about="As entries have it: an id, or a pseudonym."
          maxLength={64}
        />
        <Pick
          label="Sort of deed"
          choices={actionChoices}
          value={typed.action}
          onChange={(action) => set({ action })}
        />
        <Field
          label="First day"
          type="date"
          value={typed.from}
          onChange={(from) => set({ from })}
        />
        <Field
          label="Last day"
          type="date"
          value={typed.to}
          onChange={(to) => set({ to })}
          wrong={wrong.to ?? null}
        />
      </div>
      <div className="row">
        <Button kind="main" type="submit">
          Search
        </Button>
        <Button kind="quiet" onPress={clear}>
          Clear
        </Button>
      </div>
    </form>
  );
}
