/** A deed that the API does step by step: asked again until it is done, with how far it is. */
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { makeOld } from "../../api/queries.ts";

/** So many steps of one press; whoever presses again goes on from there. */
const stepsMax = 500;

interface Step {
  readonly done: boolean;
}

export interface Stepped<S extends Step> {
  readonly last: S | null;
  readonly isBusy: boolean;
  readonly error: Error | null;
  run(): Promise<void>;
}

export function useSteps<S extends Step>(step: () => Promise<S>): Stepped<S> {
  const client = useQueryClient();
  const [last, setLast] = useState<S | null>(null);
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<Error | null>(null);

  async function run(): Promise<void> {
    setBusy(true);
    setError(null);
    try {
      for (let n = 0; n < stepsMax; n++) {
        const next = await step();
        setLast(next);
        if (next.done) break;
      }
    } catch (thrown) {
      setError(thrown as Error);
    }
    setBusy(false);
    await makeOld(client, ["GET /v1/ops/keys"]);
  }

  return { last, isBusy, error, run };
}
