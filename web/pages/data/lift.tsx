/**
 * What was erased does not come again by itself; the member alone can let it. It stays on the page
 * when there is nothing to lift any more, for what came of it is said here.
 */
import { useState } from "react";
import { useDeed } from "../../api/queries.ts";
import { Button, Confirm } from "../../design/controls.tsx";
import { Failed } from "../../design/failed.tsx";
import { moment } from "../../design/format.ts";
import { Done } from "./told.tsx";

interface LiftProps {
  readonly id: string;
  readonly title: string;
  /** Null: nothing of it is refused. */
  readonly forgottenTo: string | null;
}

export function Lift({ id, title, forgottenTo }: LiftProps) {
  const [isOpen, setOpen] = useState(false);
  const lift = useDeed("POST /v1/connections/{connection}/lift", ["GET /v1/connections"]);
  return (
    <>
      <Done>
        {lift.isSuccess && forgottenTo === null ? `What ${title} still has may come again.` : null}
      </Done>
      {forgottenTo === null ? null : (
        <Button onPress={() => setOpen(true)} aria-label={`Let erased data come again: ${title}`}>
          Let erased data come again
        </Button>
      )}
      <Confirm
        title="Let what was erased come again?"
        deed="Let it come again"
        isOpen={isOpen}
        isPending={lift.isPending}
        onClose={() => setOpen(false)}
        onConfirm={() =>
          lift.mutate({ params: { connection: id } }, { onSuccess: () => setOpen(false) })
        }
      >
        <p>
          What happened up to {forgottenTo === null ? "then" : moment(forgottenTo)} was erased, so
          Singlet refuses it when {title} sends it again. If you lift that, it is taken like any
          other. To be rid of it once more you would have to erase it once more.
        </p>
        <Failed error={lift.error} />
      </Confirm>
    </>
  );
}
