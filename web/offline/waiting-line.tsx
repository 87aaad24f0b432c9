/**
 * Above the page: what was made here and is not yet with Singlet, and what was refused. Whoever is
 * signed out is told how much waits and not what: nothing of it is opened until its maker is back.
 */
import { useState } from "react";
import { Button, Confirm } from "../design/controls.tsx";
import { useSession } from "../session/use-session.ts";
import { entryWords } from "./entry-words.ts";
import { discard, sendWaiting, useWaits, type Waits } from "./waiting.ts";

const countOf = ({ entries, syncs }: Waits): number => entries.length + syncs.length;

/** "1 entry and 2 syncs wait". */
function waitWords({ entries, syncs }: Waits): string {
  const some = (n: number, one: string, many: string) =>
    n === 0 ? [] : [`${n} ${n === 1 ? one : many}`];
  const parts = [
    ...some(entries.length, "entry", "entries"),
    ...some(syncs.length, "sync", "syncs"),
  ];
  return `${parts.join(" and ")} ${entries.length + syncs.length === 1 ? "waits" : "wait"}`;
}

/** What signing out would lose. */
export const leftWords = (waits: Waits): string =>
  countOf(waits) > 0
    ? `${waitWords(waits)} to be sent.`
    : "What was refused has not been read, and stands nowhere else.";

export function WaitingLine() {
  const waits = useWaits();
  const isIn = useSession().state === "in";
  return isIn ? (
    <>
      <Unsent waits={waits} />
      <RefusedEntries waits={waits} />
    </>
  ) : (
    <SealedLine names={waits.sealed} />
  );
}

/** Of a session that ended by itself: what is left is opened to nobody but the one who made it. */
const SealedLine = ({ names }: { readonly names: readonly string[] }) =>
  names.length === 0 ? null : (
    <div className="note warn" role="status">
      <span>
        {names.length === 1
          ? "1 thing that was made here waits"
          : `${names.length} things that were made here wait`}{" "}
        for who made them to sign in again.
      </span>
      <Discarding names={names} />
    </div>
  );

const Unsent = ({ waits }: { readonly waits: Waits }) =>
  waits.isStuck && countOf(waits) > 0 ? (
    <div className="note warn" role="status">
      <span>{waitWords(waits)} for a network.</span>
      <What waits={waits} />
      <Button kind="quiet" onPress={() => void sendWaiting()}>
        Send now
      </Button>
      <Discarding names={[...waits.entries, ...waits.syncs].map(({ name }) => name)} />
    </div>
  ) : null;

function Discarding({ names }: { readonly names: readonly string[] }) {
  const [isAsking, setAsking] = useState(false);
  return (
    <>
      <Button kind="quiet" onPress={() => setAsking(true)}>
        Discard
      </Button>
      <Confirm
        title="Discard what waits?"
        deed="Discard"
        isOpen={isAsking}
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
