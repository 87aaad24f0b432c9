/** One entry's proof, as a file that is checked without us. Before a witness has signed there is none. */
import { useState } from "react";
import { ask } from "../../api/client.ts";
import { WhatFailed } from "../../design/card.tsx";
import { Button } from "../../design/controls.tsx";
import { saveFile } from "../../design/save-file.ts";
import { placeOf, proofName } from "./entry-query.ts";

interface ProofProps {
  readonly entry: string;
  readonly name: string;
}

export function Proof({ entry, name }: ProofProps) {
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<Error | null>(null);
  const place = placeOf(entry);
  const download = async () => {
    setBusy(true);
    setError(null);
    try {
      const params = { ...place };
      const answer = await ask("GET /v1/access-log/{log}/{index}/proof", { params });
      saveFile(proofName(place), await answer.blob());
    } catch (thrown) {
      setError(thrown as Error);
    }
    setBusy(false);
  };
  return (
    <>
      <Button
        kind="quiet"
        isPending={isBusy}
        onPress={() => void download()}
        aria-label={`${name}, entry ${entry}`}
      >
        {name}
      </Button>
      {error === null ? null : (
        <small role="alert">
          <WhatFailed error={error} />
        </small>
      )}
    </>
  );
}
