/** Deeds for one member, named by id: what is held back, an emergency, an erasure that they asked for. */
import { type FormEvent, useState } from "react";
import { useLocation, useParams } from "wouter";
import { Button, Field } from "../../design/controls.tsx";
import { BreakGlass } from "./break-glass.tsx";
import { EraseFor } from "./erase-for.tsx";
import { HoldsCard } from "./holds.tsx";

const idForm = /^m_[0-9a-f]{32}$/;

export function MembersPart() {
  const { member } = useParams<{ member?: string }>();
  const [, go] = useLocation();
  const [typed, setTyped] = useState(member ?? "");
  const [isWrong, setWrong] = useState(false);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const id = typed.trim();
    setWrong(!idForm.test(id));
    if (idForm.test(id)) go(`/operations/members/${id}`);
  };
  const isMember = member !== undefined && idForm.test(member);
  return (
    <>
      <form className="card" data-card="choose" data-state="ready" onSubmit={submit}>
        <div className="row choose">
          <Field
            label="A member's id"
            value={typed}
            onChange={(id) => {
              setTyped(id);
              setWrong(false);
            }}
            about="m_ and 32 letters and digits, as lists and log lines have it. Their name is sealed."
            wrong={isWrong ? "That is no member's id." : null}
            maxLength={40}
          />
          <Button kind="main" type="submit">
            Choose
          </Button>
        </div>
      </form>
      {isMember ? (
        <div key={member} className="stack apart">
          <div className="grid pair">
            <BreakGlass member={member} />
            <EraseFor member={member} />
          </div>
          <HoldsCard member={member} />
        </div>
      ) : (
        <p className="soft">
          Choose a member to see what of theirs is held back from boards, to read in an emergency,
          or to erase for them.
        </p>
      )}
    </>
  );
}
