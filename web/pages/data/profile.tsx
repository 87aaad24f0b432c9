/** Name, home zone and the choice of boards; and the id by which somebody is let in or found. */
import { type FormEvent, useState } from "react";
import { useDeed } from "../../api/queries.ts";
import { Card } from "../../design/card.tsx";
import { Button, Check, Field } from "../../design/controls.tsx";
import { Copy } from "../../design/copy.tsx";
import { Failed } from "../../design/failed.tsx";
import { moment } from "../../design/format.ts";
import { type Me, useMe } from "../../session/members-only.tsx";
import { Done } from "./told.tsx";

export function ProfileCard() {
  const me = useMe();
  return (
    <Card
      id="profile"
      title="Profile"
      query={me}
      rows={11}
      missing={({ displayName }) =>
        displayName === null ? "Your name could not be read just now." : null
      }
    >
      {(known) => <Profile me={known} />}
    </Card>
  );
}

function Profile({ me }: { readonly me: Me }) {
  const zone = me.zones.at(-1)?.zone ?? "UTC";
  const [draft, setDraft] = useState<{ name: string; zone: string; onBoards: boolean } | null>(
    null,
  );
  const shown = draft ?? { name: me.displayName ?? "", zone, onBoards: me.onBoards };
  const change = useDeed("PUT /v1/me", ["GET /v1/me"]);
  const set = (part: Partial<typeof shown>) => {
    change.reset();
    setDraft({ ...shown, ...part });
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const { name, onBoards } = shown;
    if (name.trim() === "") return;
    change.mutate(
      {
        body: {
          displayName: name,
          ...(shown.zone === zone ? {} : { zone: shown.zone, zoneFrom: new Date().toISOString() }),
          onBoards,
        },
      },
      { onSuccess: () => setDraft(null) },
    );
  };
  return (
    <form className="stack" onSubmit={submit}>
      <Field
        label="Your name"
        value={shown.name}
        onChange={(name) => set({ name })}
        maxLength={60}
        isRequired
        wrong={shown.name.trim() === "" ? "Say what you would like to be called." : null}
        about="Shown on boards if you are on them, and to whom you let read something."
      />
      <Field
        label="Home time zone"
        value={shown.zone}
        onChange={(next) => set({ zone: next })}
        isRequired
        about={`Your days begin by it, from the change on. Here it is ${here()}.`}
      />
      <Check isSelected={shown.onBoards} onChange={(onBoards) => set({ onBoards })}>
        Show me on leaderboards
      </Check>
      <p className="small soft">
        Everybody then sees your name, sums and ranks. Taken back, you are off the boards within a
        minute.
      </p>
      <Failed error={change.error} />
      <Done>{change.isSuccess ? "Saved." : null}</Done>
      <div>
        <Button kind="main" type="submit" isPending={change.isPending} isDisabled={draft === null}>
          Save
        </Button>
      </div>
      <Copy label="Your id, for somebody who wants to let you read theirs" value={me.id} />
      {me.zones.length > 1 ? <FormerZones zones={me.zones} /> : null}
    </form>
  );
}

const here = () => Intl.DateTimeFormat().resolvedOptions().timeZone;

const FormerZones = ({ zones }: Pick<Me, "zones">) => (
  <details>
    <summary>Zones before</summary>
    <ul className="plain small">
      {zones.map(({ zone, from }) => (
        <li key={from ?? ""}>
          {zone}, {from === null ? "since ever" : `since ${moment(from)}`}
        </li>
      ))}
    </ul>
  </details>
);
