/** The proof of an entry, as a file to keep; where another entry says what came of it, that one's too. */
import { useMutation } from "@tanstack/react-query";
import { ask } from "../../api/client.ts";
import { Problem } from "../../api/problem.ts";
import type { AccessEntry, Log } from "../../api/schema.d.ts";
import { Button } from "../../design/controls.tsx";
import { saveFile } from "../../design/save-file.ts";
import { isProvable, type Place, placeOf, proofName } from "./log-words.ts";
import { Failed } from "./told.tsx";

interface ProofsProps {
  readonly entry: AccessEntry;
  readonly logs: readonly Log[] | undefined;
}

export function Proofs({ entry, logs }: ProofsProps) {
  const [own, outcome] = [entry.proof, entry.outcomeProof].map((path) =>
    path === null || path === undefined ? null : placeOf(path),
  );
  // One line is enough for two that wait for the same.
  const isWaiting = [own, outcome].some((place) => place && !isProvable(place, logs));
  if (isWaiting)
    return (
      <span className="small soft" role="status">
        Proof in about a minute
      </span>
    );
  return (
    <>
      {own ? <Proof words="Proof" entry={entry} place={own} /> : null}
      {outcome ? <Proof words="Proof of outcome" entry={entry} place={outcome} /> : null}
    </>
  );
}

interface ProofProps extends Pick<ProofsProps, "entry"> {
  readonly words: string;
  readonly place: Place;
}

function Proof({ words, entry, place }: ProofProps) {
  const fetched = useMutation({
    mutationFn: async () => {
      const response = await ask("GET /v1/access-log/{log}/{index}/proof", {
        params: { log: place.log, index: place.index },
      });
      saveFile(proofName(place), await response.blob());
    },
  });
  const { error } = fetched;
  const isTooNew = error instanceof Problem && error.name === "not-witnessed";
  if (isTooNew)
    return (
      <span className="small soft" role="status">
        {words} in about a minute
      </span>
    );
  return (
    <>
      <Button
        kind="quiet"
        aria-label={`${words} of entry ${entry.entry}`}
        isPending={fetched.isPending}
        onPress={() => fetched.mutate()}
      >
        {words}
      </Button>
      <Failed error={error} />
    </>
  );
}
