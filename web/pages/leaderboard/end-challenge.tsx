/** An operator ends a challenge for everybody. */
import { useState } from "react";
import { useDeed } from "../../api/queries.ts";
import { Button, Confirm } from "../../design/controls.tsx";
import { Failed } from "../../design/failed.tsx";
import type { Challenge } from "./rules.ts";

const old = ["GET /v1/challenges", "GET /v1/challenges/{id}"] as const;

export function EndChallenge({ challenge: { id, name } }: { readonly challenge: Challenge }) {
  const [isAsking, setAsking] = useState(false);
  const end = useDeed("DELETE /v1/challenges/{id}", old);
  return (
    <div>
      <Button kind="danger" onPress={() => setAsking(true)}>
        End it for everybody
      </Button>
      <Confirm
        title={`End ${name}?`}
        deed="End the challenge"
        isOpen={isAsking}
        isPending={end.isPending}
        isDanger
        onClose={() => setAsking(false)}
        onConfirm={() => end.mutate({ params: { id } }, { onSuccess: () => setAsking(false) })}
      >
        <p>
          Its standings are gone for everybody from the first moment, and it will have no final
          ones. Nobody's workouts change. It cannot be undone.
        </p>
        <Failed error={end.error} />
      </Confirm>
    </div>
  );
}
