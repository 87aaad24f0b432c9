/** A code is told once: shown to be sent on, and then gone. */
import { useState } from "react";
import { Button, Field } from "../../design/controls.tsx";
import { invitation } from "./invitation.ts";

interface ToldCodeProps {
  /** Of what it lets in to. */
  readonly path: string;
  readonly code: string;
}

export function ToldCode({ path, code }: ToldCodeProps) {
  const [said, setSaid] = useState("");
  const link = invitation(location.origin, path, code);
  const copy = () =>
    navigator.clipboard.writeText(link).then(
      () => setSaid("Copied."),
      () => setSaid("It could not be copied; mark it and copy it by hand."),
    );
  return (
    <div className="note stack">
      <p>
        Send this to whoever should join. It is shown this once and kept nowhere; anybody who has it
        can join.
      </p>
      <Field label="Invitation" value={link} onChange={() => undefined} />
      <div className="row">
        <Button onPress={() => void copy()}>Copy</Button>
        <span role="status">{said}</span>
      </div>
    </div>
  );
}
