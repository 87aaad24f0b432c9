/** The proof of an entry, as a file to keep; where another entry says what came of it, that one's too. */
import type { AccessEntry, Log } from "../../api/schema.d.ts";
import { isWitnessed, placeOfProof } from "../../log/place.ts";
import { Proof } from "../../log/proof.tsx";

interface ProofsProps {
  readonly entry: AccessEntry;
  readonly logs: readonly Log[] | undefined;
}

export function Proofs({ entry, logs }: ProofsProps) {
  const [own, outcome] = [entry.proof, entry.outcomeProof].map((path) =>
    path === null || path === undefined ? null : placeOfProof(path),
  );
  // One line is enough for two that wait for the same.
  const isWaiting = [own, outcome].some((place) => place && isWitnessed(place, logs) === false);
  if (isWaiting)
    return (
      <span className="small soft" role="status">
        Proof in about a minute
      </span>
    );
  return (
    <>
      {own ? <Proof words="Proof" entry={entry.entry} place={own} /> : null}
      {outcome ? <Proof words="Proof of outcome" entry={entry.entry} place={outcome} /> : null}
    </>
  );
}
