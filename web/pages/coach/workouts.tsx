/** A member's workouts as others may see them; each leads to its readings. */
import { Link } from "wouter";
import type { Answer } from "../../api/client.ts";
import { useList } from "../../api/queries.ts";
import { Card } from "../../design/card.tsx";
import { km, lasting, moment } from "../../design/format.ts";
import { More } from "../../design/more.tsx";
import { WideTable } from "../../design/wide-table.tsx";
import { typeName } from "../../readings/type-name.ts";
import { asRefused } from "./refused.ts";
import { useRoster } from "./roster.tsx";

type Workout = Answer<"GET /v1/members/{id}/workouts">["items"][number];

const columns = [
  { key: "what", name: "Workout" },
  { key: "when", name: "When" },
  { key: "distance", name: "Distance", isNumber: true },
  { key: "time", name: "Moving", isNumber: true },
];
const perPage = 30;

export const useWorkouts = (member: string, enabled = true) =>
  useList(
    "GET /v1/members/{id}/workouts",
    { params: { id: member }, query: { limit: perPage } },
    { enabled, isLooked: true },
  );

export function WorkoutsCard({ member }: { readonly member: string }) {
  const workouts = useWorkouts(member);
  const roster = useRoster();
  return (
    <Card
      id="workouts"
      title="Workouts"
      query={asRefused(workouts)}
      others={[roster]}
      isEmpty={({ items }) => items.length === 0}
      empty={
        <p className="soft">
          There is none that others may see. What some providers send stays with its owner alone.
        </p>
      }
      rows={5}
    >
      {({ items }) => (
        <>
          <WideTable
            label="Workouts, newest first"
            columns={columns}
            rows={items.map((one) => rowOf(one, member))}
          />
          <More list={workouts} />
        </>
      )}
    </Card>
  );
}

const rowOf = ({ id, type, start, distanceMm, movingMs, verified }: Workout, member: string) => ({
  key: id,
  cells: {
    what: (
      <>
        <Link href={`/coach/${member}/${id}`}>{typeName(type)}</Link>
        {verified ? null : <small className="soft"> entered by hand</small>}
      </>
    ),
    when: moment(start),
    distance: distanceMm === null ? "–" : km(distanceMm),
    time: lasting(movingMs),
  },
});
