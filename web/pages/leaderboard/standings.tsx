/** The rows of a board, a challenge or a circle of friends, best first, and one's own kept in sight. */
import type { ReactNode } from "react";
import { Badge } from "../../design/controls.tsx";
import { ago } from "../../design/format.ts";
import { amount, laterInTies, movement, nameOf, place, type Standing } from "./amounts.ts";
import { Star } from "./follow.tsx";
import type { Following } from "./use-following.ts";
import { useInSight } from "./use-in-sight.ts";

interface StandingsProps {
  /** What it lists, for whoever hears it. */
  readonly label: string;
  readonly unit: string;
  readonly items: readonly Standing[];
  readonly nowMs: number;
  /** The viewer's own id; null: nobody's. */
  readonly me: string | null;
  readonly following?: Following | null;
  readonly changed?: ReadonlySet<string>;
  /** Beside one's own name. */
  readonly own?: ReactNode;
  /** One's own place, to be pinned where its row is out of sight; absent: nothing is pinned. */
  readonly pinned?: Standing | null;
  /** What is pinned for whoever has no place; null: it is not known yet. */
  readonly placeless?: ReactNode;
}

const nobody: ReadonlySet<string> = new Set();

export function Standings(props: StandingsProps) {
  const { label, unit, items, nowMs, me, following = null, changed = nobody, own } = props;
  const { ref, isInSight } = useInSight();
  const best = items[0]?.score ?? 0;
  const later = laterInTies(items);
  return (
    <>
      <table className="standings">
        <caption className="only-read">{label}</caption>
        <thead>
          <tr>
            <th scope="col">Place</th>
            <th scope="col">Member</th>
            <th scope="col" className="end">
              Score
            </th>
            {following === null ? null : (
              <th scope="col" className="end">
                <span className="only-read">Follow</span>
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {items.map((entry) => {
            const isMe = entry.member === me;
            return (
              <tr
                key={entry.member}
                ref={isMe ? ref : null}
                className={`${isMe ? "mine" : ""} ${changed.has(entry.member) ? "changed" : ""}`}
              >
                <td className="rank">{entry.rank}</td>
                <th scope="row">
                  <span className="row who">
                    {nameOf(entry)}
                    {isMe ? <Badge mood="good">You</Badge> : null}
                    {isMe ? own : null}
                  </span>
                  <Caption
                    entry={entry}
                    nowMs={nowMs}
                    isChanged={changed.has(entry.member)}
                    isLater={later.has(entry.member)}
                  />
                  <span className="share" aria-hidden="true">
                    <span style={{ width: `${best > 0 ? (100 * entry.score) / best : 0}%` }} />
                  </span>
                </th>
                <td className="end score">{amount(unit, entry.score)}</td>
                {following === null ? null : (
                  <td className="end">
                    {isMe ? null : <Star entry={entry} following={following} />}
                  </td>
                )}
              </tr>
            );
          })}
        </tbody>
      </table>
      {props.pinned === undefined ? null : (
        <Pinned
          entry={props.pinned}
          unit={unit}
          isInSight={isInSight}
          own={own}
          placeless={props.placeless ?? null}
        />
      )}
    </>
  );
}

interface CaptionProps {
  readonly entry: Standing;
  readonly nowMs: number;
  readonly isChanged: boolean;
  readonly isLater: boolean;
}

function Caption({ entry: { moved, at }, nowMs, isChanged, isLater }: CaptionProps) {
  const move = movement(moved);
  return (
    <span className="caption">
      {isChanged ? <b>Changed just now</b> : null}
      {move === null ? null : (
        <span className={`move ${move.mood}`}>
          <span aria-hidden="true">{move.sign}</span> {move.said}
        </span>
      )}
      {isLater ? <span>same score, reached later</span> : null}
      <span>last counted {ago(at, nowMs)}</span>
    </span>
  );
}

interface PinnedProps {
  readonly entry: Standing | null;
  readonly unit: string;
  readonly isInSight: boolean;
  readonly own: ReactNode;
  readonly placeless: ReactNode;
}

/** Holds its place also while it hides, so that nothing moves when it comes. */
function Pinned({ entry, unit, isInSight, own, placeless }: PinnedProps) {
  const isHidden = isInSight || (entry === null && placeless === null);
  return (
    <div className={`pinned ${isHidden ? "hides" : ""}`}>
      {entry === null ? (
        placeless
      ) : (
        <>
          <span className="rank">{place(entry.rank)}</span>
          <span className="row who">
            <Badge mood="good">You</Badge>
            {own}
          </span>
          <span className="score">{amount(unit, entry.score)}</span>
        </>
      )}
    </div>
  );
}
