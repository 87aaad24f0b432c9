/** The board itself: live while its period runs, and honest about it when it is not. */
import type { ReactNode } from "react";
import { Link } from "wouter";
import { Card, type Loaded } from "../../design/card.tsx";
import { Badge } from "../../design/controls.tsx";
import { number } from "../../design/format.ts";
import { More } from "../../design/more.tsx";
import { familyName, measureName, type Standing } from "./amounts.ts";
import { type Choice, everybody, friends, lengthOf } from "./choice.ts";
import { FollowSaid } from "./follow.tsx";
import { Standings } from "./standings.tsx";
import type { BoardShown, useBoard } from "./use-board.ts";
import { useChanges } from "./use-changes.ts";
import type { Following } from "./use-following.ts";
import type { LiveState } from "./use-live.ts";

const notLive = "Not live just now; looked up every 2 seconds.";
/** Held from the beginning, so that what lies below stays where it is. */
const heldRows = 14;

interface BoardCardProps {
  readonly choice: Choice;
  readonly board: ReturnType<typeof useBoard>;
  readonly others: readonly Loaded<unknown>[];
  readonly me: string | null;
  readonly following: Following | null;
  /** Of whoever looks; undefined: nobody who could have one. */
  readonly mine: Standing | null | undefined;
  /** Their place was looked up, and there is none. */
  readonly isPlaceless: boolean;
  readonly nowMs: number;
  readonly counts: string;
}

export function BoardCard(props: BoardCardProps) {
  const { choice, board } = props;
  return (
    <Card
      id="board"
      title={`${measureName(choice.measure)} · ${familyName(choice.family)}`}
      query={board.query}
      others={props.others}
      isEmpty={({ items }) => items.length === 0}
      empty={<Nobody choice={choice} isRunning={board.isRunning} />}
      missing={() => (board.live === "down" ? notLive : null)}
      aside={<HowLive live={board.live} isRunning={board.isRunning} />}
      rows={heldRows}
      className="board"
    >
      {(data) => <Rows {...props} data={data} />}
    </Card>
  );
}

function Rows({ data, ...props }: BoardCardProps & { readonly data: BoardShown }) {
  const { choice, board, following, me, nowMs } = props;
  const changed = useChanges(`${data.board} ${data.period} ${choice.among}`, data.items);
  const list = {
    hasNextPage: board.hasMore,
    isFetchingNextPage: board.isFetchingMore,
    fetchNextPage: () => void board.more(),
  };
  return (
    <>
      <Standings
        label={`${measureName(choice.measure)}, ${familyName(choice.family)}, best first`}
        unit={data.unit}
        items={data.items}
        nowMs={nowMs}
        me={me}
        following={following}
        changed={changed}
        own={
          <Link href={props.counts} className="own-link">
            What counts
          </Link>
        }
        {...(props.mine === undefined ? {} : { pinned: props.mine })}
        placeless={props.isPlaceless ? <Placeless /> : null}
      />
      <More list={list} />
      {following === null ? null : <FollowSaid following={following} />}
      <p className="small soft">
        {number(data.total)} ranked. The same score goes to whoever reached it first.
      </p>
    </>
  );
}

const Placeless = () => (
  <span className="row who">
    You have no place here yet.
    <a href="#place" className="own-link">
      What to do
    </a>
  </span>
);

interface HowLiveProps {
  readonly live: LiveState;
  readonly isRunning: boolean;
}

function HowLive({ live, isRunning }: HowLiveProps) {
  if (!isRunning) return <Badge>Closed</Badge>;
  if (live === "live")
    return (
      <Badge mood="good">
        <span className="pulse" aria-hidden="true" />
        Live
      </Badge>
    );
  if (live === "connecting") return <Badge>Connecting</Badge>;
  return <Badge mood={live === "down" ? "warn" : "plain"}>Looked up</Badge>;
}

interface NobodyProps {
  readonly choice: Choice;
  readonly isRunning: boolean;
}

function Nobody({ choice, isRunning }: NobodyProps) {
  const when = choice.period === "all" ? "yet" : `in this ${lengthOf(choice.period)}`;
  return (
    <div className="stack nobody">
      <p className="number">Nobody {when}</p>
      <p className="soft">{nobodyWhy(choice.among, isRunning)}</p>
    </div>
  );
}

function nobodyWhy(among: string, isRunning: boolean): ReactNode {
  if (among === friends)
    return "None of those you follow has a score here. Follow somebody with the star in their row.";
  if (among !== everybody)
    return "Nobody of the team who is on boards has a score here. Everybody joins boards for themself.";
  return isRunning
    ? "The first workout that counts opens the board. Or look at another activity, or another period."
    : "Nothing was counted here then. Look at another activity, or another period.";
}
