/** Asking the archive to settle now: all that waits, or some days. */
import { type FormEvent, useId, useState } from "react";
import { Link } from "wouter";
import { useDeed } from "../../api/queries.ts";
import { WhatFailed } from "../../design/card.tsx";
import { Button, Field } from "../../design/controls.tsx";
import { runTitle } from "./run-said.ts";

/** An empty end of the window is open. */
export function Settle() {
  const heading = useId();
  const [from, setFrom] = useState("");
  const [to, setTo] = useState("");
  const settle = useDeed("POST /v1/ops/runs", ["GET /v1/ops/runs"]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const window = { ...(from === "" ? {} : { from }), ...(to === "" ? {} : { to }) };
    settle.mutate({ body: { kind: "settle", ...window } });
  };
  return (
    <section className="card" aria-labelledby={heading}>
      <h2 id={heading}>Settle</h2>
      <form className="stack" onSubmit={submit}>
        <div className="window-fields">
          <Field label="First day" type="date" value={from} onChange={setFrom} />
          <Field
            label="Last day"
            type="date"
            value={to}
            onChange={setTo}
            wrong={from !== "" && to !== "" && to < from ? "It lies before the first day." : null}
          />
          <Button kind="main" type="submit" isPending={settle.isPending}>
            Settle now
          </Button>
        </div>
        <p className="small soft">
          Without days, everything that waits. Settling again changes nothing that is settled.
        </p>
        <div role="status">
          {settle.data === undefined ? null : (
            <p className="note">
              Asked for: {runTitle(settle.data)}.{" "}
              <Link href={`/operations/archive/${settle.data.id}`}>See how far it is</Link>
            </p>
          )}
        </div>
        {settle.error === null ? null : (
          <p className="note bad" role="alert">
            <WhatFailed error={settle.error} />
          </p>
        )}
      </form>
    </section>
  );
}
