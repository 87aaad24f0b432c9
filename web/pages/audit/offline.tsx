/** How anybody checks a proof, or a whole log, on a machine of their own and without asking us. */
import { useId } from "react";

const steps = [
  {
    what: "Take the keys home, and compare them with keys that reached you another way",
    command: "npm run audit -- key-file --url https://…",
  },
  {
    what: "Check one line: the file that Proof saves",
    command: "npm run audit -- proof 0-1234.tlog-proof",
  },
  {
    what: "Take a whole log home, its entries too, with your own token",
    command: "npm run audit -- fetch --log 0 --into log-0 --url https://… --token …",
  },
  {
    what: "Check all of it: tiles, checkpoints, witnesses, entries",
    command: "npm run audit -- verify --tiles log-0",
  },
] as const;

export function Offline() {
  const heading = useId();
  return (
    <section className="card" aria-labelledby={heading}>
      <h2 id={heading}>Checking offline</h2>
      <p>
        Nothing here has to be believed. What checks it is one file of under 300 lines,{" "}
        <code>local/audit-verify.ts</code>, which shares no code with what writes the log.
      </p>
      <ol className="stack">
        {steps.map(({ what, command }) => (
          <li key={command}>
            {what}
            <br />
            <code>{command}</code>
          </li>
        ))}
      </ol>
      <p className="small soft">
        It ends with OK, or with WRONG and the first thing that does not fit. What is newer than the
        last witnessed checkpoint, about a minute, is written but not proven yet.
      </p>
    </section>
  );
}
