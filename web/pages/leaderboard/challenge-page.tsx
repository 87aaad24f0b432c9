/** One challenge: its rules and its clock, being in it, and who stands where. */
import { Link, useParams } from "wouter";
import { Problem } from "../../api/problem.ts";
import { useApi, useList } from "../../api/queries.ts";
import { Card } from "../../design/card.tsx";
import { Badge } from "../../design/controls.tsx";
import { number } from "../../design/format.ts";
import { useRoles } from "../../session/use-session.ts";
import { amount, nameOf } from "./amounts.ts";
import { BeingIn, ByCode } from "./being-in.tsx";
import { ChallengeStandings } from "./challenge-standings.tsx";
import { daysShown } from "./choice.ts";
import { EndChallenge } from "./end-challenge.tsx";
import { Frame, MembersAct } from "./frame.tsx";
import { type Challenge, limitsOf, stateMoods, stateWords, whatCounts } from "./rules.ts";
import { Timer } from "./timer.tsx";
import { useBroughtCode } from "./use-code.ts";
import { idOf, mayAsk, useViewer, type Viewer } from "./use-viewer.ts";

const standingsEveryMs = 2_000;
const stateEveryMs = 30_000;
const pageSize = 50;

/** What is settled moves no more, but for what comes very late. */
const moves = (state: string | undefined) => state === "running" || state === "over";

export function ChallengePage() {
  const { id = "" } = useParams<{ id: string }>();
  const code = useBroughtCode();
  const viewer = useViewer();
  const params = { id };
  const challenge = useApi("GET /v1/challenges/{id}", { params }, { everyMs: stateEveryMs });
  const isHidden = challenge.error instanceof Problem && challenge.error.name === "not-found";
  const isMoving = !isHidden && moves(challenge.data?.state ?? "running");
  const list = useList(
    "GET /v1/challenges/{id}/standings",
    { params, query: { limit: pageSize } },
    { everyMs: isMoving && standingsEveryMs },
  );
  const isJoined = challenge.data?.joined === true;
  const mine = useApi(
    "GET /v1/challenges/{id}/standings/me",
    { params, query: { around: 0 } },
    { enabled: isJoined && mayAsk(viewer), everyMs: moves(challenge.data?.state) && stateEveryMs },
  );
  return (
    <Frame title="Challenge">
      <p>
        <Link href="/leaderboard/challenges">All challenges</Link>
      </p>
      <MembersAct viewer={viewer} what="To join a challenge" />
      {isHidden ? (
        <ByCode id={id} code={code} viewer={viewer} />
      ) : (
        <div className="challenge-grid">
          <Card
            id="challenge"
            title={challenge.data?.name ?? "Its rules"}
            query={challenge}
            others={[list]}
            rows={9}
          >
            {(data) => <About challenge={data} viewer={viewer} leader={list.data} code={code} />}
          </Card>
          <ChallengeStandings
            list={list}
            mine={isJoined ? mine : null}
            me={idOf(viewer)}
            isJoined={isJoined}
          />
        </div>
      )}
    </Frame>
  );
}

interface AboutProps {
  readonly challenge: Challenge;
  readonly viewer: Viewer;
  readonly code: string;
  readonly leader:
    | {
        readonly first: { readonly total: number };
        readonly items: readonly { readonly name: string | null; readonly score: number }[];
      }
    | undefined;
}

function About({ challenge, viewer, leader, code }: AboutProps) {
  const { from, to, state, unit } = challenge;
  const isOperator = useRoles().includes("operator");
  const best = leader?.items[0];
  return (
    <>
      <div className="row">
        <Badge mood={stateMoods[state]}>{stateWords[state]}</Badge>
        <Timer lasts={challenge} />
      </div>
      <p>
        <b>{whatCounts(challenge)}</b>
        <br />
        <span className="soft">{daysShown(from, to)}, where each member is</span>
      </p>
      <ul className="small">
        {limitsOf(challenge).map((limit) => (
          <li key={limit}>{limit}</li>
        ))}
      </ul>
      {leader === undefined || best === undefined ? null : (
        <p className="soft">
          {number(leader.first.total)} ranked; {nameOf({ name: best.name })} leads with{" "}
          {amount(unit, best.score)}.
        </p>
      )}
      {viewer.state === "member" ? <BeingIn challenge={challenge} code={code} /> : null}
      {isOperator && state !== "ended" ? <EndChallenge challenge={challenge} /> : null}
    </>
  );
}
