/** Erasing for a member who asked for it by another way than with their own token. */
import { type FormEvent, useId, useState } from "react";
import { useDeed } from "../../api/queries.ts";
import { WhatFailed } from "../../design/card.tsx";
import { Button, Confirm, Field, Pick } from "../../design/controls.tsx";
import { type EraseKind, eraseKinds, scopeOf, scopeSaid, scopeWrong } from "./erase-scope.ts";
import { Erased } from "./erased.tsx";

const reasonCharsMax = 60;

export function EraseFor({ member }: { readonly member: string }) {
  const heading = useId();
  const [kind, setKind] = useState<EraseKind>("member");
  const [connection, setConnection] = useState("");
  const [from, setFrom] = useState("");
  const [to, setTo] = useState("");
  const [reason, setReason] = useState("");
  const [wrong, setWrong] = useState<string | null>(null);
  const [isAsking, setAsking] = useState(false);
  const erase = useDeed("POST /v1/ops/erasures", ["GET /v1/ops/holds/{member}"]);
  const typed = { kind, connection, from, to, reason };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const found = scopeWrong(typed);
    setWrong(found);
    setAsking(found === null);
  };
  const confirm = () =>
    erase.mutate(
      { body: { member, scope: scopeOf(typed), reason: reason.trim() } },
      { onSuccess: () => setAsking(false) },
    );
  return (
    <section className="card" aria-labelledby={heading}>
      <h2 id={heading}>Erase for this member</h2>
      <p className="small">
        Only when they asked for it. Your reason stands in the log, for them to read.
      </p>
      <form className="stack" onSubmit={submit}>
        <Pick label="What" choices={eraseKinds} value={kind} onChange={setKind} />
        {kind === "connection" ? (
          <Field
            label="The connection's id"
            value={connection}
            onChange={setConnection}
            maxLength={64}
          />
        ) : null}
        {kind === "workouts" || kind === "samples" ? (
          <div className="window-fields">
            <Field label="First day (UTC)" type="date" value={from} onChange={setFrom} />
            <Field label="Last day (UTC)" type="date" value={to} onChange={setTo} />
          </div>
        ) : null}
        <Field label="Reason" value={reason} onChange={setReason} maxLength={reasonCharsMax} />
        {wrong === null ? null : (
          <p className="note bad" role="alert">
            {wrong}
          </p>
        )}
        <div>
          <Button kind="danger" type="submit">
            Erase
          </Button>
        </div>
      </form>
      <div role="status">{erase.data === undefined ? null : <Erased of={erase.data} />}</div>
      <Confirm
        title="Erase for good?"
        isOpen={isAsking}
        onClose={() => setAsking(false)}
        deed="Erase for good"
        isDanger
        isPending={erase.isPending}
        onConfirm={confirm}
      >
        <p>{isAsking ? scopeSaid(typed) : ""} Nobody can bring it back.</p>
        {erase.error === null ? null : (
          <p className="note bad" role="alert">
            <WhatFailed error={erase.error} />
          </p>
        )}
      </Confirm>
    </section>
  );
}
