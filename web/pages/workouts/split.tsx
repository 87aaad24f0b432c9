/** Taking records out of a workout: what was chosen, what follows from it, and the deed. */
import { useState } from "react";
import { useDeed } from "../../api/queries.ts";
import { WhatFailed } from "../../design/card.tsx";
import { Button, Confirm } from "../../design/controls.tsx";
import { many } from "../../design/many.ts";
import { useArrival } from "../../design/use-arrival.ts";
import { type DecidedAnswer, decisionMakesOld } from "./decided.tsx";
import type { Workout } from "./values.ts";

interface SplittingProps {
  readonly workout: Workout;
  readonly chosen: readonly string[];
  /** Null: given up. */
  readonly onEnd: (decided: DecidedAnswer | null) => void;
}

export function Splitting({ workout, chosen, onEnd }: SplittingProps) {
  const choosing = useArrival<HTMLDivElement>();
  const [isAsked, setAsked] = useState(false);
  const split = useDeed("POST /v1/workouts/{id}/split", decisionMakesOld);
  const isSome = chosen.length > 0 && chosen.length < workout.sources.length;
  const confirm = () =>
    split.mutate(
      { params: { id: workout.id }, body: { records: [...chosen] } },
      { onSuccess: onEnd },
    );
  return (
    <div className="choosing" ref={choosing} tabIndex={-1}>
      <p>
        Choose the records that were another workout than the rest.{" "}
        <strong role="status">
          {chosen.length === workout.sources.length
            ? "All of them are chosen: leave at least one."
            : `${many(chosen.length, "record")} chosen.`}
        </strong>
      </p>
      <div className="row">
        <Button kind="main" isDisabled={!isSome} onPress={() => setAsked(true)}>
          Split off
        </Button>
        <Button kind="quiet" onPress={() => onEnd(null)}>
          Not now
        </Button>
      </div>
      <Confirm
        title={`Split off ${many(chosen.length, "record")}?`}
        deed="Split off"
        isOpen={isAsked}
        isPending={split.isPending}
        onClose={() => {
          setAsked(false);
          split.reset();
        }}
        onConfirm={confirm}
      >
        <p>
          What you chose becomes another workout. Both count on boards, and they stay two whatever
          arrives later. You can undo it at any time.
        </p>
        {split.error === null ? null : (
          <p className="note bad" role="alert">
            <WhatFailed error={split.error} />
          </p>
        )}
      </Confirm>
    </div>
  );
}
