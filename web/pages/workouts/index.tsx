/** Workouts: the list, one of them, what was decided by hand, what is brought in, what was erased. */
import { Route, Switch } from "wouter";
import { useNewPlace } from "../../design/use-new-place.ts";
import { type Me, MembersOnly } from "../../session/members-only.tsx";
import { Add } from "./add.tsx";
import { Decisions } from "./decisions.tsx";
import { Erased } from "./erased.tsx";
import { List } from "./list.tsx";
import { WorkoutPage } from "./workout.tsx";
import "../../readings/readings.css";
import "./workouts.css";

const why = "Sign in to see your workouts, each counted once, and why.";

export default function Page() {
  return <MembersOnly why={why}>{(me) => <Places me={me} />}</MembersOnly>;
}

function Places({ me }: { readonly me: Me }) {
  useNewPlace();
  return (
    <Switch>
      <Route path="/workouts">
        <List />
      </Route>
      <Route path="/workouts/add">
        <Add />
      </Route>
      <Route path="/workouts/decisions">
        <Decisions />
      </Route>
      <Route path="/workouts/erased/:receipt">
        {({ receipt }) => <Erased receipt={receipt ?? ""} />}
      </Route>
      <Route path="/workouts/:id">{({ id }) => <WorkoutPage id={id ?? ""} me={me} />}</Route>
      <Route>
        <h1>There is no such page</h1>
      </Route>
    </Switch>
  );
}
