/** Reading a member's data without consent, in an emergency: what it means, the reason, how long it lasts. */
import { type FormEvent, useId, useState } from "react";
import {
  breakGlassReasonCharsMax,
  breakGlassReasonCharsMin,
  isBreakGlassReason,
} from "../../../domain/consent.ts";
import { useDeed } from "../../api/queries.ts";
import { WhatFailed } from "../../design/card.tsx";
import { Button, Confirm, Field } from "../../design/controls.tsx";
import { moment } from "../../design/format.ts";

export function BreakGlass({ member }: { readonly member: string }) {
  const heading = useId();
  const [reason, setReason] = useState("");
  const [isAsking, setAsking] = useState(false);
  const [isWrong, setWrong] = useState(false);
  const glass = useDeed("POST /v1/ops/break-glass");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setWrong(!isBreakGlassReason(reason));
    if (isBreakGlassReason(reason)) setAsking(true);
  };
  const confirm = () =>
    glass.mutate({ body: { member, reason } }, { onSuccess: () => setAsking(false) });
  return (
    <section className="card" aria-labelledby={heading}>
      <h2 id={heading}>Break the glass</h2>
      <p className="small">
        For emergencies alone. For 15 minutes you may read this member&rsquo;s readings without
        their consent, through the API with <code>purpose=emergency</code>. The member is told at
        once, with your reason, and sees every look. What a source keeps to its owner stays closed.
      </p>
      <form className="stack" onSubmit={submit}>
        <Field
          label="Your reason"
          value={reason}
          onChange={(text) => {
            setReason(text);
            setWrong(false);
          }}
          maxLength={breakGlassReasonCharsMax}
          about="The member reads it."
          wrong={isWrong ? `Say why, in ${breakGlassReasonCharsMin} letters or more.` : null}
        />
        <div>
          <Button kind="danger" type="submit">
            Break the glass
          </Button>
        </div>
      </form>
      <div role="status">
        {glass.data === undefined ? null : (
          <p className="note warn">
            In force until {moment(glass.data.until)}. The member sees it under My data.
          </p>
        )}
      </div>
      <Confirm
        title="Break the glass?"
        isOpen={isAsking}
        onClose={() => setAsking(false)}
        deed="Break the glass"
        isDanger
        isPending={glass.isPending}
        onConfirm={confirm}
      >
        <p>The member is told now, and reads this: “{reason}”. That cannot be undone.</p>
        {glass.error === null ? null : (
          <p className="note bad" role="alert">
            <WhatFailed error={glass.error} />
          </p>
        )}
      </Confirm>
    </section>
  );
}
