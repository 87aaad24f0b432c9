/** Which challenges there are: what counts in each, until when, and whether I am in it. */
import { Link } from "wouter";
import { useApi, useList } from "../../api/queries.ts";
import { Card } from "../../design/card.tsx";
import { Badge } from "../../design/controls.tsx";
import { More } from "../../design/more.tsx";
import { useRoles } from "../../session/use-session.ts";
import { daysShown } from "./choice.ts";
import { Frame, MembersAct } from "./frame.tsx";
import { MakeChallenge } from "./make-challenge.tsx";
import { type Challenge, inOrder, stateMoods, stateWords, whatCounts } from "./rules.ts";
import { Timer } from "./timer.tsx";
import { mayAsk, useViewer } from "./use-viewer.ts";

export function ChallengesPage() {
  const viewer = useViewer();
  const isOperator = useRoles().includes("operator");
  const list = useList("GET /v1/challenges");
  const teams = useApi("GET /v1/teams", undefined, { enabled: mayAsk(viewer) });
  const names = new Map(teams.data?.items.map(({ id, name }) => [id, name]));
  return (
    <Frame>
      <p className="soft">
        A challenge counts by rules of its own, for some days. Whoever joins is shown on its
        standings, on boards or not; nobody else is.
      </p>
      <MembersAct viewer={viewer} what="To join a challenge" />
      <Card
        id="challenges"
        title="Challenges"
        query={list}
        others={mayAsk(viewer) ? [teams] : []}
        isEmpty={({ items }) => items.length === 0}
        empty={<NoneYet />}
        aside={isOperator ? <MakeChallenge teams={teams.data?.items ?? []} /> : null}
        rows={10}
      >
        {({ items }) => (
          <>
            <ul className="plain challenges">
              {inOrder(items).map((each) => (
                <One key={each.id} challenge={each} team={names.get(each.team ?? "") ?? null} />
              ))}
            </ul>
            <More list={list} />
          </>
        )}
      </Card>
    </Frame>
  );
}

const NoneYet = () => (
  <>
    <p>There is no challenge that you may join just now.</p>
    <p className="soft">
      Were you given a link with a code? Open it, and the challenge is there.{" "}
      <Link href="/leaderboard">Boards</Link> run all the time.
    </p>
  </>
);

interface OneProps {
  readonly challenge: Challenge;
  /** Its name, of a team of mine. */
  readonly team: string | null;
}

function One({ challenge, team }: OneProps) {
  const { id, name, from, to, state, joining, joined } = challenge;
  return (
    <li>
      <div className="row apart">
        <Link href={`/leaderboard/challenges/${id}`} className="row-link large">
          {name}
        </Link>
        <span className="row">
          {joined ? <Badge mood="good">You are in</Badge> : null}
          <Badge mood={stateMoods[state]}>{stateWords[state]}</Badge>
        </span>
      </div>
      <p>{whatCounts(challenge)}</p>
      <div className="row apart small">
        <span className="soft">
          {daysShown(from, to)}
          {joining === "team" ? ` · team ${team ?? "only"}` : ""}
          {joining === "code" ? " · by invitation" : ""}
        </span>
        <Timer lasts={challenge} />
      </div>
    </li>
  );
}
