/** Teams by what they came to in a week. A number that could tell of too few people is held back. */
import type { Answer } from "../../api/client.ts";
import type { useList } from "../../api/queries.ts";
import { Card, type Loaded } from "../../design/card.tsx";
import { Badge } from "../../design/controls.tsx";
import { More } from "../../design/more.tsx";
import { amount } from "./amounts.ts";

type Entry = Answer<"GET /v1/teams/standings">["items"][number];

/** What a number has in it of members who are on no board. */
const hiddenWords: Readonly<Record<Entry["hidden"], string>> = {
  counted: "members who are on no board included",
  "left-out": "members on boards only",
  "held-back": "held back: it could tell of too few of them",
};

interface TeamBoardProps {
  readonly list: ReturnType<typeof useList<"GET /v1/teams/standings">>;
  /** Null: who looks is in none. */
  readonly teams: Loaded<unknown> | null;
  readonly mine: ReadonlySet<string>;
}

export const TeamBoard = ({ list, teams, mine }: TeamBoardProps) => (
  <Card
    id="team-board"
    title="Teams"
    query={list}
    others={teams === null ? [] : [teams]}
    isEmpty={({ items }) => items.length === 0}
    empty={
      <p className="soft">
        No team has a score in this week yet. Make one and send its invitation to whom you train
        with; a sum shows within a minute.
      </p>
    }
    rows={14}
  >
    {({ first, items }) => (
      <>
        <table className="standings">
          <caption className="only-read">Teams, best first</caption>
          <thead>
            <tr>
              <th scope="col">Place</th>
              <th scope="col">Team</th>
              <th scope="col" className="end">
                Score
              </th>
            </tr>
          </thead>
          <tbody>
            {items.map(({ team, rank, name, score, hidden }) => (
              <tr key={team} className={mine.has(team) ? "mine" : ""}>
                <td className="rank">{rank ?? "–"}</td>
                <th scope="row">
                  <span className="row who">
                    {name}
                    {mine.has(team) ? <Badge mood="good">Yours</Badge> : null}
                  </span>
                  <span className="caption">{hiddenWords[hidden]}</span>
                </th>
                <td className="end score">{score === null ? "–" : amount(first.unit, score)}</td>
              </tr>
            ))}
          </tbody>
        </table>
        <More list={list} />
      </>
    )}
  </Card>
);
