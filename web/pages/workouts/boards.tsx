/** Whether it counts on boards, as what, and if not, why. */
import { Link } from "wouter";
import { type LocalDate, weekOf } from "../../../domain/time.ts";
import { useApi } from "../../api/queries.ts";
import { Card, type Loaded } from "../../design/card.tsx";
import { Badge } from "../../design/controls.tsx";
import { km, lasting } from "../../design/format.ts";
import { distance, type Workout } from "./values.ts";

interface BoardsProps {
  readonly query: Loaded<Workout>;
  readonly onBoards: boolean;
  readonly member: string;
}

/** Where the member stands by distance in the week in which it counts: that of the beginning that boards see. */
function usePlace(workout: Workout | undefined, onBoards: boolean) {
  const scoredOn = workout?.scored?.start.slice(0, 10);
  const period = scoredOn === undefined ? "" : weekOf(scoredOn as LocalDate);
  const isThere = onBoards && workout?.scored != null && workout.held.length === 0;
  return useApi(
    "GET /v1/leaderboards/{board}/me",
    { params: { board: "distance" }, query: { period, around: 0 } },
    { enabled: isThere },
  );
}

export function Boards({ query, onBoards, member }: BoardsProps) {
  const place = usePlace(query.data, onBoards);
  const entry = place.data?.items.find((each) => each.member === member);
  return (
    <Card id="boards" title="On boards" query={query} others={[place]} rows={4}>
      {(workout) => (
        <>
          <Counts workout={workout} onBoards={onBoards} />
          {entry === undefined ? null : (
            <p className="small soft">
              That week you stand at place {entry.rank} with {km(entry.score)}.{" "}
              <Link href="/leaderboard">To the leaderboard</Link>
            </p>
          )}
        </>
      )}
    </Card>
  );
}

function Counts({ workout, onBoards }: { readonly workout: Workout; readonly onBoards: boolean }) {
  const { scored, held } = workout;
  if (scored === null)
    return (
      <p>
        <Badge mood="warn">Does not count</Badge> Only sources whose values may be shown to you
        alone know it.
      </p>
    );
  if (held.length > 0)
    return (
      <>
        <p>
          <Badge mood="warn">Held back</Badge> It stays in your list and counts on no board:
        </p>
        <ul>
          {held.map(({ rule, because }) => (
            <li key={rule}>{because}</li>
          ))}
        </ul>
        <p className="small soft">
          A better record of the same workout lifts this by itself; so can an operator.
        </p>
      </>
    );
  return (
    <>
      <p>
        <Badge mood="good">Counts once</Badge> {scoredWords(workout, scored)}
      </p>
      <p className="small soft">
        {scored.verified ? "A device recorded it." : "Some of it was not recorded by a device."}{" "}
        {onBoards ? null : (
          <>
            You are not shown on boards; <Link href="/data">My data</Link> is where you choose.
          </>
        )}
      </p>
    </>
  );
}

function scoredWords({ family }: Workout, scored: NonNullable<Workout["scored"]>): string {
  const far = scored.distanceMm === null ? [] : [distance(scored.distanceMm, family)];
  return `as ${[...far, lasting(scored.movingMs)].join(" in ")}.`;
}
