/** All workouts, by day and newest first; and joining some of them, chosen in the list. */
import { useState } from "react";
import { Link } from "wouter";
import { useDeed, useList } from "../../api/queries.ts";
import { Card, WhatFailed } from "../../design/card.tsx";
import { Button, Confirm } from "../../design/controls.tsx";
import { dayName } from "../../design/format.ts";
import { many } from "../../design/many.ts";
import { More } from "../../design/more.tsx";
import { useArrival } from "../../design/use-arrival.ts";
import { useTitles } from "../../session/provider-titles.ts";
import { daysOf } from "./days.ts";
import { type DecidedAnswer, DecidedNote, decisionMakesOld } from "./decided.tsx";
import { ListRow } from "./list-row.tsx";
import type { Workout } from "./values.ts";

const pageOf = 20;
const joinMax = 16;

export function List() {
  const list = useList("GET /v1/workouts", { query: { limit: pageOf } });
  const names = useTitles();
  const [chosen, setChosen] = useState<ReadonlySet<string> | null>(null);
  const [joined, setJoined] = useState<DecidedAnswer | null>(null);
  const choose = (id: string, isChosen: boolean) => {
    const next = new Set(chosen);
    if (isChosen) next.add(id);
    else next.delete(id);
    setChosen(next);
  };
  const begin = () => {
    setChosen(new Set());
    setJoined(null);
  };
  return (
    <>
      <div className="row apart">
        <h1>Workouts</h1>
        <div className="row">
          <Link className="button" href="/workouts/decisions">
            Decided by hand
          </Link>
          <Link className="button main" href="/workouts/add">
            Add files
          </Link>
        </div>
      </div>
      {joined === null ? null : (
        <DecidedNote decided={joined} undone="Taken back: they are workouts of their own again.">
          They are one workout now and count once:
        </DecidedNote>
      )}
      <Card
        id="workouts"
        title="All workouts"
        query={list}
        others={[names.query]}
        rows={14}
        isEmpty={({ items }) => items.length === 0}
        empty={<NoneYet />}
        aside={
          (list.data?.items.length ?? 0) > 1 && chosen === null ? (
            <Button kind="quiet" onPress={begin}>
              Join workouts
            </Button>
          ) : null
        }
      >
        {({ items }) => (
          <>
            {chosen === null ? null : (
              <Joining
                chosen={items.filter(({ id }) => chosen.has(id))}
                onEnd={(decided) => {
                  setChosen(null);
                  setJoined(decided);
                }}
              />
            )}
            {daysOf(items).map(({ day, workouts }) => (
              <section key={day} className="workout-day">
                <h3>{dayName(day)}</h3>
                <ul className="plain">
                  {workouts.map((workout) => (
                    <ListRow
                      key={workout.id}
                      workout={workout}
                      nameOf={names.nameOf}
                      isChosen={chosen?.has(workout.id) ?? null}
                      onChoose={(isChosen) => choose(workout.id, isChosen)}
                    />
                  ))}
                </ul>
              </section>
            ))}
            <More list={list} />
          </>
        )}
      </Card>
    </>
  );
}

const NoneYet = () => (
  <div className="stack">
    <p>No workouts yet. They come by themselves from an account or a phone that is connected.</p>
    <div className="row">
      <Link className="button" href="/data">
        Connect an account
      </Link>
      <Link className="button" href="/workouts/add">
        Add files
      </Link>
    </div>
  </div>
);

interface JoiningProps {
  readonly chosen: readonly Workout[];
  /** Null: given up. */
  readonly onEnd: (decided: DecidedAnswer | null) => void;
}

function Joining({ chosen, onEnd }: JoiningProps) {
  const choosing = useArrival<HTMLDivElement>();
  const [isAsked, setAsked] = useState(false);
  const join = useDeed("POST /v1/workouts/join", decisionMakesOld);
  const isEnough = chosen.length >= 2 && chosen.length <= joinMax;
  const confirm = () =>
    join.mutate({ body: { workouts: chosen.map(({ id }) => id) } }, { onSuccess: onEnd });
  return (
    <div className="choosing" ref={choosing} tabIndex={-1}>
      <p>
        Choose the workouts that were one, such as two halves with a break between them.{" "}
        <strong role="status">{many(chosen.length, "workout")} chosen.</strong>
      </p>
      <div className="row">
        <Button kind="main" isDisabled={!isEnough} onPress={() => setAsked(true)}>
          Join them
        </Button>
        <Button kind="quiet" onPress={() => onEnd(null)}>
          Not now
        </Button>
      </div>
      <Confirm
        title={`Join ${many(chosen.length, "workout")}?`}
        deed="Join them"
        isOpen={isAsked}
        isPending={join.isPending}
        onClose={() => {
          setAsked(false);
          join.reset();
        }}
        onConfirm={confirm}
      >
        <p>
          They become one workout and count once, also when more arrives later. Halves by one device
          are added up; of several devices the best one counts. You can undo it at any time.
        </p>
        {join.error === null ? null : (
          <p className="note bad" role="alert">
            <WhatFailed error={join.error} />
          </p>
        )}
      </Confirm>
    </div>
  );
}
