/** What a split or a join came to, with the way back beside it. */
import type { ReactNode } from "react";
import { useState } from "react";
import { Link } from "wouter";
import type { Answer, Name } from "../../api/client.ts";
import { useDeed } from "../../api/queries.ts";
import { WhatFailed } from "../../design/card.tsx";
import { Button } from "../../design/controls.tsx";
import { useArrival } from "../../design/use-arrival.ts";
import { typeName } from "../../readings/type-name.ts";
import { span } from "./values.ts";

export type DecidedAnswer = Answer<"POST /v1/workouts/join">;

/** What a decision makes old: the workouts, and every board they may stand on. */
export const decisionMakesOld: readonly Name[] = [
  "GET /v1/workouts",
  "GET /v1/workouts/{id}",
  "GET /v1/decisions",
  "GET /v1/leaderboards/{board}",
  "GET /v1/leaderboards/{board}/me",
];

interface DecidedNoteProps {
  readonly decided: DecidedAnswer;
  readonly undone: string;
  readonly children: ReactNode;
}

export function DecidedNote({ decided, undone, children }: DecidedNoteProps) {
  const note = useArrival<HTMLDivElement>();
  const [isUndone, setUndone] = useState(false);
  const undo = useDeed("DELETE /v1/decisions/{id}", decisionMakesOld);
  const takeBack = () =>
    undo.mutate({ params: { id: decided.decision } }, { onSuccess: () => setUndone(true) });
  if (isUndone)
    return (
      <p className="note" role="status">
        {undone}
      </p>
    );
  return (
    <div className="note arrived" role="status" ref={note} tabIndex={-1}>
      <span>{children}</span>
      {decided.workouts.map((workout) => (
        <Link key={workout.id} href={`/workouts/${workout.id}`}>
          {typeName(workout.type)}, {span(workout)}
        </Link>
      ))}
      <Button kind="quiet" isPending={undo.isPending} onPress={takeBack}>
        Undo
      </Button>
      <WhatFailed error={undo.error} />
    </div>
  );
}
