/** What my place is made of: my workouts of the period that count here, each with its sources. */
import { useEffect } from "react";
import { Link } from "wouter";
import { useApi, useList } from "../../api/queries.ts";
import { Card } from "../../design/card.tsx";
import { Badge } from "../../design/controls.tsx";
import { dayName, wallTime, words } from "../../design/format.ts";
import { useNow } from "../../design/use-now.ts";
import { MembersOnly } from "../../session/members-only.tsx";
import { amount, familyName, measureName, place, workouts } from "./amounts.ts";
import { boardOf, periodDays, periodName, searchOf } from "./choice.ts";
import { useChoice } from "./choices.tsx";
import { type Counted, countedOf, isLookedThrough, unitOf } from "./counting.ts";
import { Frame } from "./frame.tsx";

const pageSize = 200;
/** So far back it looks by itself; who has more is told. */
const pagesMax = 10;
const minuteMs = 60_000;
const cut = "Your workouts go further back than what was looked through here.";

export function CountsPage() {
  return (
    <MembersOnly why="To see which of your workouts count on a board, sign in.">
      {({ id }) => (
        <Frame title="What counts">
          <Counts me={id} />
        </Frame>
      )}
    </MembersOnly>
  );
}

function Counts({ me }: { readonly me: string }) {
  const nowMs = useNow(minuteMs);
  const { choice } = useChoice(nowMs);
  const { measure, family, period } = choice;
  const list = useList("GET /v1/workouts", { query: { limit: pageSize } });
  const standing = useApi("GET /v1/leaderboards/{board}/me", {
    params: { board: boardOf(choice) },
    query: { period, around: 0 },
  });
  const items = list.data?.items ?? [];
  const isWhole = isLookedThrough(items, period, list.hasNextPage);
  const mayGoOn = items.length < pagesMax * pageSize;
  const { isFetchingNextPage, fetchNextPage, error } = list;
  useEffect(() => {
    if (!isWhole && mayGoOn && !isFetchingNextPage && error === null) void fetchNextPage();
  }, [isWhole, mayGoOn, isFetchingNextPage, fetchNextPage, error]);
  const counted = items.flatMap((workout) => countedOf(workout, choice) ?? []);
  const own = standing.data?.items.find(({ member }) => member === me);
  const unit = unitOf[measure];
  return (
    <>
      <p>
        <Link href={`/leaderboard${searchOf(choice, nowMs)}`}>Back to the board</Link>
      </p>
      <Card
        id="counts"
        title={`${measureName(measure)} · ${familyName(family)} · ${periodName(period, nowMs)}`}
        query={list}
        others={[standing]}
        isEmpty={() => counted.length === 0 && isWhole}
        empty={<NoneYet />}
        missing={() => (isWhole || mayGoOn ? null : cut)}
        rows={8}
      >
        {() => (
          <>
            <p className="soft">
              {periodDays(period)}
              {own === undefined
                ? ""
                : ` · ${amount(unit, own.score)} on the board, ${place(own.rank)}`}
            </p>
            <Sum counted={counted} unit={unit} />
            <ul className="plain stack counted">
              {counted.map((each) => (
                <One key={each.workout.id} counted={each} unit={unit} />
              ))}
            </ul>
          </>
        )}
      </Card>
    </>
  );
}

const NoneYet = () => (
  <>
    <p>You have no workout of this kind in this period.</p>
    <p className="soft">
      One counts when it arrives: from a <Link href="/data">connection</Link>, or from a file under{" "}
      <Link href="/workouts">Workouts</Link>.
    </p>
  </>
);

function Sum({ counted, unit }: { readonly counted: readonly Counted[]; readonly unit: string }) {
  const counting = counted.filter(({ why }) => why === null);
  const sum = counting.reduce((all, { n }) => all + n, 0);
  return (
    <p>
      <span className="number">{amount(unit, sum)}</span>{" "}
      {unit === "workouts" ? "counted, each once" : `in ${workouts(counting.length)}`}
    </p>
  );
}

interface OneProps {
  readonly counted: Counted;
  readonly unit: string;
}

/** The same ride from three devices is one workout: what it was folded from stands below it. */
function One({ counted: { workout, n, why }, unit }: OneProps) {
  const { id, type, day, start, sources } = workout;
  return (
    <li>
      <div className="row apart">
        <Link href={`/workouts/${id}`} className="row-link">
          {words(type)}, {dayName(day)} {wallTime(start)}
        </Link>
        {why === null ? <b>{amount(unit, n)}</b> : <Badge mood="warn">Does not count</Badge>}
      </div>
      {why === null ? null : <p className="small">{why}</p>}
      <p className="small soft">
        {sources.length === 1 ? "From one source" : `Counted once, from ${sources.length} sources`}
      </p>
      <ul className="plain sources">
        {sources.map(({ record, provider, deviceModel, app }) => (
          <li key={record}>
            <Badge>{[words(provider), deviceModel ?? app].filter(Boolean).join(" · ")}</Badge>
          </li>
        ))}
      </ul>
    </li>
  );
}
