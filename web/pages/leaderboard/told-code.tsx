/** A code is told once: shown to be sent on, and then gone. */
import { Copy } from "../../design/copy.tsx";
import { invitation } from "./invitation.ts";

interface ToldCodeProps {
  /** Of what it lets in to. */
  readonly path: string;
  readonly code: string;
}

export const ToldCode = ({ path, code }: ToldCodeProps) => (
  <div className="note stack">
    <p>
      Send this to whoever should join. It is shown this once and kept nowhere; anybody who has it
      can join.
    </p>
    <Copy label="Invitation" value={invitation(location.origin, path, code)} />
  </div>
);
