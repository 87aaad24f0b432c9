/** What was decided by hand: each split and join that stands, and its way back. */
import { useState } from "react";
import { Link } from "wouter";
import type { Answer } from "../../api/client.ts";
import { useApi, useDeed, useList } from "../../api/queries.ts";
import { Card, WhatFailed } from "../../design/card.tsx";
import { Button } from "../../design/controls.tsx";
import { dayName, moment } from "../../design/format.ts";
import { many } from "../../design/many.ts";
import { typeName } from "../../readings/type-name.ts";
import { decisionMakesOld } from "./decided.tsx";
import { span, type Workout } from "./values.ts";

type Decision = Answer<"GET /v1/decisions">["items"][number];

const knownMax = 200;

export function Decisions() {
  const decisions = useApi("GET /v1/decisions");
  const workouts = useList("GET /v1/workouts", { query: { limit: knownMax } });
  const [isUndone, setUndone] = useState(false);
  return (
    <>
      <div>
        <Link href="/workouts">All workouts</Link>
        <h1>Decided by hand</h1>
      </div>
      {isUndone ? (
        <p className="note" role="status">
          Taken back: all is as if you had never said it.
        </p>
      ) : null}
      <Card
        id="decisions"
        title="Splits and joins"
        query={decisions}
        others={[workouts]}
        rows={3}
        isEmpty={({ items }) => items.length === 0}
        empty={
          <p>
            You decided nothing by hand so far. A workout of several sources can be split on its own
            page, and workouts can be joined in <Link href="/workouts">the list</Link>.
          </p>
        }
      >
        {({ items }) => (
          <ul className="plain">
            {items.map((decision) => (
              <DecisionRow
                key={decision.id}
                decision={decision}
                known={workouts.data?.items ?? []}
                onUndone={() => setUndone(true)}
              />
            ))}
          </ul>
        )}
      </Card>
    </>
  );
}

interface DecisionRowProps {
  readonly decision: Decision;
  readonly known: readonly Workout[];
  readonly onUndone: () => void;
}

const said: Readonly<Record<Decision["decision"], string>> = {
  split: "You split",
  join: "You joined",
  clear: "An operator let it count",
};

function DecisionRow({ decision, known, onUndone }: DecisionRowProps) {
  const undo = useDeed("DELETE /v1/decisions/{id}", decisionMakesOld);
  const takeBack = () =>
    undo.mutate({ params: { id: decision.id } }, { onSuccess: () => onUndone() });
  return (
    <li className="source-row row apart">
      <div>
        <p>
          <strong>{said[decision.decision]}</strong>{" "}
          <span className="small soft">
            {many(decision.sides.flat().length, "record")}, {moment(decision.at)}
          </span>
        </p>
        <p className="row small">
          {placesOf(decision, known).map(({ id, name }) => (
            <Link key={id} href={`/workouts/${id}`}>
              {name}
            </Link>
          ))}
        </p>
        <WhatFailed error={undo.error} />
      </div>
      {decision.decision === "clear" ? null : (
        <Button isPending={undo.isPending} onPress={takeBack}>
          Undo
        </Button>
      )}
    </li>
  );
}

/** Each workout once, by what it is where that is known. */
function placesOf(decision: Decision, known: readonly Workout[]) {
  const places = new Map<string, string>();
  for (const id of decision.workouts) {
    const workout = known.find((each) => each.id === id || each.aliases.includes(id));
    if (workout === undefined) places.set(id, "Its workout");
    else
      places.set(
        workout.id,
        `${typeName(workout.type)}, ${dayName(workout.day)}, ${span(workout)}`,
      );
  }
  return [...places].map(([id, name]) => ({ id, name }));
}
