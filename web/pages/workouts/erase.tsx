/** Erasing one workout: asked about first, since nothing brings it back, and receipted. */
import { useState } from "react";
import { useLocation } from "wouter";
import type { Name } from "../../api/client.ts";
import { useDeed } from "../../api/queries.ts";
import { WhatFailed } from "../../design/card.tsx";
import { Button, Confirm } from "../../design/controls.tsx";
import { many } from "../../design/many.ts";
import type { Workout } from "./values.ts";

const erasingMakesOld: readonly Name[] = [
  "GET /v1/workouts",
  "GET /v1/decisions",
  "GET /v1/leaderboards/{board}",
  "GET /v1/leaderboards/{board}/me",
];

export function EraseWorkout({ workout }: { readonly workout: Workout }) {
  const [, go] = useLocation();
  const [isAsked, setAsked] = useState(false);
  const erase = useDeed("DELETE /v1/workouts/{id}", erasingMakesOld);
  const confirm = () =>
    erase.mutate(
      { params: { id: workout.id } },
      { onSuccess: ({ id }) => go(`/workouts/erased/${id}`, { replace: true }) },
    );
  const records = many(workout.sources.length, "record");
  return (
    <section className="card" aria-labelledby="erase">
      <header>
        <h2 id="erase">Erase</h2>
      </header>
      <p className="small soft">
        {records} of it, with heart rate and track, here and in the archive. You get a receipt.
      </p>
      <div>
        <Button kind="danger" onPress={() => setAsked(true)}>
          Erase this workout
        </Button>
      </div>
      <Confirm
        title="Erase this workout for good?"
        deed="Erase for good"
        isDanger
        isOpen={isAsked}
        isPending={erase.isPending}
        onClose={() => {
          setAsked(false);
          erase.reset();
        }}
        onConfirm={confirm}
      >
        <p>
          All of it goes: {records}, heart rate, track, name and notes. Boards are corrected. It
          does not come again by itself, and this cannot be undone.
        </p>
        <p>What an account or a device of yours still has stays there.</p>
        {erase.error === null ? null : (
          <p className="note bad" role="alert">
            <WhatFailed error={erase.error} />
          </p>
        )}
      </Confirm>
    </section>
  );
}
