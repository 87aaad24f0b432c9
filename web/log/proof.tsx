/** One entry's proof, as a file that is checked without us. Before a witness has signed there is none. */
import { useMutation } from "@tanstack/react-query";
import { ask } from "../api/client.ts";
import { Problem } from "../api/problem.ts";
import { Button } from "../design/controls.tsx";
import { Failed } from "../design/failed.tsx";
import { saveFile } from "../design/save-file.ts";
import { type Place, proofName } from "./place.ts";

interface ProofProps {
  readonly words: string;
  /** The entry's name, to tell one button from the others. */
  readonly entry: string;
  readonly place: Place;
}

export function Proof({ words, entry, place }: ProofProps) {
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
        aria-label={`${words} of entry ${entry}`}
        isPending={fetched.isPending}
        onPress={() => fetched.mutate()}
      >
        {words}
      </Button>
      <Failed error={error} />
    </>
  );
}
