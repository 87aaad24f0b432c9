/** Where I stand: the place, what is missing to the next, and who is around me. */
import { useState } from "react";
import { Link } from "wouter";
import { Card, type Loaded } from "../../design/card.tsx";
import { Button } from "../../design/controls.tsx";
import { number } from "../../design/format.ts";
import { amount, gaps, movement, place, type Standing } from "./amounts.ts";
import { JoinBoards, LeaveBoards } from "./on-boards.tsx";
import { Standings } from "./standings.tsx";
import type { Viewer } from "./use-viewer.ts";

export interface PlaceShown {
  readonly unit: string;
  readonly items: readonly Standing[];
  readonly total: number;
}

interface PlaceCardProps {
  readonly query: Loaded<PlaceShown>;
  readonly others: readonly Loaded<unknown>[];
  readonly viewer: Viewer;
  readonly counts: string;
  readonly nowMs: number;
}

/** Where there is room beside the board, who is around one is shown without asking. */
const hasRoom = () => matchMedia("(min-width: 64rem)").matches;

export function PlaceCard({ query, others, viewer, counts, nowMs }: PlaceCardProps) {
  const isOn = viewer.state === "member" && viewer.onBoards;
  return (
    <Card
      id="place"
      title="My place"
      query={query}
      others={others}
      isEmpty={({ items }) => items.length === 0}
      empty={viewer.state === "member" && !isOn ? <JoinBoards /> : <NothingYet isOn={isOn} />}
      aside={isOn ? <LeaveBoards /> : null}
      rows={5}
    >
      {(data) => <Place data={data} viewer={viewer} counts={counts} nowMs={nowMs} />}
    </Card>
  );
}

/** Whether somebody is on boards is said only once it is known. */
function NothingYet({ isOn }: { readonly isOn: boolean }) {
  return (
    <>
      <p>
        {isOn
          ? "You are on boards, and nothing of yours counts on this one in this period yet."
          : "Nothing of yours is on this board in this period."}
      </p>
      <p className="small soft">
        Something counts when a workout arrives: from a <Link href="/data">connection</Link>, from a
        file under <Link href="/workouts">Workouts</Link>, or by hand on{" "}
        <Link href="/day">My day</Link>.
      </p>
    </>
  );
}

interface PlaceProps extends Pick<PlaceCardProps, "viewer" | "counts" | "nowMs"> {
  readonly data: PlaceShown;
}

function Place({ data: { unit, items, total }, viewer, counts, nowMs }: PlaceProps) {
  const [isOpen, setOpen] = useState(hasRoom);
  const me = viewer.state === "member" ? viewer.id : null;
  const own = items.find(({ member }) => member === me);
  const move = movement(own?.moved);
  return (
    <>
      {own === undefined || me === null ? null : (
        <div className="my-place">
          <p className="display">{place(own.rank)}</p>
          <p>
            <b>{amount(unit, own.score)}</b>
            <br />
            <span className="small soft">
              of {number(total)}
              {move === null ? "" : ` · ${move.sign} ${move.said}`}
            </span>
          </p>
          <ul className="plain small">
            {gaps(items, me, unit).map((gap) => (
              <li key={gap}>{gap}</li>
            ))}
          </ul>
        </div>
      )}
      <div className="row">
        <Link href={counts} className="button plain">
          What counts
        </Link>
        <Button kind="quiet" aria-expanded={isOpen} onPress={() => setOpen(!isOpen)}>
          {isOpen ? "Hide who is around me" : "Who is around me"}
        </Button>
      </div>
      {isOpen ? (
        <Standings label="Who is around me" unit={unit} items={items} nowMs={nowMs} me={me} />
      ) : null}
    </>
  );
}
