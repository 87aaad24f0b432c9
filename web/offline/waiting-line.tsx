/**
 * Above the page: what was made here and is not yet with Singlet, and what was refused. Whoever is
 * signed out is told how much waits and not what.
 */
import { useState } from "react";
import { Button, Confirm } from "../design/controls.tsx";
import { useSession } from "../session/use-session.ts";
import { entryWords } from "./entry-words.ts";
import { discard, sendWaiting, useWaits, type Waits } from "./waiting.ts";

const countOf = ({ entries, syncs }: Waits): number => entries.length + syncs.length;

/** "1 entry and 2 syncs wait". */
export function waitWords({ entries, syncs }: Waits): string {
  const some = (n: number, one: string, many: string) =>
    n === 0 ? [] : [`${n} ${n === 1 ? one : many}`];
  const parts = [
    ...some(entries.length, "entry", "entries"),
    ...some(syncs.length, "sync", "syncs"),
  ];
  return `${parts.join(" and ")} ${entries.length + syncs.length === 1 ? "waits" : "wait"}`;
}

export function WaitingLine() {
  const waits = useWaits();
  const isIn = useSession().state === "in";
  const [isAsking, setAsking] = useState(false);
  const names = [...waits.entries, ...waits.syncs].map(({ name }) => name);
  const isShown = (waits.isStuck || !isIn) && countOf(waits) > 0;
  return (
    <>
      {isShown ? (
        <div className="note warn" role="status">
          <span>
            {waitWords(waits)} {isIn ? "for a network." : "here, sealed, until you sign in again."}
          </span>
          {isIn ? <What waits={waits} /> : null}
          {isIn ? (
            <Button kind="quiet" onPress={() => void sendWaiting()}>
              Send now
            </Button>
          ) : null}
          <Button kind="quiet" onPress={() => setAsking(true)}>
            Discard
          </Button>
        </div>
      ) : null}
      <Confirm
        title="Discard what waits?"
        deed="Discard"
        isOpen={isAsking && isShown}
        isPending={false}
        isDanger
        onClose={() => setAsking(false)}
        onConfirm={() => {
          setAsking(false);
          void discard(names);
        }}
      >
        <p>It was not sent to Singlet and stands nowhere else. This cannot be undone.</p>
      </Confirm>
      {isIn ? <RefusedEntries waits={waits} /> : null}
    </>
  );
}

const What = ({ waits }: { readonly waits: Waits }) =>
  waits.entries.length === 0 ? null : (
    <details>
      <summary>What waits</summary>
      <ul>
        {waits.entries.map(({ name, batch }) => (
          <li key={name}>{entryWords(batch.body)}</li>
        ))}
      </ul>
    </details>
  );

const RefusedEntries = ({ waits }: { readonly waits: Waits }) =>
  waits.refused.map(({ name, body, why }) => (
    <div key={name} className="note bad" role="alert">
      <span>
        {entryWords(body)} was not taken. {why.join(" ")}
      </span>
      <Button kind="quiet" onPress={() => void discard([name])}>
        Dismiss
      </Button>
    </div>
  ));
